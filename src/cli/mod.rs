//! `vmux`: arguments, commands, and what they print.
//!
//! It knows sessions and the protocol, but not how vmuxd finds things out. Commands read the clock, the
//! terminal and the environment; [`crate::show`] is pure.

pub mod args;
pub mod bar;
pub mod commands;
pub mod error;
pub mod find;
pub mod hooks;
pub mod json;
pub mod launcher;
pub mod notify;
pub mod shell;
pub mod terminal;

use crate::client::connect::Endpoint;
use args::{Cli, Command, ListArgs, PlainListArgs};
use commands::list::List;
use error::{CliError, CliResult};
use std::io::Write;
use terminal::Output;

/// `vmux-picker`: what `vmux list --watch` is on a terminal, with the same command line. Returns the
/// exit code.
pub fn picker() -> u8 {
    let cli = args::parse::parse_or_exit();
    let output = Output::of_process(cli.global.color);
    let args = match &cli.command {
        Some(Command::List(args)) => args,
        _ => &ListArgs::default(),
    };
    let endpoint = Endpoint::from_environment(cli.global.no_start).map_err(CliError::from);
    report(
        endpoint.and_then(|endpoint| {
            let list = List::new(args, &output, &commands::config::load(&endpoint));
            terminal::picker::run(&endpoint, &list.output, &list.filter)
        }),
        false,
    )
}

/// Does what the command line says, and returns the exit code.
pub fn main() -> u8 {
    // Before anything else, because Claude Code waits for it.
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match &arguments[..] {
        [hook] if hook == "hook" => {
            commands::hook::run(false);
            return 0;
        }
        [hook, option] if hook == "hook" && option == "--answer" => {
            commands::hook::run(true);
            return 0;
        }
        _ => {}
    }
    let cli = args::fast::parse(&arguments).unwrap_or_else(args::parse::parse_or_exit);
    let json = cli.wants_json();
    report(run(cli), json)
}

/// The exit code; an error is written to standard error, as JSON if that is wanted.
fn report(result: CliResult, json: bool) -> u8 {
    match result {
        Ok(()) => 0,
        Err(error) => {
            // If standard error is closed, there is nowhere left to report it.
            let text = if json { error.json() } else { error.text() };
            let _ = std::io::stderr().write_all(text.as_bytes());
            error.code
        }
    }
}

fn run(cli: Cli) -> CliResult {
    let output = Output::of_process(cli.global.color);
    let endpoint = || Endpoint::from_environment(cli.global.no_start);
    let Some(command) = cli.command else {
        let PlainListArgs { json, watch } = cli.list;
        let args = ListArgs { json, watch, ..ListArgs::default() };
        return list(&args, &endpoint()?, &output);
    };
    if cli.list.json || cli.list.watch {
        return Err(CliError::usage("--json and --watch belong after the command"));
    }
    match command {
        Command::List(args) => list(&args, &endpoint()?, &output),
        Command::Switch(args) => commands::switch::run(&args, &endpoint()?, &output),
        Command::Label(args) => commands::label::run(&args, &endpoint()?, &output),
        Command::Show(args) => commands::show::run(&args, &endpoint()?, &output),
        Command::Why(args) => commands::why::run(&args, &endpoint()?, &output),
        Command::Ack(args) => commands::ack::run(&args, &endpoint()?, &output),
        Command::Snooze(args) => commands::snooze::run(&args, &endpoint()?, &output),
        Command::Peek(args) => commands::peek::run(&args, &endpoint()?, &output),
        Command::Status(args) => commands::status::run(&args, &endpoint()?),
        Command::Events => commands::events::run(&endpoint()?),
        Command::Wait(args) => commands::wait::run(&args, &endpoint()?, &output),
        Command::Relay => commands::relay::run(&endpoint()?),
        Command::Servers(args) => commands::servers::run(&args, &endpoint()?, &output),
        Command::Web(_) => Err(commands::web::start()),
        Command::Rofi { .. } => commands::rofi::run(&endpoint()?, &output),
        Command::Hosts(args) => commands::hosts::run(&args, &endpoint()?, &output),
        Command::Pending(args) => commands::pending::run(&args, &endpoint()?, &output),
        Command::Answer(args) => commands::answer::run(&args, &endpoint()?, &output),
        Command::Allow(args) => commands::answer::allow(&args, &endpoint()?, &output),
        Command::Deny(args) => commands::answer::deny(&args, &endpoint()?, &output),
        Command::New(args) => commands::new::run(&args, &endpoint()?, &output),
        Command::End(args) => commands::end::run(&args, &endpoint()?, &output),
        Command::Restore(args) => commands::restore::run(&args, &endpoint()?, &output),
        Command::Send(args) => commands::send::run(&args, &endpoint()?, &output),
        Command::Hooks(args) => commands::hooks::run(&args, &endpoint()?, &output),
        Command::Mcp(args) => commands::mcp::run(&args),
        Command::Config { action } => commands::config::run(&action, &endpoint()?, &output),
        Command::Doctor(args) => commands::doctor::run(&args, &endpoint()?, &output),
        Command::Version { json } => commands::version::run(json, &endpoint()?, &output),
        Command::Stop { json } => commands::stop::run(json, &endpoint()?, &output),
        Command::Hook { answer } => {
            commands::hook::run(answer);
            Ok(())
        }
        Command::InTerminal { word } => commands::in_terminal::run(&word),
        Command::Complete { shell, typed } => commands::complete::run(shell, &typed),
        Command::Extras(args) => commands::extras::run(&args, &output),
        Command::Completions { shell } => commands::generate::completions(shell),
        Command::Man { directory } => commands::generate::man(&directory),
    }
}

fn list(args: &ListArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    match args.watch {
        true => commands::watch::run(args, endpoint, output),
        false => commands::list::run(args, endpoint, output),
    }
}
