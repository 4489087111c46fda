//! `vmux wait`: waits until a session is in a state, for scripts.

use crate::cli::args::{Until, WaitArgs};
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH, STOPPED_SHORT};
use crate::cli::find::find_one;
use crate::cli::show::phrases;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::client::follow::Follower;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::StateName;
use std::time::Instant;

/// Runs the command. The query is resolved once; from then on, that process is followed.
pub fn run(args: &WaitArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let deadline = args.timeout.map(|it| Instant::now() + it);
    // Resolved before following begins, because the first event may say that it has ended.
    let sessions = endpoint.sessions()?;
    let found = find_one(&args.query.join(" "), &sessions, output.home.as_deref())?;
    let key = found.key();
    let mut last = phrases::title(found);
    let mut doing = phrases::state(found);
    let mut follower = Follower::new(endpoint);
    loop {
        if let Some(sessions) = follower.sessions() {
            let session = sessions.iter().find(|it| it.key() == key);
            if let Some(it) = session {
                (last, doing) = (phrases::title(it), phrases::state(it));
            }
            if is_met(&args.until, session) {
                print(&format!("{}\n", line(session, &last, key)))?;
                return match session.and_then(SessionInfo::failure) {
                    // The line says why.
                    Some(_) => Err(CliError::new(STOPPED_SHORT, "")),
                    None => Ok(()),
                };
            }
            if session.is_none() {
                return Err(CliError::new(NO_MATCH, format!("{last} has ended")));
            }
        }
        if deadline.is_some_and(|it| Instant::now() >= it) {
            return Err(CliError::new(NO_MATCH, format!("time is up, {last}: {doing}")));
        }
        let woken = follower.wait(&[], deadline).map_err(|error| {
            CliError::new(FAILED, format!("waiting for vmuxd: {}", plain(&error)))
        })?;
        if woken.reader_gone {
            return Err(CliError::new(NO_MATCH, ""));
        }
    }
}

fn is_met(until: &[Until], session: Option<&SessionInfo>) -> bool {
    until.iter().any(|it| match (it, session.map(|session| session.state)) {
        (Until::NeedsInput, state) => state == Some(StateName::NeedsInput),
        (Until::Idle, state) => state == Some(StateName::Idle),
        (Until::Working, state) => state == Some(StateName::Working),
        (Until::Gone, state) => state.is_none(),
    })
}

fn line(session: Option<&SessionInfo>, title: &str, key: SessionKey) -> String {
    match session {
        None => format!("{title} (pid {}) has ended", key.process.pid),
        Some(it) => match phrases::detail(it) {
            detail if detail.is_empty() => {
                format!("{title} (pid {}): {}", it.pid, phrases::state(it))
            }
            detail => format!("{title} (pid {}): {}, {detail}", it.pid, phrases::state(it)),
        },
    }
}
