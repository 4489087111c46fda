//! The life of `vmux`: arguments, commands, what is printed.
//!
//! It knows sessions and the protocol, nothing of how vmuxd finds things out. Commands are the
//! edge where the clock, the terminal and the environment are read; [`show`] is pure.

pub mod args;
pub mod bar;
pub mod commands;
pub mod error;
pub mod find;
pub mod hooks;
pub mod launcher;
pub mod notify;
pub mod shell;
pub mod show;
pub mod terminal;

use crate::client::connect::Endpoint;
use args::{Cli, Command};
use clap::Parser;
use error::{Complaint, Result};
use std::io::Write;
use terminal::Output;

/// Do what the command line says; the exit code.
pub fn main() -> u8 {
    // Before anything else, for it is called in the middle of somebody's work.
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments == ["hook"] {
        commands::hook::run();
        return 0;
    }
    let cli = args::fast::understand(&arguments).unwrap_or_else(Cli::parse);
    match run(cli) {
        Ok(()) => 0,
        Err(complaint) => {
            // Standard error may be closed; there is nobody left to tell.
            let _ = std::io::stderr().write_all(complaint.text().as_bytes());
            complaint.code
        }
    }
}

fn run(cli: Cli) -> Result {
    let output = Output::of_process(cli.global.color);
    let endpoint = || Endpoint::from_environment(cli.global.no_start);
    let Some(command) = cli.command else {
        return commands::list::run(&cli.list, &endpoint()?, &output);
    };
    if cli.list.json || cli.list.watch {
        return Err(Complaint::usage("--json and --watch belong after the command"));
    }
    match command {
        Command::List(args) => commands::list::run(&args, &endpoint()?, &output),
        Command::Switch(args) => commands::switch::run(&args, &endpoint()?, &output),
        Command::Label(args) => commands::label::run(&args, &endpoint()?, &output),
        Command::Show(args) => commands::show::run(&args, &endpoint()?, &output),
        Command::Why(args) => commands::why::run(&args, &endpoint()?, &output),
        Command::Ack { query } => commands::ack::run(&query.join(" "), &endpoint()?),
        Command::Status(args) => commands::status::run(&args, &endpoint()?),
        Command::Events => commands::events::run(&endpoint()?),
        Command::Wait(args) => commands::wait::run(&args, &endpoint()?, &output),
        Command::Rofi { .. } => commands::rofi::run(&endpoint()?, &output),
        Command::Hooks(args) => commands::hooks::run(&args, &output),
        Command::Config { action } => commands::config::run(&action, &endpoint()?, &output),
        Command::Stop => commands::stop::run(&endpoint()?),
        Command::Hook => {
            commands::hook::run();
            Ok(())
        }
        Command::Completions { shell } => commands::generate::completions(shell),
        Command::Man { directory } => commands::generate::man(&directory),
    }
}
