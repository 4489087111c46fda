//! Whose window is to carry the urgency hint: that of a session that waits, until it is visited or
//! the wait ends.

use crate::daemon::hub::Hub;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::place::Window;
use crate::session::process::ProcessId;
use crate::session::registry::change::Change;
use crate::session::state::StateName;
use std::collections::BTreeMap;

/// The waits that there are, and the windows that were marked for them.
#[derive(Debug, Default)]
pub struct Urgency {
    waits: BTreeMap<ProcessId, Wait>,
}

#[derive(Debug)]
struct Wait {
    since: Timestamp,
    /// The window that was marked.
    marked: Option<Window>,
    /// The user was there; the window manager has cleared the hint.
    visited: bool,
}

/// Set or clear the hint of this window.
type Order = (Window, bool);

impl Urgency {
    /// A session is as it is now.
    pub fn follow(&mut self, session: &SessionInfo, focused: bool) -> Vec<Order> {
        let process = session.process();
        if session.state != StateName::NeedsInput {
            // It may turn out to wait still.
            let ends = session.state != StateName::Unknown;
            return if ends { self.end(process).into_iter().collect() } else { Vec::new() };
        }
        let since = session.waiting_since.unwrap_or(session.since);
        let wait =
            self.waits.entry(process).or_insert(Wait { since, marked: None, visited: false });
        if wait.since != since {
            // Marked still from the wait before, unless that was visited.
            let marked = wait.marked.take().filter(|_| !wait.visited);
            *wait = Wait { since, marked, visited: false };
        }
        wait.visited |= focused;
        let place = session.place.as_ref().filter(|place| place.candidates == 1);
        let window = place.and_then(|place| place.window.clone());
        let (false, Some(window)) = (wait.visited, window) else { return Vec::new() };
        let old = wait.marked.replace(window.clone());
        if old.as_ref().is_some_and(|old| old.con_id == window.con_id) {
            return Vec::new();
        }
        // After a restart of i3 it is the same window in a new container, which knows nothing of
        // the hint. Else it is shown elsewhere now, such as by another client of tmux.
        let left = old.filter(|old| old.xid.is_none() || old.xid != window.xid);
        let unmark = left.filter(|old| !self.is_needed(old)).map(|old| (old, false));
        unmark.into_iter().chain([(window, true)]).collect()
    }

    /// The user went to this session.
    pub fn visit(&mut self, process: ProcessId) {
        if let Some(wait) = self.waits.get_mut(&process) {
            wait.visited = true;
        }
    }

    /// The wait of this session is over, or the session is.
    pub fn end(&mut self, process: ProcessId) -> Option<Order> {
        let wait = self.waits.remove(&process)?;
        let window = wait.marked.filter(|_| !wait.visited)?;
        (!self.is_needed(&window)).then_some((window, false))
    }

    /// Whether another session in the same window, such as a tmux client's, waits too.
    fn is_needed(&self, window: &Window) -> bool {
        let is_its = |it: &Wait| it.marked.as_ref().is_some_and(|it| it.con_id == window.con_id);
        self.waits.values().any(|it| !it.visited && is_its(it))
    }

    /// It is not wanted any more.
    pub fn clear(&mut self) -> Vec<Order> {
        let all: Vec<ProcessId> = self.waits.keys().copied().collect();
        all.into_iter().filter_map(|process| self.end(process)).collect()
    }
}

impl Hub {
    /// Mark or unmark a window, if the configuration wants that.
    pub(in crate::daemon) fn follow_urgency(&mut self, change: &Change) {
        if !self.settings.config.wm.urgency_hint {
            return;
        }
        let orders = match change {
            Change::Session { session } => {
                let focused = self.registry.focused() == Some(session.process());
                self.urgency.follow(session, focused)
            }
            Change::Gone { process, .. } => self.urgency.end(*process).into_iter().collect(),
            _ => Vec::new(),
        };
        for (window, urgent) in orders {
            self.desktop.urgent(window, urgent);
        }
    }

    /// The configuration has changed.
    pub(in crate::daemon) fn configure_urgency(&mut self) {
        if !self.settings.config.wm.urgency_hint {
            for (window, urgent) in self.urgency.clear() {
                self.desktop.urgent(window, urgent);
            }
            return;
        }
        let sessions: Vec<SessionInfo> = self.registry.sessions().cloned().collect();
        for session in sessions {
            self.follow_urgency(&Change::Session { session: Box::new(session) });
        }
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
            how: String::new(),
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

    fn short(orders: impl IntoIterator<Item = Order>) -> Vec<(u64, bool)> {
        orders.into_iter().map(|(window, urgent)| (window.con_id, urgent)).collect()
    }

    #[test]
    fn a_wait_is_marked_once_and_unmarked_when_it_ends() {
        let mut urgency = Urgency::default();
        assert_eq!(short(urgency.follow(&works(1, 9), false)), []);
        assert_eq!(short(urgency.follow(&waits(1, 9), false)), [(9, true)]);
        assert_eq!(short(urgency.follow(&waits(1, 9), false)), []);
        let unknown = session(1, StateName::Unknown, Some(9));
        assert_eq!(short(urgency.follow(&unknown, false)), []);
        assert_eq!(short(urgency.follow(&works(1, 9), false)), [(9, false)]);
        assert_eq!(short(urgency.follow(&works(1, 9), false)), []);
    }

    #[test]
    fn where_the_user_is_or_was_nothing_is_marked() {
        let mut urgency = Urgency::default();
        assert_eq!(short(urgency.follow(&waits(1, 9), true)), []);
        assert_eq!(short(urgency.follow(&waits(1, 9), false)), []);
        assert_eq!(short(urgency.follow(&waits(2, 8), false)), [(8, true)]);
        urgency.visit(ProcessId { pid: 2, start: 0 });
        assert_eq!(short(urgency.follow(&waits(2, 8), false)), []);
        let mut anew = waits(2, 8);
        anew.waiting_since = Some(anew.since + chrono::TimeDelta::seconds(5));
        assert_eq!(short(urgency.follow(&anew, false)), [(8, true)]);
    }

    #[test]
    fn a_window_that_is_found_later_is_marked_then() {
        let mut urgency = Urgency::default();
        let nowhere = session(1, StateName::NeedsInput, None);
        assert_eq!(short(urgency.follow(&nowhere, false)), []);
        assert_eq!(short(urgency.follow(&waits(1, 9), false)), [(9, true)]);
    }

    #[test]
    fn a_window_in_another_container_is_marked_again() {
        let mut urgency = Urgency::default();
        let with = |con_id: u64, xid: u32| {
            let mut session = waits(1, con_id);
            let window = session.place.as_mut().and_then(|place| place.window.as_mut());
            window.into_iter().for_each(|window| window.xid = Some(xid));
            session
        };
        assert_eq!(short(urgency.follow(&with(9, 5), false)), [(9, true)]);
        // i3 restarted.
        assert_eq!(short(urgency.follow(&with(10, 5), false)), [(10, true)]);
        assert_eq!(short(urgency.follow(&with(10, 5), false)), []);
        // Attached elsewhere.
        assert_eq!(short(urgency.follow(&with(11, 6), false)), [(10, false), (11, true)]);
        assert_eq!(short(urgency.follow(&with(11, 6), true)), []);
        assert_eq!(short(urgency.follow(&with(12, 6), false)), []);
    }

    #[test]
    fn a_window_that_two_wait_in_is_marked_until_both_are_done() {
        let mut urgency = Urgency::default();
        urgency.follow(&waits(1, 9), false);
        urgency.follow(&waits(2, 9), false);
        assert_eq!(short(urgency.end(ProcessId { pid: 1, start: 0 })), []);
        assert_eq!(short(urgency.follow(&works(2, 9), false)), [(9, false)]);
        urgency.follow(&waits(1, 9), false);
        assert_eq!(urgency.clear().len(), 1);
    }
}
