//! Whose window is to carry the urgency hint: that of a session that waits, until it is visited or
//! the wait ends.

use super::hub::Hub;
use crate::session::Timestamp;
use crate::session::change::Change;
use crate::session::info::SessionInfo;
use crate::session::place::Window;
use crate::session::process::ProcessId;
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
    pub fn follow(&mut self, session: &SessionInfo, focused: bool) -> Option<Order> {
        let process = session.process();
        if session.state != StateName::NeedsInput {
            // It may turn out to wait still.
            return if session.state == StateName::Unknown { None } else { self.end(process) };
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
        if wait.visited || wait.marked.is_some() {
            return None;
        }
        let place = session.place.as_ref().filter(|place| place.candidates == 1);
        wait.marked = place.and_then(|place| place.window.clone());
        wait.marked.clone().map(|window| (window, true))
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
        // Another session in the same window, such as a tmux client's, may wait too.
        let is_its = |it: &Wait| it.marked.as_ref().is_some_and(|it| it.con_id == window.con_id);
        let is_needed = self.waits.values().any(|it| !it.visited && is_its(it));
        (!is_needed).then_some((window, false))
    }

    /// It is not wanted any more.
    pub fn clear(&mut self) -> Vec<Order> {
        let all: Vec<ProcessId> = self.waits.keys().copied().collect();
        all.into_iter().filter_map(|process| self.end(process)).collect()
    }
}

impl Hub {
    /// Mark or unmark a window, if the configuration wants that.
    pub(super) fn follow_urgency(&mut self, change: &Change) {
        if !self.settings.config.wm.urgency_hint {
            return;
        }
        let order = match change {
            Change::Session { session } => {
                let focused = self.registry.focused() == Some(session.process());
                self.urgency.follow(session, focused)
            }
            Change::Gone { process, .. } => self.urgency.end(*process),
            _ => None,
        };
        if let Some((window, urgent)) = order {
            self.desktop.urgent(window, urgent);
        }
    }

    /// The configuration has changed.
    pub(super) fn configure_urgency(&mut self) {
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
        session.place = Some(Place {
            workspace: None,
            output: None,
            candidates: u32::from(window.is_some()),
            window,
            pane: None,
            how: String::new(),
            confidence: Confidence::Certain,
        });
        session
    }

    fn waits(pid: u32, con_id: u64) -> SessionInfo {
        session(pid, StateName::NeedsInput, Some(con_id))
    }

    fn works(pid: u32, con_id: u64) -> SessionInfo {
        session(pid, StateName::Working, Some(con_id))
    }

    fn short(order: Option<Order>) -> Option<(u64, bool)> {
        order.map(|(window, urgent)| (window.con_id, urgent))
    }

    #[test]
    fn a_wait_is_marked_once_and_unmarked_when_it_ends() {
        let mut urgency = Urgency::default();
        assert_eq!(short(urgency.follow(&works(1, 9), false)), None);
        assert_eq!(short(urgency.follow(&waits(1, 9), false)), Some((9, true)));
        assert_eq!(short(urgency.follow(&waits(1, 9), false)), None);
        let unknown = session(1, StateName::Unknown, Some(9));
        assert_eq!(short(urgency.follow(&unknown, false)), None);
        assert_eq!(short(urgency.follow(&works(1, 9), false)), Some((9, false)));
        assert_eq!(short(urgency.follow(&works(1, 9), false)), None);
    }

    #[test]
    fn where_the_user_is_or_was_nothing_is_marked() {
        let mut urgency = Urgency::default();
        assert_eq!(short(urgency.follow(&waits(1, 9), true)), None);
        assert_eq!(short(urgency.follow(&waits(1, 9), false)), None);
        assert_eq!(short(urgency.follow(&waits(2, 8), false)), Some((8, true)));
        urgency.visit(ProcessId { pid: 2, start: 0 });
        assert_eq!(short(urgency.follow(&waits(2, 8), false)), None);
        let mut anew = waits(2, 8);
        anew.waiting_since = Some(anew.since + chrono::TimeDelta::seconds(5));
        assert_eq!(short(urgency.follow(&anew, false)), Some((8, true)));
    }

    #[test]
    fn a_window_that_is_found_later_is_marked_then() {
        let mut urgency = Urgency::default();
        let nowhere = session(1, StateName::NeedsInput, None);
        assert_eq!(short(urgency.follow(&nowhere, false)), None);
        assert_eq!(short(urgency.follow(&waits(1, 9), false)), Some((9, true)));
    }

    #[test]
    fn a_window_that_two_wait_in_is_marked_until_both_are_done() {
        let mut urgency = Urgency::default();
        urgency.follow(&waits(1, 9), false);
        urgency.follow(&waits(2, 9), false);
        assert_eq!(short(urgency.end(ProcessId { pid: 1, start: 0 })), None);
        assert_eq!(short(urgency.follow(&works(2, 9), false)), Some((9, false)));
        urgency.follow(&waits(1, 9), false);
        assert_eq!(urgency.clear().len(), 1);
    }
}
