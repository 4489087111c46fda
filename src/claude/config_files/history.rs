//! The history of prompts, `history.jsonl`: whether the user typed the command that opened a menu, and
//! what was submitted last.
//!
//! Claude Code writes what is submitted at the prompt there at once (2.1.332: 48 and 109 ms before the
//! status `waiting` of the menu), commands too, which stand in no transcript while their menu is open.

use crate::claude::input::{self, FileStamp, json};
use crate::session::Timestamp;
use chrono::TimeDelta;
use std::path::Path;

/// How much of its end is read: a few hundred prompts.
const TAIL_BYTES: u64 = 64 * 1024;

/// A menu opens within this time of its command.
const MENU_WITHIN: TimeDelta = TimeDelta::seconds(3);

/// A command may be written this much later than its menu opens, on a busy machine (0.1 s at a load of 37).
const WRITTEN_WITHIN: TimeDelta = TimeDelta::seconds(2);

/// A command that Claude Code submits itself, to open its choice at a usage limit (2.1.332).
const OWN_COMMAND: &str = "/rate-limit-options";

/// A command that asks the model something beside the work, and shows its answer until Esc (2.1.220: over a
/// turn that runs, `dialog open`).
const ASIDE: &str = "/btw";

/// How much later than the menu the time of its command may seem.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::milliseconds(100);

json::members! {
    /// The members of a line that matter, raw.
    struct HistoryMembers {
        display: "display",
        timestamp: "timestamp",
        session_id: "sessionId",
    }
}

/// What is known of the dialog that is open.
#[derive(Debug, Default)]
pub(crate) struct MenuCache {
    known: Option<KnownDialog>,
    /// When the command was typed that the last dialog of the user's came from. A command that was typed
    /// long before its dialog opens one, not several.
    explained: Option<Timestamp>,
}

/// A dialog, in which session it was seen last, and what opened it.
#[derive(Debug)]
struct KnownDialog {
    opened: Timestamp,
    session_id: String,
    typed: Typed,
}

/// When the user typed a command, as seen from a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Just before it opened.
    JustBefore,
    /// `/btw`, whose answer opens when it has come, whatever the session does; and nothing since.
    Aside,
    /// Another one, longer ago, and nothing since.
    Last,
    /// Something else was submitted last.
    No,
}

impl MenuCache {
    /// Whether the user typed the command of the dialog that opened at `opened` in a session of a
    /// process that began at `began`, as far as is known `now`. Read once for each dialog, and
    /// again for a while where nothing was found; none where there is no history. The menu of
    /// `/resume` stays open while the process takes up another conversation, which 2.1.119 gives
    /// the menu another time for.
    pub(crate) fn look(
        &mut self,
        config: &Path,
        session_id: &str,
        opened: Timestamp,
        began: Timestamp,
        now: Timestamp,
    ) -> Option<Typed> {
        let goes_on = |it: &&mut KnownDialog| it.opened == opened || it.session_id != session_id;
        if let Some(known) = self.known.as_mut().filter(goes_on) {
            known.opened = opened;
            session_id.clone_into(&mut known.session_id);
            return Some(known.typed);
        }
        let lines = read(&config.join("history.jsonl"))?;
        let is_new = |(typed, at): &(Typed, Timestamp)| {
            *typed == Typed::JustBefore || self.explained != Some(*at)
        };
        let found = typed(&lines, session_id, opened, began).filter(is_new);
        self.explained = found.map(|(_, at)| at).or(self.explained);
        let typed = found.map_or(Typed::No, |(typed, _)| typed);
        let is_final = typed != Typed::No || now - opened >= WRITTEN_WITHIN;
        self.known =
            is_final.then(|| KnownDialog { opened, session_id: session_id.to_owned(), typed });
        Some(typed)
    }

    /// No dialog is open.
    pub(crate) fn close(&mut self) {
        self.known = None;
    }
}

/// What the user submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Submission {
    pub(crate) at: Timestamp,
    pub(crate) what: Submitted,
}

/// What was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Submitted {
    /// Words for the model.
    Prompt,
    /// `/compact`, which leaves no trace in the transcript before it is over.
    Compact,
    /// Another command, of Claude Code or (after `!`) of the shell.
    Command,
}

/// The last submission of one session, read again when the file has changed.
#[derive(Debug, Default)]
pub(crate) struct LastSubmission {
    known: Option<(String, FileStamp, Option<Submission>)>,
}

impl LastSubmission {
    /// What was submitted last in a session; none where there is no history, or it does not name the
    /// session (1.0.128).
    pub(crate) fn look(&mut self, config: &Path, session_id: &str) -> Option<Submission> {
        let path = config.join("history.jsonl");
        let stamp = input::stamp(&path)?;
        if let Some((id, known, last)) = &self.known
            && (id.as_str(), known) == (session_id, &stamp)
        {
            return *last;
        }
        let last = last_submission(&read(&path)?, session_id);
        self.known = Some((session_id.to_owned(), stamp, last));
        last
    }
}

/// The last of these lines that belongs to a session.
pub(crate) fn last_submission(lines: &[u8], session_id: &str) -> Option<Submission> {
    lines.rsplit(|byte| *byte == b'\n').find_map(|line| {
        let line = String::from_utf8_lossy(line);
        let raw = HistoryMembers::pick(&line)?;
        let is_own = json::text(raw.session_id).as_deref() == Some(session_id);
        let text = json::text(raw.display).filter(|_| is_own)?;
        let text = text.trim();
        let what = match text.strip_prefix("/compact") {
            Some(rest) if rest.is_empty() || rest.starts_with(' ') => Submitted::Compact,
            _ if text.starts_with(['/', '!', '#']) => Submitted::Command,
            _ => Submitted::Prompt,
        };
        Some(Submission { at: json::epoch(raw.timestamp)?, what })
    })
}

/// The end of the file, from the first whole line on.
fn read(path: &Path) -> Option<Vec<u8>> {
    let (file, stamp) = input::open(path).ok()?;
    let start = stamp.size.saturating_sub(TAIL_BYTES);
    let bytes = input::read_at(&file, start, usize::try_from(stamp.size - start).ok()?).ok()?;
    let first = match start {
        0 => 0,
        _ => bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1),
    };
    Some(bytes[first..].to_vec())
}

/// When a command of the session was submitted, by these lines, and how that looks from `opened`; none if
/// something else was submitted last.
pub(crate) fn typed(
    lines: &[u8],
    session_id: &str,
    opened: Timestamp,
    began: Timestamp,
) -> Option<(Typed, Timestamp)> {
    let own = lines.rsplit(|byte| *byte == b'\n').filter_map(|line| {
        let line = String::from_utf8_lossy(line);
        let raw = HistoryMembers::pick(&line)?;
        let at = json::epoch(raw.timestamp)?;
        let is_own = json::text(raw.session_id).as_deref() == Some(session_id);
        let text = json::text(raw.display).filter(|_| is_own && opened - at >= -MAX_CLOCK_SKEW)?;
        Some((at, text.trim().to_owned()))
    });
    let mut is_last = true;
    for (at, text) in own {
        let is_command = is_typed_command(&text);
        if is_command && opened - at <= MENU_WITHIN {
            return Some((Typed::JustBefore, at));
        }
        if is_command && is_last && at >= began {
            let is_aside = text.split_whitespace().next() == Some(ASIDE);
            return Some((if is_aside { Typed::Aside } else { Typed::Last }, at));
        }
        is_last = false;
    }
    None
}

fn is_typed_command(text: &str) -> bool {
    text.starts_with('/') && text != OWN_COMMAND
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;
    use std::fs;

    const ID: &str = "11111111-1111-4111-8111-111111111111";

    fn line(display: &str, at: i64, id: &str) -> String {
        let at = time(at).timestamp_millis();
        format!(
            r#"{{"display":"{display}","pastedContents":{{}},"timestamp":{at},"sessionId":"{id}"}}"#
        ) + "\n"
    }

    #[test]
    fn a_command_just_before_a_menu_opened_it() {
        let check = |lines: &str, want| {
            let found = typed(lines.as_bytes(), ID, time(5000), time(500));
            assert_eq!(found.map(|it| it.0), want, "{lines}");
        };
        let (now, aside, last) = (Typed::JustBefore, Typed::Aside, Typed::Last);
        let (now, aside, last, no) = (Some(now), Some(aside), Some(last), None);
        check(&line("/model", 4950, ID), now);
        check(&(line("/model", 4950, ID) + &line("x", 4960, "other")), now);
        check(&line("/btw and now", 1000, ID), aside);
        check(&(line("/btw and now", 1000, ID) + &line("x", 4960, "other")), aside);
        check(&line("/usage", 1000, ID), last);
        check(&line("/btwx", 1000, ID), last);
        check(&(line("/btw and now", 1000, ID) + &line("go on", 1500, ID)), no);
        check(&line("/exit", 400, ID), no);
        check(&line("/model", 6000, ID), no);
        check(&line("go on", 4950, ID), no);
        check(&line("/model", 4950, "22222222"), no);
        check(&line("/rate-limit-options", 4950, ID), no);
        check(&(line("/model", 4900, ID) + &line("/rate-limit-options", 4950, ID)), now);
        check("", no);
        check("{\"display\":7}\n[]\n\u{0}{{{\n", no);
    }

    #[test]
    fn what_a_session_submitted_last() {
        let check = |lines: &str, want: Option<(Submitted, i64)>| {
            let want = want.map(|(what, at)| Submission { at: time(at), what });
            assert_eq!(last_submission(lines.as_bytes(), ID), want, "{lines}");
        };
        check("", None);
        check(&line("go on", 100, ID), Some((Submitted::Prompt, 100)));
        check(&(line("x", 100, ID) + &line("y", 200, "other")), Some((Submitted::Prompt, 100)));
        let compact = Some((Submitted::Compact, 200));
        check(&(line("x", 100, ID) + &line("/compact ", 200, ID)), compact);
        check(&(line("x", 100, ID) + &line("/compact the tests", 200, ID)), compact);
        check(&line("/compactor", 200, ID), Some((Submitted::Command, 200)));
        check(&line("!make", 200, ID), Some((Submitted::Command, 200)));
        check(
            &(line("x", 100, ID) + "{\"display\":7}\n{{{\n\u{0}"),
            Some((Submitted::Prompt, 100)),
        );
        check(&line("x", 100, ID).replace("timestamp", "at"), None);
    }

    #[test]
    fn only_the_end_of_a_large_history_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut cache = MenuCache::default();
        let later = time(60_000);
        let mut look = |opened| cache.look(dir.path(), ID, time(opened), time(0), later);
        assert_eq!(look(5000), None, "there is none");
        let old = line(&"x".repeat(2000), 0, ID).repeat(200);
        fs::write(dir.path().join("history.jsonl"), old + &line("/model", 4950, ID)).unwrap();
        assert_eq!(look(5000), Some(Typed::JustBefore));
        fs::remove_file(dir.path().join("history.jsonl")).unwrap();
        assert_eq!(look(5000), Some(Typed::JustBefore), "it is known");
        assert_eq!(look(6000), None);
    }

    #[test]
    fn a_menu_outlives_the_conversation_in_which_it_was_opened() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("history.jsonl"), line("/resume", 4950, ID)).unwrap();
        let mut cache = MenuCache::default();
        let look = |cache: &mut MenuCache, id, opened| {
            cache.look(dir.path(), id, time(opened), time(0), time(60_000)).unwrap()
        };
        let resumed = "22222222-2222-4222-8222-222222222222";
        assert_eq!(look(&mut cache, ID, 5000), Typed::JustBefore);
        assert_eq!(look(&mut cache, resumed, 5000), Typed::JustBefore);
        assert_eq!(look(&mut cache, ID, 8000), Typed::JustBefore, "2.1.119 dates it anew");
        assert_eq!(look(&mut cache, ID, 8100), Typed::No, "that is another dialog");
        assert_eq!(look(&mut cache, ID, 5000), Typed::JustBefore);
        cache.close();
        assert_eq!(look(&mut cache, resumed, 5000), Typed::No);
    }

    #[test]
    fn a_command_may_be_written_later_than_its_menu_opens() {
        let dir = tempfile::tempdir().unwrap();
        let write = |lines: String| fs::write(dir.path().join("history.jsonl"), lines).unwrap();
        let mut cache = MenuCache::default();
        let mut look = |now| cache.look(dir.path(), ID, time(5000), time(0), time(now)).unwrap();
        write(line("go on", 1000, ID));
        assert_eq!(look(5040), Typed::No);
        write(line("go on", 1000, ID) + &line("/model", 4500, ID));
        assert_eq!(look(5200), Typed::JustBefore);
        write(line("go on", 1000, ID));
        assert_eq!([look(5300), look(9000)], [Typed::JustBefore; 2]);
        let mut cache = MenuCache::default();
        let mut look = |now| cache.look(dir.path(), ID, time(5000), time(0), time(now)).unwrap();
        assert_eq!(look(7000), Typed::No);
        write(line("/model", 4500, ID));
        assert_eq!(look(7200), Typed::No, "that is too late");
    }

    #[test]
    fn a_command_that_was_typed_long_ago_opens_one_dialog() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("history.jsonl"), line("/btw what", 1000, ID)).unwrap();
        let mut cache = MenuCache::default();
        let later = time(60_000);
        let mut look = |opened| cache.look(dir.path(), ID, time(opened), time(0), later).unwrap();
        assert_eq!([look(7000), look(7000)], [Typed::Aside; 2]);
        assert_eq!(look(9000), Typed::No, "it is of the work");
    }
}
