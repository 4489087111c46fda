//! `vmux why`: how a session's state was decided.

use crate::cli::args::InspectArgs;
use crate::cli::commands::config::load;
use crate::cli::error::CliResult;
use crate::cli::find::for_vmuxd;
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print, print_lines};
use crate::client::connect::Endpoint;
use crate::protocol::request::{QueryRequest, Request};
use crate::protocol::response::Why;
use crate::session::info::SessionInfo;
use crate::show::why::why_lines;
use serde::Serialize;

/// What `--json` prints.
#[derive(Serialize)]
struct WhyOutput<'a> {
    session: &'a SessionInfo,
    why: &'a Why,
}

/// Runs the command.
pub fn run(args: &InspectArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let query = for_vmuxd(&args.query.join(" "), endpoint, output, false)?;
    let response = endpoint.ask(&Request::Why(QueryRequest { query }))?;
    let (Some(session), Some(why)) = (&response.session, &response.why) else {
        return Err(endpoint.refused(response).into());
    };
    if args.json {
        return print(&pretty(&WhyOutput { session, why }, output.terminal)?);
    }
    let output = output.configured(&load(endpoint));
    print_lines(&why_lines(session, why, chrono::Utc::now(), output.frame()))
}
