//! `vmux why`: how a session's state was decided.

use crate::cli::args::Question;
use crate::cli::error::Result;
use crate::cli::show::json::pretty;
use crate::cli::show::why::reasons;
use crate::cli::terminal::{Output, print, print_lines};
use crate::client::connect::Endpoint;
use crate::protocol::request::{QueryRequest, Request};
use crate::protocol::response::Why;
use crate::session::info::SessionInfo;
use serde::Serialize;

/// What `--json` prints.
#[derive(Serialize)]
struct Answer<'a> {
    session: &'a SessionInfo,
    why: &'a Why,
}

/// Run it.
pub fn run(args: &Question, endpoint: &Endpoint, output: &Output) -> Result {
    let response = endpoint.ask(&Request::Why(QueryRequest { query: args.query.join(" ") }))?;
    let (Some(session), Some(why)) = (&response.session, &response.why) else {
        return Err(endpoint.refused(response).into());
    };
    if args.json {
        return print(&pretty(&Answer { session, why }, output.terminal)?);
    }
    print_lines(&reasons(session, why, chrono::Utc::now(), output.frame()))
}
