//! A line of the log of answers. Pure.

use super::end::End;
use super::store::EndedPrompt;
use crate::protocol::prompt::{Choice, Decision, Way};
use crate::session::Timestamp;
use crate::session::sanitize::clean;
use serde_json::json;

/// The longest text in a line, in characters.
const MAX_TEXT: usize = 1000;

/// What is written of an answer: one line of JSON. `name` is that of the session.
pub fn log_line(ended: &EndedPrompt, name: &str, door: &str, at: Timestamp) -> String {
    let prompt = &ended.prompt;
    let (answer, text) = match &ended.decision {
        None => ("none", None),
        Some(Decision::Deny { message }) => ("deny", message.clone()),
        Some(Decision::Allow { always: true, .. }) => ("always", Some(prompt.always.join("; "))),
        Some(Decision::Allow { accept_edits: true, .. }) => ("allow, accept edits", None),
        Some(Decision::Allow { choices, .. }) if !choices.is_empty() => {
            ("reply", Some(choices.iter().map(chosen).collect::<Vec<_>>().join("; ")))
        }
        Some(Decision::Allow { .. }) => ("allow", None),
    };
    let way = if prompt.way == Way::Hook { "hook" } else { "other" };
    let line = json!({
        "at": at,
        "session": name,
        "session_id": prompt.session_id,
        "pid": prompt.session.process.pid,
        "cwd": prompt.cwd,
        "prompt": prompt.id,
        "tool": prompt.tool,
        "input": clean(&prompt.input.to_string(), MAX_TEXT),
        "answer": answer,
        "text": text.map(|it| clean(&it, MAX_TEXT)),
        "door": door,
        "way": way,
        "taken": ended.end == End::Answered,
    });
    format!("{line}\n")
}

fn chosen(choice: &Choice) -> String {
    match choice {
        Choice::Text(text) => text.clone(),
        Choice::Options(options) => {
            let numbers = options.iter().map(|it| (it + 1).to_string());
            numbers.collect::<Vec<_>>().join(",")
        }
    }
}
