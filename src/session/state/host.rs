//! Other hosts whose sessions are in the list: whether each can be reached, since when, and what is in
//! the way.

use crate::session::Timestamp;
use crate::session::key::HostName;
use serde::{Deserialize, Serialize};

/// A host of the configuration, as `hosts` and the event stream show it. Texts are clean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostInfo {
    /// Its name in the configuration.
    pub name: HostName,
    /// Whether its sessions are known.
    pub state: HostState,
    /// Since when this is so.
    pub since: Timestamp,
    /// How ssh reaches it.
    pub ssh: String,
    /// The version of vmux there, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How long a heartbeat took there and back, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_ms: Option<u64>,
    /// How far its clock is ahead of this one, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_ahead_ms: Option<i64>,
    /// How many sessions of it are in the list.
    #[serde(default)]
    pub sessions: usize,
    /// What was in the way last; absent while it is up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<HostFault>,
    /// When it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
}

/// Whether the sessions of a host are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostState {
    /// It is being reached for the first time.
    Connecting,
    /// They are.
    Up,
    /// It is out of reach.
    Down,
    /// The configuration has it, but not enabled.
    Disabled,
    /// It is no longer in the configuration: its last event.
    Removed,
    /// A word of a newer vmuxd.
    #[serde(other)]
    Other,
}

/// What is in the way of reaching a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFault {
    /// Its kind, for programs.
    pub kind: HostFaultKind,
    /// What is wrong, in one line.
    pub says: String,
    /// What to do about it, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The kinds of [`HostFault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostFaultKind {
    /// ssh is not installed here, or does not start.
    NoSsh,
    /// Its name cannot be resolved.
    UnknownName,
    /// No answer in time, or no route.
    Unreachable,
    /// Nothing listens on its port.
    Refused,
    /// Its key is not known here.
    UnknownKey,
    /// It has another key than the one that is known here.
    ChangedKey,
    /// It asks for a password, or refuses the key.
    Authentication,
    /// vmux is not found there.
    NoVmux,
    /// vmux there is too old.
    TooOld,
    /// What comes from there is not from vmux.
    Garbage,
    /// vmuxd there does not answer.
    NoVmuxd,
    /// It has fallen silent.
    Silent,
    /// The connection ended.
    Ended,
    /// Something else; also any word of a newer vmuxd.
    #[serde(other)]
    Other,
}

impl HostState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            HostState::Connecting => "connecting",
            HostState::Up => "up",
            HostState::Down => "down",
            HostState::Disabled => "disabled",
            HostState::Removed => "removed",
            HostState::Other => "unknown",
        }
    }
}

impl HostFaultKind {
    /// Whether time alone does not heal it: somebody must do something first.
    pub fn is_lasting(self) -> bool {
        use HostFaultKind::*;
        match self {
            NoSsh | UnknownKey | ChangedKey | Authentication | NoVmux | TooOld | Garbage => true,
            UnknownName | Unreachable | Refused | NoVmuxd | Silent | Ended | Other => false,
        }
    }
}
