//! `vmux status`: prints a line for a status bar, once or whenever it changes.

use crate::cli::args::StatusArgs;
use crate::cli::bar::clicks::{Click, ClickRunner};
use crate::cli::bar::json_splitter::JsonSplitter;
use crate::cli::bar::wrap::{Signals, WrappedCommand};
use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::cli::shell::word;
use crate::cli::terminal::{instant, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::client::follow::Follower;
use crate::protocol::request::{Request, StatusRequest};
use crate::session::query::order::Order;
use crate::show::status::format::{FORMATS, Format, RenderOptions, i3bar_update, render};
use crate::show::status::{Summary, next_tick};
use chrono::Utc;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Runs the command.
pub fn run(args: &StatusArgs, endpoint: &Endpoint) -> CliResult {
    let config = load(endpoint);
    let (order, config) = (config.switch.order, config.status);
    let format = match (&args.format, config.template) {
        (Some(format), _) => format.clone(),
        (None, Some(template)) => Format::Template(template),
        (None, None) => Format::Plain,
    };
    if args.wrap && format != Format::I3bar {
        return Err(CliError::usage("--wrap is for --format i3bar"));
    }
    let program = program();
    let options =
        RenderOptions { program: &program, escape: args.escape, title: config.title_length };
    if args.follow || args.wrap {
        return follow(args, &format, endpoint, options, order);
    }
    // i3blocks 1.4 runs the command again for each click, with the button in this variable.
    if format == Format::I3blocks
        && let Some(button) = clicked_button()
    {
        let mut hand = ClickRunner::default();
        hand.click(button);
    }
    if let Some(request) = request(&format, options, order) {
        let line = match endpoint.ask(&Request::Status(request)) {
            Ok(response) => response.text.unwrap_or_default(),
            Err(_) => line(&format, &Summary::default(), options)?,
        };
        return print(&(line + "\n"));
    }
    let (sessions, hosts) = endpoint.list().ok().unzip();
    let summary = Summary::of(sessions.as_deref(), Utc::now(), options.title, order);
    let summary = summary.with_hosts(&hosts.unwrap_or_default());
    print(&(line(&format, &summary, options)? + "\n"))
}

/// The request for the line, which vmuxd can render if the format is none of the user's own.
fn request(format: &Format, options: RenderOptions, order: Order) -> Option<StatusRequest> {
    let (name, _) = FORMATS.iter().find(|(_, known)| known == format)?;
    Some(StatusRequest {
        format: (*name).to_owned(),
        program: options.program.to_owned(),
        title: options.title,
        permissions_first: order == Order::Permissions,
    })
}

/// This program as one word of the shell that a bar runs for a click.
fn program() -> String {
    let exe = std::env::current_exe().ok();
    exe.and_then(|path| word(&path)).unwrap_or_else(|| "vmux".to_owned())
}

fn clicked_button() -> Option<u8> {
    std::env::var("BLOCK_BUTTON").ok()?.parse().ok()
}

fn line(format: &Format, summary: &Summary, options: RenderOptions) -> CliResult<String> {
    render(format, summary, options)
        .map_err(|error| CliError::usage(format!("the template is wrong: {error}")))
}

/// What is kept while following, beside the line.
struct Bar {
    /// Standard input, if clicks may come there.
    input: Option<std::io::Stdin>,
    clicks: JsonSplitter,
    hand: ClickRunner,
    wrapped: Option<WrappedCommand>,
}

fn follow(
    args: &StatusArgs,
    format: &Format,
    endpoint: &Endpoint,
    options: RenderOptions,
    order: Order,
) -> CliResult {
    let stream = *format == Format::I3bar;
    let clicks = stream || *format == Format::I3blocks;
    let input = Some(std::io::stdin()).filter(|it| clicks && !it.is_terminal());
    let wrapped = match args.wrap {
        true => Some(WrappedCommand::start(&args.command)?),
        false => None,
    };
    let mut bar =
        Bar { input, clicks: JsonSplitter::default(), hand: ClickRunner::default(), wrapped };
    if stream {
        print(&header(bar.wrapped.as_ref().map(WrappedCommand::signals).unwrap_or_default()))?;
    }
    let mut follower = Follower::new(endpoint);
    let mut last = String::new();
    loop {
        let now = Utc::now();
        let sessions = follower.sessions();
        let summary = Summary::of(sessions, now, options.title, order);
        let mut line = line(format, &summary.with_hosts(follower.hosts()), options)?;
        if stream {
            let others = bar.wrapped.as_ref().map_or(&[][..], |it| &it.blocks);
            line = i3bar_update(&line, others);
        }
        line.push('\n');
        if line != last {
            print(&line)?;
            last = line;
        }
        let tick = sessions.and_then(|it| next_tick(it, now, format.clocks(), order));
        if !bar.wait(&mut follower, tick.map(|tick| instant(tick, now)))? {
            return Ok(());
        }
    }
}

/// The header of the i3bar protocol. It asks for clicks and for the signals that a wrapped command
/// wants. The bar sends these to the whole process group, so vmux handles them and goes on.
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

impl Bar {
    /// Waits until something may have changed, and handles clicks and the output of the wrapped
    /// command. False if the reader of standard output has gone.
    fn wait(&mut self, follower: &mut Follower, deadline: Option<Instant>) -> CliResult<bool> {
        let input = self.input.as_ref().map(AsFd::as_fd);
        let inner = self.wrapped.as_ref().and_then(WrappedCommand::output);
        let others: Vec<_> = [input, inner].into_iter().flatten().collect();
        let woken = follower.wait(&others, deadline).map_err(|error| {
            CliError::new(FAILED, format!("waiting for vmuxd: {}", plain(&error)))
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
            // Not through the buffer of Stdin, which poll(2) does not see.
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
