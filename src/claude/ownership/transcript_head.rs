//! The beginning of a transcript: whose it is and what it began as.

use crate::claude::input;
use crate::claude::input::json;
use crate::claude::input::long_line::LongLine;
use crate::claude::session_file::parse::is_session_id;
use crate::claude::transcript::fold::Fold;
use crate::session::Timestamp;
use crate::session::shared::Text;
use chrono::TimeDelta;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// How much of it is read at least.
const FIRST_READ_BYTES: usize = 64 * 1024;

/// How much is read at once.
const READ_SIZE: usize = 16 * 1024;

/// How much is read at most, while no conversation was found: a first prompt may hold an image.
const MAX_READ_BYTES: u64 = 16 * 1024 * 1024;

/// A file that is so much older than its first record was made before the first prompt: with its
/// process.
pub(crate) const MADE_BEFORE_PROMPT: TimeDelta = TimeDelta::milliseconds(1000);

/// What the beginning of a transcript says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TranscriptHead {
    /// Where the transcript is.
    pub(crate) path: PathBuf,
    /// The id that its name gives.
    pub(crate) session_id: String,
    /// When the file was made, if that was before its first record: then with its process (2.0.77;
    /// of 1.0.128 its list of tasks tells). None if it was made for its first record, or the file
    /// system does not tell.
    pub(crate) made_at: Option<Timestamp>,
    /// When it was last written.
    pub(crate) written_at: Timestamp,
    /// Time of its first record.
    pub(crate) first_at: Option<Timestamp>,
    /// It holds prompts or answers; stubs of summaries and file history do not (docs/facts.md T3).
    pub(crate) is_conversation: bool,
    /// It began with `/clear`, so in a process that held another conversation before.
    pub(crate) begins_with_clear: bool,
    /// It holds nothing at all.
    pub(crate) is_empty: bool,
    /// Directory of its first record.
    pub(crate) cwd: Option<Text>,
}

impl TranscriptHead {
    /// Reads the beginning of the transcript at `path`; none if its name is not that of one.
    pub(crate) fn read(path: &Path) -> Option<TranscriptHead> {
        TranscriptHead::open(path).map(|(head, ..)| head)
    }

    /// Notes when the session was made, as far as `todos` tells: 1.0.128 makes an empty list of
    /// tasks in that directory when its process starts, under the id that its transcript gets with the
    /// first answer (docs/facts.md T23).
    pub(crate) fn look_at_todos(&mut self, todos: &Path) {
        self.made_at = self.made_at.or_else(|| {
            let id = &self.session_id;
            let list = todos.join(format!("{id}-agent-{id}.json"));
            let made = Timestamp::from(std::fs::metadata(list).ok()?.created().ok()?);
            // `/clear` makes one too. What was copied from an older conversation is older as well.
            let is_first = self.first_at.is_some_and(|first| first - made > MADE_BEFORE_PROMPT);
            (is_first && !self.begins_with_clear).then_some(made)
        });
    }

    /// The same with the open file, and when it was made. A birth after the last change is left
    /// out: it means that the file was copied or restored.
    fn open(path: &Path) -> Option<(TranscriptHead, File, Option<Timestamp>)> {
        let session_id = path.file_stem()?.to_str().filter(|id| is_session_id(id))?.to_owned();
        let (file, stamp) = input::open(path).ok()?;
        let (fold, cwd) = read(&file)?;
        let written_at = chrono::DateTime::from_timestamp_millis(stamp.modified_millis())?;
        let first_at = fold.facts.first_at;
        let born = file.metadata().ok()?.created().ok().map(Timestamp::from);
        let born = born.filter(|born| *born <= written_at + MADE_BEFORE_PROMPT);
        let made_at = match (born, first_at) {
            (_, None) if stamp.size == 0 => Some(written_at),
            (Some(born), Some(first)) => {
                Some(born).filter(|born| first - *born > MADE_BEFORE_PROMPT)
            }
            (Some(born), None) => Some(born),
            (None, _) => None,
        };
        let head = TranscriptHead {
            path: path.to_owned(),
            session_id,
            made_at,
            written_at,
            first_at,
            is_conversation: fold.is_anchored(),
            begins_with_clear: fold.facts.begins_with_clear,
            is_empty: stamp.size == 0,
            cwd,
        };
        Some((head, file, born))
    }

    /// Looks at the file again: at all of it while it holds no conversation, else at its times.
    pub(crate) fn renew(&mut self) {
        let Some(written) = self.written_anew() else { return };
        if self.is_conversation {
            self.written_at = written;
        } else if let Some(new) = TranscriptHead::read(&self.path) {
            // When it was made was surely told while it was empty, unless it was empty only because
            // its first record was on the way.
            let early = |made: &Timestamp| {
                new.first_at.is_none_or(|first| first - *made > MADE_BEFORE_PROMPT)
            };
            let made_at = self.made_at.filter(early).or(new.made_at);
            *self = TranscriptHead { made_at, ..new };
        }
    }

    /// When it was last written, if that was after it was read.
    fn written_anew(&self) -> Option<Timestamp> {
        let millis = input::stamp(&self.path)?.modified_millis();
        chrono::DateTime::from_timestamp_millis(millis).filter(|it| *it != self.written_at)
    }

    /// Whether it may become a conversation by what was written since it was read.
    pub(crate) fn is_growing(&self) -> bool {
        !self.is_conversation && self.written_anew().is_some()
    }

    /// Whether it may be a session of a directory.
    pub(crate) fn is_of(&self, cwd: &Path) -> bool {
        self.cwd.as_deref().is_none_or(|own| Path::new(own).starts_with(cwd))
    }
}

/// When the conversation of the transcript at `path` was begun as one of its own: at its first
/// record, or, if that was copied from another one (`/branch` keeps the old times), when its file was
/// made. None if it cannot be read.
pub(crate) fn begun_at(path: &Path) -> Option<Timestamp> {
    let (head, file, born) = TranscriptHead::open(path)?;
    // 1.0.128 writes a conversation that is opened again into a new file, under its old id.
    let bytes = input::read_at(&file, 0, FIRST_READ_BYTES).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let names_another = text.lines().any(|line| {
        let [id] = json::pick(line, &["sessionId"]).unwrap_or([None]);
        json::text(id).is_some_and(|id| *id != *head.session_id)
    });
    head.first_at.max(born.filter(|_| !names_another))
}

/// The beginning of a transcript, folded, and its first directory. It is read line by line, because many
/// sessions that start at once read the same file, each on its own thread.
fn read(file: &File) -> Option<(Fold, Option<Text>)> {
    let mut reader = BufReader::with_capacity(READ_SIZE, file.take(MAX_READ_BYTES));
    let (mut fold, mut cwd) = (Fold::new(false), None);
    let mut taken = 0;
    loop {
        // What is no record, such as the zeros of a sparse file, is not kept.
        let is_record = reader.fill_buf().ok()?.first() == Some(&b'{');
        let length = match is_record {
            true => take_line(&mut reader, &mut fold).ok()?,
            false => reader.skip_until(b'\n').ok()?,
        };
        taken += length;
        if cwd.is_none() {
            cwd.clone_from(&fold.facts.cwd);
        }
        if length == 0 || (fold.is_anchored() && taken >= FIRST_READ_BYTES) {
            return Some((fold, cwd));
        }
    }
}

/// Folds the next line; its length with the line break.
fn take_line(reader: &mut impl BufRead, fold: &mut Fold) -> io::Result<usize> {
    let (mut long, mut length) = (None, 0);
    loop {
        let bytes = reader.fill_buf()?;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let piece = &bytes[..end.unwrap_or(bytes.len())];
        let is_last = end.is_some() || bytes.is_empty();
        if is_last && long.is_none() {
            fold.take(piece);
        } else {
            long.get_or_insert_with(LongLine::default).take(piece);
        }
        let used = piece.len() + usize::from(end.is_some());
        reader.consume(used);
        length += used;
        if is_last {
            if let Some(line) = long.and_then(LongLine::end) {
                fold.take(&line);
            }
            return Ok(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_prompt_may_be_large() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("11111111-1111-4111-8111-111111111111.jsonl");
        let image = "A".repeat(3 * 1024 * 1024);
        let content =
            format!(r#"[{{"type":"image","data":"{image}"}},{{"type":"text","text":"x"}}]"#);
        let at = "2026-11-20T16:00:03Z";
        let line =
            format!(r#"{{"type":"user","timestamp":"{at}","message":{{"content":{content}}}}}"#);
        std::fs::write(&path, line + "\n").unwrap();
        let head = TranscriptHead::read(&path).unwrap();
        assert!(head.is_conversation);
        assert_eq!(head.first_at, Some(crate::claude::testing::time(3000)));
    }

    #[test]
    fn a_list_of_tasks_tells_when_a_session_was_made() {
        let dir = tempfile::tempdir().unwrap();
        let id = "11111111-1111-4111-8111-111111111111";
        let path = dir.path().join(format!("{id}.jsonl"));
        let said = |seconds, words: &str| {
            let at = (chrono::Utc::now() + TimeDelta::seconds(seconds)).to_rfc3339();
            let line = format!(
                r#"{{"type":"user","timestamp":"{at}","message":{{"content":"{words}"}}}}"#
            );
            std::fs::write(&path, line + "\n").unwrap();
            TranscriptHead { made_at: None, ..TranscriptHead::read(&path).unwrap() }
        };
        let todos = dir.path().join("todos");
        let made_at = |mut head: TranscriptHead| {
            head.look_at_todos(&todos);
            head.made_at
        };
        assert_eq!(made_at(said(60, "x")), None, "there is none");
        std::fs::create_dir(&todos).unwrap();
        std::fs::write(todos.join(format!("{id}-agent-{id}.json")), "[]").unwrap();
        assert!(made_at(said(60, "x")).is_some());
        assert_eq!(made_at(said(-60, "x")), None, "it was copied");
        let cleared = TranscriptHead { begins_with_clear: true, ..said(60, "x") };
        assert_eq!(made_at(cleared), None);
        let known = Some(crate::claude::testing::time(0));
        assert_eq!(made_at(TranscriptHead { made_at: known, ..said(60, "x") }), known);
    }

    #[test]
    fn what_is_no_record_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("11111111-1111-4111-8111-111111111111.jsonl");
        let line =
            r#"{"type":"user","timestamp":"2026-11-20T16:00:03Z","message":{"content":"x"}}"#;
        let zeros = "\0".repeat(1024 * 1024);
        std::fs::write(&path, format!("{zeros}\nnoise\n\n{line}")).unwrap();
        assert!(TranscriptHead::read(&path).unwrap().is_conversation);
        std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let head = TranscriptHead::read(&path).unwrap();
        assert!(!head.is_conversation && !head.is_empty);
    }
}
