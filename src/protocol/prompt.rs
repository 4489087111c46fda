//! Prompts that are open: what a session asks, how it can be answered, and the answer.

use crate::session::Timestamp;
use crate::session::key::SessionKey;
use crate::session::sanitize::spelled_out;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The tool with which the model asks the user.
pub const QUESTION_TOOL: &str = "AskUserQuestion";

/// The tool with which the model lays a plan before the user.
pub const PLAN_TOOL: &str = "ExitPlanMode";

/// A prompt that is open.
///
/// Texts in it are harmless: what controls a terminal or cannot be seen is spelled out, such as
/// `\u{1b}`. Line breaks in the input stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Its id, made by vmuxd. No other prompt ever has it.
    pub id: String,
    /// The session that asks.
    #[serde(flatten)]
    pub session: SessionKey,
    /// Id of the session.
    pub session_id: String,
    /// What is asked for.
    pub kind: PromptKind,
    /// The tool that the session wants to call.
    pub tool: String,
    /// What it wants to call it with: whole, unless `cut`.
    pub input: Value,
    /// Whether texts of the input are missing; where they are, the input says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// Directory in which the call would run.
    pub cwd: String,
    /// What `always` would allow from then on, a line each; empty if Claude Code names nothing.
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    pub always: Vec<String>,
    /// Since when it is open.
    pub since: Timestamp,
    /// How it can be answered.
    pub way: Way,
    /// Why it can be answered in its terminal only, as a clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What a prompt asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptKind {
    /// May a tool run?
    Permission,
    /// Questions of the model.
    Question,
    /// Is a plan to be carried out?
    Plan,
    /// Something else, or a kind of a newer vmuxd.
    #[serde(other)]
    Other,
}

impl PromptKind {
    /// The kind of prompt that a call of this tool is.
    pub fn of_tool(tool: &str) -> PromptKind {
        match tool {
            QUESTION_TOOL => PromptKind::Question,
            PLAN_TOOL => PromptKind::Plan,
            _ => PromptKind::Permission,
        }
    }
}

/// The way on which an answer reaches the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A hook of Claude Code waits for it.
    Hook,
    /// By a key in its terminal: once, or not.
    Keys,
    /// In its terminal only.
    Terminal,
    /// A way of a newer vmuxd.
    #[serde(other)]
    Other,
}

/// An answer in the user's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserAnswer {
    /// Yes, this once. `accept_edits`: a plan, after which edits need no permission.
    Allow {
        /// Whether edits need no permission from then on.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        accept_edits: bool,
    },
    /// Yes, and what `always` of the prompt says from then on.
    Always,
    /// No. With a message, the model reads it and goes on; without one, its turn ends.
    Deny {
        /// What to tell the model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// To questions, a text each: the number of an option, several numbers between commas if
    /// several may be chosen, or the user's own words.
    Reply(Vec<String>),
}

/// What a hook is told to answer: an [`UserAnswer`] that fits its prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "behavior", rename_all = "snake_case")]
pub enum Decision {
    /// The call may run.
    Allow {
        /// Whether what Claude Code suggests is allowed from then on.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        always: bool,
        /// Whether edits need no permission from then on.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        accept_edits: bool,
        /// For each question what was chosen.
        #[serde(default, skip_serializing_if = "<[Choice]>::is_empty")]
        choices: Vec<Choice>,
    },
    /// It may not.
    Deny {
        /// What to tell the model; without it, the turn ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
}

/// What was chosen in answer to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// These of its options, from 0.
    Options(Vec<usize>),
    /// The user's own words.
    Text(String),
}

/// What a hook that waits is told at last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AskOutcome {
    /// It is to answer this.
    Decided(Decision),
    /// The prompt is over: it is to end without an answer.
    Over,
    /// A word of a newer vmuxd: the same.
    #[serde(other)]
    Unknown,
}

/// A value with all texts in it made harmless, names of members included.
pub fn harmless_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(spelled_out(&text)),
        Value::Array(values) => values.into_iter().map(harmless_value).collect(),
        Value::Object(members) => {
            let member =
                |(name, value): (String, Value)| (spelled_out(&name), harmless_value(value));
            Value::Object(members.into_iter().map(member).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn outcomes_have_one_form_on_the_wire() {
        let allow = Decision::Allow { always: true, accept_edits: false, choices: Vec::new() };
        let text = serde_json::to_string(&AskOutcome::Decided(allow.clone())).unwrap();
        assert_eq!(text, r#"{"event":"decided","behavior":"allow","always":true}"#);
        assert_eq!(serde_json::from_str::<AskOutcome>(&text).unwrap(), AskOutcome::Decided(allow));
        let newer = serde_json::from_str::<AskOutcome>(r#"{"event":"shrugged","x":1}"#).unwrap();
        assert_eq!(newer, AskOutcome::Unknown);
        let choices = vec![Choice::Options(vec![1]), Choice::Text("x".to_owned())];
        let allow = Decision::Allow { always: false, accept_edits: false, choices };
        let text = serde_json::to_string(&allow).unwrap();
        assert_eq!(text, r#"{"behavior":"allow","choices":[{"options":[1]},{"text":"x"}]}"#);
    }

    #[test]
    fn nothing_in_a_value_controls_a_terminal() {
        let value = json!({"com\u{1b}mand": ["a\u{202e}b\nc", {"x": "\r"}], "n": 1});
        let harmless = json!({"com\\u{1b}mand": ["a\\u{202e}b\nc", {"x": "\\u{d}"}], "n": 1});
        assert_eq!(harmless_value(value), harmless);
    }
}
