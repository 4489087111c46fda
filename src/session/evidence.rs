//! Why a session is thought to be in its state: what each source claimed, and what became of it.

use super::Timestamp;
use super::state::{Confidence, ReasonKind, StateName};
use serde::{Deserialize, Serialize};

/// Where a claim comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// `sessions/<pid>.json`, written by Claude Code.
    SessionFile,
    /// The session's JSONL transcript.
    Transcript,
    /// The transcripts of its subagents.
    Subagents,
    /// `debug/<session id>.txt`, which versions 2.0.77 to 2.1.50 write unasked.
    DebugLog,
    /// `.claude.json`: which directories the user trusts.
    Settings,
    /// `/proc`: children, stopped, exited.
    Process,
    /// The title of its terminal.
    Title,
    /// A hook that the user installed.
    Hook,
    /// A source of a newer vmuxd.
    #[serde(other)]
    Other,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It decided.
    Won,
    /// It says the same as the one that decided, or filled in what that one left open.
    Agreed,
    /// It was not followed; [`Claim::because`] says why.
    SetAside,
}

/// What one source said of a session, and what became of it. Printed by `vmux why`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Who says it.
    pub source: Source,
    /// The state it speaks for; none when the source is there but cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateName>,
    /// What the session waits for, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonKind>,
    /// When what it says began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// How far it may be believed.
    pub confidence: Confidence,
    /// What was seen, as a clause: `status is "busy"`. Holds no text of the transcript.
    pub says: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was followed or set aside, as a clause.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
}
