//! The life of `vmux`: arguments, commands, what is printed.
//!
//! It knows sessions and the protocol, nothing of how vmuxd finds things out. Commands are the
//! edge where the clock, the terminal and the environment are read; [`show`] is pure.

pub mod args;
pub mod bar;
pub mod commands;
pub mod complain;
pub mod connect;
pub mod find;
pub mod follow;
pub mod show;
pub mod start;
pub mod terminal;

use args::{Cli, Command};
use clap::Parser;
use complain::{Complaint, Result};
use connect::Link;
use std::io::Write;
use std::process::ExitCode;
use terminal::Output;

/// Do what the command line says; the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            // Standard error may be closed; there is nobody left to tell.
            let _ = std::io::stderr().write_all(complaint.text().as_bytes());
            ExitCode::from(complaint.code)
        }
    }
}

fn run(cli: Cli) -> Result {
    let output = Output::of_process(cli.global.color);
    let link = Link::from_environment(cli.global.no_start)?;
    let list = cli.list.json || cli.list.watch;
    match cli.command {
        None => commands::list::run(&cli.list, &link, &output),
        Some(_) if list => Err(Complaint::usage("--json and --watch belong after the command")),
        Some(Command::List(args)) => commands::list::run(&args, &link, &output),
        Some(Command::Label(args)) => commands::label::run(&args, &link, &output),
        Some(Command::Status(args)) => commands::status::run(&args, &link),
        Some(Command::Stop) => commands::stop::run(&link),
    }
}
