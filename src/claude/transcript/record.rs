//! One line of a transcript, and what it means for the turn. Pure.
//!
//! A line is a JSON object with a `type`. Unknown types, other shapes and damaged lines mean
//! nothing; they are never an error.

use super::message::{self, Origin};
use super::tool::Tool;
use crate::claude::input::json;
use crate::session::Timestamp;
use crate::session::sanitize::clean;
use std::borrow::Cow;

/// Longest preview, in characters.
pub(super) const PREVIEW: usize = 200;

/// Longest piece of a text that is looked at, in bytes.
pub(super) const HEAD: usize = 4096;

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
            message::read_user(&mut record, message?, Origin { by_machine, meta, skipped });
            message::read_result(&mut record, result);
        }
        "assistant" => message::read_answer(&mut record, message?, json::flag(api_error)),
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
            record.ended = message::ended_tasks(&json::head(content, HEAD).unwrap_or_default());
        }
        "permission-mode" => {}
        "custom-title" => record.title = title(custom_title, true),
        "agent-name" => record.title = title(agent_name, false),
        "ai-title" => record.title = title(ai_title, false),
        "last-prompt" => {
            record.prompt =
                last_prompt.and_then(|raw| message::prompt_words(&json::head(Some(raw), HEAD)?))
        }
        _ => return None,
    }
    Some(record)
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
