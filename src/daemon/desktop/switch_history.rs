//! Where `--next`, `--previous` and `--back` lead. Pure.

use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::process::ProcessId;
use crate::session::query::order;
use crate::wm::manager::FocusedWindow;
use chrono::TimeDelta;

/// Where it cannot be told whether the user is still where the last switch led, `--next` goes on
/// with the round for this long.
const STILL_THERE: TimeDelta = TimeDelta::seconds(15);

/// The switches of the user, so that "again" and "back" mean something.
#[derive(Debug, Default)]
pub struct Tour {
    /// The sessions visited in this round, oldest first, and when.
    visited: Vec<(ProcessId, Timestamp)>,
    /// The window that had the focus before the last switch.
    back: Option<FocusedWindow>,
    /// A switch was made, and where the focus is was not told since.
    unreported: bool,
}

impl Tour {
    /// The session to go to next: the one that has waited longest; again, the one after it. After
    /// it come those to go to where it cannot be reached, the likeliest first.
    ///
    /// The round begins anew when the user has gone elsewhere in the meantime.
    pub fn next(
        &mut self,
        sessions: Vec<SessionInfo>,
        focused: Option<ProcessId>,
        now: Timestamp,
    ) -> Vec<SessionInfo> {
        if !self.is_where_it_led(focused, now) {
            self.visited.clear();
        }
        // One that began to wait after it was visited is new.
        self.visited.retain(|(process, at)| {
            let session = sessions.iter().find(|it| it.process() == *process);
            session.is_some_and(|it| it.waiting_since.is_none_or(|since| since <= *at))
        });
        let mut visited: Vec<ProcessId> =
            self.visited.iter().map(|(process, _)| *process).collect();
        let focused = focused.filter(|_| !self.unreported);
        if let Some(focused) = focused.filter(|it| visited.last() != Some(it)) {
            visited.push(focused);
        }
        let here = visited.last().copied();
        way(sessions, here, |rest| order::next(rest, &visited))
    }

    /// The session before the one where the user is, and those before it.
    pub fn previous(
        &self,
        sessions: Vec<SessionInfo>,
        focused: Option<ProcessId>,
    ) -> Vec<SessionInfo> {
        let focused = focused.filter(|_| !self.unreported);
        let here = focused.or(self.visited.last().map(|(process, _)| *process));
        way(sessions, here, |rest| order::previous(rest, here))
    }

    /// The user was brought to `process`, in the window `arrived` if that is known; `before` had
    /// the focus.
    pub fn went(
        &mut self,
        process: ProcessId,
        before: Option<FocusedWindow>,
        arrived: Option<u64>,
        now: Timestamp,
    ) {
        self.visited.retain(|(other, _)| *other != process);
        self.visited.push((process, now));
        self.unreported = true;
        // To stay in a window is not to come from it.
        let left = before.filter(|window| Some(window.con_id) != arrived);
        self.back = left.or(self.back.take());
    }

    /// The window to go back to.
    pub fn back(&self) -> Option<FocusedWindow> {
        self.back.clone()
    }

    /// The user went back; `before` had the focus, and is where the next `--back` leads.
    pub fn went_back(&mut self, before: Option<FocusedWindow>) {
        self.back = before.or(self.back.take());
        self.unreported = false;
    }

    /// Where the focus is was told: from now on that counts.
    pub fn focus_reported(&mut self) {
        self.unreported = false;
    }

    fn is_where_it_led(&self, focused: Option<ProcessId>, now: Timestamp) -> bool {
        match (self.visited.last(), focused) {
            // What is known of the focus is older than the switch.
            (Some(_), _) if self.unreported => true,
            (Some((process, _)), Some(focused)) => *process == focused,
            (Some((_, at)), None) => now - *at < STILL_THERE,
            (None, _) => true,
        }
    }
}

/// The sessions in the order in which `step` chooses one of those that are left. The one where the
/// user is already is only the choice where there is no other.
fn way(
    mut sessions: Vec<SessionInfo>,
    here: Option<ProcessId>,
    step: impl Fn(&[SessionInfo]) -> Option<&SessionInfo>,
) -> Vec<SessionInfo> {
    let mut way = Vec::new();
    while let Some(process) = step(&sessions).map(SessionInfo::process) {
        let Some(index) = sessions.iter().position(|it| it.process() == process) else { break };
        way.push(sessions.swap_remove(index));
    }
    if way.len() > 1 {
        way.retain(|it| Some(it.process()) != here);
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(2_000_000_000 + seconds, 0).unwrap()
    }

    /// Three that wait, the first one longest, and one that works.
    fn sessions() -> Vec<SessionInfo> {
        let waits = |pid, minutes| sample(pid, StateName::NeedsInput, minutes);
        vec![waits(1, 30), waits(2, 20), waits(3, 10), sample(4, StateName::Working, 40)]
    }

    fn go(tour: &mut Tour, sessions: &[SessionInfo], focused: Option<u32>, now: Timestamp) -> u32 {
        let process = |pid: u32| sessions.iter().find(|it| it.pid == pid).unwrap().process();
        let next = tour.next(sessions.to_vec(), focused.map(process), now).remove(0).process();
        tour.went(next, None, None, now);
        tour.focus_reported();
        next.pid
    }

    #[test]
    fn again_goes_to_the_next_one_and_round() {
        let (mut tour, sessions) = (Tour::default(), sessions());
        let mut focused = Some(4);
        let mut trail = Vec::new();
        for second in 0..4 {
            let pid = go(&mut tour, &sessions, focused, at(second));
            trail.push(pid);
            focused = Some(pid);
        }
        assert_eq!(trail, [1, 2, 3, 1]);
    }

    #[test]
    fn after_a_walk_elsewhere_it_begins_with_the_longest_again() {
        let (mut tour, sessions) = (Tour::default(), sessions());
        assert_eq!(go(&mut tour, &sessions, None, at(0)), 1);
        assert_eq!(go(&mut tour, &sessions, None, at(3)), 2);
        assert_eq!(go(&mut tour, &sessions, Some(4), at(5)), 1);
        assert_eq!(go(&mut tour, &sessions, None, at(100)), 1);
    }

    #[test]
    fn one_that_waits_anew_is_new() {
        let (mut tour, mut sessions) = (Tour::default(), sessions());
        assert_eq!(go(&mut tour, &sessions, None, at(0)), 1);
        sessions[0].waiting_since = Some(at(2));
        assert_eq!(go(&mut tour, &sessions, Some(1), at(3)), 2);
    }

    #[test]
    fn back_leads_to_and_fro() {
        let focus = |con_id| Some(FocusedWindow { con_id, xid: None, workspace: None });
        let mut tour = Tour::default();
        assert_eq!(tour.back(), None);
        tour.went(ProcessId { pid: 1, start: 1 }, focus(10), Some(20), at(0));
        assert_eq!(tour.back(), focus(10));
        tour.went_back(focus(20));
        assert_eq!(tour.back(), focus(20));
    }

    #[test]
    fn a_switch_within_a_window_keeps_the_way_back() {
        let focus = |con_id| Some(FocusedWindow { con_id, xid: None, workspace: None });
        let mut tour = Tour::default();
        tour.went(ProcessId { pid: 1, start: 1 }, focus(10), Some(20), at(0));
        tour.went(ProcessId { pid: 2, start: 1 }, focus(20), Some(20), at(1));
        assert_eq!(tour.back(), focus(10));
    }

    #[test]
    fn a_second_one_before_the_focus_is_told_goes_on() {
        let (mut tour, sessions) = (Tour::default(), sessions());
        let process = |pid: u32| sessions.iter().find(|it| it.pid == pid).unwrap().process();
        // The focus is still told to be where the user came from.
        for expected in [1, 2, 3] {
            let next = tour.next(sessions.clone(), Some(process(4)), at(0)).remove(0).process();
            assert_eq!(next.pid, expected);
            tour.went(next, None, None, at(0));
        }
        let back = tour.previous(sessions.clone(), Some(process(4))).remove(0);
        assert_eq!(back.pid, 2);
        // Now the user really is there.
        tour.focus_reported();
        assert_eq!(go(&mut tour, &sessions, Some(4), at(1)), 1);
    }

    #[test]
    fn where_one_cannot_be_reached_the_others_follow() {
        let (mut tour, sessions) = (Tour::default(), sessions());
        let pids = |way: Vec<SessionInfo>| way.iter().map(|it| it.pid).collect::<Vec<_>>();
        assert_eq!(pids(tour.next(sessions.clone(), None, at(0))), [1, 2, 3]);
        assert_eq!(go(&mut tour, &sessions, None, at(0)), 1);
        let here = Some(sessions[0].process());
        assert_eq!(pids(tour.next(sessions.clone(), here, at(1))), [2, 3]);
        assert_eq!(pids(tour.previous(sessions.clone(), here)), [3, 2]);
        assert_eq!(pids(tour.next(vec![sessions[0].clone()], here, at(1))), [1]);
        assert!(tour.next(Vec::new(), None, at(1)).is_empty());
    }
}
