//! Why a session is taken to be in its state: what each source claimed, and whether it was followed.

use super::{Confidence, ReasonKind, StateName};
use crate::session::Timestamp;
use crate::session::shared::Text;
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
    /// What its terminal shows, in a pane of tmux.
    Screen,
    /// A hook that the user has installed.
    Hook,
    /// `teams/<team>/config.json`, which the lead of an agent team keeps.
    Team,
    /// A source of a newer vmuxd.
    #[serde(other)]
    Other,
}

/// Whether a claim was followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It decided.
    Won,
    /// It agrees with the claim that decided, or adds what that one left open.
    Agreed,
    /// It was not followed; [`Claim::because`] says why.
    SetAside,
}

/// What one source says about a session, and whether that was followed. `vmux why` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Who claims it.
    pub source: Source,
    /// The state that it claims; none if the source exists but does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateName>,
    /// What the session waits for, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonKind>,
    /// Since when this is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// How reliable it is.
    pub confidence: Confidence,
    /// What was seen, as a clause: `status is "busy"`. Holds no text of the transcript.
    pub says: Text,
    /// Whether it was followed.
    pub outcome: Outcome,
    /// Why it was followed or set aside, as a clause.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub because: Text,
}
