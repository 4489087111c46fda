//! The task of one host: does what its [`Link`] says, and reports to the hub.

use super::link::{Link, LinkAction};
use super::message::{FarQuestion, HostReport, LinkCommand, out_of_reach};
use super::pace::ReportPace;
use super::ssh::{Ssh, SshEvent};
use crate::config::hosts::HostConfig;
use crate::daemon::clock::{Now, reached};
use crate::protocol::frame::encode;
use crate::protocol::relay::RelayRequest;
use crate::protocol::response::Response;
use crate::session::key::HostName;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// How many requests may wait for a host.
const MAX_ASKED: usize = 64;

/// One thing that happened to the link.
enum LinkEvent {
    Begun,
    Ssh(SshEvent, usize),
    Command(LinkCommand),
    NetworkChanged,
    Timer,
}

/// The task of one host.
pub struct LinkTask {
    host: HostName,
    config: HostConfig,
    generation: u64,
    link: Link,
    ssh: Option<Ssh>,
    asked: BTreeMap<u64, oneshot::Sender<Response>>,
    last_id: u64,
    reports: mpsc::Sender<HostReport>,
    pace: ReportPace,
    /// Whether something is to be reported later.
    report_at: Option<Instant>,
}

impl LinkTask {
    /// A task that reaches `host` as `config` says. It reports through `reports` with `generation`.
    pub fn new(
        host: HostName,
        config: HostConfig,
        generation: u64,
        reports: mpsc::Sender<HostReport>,
        now: Now,
    ) -> LinkTask {
        LinkTask {
            host,
            config,
            generation,
            link: Link::new(host, now),
            ssh: None,
            asked: BTreeMap::new(),
            last_id: 0,
            reports,
            pace: ReportPace::default(),
            report_at: None,
        }
    }

    /// Runs until the hub drops `commands`. `network` changes with the network of this machine.
    pub async fn run(
        mut self,
        mut commands: mpsc::Receiver<LinkCommand>,
        mut network: watch::Receiver<()>,
    ) {
        let mut event = LinkEvent::Begun;
        loop {
            let now = Now::read();
            self.handle(event, now).await;
            self.link.tick(now);
            if self.report(now).await.is_none() {
                return;
            }
            let due = self.due();
            event = tokio::select! {
                (event, bytes) = next_of(&mut self.ssh) => LinkEvent::Ssh(event, bytes),
                command = commands.recv() => match command {
                    Some(command) => LinkEvent::Command(command),
                    None => return,
                },
                Ok(()) = network.changed() => LinkEvent::NetworkChanged,
                () = reached(due) => LinkEvent::Timer,
            };
        }
    }

    fn due(&self) -> Option<Instant> {
        let resumes = self.ssh.as_ref().and_then(Ssh::resumes_at);
        [self.link.due(), self.report_at, resumes].into_iter().flatten().min()
    }

    async fn handle(&mut self, event: LinkEvent, now: Now) {
        match event {
            LinkEvent::Begun => {}
            LinkEvent::Timer => self.ssh.iter_mut().for_each(|ssh| ssh.spend(0, now.monotonic)),
            LinkEvent::NetworkChanged => self.link.take_network_change(now),
            LinkEvent::Command(LinkCommand::TryNow) => self.link.take_network_change(now),
            LinkEvent::Command(LinkCommand::Ask(question)) => self.ask(question),
            LinkEvent::Ssh(SshEvent::Lines(lines), bytes) => {
                let Some(ssh) = &mut self.ssh else { return };
                ssh.spend(bytes, now.monotonic);
                let unfinished = ssh.unfinished();
                match lines {
                    Some(lines) => {
                        lines.iter().for_each(|line| self.link.take_line(line, now));
                        self.link.take_part(unfinished, now);
                    }
                    None => self.link.take_long_line(now),
                }
            }
            LinkEvent::Ssh(SshEvent::Ended, _) => {
                let Some(ssh) = self.ssh.take() else { return };
                let (code, stderr) = ssh.finish().await;
                self.asked.clear();
                self.link.take_end(code, &stderr, now);
            }
        }
    }

    /// Asks, unless nobody waits for it any more. Where it cannot be asked the reply says so.
    fn ask(&mut self, question: FarQuestion) {
        let FarQuestion { request, by, reply } = question;
        if reply.is_closed() {
            return;
        }
        let id = self.last_id + 1;
        match self.send_request(id, request, by) {
            Some(()) => {
                self.last_id = id;
                self.asked.insert(id, reply);
            }
            None => drop(reply.send(out_of_reach(self.host))),
        }
    }

    /// Sends a request. `None`: not a byte of it will be.
    fn send_request(&mut self, id: u64, request: Vec<u8>, by: Option<Duration>) -> Option<()> {
        let request = RawValue::from_string(String::from_utf8(request).ok()?).ok()?;
        let ssh = self.ssh.as_ref().filter(|_| self.link.is_open())?;
        if self.asked.len() >= MAX_ASKED {
            // Those who no longer wait make room.
            self.asked.retain(|_, reply| !reply.is_closed());
        }
        if self.asked.len() >= MAX_ASKED {
            return None;
        }
        let until = by.and_then(|by| self.link.deadline(by));
        ssh.send(encode(&RelayRequest { id, until, request: &request })).then_some(())
    }

    /// Reports what has changed, and then does what is to be done. `None`: the hub has gone.
    async fn report(&mut self, now: Now) -> Option<()> {
        let mut shift = None;
        let mut replies = Vec::new();
        for action in self.link.take_actions() {
            match action {
                LinkAction::Start => self.start(now),
                LinkAction::HangUp => self.hang_up(),
                LinkAction::Send(line) => {
                    // One that takes nothing falls silent soon.
                    let _ = self.ssh.as_ref().is_some_and(|ssh| ssh.send(line));
                }
                LinkAction::Shift(by) => shift = Some(by),
                LinkAction::Reply(id, response) => {
                    replies.extend(self.asked.remove(&id).map(|reply| (reply, response)));
                }
            }
        }
        let at = now.monotonic;
        let earliest = self.pace.earliest(at);
        // A reply comes after what it is about.
        if let (Some(earliest), None, true) = (earliest, shift, replies.is_empty()) {
            self.report_at = Some(earliest);
            return Some(());
        }
        self.report_at = None;
        let (changes, status) = (self.link.take_changes(), self.link.take_status());
        if !changes.is_empty() || status.is_some() || shift.is_some() {
            self.pace.note(at);
            let (host, generation) = (self.host, self.generation);
            let report = HostReport { host, generation, changes, shift, status };
            self.reports.send(report).await.ok()?;
        }
        for (reply, response) in replies {
            // It may have been given up: then its user knows from here alone what came of it.
            if let Err(late) = reply.send(*response) {
                let said = late.code.map_or("done".to_owned(), |it| format!("refused, {it:?}"));
                log::info!("host {}: a reply that nobody waits for any more: {said}", self.host);
            }
        }
        Some(())
    }

    fn start(&mut self, now: Now) {
        match Ssh::start(&self.config, now.monotonic) {
            Ok(ssh) => self.ssh = Some(ssh),
            Err(error) => self.link.take_start_error(&error.to_string(), now),
        }
    }

    fn hang_up(&mut self) {
        if let Some(ssh) = self.ssh.take() {
            ssh.kill();
        }
        self.asked.clear();
    }
}

/// What ssh does next; nothing if none runs. Cancel safe.
async fn next_of(ssh: &mut Option<Ssh>) -> (SshEvent, usize) {
    match ssh {
        Some(ssh) => ssh.next().await,
        None => std::future::pending().await,
    }
}
