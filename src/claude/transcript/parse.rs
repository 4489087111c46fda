//! From one line of a transcript to its record. Pure.
//!
//! A line is a JSON object with a `type`. Unknown types, other shapes and damaged lines mean
//! nothing; they are never an error.

use super::failure::{self, ErrorMembers};
use super::message::{self, Origin};
use super::record::{TranscriptRecord, TurnEvent};
use super::{MAX_PREVIEW_CHARS, MAX_TEXT_BYTES};
use crate::claude::input::json;
use crate::session::sanitize::clean;

json::members! {
    /// The members of a line that matter, raw.
    struct LineMembers {
        kind: "type",
        at: "timestamp",
        side: "isSidechain",
        message: "message",
        cwd: "cwd",
        branch: "gitBranch",
        version: "version",
        mode: "permissionMode",
        subtype: "subtype",
        meta: "isMeta",
        summary: "isCompactSummary",
        source: "promptSource",
        uuid: "uuid",
        parent: "parentUuid",
        is_error: "isApiErrorMessage",
        api_error: "apiError",
        error: "error",
        error_status: "apiErrorStatus",
        quota: "quotaLimits",
        result: "toolUseResult",
        query: "querySource",
        compact: "compactMetadata",
        content: "content",
        operation: "operation",
        custom_title: "customTitle",
        ai_title: "aiTitle",
        agent_name: "agentName",
        last_prompt: "lastPrompt",
        prevented: "preventedContinuation",
        hook_errors: "hookErrors",
    }
}

/// How the notice begins that a message of another session waits for the user (2.1.332).
const HELD_MESSAGE: &str = "Held peer message";

/// Reads a line. None: it is not a JSON object, or of a kind that means nothing here.
pub(crate) fn parse(line: &str) -> Option<TranscriptRecord<'_>> {
    let raw = LineMembers::pick(line)?;
    let kind = json::text(raw.kind)?;
    let mut record = TranscriptRecord {
        at: json::time(raw.at),
        side: json::flag(raw.side),
        cwd: json::text(raw.cwd),
        branch: json::text(raw.branch),
        version: json::text(raw.version),
        mode: json::text(raw.mode),
        ..TranscriptRecord::default()
    };
    match kind.as_ref() {
        "user" => {
            let by_machine = raw.source == Some("\"system\"");
            let skipped = json::flag(raw.summary);
            let meta = json::flag(raw.meta) && raw.source.is_none();
            message::read_user(&mut record, raw.message?, Origin { by_machine, meta, skipped });
            record.caveat = json::text(raw.uuid).filter(|_| record.caveat.is_some());
            record.parent = json::text(raw.parent);
            message::read_result(&mut record, raw.result);
        }
        "assistant" => {
            let error = ErrorMembers {
                api_error: raw.api_error,
                error: raw.error,
                status: raw.error_status,
                quota: raw.quota,
            };
            let error = json::flag(raw.is_error).then_some(error);
            message::read_answer(&mut record, raw.message?, error);
        }
        "system" => {
            record.event = system_event(&raw);
            let text = json::head(raw.content, MAX_TEXT_BYTES).unwrap_or_default();
            record.holds_message = text.starts_with(HELD_MESSAGE);
        }
        "api-request" => {
            // Other sources are titles, summaries and subagents (2.1.329).
            let query = json::text(raw.query).unwrap_or_default();
            let main = query.starts_with("repl_main_thread") || query.starts_with("sdk");
            record.event = main.then_some(TurnEvent::Request);
        }
        "queue-operation" => {
            let text = json::head(raw.content, MAX_TEXT_BYTES).unwrap_or_default();
            record.ended = message::ended_tasks(&text);
            record.is_of_queue = true;
            let is_prompt = !text.trim_start().starts_with('<') && !text.trim().is_empty();
            let operation = json::text(raw.operation);
            let is_new = operation.as_deref() == Some("enqueue");
            record.queues_compact = is_new && text.split_whitespace().next() == Some("/compact");
            record.takes_queued = operation.as_deref() == Some("dequeue");
            record.event = (is_new && is_prompt).then_some(TurnEvent::Queued);
        }
        "permission-mode" => {}
        "custom-title" => record.title = title(raw.custom_title, true),
        "agent-name" => record.title = title(raw.agent_name, false),
        "ai-title" => record.title = title(raw.ai_title, false),
        "last-prompt" => {
            let text = json::head(raw.last_prompt, MAX_TEXT_BYTES);
            record.prompt = text.and_then(|text| message::prompt_words(&text));
        }
        _ => return None,
    }
    Some(record)
}

fn system_event(raw: &LineMembers<'_>) -> Option<TurnEvent> {
    match json::text(raw.subtype)?.as_ref() {
        "turn_duration" | "away_summary" => Some(TurnEvent::TurnEnd),
        "stop_hook_summary" => {
            // A hook that blocks sends the model back to work.
            let errors = raw.hook_errors.unwrap_or_default();
            let blocked = errors.to_lowercase().contains("block");
            (!json::flag(raw.prevented) && !blocked).then_some(TurnEvent::StopHooks)
        }
        "api_error" => Some(TurnEvent::Retry),
        "compact_boundary" => {
            let compact = raw.compact.unwrap_or("{}");
            let [trigger] = json::pick(compact, &["trigger"]).unwrap_or([None]);
            Some(TurnEvent::Compacted { by_user: trigger == Some("\"manual\"") })
        }
        "local_command" => Some(TurnEvent::Local),
        "informational" => failure::continues(raw.content).map(TurnEvent::Continues),
        _ => None,
    }
}

fn title(raw: Option<&str>, by_user: bool) -> Option<(String, bool)> {
    let text = clean(&json::head(raw, MAX_TEXT_BYTES)?, MAX_PREVIEW_CHARS);
    (!text.is_empty()).then_some((text, by_user))
}
