//! What a prompt or an answer says: the content of `user` and `assistant` records. Pure.

use super::failure::{self, ErrorMembers};
use super::record::{AnswerEnd, TranscriptRecord, TurnEvent};
use super::tool::{self, ToolCall};
use super::{MAX_PREVIEW_CHARS, MAX_TEXT_BYTES};
use crate::claude::input::json;
use crate::session::sanitize::clean;
use std::borrow::Cow;

/// Where a user record comes from.
pub(super) struct Origin {
    /// A background task reports, or the like.
    pub(super) by_machine: bool,
    /// Not shown to the user as a prompt.
    pub(super) meta: bool,
    /// The summary that stands for a compacted conversation.
    pub(super) skipped: bool,
}

/// Reads a user record: a prompt, tool results, an interruption or the trace of a command.
pub(super) fn read_user(record: &mut TranscriptRecord<'_>, message: &str, origin: Origin) {
    let Some([content]) = json::pick(message, &["content"]) else { return };
    let mut results = Vec::new();
    let mut text = json::head(content, MAX_TEXT_BYTES);
    for block in json::elements(content).unwrap_or_default() {
        let Some([kind, words, id]) = json::pick(block, &["type", "text", "tool_use_id"]) else {
            continue;
        };
        match json::text(kind).as_deref() {
            Some("tool_result") => results.extend(json::text(id).map(Cow::into_owned)),
            Some("text") if text.is_none() => text = json::head(words, MAX_TEXT_BYTES),
            _ => {}
        }
    }
    let text = text.unwrap_or_default();
    record.ended = ended_tasks(&text);
    // The id is filled in by the caller, who has it.
    record.caveat = (origin.meta && is_caveat(&text)).then_some(Cow::Borrowed(""));
    record.event = if origin.skipped {
        None
    } else if text.starts_with("[Request interrupted by user") {
        Some(TurnEvent::Interrupted)
    } else if !results.is_empty() {
        Some(TurnEvent::Results(results))
    } else if is_local(&text) {
        record.is_clear = text.contains("<command-name>/clear</command-name>");
        Some(TurnEvent::Local)
    } else if origin.meta && !text.starts_with("Stop hook feedback") {
        None
    } else {
        record.is_clear = is_plan_anew(&text);
        if !origin.by_machine && !origin.meta {
            record.prompt = prompt_words(&text);
            record.said.clone_from(&record.prompt);
        }
        Some(TurnEvent::Prompt)
    };
}

/// What a tool's structured result says of things that go on in the background.
pub(super) fn read_result(record: &mut TranscriptRecord<'_>, result: Option<&str>) {
    let Some(result) = result.filter(|result| result.starts_with('{')) else { return };
    let Some([shell, shell_id, task_id, status]) =
        json::pick(result, &["backgroundTaskId", "shell_id", "task_id", "status"])
    else {
        return;
    };
    record.shell_began = json::text(shell).map(Cow::into_owned);
    let over = matches!(json::text(status).as_deref(), Some("completed" | "failed" | "killed"));
    if over && let Some(id) = json::text(shell_id).or(json::text(task_id)) {
        record.ended.push(id.into_owned());
    }
}

/// Reads a piece of the model's answer.
pub(super) fn read_answer<'a>(
    record: &mut TranscriptRecord<'a>,
    message: &'a str,
    error: Option<ErrorMembers<'_>>,
) {
    let names = ["content", "stop_reason", "model", "usage"];
    let Some([content, stop, model, usage]) = json::pick(message, &names) else { return };
    let synthetic = model == Some("\"<synthetic>\"");
    let mut error_text = String::new();
    let at = record.at.unwrap_or_default();
    let (mut tools, mut has_text) = (Vec::new(), false);
    for block in json::elements(content).unwrap_or_default() {
        let Some([kind, text, id, name, input]) =
            json::pick(block, &["type", "text", "id", "name", "input"])
        else {
            continue;
        };
        match json::text(kind).as_deref() {
            Some("text") => {
                has_text = true;
                if error.is_some() && error_text.is_empty() {
                    error_text = json::head(text, MAX_TEXT_BYTES).unwrap_or_default();
                }
                let words =
                    clean(&json::head(text, MAX_TEXT_BYTES).unwrap_or_default(), MAX_PREVIEW_CHARS);
                record.said = Some(words).filter(|words| !words.is_empty()).or(record.said.take());
            }
            Some("tool_use") => {
                let (Some(id), Some(name)) = (json::text(id), json::text(name)) else { continue };
                record.task = tool::task(&name, input).or(record.task.take());
                tools.push(ToolCall {
                    id: id.into_owned(),
                    description: tool::describe(&name, input, record.cwd.as_deref()),
                    script: tool::script(&name, input),
                    name: name.into_owned(),
                    at,
                });
            }
            _ => {}
        }
    }
    let end = match json::text(stop).as_deref() {
        _ if error.is_some() => {
            AnswerEnd::Failed(failure::read(&error.unwrap_or_default(), &error_text).into())
        }
        _ if synthetic => AnswerEnd::Turn,
        Some("end_turn" | "stop_sequence" | "max_tokens" | "refusal") => AnswerEnd::Turn,
        Some("model_context_window_exceeded") => AnswerEnd::Turn,
        _ if has_text => AnswerEnd::OpenText,
        _ => AnswerEnd::Open,
    };
    if !synthetic {
        record.model = json::text(model);
        record.tokens = usage.and_then(context_tokens);
    }
    record.event = Some(TurnEvent::Answer { tools, end });
}

fn context_tokens(usage: &str) -> Option<u64> {
    let names =
        ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens"];
    let counts = json::pick(usage, &names)?;
    let sum = counts.into_iter().filter_map(json::number).fold(0, u64::saturating_add);
    (sum > 0).then_some(sum)
}

/// Whether a user record is the trace of a command that Claude Code handled itself. The commands
/// that are prompts begin with `<command-message>` instead.
pub(super) fn is_local(text: &str) -> bool {
    let text = text.trim_start();
    let tags = [
        "<command-name",
        "<local-command-stdout",
        "<local-command-stderr",
        "<local-command-caveat",
        "<bash-input",
        "<bash-stdout",
        "<bash-stderr",
    ];
    tags.iter().any(|tag| text.starts_with(tag))
}

/// Whether it announces what commands of Claude Code have put out (with a tag from 2.1 on).
fn is_caveat(text: &str) -> bool {
    text.starts_with("<local-command-caveat>")
        || text.starts_with("Caveat: The messages below were generated by the user while running")
}

/// The prompt with which an approved plan begins in a conversation of its own (2.1.50, 2.1.75).
fn is_plan_anew(text: &str) -> bool {
    text.starts_with("Implement the following plan:")
        && text.contains("read the full transcript at: ")
}

/// A prompt as the user typed it; none for what only looks like one.
pub(super) fn prompt_words(text: &str) -> Option<String> {
    let text = text.trim_start();
    let typed = match between(text, "<command-name>", "</command-name>") {
        Some(name) if text.starts_with('<') => {
            let rest = between(text, "<command-args>", "</command-args>").unwrap_or("");
            format!("{name} {rest}")
        }
        _ if text.starts_with("<task-notification") || text.starts_with("<system-reminder") => {
            return None;
        }
        _ => text.to_owned(),
    };
    let typed = clean(&typed, MAX_PREVIEW_CHARS);
    (!typed.is_empty()).then_some(typed)
}

/// The tasks that a `<task-notification>` reports as over.
pub(super) fn ended_tasks(text: &str) -> Vec<String> {
    if !text.contains("<task-notification>") {
        return Vec::new();
    }
    text.split("<task-id>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</task-id>"))
        .map(|(id, _)| id.trim().to_owned())
        .collect()
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    text.split_once(open)?.1.split_once(close).map(|(inner, _)| inner.trim())
}
