//! One line of a transcript, and what it means for the turn. Pure.
//!
//! A line is a JSON object with a `type`. Unknown types, other shapes and damaged lines mean
//! nothing; they are never an error.

use super::json;
use super::tool::{self, Tool};
use crate::session::Timestamp;
use crate::session::text::clean;
use std::borrow::Cow;

/// Longest preview, in characters.
const PREVIEW: usize = 200;

/// Longest piece of a text that is looked at, in bytes.
const HEAD: usize = 4096;

/// What a line says. Texts are clean, except the borrowed ones.
#[derive(Debug, Default)]
pub(crate) struct Record<'a> {
    /// Its time; absent on metadata lines.
    pub(crate) at: Option<Timestamp>,
    /// Written by a subagent.
    pub(crate) side: bool,
    /// What it means for the turn.
    pub(crate) event: Option<Event>,
    /// Directory the session's shell was in.
    pub(crate) cwd: Option<Cow<'a, str>>,
    /// Branch at that time; `HEAD` outside a repository.
    pub(crate) branch: Option<Cow<'a, str>>,
    /// Version of Claude Code that wrote it.
    pub(crate) version: Option<Cow<'a, str>>,
    /// Permission mode.
    pub(crate) mode: Option<Cow<'a, str>>,
    /// Model of an answer.
    pub(crate) model: Option<Cow<'a, str>>,
    /// Tokens in the context at an answer.
    pub(crate) tokens: Option<u64>,
    /// The first line or so of what was said, by either side.
    pub(crate) said: Option<String>,
    /// A prompt that a person typed.
    pub(crate) prompt: Option<String>,
    /// A title, and whether a person chose it.
    pub(crate) title: Option<(String, bool)>,
    /// The task in hand, if the line changes it.
    pub(crate) task: Option<Option<String>>,
    /// A background shell or agent that began.
    pub(crate) shell_began: Option<String>,
    /// Background shells and agents that ended.
    pub(crate) ended: Vec<String>,
    /// The user's `/clear`, with which a new conversation begins.
    pub(crate) is_clear: bool,
}

/// What a line means for the turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A turn begins: a prompt of the user, of a hook or of a background task.
    Prompt,
    /// Tools have answered.
    Results(Vec<String>),
    /// The user stopped the turn or refused a tool.
    Interrupted,
    /// A command that Claude Code handles itself.
    Local,
    /// A piece of the model's answer.
    Answer {
        /// Tools it calls.
        tools: Vec<Tool>,
        /// How the piece ends.
        end: End,
    },
    /// A request was sent to the model (2.1.329 writes a line for each attempt).
    Request,
    /// A request failed and is tried again.
    Retry,
    /// The turn is over, hooks and all.
    TurnEnd,
    /// The hooks of the turn's end have run and let it end.
    StopHooks,
    /// The conversation was compacted.
    Compacted {
        /// By `/compact`, so that nothing follows.
        by_user: bool,
    },
}

/// How a piece of an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It is the last one of the turn.
    Turn,
    /// It is the message of an API error that ends the turn.
    Failed,
    /// Text without a stop reason: more follows, or (2.1.20, 2.1.50) the turn is over.
    OpenText,
    /// More follows.
    Open,
}

/// Reads a line. None: it is no JSON object, or of a kind that means nothing here.
pub(crate) fn parse(line: &str) -> Option<Record<'_>> {
    let names = [
        "type",
        "timestamp",
        "isSidechain",
        "message",
        "cwd",
        "gitBranch",
        "version",
        "permissionMode",
        "subtype",
        "isMeta",
        "isCompactSummary",
        "promptSource",
        "isApiErrorMessage",
        "toolUseResult",
        "querySource",
        "compactMetadata",
        "content",
        "customTitle",
        "aiTitle",
        "agentName",
        "lastPrompt",
        "preventedContinuation",
        "hookErrors",
    ];
    let [
        kind,
        at,
        side,
        message,
        cwd,
        branch,
        version,
        mode,
        subtype,
        meta,
        summary,
        source,
        api_error,
        result,
        query,
        compact,
        content,
        custom_title,
        ai_title,
        agent_name,
        last_prompt,
        prevented,
        hook_errors,
    ] = json::pick(line, &names)?;
    let kind = json::text(kind)?;
    let mut record = Record {
        at: json::time(at),
        side: json::flag(side),
        cwd: json::text(cwd),
        branch: json::text(branch),
        version: json::text(version),
        mode: json::text(mode),
        ..Record::default()
    };
    match kind.as_ref() {
        "user" => {
            let by_machine = source.is_some_and(|source| source == "\"system\"");
            let skipped = json::flag(summary);
            let meta = json::flag(meta) && source.is_none();
            read_user(&mut record, message?, Origin { by_machine, meta, skipped });
            read_result(&mut record, result);
        }
        "assistant" => read_answer(&mut record, message?, json::flag(api_error)),
        "system" => {
            record.event =
                system_event(json::text(subtype)?.as_ref(), compact, prevented, hook_errors);
        }
        "api-request" => {
            // Other sources are titles, summaries and subagents (2.1.329).
            let query = json::text(query).unwrap_or_default();
            let main = query.starts_with("repl_main_thread") || query.starts_with("sdk");
            record.event = main.then_some(Event::Request);
        }
        "queue-operation" => {
            record.ended = ended_tasks(&json::head(content, HEAD).unwrap_or_default());
        }
        "permission-mode" => {}
        "custom-title" => record.title = title(custom_title, true),
        "agent-name" => record.title = title(agent_name, false),
        "ai-title" => record.title = title(ai_title, false),
        "last-prompt" => {
            record.prompt = last_prompt.and_then(|raw| prompt_words(&json::head(Some(raw), HEAD)?))
        }
        _ => return None,
    }
    Some(record)
}

/// Where a user record comes from.
struct Origin {
    /// A background task reports, or the like.
    by_machine: bool,
    /// Not shown to the user as a prompt.
    meta: bool,
    /// The summary that stands for a compacted conversation.
    skipped: bool,
}

fn read_user(record: &mut Record<'_>, message: &str, origin: Origin) {
    let Some([content]) = json::pick(message, &["content"]) else { return };
    let mut results = Vec::new();
    let mut text = json::head(content, HEAD);
    for block in json::elements(content).unwrap_or_default() {
        let Some([kind, words, id]) = json::pick(block, &["type", "text", "tool_use_id"]) else {
            continue;
        };
        match json::text(kind).as_deref() {
            Some("tool_result") => results.extend(json::text(id).map(Cow::into_owned)),
            Some("text") if text.is_none() => text = json::head(words, HEAD),
            _ => {}
        }
    }
    let text = text.unwrap_or_default();
    record.ended = ended_tasks(&text);
    record.event = if origin.skipped {
        None
    } else if text.starts_with("[Request interrupted by user") {
        Some(Event::Interrupted)
    } else if !results.is_empty() {
        Some(Event::Results(results))
    } else if is_local(&text) {
        record.is_clear = text.contains("<command-name>/clear</command-name>");
        Some(Event::Local)
    } else if origin.meta && !text.starts_with("Stop hook feedback") {
        None
    } else {
        if !origin.by_machine && !origin.meta {
            record.prompt = prompt_words(&text);
            record.said.clone_from(&record.prompt);
        }
        Some(Event::Prompt)
    };
}

/// What a tool's structured result says of things that go on in the background.
fn read_result(record: &mut Record<'_>, result: Option<&str>) {
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

fn read_answer<'a>(record: &mut Record<'a>, message: &'a str, api_error: bool) {
    let names = ["content", "stop_reason", "model", "usage"];
    let Some([content, stop, model, usage]) = json::pick(message, &names) else { return };
    let synthetic = model == Some("\"<synthetic>\"");
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
                let words = clean(&json::head(text, HEAD).unwrap_or_default(), PREVIEW);
                record.said = Some(words).filter(|words| !words.is_empty()).or(record.said.take());
            }
            Some("tool_use") => {
                let (Some(id), Some(name)) = (json::text(id), json::text(name)) else { continue };
                record.task = tool::task(&name, input).or(record.task.take());
                tools.push(Tool {
                    id: id.into_owned(),
                    words: tool::words(&name, input, record.cwd.as_deref()),
                    name: name.into_owned(),
                    at,
                });
            }
            _ => {}
        }
    }
    let end = match json::text(stop).as_deref() {
        _ if api_error || synthetic => End::Failed,
        Some("end_turn" | "stop_sequence" | "max_tokens" | "refusal") => End::Turn,
        Some("model_context_window_exceeded") => End::Turn,
        _ if has_text => End::OpenText,
        _ => End::Open,
    };
    if !synthetic {
        record.model = json::text(model);
        record.tokens = usage.and_then(context_tokens);
    }
    record.event = Some(Event::Answer { tools, end });
}

fn context_tokens(usage: &str) -> Option<u64> {
    let names =
        ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens"];
    let counts = json::pick(usage, &names)?;
    let sum = counts.into_iter().filter_map(json::number).fold(0, u64::saturating_add);
    (sum > 0).then_some(sum)
}

fn system_event(
    subtype: &str,
    compact: Option<&str>,
    prevented: Option<&str>,
    hook_errors: Option<&str>,
) -> Option<Event> {
    match subtype {
        "turn_duration" | "away_summary" => Some(Event::TurnEnd),
        "stop_hook_summary" => {
            // A hook that blocks sends the model back to work.
            let blocked = hook_errors.is_some_and(|errors| errors.to_lowercase().contains("block"));
            (!json::flag(prevented) && !blocked).then_some(Event::StopHooks)
        }
        "api_error" => Some(Event::Retry),
        "compact_boundary" => {
            let [trigger] = json::pick(compact.unwrap_or("{}"), &["trigger"]).unwrap_or([None]);
            Some(Event::Compacted { by_user: trigger == Some("\"manual\"") })
        }
        "local_command" => Some(Event::Local),
        _ => None,
    }
}

fn title(raw: Option<&str>, by_user: bool) -> Option<(String, bool)> {
    let text = clean(&json::head(raw, HEAD)?, PREVIEW);
    (!text.is_empty()).then_some((text, by_user))
}

/// Whether a user record is the trace of a command that Claude Code handled itself. The commands
/// that are prompts begin with `<command-message>` instead.
fn is_local(text: &str) -> bool {
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

/// A prompt as the user typed it; none for what only looks like one.
fn prompt_words(text: &str) -> Option<String> {
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
    let typed = clean(&typed, PREVIEW);
    (!typed.is_empty()).then_some(typed)
}

/// The tasks that a `<task-notification>` reports as over.
fn ended_tasks(text: &str) -> Vec<String> {
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
