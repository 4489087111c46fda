//! How a prompt ended, and why an answer to one is refused. Pure.

/// How a prompt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its hook has passed on an answer.
    Answered,
    /// Its hook has ended: Claude Code stopped it, or the hook was ended otherwise.
    HookEnded,
    /// The session no longer waits: it was answered in its terminal.
    AnsweredElsewhere,
    /// The session has begun another conversation, and that one asks.
    Replaced,
    /// The session has ended.
    SessionEnded,
}

impl End {
    /// What is over, as a clause.
    pub fn clause(self) -> &'static str {
        match self {
            End::Answered => "it was answered",
            End::HookEnded => "Claude Code no longer waits for it",
            End::AnsweredElsewhere => "it was answered in the terminal",
            End::Replaced => "another prompt has replaced it",
            End::SessionEnded => "the session has ended",
        }
    }
}

/// Why an answer is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No prompt has this id, or had it lately.
    Unknown,
    /// The prompt is over.
    Over(End),
    /// It is being answered already.
    BeingAnswered,
    /// The session has no prompt that is open.
    NotWaiting,
    /// The session has several: which one?
    Several,
    /// It cannot be answered so. What is wrong, and what to do.
    Unfit(String, String),
}
