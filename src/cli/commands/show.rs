//! `vmux show`: prints everything that is known about one session.

use crate::cli::args::InspectArgs;
use crate::cli::commands::config::load;
use crate::cli::error::CliResult;
use crate::cli::find::find_one;
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print, print_lines};
use crate::client::connect::Endpoint;
use crate::show::details::detail_lines;

/// Runs the command.
pub fn run(args: &InspectArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let sessions = endpoint.sessions()?;
    let session = find_one(&args.query.join(" "), &sessions, output)?;
    if args.json {
        return print(&pretty(session, output.terminal)?);
    }
    let output = output.configured(&load(endpoint));
    print_lines(&detail_lines(session, chrono::Utc::now(), output.frame()))
}
