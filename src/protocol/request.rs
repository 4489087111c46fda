//! What a client may ask.

use serde::{Deserialize, Serialize};

/// A request: `{"action": "switch", "args": {"query": "api"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", content = "args", rename_all = "snake_case")]
pub enum Request {
    /// Every session.
    List(#[serde(default)] Nothing),
    /// Put the user in front of a session.
    Switch(#[serde(default)] Switch),
    /// Name a session, or take its name away.
    Label(Label),
    /// End vmuxd.
    Stop(#[serde(default)] Nothing),
    /// Which vmuxd is this?
    Version(#[serde(default)] Nothing),
    /// The full state, then every change, until the connection closes.
    Subscribe(#[serde(default)] Nothing),
    /// How a session's state was decided.
    Why(Query),
    /// A finished session was seen, or a wait taken note of.
    Ack(Query),
    /// Scan now; the reply comes when the scan is done.
    Scan(#[serde(default)] Nothing),
    /// A report of a hook that the user installed in Claude Code.
    Hook(Hook),
}

impl Request {
    /// The name of the action, as on the wire.
    pub fn action(&self) -> &'static str {
        match self {
            Request::List(_) => "list",
            Request::Switch(_) => "switch",
            Request::Label(_) => "label",
            Request::Stop(_) => "stop",
            Request::Version(_) => "version",
            Request::Subscribe(_) => "subscribe",
            Request::Why(_) => "why",
            Request::Ack(_) => "ack",
            Request::Scan(_) => "scan",
            Request::Hook(_) => "hook",
        }
    }
}

/// No arguments; any that are sent are ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// Arguments of `switch`: one of `query`, `next`, `previous` and `back`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switch {
    /// Words that name the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// To the session that has waited longest; again goes to the next one.
    #[serde(skip_serializing_if = "is_false")]
    pub next: bool,
    /// As `next`, the other way round.
    #[serde(skip_serializing_if = "is_false")]
    pub previous: bool,
    /// To where the user was before the last switch.
    #[serde(skip_serializing_if = "is_false")]
    pub back: bool,
    /// A detached tmux session is attached in a new terminal. Which one is not the client's to
    /// say.
    #[serde(skip_serializing_if = "is_false")]
    pub attach: bool,
}

/// Arguments of `label`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Which session.
    pub session_id: String,
    /// Its label; empty removes it.
    #[serde(default)]
    pub label: String,
}

/// Arguments of `why` and `ack`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Words that name the session.
    pub query: String,
}

/// Arguments of `hook`: the fields of a hook's payload that vmux reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// `session_id` of the payload.
    pub session_id: String,
    /// `hook_event_name` of the payload.
    pub event: String,
    /// `tool_name` of the payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// `tool_input` of the payload as JSON, long texts in it cut: it says which of several calls
    /// asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Pid of the Claude Code process, when the hook's environment tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
}

/// Every action there is, in the order of the documentation.
pub const ACTIONS: &[&str] =
    &["list", "switch", "label", "stop", "version", "subscribe", "why", "ack", "scan", "hook"];

fn is_false(flag: &bool) -> bool {
    !flag
}
