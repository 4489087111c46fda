//! One line of a transcript, and what it means for the turn. Pure.

use super::tool::ToolCall;
use crate::session::Timestamp;
use crate::session::state::failure::Failure;
use std::borrow::Cow;

/// What a line says. Texts are clean, except the borrowed ones.
#[derive(Debug, Default)]
pub(crate) struct TranscriptRecord<'a> {
    /// Its time; absent on metadata lines.
    pub(crate) at: Option<Timestamp>,
    /// Written by a subagent.
    pub(crate) side: bool,
    /// What it means for the turn.
    pub(crate) event: Option<TurnEvent>,
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
    /// Its id, if it only announces that commands of Claude Code follow.
    pub(crate) caveat: Option<Cow<'a, str>>,
    /// The id of the record that it follows, of a user record.
    pub(crate) parent: Option<Cow<'a, str>>,
    /// The user's `/clear`, with which a new conversation begins.
    pub(crate) is_clear: bool,
    /// It is about the queue of prompts.
    pub(crate) is_of_queue: bool,
    /// It puts `/compact` into that queue.
    pub(crate) queues_compact: bool,
    /// It takes the next out of that queue.
    pub(crate) takes_queued: bool,
    /// A message of another session is held until the user lets it in.
    pub(crate) holds_message: bool,
}

/// What a line means for the turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TurnEvent {
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
        tools: Vec<ToolCall>,
        /// How the piece ends.
        end: AnswerEnd,
    },
    /// A request was sent to the model (2.1.329 writes a line for each attempt).
    Request,
    /// A request failed and is tried again.
    Retry,
    /// The turn is over, hooks and all.
    TurnEnd,
    /// The hooks of the turn's end have run and let it end.
    StopHooks,
    /// The user typed a prompt while a turn runs, to be answered after it.
    Queued,
    /// Whether the session goes on by itself after a limit has become known.
    Continues(bool),
    /// The conversation was compacted.
    Compacted {
        /// By `/compact`, so that nothing follows.
        by_user: bool,
    },
}

/// How a piece of an answer ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnswerEnd {
    /// It is the last one of the turn.
    Turn,
    /// It is the message of an API error that ends the turn.
    Failed(Box<Failure>),
    /// Text without a stop reason: more follows, or (2.1.20, 2.1.50) the turn is over.
    OpenText,
    /// More follows.
    Open,
}
