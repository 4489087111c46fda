//! A transcript on disk, followed and folded.

pub mod conversation;
pub mod failure;
pub mod fold;
pub mod message;
pub mod parse;
pub mod record;
pub mod subagents;
pub mod tail;
pub mod tool;
pub mod turn;

use super::input::FileStamp;
use crate::session::Timestamp;
use crate::session::shared::SharedPath;
use fold::Fold;
use tail::{Lines, ReadOutcome, SECOND_READ_BYTES, Tail};

/// Longest preview, in characters.
const MAX_PREVIEW_CHARS: usize = 200;

/// Longest piece of a text that is looked at, in bytes.
const MAX_TEXT_BYTES: usize = 4096;

/// A transcript that is followed.
#[derive(Debug)]
pub(crate) struct Transcript {
    /// Where it is.
    pub(crate) path: SharedPath,
    tail: Tail,
    fold: Fold,
    side: bool,
    /// Whether anything was appended between the last two reads.
    pub(crate) grows: bool,
}

impl Transcript {
    /// The transcript of a session, or of a subagent (`side`). Nothing is read yet.
    pub(crate) fn new(path: SharedPath, side: bool) -> Transcript {
        Transcript { path, tail: Tail::default(), fold: Fold::new(side), side, grows: false }
    }

    /// Reads what is new. False: the file is not there, or cannot be read.
    pub(crate) fn look(&mut self) -> bool {
        let is_first = self.tail.stamp().is_none();
        let mut lines = Folding { fold: &mut self.fold, side: self.side };
        let outcome = self.tail.look(&self.path, &mut lines);
        if outcome == ReadOutcome::Grown {
            self.fold.settle();
        }
        self.grows = outcome == ReadOutcome::Grown && !is_first;
        outcome != ReadOutcome::Gone
    }

    /// What was read so far.
    pub(crate) fn fold(&self) -> &Fold {
        &self.fold
    }

    /// The stamp of the file when it was read.
    pub(crate) fn stamp(&self) -> Option<FileStamp> {
        self.tail.stamp()
    }

    /// When the file was last written to.
    pub(crate) fn written_at(&self) -> Option<Timestamp> {
        let millis = self.tail.stamp()?.modified_millis();
        chrono::DateTime::from_timestamp_millis(millis)
    }

    /// When the conversation began, if `claude -p` has begun it; as far as its beginning was read.
    pub(crate) fn begun_by_print(&self) -> Option<Timestamp> {
        let facts = self.fold.facts.begins_with_queue.then_some(&self.fold.facts)?;
        facts.first_at.filter(|_| !self.tail.began_inside())
    }

    /// Whether it holds something, but no message within reach of a first read.
    pub(crate) fn is_beyond_reach(&self) -> bool {
        self.tail.began_inside() && !self.fold.is_anchored()
    }
}

struct Folding<'a> {
    fold: &'a mut Fold,
    side: bool,
}

impl Lines for Folding<'_> {
    fn line(&mut self, line: &[u8]) {
        self.fold.take(line);
    }

    fn restart(&mut self) {
        *self.fold = Fold::new(self.side);
    }

    /// With its prompt, all of the turn was read; in a long turn the last message has to do.
    fn is_enough(&self, length: u64) -> bool {
        self.fold.is_anchored()
            && (self.side || self.fold.turn().began.is_some() || length >= SECOND_READ_BYTES)
    }
}

#[cfg(test)]
#[path = "transcript_tests.rs"]
mod tests;
