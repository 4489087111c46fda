//! `sessions/<pid>.json`: what a running Claude Code says of itself. Parsing only.
//!
//! Seen from 2.1.75 on (absent in 2.1.50); with `status` from 2.1.119 at the latest. It is written
//! in place, so a read may catch it half-way: only a whole JSON object counts, never a part of one.

use crate::claude::input::json;
use crate::session::Timestamp;
use crate::session::process::Candidate;
use crate::session::shared::{SharedPath, Text};
use chrono::TimeDelta;
use std::path::Path;

/// What the file holds. Fields of other shapes count as absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SessionFile {
    /// The pid as the process sees it.
    pub(crate) pid: Option<u64>,
    /// The session it holds now.
    pub(crate) session_id: Option<Text>,
    /// Directory of the session: follows `/cd` and worktrees, not a `cd` of the Bash tool.
    pub(crate) cwd: Option<SharedPath>,
    /// When the session's program had started.
    pub(crate) started_at: Option<Timestamp>,
    /// Field 22 of `/proc/PID/stat` (from 2.1.119); 0 if it is no number.
    pub(crate) proc_start: Option<u64>,
    /// Version of Claude Code (from 2.1.119).
    pub(crate) version: Option<Text>,
    /// `interactive`, `bg`, `daemon`, `daemon-worker`.
    pub(crate) kind: Option<Text>,
    /// `cli`, `sdk-cli` (`-p`), `sdk-ts`, `sdk-py` …
    pub(crate) entrypoint: Option<Text>,
    /// What it does (from 2.1.119; SDK sessions may have none).
    pub(crate) status: Option<SessionStatus>,
    /// What it waits for; counts only while `status` is `waiting`.
    pub(crate) waiting_for: Option<Text>,
    /// When `status` took its value.
    pub(crate) status_at: Option<Timestamp>,
    /// When the file was written last; what older versions have instead.
    pub(crate) updated_at: Option<Timestamp>,
    /// When the file was written, if that is known.
    pub(crate) written: Option<Timestamp>,
    /// Name of the session.
    pub(crate) name: Option<Text>,
    /// Whether a person chose `name`.
    pub(crate) named_by_user: bool,
    /// A pre-started worker that holds no conversation.
    pub(crate) spare: bool,
}

/// The values of `status` that were seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionStatus {
    /// A turn runs.
    Busy,
    /// The prompt is free.
    Idle,
    /// The prompt is free and a background shell runs.
    Shell,
    /// A dialog is open.
    Waiting,
    /// A word of a version that vmux does not know.
    Other(Text),
}

/// The file does not hold one whole JSON object: it was read while it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Torn;

json::members! {
    /// The members of the file that matter, raw.
    struct FileMembers {
        pid: "pid",
        session_id: "sessionId",
        cwd: "cwd",
        started_at: "startedAt",
        proc_start: "procStart",
        version: "version",
        kind: "kind",
        entrypoint: "entrypoint",
        status: "status",
        waiting_for: "waitingFor",
        status_at: "statusUpdatedAt",
        updated_at: "updatedAt",
        name: "name",
        name_source: "nameSource",
        spare: "spare",
    }
}

/// Reads the content of a session file.
pub(crate) fn parse(bytes: &[u8]) -> Result<SessionFile, Torn> {
    let json = std::str::from_utf8(bytes).map_err(|_| Torn)?;
    let raw = FileMembers::pick(json).ok_or(Torn)?;
    let text = |raw| json::text(raw).map(|text| Text::from(&*text));
    let start = json::text(raw.proc_start).map(|text| text.parse().unwrap_or_default());
    Ok(SessionFile {
        pid: json::number(raw.pid),
        session_id: text(raw.session_id).filter(|id| is_session_id(id)),
        cwd: text(raw.cwd).filter(|cwd| cwd.starts_with('/')).map(|cwd| Path::new(&*cwd).into()),
        started_at: json::epoch(raw.started_at),
        proc_start: start.or_else(|| json::number(raw.proc_start)),
        version: text(raw.version),
        kind: text(raw.kind),
        entrypoint: text(raw.entrypoint),
        status: json::text(raw.status).map(|word| SessionStatus::from_word(&word)),
        waiting_for: text(raw.waiting_for),
        status_at: json::epoch(raw.status_at),
        updated_at: json::epoch(raw.updated_at),
        written: None,
        name: text(raw.name).filter(|name| !name.is_empty()),
        named_by_user: json::text(raw.name_source).as_deref() == Some("user"),
        spare: json::flag(raw.spare),
    })
}

/// Whether a text can be a session id, and so part of a file name.
pub(crate) fn is_session_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl SessionStatus {
    fn from_word(word: &str) -> SessionStatus {
        match word {
            "busy" => SessionStatus::Busy,
            "idle" => SessionStatus::Idle,
            "shell" => SessionStatus::Shell,
            "waiting" => SessionStatus::Waiting,
            _ => SessionStatus::Other(word.into()),
        }
    }
}

/// Why a session file is not that of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// It names another pid.
    Pid,
    /// It is of an earlier process of the same pid: a killed Claude Code leaves its file behind for
    /// ever.
    Earlier,
    /// It is of a later process of the same pid: each container begins with 1
    /// (findings/claude-containers-share-one-session-file.sh).
    Later,
}

impl Mismatch {
    /// The same, as a clause.
    pub(crate) fn says(self) -> &'static str {
        match self {
            Mismatch::Pid => "it names another pid",
            Mismatch::Earlier => "it belongs to an earlier process of the same pid",
            Mismatch::Later => {
                "a later process of the same pid, in another container, wrote over it"
            }
        }
    }
}

/// The wall clock of a process start is off by as much as the clock was set since boot.
const CLOCK_SLACK: TimeDelta = TimeDelta::seconds(10);

/// A time that lies further ahead is not believed: clocks of one machine are one clock.
const MAX_AHEAD: TimeDelta = TimeDelta::seconds(2);

/// What a session waits for while a dialog is open of which the file says no more.
pub(crate) const UNNAMED_DIALOG: &str = "dialog open";

impl SessionFile {
    /// Takes for the time of the status the first that can be true of a process which began at `began`:
    /// the one it names, that of the last change, or, if the status was not the same `before`, when the
    /// file was `written`.
    pub(crate) fn date(
        &mut self,
        began: Timestamp,
        written: Option<Timestamp>,
        before: Option<&SessionFile>,
        now: Timestamp,
    ) {
        let can_be = |at: &Timestamp| *at >= began - CLOCK_SLACK && *at <= now + MAX_AHEAD;
        let same =
            before.filter(|it| it.status == self.status && it.waiting_for == self.waiting_for);
        let kept = same.and_then(|it| it.status_at);
        let told = self.status_at.filter(can_be).or(self.updated_at.filter(can_be));
        self.status_at = told.or(kept).or(written.filter(can_be));
        self.written = written;
    }

    /// Whether a dialog is open of which it says no more.
    pub(crate) fn is_dialog_unnamed(&self) -> bool {
        self.waiting_for.as_deref() == Some(UNNAMED_DIALOG)
    }

    /// Whether its session id may be that of a conversation the user has left: so in versions that
    /// write neither status nor version into it (2.1.75, 2.1.100).
    pub(crate) fn may_be_behind(&self) -> bool {
        self.status.is_none() && self.version.is_none()
    }

    /// Why the file is not this process's own; none if it is.
    pub(crate) fn mismatch(&self, subject: &Candidate) -> Option<Mismatch> {
        if self.pid.is_some_and(|pid| pid != u64::from(subject.inner_pid)) {
            return Some(Mismatch::Pid);
        }
        if let Some(ticks) = self.proc_start {
            // The offset of a time namespace is not one of whole ticks.
            let slack = u64::from(subject.inner_start != subject.process.id.start);
            return match ticks.abs_diff(subject.inner_start) <= slack {
                true => None,
                false if ticks > subject.inner_start => Some(Mismatch::Later),
                false => Some(Mismatch::Earlier),
            };
        }
        // Without procStart: the program cannot have started before its process. The wall clock
        // of a process start is off by as much as the clock was set since boot, hence the slack.
        let earlier = self.started_at.is_some_and(|at| at < subject.started_at - CLOCK_SLACK);
        earlier.then_some(Mismatch::Earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::{candidate, time};

    const WHOLE: &str = r#"{"pid":44,"sessionId":"126608e8-77e9-49b7-90af-2f2c24d6777d",
        "cwd":"/home/dev/proj","startedAt":1795190400100,"procStart":"1000","version":"2.1.329",
        "kind":"interactive","entrypoint":"cli","name":"proj-d5","nameSource":"derived",
        "status":"waiting","updatedAt":1795190401000,"statusUpdatedAt":1795190400900,
        "waitingFor":"permission prompt","peerFeatures":["x"],"asksForConvertedSkills":null}"#;

    #[test]
    fn reads_a_whole_file() {
        let file = parse(WHOLE.as_bytes()).unwrap();
        assert_eq!(file.session_id.as_deref(), Some("126608e8-77e9-49b7-90af-2f2c24d6777d"));
        assert_eq!(file.status, Some(SessionStatus::Waiting));
        assert_eq!(file.status_at, Some(time(900)));
        assert_eq!(file.mismatch(&candidate(44)), None);
    }

    #[test]
    fn a_torn_file_is_torn() {
        let longer = format!("{}97,\"waitingFor\":\"permission prompt\"}}", WHOLE);
        for torn in ["", " ", "\0\0\0", "null", &WHOLE[..100], &longer, "{}}"] {
            assert_eq!(parse(torn.as_bytes()), Err(Torn), "{torn}");
        }
        assert_eq!(parse(b"{\"name\":\"\xff\"}"), Err(Torn));
    }

    #[test]
    fn wrong_shapes_count_as_absent() {
        let file = parse(
            br#"{"pid":"44","sessionId":"../../etc/passwd","status":7,"name":[],"cwd":"x",
                "statusUpdatedAt":null,"updatedAt":1795190400,"spare":"yes","procStart":1000}"#,
        )
        .unwrap();
        let want = SessionFile {
            updated_at: Some(time(0)),
            proc_start: Some(1000),
            ..SessionFile::default()
        };
        assert_eq!(file, want);
    }

    #[test]
    fn a_time_that_cannot_be_is_not_believed() {
        let (began, now, written) = (time(0), time(60_000), Some(time(50_000)));
        let dated = |text: &str, before: Option<&SessionFile>| {
            let mut file = parse(text.as_bytes()).unwrap();
            file.date(began, written, before, now);
            file
        };
        let at = |text: &str| dated(text, None).status_at;
        let told = r#"{"status":"idle","statusUpdatedAt":1795190405000,"updatedAt":1795190409000}"#;
        assert_eq!(at(told), Some(time(5_000)));
        for odd in ["0", "-1", "null", "true", "\"x\"", "{}", "1e99", "1795190600000"] {
            let text = told.replace("1795190405000", odd);
            assert_eq!(at(&text), Some(time(9_000)), "{odd}");
            let text = text.replace("1795190409000", odd);
            assert_eq!(at(&text), written, "{odd}");
        }
        assert_eq!(at(r#"{"status":"idle","updatedAt":1795190409}"#), Some(time(9_000)));
        let first = dated(r#"{"status":"waiting","waitingFor":"x"}"#, None);
        let first = SessionFile { status_at: Some(time(40_000)), ..first };
        let again = r#"{"status":"waiting","waitingFor":"x"}"#;
        assert_eq!(dated(again, Some(&first)).status_at, Some(time(40_000)), "the same wait");
        let other = again.replace("\"x\"", "\"y\"");
        assert_eq!(dated(&other, Some(&first)).status_at, written);
    }

    #[test]
    fn a_leftover_is_not_ours() {
        let mut file = parse(WHOLE.as_bytes()).unwrap();
        assert!(file.mismatch(&candidate(45)).is_some());
        file.proc_start = Some(999);
        assert!(file.mismatch(&candidate(44)).is_some());
        file.proc_start = Some(86_401_000);
        let mut shifted = candidate(44);
        shifted.inner_start = 86_401_001;
        assert_eq!(file.mismatch(&shifted), None);
        shifted.inner_start = 86_401_002;
        assert!(file.mismatch(&shifted).is_some());
        file.proc_start = None;
        assert_eq!(file.mismatch(&candidate(44)), None);
        file.started_at = Some(time(-60_000));
        assert!(file.mismatch(&candidate(44)).is_some());
    }
}
