//! The debug logs of a config directory, followed: what they say of sessions, and which process
//! holds which session.

pub mod parse;

use super::input::{self, FileStamp};
use super::session_file::parse::is_session_id;
use super::transcript::tail::{Lines, SECOND_READ_BYTES, Tail};
use crate::session::Timestamp;
use chrono::TimeDelta;
use parse::DebugTurn;
use std::path::{Path, PathBuf};

/// Most logs that are followed at once: a bound, not an expectation.
const MAX_FOLLOWED: usize = 64;

/// How often the directory is looked through for logs that are written again.
const LIST_INTERVAL: TimeDelta = TimeDelta::seconds(2);

/// The debug logs that were written since a process started.
#[derive(Debug, Default)]
pub(crate) struct DebugLogs {
    folder: Option<FileStamp>,
    listed_at: Option<Timestamp>,
    known: Vec<DebugLog>,
}

#[derive(Debug)]
struct DebugLog {
    session_id: String,
    path: PathBuf,
    tail: Tail,
    turn: DebugTurn,
}

impl DebugLogs {
    /// Reads what is new in the logs of `config` that were written since `since`.
    pub(crate) fn look(&mut self, config: &Path, since: Timestamp, now: Timestamp) {
        let folder = config.join("debug");
        let stamp = input::stamp(&folder);
        if stamp.is_none() {
            *self = DebugLogs::default();
            return;
        }
        let old = self.listed_at.is_none_or(|at| now - at >= LIST_INTERVAL || now < at);
        if old || stamp != self.folder {
            self.folder = stamp;
            self.listed_at = Some(now);
            self.find(&folder, since);
        }
        for log in &mut self.known {
            log.tail.look(&log.path, &mut LogLines { turn: &mut log.turn });
        }
    }

    fn find(&mut self, folder: &Path, since: Timestamp) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            let is_log = path.extension().is_some_and(|extension| extension == "txt");
            let id = path.file_stem().and_then(|stem| stem.to_str());
            let Some(id) = id.filter(|id| is_log && is_session_id(id)) else { continue };
            let known = self.known.iter().any(|log| log.session_id == id);
            if !known && self.known.len() < MAX_FOLLOWED && input::is_touched_since(&path, since) {
                let session_id = id.to_owned();
                let (tail, turn) = (Tail::default(), DebugTurn::default());
                self.known.push(DebugLog { session_id, path, tail, turn });
            }
        }
    }

    /// What the log of a session says, and where it is; none if there is none.
    pub(crate) fn of(&self, session_id: &str) -> Option<(&DebugTurn, &Path)> {
        let log = self.known.iter().find(|log| log.session_id == session_id)?;
        log.turn.last.is_some().then_some((&log.turn, log.path.as_path()))
    }

    /// The session that the process of a pid writes about: that of the log which names it and was
    /// written last. `since`: when the process started; a log that ended before is of an earlier
    /// one of the same pid.
    pub(crate) fn session_of(&self, pid: u32, since: Timestamp) -> Option<&str> {
        let mine = self.known.iter().filter(|log| log.turn.pid == Some(pid));
        let alive = mine.filter(|log| log.turn.last.is_some_and(|last| last >= since));
        alive.max_by_key(|log| log.turn.last).map(|log| log.session_id.as_str())
    }

    /// The sessions that other processes write about.
    pub(crate) fn sessions_of_others(&self, pid: u32) -> Vec<String> {
        let others = self.known.iter().filter(|log| log.turn.pid.is_some_and(|own| own != pid));
        others.map(|log| log.session_id.clone()).collect()
    }
}

struct LogLines<'a> {
    turn: &'a mut DebugTurn,
}

impl Lines for LogLines<'_> {
    fn line(&mut self, line: &[u8]) {
        self.turn.take(String::from_utf8_lossy(line).trim_end());
    }

    fn restart(&mut self) {
        *self.turn = DebugTurn::default();
    }

    fn is_enough(&self, length: u64) -> bool {
        // The pid is named at the beginning, and now and then.
        self.turn.pid.is_some() || length >= SECOND_READ_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;
    use std::fs;

    #[test]
    fn tell_which_process_holds_which_session() {
        let dir = tempfile::tempdir().unwrap();
        let debug = dir.path().join("debug");
        fs::create_dir(&debug).unwrap();
        let line = |at: i64, pid: u32| {
            let at = time(at).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            format!("{at} [DEBUG] Writing to temp file: /h/.claude.json.tmp.{pid}.1\n")
        };
        fs::write(debug.join("aaaaaaaa-1.txt"), line(1000, 44)).unwrap();
        fs::write(debug.join("bbbbbbbb-2.txt"), line(1500, 45) + &line(9000, 44)).unwrap();
        fs::write(debug.join("cccccccc-3.txt"), line(2000, 45)).unwrap();
        let mut logs = DebugLogs::default();
        logs.look(dir.path(), time(0), time(10_000));
        assert_eq!(logs.session_of(44, time(0)), Some("bbbbbbbb-2"), "it changed its session");
        assert_eq!(logs.session_of(45, time(0)), Some("cccccccc-3"));
        assert_eq!(logs.session_of(45, time(3000)), None, "an earlier process");
        let mut others = logs.sessions_of_others(44);
        others.sort();
        assert_eq!(others, ["cccccccc-3"]);
        assert!(logs.of("aaaaaaaa-1").is_some() && logs.of("dddddddd-4").is_none());
    }
}
