//! `vmux peek`: what a session shows now, or what was said last in it.

use crate::cli::args::PeekArgs;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::find::for_vmuxd;
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print, say_note, size};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::client::follow::Follower;
use crate::protocol::request::{PeekRequest, PeekSource, Request};
use crate::protocol::response::{Peek, Response};
use crate::session::sanitize::harmless;
use std::time::{Duration, Instant};

/// How often a session is looked at that says nothing of itself.
const INTERVAL: Duration = Duration::from_secs(1);

/// How often it is looked at while it says that it has changed.
const MIN_INTERVAL: Duration = Duration::from_millis(200);

/// Puts the cursor in the upper left corner and clears the screen.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// Runs the command.
pub fn run(args: &PeekArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let mut request = PeekRequest {
        query: for_vmuxd(&args.query.join(" "), endpoint, output, false)?,
        lines: Some(args.lines),
        from: match (args.screen, args.transcript) {
            (true, _) => Some(PeekSource::Screen),
            (_, true) => Some(PeekSource::Transcript),
            _ => None,
        },
    };
    let response = ask(endpoint, &request)?;
    if !args.follow {
        show(args, &response, output)?;
        say_note(response.note.as_deref());
        return Ok(());
    }
    // From now on that session, whatever else the words mean later.
    if let Some(session) = &response.session {
        request.query = session.key().to_string();
    }
    follow(args, response, &request, endpoint, output)
}

/// Shows the session again whenever its lines change, until it ends or nobody reads.
fn follow(
    args: &PeekArgs,
    mut response: Response,
    request: &PeekRequest,
    endpoint: &Endpoint,
    output: &Output,
) -> CliResult {
    let mut follower = Follower::new(endpoint);
    let mut shown: Option<Peek> = None;
    loop {
        let asked_at = Instant::now();
        if shown.as_ref() != response.peek.as_ref() {
            let separator = match (output.terminal, &shown) {
                (true, _) => CLEAR,
                (false, Some(_)) if !args.json => "--\n",
                (false, _) => "",
            };
            print(separator)?;
            show(args, &response, output)?;
            if shown.is_none() && !output.terminal {
                say_note(response.note.as_deref());
            }
            shown = response.peek.take();
        }
        let mut next = asked_at + INTERVAL;
        while Instant::now() < next {
            let woken = follower.wait(&[], Some(next)).map_err(|error| {
                CliError::new(FAILED, format!("waiting for vmuxd: {}", plain(&error)))
            })?;
            if woken.reader_gone {
                return Ok(());
            }
            if woken.changed {
                next = next.min(asked_at + MIN_INTERVAL);
            }
        }
        response = ask(endpoint, request).map_err(|error| match error.code {
            NO_MATCH => CliError::new(NO_MATCH, "the session has ended"),
            _ => error,
        })?;
    }
}

fn ask(endpoint: &Endpoint, request: &PeekRequest) -> CliResult<Response> {
    let response = endpoint.ask(&Request::Peek(request.clone()))?;
    match response.peek {
        Some(_) => Ok(response),
        None => Err(CliError::new(FAILED, "vmuxd sent nothing to show")),
    }
}

fn show(args: &PeekArgs, response: &Response, output: &Output) -> CliResult {
    let Some(peek) = &response.peek else { return Ok(()) };
    if args.json {
        return print(&pretty(peek, output.terminal && !args.follow)?);
    }
    // What is longer than the screen would scroll its beginning away.
    let room = match (args.follow && output.terminal, size()) {
        (true, Some((_, height))) => height.saturating_sub(1),
        _ => usize::MAX,
    };
    let surplus = peek.lines.len().saturating_sub(room);
    let lines = peek.lines.iter().skip(surplus);
    print(&lines.map(|line| harmless(line) + "\n").collect::<String>())
}
