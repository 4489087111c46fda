//! One session, as it is sent to clients.

pub mod server;
pub mod start;

use super::Timestamp;
use super::key::{HostName, SessionKey};
use super::place::Place;
use super::process::ProcessId;
use super::sanitize::harmless;
use super::shared::{SharedPath, Text};
use super::state::failure::Failure;
use super::state::snooze::Snooze;
use super::state::{Confidence, ReasonKind, StateName};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize, Serializer};
use server::ServerInfo;
use std::path::Path;

/// One session, as `list` and the event stream show it.
///
/// Every text in it is clean: one line, no control or bidirectional formatting characters
/// (see [`super::sanitize::clean`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// The host that it runs on; absent for this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostName>,
    /// Pid of the Claude Code process.
    pub pid: u32,
    /// Its start time in clock ticks since boot; with `pid` it names the process for good.
    #[serde(default)]
    pub start: u64,
    /// Session id; null while the session has not begun, or if it is not known.
    pub session_id: Option<Text>,
    /// Directory of the session.
    pub cwd: Text,
    /// Branch of the git repository it is in.
    pub git_branch: Option<Text>,
    /// What it does.
    pub state: StateName,
    /// What it waits for; only with `needs_input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonKind>,
    /// What it asks, in words: `Bash: git push origin main`; only with `needs_input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Text>,
    /// Since when it is in this state, according to the evidence.
    pub since: Timestamp,
    /// Since when it waits; only with `needs_input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Timestamp>,
    /// How reliable `state` is.
    #[serde(default = "certain", skip_serializing_if = "is_certain")]
    pub confidence: Confidence,
    /// Whether it is stopped by Ctrl-Z (state `T`). `state` says what it was doing then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// Whether it has finished and its window has not had the focus since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unseen: bool,
    /// How long the user has set it aside; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<Snooze>,
    /// When it last gave a sign of life; only with `working`, and if that is longer ago than the user
    /// wants to know (`notify.stalled_after`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stalled_since: Option<Timestamp>,
    /// The prompt of it that can be answered from elsewhere; absent if there is none, or several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Box<PromptBrief>>,
    /// Since when its host is out of reach; absent while it is not. `state` is `unknown` then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_since: Option<Timestamp>,
    /// What was said last, in one short line.
    pub preview: Text,
    /// Name of the workspace that shows it; null if that is not known or it is not shown.
    pub workspace: Option<Text>,
    /// The user's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// Where it is shown, in detail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Box<Place>>,
    /// The servers that listen for it, without auxiliary ports.
    #[serde(default, skip_serializing_if = "<[ServerInfo]>::is_empty")]
    pub servers: Box<[ServerInfo]>,
    /// What else its files say about it.
    #[serde(flatten)]
    pub details: Details,
}

/// A prompt that can be answered, in short; `vmux pending` prints all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptBrief {
    /// The id that an answer names.
    pub id: String,
    /// The call that is to be allowed or denied, whole, in one line. Absent if it is longer, or if
    /// something else is asked: then nobody can judge it by a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// What answers it once, from a button on the phone. It never leaves vmuxd with the session.
    #[serde(skip)]
    pub token: Option<String>,
}

/// What else a session's files say about it. Every field is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The session's own name or title (`/rename`, `--name`, a generated title).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Whether a person chose `name`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub named_by_user: bool,
    /// Version of Claude Code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
    /// `interactive`, `headless` (`-p`), `sdk`, `background`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Text>,
    /// Pid of the session whose tool started this one, or that leads its agent team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_pid: Option<u32>,
    /// What its agent team calls it, if it is a teammate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<Text>,
    /// The agent team that it belongs to, if it is a teammate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Text>,
    /// Why its last turn ended before its work was done; only while nothing was submitted since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Box<Failure>>,
    /// Model of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Text>,
    /// `default`, `plan`, `acceptEdits`, `bypassPermissions`, `auto` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission_mode: Option<Text>,
    /// The last prompt, in one short line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_prompt: Option<Text>,
    /// The tool that runs, or the current todo, in a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Text>,
    /// Background shells still running.
    #[serde(skip_serializing_if = "is_zero")]
    pub background_shells: u32,
    /// Subagents still running.
    #[serde(skip_serializing_if = "is_zero")]
    pub subagents: u32,
    /// Tokens in the context at the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
    /// The transcript.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "path_as_text")]
    pub transcript: Option<SharedPath>,
    /// Claude Code's config directory for this process.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "path_as_text")]
    pub config_dir: Option<SharedPath>,
}

impl SessionInfo {
    /// Why its last turn ended before its work was done, while nothing goes on since.
    pub fn failure(&self) -> Option<&Failure> {
        self.details.failure.as_deref().filter(|_| self.state == StateName::Idle)
    }

    /// Moves all its times.
    pub fn shift(&mut self, by: TimeDelta) {
        let snoozed = self.snoozed.iter_mut().flat_map(|it| [&mut it.until, &mut it.state_since]);
        let resets = self.details.failure.iter_mut().map(|it| &mut it.resets_at);
        self.servers.iter_mut().for_each(|it| it.shift(by));
        let times = [&mut self.waiting_since, &mut self.stalled_since];
        for time in snoozed.chain(resets).chain(times).flatten().chain([&mut self.since]) {
            // A time that is out of range was wrong before.
            *time = time.checked_add_signed(by).unwrap_or(*time);
        }
    }

    /// The key of the session.
    pub fn key(&self) -> SessionKey {
        SessionKey { host: self.host, process: ProcessId { pid: self.pid, start: self.start } }
    }
}

/// Serialises a path as text. A path may contain any bytes; one that is not UTF-8 must not make the
/// whole frame fail.
pub(crate) fn path_as_text<P: AsRef<Path>, S: Serializer>(
    path: &Option<P>,
    to: S,
) -> Result<S::Ok, S::Error> {
    path.as_ref().map(|path| harmless(&path.as_ref().to_string_lossy())).serialize(to)
}

pub(crate) fn certain() -> Confidence {
    Confidence::Certain
}

pub(crate) fn is_certain(confidence: &Confidence) -> bool {
    *confidence == Confidence::Certain
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A session for tests: process `pid` in `state` since so many minutes before noon.
#[cfg(test)]
pub fn sample(pid: u32, state: super::state::StateName, minutes: i64) -> SessionInfo {
    let noon = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let since = noon - chrono::TimeDelta::minutes(minutes);
    SessionInfo {
        host: None,
        pid,
        start: 0,
        session_id: Some(format!("{pid:08x}-0000-4000-8000-000000000000").into()),
        cwd: "/home/u/src/vmux".into(),
        git_branch: Some("main".into()),
        state,
        reason: None,
        detail: None,
        since,
        waiting_since: (state == super::state::StateName::NeedsInput).then_some(since),
        confidence: Confidence::Certain,
        suspended: false,
        unseen: false,
        snoozed: None,
        stalled_since: None,
        prompt: None,
        stale_since: None,
        preview: Text::default(),
        workspace: None,
        label: None,
        place: None,
        servers: Box::default(),
        details: Details::default(),
    }
}
