//! Changes of the sessions, as every subscriber gets them.

use crate::session::info::SessionInfo;
use crate::session::info::start::StartStep;
use crate::session::key::SessionKey;
use crate::session::shared::Text;
use crate::session::state::host::HostInfo;
use serde::{Deserialize, Serialize};

/// A change of the sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Change {
    /// All sessions: the first event of every stream.
    State {
        /// The sessions, in no particular order.
        sessions: Vec<SessionInfo>,
        /// The other hosts of the configuration.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hosts: Vec<HostInfo>,
    },
    /// A session is new, or something about it changed.
    Session {
        /// The session as it is now.
        session: Box<SessionInfo>,
    },
    /// A session ended.
    Gone {
        /// Its process.
        #[serde(flatten)]
        key: SessionKey,
        /// Its session id.
        session_id: Option<Text>,
    },
    /// A host was added, has come or gone, or was removed.
    Host {
        /// The host as it is now.
        host: Box<HostInfo>,
    },
    /// A session is about to begin: how far that has come.
    Start {
        /// The step.
        #[serde(flatten)]
        step: Box<StartStep>,
    },
    /// The stream ends: the last event.
    Closed {
        /// Why, in one line: vmuxd ends, or the subscriber fell too far behind.
        reason: String,
    },
    /// An event of a newer vmuxd, to be ignored.
    #[serde(other)]
    Unknown,
}
