//! Requests about sessions that are to begin, to end, or to be taken up again.

use serde::{Deserialize, Serialize};

/// Arguments of `reserve`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveRequest {
    /// The name that a new session is to have.
    pub name: String,
    /// The session id that it will have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Whether only to say if the name can be had.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub check: bool,
    /// Whether it is kept for as long as the connection stays, and no longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hold: bool,
}

/// Arguments of `end`: a session of this machine, as `list` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndRequest {
    /// Its pid.
    pub pid: u32,
    /// Its start time in clock ticks since boot.
    pub start: u64,
}

/// Arguments of `move`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveRequest {
    /// The pid of a session of this machine.
    pub pid: u32,
    /// Its start time in clock ticks since boot.
    pub start: u64,
    /// The name of the workspace.
    pub workspace: String,
}

/// Arguments of `new`. Its texts become arguments of programs, never words of a shell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewRequest {
    /// Its name.
    pub name: String,
    /// The host on which it is to begin; absent for this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// A template of the configuration there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Its directory; without it that of the template, else the home directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// The branch of a worktree of its own; empty for one that is called as the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worktree: Option<String>,
    /// Its first prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// `tmux`, `window` or `background`.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// More arguments for Claude Code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
}
