//! Where a turn stands after each event of a transcript. Pure.

use super::record::{AnswerEnd, TurnEvent};
use super::tool::ToolCall;
use crate::session::Timestamp;
use crate::session::state::failure::Failure;
use chrono::TimeDelta;

/// How many answers to tool calls not seen yet are remembered: an answer may stand before its call
/// in one flush.
const MAX_EARLY_RESULTS: usize = 16;

/// Text without a stop reason ends the turn if nothing follows for this long (2.1.20, 2.1.50).
pub(crate) const OPEN_END_AFTER: TimeDelta = TimeDelta::seconds(2);

/// How many open tool calls are remembered.
const MAX_OPEN_CALLS: usize = 64;

/// Where a turn stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Turn {
    /// The phase after the last event.
    pub(crate) phase: Phase,
    /// When that phase began.
    pub(crate) since: Option<Timestamp>,
    /// When the turn began.
    pub(crate) began: Option<Timestamp>,
    /// Time of the last event that counted.
    pub(crate) last: Option<Timestamp>,
    /// When a tool last answered.
    pub(crate) resulted: Option<Timestamp>,
    /// Why the turn failed, if it did.
    pub(crate) failure: Option<Box<Failure>>,
    /// Tool calls without an answer.
    pub(crate) open: Vec<ToolCall>,
    /// Answers that came before their calls.
    early: Vec<String>,
    /// A prompt is queued that is answered after this turn.
    queued: bool,
}

/// The phases of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Phase {
    /// Nothing was said yet.
    #[default]
    Nothing,
    /// The model's answer is due: a prompt or tool results were sent.
    Request,
    /// Tools were called and have not all answered.
    Tools,
    /// Text without a stop reason: more follows, or the turn is over (2.1.20, 2.1.50).
    Said,
    /// The turn is over.
    Over(TurnOutcome),
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TurnOutcome {
    /// By its last answer.
    Answered,
    /// By the user.
    Interrupted,
    /// By an error of the API.
    Failed,
    /// No turn ran, only a command of Claude Code itself.
    Local,
    /// By `/compact`.
    Compacted,
}

impl Turn {
    /// Takes the next event, in the order of their times.
    pub(crate) fn step(&mut self, event: &TurnEvent, at: Timestamp) {
        match event {
            TurnEvent::Prompt => {
                self.queued = false;
                self.open.clear();
                self.enter(Phase::Request, at);
                self.began = Some(at);
            }
            TurnEvent::Results(ids) => {
                for id in ids {
                    let before = self.open.len();
                    self.open.retain(|tool| tool.id != *id);
                    if self.open.len() == before {
                        remember(&mut self.early, id.clone(), MAX_EARLY_RESULTS);
                    }
                }
                self.resulted = self.resulted.max(Some(at));
                if self.open.is_empty() {
                    self.enter(Phase::Request, at);
                }
            }
            TurnEvent::Interrupted => self.end(TurnOutcome::Interrupted, at),
            TurnEvent::Local => {
                if self.phase == Phase::Nothing {
                    self.end(TurnOutcome::Local, at);
                }
            }
            TurnEvent::Answer { tools, end } => self.answer(tools, end, at),
            TurnEvent::Queued => {
                self.queued = true;
                return;
            }
            TurnEvent::Continues(continues) => {
                if let Some(failure) = self.failure.as_mut().filter(|failure| failure.is_limit()) {
                    failure.continues = *continues;
                }
                // It changes nothing about the turn.
                return;
            }
            TurnEvent::Request => {
                if self.last.is_none_or(|last| at > last) {
                    self.open.clear();
                    self.enter(Phase::Request, at);
                }
            }
            TurnEvent::Retry => self.enter(Phase::Request, at),
            TurnEvent::TurnEnd => self.end(TurnOutcome::Answered, at),
            TurnEvent::StopHooks => {
                if self.phase != Phase::Request {
                    self.end(TurnOutcome::Answered, at);
                }
            }
            TurnEvent::Compacted { by_user: true } => self.end(TurnOutcome::Compacted, at),
            TurnEvent::Compacted { by_user: false } => {
                self.open.clear();
                self.enter(Phase::Request, at);
            }
        }
        self.last = self.last.max(Some(at));
    }

    fn answer(&mut self, tools: &[ToolCall], end: &AnswerEnd, at: Timestamp) {
        for tool in tools {
            let answered = self.early.iter().position(|id| *id == tool.id);
            match answered {
                Some(position) => drop(self.early.remove(position)),
                None if self.open.iter().any(|open| open.id == tool.id) => {}
                None => remember(&mut self.open, tool.clone(), MAX_OPEN_CALLS),
            }
        }
        match end {
            AnswerEnd::Failed(failure) => {
                self.end(TurnOutcome::Failed, at);
                self.failure = Some(failure.clone());
            }
            _ if !self.open.is_empty() => self.enter(Phase::Tools, at),
            // The queued prompt is sent next, and leaves no other trace.
            AnswerEnd::Turn if std::mem::take(&mut self.queued) => {
                self.enter(Phase::Request, at);
            }
            AnswerEnd::Turn => self.end(TurnOutcome::Answered, at),
            AnswerEnd::OpenText if tools.is_empty() => self.enter(Phase::Said, at),
            AnswerEnd::OpenText | AnswerEnd::Open => self.enter(Phase::Request, at),
        }
    }

    fn enter(&mut self, phase: Phase, at: Timestamp) {
        self.phase = phase;
        self.since = Some(at);
        self.failure = None;
    }

    /// The turn is over. What follows the end of a turn does not move it.
    fn end(&mut self, how: TurnOutcome, at: Timestamp) {
        self.queued = false;
        self.open.clear();
        if !self.is_over() || how != TurnOutcome::Answered {
            self.enter(Phase::Over(how), at);
        }
    }

    /// Whether it is over, and nothing has cut it short: no dialog of its own is to come.
    pub(crate) fn is_at_rest(&self) -> bool {
        !self.is_running() && self.failure.is_none()
    }

    /// Whether it has ended, and not by the user.
    pub(crate) fn has_ended_by_itself(&self) -> bool {
        matches!(self.phase, Phase::Over(TurnOutcome::Answered | TurnOutcome::Failed))
    }

    /// Whether it has ended, in whatever way.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over(_))
    }

    /// Whether a turn runs.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Request | Phase::Tools | Phase::Said)
    }
}

/// Adds to a list that forgets its oldest item.
fn remember<T>(list: &mut Vec<T>, item: T, limit: usize) {
    if list.len() >= limit {
        list.remove(0);
    }
    list.push(item);
}
