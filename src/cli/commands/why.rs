//! `vmux why`: how a session's state was decided.

use crate::cli::args::Question;
use crate::cli::commands::list::pretty;
use crate::cli::connect::Link;
use crate::cli::error::Result;
use crate::cli::show::why::reasons;
use crate::cli::terminal::{Output, print, print_lines};
use crate::protocol::request::{Query, Request};
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
pub fn run(args: &Question, link: &Link, output: &Output) -> Result {
    let response = link.ask(&Request::Why(Query { query: args.query.join(" ") }))?;
    let (Some(session), Some(why)) = (&response.session, &response.why) else {
        return Err(link.refusal(&response));
    };
    if args.json {
        return print(&pretty(&Answer { session, why }, output.terminal)?);
    }
    print_lines(&reasons(session, why, chrono::Utc::now(), output.frame()))
}
