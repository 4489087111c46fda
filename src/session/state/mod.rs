//! What a session does: working, waiting for the user, idle.

pub mod evidence;
pub mod failure;
pub mod host;
pub mod snooze;

use super::Timestamp;
use serde::{Deserialize, Serialize};

/// What a session is doing, as a person at its screen would say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A turn is running: the model answers, a tool runs, a request is retried.
    Working,
    /// A dialog owns the input: nothing goes on until the user answers.
    NeedsInput(Reason),
    /// The prompt is free.
    Idle,
    /// It cannot be known. Better than something wrong.
    Unknown,
}

/// [`State`] without its reason: the word on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// A turn is running.
    Working,
    /// The session waits for the user.
    NeedsInput,
    /// The prompt is free.
    Idle,
    /// It cannot be known; also any word of a newer vmuxd.
    #[serde(other)]
    Unknown,
}

/// What a session waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The kind of dialog.
    pub kind: ReasonKind,
    /// What it is about, in a few words: `Bash: git push origin main`. Clean text, one line.
    pub detail: Option<String>,
}

/// How the detail of a permission begins that a command in Claude Code's sandbox asks for: whether it may
/// reach a host, which follows where it is known (`Network request: crates.io`).
pub const NETWORK_REQUEST: &str = "Network request";

/// The detail of a permission that is about no call: whether what another session has sent may come in.
pub const HELD_MESSAGE: &str = "Message from another session";

/// The kind of dialog a session waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// May a tool run?
    Permission,
    /// The model asks a question (`AskUserQuestion`).
    Question,
    /// A plan waits for approval (`ExitPlanMode`).
    Plan,
    /// An MCP server asks for input.
    Elicitation,
    /// Trust or onboarding, before the session has begun.
    Trust,
    /// Another dialog that blocks the work.
    Dialog,
    /// A wait of a kind that this version of vmux does not know.
    #[serde(other)]
    Other,
}

/// A state, since when, and how sure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The state.
    pub state: State,
    /// Since when, from the evidence.
    pub since: Timestamp,
    /// How far it may be believed.
    pub confidence: Confidence,
}

/// How far a claim or a verdict may be believed. Greater is surer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A guess that may be wrong; never decides against anything better.
    Low,
    /// Follows from what usually happens, not from what is written.
    Probable,
    /// Written by Claude Code itself, or follows from it without doubt.
    Certain,
}

impl State {
    /// The state without its reason.
    pub fn name(&self) -> StateName {
        match self {
            State::Working => StateName::Working,
            State::NeedsInput(_) => StateName::NeedsInput,
            State::Idle => StateName::Idle,
            State::Unknown => StateName::Unknown,
        }
    }

    /// The reason of a wait.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            State::NeedsInput(reason) => Some(reason),
            _ => None,
        }
    }
}

impl ReasonKind {
    /// What a session does that waits for this, in a person's words.
    pub fn phrase(self) -> &'static str {
        match self {
            ReasonKind::Permission => "needs permission",
            ReasonKind::Question => "asks a question",
            ReasonKind::Plan => "has a plan",
            ReasonKind::Elicitation => "asks for input",
            ReasonKind::Trust => "asks for trust",
            ReasonKind::Dialog => "shows a dialog",
            ReasonKind::Other => "needs input",
        }
    }

    /// The word on the wire and in a table.
    pub fn word(self) -> &'static str {
        match self {
            ReasonKind::Permission => "permission",
            ReasonKind::Question => "question",
            ReasonKind::Plan => "plan",
            ReasonKind::Elicitation => "elicitation",
            ReasonKind::Trust => "trust",
            ReasonKind::Dialog => "dialog",
            ReasonKind::Other => "other",
        }
    }
}

impl StateName {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            StateName::Working => "working",
            StateName::NeedsInput => "needs_input",
            StateName::Idle => "idle",
            StateName::Unknown => "unknown",
        }
    }
}
