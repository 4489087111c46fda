//! What the transcript and the children of the process say together (docs/facts.md T9, R1). Pure.
//!
//! The transcript alone cannot tell a tool that runs from one that waits for permission; the
//! children of the process can, for shells. What neither tells is Unknown.

use super::calls;
use super::calls::judge::{
    CallVerdict, MAX_HOOK_ROUNDING, SHELL_CHECK_INTERVAL, first_in_turn, is_of_agent,
};
use super::{Evidence, Opinion, TranscriptEvidence, submitted};
use crate::claude::transcript::turn::{OPEN_END_AFTER, Phase, Turn, TurnOutcome};
use crate::session::Timestamp;
use crate::session::state::evidence::Source;
use crate::session::state::{Confidence, State};
use chrono::TimeDelta;

/// A hook of the turn's end is over by then (Claude Code gives hooks ten minutes).
const MAX_STOP_HOOK: TimeDelta = TimeDelta::minutes(10);

/// A session that has written nothing is looked at so often, for so long after its start.
const EARLY_CHECK_INTERVAL: TimeDelta = TimeDelta::milliseconds(500);
const EARLY_DAYS: TimeDelta = TimeDelta::seconds(15);

/// A session that works for this long at a free prompt does something that 1.0.128 does not write down.
const MIN_UNSEEN_WORK: TimeDelta = TimeDelta::milliseconds(450);

/// What follows the end of a turn (its last words are drawn) takes no longer.
const END_OF_TURN: TimeDelta = TimeDelta::seconds(1);

/// For so long after a turn it is looked for.
const MAX_UNSEEN_CHECKS: TimeDelta = TimeDelta::minutes(30);

/// A request that was not answered for so long: no answer streams that long without a line, and
/// Claude Code gives a request up after ten minutes.
const MAX_REQUEST_SILENCE: TimeDelta = TimeDelta::minutes(15);

/// The opinion of the transcript.
pub(super) fn opinion(e: &Evidence<'_>) -> Option<Opinion> {
    let opinion = match e.main {
        TranscriptEvidence::Turn(turn, written) => by_turn(e, turn, written),
        TranscriptEvidence::Nothing => nothing(e),
        // It works on one prompt until it ends, whatever it writes.
        TranscriptEvidence::Nowhere
        | TranscriptEvidence::Ambiguous
        | TranscriptEvidence::Shared
            if e.runs_once =>
        {
            nothing(e)
        }
        TranscriptEvidence::Ambiguous => unclear("several transcripts may be its own"),
        TranscriptEvidence::Nowhere => unclear("its environment does not say where its files are"),
        TranscriptEvidence::Shared => unclear("another process has the same session open"),
        TranscriptEvidence::Unreadable => unclear("the transcript holds no message within reach"),
    };
    Some(match opinion.state {
        State::NeedsInput(_) if e.team_lead.is_some() => Opinion {
            state: State::Working,
            says: format!("{}: its team's lead is asked", opinion.says),
            calls: Vec::new(),
            ..opinion
        },
        _ => opinion,
    })
}

fn by_turn(e: &Evidence<'_>, turn: &Turn, written: Timestamp) -> Opinion {
    let began = turn.began.or(turn.since);
    if e.may_be_shared
        && let Some(began) = began.filter(|_| turn.is_running())
        && slept_at(e, began)
    {
        let says = "it has slept since before the turn began: another process runs that".to_owned();
        let opinion = opine(State::Idle, Some(began), Confidence::Probable, says);
        return Opinion { until: Some(e.now + SHELL_CHECK_INTERVAL), ..opinion };
    }
    match turn.phase {
        Phase::Nothing => nothing(e),
        Phase::Over(how) => over(e, turn, how),
        Phase::Tools => tools(e, turn, began),
        Phase::Said => {
            let end = written.max(turn.since.unwrap_or(written)).min(e.now);
            if e.now - end < OPEN_END_AFTER {
                let says = "the last word is text without a stop reason".to_owned();
                let opinion = opine(State::Working, began, Confidence::Probable, says);
                return Opinion { until: Some(end + OPEN_END_AFTER), ..opinion };
            }
            let says = "the last word is text, and nothing followed".to_owned();
            free(
                e,
                turn.since.unwrap_or(end),
                opine(State::Idle, turn.since, Confidence::Probable, says),
            )
        }
        Phase::Request => request(e, turn, written, began),
    }
}

/// Whether the process has slept from before `then` until now.
fn slept_at(e: &Evidence<'_>, then: Timestamp) -> bool {
    e.activity.is_some_and(|activity| e.now - activity.quiet_for < then - MAX_HOOK_ROUNDING)
}

/// Nothing is written yet: the prompt is free, unless it was given in the arguments.
fn nothing(e: &Evidence<'_>) -> Opinion {
    let elsewhere = e.written_elsewhere.filter(|at| *at > e.started_at && e.activity.is_some());
    if elsewhere.is_some_and(|at| !slept_at(e, at)) {
        return unclear("it may have resumed a conversation that another process holds");
    }
    if let Some(opinion) = submitted::opinion(e).or_else(|| submitted::hook(e, e.started_at)) {
        return opinion;
    }
    let (state, says) = match e.runs_once {
        true => (State::Working, "it was started to answer one prompt"),
        false => (State::Idle, "nothing was submitted yet"),
    };
    // Nothing tells when its files appear; a look costs little.
    let age = e.now - e.started_at;
    // Where only its use of time tells that it has come to its prompt, that is followed.
    let has_paced = e.activity.is_none_or(|activity| activity.has_paced);
    let is_followed = e.polls_at_prompt && !has_paced && age < MAX_UNSEEN_CHECKS;
    let is_young = !e.has_status() && (age < EARLY_DAYS || is_followed);
    let until = is_young.then(|| e.now + EARLY_CHECK_INTERVAL);
    let opinion = opine(state, Some(e.started_at), Confidence::Probable, says.to_owned());
    Opinion { until, ..opinion }
}

/// The main turn is over; subagents may go on, and ask.
fn over(e: &Evidence<'_>, turn: &Turn, how: TurnOutcome) -> Opinion {
    if let Some(opinion) = agents(e, turn.since).or_else(|| submitted::opinion(e)) {
        return opinion;
    }
    let says = match how {
        TurnOutcome::Answered => "the turn has ended",
        TurnOutcome::Interrupted => "the user interrupted the turn",
        TurnOutcome::Failed => "the turn ended in an API error",
        TurnOutcome::Local => "only commands of Claude Code itself were run",
        TurnOutcome::Compacted => "the conversation was compacted",
    };
    let idle = opine(State::Idle, turn.since, Confidence::Certain, says.to_owned());
    match turn.since {
        Some(end) => free(e, end, idle),
        None => idle,
    }
}

/// The prompt is free since `end`, unless a hook of the turn's end runs, or a command that the user
/// typed after `!`: neither leaves a trace in the transcript while it runs.
fn free(e: &Evidence<'_>, end: Timestamp, idle: Opinion) -> Opinion {
    if !e.has_status() && !e.shows_stop_hooks {
        if let Some(opinion) = submitted::hook(e, end) {
            return opinion;
        }
        if is_at_work_since(e, end + END_OF_TURN) {
            let says = "it works, and nothing tells at what: /compact, or keys that are typed";
            return Opinion { until: Some(e.now + SHELL_CHECK_INTERVAL), ..unclear(says) };
        }
        let is_recent = e.activity.is_some() && e.now - end < MAX_UNSEEN_CHECKS;
        let until = is_recent.then(|| e.now + EARLY_CHECK_INTERVAL);
        return user_command(e, end).unwrap_or(Opinion { until, ..idle });
    }
    if e.has_status() || e.now - end > MAX_STOP_HOOK {
        return user_command(e, end).unwrap_or(idle);
    }
    let of_the_end = |born: &&Timestamp| **born >= end - MAX_HOOK_ROUNDING;
    if e.hooks.iter().any(|born| of_the_end(&born)) {
        let says = "a hook runs since the turn has ended".to_owned();
        let opinion = opine(State::Working, Some(end), Confidence::Certain, says);
        return Opinion {
            source: Source::Process,
            until: Some(e.now + SHELL_CHECK_INTERVAL),
            ..opinion
        };
    }
    // A hook may just be about to begin.
    let soon = Some(end + MAX_HOOK_ROUNDING).filter(|at| *at > e.now);
    user_command(e, end).unwrap_or(Opinion { until: soon, ..idle })
}

/// Whether it went to work after `then`, and is still at it.
fn is_at_work_since(e: &Evidence<'_>, then: Timestamp) -> bool {
    let busy_for = e.activity.map_or(TimeDelta::zero(), |activity| activity.busy_for);
    busy_for >= MIN_UNSEEN_WORK && e.now - busy_for > then
}

/// A shell that was born after the turn and belongs to no call.
fn user_command(e: &Evidence<'_>, end: Timestamp) -> Option<Opinion> {
    if e.has_status() || !e.shows_user_commands {
        return None;
    }
    let born = e.shells.iter().map(|shell| shell.born).filter(|born| *born > end).min()?;
    let says = "a command of the user runs".to_owned();
    let opinion = opine(State::Working, Some(born), Confidence::Certain, says);
    let until = Some(e.now + SHELL_CHECK_INTERVAL);
    Some(Opinion { source: Source::Process, until, ..opinion })
}

fn request(e: &Evidence<'_>, turn: &Turn, written: Timestamp, began: Option<Timestamp>) -> Opinion {
    let last = turn.since.unwrap_or(written).max(written).min(e.now);
    if e.now - last < MAX_REQUEST_SILENCE || !e.shells.is_empty() {
        let says = "the answer of the model is due".to_owned();
        let opinion = opine(State::Working, began, Confidence::Probable, says);
        let until = Some(last + MAX_REQUEST_SILENCE).filter(|at| *at > e.now);
        return Opinion { until, ..opinion };
    }
    let says = "an answer of the model has been due for more than a quarter of an hour".to_owned();
    opine(State::Unknown, began, Confidence::Low, says)
}

/// Tools are open: they run, or one of them asks.
fn tools(e: &Evidence<'_>, turn: &Turn, began: Option<Timestamp>) -> Opinion {
    let calls = calls::open_calls(e).into_iter().next().unwrap_or_default();
    let own = first_in_turn(e, turn, &calls);
    let runs_agent = calls.iter().any(is_of_agent);
    let agents = if runs_agent { agents(e, began) } else { None };
    match (own, agents) {
        // Calls behind a subagent wait for it.
        (Some(own), Some(agents)) if own.is_of_agent => agents,
        (Some(own), agents) => {
            let own = own.opinion(began);
            match agents {
                Some(agents) if rank(&agents.state) < rank(&own.state) => agents,
                _ => own,
            }
        }
        (None, Some(agents)) => agents,
        (None, None) => {
            let says = "no tool is open".to_owned();
            opine(State::Unknown, began, Confidence::Low, says)
        }
    }
}

/// The opinion of the running subagents; none if there are none. They work beside each other: one that
/// asks waits for the user, whatever the others do.
fn agents(e: &Evidence<'_>, began: Option<Timestamp>) -> Option<Opinion> {
    if e.agents.is_empty() {
        return None;
    }
    let says = "a subagent is at work".to_owned();
    let mut works = opine(State::Working, began, Confidence::Certain, says);
    works.until = e.agents_quiet_at;
    let skipped = usize::from(matches!(e.main, TranscriptEvidence::Turn(..)));
    let calls = calls::open_calls(e);
    let verdicts = e.agents.iter().zip(calls.iter().skip(skipped));
    let opinions =
        verdicts.filter_map(|(turn, calls)| Some(first_in_turn(e, turn, calls)?.opinion(began)));
    let mut best = works;
    for opinion in opinions {
        let until = best.until.into_iter().chain(opinion.until).min();
        let wins = (rank(&opinion.state), std::cmp::Reverse(opinion.confidence))
            < (rank(&best.state), std::cmp::Reverse(best.confidence));
        best = Opinion { until, ..if wins { opinion } else { best } };
    }
    best.source = Source::Subagents;
    Some(best)
}

/// Of agents beside each other, which state is that of the whole.
fn rank(state: &State) -> u8 {
    match state {
        State::NeedsInput(_) => 0,
        State::Unknown => 1,
        _ => 2,
    }
}

impl CallVerdict {
    fn opinion(self, began: Option<Timestamp>) -> Opinion {
        let since = match self.state {
            State::Working => began.or(Some(self.since)),
            _ => Some(self.since),
        };
        let opinion = opine(self.state, since, self.confidence, self.says);
        Opinion { until: self.until, calls: self.call.into_iter().collect(), ..opinion }
    }
}

fn opine(state: State, since: Option<Timestamp>, confidence: Confidence, says: String) -> Opinion {
    Opinion::new(Source::Transcript, state, since, confidence, says)
}

fn unclear(says: &str) -> Opinion {
    opine(State::Unknown, None, Confidence::Low, says.to_owned())
}
