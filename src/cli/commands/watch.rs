//! `vmux list --watch`: the table, kept up to date.

use crate::cli::args::List;
use crate::cli::error::{Complaint, FAILED, Result};
use crate::cli::show::human;
use crate::cli::show::json::pretty;
use crate::cli::show::paint::Tone;
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

/// Run it: on a terminal until q or Ctrl-C, elsewhere the whole list at every change.
pub fn run(args: &List, endpoint: &Endpoint, output: &Output) -> Result {
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
            true => pretty(&order::sorted(sessions), false)?,
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

fn failed(error: io::Error) -> Complaint {
    Complaint::new(FAILED, format!("watching: {}", plain(&error)))
}

/// When a clock of the table will next read otherwise.
fn tick(sessions: &[SessionInfo], now: Timestamp) -> Option<Instant> {
    let next = sessions.iter().map(|it| human::next_tick(human::since(it), now)).min()?;
    Some(Instant::now() + (next - now).to_std().unwrap_or(Duration::ZERO))
}

fn live(follower: &mut Follower, output: &Output) -> Result {
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

/// As many lines as there are rows; the rest is counted.
fn fit(mut lines: Vec<String>, height: usize) -> Vec<String> {
    if lines.len() > height && height > 1 {
        let more = lines.len() - height + 1;
        lines.truncate(height - 1);
        lines.push(format!("… {more} more"));
    }
    lines
}

/// Whether what was typed means to end: q, Ctrl-C, Ctrl-D, or no keyboard any more.
fn is_end() -> bool {
    let mut keys = [0; 256];
    match rustix::io::read(io::stdin(), &mut keys) {
        Ok(0) | Err(_) => true,
        Ok(length) => keys[..length].iter().any(|key| matches!(key, b'q' | b'Q' | 3 | 4)),
    }
}
