//! The order of sessions: in the table and the bars, for `--next`, and for ties of a query.
//!
//! Sessions that wait come first, then work that ended early and can be sent on its way again, then
//! finished work, which can wait a little. The other sessions need nobody, and those that the user has
//! set aside are at the end. Within a rank, the session that
//! has been in it longest comes first. [`Order`] says whether permissions are a rank of their own.

use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::{ReasonKind, StateName};
use std::borrow::Borrow;
use std::cmp::Ordering;

/// How much a session needs the user; the first variant needs them most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// It waits for permission to run a tool.
    Permission,
    /// It waits for an answer: to a question, a plan, a form, a dialog.
    Asks,
    /// It stopped before its work was done, and the user has not looked at it since.
    Failed,
    /// It has finished, and the user has not looked at it since.
    Unseen,
    /// A turn is running.
    Working,
    /// The prompt is free.
    Idle,
    /// The user has set it aside.
    Snoozed,
    /// It cannot be known.
    Unknown,
}

/// Which of the sessions that wait comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The one that has waited longest, whatever for.
    #[default]
    Longest,
    /// Permissions before questions: a permission certainly stops the work and is answered at once,
    /// while a question needs thought.
    Permissions,
}

/// How much this session needs the user.
pub fn priority(session: &SessionInfo) -> Priority {
    match (session.state, session.reason) {
        _ if session.snoozed.is_some() => Priority::Snoozed,
        (StateName::NeedsInput, Some(ReasonKind::Permission)) => Priority::Permission,
        (StateName::NeedsInput, _) => Priority::Asks,
        (StateName::Idle, _) if session.unseen && session.failure().is_some() => Priority::Failed,
        (StateName::Idle, _) if session.unseen => Priority::Unseen,
        (StateName::Working, _) => Priority::Working,
        (StateName::Idle, _) => Priority::Idle,
        (StateName::Unknown, _) => Priority::Unknown,
    }
}

/// Whether it waits for the user, so that a bar is urgent.
pub fn waits(session: &SessionInfo) -> bool {
    priority(session) <= Priority::Asks
}

/// Whether there is something for the user to do or to see: it waits, or has finished or failed and the
/// user has not looked at it since.
pub fn wants_attention(session: &SessionInfo) -> bool {
    priority(session) <= Priority::Unseen
}

/// Which of two sessions comes first. They are equal only if they are the same session.
pub fn compare(a: &SessionInfo, b: &SessionInfo, order: Order) -> Ordering {
    let since = |it: &SessionInfo| it.waiting_since.unwrap_or(it.since);
    let rank = |it: &SessionInfo| match (order, priority(it)) {
        (Order::Longest, Priority::Asks) => Priority::Permission,
        (_, priority) => priority,
    };
    rank(a).cmp(&rank(b)).then_with(|| since(a).cmp(&since(b))).then_with(|| a.key().cmp(&b.key()))
}

/// The sessions in their order.
pub fn sorted<S: Borrow<SessionInfo>>(sessions: &[S], order: Order) -> Vec<&SessionInfo> {
    let mut sorted: Vec<&SessionInfo> = sessions.iter().map(Borrow::borrow).collect();
    sorted.sort_by(|a, b| compare(a, b, order));
    sorted
}

/// Those that want attention, in their order.
pub fn wanted<S: Borrow<SessionInfo>>(sessions: &[S], order: Order) -> Vec<&SessionInfo> {
    sorted(sessions, order).into_iter().filter(|it| wants_attention(it)).collect()
}

/// Where `switch --next` goes, and after that, again and again: to the sessions that want attention and
/// were not visited yet, then once more to those that were, beginning after the last visit.
///
/// `visited` are the sessions of this round, in the order of the visits; the last is where the user is
/// now. A finished session is no longer unseen once visited, so its place in the list does not tell where
/// to go on. The caller removes a session that begins another wait.
pub fn forward<'a, S: Borrow<SessionInfo>>(
    sessions: &'a [S],
    visited: &[SessionKey],
    order: Order,
) -> Vec<&'a SessionInfo> {
    let is_visited = |it: &&SessionInfo| visited.contains(&it.key());
    let (mut seen, mut round): (Vec<_>, Vec<_>) =
        wanted(sessions, order).into_iter().partition(is_visited);
    let here = seen.iter().position(|it| Some(&it.key()) == visited.last());
    seen.rotate_left(here.map_or(0, |index| index + 1));
    round.append(&mut seen);
    round
}

/// Where `switch --previous` goes, and after that, again and again: to the sessions before `here`, and
/// from the first to the last. If `here` wants no attention, to the last one first.
pub fn backward<S: Borrow<SessionInfo>>(
    sessions: &[S],
    here: Option<SessionKey>,
    order: Order,
) -> Vec<&SessionInfo> {
    let mut round = wanted(sessions, order);
    round.reverse();
    let here = round.iter().position(|it| Some(it.key()) == here);
    round.rotate_left(here.map_or(0, |index| index + 1));
    round
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::snooze::Snooze;

    /// Sessions named by their pids, each with the minutes since its state began.
    fn round() -> Vec<SessionInfo> {
        let mut sessions = vec![
            sample(1, StateName::Unknown, 90),
            sample(2, StateName::Idle, 80),
            sample(3, StateName::Working, 1),
            sample(4, StateName::Working, 70),
            sample(5, StateName::Idle, 60),
            sample(6, StateName::NeedsInput, 50),
            sample(7, StateName::NeedsInput, 5),
            sample(8, StateName::NeedsInput, 9),
        ];
        sessions[4].unseen = true;
        sessions[5].reason = Some(ReasonKind::Question);
        sessions[6].reason = Some(ReasonKind::Permission);
        sessions[7].reason = Some(ReasonKind::Permission);
        sessions
    }

    fn pid(session: Option<&SessionInfo>) -> u32 {
        session.map_or(0, |it| it.pid)
    }

    fn next<'a>(
        sessions: &'a [SessionInfo],
        visited: &[SessionKey],
        order: Order,
    ) -> Option<&'a SessionInfo> {
        forward(sessions, visited, order).first().copied()
    }

    fn previous(
        sessions: &[SessionInfo],
        here: Option<SessionKey>,
        order: Order,
    ) -> Option<&SessionInfo> {
        backward(sessions, here, order).first().copied()
    }

    #[test]
    fn a_round_leads_to_all_each_way() {
        let sessions = round();
        let key = |pid: u32| SessionKey::local(pid, 0);
        let pids = |round: Vec<&SessionInfo>| round.iter().map(|it| it.pid).collect::<Vec<_>>();
        let forward = |visited: &[_]| pids(forward(&sessions, visited, Order::Permissions));
        let backward = |here| pids(backward(&sessions, here, Order::Permissions));
        assert_eq!(forward(&[]), [8, 7, 6, 5]);
        assert_eq!(forward(&[key(8)]), [7, 6, 5, 8]);
        assert_eq!(forward(&[key(8), key(6)]), [7, 5, 8, 6]);
        assert_eq!(forward(&[key(6), key(8), key(4)]), [7, 5, 8, 6]);
        assert_eq!(forward(&[key(6), key(5), key(8), key(7)]), [6, 5, 8, 7]);
        assert_eq!(backward(Some(key(6))), [7, 8, 5, 6]);
        assert_eq!(backward(Some(key(8))), [5, 6, 7, 8]);
        assert_eq!(backward(None), [5, 6, 7, 8]);
    }

    #[test]
    fn waiting_then_finished_then_working_then_idle() {
        let sessions = round();
        let pids = |order| sorted(&sessions, order).iter().map(|it| it.pid).collect::<Vec<_>>();
        assert_eq!(pids(Order::Permissions), [8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(pids(Order::Longest), [6, 8, 7, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn a_wait_of_unknown_kind_counts_as_a_question() {
        let mut session = sample(1, StateName::NeedsInput, 1);
        assert_eq!(priority(&session), Priority::Asks);
        session.reason = Some(ReasonKind::Other);
        assert_eq!(priority(&session), Priority::Asks);
    }

    #[test]
    fn what_is_set_aside_waits_for_nobody() {
        let mut session = sample(1, StateName::NeedsInput, 1);
        assert!(waits(&session) && wants_attention(&session));
        session.snoozed = Some(Snooze { until: None, state_since: Some(session.since) });
        assert!(!waits(&session) && !wants_attention(&session));
        let sessions = [session, sample(2, StateName::Idle, 1)];
        assert_eq!(pid(sorted(&sessions, Order::Longest).first().copied()), 2);
        assert_eq!(next(&sessions, &[], Order::Longest), None);
    }

    #[test]
    fn what_stopped_short_comes_before_what_finished() {
        let mut sessions = [sample(1, StateName::Idle, 9), sample(2, StateName::Idle, 1)];
        sessions[1].details.failure = Some(crate::session::state::failure::sample().into());
        assert_eq!(priority(&sessions[1]), Priority::Idle, "it was seen");
        sessions[0].unseen = true;
        sessions[1].unseen = true;
        assert_eq!(priority(&sessions[1]), Priority::Failed);
        assert_eq!(pid(next(&sessions, &[], Order::Permissions)), 2);
    }

    #[test]
    fn next_goes_round_all_that_want_attention() {
        let mut sessions = round();
        let mut trail = Vec::new();
        let mut went = Vec::new();
        for _ in 0..6 {
            let to = next(&sessions, &trail, Order::Permissions).unwrap().key();
            went.push(to.process.pid);
            trail.push(to);
            // Being there makes a finished session seen.
            for session in &mut sessions {
                session.unseen &= session.key() != to;
            }
        }
        assert_eq!(went, [8, 7, 6, 5, 8, 7]);
    }

    #[test]
    fn next_begins_with_the_first_and_there_may_be_none() {
        let sessions = round();
        assert_eq!(pid(next(&sessions, &[sessions[0].key()], Order::Permissions)), 8);
        assert_eq!(pid(next(&sessions[..4], &[], Order::Permissions)), 0);
        assert_eq!(pid(next(&[], &[], Order::Permissions)), 0);
    }

    #[test]
    fn one_that_began_to_wait_meanwhile_comes_before_going_round() {
        let mut sessions = round();
        let trail: Vec<_> = [7, 6, 5].iter().map(|&index| sessions[index].key()).collect();
        assert_eq!(pid(next(&sessions, &trail, Order::Permissions)), 5);
        sessions[0] = sample(1, StateName::NeedsInput, 0);
        assert_eq!(pid(next(&sessions, &trail, Order::Permissions)), 1);
    }

    #[test]
    fn previous_goes_the_other_way_round() {
        let sessions = round();
        let from = |pid: u32| Some(SessionKey::local(pid, 0));
        assert_eq!(pid(previous(&sessions, from(7), Order::Permissions)), 8);
        assert_eq!(pid(previous(&sessions, from(8), Order::Permissions)), 5);
        assert_eq!(pid(previous(&sessions, from(1), Order::Permissions)), 5);
        assert_eq!(pid(previous(&sessions, None, Order::Permissions)), 5);
        assert_eq!(pid(previous(&[], None, Order::Permissions)), 0);
    }
}
