//! `vmux status`: a line for a status bar, once or whenever it changes.

use crate::cli::args::Status;
use crate::cli::bar::click::{Click, Hand};
use crate::cli::bar::stream::Cutter;
use crate::cli::bar::wrap::{Signals, Wrapped};
use crate::cli::commands::config::load;
use crate::cli::error::{Complaint, FAILED, Result};
use crate::cli::shell::word;
use crate::cli::show::status::format::{Format, Look, i3bar_update, render};
use crate::cli::show::status::template::UnknownName;
use crate::cli::show::status::{Summary, next_tick};
use crate::cli::terminal::print;
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::client::follow::Follower;
use crate::session::Timestamp;
use chrono::Utc;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Run it.
pub fn run(args: &Status, endpoint: &Endpoint) -> Result {
    let config = load(endpoint).status;
    let format = match (&args.format, config.template) {
        (Some(format), _) => format.clone(),
        (None, Some(template)) => Format::Template(template),
        (None, None) => Format::Plain,
    };
    if args.wrap && format != Format::I3bar {
        return Err(Complaint::usage("--wrap is for --format i3bar"));
    }
    let program = program();
    let look = Look { program: &program, escape: args.escape, title: config.title_length };
    if args.follow || args.wrap {
        return follow(args, &format, endpoint, look);
    }
    // i3blocks 1.4 runs the command anew for each click and tells the button so.
    if format == Format::I3blocks
        && let Some(button) = clicked_button()
    {
        let mut hand = Hand::default();
        hand.click(button);
    }
    let sessions = endpoint.sessions().ok();
    let summary = Summary::of(sessions.as_deref(), Utc::now(), look.title);
    print(&(line(&format, &summary, look)? + "\n"))
}

/// This program, for the shell that a bar runs a click with.
fn program() -> String {
    let exe = std::env::current_exe().ok();
    exe.and_then(|path| word(&path)).unwrap_or_else(|| "vmux".to_owned())
}

fn clicked_button() -> Option<u8> {
    std::env::var("BLOCK_BUTTON").ok()?.parse().ok()
}

fn line(format: &Format, summary: &Summary, look: Look) -> Result<String> {
    render(format, summary, look).map_err(|UnknownName(name)| {
        Complaint::usage(format!("there is no {{{name}}} in a template"))
    })
}

/// The bar's own state beside the line.
struct Bar {
    /// The clicks that come on standard input; none where nothing is to be expected.
    input: Option<std::io::Stdin>,
    clicks: Cutter,
    hand: Hand,
    wrapped: Option<Wrapped>,
}

fn follow(args: &Status, format: &Format, endpoint: &Endpoint, look: Look) -> Result {
    let stream = *format == Format::I3bar;
    let clicks = stream || *format == Format::I3blocks;
    let input = Some(std::io::stdin()).filter(|it| clicks && !it.is_terminal());
    let wrapped = match args.wrap {
        true => Some(Wrapped::start(&args.command)?),
        false => None,
    };
    let mut bar = Bar { input, clicks: Cutter::default(), hand: Hand::default(), wrapped };
    if stream {
        print(&header(bar.wrapped.as_ref().map(Wrapped::signals).unwrap_or_default()))?;
    }
    let mut follower = Follower::new(endpoint);
    let mut last = String::new();
    loop {
        let now = Utc::now();
        let sessions = follower.sessions();
        let mut line = line(format, &Summary::of(sessions, now, look.title), look)?;
        if stream {
            let others = bar.wrapped.as_ref().map_or(&[][..], |it| &it.blocks);
            line = i3bar_update(&line, others);
        }
        line.push('\n');
        if line != last {
            print(&line)?;
            last = line;
        }
        let tick = sessions.and_then(|it| next_tick(it, now, format.clocks()));
        if !bar.wait(&mut follower, tick.map(|tick| instant(tick, now)))? {
            return Ok(());
        }
    }
}

/// The header of the i3bar protocol: we want clicks, and the bar sends to our process group the signals
/// that a wrapped command wants. Those are for it; we go on.
fn header(signals: Signals) -> String {
    let mut header = String::from("{\"version\":1,\"click_events\":true");
    let wanted = [("stop_signal", signals.stop_signal), ("cont_signal", signals.cont_signal)];
    for (key, signal) in wanted.into_iter().filter_map(|(key, it)| Some((key, it?))) {
        header.push_str(&format!(",\"{key}\":{signal}"));
        let signal = i32::from(signal);
        if signal > 0 && !signal_hook::consts::FORBIDDEN.contains(&signal) {
            // A handler, unlike SIG_IGN, is not passed on to the programs that are started.
            let _ = signal_hook::flag::register(signal, Arc::<AtomicBool>::default());
        }
    }
    header + "}\n[\n[]\n"
}

fn instant(tick: Timestamp, now: Timestamp) -> Instant {
    Instant::now() + (tick - now).to_std().unwrap_or(Duration::ZERO)
}

impl Bar {
    /// Wait until something may have changed, clicks and the wrapped command included; whether
    /// there is still somebody to write for.
    fn wait(&mut self, follower: &mut Follower, deadline: Option<Instant>) -> Result<bool> {
        let input = self.input.as_ref().map(AsFd::as_fd);
        let inner = self.wrapped.as_ref().and_then(Wrapped::output);
        let others: Vec<_> = [input, inner].into_iter().flatten().collect();
        let woken = follower.wait(&others, deadline).map_err(|error| {
            Complaint::new(FAILED, format!("waiting for vmuxd: {}", plain(&error)))
        })?;
        let mut ready = woken.ready.into_iter();
        let clicked = input.is_some() && ready.next() == Some(true);
        let wrote = inner.is_some() && ready.next() == Some(true);
        if wrote && let Some(wrapped) = &mut self.wrapped {
            wrapped.read();
        }
        if clicked {
            self.read_clicks();
        }
        self.hand.is_busy();
        Ok(!woken.reader_gone)
    }

    fn read_clicks(&mut self) {
        let mut buffer = [0; 4096];
        let length = match &mut self.input {
            // Past Stdin's own buffer, of which poll(2) knows nothing.
            Some(input) => rustix::io::read(&*input, &mut buffer).unwrap_or(0),
            None => 0,
        };
        if length == 0 {
            self.input = None;
        }
        for text in self.clicks.feed(&buffer[..length]) {
            let Ok(click) = serde_json::from_str::<Click>(&text) else { continue };
            match (click.name.as_deref(), &mut self.wrapped) {
                (Some("vmux"), _) | (_, None) => self.hand.click(click.button),
                (_, Some(wrapped)) => wrapped.click(&text),
            }
        }
    }
}
