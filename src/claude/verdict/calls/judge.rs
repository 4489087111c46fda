//! What can be told of the open calls of a turn without a word of Claude Code: whether the one that
//! the turn is at runs, or asks. Pure.

use super::asking::reason;
use super::{OpenCall, Running, SHELL_DUE};
use crate::claude::transcript::tool::{ToolCall, ToolKind};
use crate::claude::transcript::turn::Turn;
use crate::claude::verdict::{Evidence, needs};
use crate::session::Timestamp;
use crate::session::state::{Confidence, ReasonKind, State};
use chrono::TimeDelta;

/// The same on a machine so busy that the process itself has hardly run.
const SHELL_OVERDUE: TimeDelta = TimeDelta::seconds(5);

/// A session that sleeps for this long in a call shows no spinner (1 s was too short at a load of 10).
const ASLEEP_AFTER: TimeDelta = TimeDelta::seconds(3);

/// When a process is looked at again that works.
const ACTIVITY_CHECK_INTERVAL: TimeDelta = TimeDelta::milliseconds(150);

/// How often the shell of a call that asks is looked for: nothing tells that it was allowed.
pub(crate) const SHELL_CHECK_INTERVAL: TimeDelta = TimeDelta::milliseconds(200);

/// Tools that need no permission and are quick have answered by then.
const QUICK_TOOL_DUE: TimeDelta = TimeDelta::milliseconds(1500);

/// How much older than the event it follows a hook may seem.
pub(crate) const MAX_HOOK_ROUNDING: TimeDelta = TimeDelta::milliseconds(300);

/// A subagent whose transcript cannot be seen (1.0.128) is trusted to work for so long after the
/// last sign of it.
const UNSEEN_AGENT_GRACE: TimeDelta = TimeDelta::seconds(3);

/// What can be told of one open call.
pub(in crate::claude::verdict) struct CallVerdict {
    pub(in crate::claude::verdict) state: State,
    pub(in crate::claude::verdict) since: Timestamp,
    pub(in crate::claude::verdict) confidence: Confidence,
    pub(in crate::claude::verdict) says: String,
    pub(in crate::claude::verdict) until: Option<Timestamp>,
    pub(in crate::claude::verdict) call: Option<String>,
    pub(in crate::claude::verdict) is_of_agent: bool,
}

/// The verdict on the call that a turn is at. Calls of one message come one after the other: those
/// behind it have neither begun nor asked (seen on 2.0.77, 2.1.75 and 2.1.332; only subagents, and
/// tools that change nothing, run beside each other).
pub(in crate::claude::verdict) fn first_in_turn(
    e: &Evidence<'_>,
    turn: &Turn,
    calls: &[OpenCall<'_>],
) -> Option<CallVerdict> {
    let mut last = None;
    for open in calls {
        let verdict = judge(e, turn, open);
        let is_own = !is_of_agent(open) && open.call.kind() != ToolKind::Silent;
        if is_own && last.as_ref().is_some_and(|last: &CallVerdict| last.is_of_agent) {
            break;
        }
        if is_own {
            return Some(verdict);
        }
        if last.is_none() || verdict.is_of_agent {
            last = Some(verdict);
        }
    }
    last
}

fn judge(e: &Evidence<'_>, turn: &Turn, open: &OpenCall<'_>) -> CallVerdict {
    let call = open.call;
    // A call behind another one comes to its turn when that one has answered.
    let since = turn.resulted.map_or(call.at, |resulted| resulted.max(call.at));
    let verdict = |state, confidence, says: &'static str| CallVerdict {
        state,
        since,
        confidence,
        says: format!("{} {says}", crate::session::sanitize::clean(&call.name, 40)),
        until: None,
        call: None,
        is_of_agent: is_of_agent(open),
    };
    let working = |confidence, says| verdict(State::Working, confidence, says);
    let asks = |confidence, says: &'static str| CallVerdict {
        call: Some(call.id.clone()),
        ..verdict(needs(reason(call), Some(call.description.clone())), confidence, says)
    };
    match call.kind() {
        ToolKind::Question => return asks(Confidence::Certain, "asks"),
        ToolKind::Plan => return asks(Confidence::Certain, "waits for approval"),
        ToolKind::Silent => return working(Confidence::Probable, "was called"),
        ToolKind::Agent => return agent(e, call, working, verdict),
        _ => {}
    }
    match open.running {
        Running::Yes if is_of_agent(open) => return working(Confidence::Certain, "runs an agent"),
        Running::Yes => return working(Confidence::Certain, "runs: its shell does"),
        Running::Perhaps => {
            return working(Confidence::Certain, "runs: a shell was born after its call");
        }
        Running::No => {}
    }
    if e.never_asks {
        return working(Confidence::Probable, "runs: nobody can be asked");
    }
    if never_asks(e.mode, call) {
        return working(Confidence::Probable, "runs: the permission mode allows it");
    }
    let hooked = e.hooks.iter().any(|born| *born >= call.at - MAX_HOOK_ROUNDING);
    // A hook of the dialog itself runs beside it, where no spinner turns.
    let sleeps = e.activity.is_some_and(|activity| activity.quiet_for >= ASLEEP_AFTER);
    if hooked && sleeps && e.interactive {
        let asks = asks(Confidence::Probable, "was called, and the session sleeps beside a hook");
        return CallVerdict { until: Some(e.now + SHELL_CHECK_INTERVAL), ..asks };
    }
    if hooked {
        let working = working(Confidence::Probable, "waits for a hook");
        return CallVerdict { until: Some(e.now + SHELL_CHECK_INTERVAL), ..working };
    }
    // Whether it asks is told by what does not come after it, or after the hook before it.
    let from = e.hook_ran_at.map_or(since, |ran| ran.max(since));
    let within = |due: TimeDelta| e.now - from < due;
    let later = |due: TimeDelta| CallVerdict {
        until: Some(from + due),
        ..working(Confidence::Low, "was just called")
    };
    match call.kind() {
        ToolKind::Shell if within(SHELL_DUE) => later(SHELL_DUE),
        // It is about to begin: on a busy machine that takes its time. In a dialog it would sleep.
        ToolKind::Shell if is_at_work(e) && within(SHELL_OVERDUE) => CallVerdict {
            until: Some(e.now + ACTIVITY_CHECK_INTERVAL),
            ..working(Confidence::Low, "was called, and it works")
        },
        ToolKind::Shell => CallVerdict {
            until: Some(e.now + SHELL_CHECK_INTERVAL),
            ..asks(Confidence::Probable, "was called and no shell runs")
        },
        _ if within(QUICK_TOOL_DUE) => later(QUICK_TOOL_DUE),
        ToolKind::Quick => asks(Confidence::Probable, "would have answered long ago"),
        _ => runs_or_asks(e, &verdict, &asks),
    }
}

/// Whether what a call does is that of an agent: so with a skill that has one of its own.
pub(in crate::claude::verdict) fn is_of_agent(open: &OpenCall<'_>) -> bool {
    match open.call.kind() {
        ToolKind::Agent => true,
        ToolKind::Opaque => open.running == Running::Yes,
        _ => false,
    }
}

/// Of a tool that leaves no other trace the spinner tells, which takes processor time while the session
/// works; in a dialog it stands.
fn runs_or_asks(
    e: &Evidence<'_>,
    verdict: &impl Fn(State, Confidence, &'static str) -> CallVerdict,
    asks: &impl Fn(Confidence, &'static str) -> CallVerdict,
) -> CallVerdict {
    let until = Some(e.now + SHELL_CHECK_INTERVAL);
    // Without a screen there is no spinner.
    match e.activity.filter(|_| e.interactive) {
        Some(activity) if activity.is_busy() => {
            let works = verdict(State::Working, Confidence::Probable, "runs: a spinner turns");
            CallVerdict { until, ..works }
        }
        Some(activity) if activity.quiet_for >= ASLEEP_AFTER => CallVerdict {
            until,
            ..asks(Confidence::Probable, "was called, and the session sleeps")
        },
        known => {
            let says = "runs or asks: nothing tells which";
            let unknown = verdict(State::Unknown, Confidence::Low, says);
            CallVerdict { until: known.and(until), ..unknown }
        }
    }
}

fn is_at_work(e: &Evidence<'_>) -> bool {
    e.activity.is_some_and(|activity| !activity.is_quiet())
}

/// A call of a subagent, which never asks itself.
fn agent(
    e: &Evidence<'_>,
    call: &ToolCall,
    working: impl Fn(Confidence, &'static str) -> CallVerdict,
    verdict: impl Fn(State, Confidence, &'static str) -> CallVerdict,
) -> CallVerdict {
    let shell_since = e.shells.iter().any(|shell| shell.born >= call.at - TimeDelta::seconds(1));
    if e.agents_seen || !e.agents.is_empty() {
        working(Confidence::Probable, "runs a subagent")
    } else if shell_since || e.now - call.at < UNSEEN_AGENT_GRACE {
        let until = Some(call.at + UNSEEN_AGENT_GRACE);
        CallVerdict { until, ..working(Confidence::Low, "runs a subagent") }
    } else {
        // Which of its calls asks is written when it is over.
        let asks =
            |confidence, says| verdict(needs(ReasonKind::Permission, None), confidence, says);
        runs_or_asks(e, &verdict, &asks)
    }
}

/// Whether the permission mode lets a tool run without a question.
fn never_asks(mode: Option<&str>, call: &ToolCall) -> bool {
    match mode {
        Some("bypassPermissions") => true,
        Some("acceptEdits") => call.is_edit(),
        _ => false,
    }
}
