//! Which windows carry the urgency hint: that of each waiting session, until the user visits it or the
//! wait ends. Pure.

use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::place::Window;
use crate::session::query::order::waits;
use crate::session::state::StateName;
use std::collections::BTreeMap;

/// The waiting sessions, and the windows that are marked for them.
#[derive(Debug, Default)]
pub struct UrgencyHints {
    waits: BTreeMap<SessionKey, TrackedWait>,
}

#[derive(Debug)]
struct TrackedWait {
    since: Timestamp,
    /// The window that is marked.
    marked: Option<Window>,
    /// Whether the user was there; then the window manager has cleared the hint.
    visited: bool,
}

/// A window, and whether its hint is to be set or cleared.
pub type HintChange = (Window, bool);

impl UrgencyHints {
    /// A session has changed, or is to be followed from now on; `focused`: the user is there. Returns
    /// the hints to change.
    pub fn update(&mut self, session: &SessionInfo, focused: bool) -> Vec<HintChange> {
        let key = session.key();
        if !waits(session) {
            // A session in an unknown state may still wait.
            let ends = session.state != StateName::Unknown;
            return if ends { self.end(key).into_iter().collect() } else { Vec::new() };
        }
        let since = session.waiting_since.unwrap_or(session.since);
        let wait =
            self.waits.entry(key).or_insert(TrackedWait { since, marked: None, visited: false });
        if wait.since != since {
            // Still marked for the wait before, unless that was visited.
            let marked = wait.marked.take().filter(|_| !wait.visited);
            *wait = TrackedWait { since, marked, visited: false };
        }
        wait.visited |= focused;
        let place = session.place.as_ref().filter(|place| place.candidates == 1);
        let window = place.and_then(|place| place.window.clone());
        let (false, Some(window)) = (wait.visited, window) else { return Vec::new() };
        let old = wait.marked.replace(window.clone());
        if old.as_ref().is_some_and(|old| old.con_id == window.con_id) {
            return Vec::new();
        }
        // After a restart of i3 it is the same window in a new container without the hint. Otherwise
        // the session is shown elsewhere now, for example by another client of tmux.
        let left = old.filter(|old| old.xid.is_none() || old.xid != window.xid);
        let unmark = left.filter(|old| !self.is_needed(old)).map(|old| (old, false));
        unmark.into_iter().chain([(window, true)]).collect()
    }

    /// The user went to this session.
    pub fn visit(&mut self, key: SessionKey) {
        if let Some(wait) = self.waits.get_mut(&key) {
            wait.visited = true;
        }
    }

    /// The wait of this session has ended, or the session has.
    pub fn end(&mut self, key: SessionKey) -> Option<HintChange> {
        let wait = self.waits.remove(&key)?;
        let window = wait.marked.filter(|_| !wait.visited)?;
        (!self.is_needed(&window)).then_some((window, false))
    }

    /// Whether another session in the same window waits too, for example below one tmux client.
    fn is_needed(&self, window: &Window) -> bool {
        let is_its =
            |it: &TrackedWait| it.marked.as_ref().is_some_and(|it| it.con_id == window.con_id);
        self.waits.values().any(|it| !it.visited && is_its(it))
    }

    /// Forgets all waits. Returns the hints to clear.
    pub fn clear(&mut self) -> Vec<HintChange> {
        let all: Vec<SessionKey> = self.waits.keys().copied().collect();
        all.into_iter().filter_map(|key| self.end(key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::place::Place;
    use crate::session::state::Confidence;

    fn session(pid: u32, state: StateName, con_id: Option<u64>) -> SessionInfo {
        let mut session = sample(pid, state, 1);
        let window = con_id.map(|con_id| Window { con_id, xid: None, pid: 0, focused: false });
        session.place = Some(Box::new(Place {
            workspace: None,
            output: None,
            candidates: u32::from(window.is_some()),
            window,
            pane: None,
            how: "".into(),
            confidence: Confidence::Certain,
        }));
        session
    }

    fn waits(pid: u32, con_id: u64) -> SessionInfo {
        session(pid, StateName::NeedsInput, Some(con_id))
    }

    fn works(pid: u32, con_id: u64) -> SessionInfo {
        session(pid, StateName::Working, Some(con_id))
    }

    fn brief(changes: impl IntoIterator<Item = HintChange>) -> Vec<(u64, bool)> {
        changes.into_iter().map(|(window, urgent)| (window.con_id, urgent)).collect()
    }

    #[test]
    fn a_wait_is_marked_once_and_unmarked_when_it_ends() {
        let mut urgency = UrgencyHints::default();
        assert_eq!(brief(urgency.update(&works(1, 9), false)), []);
        assert_eq!(brief(urgency.update(&waits(1, 9), false)), [(9, true)]);
        assert_eq!(brief(urgency.update(&waits(1, 9), false)), []);
        let unknown = session(1, StateName::Unknown, Some(9));
        assert_eq!(brief(urgency.update(&unknown, false)), []);
        assert_eq!(brief(urgency.update(&works(1, 9), false)), [(9, false)]);
        assert_eq!(brief(urgency.update(&works(1, 9), false)), []);
    }

    #[test]
    fn a_visited_window_is_not_marked() {
        let mut urgency = UrgencyHints::default();
        assert_eq!(brief(urgency.update(&waits(1, 9), true)), []);
        assert_eq!(brief(urgency.update(&waits(1, 9), false)), []);
        assert_eq!(brief(urgency.update(&waits(2, 8), false)), [(8, true)]);
        urgency.visit(SessionKey::local(2, 0));
        assert_eq!(brief(urgency.update(&waits(2, 8), false)), []);
        let mut again = waits(2, 8);
        again.waiting_since = Some(again.since + chrono::TimeDelta::seconds(5));
        assert_eq!(brief(urgency.update(&again, false)), [(8, true)]);
    }

    #[test]
    fn a_window_that_is_found_later_is_marked_then() {
        let mut urgency = UrgencyHints::default();
        let nowhere = session(1, StateName::NeedsInput, None);
        assert_eq!(brief(urgency.update(&nowhere, false)), []);
        assert_eq!(brief(urgency.update(&waits(1, 9), false)), [(9, true)]);
    }

    #[test]
    fn a_window_in_another_container_is_marked_again() {
        let mut urgency = UrgencyHints::default();
        let with = |con_id: u64, xid: u32| {
            let mut session = waits(1, con_id);
            let window = session.place.as_mut().and_then(|place| place.window.as_mut());
            window.into_iter().for_each(|window| window.xid = Some(xid));
            session
        };
        assert_eq!(brief(urgency.update(&with(9, 5), false)), [(9, true)]);
        // i3 restarted.
        assert_eq!(brief(urgency.update(&with(10, 5), false)), [(10, true)]);
        assert_eq!(brief(urgency.update(&with(10, 5), false)), []);
        // Attached elsewhere.
        assert_eq!(brief(urgency.update(&with(11, 6), false)), [(10, false), (11, true)]);
        assert_eq!(brief(urgency.update(&with(11, 6), true)), []);
        assert_eq!(brief(urgency.update(&with(12, 6), false)), []);
    }

    #[test]
    fn a_window_that_two_wait_in_is_marked_until_both_are_done() {
        let mut urgency = UrgencyHints::default();
        urgency.update(&waits(1, 9), false);
        urgency.update(&waits(2, 9), false);
        assert_eq!(brief(urgency.end(SessionKey::local(1, 0))), []);
        assert_eq!(brief(urgency.update(&works(2, 9), false)), [(9, false)]);
        urgency.update(&waits(1, 9), false);
        assert_eq!(urgency.clear().len(), 1);
    }
}
