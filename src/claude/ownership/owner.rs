//! Which transcript belongs to a process that has no session file. Pure.
//!
//! Versions up to 2.1.50 say nowhere which process writes which transcript, except in the debug
//! log of some. What is left are times and exclusion; where those leave a choice, none is made.

use super::transcript_head::{MADE_BEFORE_PROMPT, TranscriptHead};
use crate::session::Timestamp;
use chrono::TimeDelta;

/// A transcript that is made with its process is made within this time of its start (2.0.77: 1.3 to
/// 2.3 s).
const MAX_CREATION_DELAY: TimeDelta = TimeDelta::seconds(8);

/// Clocks of process starts and of files differ by less.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::milliseconds(500);

/// What is known of a process and its surroundings.
pub(crate) struct OwnershipInput<'a> {
    pub(crate) now: Timestamp,
    /// When it started.
    pub(crate) started_at: Timestamp,
    /// When the others started that have no session file either and run in the same directory.
    pub(crate) others: &'a [Timestamp],
    /// The transcripts of the directory that no other process is known to hold and that were written
    /// since the process, or one of the others, started.
    pub(crate) heads: &'a [TranscriptHead],
    /// Sessions that debug logs give to other processes.
    pub(crate) logged_others: &'a [String],
    /// The session that its arguments name.
    pub(crate) named: Option<&'a str>,
    /// The session it was known to hold at the last look.
    pub(crate) before: Option<&'a str>,
}

/// Whose transcript it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// This session's, and why, as a clause.
    Session(String, &'static str),
    /// It holds a session, but nothing was submitted yet; perhaps its id.
    Fresh(Option<String>),
    /// Several may be its own.
    Ambiguous,
}

/// Chooses.
pub(crate) fn choose(q: &OwnershipInput<'_>) -> Owner {
    let mine: Vec<&TranscriptHead> = q
        .heads
        .iter()
        .filter(|head| head.written_at >= q.started_at - MAX_CLOCK_SKEW)
        .filter(|head| !q.logged_others.contains(&head.session_id))
        .filter(|head| maker(head, q).is_none_or(|start| start == q.started_at))
        .collect();
    let made: Vec<&TranscriptHead> =
        mine.iter().copied().filter(|head| maker(head, q).is_some()).collect();
    let conversations: Vec<&TranscriptHead> =
        mine.iter().copied().filter(|h| h.is_conversation).collect();
    match conversations.iter().max_by_key(|head| head.written_at) {
        None => fresh(q, &made),
        Some(latest) if q.others.is_empty() => alone(q, &conversations, latest),
        Some(_) => among_others(q, &conversations, &made),
    }
}

/// Nothing was said since the process started, by it or by others that can be told from it.
fn fresh(q: &OwnershipInput<'_>, made: &[&TranscriptHead]) -> Owner {
    match (q.named, made) {
        (Some(id), _) => Owner::Session(id.to_owned(), "its arguments name it"),
        (None, [own]) if own.is_empty => Owner::Fresh(Some(own.session_id.clone())),
        (None, _) => Owner::Fresh(None),
    }
}

/// The process is the only one in its directory: what was written there since is its own, unless
/// another process was there and has ended.
fn alone(
    q: &OwnershipInput<'_>,
    conversations: &[&TranscriptHead],
    latest: &TranscriptHead,
) -> Owner {
    let id = latest.session_id.clone();
    let known = |known: Option<&str>| known == Some(latest.session_id.as_str());
    if conversations.len() == 1 {
        return Owner::Session(id, "the only transcript written in its directory since its start");
    }
    if maker(latest, q).is_some() || latest.begins_with_clear || known(q.before) || known(q.named) {
        return Owner::Session(id, "the last transcript written in its directory");
    }
    Owner::Ambiguous
}

/// Others run in the same directory: only a transcript made with the process is surely its own,
/// and only while none was begun with `/clear` after it.
fn among_others(
    q: &OwnershipInput<'_>,
    conversations: &[&TranscriptHead],
    made: &[&TranscriptHead],
) -> Owner {
    let held = q.before.and_then(|id| conversations.iter().find(|head| head.session_id == id));
    let own = match made {
        [own] if own.is_conversation => Some((*own, "made when the process started")),
        _ => held
            .map(|own| (*own, "known from an earlier look"))
            .or_else(|| Some((by_elimination(q)?, "no other process can have begun it"))),
    };
    match own {
        Some((own, why)) if !is_continued(own, conversations) => {
            Owner::Session(own.session_id.clone(), why)
        }
        Some(_) => Owner::Ambiguous,
        None => match (q.named, made) {
            (Some(id), _) => Owner::Session(id.to_owned(), "its arguments name it"),
            // Its own transcript is empty. Whether it opened another one cannot be told, but then an
            // older one would have been written to.
            (None, [own]) if own.is_empty && conversations.is_empty() => {
                Owner::Fresh(Some(own.session_id.clone()))
            }
            (None, _) => Owner::Ambiguous,
        },
    }
}

/// The conversation that is left for the process when those are given away which only one of the
/// others can have begun: a process began no conversation before it started, and, `/clear` aside,
/// one only.
fn by_elimination<'h>(q: &OwnershipInput<'h>) -> Option<&'h TranscriptHead> {
    let mut starts = vec![q.started_at];
    starts.extend_from_slice(q.others);
    let mut left: Vec<(&TranscriptHead, Vec<usize>)> = q
        .heads
        .iter()
        .filter(|head| head.is_conversation && !head.begins_with_clear)
        .filter(|head| !q.logged_others.contains(&head.session_id))
        .map(|head| (head, beginners(head, q, &starts)))
        .collect();
    let mut own = None;
    while let Some(sure) = left.iter().position(|(_, by)| by.len() == 1) {
        let (head, by) = left.swap_remove(sure);
        if by[0] == 0 {
            own = Some(head);
        }
        for (_, others) in &mut left {
            others.retain(|process| *process != by[0]);
        }
    }
    // One that nobody can have begun is of a process that has ended, or was opened again by any.
    let open_to_any = left.iter().any(|(_, by)| by.is_empty());
    own.filter(|head| !open_to_any && head.written_at >= q.started_at - MAX_CLOCK_SKEW)
}

/// Which of the processes can have begun a conversation.
fn beginners(head: &TranscriptHead, q: &OwnershipInput<'_>, starts: &[Timestamp]) -> Vec<usize> {
    let maker = maker(head, q);
    let can = |start: Timestamp| match maker {
        Some(maker) => start == maker,
        None => head.first_at.is_some_and(|first| first >= start - MAX_CLOCK_SKEW),
    };
    (0..starts.len()).filter(|process| can(starts[*process])).collect()
}

/// The start of the process that a transcript was made with: of those that fit, the last before
/// it. None if it was made for its first prompt, or long after any start.
fn maker(head: &TranscriptHead, q: &OwnershipInput<'_>) -> Option<Timestamp> {
    let made = head.made_at?;
    // Its first record may be on the way: then it was made for that.
    if head.first_at.is_none() && q.now - made <= MADE_BEFORE_PROMPT + MAX_CLOCK_SKEW {
        return None;
    }
    let starts = q.others.iter().copied().chain([q.started_at]);
    starts
        .filter(|start| made >= *start - MAX_CLOCK_SKEW && made - *start < MAX_CREATION_DELAY)
        .max()
}

/// Whether a later conversation began with `/clear` after the last word of this one.
fn is_continued(own: &TranscriptHead, conversations: &[&TranscriptHead]) -> bool {
    conversations.iter().any(|head| {
        head.begins_with_clear && head.first_at.is_some_and(|first| first >= own.written_at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    /// A conversation: its id, when it was made (if with a process), begun and last written.
    fn said(id: &str, made: Option<i64>, first: i64, written: i64) -> TranscriptHead {
        TranscriptHead {
            path: id.into(),
            session_id: id.to_owned(),
            made_at: made.map(time),
            written_at: time(written),
            first_at: Some(time(first)),
            is_conversation: true,
            begins_with_clear: false,
            is_empty: false,
            cwd: None,
        }
    }

    fn empty(id: &str, made: i64) -> TranscriptHead {
        let head = said(id, Some(made), 0, made);
        TranscriptHead { first_at: None, is_conversation: false, is_empty: true, ..head }
    }

    /// `owner`, `-` for none yet, `?` for one that cannot be told.
    fn check(
        started: i64,
        others: &[i64],
        heads: &[TranscriptHead],
        before: Option<&str>,
        want: &str,
    ) {
        let others: Vec<Timestamp> = others.iter().map(|start| time(*start)).collect();
        let owner = choose(&OwnershipInput {
            now: time(1_000_000),
            started_at: time(started),
            others: &others,
            heads,
            logged_others: &["logged".to_owned()],
            named: None,
            before,
        });
        let says = match owner {
            Owner::Session(id, _) | Owner::Fresh(Some(id)) => id,
            Owner::Fresh(None) => "-".to_owned(),
            Owner::Ambiguous => "?".to_owned(),
        };
        assert_eq!(says, want);
    }

    #[test]
    fn one_process_owns_what_was_written_since() {
        check(0, &[], &[], None, "-");
        check(0, &[], &[empty("a", 1500)], None, "a");
        check(0, &[], &[said("a", None, 50_000, 60_000)], None, "a");
        check(100_000, &[], &[said("a", None, 50_000, 60_000)], None, "-");
        check(0, &[], &[said("logged", None, 50_000, 60_000)], None, "-");
        let cleared = TranscriptHead { begins_with_clear: true, ..said("b", None, 70_000, 80_000) };
        check(0, &[], &[said("a", None, 50_000, 60_000), cleared], None, "b");
        let two = [said("a", None, 50_000, 60_000), said("b", None, 70_000, 80_000)];
        check(0, &[], &two, None, "?");
        check(0, &[], &two, Some("b"), "b");
    }

    #[test]
    fn a_transcript_made_with_a_process_is_its_own() {
        let heads = [empty("a", 1400), empty("b", 5400), empty("c", 9500)];
        check(0, &[4000, 8100], &heads, None, "a");
        check(4000, &[0, 8100], &heads, None, "b");
        check(8100, &[0, 4000], &heads, None, "c");
        let heads = [said("a", Some(1400), 20_000, 30_000), empty("b", 5400)];
        check(0, &[4000], &heads, None, "a");
        check(4000, &[0], &heads, None, "b");
    }

    #[test]
    fn what_was_begun_before_the_others_started_is_left() {
        let a = || said("a", None, 5000, 6000);
        let b = || said("b", None, 15_000, 90_000);
        check(0, &[10_000], &[a(), b()], None, "a");
        check(10_000, &[0], &[a(), b()], None, "b");
        let c = || said("c", None, 16_000, 91_000);
        check(0, &[10_000], &[b(), c()], None, "?");
        check(10_000, &[0], &[b(), c()], None, "?");
        check(0, &[10_000], &[b(), c()], Some("c"), "c");
    }

    #[test]
    fn a_transcript_of_the_last_second_may_be_anybodys() {
        check(0, &[995_000], &[empty("x", 999_500)], None, "-");
        check(995_000, &[0], &[empty("x", 999_500)], None, "-");
    }

    #[test]
    fn another_one_may_have_gone_on_with_clear() {
        let cleared = TranscriptHead { begins_with_clear: true, ..said("c", None, 70_000, 80_000) };
        let heads = [said("a", Some(1400), 20_000, 30_000), cleared];
        check(0, &[10_000], &heads, None, "?");
    }
}
