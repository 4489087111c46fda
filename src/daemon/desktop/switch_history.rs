//! The switches that were made, and so where `--next`, `--previous` and `--back` lead. Pure.

use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::query::order::{self, Order};
use crate::wm::switch::focus_target::FocusTarget;
use chrono::TimeDelta;
use std::borrow::Borrow;

/// How long `--next` continues the round when it is not known whether the user is still where the last
/// switch led.
const ROUND_TIMEOUT: TimeDelta = TimeDelta::seconds(15);

/// The switches that the user made.
#[derive(Debug, Default)]
pub struct SwitchHistory {
    /// The sessions visited in this round, oldest first, and when.
    visited: Vec<(SessionKey, Timestamp)>,
    /// What had the focus before the last switch.
    back: Option<FocusTarget>,
    /// Whether a switch was made and no focus was reported since.
    is_focus_stale: bool,
}

impl SwitchHistory {
    /// The session to go to next: the one that has waited longest; asked again, the one after it.
    /// After it come those to try where it cannot be reached, the best first.
    ///
    /// A new round begins when the user has gone elsewhere in the meantime.
    pub fn next<'a, S: Borrow<SessionInfo>>(
        &mut self,
        sessions: &'a [S],
        focused: Option<SessionKey>,
        now: Timestamp,
        order: Order,
    ) -> Vec<&'a SessionInfo> {
        if !self.is_at_last_target(focused, now) {
            self.visited.clear();
        }
        // A session that began to wait after its visit is to be visited again.
        self.visited.retain(|(key, at)| {
            let session = sessions.iter().map(Borrow::borrow).find(|it| it.key() == *key);
            session.is_some_and(|it| it.waiting_since.is_none_or(|since| since <= *at))
        });
        let mut visited: Vec<SessionKey> = self.visited.iter().map(|(key, _)| *key).collect();
        let focused = focused.filter(|_| !self.is_focus_stale);
        if let Some(focused) = focused.filter(|it| visited.last() != Some(it)) {
            visited.push(focused);
        }
        let here = visited.last().copied();
        let is_there = self.is_focus_stale || focused == here;
        without(here, is_there, order::forward(sessions, &visited, order))
    }

    /// The session before the one where the user is, then those before it.
    pub fn previous<'a, S: Borrow<SessionInfo>>(
        &self,
        sessions: &'a [S],
        focused: Option<SessionKey>,
        order: Order,
    ) -> Vec<&'a SessionInfo> {
        let focused = focused.filter(|_| !self.is_focus_stale);
        let here = focused.or(self.visited.last().map(|(key, _)| *key));
        without(here, true, order::backward(sessions, here, order))
    }

    /// A switch led to `process`, in the window `arrived` if that is known; `before` had the focus.
    pub fn record_switch(
        &mut self,
        key: SessionKey,
        before: Option<FocusTarget>,
        arrived: Option<u64>,
        now: Timestamp,
    ) {
        self.visited.retain(|(other, _)| *other != key);
        self.visited.push((key, now));
        self.is_focus_stale = true;
        // A switch within a window does not change where `--back` leads.
        let left = before.filter(|target| !arrived.is_some_and(|it| target.is_window(it)));
        self.back = left.or(self.back.take());
    }

    /// Where `--back` leads.
    pub fn back(&self) -> Option<FocusTarget> {
        self.back.clone()
    }

    /// `--back` was carried out; `before` had the focus, and is where the next `--back` leads.
    pub fn record_back(&mut self, before: Option<FocusTarget>) {
        self.back = before.or(self.back.take());
        self.is_focus_stale = false;
    }

    /// The focus was reported: from now on that report counts.
    pub fn note_focus_report(&mut self) {
        self.is_focus_stale = false;
    }

    fn is_at_last_target(&self, focused: Option<SessionKey>, now: Timestamp) -> bool {
        match (self.visited.last(), focused) {
            // What is known about the focus is older than the switch.
            (Some(_), _) if self.is_focus_stale => true,
            (Some((key, _)), Some(focused)) => *key == focused,
            (Some((_, at)), None) => now - *at < ROUND_TIMEOUT,
            (None, _) => true,
        }
    }
}

/// These sessions without the one where the user is already, unless it is the only one. If the user may
/// have gone elsewhere since (not `is_there`), it is the last one to try.
fn without(
    here: Option<SessionKey>,
    is_there: bool,
    mut round: Vec<&SessionInfo>,
) -> Vec<&SessionInfo> {
    let position = round.iter().position(|it| Some(it.key()) == here);
    if let Some(index) = position.filter(|_| round.len() > 1) {
        let session = round.remove(index);
        round.extend((!is_there).then_some(session));
    }
    round
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;
    use crate::wm::switch::focus_target::FocusedWindow;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(2_000_000_000 + seconds, 0).unwrap()
    }

    /// Three that wait, the first one longest, and one that works.
    fn sessions() -> Vec<SessionInfo> {
        let waits = |pid, minutes| sample(pid, StateName::NeedsInput, minutes);
        vec![waits(1, 30), waits(2, 20), waits(3, 10), sample(4, StateName::Working, 40)]
    }

    fn go(
        history: &mut SwitchHistory,
        sessions: &[SessionInfo],
        focused: Option<u32>,
        now: Timestamp,
    ) -> u32 {
        let key = |pid: u32| sessions.iter().find(|it| it.pid == pid).unwrap().key();
        let next = history.next(sessions, focused.map(key), now, Order::Longest).remove(0).key();
        history.record_switch(next, None, None, now);
        history.note_focus_report();
        next.process.pid
    }

    #[test]
    fn again_goes_to_the_next_one_and_round() {
        let (mut history, sessions) = (SwitchHistory::default(), sessions());
        let mut focused = Some(4);
        let mut visited = Vec::new();
        for second in 0..4 {
            let pid = go(&mut history, &sessions, focused, at(second));
            visited.push(pid);
            focused = Some(pid);
        }
        assert_eq!(visited, [1, 2, 3, 1]);
    }

    #[test]
    fn the_last_one_is_tried_again_at_last_when_the_user_has_left_it() {
        let (mut history, sessions) = (SwitchHistory::default(), sessions());
        assert_eq!(go(&mut history, &sessions, None, at(0)), 1);
        let first = sessions[0].key();
        let next = |history: &mut SwitchHistory, focused| -> Vec<u32> {
            let next = history.next(&sessions, focused, at(1), Order::Longest);
            next.iter().map(|it| it.pid).collect()
        };
        assert_eq!(next(&mut history, Some(first)), [2, 3]);
        assert_eq!(next(&mut history, None), [2, 3, 1]);
    }

    #[test]
    fn after_a_visit_elsewhere_a_new_round_begins() {
        let (mut history, sessions) = (SwitchHistory::default(), sessions());
        assert_eq!(go(&mut history, &sessions, None, at(0)), 1);
        assert_eq!(go(&mut history, &sessions, None, at(3)), 2);
        assert_eq!(go(&mut history, &sessions, Some(4), at(5)), 1);
        assert_eq!(go(&mut history, &sessions, None, at(100)), 1);
    }

    #[test]
    fn a_session_that_waits_again_is_visited_again() {
        let (mut history, mut sessions) = (SwitchHistory::default(), sessions());
        assert_eq!(go(&mut history, &sessions, None, at(0)), 1);
        sessions[0].waiting_since = Some(at(2));
        assert_eq!(go(&mut history, &sessions, Some(1), at(3)), 2);
    }

    #[test]
    fn back_alternates_between_two_windows() {
        let window = |con_id| FocusedWindow { con_id, xid: None, workspace: None };
        let focus = |con_id| Some(FocusTarget::Window(window(con_id)));
        let mut history = SwitchHistory::default();
        assert_eq!(history.back(), None);
        history.record_switch(SessionKey::local(1, 1), focus(10), Some(20), at(0));
        assert_eq!(history.back(), focus(10));
        history.record_back(focus(20));
        assert_eq!(history.back(), focus(20));
    }

    #[test]
    fn a_switch_within_a_window_keeps_where_back_leads() {
        let window = |con_id| FocusedWindow { con_id, xid: None, workspace: None };
        let focus = |con_id| Some(FocusTarget::Window(window(con_id)));
        let mut history = SwitchHistory::default();
        history.record_switch(SessionKey::local(1, 1), focus(10), Some(20), at(0));
        history.record_switch(SessionKey::local(2, 1), focus(20), Some(20), at(1));
        assert_eq!(history.back(), focus(10));
    }

    #[test]
    fn a_second_switch_before_the_focus_is_reported_goes_on() {
        let (mut history, sessions) = (SwitchHistory::default(), sessions());
        let key = |pid: u32| sessions.iter().find(|it| it.pid == pid).unwrap().key();
        // The last report still has the focus where the user came from.
        for expected in [1, 2, 3] {
            let next = history.next(&sessions, Some(key(4)), at(0), Order::Longest).remove(0).key();
            assert_eq!(next.process.pid, expected);
            history.record_switch(next, None, None, at(0));
        }
        let back = history.previous(&sessions, Some(key(4)), Order::Longest).remove(0);
        assert_eq!(back.pid, 2);
        // Now the user really is there.
        history.note_focus_report();
        assert_eq!(go(&mut history, &sessions, Some(4), at(1)), 1);
    }

    #[test]
    fn sessions_to_try_next_follow() {
        let (mut history, sessions) = (SwitchHistory::default(), sessions());
        let pids =
            |sessions: Vec<&SessionInfo>| sessions.iter().map(|it| it.pid).collect::<Vec<_>>();
        assert_eq!(pids(history.next(&sessions, None, at(0), Order::Longest)), [1, 2, 3]);
        assert_eq!(go(&mut history, &sessions, None, at(0)), 1);
        let here = Some(sessions[0].key());
        assert_eq!(pids(history.next(&sessions, here, at(1), Order::Longest)), [2, 3]);
        assert_eq!(pids(history.previous(&sessions, here, Order::Longest)), [3, 2]);
        assert_eq!(pids(history.next(&sessions[..1], here, at(1), Order::Longest)), [1]);
        assert!(history.next::<SessionInfo>(&[], None, at(1), Order::Longest).is_empty());
    }
}
