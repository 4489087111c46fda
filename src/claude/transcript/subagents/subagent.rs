//! One subagent: its transcript, and the file beside it that says whether it has finished
//! (`"finished": true` in `agent-*.meta.json`, 2.1.329).

use crate::claude::input::json;
use crate::claude::input::{self, FileStamp};
use crate::claude::transcript::Transcript;
use crate::claude::transcript::turn::{OPEN_END_AFTER, Phase, Turn};
use crate::session::Timestamp;
use std::path::PathBuf;

/// Largest `meta.json` that is read.
const MAX_META_BYTES: u64 = 64 * 1024;

/// A subagent, as far as its files were read.
#[derive(Debug)]
pub(super) struct Subagent {
    /// What it has written.
    pub transcript: Transcript,
    meta: PathBuf,
    meta_stamp: Option<FileStamp>,
    finished: bool,
}

impl Subagent {
    /// One whose transcript is this file, not read yet.
    pub(super) fn new(path: PathBuf) -> Subagent {
        Subagent {
            meta: path.with_extension("meta.json"),
            meta_stamp: None,
            transcript: Transcript::new(path.into(), true),
            finished: false,
        }
    }

    /// Reads what is new of it.
    pub(super) fn look(&mut self) {
        self.transcript.look();
        let stamp = input::stamp(&self.meta);
        if stamp != self.meta_stamp {
            self.meta_stamp = stamp;
            self.finished = input::read_small(&self.meta, MAX_META_BYTES)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .is_some_and(|text| {
                    json::pick(&text, &["finished"]).is_some_and(|[finished]| json::flag(finished))
                });
        }
    }

    /// Where its turn stands.
    pub(super) fn turn(&self) -> &Turn {
        self.transcript.fold().turn()
    }

    /// Whether it works at `now`.
    pub(super) fn is_running(&self, now: Timestamp) -> bool {
        if self.finished || self.is_warm_up() {
            return false;
        }
        match self.turn().phase {
            Phase::Request | Phase::Tools => true,
            Phase::Said => self.transcript.written_at().is_none_or(|at| now - at < OPEN_END_AFTER),
            Phase::Nothing | Phase::Over(_) => false,
        }
    }

    /// Whether it has worked and has stopped, or its file is gone.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        let began = self.finished || self.turn().phase != Phase::Nothing;
        self.transcript.stamp().is_none() || (began && !self.is_running(now))
    }

    /// 2.0.77 warms up three subagents at every start; no work depends on them.
    fn is_warm_up(&self) -> bool {
        self.transcript.fold().facts.first_prompt.as_deref() == Some("Warmup")
    }
}
