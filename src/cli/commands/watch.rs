//! `vmux list --watch`: the table, kept up to date.

use crate::cli::args::ListArgs;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::cli::show::json::pretty;
use crate::cli::show::paint::Tone;
use crate::cli::show::phrases;
use crate::cli::show::table::{Frame, table};
use crate::cli::terminal::screen::Screen;
use crate::cli::terminal::{Output, print, size};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::client::follow::Follower;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::query::order;
use chrono::Utc;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Runs the command: on a terminal until q or Ctrl-C; elsewhere it prints the whole list at every
/// change.
pub fn run(args: &ListArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    drop(endpoint.client()?);
    let mut follower = Follower::new(endpoint);
    if output.terminal && !args.json {
        return live(&mut follower, output);
    }
    let mut last = String::new();
    loop {
        let now = Utc::now();
        let sessions = follower.sessions().unwrap_or_default();
        let text = match args.json {
            true => pretty(&order::sorted(sessions, output.order), false)?,
            false => table(sessions, now, output.frame()).join("\n") + "\n\n",
        };
        let tick = if args.json { None } else { tick(sessions, now) };
        if text != last {
            print(&text)?;
            last = text;
        }
        if follower.wait(&[], tick).map_err(failed)?.reader_gone {
            return Ok(());
        }
    }
}

fn failed(error: io::Error) -> CliError {
    CliError::new(FAILED, format!("watching: {}", plain(&error)))
}

/// When a clock of the table changes next.
fn tick(sessions: &[SessionInfo], now: Timestamp) -> Option<Instant> {
    let next = sessions.iter().map(|it| phrases::next_tick(phrases::since(it), now)).min()?;
    Some(Instant::now() + (next - now).to_std().unwrap_or(Duration::ZERO))
}

fn live(follower: &mut Follower, output: &Output) -> CliResult {
    let mut screen = Screen::enter().map_err(failed)?;
    let stdin = io::stdin();
    loop {
        let now = Utc::now();
        let (width, height) = size().unwrap_or((80, 24));
        let frame = Frame { width: Some(width), ..output.frame() };
        let lines = match follower.sessions() {
            Some(sessions) => table(sessions, now, frame),
            None => vec![output.paint.paint(Tone::Wrong, "vmuxd has ended; waiting for it")],
        };
        screen.draw(fit(lines, height)).map_err(failed)?;
        let tick = follower.sessions().and_then(|sessions| tick(sessions, now));
        let [ended, resized] = screen.signals();
        let woken = follower.wait(&[ended, resized, stdin.as_fd()], tick).map_err(failed)?;
        match woken.ready[..] {
            _ if woken.reader_gone => return Ok(()),
            [true, ..] => return Ok(()),
            [_, resized, typed] => {
                if resized {
                    screen.resize();
                }
                if typed && is_end() {
                    return Ok(());
                }
            }
            _ => {}
        }
    }
}

/// As many lines as there are rows. If some do not fit, the last line says how many.
fn fit(mut lines: Vec<String>, height: usize) -> Vec<String> {
    if lines.len() > height && height > 1 {
        let more = lines.len() - height + 1;
        lines.truncate(height - 1);
        lines.push(format!("… {more} more"));
    }
    lines
}

/// Whether to end: q, Ctrl-C or Ctrl-D was typed, or there is no keyboard any more.
fn is_end() -> bool {
    let mut keys = [0; 256];
    match rustix::io::read(io::stdin(), &mut keys) {
        Ok(0) | Err(_) => true,
        Ok(length) => keys[..length].iter().any(|key| matches!(key, b'q' | b'Q' | 3 | 4)),
    }
}
