//! One wait is one wait: when it began, over looks and sources that say so differently. Pure.

use crate::claude::verdict::Decision;
use crate::session::Timestamp;
use crate::session::state::ReasonKind;
use crate::session::state::evidence::{Outcome, Source};
use chrono::TimeDelta;

/// By how much the sources of one wait may differ: a hook, the transcript and the session file tell of
/// one dialog within half a second.
const MAX_DISAGREEMENT: TimeDelta = TimeDelta::seconds(1);

/// A wait that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wait {
    source: Source,
    kind: ReasonKind,
    /// The calls that it may be about; the one, once that is known.
    calls: Vec<String>,
    /// The time by which its source tells it from others.
    dated: Timestamp,
    /// When it began, as it is shown.
    since: Timestamp,
}

/// A wait as one look finds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct FoundWait<'a> {
    pub(super) kind: ReasonKind,
    pub(super) source: Source,
    /// The calls that it may be about, if that is known.
    pub(super) calls: &'a [String],
    /// When its source says that it began: the session file, of its status.
    pub(super) dated: Timestamp,
    /// When it began by all that is known.
    pub(super) since: Timestamp,
}

impl<'a> FoundWait<'a> {
    /// The wait that was decided, if it is one. `status_at`: since when the session file has its status.
    pub(super) fn of(
        decision: &'a Decision,
        status_at: Option<Timestamp>,
    ) -> Option<FoundWait<'a>> {
        let kind = decision.verdict.state.reason()?.kind;
        let won = decision.claims.iter().find(|claim| claim.outcome == Outcome::Won);
        let source = won.map_or(Source::Other, |claim| claim.source);
        let since = decision.verdict.since;
        let of_file = status_at.filter(|_| source == Source::SessionFile);
        let dated = of_file.unwrap_or(since);
        Some(FoundWait { kind, source, calls: &decision.calls, dated, since })
    }
}

/// The wait that is shown after `before`, once `found` was found at `now`.
///
/// The same call is the same wait, whoever tells of it; another call is another one, although the
/// session file may keep its time. Of several calls that wait (`may_ask`), the one on the screen was
/// answered once one of them does so no more. Where no call is known, the times decide.
pub(super) fn follow(
    before: Option<Wait>,
    found: &FoundWait<'_>,
    may_ask: impl Fn(&String) -> bool,
    now: Timestamp,
) -> Wait {
    let FoundWait { kind, source, dated, since, .. } = *found;
    let calls = found.calls.to_vec();
    let Some(before) = before else { return Wait { source, kind, calls, dated, since } };
    let is_same = match (before.calls.as_slice(), calls.as_slice()) {
        ([known], [call]) => known == call,
        (known, _) if !known.iter().all(may_ask) => false,
        // The file dates each of its waits; what a dialog is about may become known later.
        _ if source == Source::SessionFile && before.source == source => dated == before.dated,
        _ => before.kind == kind && (dated - before.dated).abs() <= MAX_DISAGREEMENT,
    };
    if is_same {
        // While the call is the same, what is written elsewhere does not move it.
        let is_vague = calls.len() != 1 && !before.calls.is_empty();
        let calls = if is_vague { before.calls.clone() } else { calls };
        return Wait { source, kind, calls, ..before };
    }
    // It began after the one that it follows.
    let since = if since > before.since { since } else { now };
    Wait { source, kind, calls, dated, since }
}

impl Wait {
    /// The only call that it may be about, which asks once: the form of a server may be followed by another
    /// one of the same call.
    pub(super) fn asking_call(&self) -> Option<&str> {
        let [call] = self.calls.as_slice() else { return None };
        (self.kind != ReasonKind::Elicitation).then_some(call)
    }

    pub(super) fn since(&self) -> Timestamp {
        self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    fn ids(calls: &str) -> Vec<String> {
        calls.chars().map(String::from).collect()
    }

    /// Follows looks (source, calls, time) and gives the starts that are shown. A call waits until a
    /// later one is asked about alone; a look is made at 9000.
    fn starts(looks: &[(Source, &str, i64)]) -> Vec<i64> {
        let mut wait = None;
        let mut shown = Vec::new();
        for (position, (source, calls, at)) in looks.iter().enumerate() {
            let (kind, calls) = (ReasonKind::Permission, ids(calls));
            let (dated, since) = (time(*at), time(*at));
            let found = FoundWait { kind, source: *source, calls: &calls, dated, since };
            let over = |call: &String| {
                looks[..=position].iter().any(|it| it.1.len() == 1 && it.1 > call.as_str())
            };
            let next = follow(wait, &found, |call| !over(call), time(9000));
            shown.push((next.since() - time(0)).num_milliseconds());
            wait = Some(next);
        }
        shown
    }

    #[test]
    fn one_wait_is_one_wait_on_every_source() {
        use Source::{Hook, Process, SessionFile, Transcript};
        let file = [(SessionFile, "", 100), (SessionFile, "a", 100)];
        assert_eq!(starts(&file), [100, 100], "its call became known");
        let hooked = [(Hook, "", 140), (Transcript, "a", 100), (Hook, "a", 140)];
        assert_eq!(starts(&hooked), [140, 140, 140]);
        let scans = [(Process, "", 100), (Process, "", 101), (Process, "", 99)];
        assert_eq!(starts(&scans), [100, 100, 100]);
        let results = [(SessionFile, "b", 100), (SessionFile, "b", 5000)];
        assert_eq!(starts(&results), [100, 100], "another agent went on");
        let queued = [(SessionFile, "a", 100), (SessionFile, "ab", 100), (SessionFile, "a", 100)];
        assert_eq!(starts(&queued), [100, 100, 100], "another one came behind it");
    }

    #[test]
    fn two_prompts_are_two_waits() {
        use Source::{SessionFile, Transcript};
        let agents = [(SessionFile, "a", 100), (SessionFile, "b", 3000)];
        assert_eq!(starts(&agents), [100, 3000]);
        let older = [(SessionFile, "a", 1000), (SessionFile, "b", 100)];
        assert_eq!(starts(&older), [1000, 9000], "it was behind the other one");
        let unknown = [(SessionFile, "", 100), (SessionFile, "", 600)];
        assert_eq!(starts(&unknown), [100, 600], "the file dates each");
        let turn = [(Transcript, "a", 100), (Transcript, "b", 200)];
        assert_eq!(starts(&turn), [100, 200]);
        let one_of_two = [(SessionFile, "ab", 100), (SessionFile, "b", 100)];
        assert_eq!(starts(&one_of_two), [100, 9000], "one of them was answered");
    }

    #[test]
    fn a_call_that_was_answered_asks_no_more() {
        let found = |calls| {
            let (kind, source) = (ReasonKind::Permission, Source::SessionFile);
            FoundWait { kind, source, calls, dated: time(100), since: time(100) }
        };
        let (one, three, two) = (ids("a"), ids("abc"), ids("bc"));
        for before in [&one, &three] {
            let first = follow(None, &found(before), |_| true, time(200));
            let still = follow(Some(first.clone()), &found(&[]), |_| true, time(300));
            assert_eq!(still.since(), time(100), "it is not known for a moment");
            let next = follow(Some(first), &found(&two), |call| call != "a", time(300));
            assert_eq!(next.since(), time(300));
            let last = follow(Some(next.clone()), &found(&two), |call| call != "a", time(400));
            assert_eq!(last, next);
        }
    }
}
