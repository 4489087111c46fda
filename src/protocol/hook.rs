//! Requests of hooks, and of those who answer the prompts that hooks wait for.

use super::prompt::UserAnswer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Arguments of `hook`: the fields of a hook's payload that vmux reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookRequest {
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
    /// `agent_id` of the payload: which subagent it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// Arguments of `ask`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskRequest {
    /// The same as the hook would report if it did not wait.
    pub report: HookRequest,
    /// `tool_input` of the payload: whole, unless `cut`.
    pub input: Value,
    /// Whether it was too long to be sent whole. Where texts are missing, they say so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// `cwd` of the payload.
    #[serde(default)]
    pub cwd: String,
    /// What `permission_suggestions` of the payload would allow, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub always: Vec<String>,
    /// Pid of the hook.
    pub hook_pid: u32,
    /// Start time of the hook in clock ticks since boot.
    pub hook_start: u64,
}

/// Arguments of `answered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptRequest {
    /// Id of the prompt.
    pub prompt: String,
}

/// Arguments of `pending`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PendingRequest {
    /// Words that mean one session, or the id of a prompt. Without it every prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Whether to go on with each change; only without `query`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub follow: bool,
    /// Whether prompts that only their terminal can answer are listed, too; not with `follow`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

/// Arguments of `answer_once`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnceRequest {
    /// What a button of a message to the phone carries: it stands for one prompt, and is good once.
    pub token: String,
    /// Whether the call may run; else the turn ends.
    pub allow: bool,
}

/// Arguments of `answer`. One of `query` and `prompt` must be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRequest {
    /// Words that mean one session, or the id of a prompt. If several sessions match equally well, the
    /// request is refused (`ambiguous`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Id of the prompt that the user saw. Without it, the session must have exactly one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The answer.
    pub answer: UserAnswer,
    /// Where the user gave it, for the log of answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<String>,
}
