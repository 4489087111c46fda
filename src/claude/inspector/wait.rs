//! One wait is one wait: when it began, over looks and sources that say so differently. Pure.

use crate::session::Timestamp;
use crate::session::evidence::Source;
use crate::session::state::ReasonKind;
use chrono::TimeDelta;

/// By how much the sources of one wait may differ: a hook, the transcript and the session file tell of
/// one dialog within half a second.
const MAX_DISAGREEMENT: TimeDelta = TimeDelta::seconds(1);

/// A wait that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wait {
    source: Source,
    kind: ReasonKind,
    /// The call that is asked about, once that is known.
    call: Option<String>,
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
    /// The call that is asked about, if that is known.
    pub(super) call: Option<&'a str>,
    /// When its source says that it began: the session file, of its status.
    pub(super) dated: Timestamp,
    /// When it began by all that is known.
    pub(super) since: Timestamp,
}

/// The wait that is shown after `before`, once `found` was found at `now`.
///
/// The same call is the same wait, whoever tells of it; another call is another one, although the
/// session file may keep its time (`is_open`: whether a call is still open). Where the call is not
/// known, the times decide.
pub(super) fn follow(
    before: Option<Wait>,
    found: &FoundWait<'_>,
    is_open: impl Fn(&str) -> bool,
    now: Timestamp,
) -> Wait {
    let FoundWait { kind, source, dated, since, .. } = *found;
    let call = found.call.map(str::to_owned);
    let Some(before) = before else { return Wait { source, kind, call, dated, since } };
    let is_same = match (&before.call, &call) {
        (Some(known), Some(call)) => known == call,
        (Some(known), None) if !is_open(known) => false,
        // The file dates each of its waits; what a dialog is about may become known later.
        _ if source == Source::SessionFile && before.source == source => dated == before.dated,
        _ => before.kind == kind && (dated - before.dated).abs() <= MAX_DISAGREEMENT,
    };
    if is_same {
        // While the call is the same, what is written elsewhere does not move it.
        return Wait { source, kind, call: call.or(before.call), ..before };
    }
    // It began after the one that it follows.
    let since = if since > before.since { since } else { now };
    Wait { source, kind, call, dated, since }
}

impl Wait {
    pub(super) fn since(&self) -> Timestamp {
        self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    /// Follows looks (source, call, time) and gives the starts that are shown. Call `a` is open until
    /// another one is asked about; a look is made at 9000.
    fn starts(looks: &[(Source, Option<&str>, i64)]) -> Vec<i64> {
        let mut wait = None;
        let mut shown = Vec::new();
        for (position, (source, call, at)) in looks.iter().enumerate() {
            let kind = ReasonKind::Permission;
            let (source, call) = (*source, *call);
            let found = FoundWait { kind, source, call, dated: time(*at), since: time(*at) };
            let over =
                |call: &str| looks[..position].iter().any(|it| it.1.is_some_and(|it| it > call));
            let next = follow(wait, &found, |call| !over(call), time(9000));
            shown.push((next.since() - time(0)).num_milliseconds());
            wait = Some(next);
        }
        shown
    }

    #[test]
    fn one_wait_is_one_wait_on_every_source() {
        use Source::{Hook, Process, SessionFile, Transcript};
        let file = [(SessionFile, None, 100), (SessionFile, Some("a"), 100)];
        assert_eq!(starts(&file), [100, 100], "its call became known");
        let hooked = [(Hook, None, 140), (Transcript, Some("a"), 100), (Hook, Some("a"), 140)];
        assert_eq!(starts(&hooked), [140, 140, 140]);
        let scans = [(Process, None, 100), (Process, None, 101), (Process, None, 99)];
        assert_eq!(starts(&scans), [100, 100, 100]);
        let results = [(SessionFile, Some("b"), 100), (SessionFile, Some("b"), 5000)];
        assert_eq!(starts(&results), [100, 100], "another agent went on");
    }

    #[test]
    fn two_prompts_are_two_waits() {
        use Source::{SessionFile, Transcript};
        let agents = [(SessionFile, Some("a"), 100), (SessionFile, Some("b"), 3000)];
        assert_eq!(starts(&agents), [100, 3000]);
        let older = [(SessionFile, Some("a"), 1000), (SessionFile, Some("b"), 100)];
        assert_eq!(starts(&older), [1000, 9000], "it was behind the other one");
        let unknown = [(SessionFile, None, 100), (SessionFile, None, 600)];
        assert_eq!(starts(&unknown), [100, 600], "the file dates each");
        let turn = [(Transcript, Some("a"), 100), (Transcript, Some("b"), 200)];
        assert_eq!(starts(&turn), [100, 200]);
    }

    #[test]
    fn a_call_that_was_answered_asks_no_more() {
        let found = |call| FoundWait {
            kind: ReasonKind::Permission,
            source: Source::SessionFile,
            call,
            dated: time(100),
            since: time(100),
        };
        let first = follow(None, &found(Some("a")), |_| true, time(200));
        let still = follow(Some(first.clone()), &found(None), |_| true, time(300));
        assert_eq!(still.since(), time(100), "it is not known for a moment");
        let next = follow(Some(first), &found(None), |_| false, time(300));
        assert_eq!(next.since(), time(300));
    }
}
