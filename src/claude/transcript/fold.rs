//! A transcript folded, line by line, into where its turn stands and what else it says.
//!
//! The order of lines is not the order of events: lines of one flush may be swapped, and a request
//! may be written after its answer (docs/facts.md T5: by up to 4 s). So the last events are kept in
//! the order of their times, on top of a state to which older ones were committed. Events are taken
//! one by one, so how the bytes came in makes no difference.

use super::parse;
use super::record::{TranscriptRecord, TurnEvent};
use super::turn::Turn;
use crate::session::Timestamp;
use crate::session::shared::Text;
use chrono::TimeDelta;
use std::collections::VecDeque;

/// How many events may still be overtaken by an older one.
const MAX_RECENT_EVENTS: usize = 32;

/// How many ids of background work are remembered.
const MAX_BACKGROUND_IDS: usize = 64;

/// How much older than its predecessor an event may be and still count as swapped. A larger distance
/// means that the clock was set, and then the order of lines is right.
const MAX_SWAP_DISTANCE: TimeDelta = TimeDelta::seconds(30);

/// A prompt that follows an interruption of its own accord may be dated so much before it (13 ms were
/// measured).
const MAX_RESTART_LEAD: TimeDelta = TimeDelta::milliseconds(200);

/// The output of a command is written so long after its announcement (16 ms were seen on 2.1.75).
const MAX_OUTPUT_LAG: TimeDelta = TimeDelta::milliseconds(500);

/// An event of a turn, and its time.
type RecentEvent = (Timestamp, TurnEvent);

/// A transcript, folded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fold {
    /// Whether the subagent's records count instead of the session's.
    side: bool,
    /// None while no event was committed.
    committed: Option<Box<Turn>>,
    recent: VecDeque<RecentEvent>,
    current: Turn,
    previous: Timestamp,
    said_at: Timestamp,
    anchored: bool,
    /// The last announcement of commands of Claude Code: its id and its time.
    caveat: Option<(String, Option<Timestamp>)>,
    /// What else it says.
    pub(crate) facts: TranscriptFacts,
}

/// What a transcript says beside the turn. Texts are clean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TranscriptFacts {
    /// Directory the session's shell is in.
    pub(crate) cwd: Option<Text>,
    /// Branch as of the last record.
    pub(crate) branch: Option<Text>,
    /// Version of Claude Code that wrote the last record.
    pub(crate) version: Option<Text>,
    /// Permission mode.
    pub(crate) mode: Option<Text>,
    /// Model of the last answer.
    pub(crate) model: Option<Text>,
    /// Tokens in the context at the last answer.
    pub(crate) tokens: Option<u64>,
    /// The last thing said.
    pub(crate) said: Option<Text>,
    /// The last prompt.
    pub(crate) prompt: Option<Text>,
    /// Title, and whether a person chose it.
    pub(crate) title: Option<(Text, bool)>,
    /// The task in hand.
    pub(crate) task: Option<Text>,
    /// Background shells that have begun and not been reported as over.
    pub(crate) shells: Vec<String>,
    /// The first prompt, in a few words.
    pub(crate) first_prompt: Option<Text>,
    /// The conversation began with `/clear`.
    pub(crate) begins_with_clear: bool,
    /// Time of the first record.
    pub(crate) first_at: Option<Timestamp>,
    /// When a message of another session was last held.
    pub(crate) message_held_at: Option<Timestamp>,
    /// The first record is about the queue of prompts: `claude -p` takes its prompt from there
    /// (docs/facts.md T24).
    pub(crate) begins_with_queue: bool,
    /// `/compact` is in the queue of prompts.
    compact_queued: bool,
    /// When it was last taken out of there: nothing else is written until it is over.
    pub(crate) compact_at: Option<Timestamp>,
}

impl Fold {
    /// An empty one. `side`: it follows a subagent's own transcript.
    pub(crate) fn new(side: bool) -> Fold {
        Fold { side, ..Fold::default() }
    }

    /// Takes one whole line, without its line break. Lines that mean nothing change nothing.
    pub(crate) fn take(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        if let Some(record) = parse::parse(text.trim()) {
            self.take_record(record);
        }
    }

    /// Where the turn stands.
    pub(crate) fn turn(&self) -> &Turn {
        &self.current
    }

    /// Whether a prompt or an answer was seen: what came before it cannot matter any more.
    pub(crate) fn is_anchored(&self) -> bool {
        self.anchored
    }

    fn take_record(&mut self, mut record: TranscriptRecord<'_>) {
        self.follow_caveat(&mut record);
        let of_a_turn =
            record.side == self.side || (record.event == Some(TurnEvent::Request) && !self.side);
        // Later versions answer a queued prompt in the turn that runs, or write it down as a prompt.
        let is_left_out = self.facts.version.as_deref().is_none_or(|it| !it.starts_with("2.0."));
        if record.event == Some(TurnEvent::Queued) && is_left_out {
            record.event = None;
        }
        // Records without a time follow their predecessor.
        let at = record.at.unwrap_or(self.previous);
        self.note(&record, at);
        if let Some(event) = record.event.filter(|_| of_a_turn) {
            self.anchored |= matches!(event, TurnEvent::Prompt | TurnEvent::Answer { .. });
            self.insert(at, event);
        }
    }

    /// What follows an announcement of commands at once was put out by one (a mistyped
    /// `/command` has no other trace, on 1.0.128, 2.0.77 and 2.1.75): it is no prompt.
    fn follow_caveat(&mut self, record: &mut TranscriptRecord<'_>) {
        let follows = |(id, at): &(String, Option<Timestamp>)| {
            let at_once = |(at, then): (Timestamp, Timestamp)| (then - at).abs() <= MAX_OUTPUT_LAG;
            record.parent.as_deref() == Some(id) && at.zip(record.at).is_some_and(at_once)
        };
        if record.event == Some(TurnEvent::Prompt) && self.caveat.as_ref().is_some_and(follows) {
            record.event = Some(TurnEvent::Local);
            (record.prompt, record.said) = (None, None);
        }
        if let Some(id) = record.caveat.as_deref().filter(|id| !id.is_empty()) {
            self.caveat = Some((id.to_owned(), record.at));
        }
    }

    fn insert(&mut self, at: Timestamp, event: TurnEvent) {
        // A plan that was approved is refused in the old conversation and sent in the next one at once, whose
        // file begins with both (2.1.75): what was written first was first, whatever the times say.
        let was_left = |(other, it): &RecentEvent| {
            let is_at_once = *other - at <= MAX_RESTART_LEAD;
            event == TurnEvent::Prompt && *it == TurnEvent::Interrupted && is_at_once
        };
        let overtakes =
            |it: &&RecentEvent| it.0 > at && it.0 - at <= MAX_SWAP_DISTANCE && !was_left(it);
        let behind = self.recent.iter().rev().take_while(overtakes).count();
        let late = self.recent.back().is_some_and(|(last, _)| *last - at > MAX_SWAP_DISTANCE);
        if late && event == TurnEvent::Request {
            // Written long after it was sent: the answer to it stands before it.
            return;
        }
        self.previous = at;
        if behind == 0 {
            self.current.step(&event, at);
            self.recent.push_back((at, event));
        } else {
            self.recent.insert(self.recent.len() - behind, (at, event));
            self.current = self.committed.as_deref().cloned().unwrap_or_default();
            for (at, event) in &self.recent {
                self.current.step(event, *at);
            }
        }
        while self.is_first_settled()
            && let Some((at, event)) = self.recent.pop_front()
        {
            self.committed.get_or_insert_default().step(&event, at);
        }
    }

    /// All that there is was taken, for now: keeps no room for more.
    pub(crate) fn settle(&mut self) {
        self.recent.shrink_to_fit();
    }

    /// Whether no event can be put before the first of the recent ones any more: there are too many, or
    /// one behind it is so much later that none overtakes both.
    fn is_first_settled(&self) -> bool {
        let is_far = |((first, _), (last, _)): (&RecentEvent, &RecentEvent)| {
            *last - *first >= MAX_SWAP_DISTANCE
        };
        let (first, last) = (self.recent.front(), self.recent.back());
        self.recent.len() > MAX_RECENT_EVENTS || first.zip(last).is_some_and(is_far)
    }

    fn note(&mut self, record: &TranscriptRecord<'_>, at: Timestamp) {
        let facts = &mut self.facts;
        for id in &record.ended {
            facts.shells.retain(|shell| shell != id);
        }
        if record.side != self.side {
            return;
        }
        facts.begins_with_clear |= facts.first_prompt.is_none() && record.is_clear;
        facts.begins_with_queue |= facts.first_at.is_none() && record.is_of_queue;
        facts.compact_queued |= record.queues_compact;
        if record.takes_queued && std::mem::take(&mut facts.compact_queued) {
            facts.compact_at = record.at.or(facts.compact_at);
        }
        facts.first_at = facts.first_at.or(record.at);
        facts.message_held_at =
            record.at.filter(|_| record.holds_message).or(facts.message_held_at);
        keep(&mut facts.cwd, record.cwd.as_deref());
        keep(&mut facts.branch, record.branch.as_deref());
        keep(&mut facts.version, record.version.as_deref());
        keep(&mut facts.mode, record.mode.as_deref());
        keep(&mut facts.model, record.model.as_deref());
        facts.tokens = record.tokens.or(facts.tokens);
        if let Some(title) = &record.title
            && (title.1 || facts.title.as_ref().is_none_or(|(_, by_user)| !by_user))
        {
            facts.title = Some((title.0.as_str().into(), title.1));
        }
        if let Some(task) = &record.task {
            facts.task = task.as_deref().map(Text::from);
        }
        if let Some(shell) = &record.shell_began
            && !facts.shells.contains(shell)
            && facts.shells.len() < MAX_BACKGROUND_IDS
        {
            facts.shells.push(shell.clone());
        }
        if record.prompt.is_some() && (record.event.is_some() || facts.prompt.is_none()) {
            facts.prompt = record.prompt.as_deref().map(Text::from);
            if facts.first_prompt.is_none() {
                facts.first_prompt.clone_from(&facts.prompt);
            }
        }
        // An answer may be written before its prompt, but it was said later.
        if record.said.is_some() && (at >= self.said_at || self.said_at - at > MAX_SWAP_DISTANCE) {
            facts.said = record.said.as_deref().map(Text::from);
            self.said_at = at;
        }
    }
}

/// Keeps the newest value, without a new allocation when it is the old one.
fn keep(slot: &mut Option<Text>, value: Option<&str>) {
    if let Some(value) = value
        && slot.as_deref() != Some(value)
    {
        *slot = Some(value.into());
    }
}
