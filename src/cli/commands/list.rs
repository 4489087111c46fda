//! `vmux list`: prints every session, those that wait first.

use crate::cli::args::ListArgs;
use crate::cli::commands::config::load;
use crate::cli::commands::watch;
use crate::cli::error::CliResult;
use crate::cli::show::json::pretty;
use crate::cli::show::table::table;
use crate::cli::terminal::{Output, print, print_lines};
use crate::client::connect::Endpoint;
use crate::session::query::order;

/// Runs the command.
pub fn run(args: &ListArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    if args.watch {
        return watch::run(args, endpoint, output);
    }
    let output = &output.configured(&load(endpoint));
    let sessions = endpoint.sessions()?;
    if args.json {
        return print(&pretty(&order::sorted(&sessions, output.order), output.terminal)?);
    }
    print_lines(&table(&sessions, output.order, chrono::Utc::now(), output.frame()))
}
