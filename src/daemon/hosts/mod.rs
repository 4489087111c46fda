//! Other hosts: one ssh each that runs `vmux relay` there, and what it tells.
//!
//! | file | job |
//! |---|---|
//! | [`Hosts`] | the hosts of the configuration, and their tasks |
//! | [`task`] | the task of one host: does what its link says |
//! | [`link`] | when to start ssh, what its lines mean, when to give it up; pure |
//! | [`intake`] | the sessions of one host, bounded; pure |
//! | [`untrusted`] | what a host says, made harmless; pure |
//! | [`measure`] | round trips, clocks, pauses; pure |
//! | [`lines`] | bytes as lines, bounded; pure |
//! | [`ssh`] | a running ssh |
//! | [`network`] | when the network of this machine changes |
//! | [`pace`] | how often the hub is told of one host; pure |
//! | [`message`] | what tasks and hub tell each other |

pub mod intake;
pub mod lines;
pub mod link;
pub mod measure;
pub mod message;
pub mod network;
pub mod pace;
pub mod ssh;
pub mod task;
pub mod untrusted;

use super::clock::Now;
use crate::config::hosts::{self, HostConfig};
use crate::protocol::request::{BootTime, Request};
use crate::protocol::response::Response;
use crate::session::key::HostName;
use crate::session::state::host::{HostInfo, HostState};
use link::status::LinkStatus;
use message::{FarQuestion, HostReport, LinkCommand, out_of_reach, unanswered};
use std::collections::BTreeMap;
use std::time::Duration;
use task::LinkTask;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep_until, timeout_at};

/// How many reports may wait for the hub; then the tasks wait.
const MAX_REPORTS: usize = 64;

/// How many commands may wait for a task.
const MAX_COMMANDS: usize = 64;

/// How long a host may take to reply. A client waits 9 s for vmuxd.
const REPLY_WITHIN: Duration = Duration::from_secs(8);

/// For how long the vmuxd there may begin with what it was asked: then its reply still comes in time.
const BEGIN_WITHIN: Duration = Duration::from_millis(7500);

/// The hosts of the configuration.
pub struct Hosts {
    hosts: BTreeMap<HostName, Host>,
    sender: mpsc::Sender<HostReport>,
    reports: mpsc::Receiver<HostReport>,
    /// Tells the tasks of changes of the network, while there are any.
    network: Option<watch::Receiver<()>>,
    generation: u64,
}

struct Host {
    config: HostConfig,
    info: HostInfo,
    generation: u64,
    /// Whether it drops requests that come too late.
    takes_deadlines: bool,
    /// To its task, which ends when this is dropped; `None`: it is disabled.
    commands: Option<mpsc::Sender<LinkCommand>>,
}

impl Hosts {
    /// None yet.
    pub fn new() -> Hosts {
        let (sender, reports) = mpsc::channel(MAX_REPORTS);
        Hosts { hosts: BTreeMap::new(), sender, reports, network: None, generation: 0 }
    }

    /// Puts the configuration in force: starts the tasks of new hosts, ends those of others. Returns the
    /// hosts that are new, changed or gone; the sessions of all these are not known any more.
    pub fn configure(&mut self, config: &hosts::HostConfigs, now: Now) -> Vec<HostInfo> {
        let is_same = |name: &HostName, host: &Host| config.get(name) == Some(&host.config);
        let (kept, ended) =
            std::mem::take(&mut self.hosts).into_iter().partition(|(name, it)| is_same(name, it));
        self.hosts = kept;
        let gone = |(name, host): (HostName, Host)| {
            let info = HostInfo { state: HostState::Removed, since: now.wall, ..host.info };
            (!config.contains_key(&name)).then_some(info)
        };
        let ended: BTreeMap<HostName, Host> = ended;
        let mut changed: Vec<HostInfo> = ended.into_iter().filter_map(gone).collect();
        for (name, host) in config {
            if !self.hosts.contains_key(name) {
                changed.push(self.add(*name, host, now));
            }
        }
        if self.hosts.values().all(|it| it.commands.is_none()) {
            self.network = None;
        }
        changed
    }

    fn add(&mut self, name: HostName, config: &HostConfig, now: Now) -> HostInfo {
        self.generation += 1;
        let commands = config.enabled.then(|| {
            let (commands, receiver) = mpsc::channel(MAX_COMMANDS);
            let network = self.network.get_or_insert_with(|| {
                let (sender, receiver) = watch::channel(());
                tokio::spawn(network::watch_network(sender));
                receiver
            });
            let (config, reports) = (config.clone(), self.sender.clone());
            let task = LinkTask::new(name, config, self.generation, reports, now);
            tokio::spawn(task.run(receiver, network.clone()));
            commands
        });
        let state = match commands {
            Some(_) => HostState::Connecting,
            None => HostState::Disabled,
        };
        let info = HostInfo {
            name,
            state,
            since: now.wall,
            ssh: config.ssh.clone(),
            version: None,
            round_trip_ms: None,
            clock_ahead_ms: None,
            sessions: 0,
            fault: None,
            retry_at: None,
        };
        let generation = self.generation;
        let (config, takes_deadlines) = (config.clone(), false);
        let host = Host { config, info: info.clone(), generation, takes_deadlines, commands };
        self.hosts.insert(name, host);
        info
    }

    /// Waits for a report. Cancel safe.
    pub async fn next(&mut self) -> HostReport {
        match self.reports.recv().await {
            Some(report) => report,
            None => std::future::pending().await,
        }
    }

    /// Whether a report is from a task that still runs.
    pub fn is_current(&self, report: &HostReport) -> bool {
        self.hosts.get(&report.host).is_some_and(|it| it.generation == report.generation)
    }

    /// Takes how a host is. Returns it for all who follow, unless only a measurement has changed.
    pub fn take_status(&mut self, name: HostName, status: LinkStatus) -> Option<HostInfo> {
        let host = self.hosts.get_mut(&name)?;
        let before = host.info.clone();
        host.takes_deadlines = status.takes_deadlines;
        let millis = |it: Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
        host.info = HostInfo {
            state: status.state,
            since: status.since,
            version: status.version,
            round_trip_ms: status.round_trip.map(millis),
            clock_ahead_ms: status.clock_ahead.map(|it| it.num_milliseconds()),
            fault: status.fault,
            retry_at: status.retry_at,
            ..before.clone()
        };
        let known = (before.state, before.version, before.fault);
        let is_news =
            known != (host.info.state, host.info.version.clone(), host.info.fault.clone());
        is_news.then(|| host.info.clone())
    }

    /// All hosts, by name. Their sessions are counted by the caller.
    pub fn infos(&self) -> impl Iterator<Item = &HostInfo> {
        self.hosts.values().map(|it| &it.info)
    }

    /// Does not wait any longer to try these hosts again; all of them without a name.
    pub fn try_now(&self, name: Option<HostName>) {
        let is_meant = |it: &HostName| name.is_none_or(|name| name == *it);
        for (_, host) in self.hosts.iter().filter(|(it, _)| is_meant(it)) {
            // One that is so busy tries without being told.
            host.commands.iter().for_each(|it| drop(it.try_send(LinkCommand::TryNow)));
        }
    }

    /// Asks the vmuxd of a host, as [`HostAsker::ask_until`] does.
    pub fn ask(
        &self,
        name: HostName,
        request: &Request,
        until: Option<BootTime>,
    ) -> oneshot::Receiver<Response> {
        let (sender, answer) = oneshot::channel();
        let (asker, request) = (self.asker(name), request.clone());
        tokio::spawn(async move {
            let _ = sender.send(asker.ask_until(&request, until).await);
        });
        answer
    }

    /// What asks the vmuxd of a host, as the host is now.
    pub fn asker(&self, name: HostName) -> HostAsker {
        let host = self.hosts.get(&name).filter(|it| it.info.state == HostState::Up);
        HostAsker {
            name,
            commands: host.and_then(|it| it.commands.clone()),
            takes_deadlines: host.is_some_and(|it| it.takes_deadlines),
        }
    }
}

/// Asks the vmuxd of a host.
#[derive(Debug, Clone)]
pub struct HostAsker {
    name: HostName,
    /// To its task; `None` if it is out of reach.
    commands: Option<mpsc::Sender<LinkCommand>>,
    /// Whether it drops requests that come too late.
    takes_deadlines: bool,
}

impl HostAsker {
    /// Asks. The reply comes within a bounded time; its texts are clean. Where none comes, it is a
    /// refusal that says so: then it is not known whether the request was done, but if it has not begun, it
    /// never will. Only an older host may still do it.
    pub async fn ask(&self, request: &Request) -> Response {
        self.ask_until(request, None).await
    }

    /// The same for a request that may be carried out `until` then only, by the clock here.
    pub async fn ask_until(&self, request: &Request, until: Option<BootTime>) -> Response {
        let (name, now) = (self.name, Now::read());
        let (reply, replied) = oneshot::channel();
        let by = now.boottime + BEGIN_WITHIN;
        let by = request.acts().then(|| until.map_or(by, |it| it.since_boot().min(by)));
        let is_settled_later = by.is_some() && self.takes_deadlines;
        let request = serde_json::to_vec(request).unwrap_or_default();
        let command = LinkCommand::Ask(FarQuestion { request, by, reply });
        let is_sent = self.commands.as_ref().is_some_and(|it| it.try_send(command).is_ok());
        if !is_sent {
            return out_of_reach(name);
        }
        let given_up = now.monotonic + REPLY_WITHIN;
        let how = match timeout_at(given_up.into(), replied).await {
            Ok(Ok(response)) => return response,
            Ok(Err(_)) => {
                // What is on its way there may still come in time.
                if is_settled_later {
                    sleep_until(given_up.into()).await;
                }
                "the connection broke before it answered"
            }
            Err(_) => "it did not answer in time",
        };
        unanswered(name, how, by.map(|_| self.takes_deadlines))
    }
}

impl Default for Hosts {
    fn default() -> Hosts {
        Hosts::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::request::QueryRequest;

    fn query() -> QueryRequest {
        QueryRequest { query: "api".to_owned() }
    }

    /// The hint of the refusal when the connection breaks; `None` if it does not come at once.
    async fn hint(request: Request, takes_deadlines: bool) -> Option<String> {
        let (commands, mut asked) = mpsc::channel(1);
        let name = HostName::new("gpu").unwrap();
        let asker = HostAsker { name, commands: Some(commands), takes_deadlines };
        let broken = async {
            let Some(LinkCommand::Ask(question)) = asked.recv().await else { panic!() };
            assert_eq!(question.by.is_some(), request.acts());
        };
        let soon = tokio::time::timeout(Duration::from_millis(20), asker.ask(&request));
        tokio::join!(soon, broken).0.ok()?.hint
    }

    #[tokio::test]
    async fn a_host_has_no_more_time_than_who_asks_here_waits() {
        let (commands, mut asked) = mpsc::channel(1);
        let name = HostName::new("gpu").unwrap();
        let asker = HostAsker { name, commands: Some(commands), takes_deadlines: false };
        for (until, expected) in [(Some(BootTime(7)), true), (Some(BootTime(u64::MAX)), false)] {
            let request = Request::Ack(query());
            let taken = async {
                let Some(LinkCommand::Ask(question)) = asked.recv().await else { panic!() };
                assert_eq!(question.by == Some(Duration::from_millis(7)), expected);
            };
            tokio::join!(asker.ask_until(&request, until), taken);
        }
    }

    #[tokio::test]
    async fn what_is_not_answered_is_told_when_it_comes_too_late() {
        assert_eq!(hint(Request::Ack(query()), true).await, None);
        let older = hint(Request::Ack(query()), false).await.unwrap();
        assert!(older.contains("or will be when the connection is back"), "{older}");
        let reads = hint(Request::Why(query()), true).await.unwrap();
        assert!(!reads.contains("not known"), "{reads}");
    }
}
