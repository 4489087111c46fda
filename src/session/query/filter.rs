//! Which sessions a list shows.

use super::matching;
use super::order::{Priority, priority, waits};
use crate::session::info::SessionInfo;
use crate::session::state::StateName;

/// What a list is narrowed to. A session must meet each part that is given, and of several directories,
/// states or hosts one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that mean sessions, as for [`super::find`]; all that match are meant.
    pub query: Option<String>,
    /// States.
    pub states: Vec<StateFilter>,
    /// Absolute directories; one includes all below it.
    pub directories: Vec<String>,
    /// Hosts.
    pub hosts: Vec<HostFilter>,
}

/// The states that a list can be narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateFilter {
    /// It waits for the user, and is not set aside.
    Waiting,
    /// It needs input, set aside or not.
    NeedsInput,
    /// A turn is running.
    Working,
    /// The prompt is free, whether or not the user has seen that.
    Idle,
    /// It has finished, and the user has not looked at it since.
    Finished,
    /// It stopped before its work was done: at a usage limit, or in an error.
    Stopped,
    /// The user has set it aside.
    Snoozed,
    /// It cannot be known.
    Unknown,
}

impl StateFilter {
    /// All of them, by name. Where two names mean one state, the first is the one that is offered.
    pub const NAMES: &[(&str, StateFilter)] = &[
        ("needs-input", StateFilter::NeedsInput),
        ("needs_input", StateFilter::NeedsInput),
        ("waiting", StateFilter::Waiting),
        ("working", StateFilter::Working),
        ("idle", StateFilter::Idle),
        ("finished", StateFilter::Finished),
        ("stopped", StateFilter::Stopped),
        ("failed", StateFilter::Stopped),
        ("snoozed", StateFilter::Snoozed),
        ("unknown", StateFilter::Unknown),
    ];

    fn includes(self, session: &SessionInfo) -> bool {
        match self {
            StateFilter::Waiting => waits(session),
            StateFilter::NeedsInput => session.state == StateName::NeedsInput,
            StateFilter::Working => session.state == StateName::Working,
            StateFilter::Idle => session.state == StateName::Idle,
            StateFilter::Finished => priority(session) == Priority::Unseen,
            StateFilter::Stopped => session.failure().is_some(),
            StateFilter::Snoozed => session.snoozed.is_some(),
            StateFilter::Unknown => session.state == StateName::Unknown,
        }
    }
}

/// A host that a list can be narrowed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostFilter {
    /// This machine.
    Local,
    /// The host of this name.
    Named(String),
}

impl HostFilter {
    fn includes(&self, session: &SessionInfo) -> bool {
        match self {
            HostFilter::Local => session.host.is_none(),
            HostFilter::Named(name) => session.host.is_some_and(|it| it.as_str() == name),
        }
    }
}

impl Filter {
    /// Whether it lets every session through.
    pub fn is_empty(&self) -> bool {
        *self == Filter::default()
    }

    /// The sessions that it lets through, in the order in which they come.
    pub fn select<'a>(&self, sessions: &'a [SessionInfo]) -> Vec<&'a SessionInfo> {
        let mut selected: Vec<&SessionInfo> = match &self.query {
            Some(query) => {
                matching(query, sessions).into_iter().map(|index| &sessions[index]).collect()
            }
            None => sessions.iter().collect(),
        };
        let one_of = |states: &[StateFilter], it: &SessionInfo| {
            states.is_empty() || states.iter().any(|state| state.includes(it))
        };
        selected.retain(|it| {
            one_of(&self.states, it)
                && (self.directories.is_empty()
                    || self.directories.iter().any(|directory| is_in(&it.cwd, directory)))
                && (self.hosts.is_empty() || self.hosts.iter().any(|host| host.includes(it)))
        });
        selected
    }
}

/// Whether `path` is `directory` or below it.
pub fn is_in(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    let rest = path.strip_prefix(directory);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::key::HostName;
    use crate::session::state::snooze::Snooze;

    fn house() -> Vec<SessionInfo> {
        let mut house = vec![
            sample(1, StateName::NeedsInput, 4),
            sample(2, StateName::Working, 3),
            sample(3, StateName::Idle, 2),
            sample(4, StateName::Idle, 1),
            sample(5, StateName::Unknown, 1),
        ];
        house[0].label = Some("api fix".into());
        house[1].cwd = "/home/u/src/vmux/web".into();
        house[2].unseen = true;
        house[2].cwd = "/home/u/src/vmux-web".into();
        house[3].unseen = true;
        house[3].details.failure = Some(crate::session::state::failure::sample().into());
        house[3].host = HostName::new("laptop").ok();
        house
    }

    #[track_caller]
    fn check(filter: Filter, expected: &[u32]) {
        let house = house();
        let pids: Vec<u32> = filter.select(&house).iter().map(|it| it.pid).collect();
        assert_eq!(pids, expected, "{filter:?}");
    }

    fn states(names: &[&str]) -> Filter {
        let named = |name: &&str| StateFilter::NAMES.iter().find(|(it, _)| it == name).unwrap().1;
        Filter { states: names.iter().map(named).collect(), ..Filter::default() }
    }

    #[test]
    fn each_part_narrows_and_of_several_values_one_is_enough() {
        check(Filter::default(), &[1, 2, 3, 4, 5]);
        let words = |query: &str| Filter { query: Some(query.to_owned()), ..Filter::default() };
        check(words("web"), &[2, 3]);
        check(words("API"), &[1]);
        check(words("nothing"), &[]);
        check(states(&["needs-input"]), &[1]);
        check(states(&["working", "unknown"]), &[2, 5]);
        check(Filter { query: Some("web".to_owned()), ..states(&["working"]) }, &[2]);
    }

    #[test]
    fn idle_has_finished_and_stopped_in_it() {
        check(states(&["idle"]), &[3, 4]);
        check(states(&["finished"]), &[3]);
        check(states(&["stopped"]), &[4]);
        check(states(&["failed"]), &[4]);
    }

    #[test]
    fn what_is_set_aside_needs_input_and_does_not_wait() {
        let mut house = house();
        house[0].snoozed = Some(Snooze { until: None, state_since: None });
        let count = |name: &str| states(&[name]).select(&house).len();
        assert_eq!(["needs-input", "waiting", "snoozed"].map(count), [1, 0, 1]);
    }

    #[test]
    fn a_directory_includes_what_is_below_it_and_no_other_that_begins_so() {
        let inside = |path: &str| Filter { directories: vec![path.into()], ..Filter::default() };
        check(inside("/home/u/src/vmux"), &[1, 2, 4, 5]);
        check(inside("/home/u/src/vmux/"), &[1, 2, 4, 5]);
        check(inside("/"), &[1, 2, 3, 4, 5]);
        check(inside("/home/u/src/vmu"), &[]);
    }

    #[test]
    fn this_machine_is_a_host_too() {
        let on = |host| Filter { hosts: vec![host], ..Filter::default() };
        check(on(HostFilter::Local), &[1, 2, 3, 5]);
        check(on(HostFilter::Named("laptop".to_owned())), &[4]);
        check(on(HostFilter::Named("desk".to_owned())), &[]);
    }
}
