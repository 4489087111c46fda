//! `vmux-web`: what `vmux web` is. It serves the sessions to browsers and to Prometheus, and is
//! itself a client of vmuxd, as `vmux` is.
//!
//! | module | job |
//! |---|---|
//! | [`start`] | where to listen, which one runs already, the token, the link |
//! | [`feed`] | one follower of vmuxd for all pages, and the frames that they get |
//! | [`serve`] | connections, their limits, and who may ask |
//! | [`api`] | what is answered |
//! | [`metrics`] | the text for Prometheus |
//! | [`web`] | what every answer is made of |
//!
//! `page` has the files that a browser gets.

mod api;
mod feed;
mod metrics;
mod serve;
mod start;
mod web;

use clap::Parser;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use vmux::cli::args::{Cli, Command};

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    // By itself, `vmux-web --open` means `vmux web --open`.
    if arguments.get(1).is_none_or(|it| it != "web") {
        arguments.insert(1.min(arguments.len()), "web".into());
    }
    let cli = Cli::parse_from(arguments);
    let Some(Command::Web(args)) = cli.command else { return ExitCode::from(2) };
    match start::run(&args, cli.global.no_start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, there is nowhere left to report it.
            let _ = std::io::stderr().write_all(error.text().as_bytes());
            ExitCode::from(error.code)
        }
    }
}
