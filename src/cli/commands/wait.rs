//! `vmux wait`: until a session is in a state, for scripts.

use crate::cli::args::{Until, Wait};
use crate::cli::error::{Complaint, FAILED, NO_MATCH, Result, STOPPED_SHORT};
use crate::cli::find::one;
use crate::cli::show::human;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::client::follow::Follower;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::StateName;
use std::time::Instant;

/// Run it. The session is found once; from then on it is its process that is waited for.
pub fn run(args: &Wait, endpoint: &Endpoint, output: &Output) -> Result {
    let deadline = args.timeout.map(|it| Instant::now() + it);
    // Found before the following begins, which may tell at once that it has ended.
    let sessions = endpoint.sessions()?;
    let found = one(&args.query.join(" "), &sessions, output.home.as_deref())?;
    let key = found.key();
    let mut last = human::title(found);
    let mut doing = human::state(found);
    let mut follower = Follower::new(endpoint);
    loop {
        if let Some(sessions) = follower.sessions() {
            let session = sessions.iter().find(|it| it.key() == key);
            if let Some(it) = session {
                (last, doing) = (human::title(it), human::state(it));
            }
            if is_met(&args.until, session) {
                print(&format!("{}\n", line(session, &last, key)))?;
                return match session.and_then(SessionInfo::failure) {
                    // The line says why.
                    Some(_) => Err(Complaint::new(STOPPED_SHORT, "")),
                    None => Ok(()),
                };
            }
            if session.is_none() {
                return Err(Complaint::new(NO_MATCH, format!("{last} has ended")));
            }
        }
        if deadline.is_some_and(|it| Instant::now() >= it) {
            return Err(Complaint::new(NO_MATCH, format!("time is up, {last}: {doing}")));
        }
        let woken = follower.wait(&[], deadline).map_err(|error| {
            Complaint::new(FAILED, format!("waiting for vmuxd: {}", plain(&error)))
        })?;
        if woken.reader_gone {
            return Err(Complaint::new(NO_MATCH, ""));
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
        Some(it) => match human::detail(it) {
            detail if detail.is_empty() => {
                format!("{title} (pid {}): {}", it.pid, human::state(it))
            }
            detail => format!("{title} (pid {}): {}, {detail}", it.pid, human::state(it)),
        },
    }
}
