//! `vmux send`: types a text into the free prompt of a session, and may wait for what comes of it.

use crate::cli::args::options::answer::SendArgs;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH, STOPPED_SHORT};
use crate::cli::find::for_vmuxd;
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::client::follow::Follower;
use crate::protocol::frame::{MAX_REQUEST, encode};
use crate::protocol::request::{PeekRequest, PeekSource, Request, SendRequest};
use crate::session::info::SessionInfo;
use crate::session::sanitize::harmless;
use crate::session::state::StateName;
use crate::show::phrases;
use std::io::Read;
use std::time::{Duration, Instant};

/// How often a session is looked at that seems to be idle as before.
const INTERVAL: Duration = Duration::from_millis(300);

/// How long an answer may come after the prompt is free again: the screen is read before the transcript
/// is written. A command of Claude Code has none.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// How many lines of what was said are compared.
const MAX_LINES: u32 = 1000;

/// The longest text that is read, in bytes; vmuxd takes less, and says so.
const MAX_TEXT: u64 = 60_000;

/// Runs the command.
pub fn run(args: &SendArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let deadline = args.timeout.map(|it| Instant::now() + it);
    let waits = args.wait || args.print;
    if args.timeout.is_some() && !waits {
        return Err(CliError::usage("--timeout belongs to --wait or --print"));
    }
    let query = for_vmuxd(&args.query, endpoint, output, false)?;
    let said = if waits { conversation(&query, endpoint) } else { Vec::new() };
    let request = SendRequest {
        query,
        text: text(&args.text)?,
        queue: args.queue,
        door: Some("vmux send".to_owned()),
    };
    let request = Request::Send(request);
    if encode(&request).len() > MAX_REQUEST {
        let error = "the text is too long to be sent: at most 50,000 bytes";
        return Err(CliError::new(FAILED, error)
            .hint("write it into a file, and send the name of the file"));
    }
    let response = endpoint.ask(&request)?;
    let before =
        response.session.ok_or_else(|| CliError::new(FAILED, "vmuxd did not say where"))?;
    let session = match waits {
        true => wait(&before, &said, args.print, endpoint, deadline)?,
        false => *before,
    };
    if args.print {
        return print_message(&session, args, endpoint, output);
    }
    if args.json {
        return print(&pretty(&session, output.terminal)?);
    }
    let what = if waits { "has done it" } else { "was told" };
    print(&format!("{}: {what}\n", phrases::title(&session)))
}

/// The words of the command line; `-` alone stands for standard input.
fn text(words: &[String]) -> CliResult<String> {
    if words != ["-"] {
        return Ok(words.join(" "));
    }
    let mut text = String::new();
    let read = std::io::stdin().lock().take(MAX_TEXT).read_to_string(&mut text);
    read.map_err(|error| CliError::usage(format!("standard input: {}", plain(&error))))?;
    Ok(text)
}

/// What was said in a session so far, as far as it is known.
fn conversation(query: &str, endpoint: &Endpoint) -> Vec<String> {
    let from = Some(PeekSource::Transcript);
    let request = PeekRequest { query: query.to_owned(), lines: Some(MAX_LINES), from };
    let response = endpoint.ask(&Request::Peek(request)).ok();
    response.and_then(|it| it.peek).map(|it| it.lines).unwrap_or_default()
}

/// Whether a session that is idle as before has answered meanwhile: a turn may be over before vmuxd has
/// seen it.
fn has_answered(before: &SessionInfo, said: &[String], endpoint: &Endpoint) -> bool {
    let now = conversation(&before.key().to_string(), endpoint);
    let is_open = |it: &String| it.starts_with("> ") || it.starts_with("● ");
    now != said && now.last().is_some_and(|it| !is_open(it))
}

/// Waits until the session has done what it was told, and is idle. `said`: what was said before;
/// `for_answer`: its answer is to be known, too.
fn wait(
    before: &SessionInfo,
    said: &[String],
    for_answer: bool,
    endpoint: &Endpoint,
    deadline: Option<Instant>,
) -> CliResult<SessionInfo> {
    let mut follower = Follower::new(endpoint);
    let name = phrases::title(before);
    let mut has_worked = before.state == StateName::Working;
    let mut idle_since = None;
    loop {
        if let Some(sessions) = follower.sessions() {
            let Some(now) = sessions.iter().find(|it| it.key() == before.key()) else {
                return Err(CliError::new(NO_MATCH, format!("{name} has ended")));
            };
            has_worked |= now.state == StateName::Working;
            // `/clear` begins another conversation. That the same idle is said to have begun at another
            // time means nothing: another source may tell it.
            let is_another = now.session_id != before.session_id;
            if now.state == StateName::NeedsInput {
                let message = format!("{name}: {}", phrases::state(now));
                return Err(CliError::new(STOPPED_SHORT, message).hint("`vmux pending` tells what"));
            }
            let is_idle = now.state == StateName::Idle;
            let idle_for = idle_since.filter(|_| is_idle).map(|it: Instant| it.elapsed());
            idle_since = is_idle.then(|| idle_since.unwrap_or_else(Instant::now));
            let may_answer = for_answer && idle_for.is_none_or(|it| it < ANSWER_WITHIN);
            let is_done = is_another || (has_worked && !may_answer);
            if is_idle && (is_done || has_answered(before, said, endpoint)) {
                return match now.failure() {
                    None => Ok(now.clone()),
                    Some(_) => {
                        let message = format!("{name}: {}", phrases::state(now));
                        Err(CliError::new(STOPPED_SHORT, message))
                    }
                };
            }
        }
        if deadline.is_some_and(|it| Instant::now() >= it) {
            return Err(CliError::new(NO_MATCH, format!("time is up, {name} has not finished")));
        }
        let look_again = Instant::now() + INTERVAL;
        let next = deadline.map_or(look_again, |it| it.min(look_again));
        let woken = follower.wait(&[], Some(next)).map_err(|error| {
            CliError::new(FAILED, format!("waiting for vmuxd: {}", plain(&error)))
        })?;
        if woken.reader_gone {
            return Err(CliError::new(NO_MATCH, ""));
        }
    }
}

/// Prints what Claude said last.
fn print_message(
    session: &SessionInfo,
    args: &SendArgs,
    endpoint: &Endpoint,
    output: &Output,
) -> CliResult {
    let query = session.key().to_string();
    let from = Some(PeekSource::Message);
    let response = endpoint.ask(&Request::Peek(PeekRequest { query, lines: None, from }))?;
    let lines = response.peek.map(|it| it.lines).unwrap_or_default();
    if args.json {
        let value = serde_json::json!({ "session": session, "message": lines.join("\n") });
        return print(&pretty(&value, output.terminal)?);
    }
    print(&lines.iter().map(|line| harmless(line) + "\n").collect::<String>())
}
