//! When the user is notified that another host is out of reach, or can be reached again: changes of the
//! hosts and the time go in, actions come out. Pure.
//!
//! A host counts as gone when it has been out of reach for [`NotifyConfig::host_after`], so that a short
//! break leads to nothing. How a host is at first, at the start of vmuxd or when it is added, is no
//! change, and what the user does to the configuration is no news to the user.

use super::LocalTime;
use super::alert::{AlertAction, AlertSubject, after, after_time};
use super::rules::decide;
use super::text;
use crate::config::{NotifyConfig, Trigger, Urgency};
use crate::session::Timestamp;
use crate::session::key::HostName;
use crate::session::registry::change::Change;
use crate::session::state::host::{HostInfo, HostState};
use std::collections::BTreeMap;

/// The alerts of all hosts.
#[derive(Debug, Clone)]
pub struct HostAlerts {
    config: NotifyConfig,
    hosts: BTreeMap<HostName, HostAlert>,
    actions: Vec<AlertAction>,
}

#[derive(Debug, Clone)]
struct HostAlert {
    info: HostInfo,
    known: KnownPresence,
    /// When a change of this is to be told, or to be known without a word.
    due: Option<Timestamp>,
}

/// What the user takes a host to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KnownPresence {
    /// It has not been reached yet, nor been out of reach for long.
    Unknown,
    Here,
    /// Since then.
    Gone(Timestamp),
}

impl HostAlerts {
    /// Without hosts.
    pub fn new(config: NotifyConfig) -> HostAlerts {
        HostAlerts { config, hosts: BTreeMap::new(), actions: Vec::new() }
    }

    /// Puts `config` in force. What waits to be told is told after the time it had.
    pub fn configure(&mut self, config: &NotifyConfig) {
        self.config = config.clone();
    }

    /// Takes a change, if it is one of the hosts.
    pub fn take(&mut self, change: &Change) {
        match change {
            Change::State { hosts, .. } => hosts.iter().for_each(|it| self.update(it)),
            Change::Host { host } => self.update(host),
            _ => {}
        }
    }

    /// When [`HostAlerts::tick`] has something to do.
    pub fn due(&self) -> Option<Timestamp> {
        self.hosts.values().filter_map(|it| it.due).min()
    }

    /// What is to be done by now, in order.
    pub fn tick(&mut self, now: LocalTime) -> Vec<AlertAction> {
        let quiet = self.config.quiet_hours.and_then(|hours| hours.left(now.time()));
        for host in self.hosts.values_mut() {
            if host.due.take_if(|due| *due <= now.to_utc()).is_none() {
                continue;
            }
            let is_told = host.known != KnownPresence::Unknown;
            if let Some(left) = quiet.filter(|_| is_told) {
                host.due = Some(after(now, left));
                continue;
            }
            let gone_for = match host.known {
                KnownPresence::Gone(since) => Some((now.to_utc() - since).num_minutes()),
                _ => None,
            };
            host.known = match host.info.state {
                HostState::Down => KnownPresence::Gone(host.info.since),
                _ => KnownPresence::Here,
            };
            if is_told {
                self.actions.extend(told(&self.config, &host.info, gone_for));
            }
        }
        std::mem::take(&mut self.actions)
    }

    fn update(&mut self, info: &HostInfo) {
        let subject = AlertSubject::Host(info.name);
        let new = |info: &HostInfo| HostAlert {
            info: info.clone(),
            known: KnownPresence::Unknown,
            due: None,
        };
        match info.state {
            HostState::Up | HostState::Down => {
                let host = self.hosts.entry(info.name).or_insert_with(|| new(info));
                let is_same = host.info.state == info.state && host.info.since == info.since;
                host.info = info.clone();
                let is_up = info.state == HostState::Up;
                match host.known {
                    KnownPresence::Unknown | KnownPresence::Here if is_up => {
                        host.known = KnownPresence::Here;
                        host.due = None;
                    }
                    KnownPresence::Gone(_) if !is_up => host.due = None,
                    // It waits for quiet hours to end, perhaps.
                    _ if is_same && host.due.is_some() => {}
                    KnownPresence::Gone(_) => host.due = Some(info.since),
                    KnownPresence::Unknown | KnownPresence::Here => {
                        host.due = Some(after_time(info.since, self.config.host_after));
                    }
                }
            }
            // The user has changed its configuration.
            HostState::Connecting | HostState::Disabled | HostState::Removed => {
                if self.hosts.remove(&info.name).is_some() {
                    self.actions.push(AlertAction::Withdraw(subject));
                    self.actions.push(AlertAction::Recall(subject));
                }
            }
            HostState::Other => {}
        }
    }
}

/// How the user is told how a host is now. It was out of reach for so many minutes, if it was.
fn told(config: &NotifyConfig, host: &HostInfo, gone_for: Option<i64>) -> Vec<AlertAction> {
    let channels = decide(config, Trigger::Host, None);
    let subject = AlertSubject::Host(host.name);
    let urgency = channels.desktop.map(|it| match host.state {
        // That it is back asks for nothing.
        HostState::Up if it == Urgency::Normal => Urgency::Low,
        _ => it,
    });
    let shown = urgency.map(|it| text::notification_of_host(host, it, gone_for));
    let pushed = channels.push.then(|| text::message_of_host(host, gone_for));
    let shown = shown.map(|it| AlertAction::Show(subject, it));
    shown.into_iter().chain(pushed.map(|it| AlertAction::Push(subject, it))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::session::state::host::{HostFault, HostFaultKind};
    use chrono::{DateTime, TimeDelta};

    /// 1_800_000_000 is 08:00 UTC, here 10:00.
    fn at(minutes: i64) -> LocalTime {
        let zone = chrono::FixedOffset::east_opt(2 * 3600).unwrap();
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap().with_timezone(&zone);
        start + TimeDelta::minutes(minutes)
    }

    fn host(state: HostState, since: i64) -> HostInfo {
        let says = "it does not answer: \u{1b}[31m".to_owned();
        let fault = HostFault { kind: HostFaultKind::Unreachable, says, hint: None };
        HostInfo {
            name: HostName::new("gpu").unwrap(),
            state,
            since: at(since).to_utc(),
            ssh: "gpu".to_owned(),
            version: None,
            round_trip_ms: None,
            clock_ahead_ms: None,
            sessions: 3,
            fault: (state == HostState::Down).then_some(fault),
            retry_at: None,
        }
    }

    struct Scene(HostAlerts);

    impl Scene {
        fn new(text: &str) -> Scene {
            let text = format!("[notify]\ndesktop = true\non = [\"host\"]\n{text}");
            Scene(HostAlerts::new(Config::parse(&text, None).unwrap().0.notify))
        }

        /// The host is so since then; what is done at once.
        fn is(&mut self, state: HostState, minutes: i64) -> Vec<String> {
            self.0.take(&Change::Host { host: Box::new(host(state, minutes)) });
            self.at(minutes)
        }

        fn at(&mut self, minutes: i64) -> Vec<String> {
            let word = |action| match action {
                AlertAction::Show(_, it) => Some(format!("{}: {}", it.summary, it.body)),
                AlertAction::Push(_, it) => Some(format!("push {}: {}", it.title, it.text)),
                AlertAction::Withdraw(_) => Some("withdraw".to_owned()),
                AlertAction::Recall(_) => None,
            };
            self.0.tick(at(minutes)).into_iter().filter_map(word).collect()
        }
    }

    const NOTHING: [&str; 0] = [];
    const GONE: [&str; 1] = ["gpu is out of reach: it does not answer: [31m"];

    #[test]
    fn one_that_goes_and_one_that_comes_is_told_once() {
        let mut scene = Scene::new("");
        assert_eq!(scene.is(HostState::Up, 0), NOTHING);
        assert_eq!(scene.is(HostState::Down, 60), NOTHING);
        assert_eq!(scene.0.due(), Some(at(70).to_utc()));
        assert_eq!(scene.at(69), NOTHING);
        // Another attempt fails in another way.
        scene.0.take(&Change::Host { host: Box::new(host(HostState::Down, 60)) });
        assert_eq!(scene.at(70), GONE);
        assert_eq!(scene.at(500), NOTHING);
        assert_eq!(
            scene.is(HostState::Up, 130),
            ["gpu is back: it was out of reach for 1 h 10 min"]
        );
        assert_eq!((scene.is(HostState::Up, 130).len(), scene.0.due()), (0, None));
    }

    #[test]
    fn a_short_break_is_not_told() {
        let mut scene = Scene::new("host_after = \"1m\"\n");
        scene.is(HostState::Up, 0);
        for minute in [10, 20] {
            scene.0.take(&Change::Host { host: Box::new(host(HostState::Down, minute)) });
            assert_eq!(scene.is(HostState::Up, minute), NOTHING);
        }
        assert_eq!(scene.0.due(), None);
    }

    #[test]
    fn how_it_is_at_the_start_is_not_told() {
        let mut scene = Scene::new("");
        scene.is(HostState::Connecting, 0);
        scene.is(HostState::Down, 0);
        // The network came after vmuxd.
        assert_eq!(scene.is(HostState::Up, 1), NOTHING);
        let mut scene = Scene::new("");
        scene.is(HostState::Down, 0);
        assert_eq!(scene.at(10), NOTHING);
        assert_eq!(
            scene.is(HostState::Up, 90),
            ["gpu is back: it was out of reach for 1 h 30 min"]
        );
    }

    #[test]
    fn what_the_user_switches_off_is_no_news() {
        for off in [HostState::Disabled, HostState::Removed, HostState::Connecting] {
            let mut scene = Scene::new("");
            scene.is(HostState::Up, 0);
            scene.is(HostState::Down, 1);
            assert_eq!(scene.at(11), GONE);
            assert_eq!(scene.is(off, 12), ["withdraw"]);
            assert_eq!(scene.is(HostState::Up, 13), NOTHING);
            scene.is(HostState::Down, 14);
            assert_eq!(scene.is(off, 15), ["withdraw"]);
            assert_eq!((scene.at(60).len(), scene.0.due()), (0, None));
        }
    }

    #[test]
    fn in_quiet_hours_it_is_told_at_their_end_if_it_is_still_so() {
        let mut scene = Scene::new("quiet_hours = \"10:00-11:00\"\n");
        scene.is(HostState::Up, 0);
        scene.is(HostState::Down, 1);
        assert_eq!((scene.at(11), scene.0.due()), (vec![], Some(at(60).to_utc())));
        assert_eq!(scene.at(60), GONE);
        let mut scene = Scene::new("quiet_hours = \"10:00-11:00\"\n");
        scene.is(HostState::Up, 0);
        scene.is(HostState::Down, 1);
        scene.at(11);
        assert_eq!(scene.is(HostState::Up, 20), NOTHING);
        assert_eq!((scene.at(60), scene.0.due()), (vec![], None));
    }

    #[test]
    fn the_phone_is_told_where_its_list_says_so() {
        let push = "[notify.push]\nkind = \"ntfy\"\nurl = \"https://a/b\"\non = [\"host\"]\n";
        let mut scene = Scene::new(push);
        scene.0.config.desktop = false;
        scene.is(HostState::Up, 0);
        scene.is(HostState::Down, 1);
        assert_eq!(scene.at(11), ["push gpu is out of reach: it does not answer: [31m"]);
        scene.0.config.push = None;
        assert_eq!(scene.is(HostState::Up, 12), NOTHING);
    }
}
