//! The session file of one process, read again and again.

pub mod ended;
pub mod parse;

use super::input;
use super::verdict::evidence::SessionFileEvidence;
use crate::session::Timestamp;
use crate::session::process::Candidate;
use chrono::TimeDelta;
use parse::{Mismatch, SessionFile};
use std::io;
use std::path::{Path, PathBuf};

/// Largest session file that is read; today's are below 1 KB.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// A file that holds no whole object for longer than this is damaged, not being written.
const MAX_TORN: TimeDelta = TimeDelta::seconds(2);

/// A session has begun within this time of its process, on a slow machine.
const MAX_START: TimeDelta = TimeDelta::seconds(30);

/// Clocks of process starts and of files differ by less.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::seconds(1);

/// The session file of one process.
///
/// It is read at every inspection, not only when its times change: two writes within one tick of
/// the file system's clock leave the same times.
#[derive(Debug, Default)]
pub(crate) struct SessionFileReader {
    good: Option<SessionFile>,
    foreign: Option<Mismatch>,
    torn_since: Option<Timestamp>,
    damaged: bool,
    /// Since when it is known not to be there.
    gone_since: Option<Timestamp>,
}

impl SessionFileReader {
    /// Where it is.
    pub(crate) fn path(config: &Path, subject: &Candidate) -> PathBuf {
        config.join("sessions").join(format!("{}.json", subject.inner_pid))
    }

    /// Whether the file in `config` names this very process, by its pid and its start. Versions before
    /// 2.1.119 name only when they had begun: no other process of that pid can have begun just then.
    pub(crate) fn names_exactly(config: &Path, subject: &Candidate) -> bool {
        let bytes = input::read_small(&SessionFileReader::path(config, subject), MAX_FILE_BYTES);
        let file = bytes.ok().and_then(|bytes| parse::parse(&bytes).ok());
        file.is_some_and(|file| {
            let began = file.started_at.map(|at| at - subject.started_at);
            let is_told = began.is_some_and(|after| after.abs() < MAX_START);
            file.mismatch(subject).is_none() && (file.proc_start.is_some() || is_told)
        })
    }

    /// Whether the process has written its key beside the file: `<pid>.<hash>.key`. One that is older
    /// than the process is left from an earlier one of the same pid.
    pub(crate) fn has_key(config: &Path, subject: &Candidate) -> bool {
        let start = format!("{}.", subject.inner_pid);
        let is_key = |name: &str| name.starts_with(&start) && name.ends_with(".key");
        let entries = std::fs::read_dir(config.join("sessions")).into_iter().flatten().flatten();
        let mut keys = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_key));
        keys.any(|key| input::is_touched_since(&key.path(), subject.started_at - MAX_CLOCK_SKEW))
    }

    /// Reads it.
    pub(crate) fn look(&mut self, path: &Path, subject: &Candidate, now: Timestamp) {
        let bytes = match input::read_small(path, MAX_FILE_BYTES) {
            Ok(bytes) => bytes,
            Err(error) => {
                let is_gone = error.kind() == io::ErrorKind::NotFound;
                self.gone_since = is_gone.then(|| self.gone_since.unwrap_or(now));
                self.damaged = !is_gone;
                self.torn_since = None;
                return;
            }
        };
        let gone_since = self.gone_since.take();
        match parse::parse(&bytes) {
            Ok(mut file) => {
                let written = input::stamp(path).map(|stamp| stamp.modified_millis());
                let written = written.and_then(Timestamp::from_timestamp_millis);
                file.date(subject.started_at, written, self.good.as_ref(), now);
                self.foreign = file.mismatch(subject);
                if self.foreign.is_some() && self.good.is_some() {
                    self.gone_since = gone_since.or(Some(now));
                }
                if self.foreign.is_none() && self.good.as_ref() != Some(&file) {
                    self.good = Some(file);
                }
                self.torn_since = None;
                self.damaged = false;
            }
            Err(parse::Torn) => {
                let since = *self.torn_since.get_or_insert(now);
                self.damaged = now - since > MAX_TORN;
            }
        }
    }

    /// What became of it.
    pub(crate) fn state(&self) -> SessionFileEvidence<'_> {
        match (&self.good, self.gone_since) {
            (None, Some(_)) => SessionFileEvidence::Absent,
            (Some(_), Some(since)) => SessionFileEvidence::Vanished(since),
            _ if self.damaged => SessionFileEvidence::Damaged,
            _ if self.torn_since.is_some() => SessionFileEvidence::Torn,
            _ => match (self.foreign, &self.good) {
                (Some(why), _) => SessionFileEvidence::Foreign(why),
                (None, Some(file)) => SessionFileEvidence::Says(file),
                (None, None) => SessionFileEvidence::Absent,
            },
        }
    }

    /// The last whole content that was this process's own.
    pub(crate) fn last(&self) -> Option<&SessionFile> {
        self.good.as_ref()
    }
}
