//! Sessions that are about to begin, and those that ran before.

use crate::session::Timestamp;
use serde::{Deserialize, Serialize};

/// One step of a start. Every text in it is clean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartStep {
    /// The name that the session will have.
    pub name: String,
    /// The session id that it will have, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Which step.
    pub step: StepName,
    /// What became of it.
    pub state: StepState,
    /// More, in one line: a path, a pid, why it failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
    /// How many steps are done.
    pub done: u32,
    /// How many steps there are.
    pub of: u32,
}

/// The steps, in their order. Not every start has all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Its directory is there.
    Directory,
    /// A worktree of its own is made.
    Worktree,
    /// Its tmux session, its window, or what holds it in the background.
    Place,
    /// Claude Code runs.
    Runs,
    /// Its prompt is free, or it asks for something.
    Ready,
    /// A step of a newer vmux.
    #[serde(other)]
    Other,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It is done.
    Done,
    /// The session asks the user for something.
    Asks,
    /// It failed; there are no more steps.
    Failed,
    /// A state of a newer vmux.
    #[serde(other)]
    Other,
}

impl StepName {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            StepName::Directory => "directory",
            StepName::Worktree => "worktree",
            StepName::Place => "place",
            StepName::Runs => "runs",
            StepName::Ready => "ready",
            StepName::Other => "step",
        }
    }
}

/// A session that ran before and does not run now. Its texts are clean, but for `cwd`, which may be any path
/// of UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastSession {
    /// The session that `--resume` takes up again.
    pub session_id: String,
    /// The directory to do that in.
    pub cwd: String,
    /// Its label, or the name that a person gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The tmux session it was in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tmux: Option<String>,
    /// The workspace that showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// What was said last, in one short line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub preview: String,
    /// Claude Code's config directory, if it is not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_dir: Option<String>,
    /// When it was last seen to run.
    pub seen: Timestamp,
    /// Whether it was cut off: by a reboot, or with the terminal or multiplexer it was in, not by the user.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost: bool,
}
