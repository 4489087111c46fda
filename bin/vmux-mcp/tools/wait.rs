//! `wait_for_session`: waits until a session is in a state, tells what it does meanwhile, and can be
//! cancelled.

use super::sessions::brief_status;
use super::{Call, Definition, Outcome, arguments, schema};
use crate::failure::Failure;
use crate::find;
use crate::view;
use rmcp::model::JsonObject;
use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};
use vmux::client::error::plain;
use vmux::client::follow::Follower;
use vmux::session::info::SessionInfo;
use vmux::session::state::StateName;

/// How long is waited where no time is given, and at most, in seconds.
const TIMEOUT: (u64, u64) = (300, 3600);

/// How often the client hears that the wait goes on.
const PROGRESS: Duration = Duration::from_secs(10);

pub(super) const WAIT: Definition = Definition {
    name: "wait_for_session",
    title: "Wait for a Claude Code session",
    description: "Wait until another session has finished its turn, needs input, or has ended, and tell \
                  its state then. It returns at once if that is so already, and with `timed_out` when \
                  time is up: call it again then. Use it instead of asking for the state repeatedly.",
    right: None,
    schema: schema::<WaitArguments>,
    run: wait,
};

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct WaitArguments {
    /// Which session: `session` as list_sessions tells it, or words that mean one.
    #[serde(deserialize_with = "super::words")]
    session: String,
    /// The states to wait for; `idle` and `needs_input` if absent. The end of the session always ends
    /// the wait.
    #[serde(default)]
    until: Vec<Until>,
    /// For how many seconds at most, 1 to 3600; 300 if absent.
    #[schemars(range(min = 1, max = 3600))]
    timeout_seconds: Option<u64>,
}

/// A state to wait for.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[schemars(crate = "rmcp::schemars", inline)]
#[serde(rename_all = "snake_case")]
enum Until {
    NeedsInput,
    Idle,
    Working,
    Gone,
}

impl Until {
    fn is(self, session: &SessionInfo) -> bool {
        match self {
            Until::NeedsInput => session.state == StateName::NeedsInput,
            Until::Idle => session.state == StateName::Idle,
            Until::Working => session.state == StateName::Working,
            Until::Gone => false,
        }
    }
}

fn wait(call: &Call, given: JsonObject) -> Outcome {
    let given: WaitArguments = arguments(given)?;
    let until = match given.until.is_empty() {
        true => vec![Until::Idle, Until::NeedsInput],
        false => given.until,
    };
    let seconds = given.timeout_seconds.unwrap_or(TIMEOUT.0).clamp(1, TIMEOUT.1);
    let (begun, timeout) = (Instant::now(), Duration::from_secs(seconds));
    let sessions = call.endpoint.sessions()?;
    let found = find::session(&given.session, &call.caller, &sessions)?;
    if call.caller.own(&sessions).is_some_and(|own| own.key() == found.key()) {
        return Err(Failure::new("a session cannot wait for itself"));
    }
    let key = found.key();
    let mut last = found.clone();
    let mut told = None;
    let mut tell_at = begun;
    let mut follower = Follower::new(&call.endpoint);
    loop {
        if let Some(sessions) = follower.sessions() {
            match sessions.iter().find(|it| it.key() == key) {
                None => {
                    let mut ended = brief_status(&last);
                    ended["state"] = json!("gone");
                    return Ok(ended);
                }
                Some(session) => last = session.clone(),
            }
            if until.iter().any(|it| it.is(&last)) {
                return Ok(brief_status(&last));
            }
        }
        let now = Instant::now();
        if now >= begun + timeout {
            let mut status = brief_status(&last);
            status["timed_out"] = json!(true);
            return Ok(status);
        }
        let state = follower.sessions().map_or("vmuxd is away", |_| view::state(&last));
        if told != Some(state) || now >= tell_at {
            // No one listens if the client did not ask for progress.
            let _ = call.progress.send(state.to_owned());
            (told, tell_at) = (Some(state), now + PROGRESS);
        }
        let wake = tell_at.min(begun + timeout);
        let woken = follower
            .wait(&[call.cancelled.as_fd()], Some(wake))
            .map_err(|error| Failure::new(format!("waiting for vmuxd: {}", plain(&error))))?;
        if woken.reader_gone || woken.ready.contains(&true) {
            return Err(Failure::new("cancelled"));
        }
    }
}
