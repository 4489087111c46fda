//! Values for the tests of this room.

use crate::session::Timestamp;
use crate::session::process::{Candidate, Environment, Process, ProcessId};
use std::path::Path;

/// `2026-11-20T16:00:00Z` plus `millis`.
pub(crate) fn time(millis: i64) -> Timestamp {
    chrono::DateTime::from_timestamp_millis(1_795_190_400_000 + millis).unwrap()
}

/// A session's process: native, interactive, started at `time(0)`.
pub(crate) fn candidate(pid: u32) -> Candidate {
    Candidate {
        process: Process {
            id: ProcessId { pid, start: 1000 },
            ppid: 1,
            comm: "claude".into(),
            state: 'S',
            leader: 1,
            tty: 34816,
            image: 0,
        },
        started_at: time(0),
        argv: vec!["claude".to_owned()].into(),
        argv_bytes: 0,
        exe: Some(Path::new("/home/dev/.local/share/claude/versions/2.1.329").into()),
        cwd: Some(Path::new("/home/dev/proj").into()),
        env: Environment::default(),
        inner_pid: pid,
        is_fed: false,
        shows_output: Some(true),
        inner_start: 1000,
        root: Path::new("/").into(),
    }
}
