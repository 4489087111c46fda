//! `vmux ack`: marks a finished session as seen.

use crate::cli::args::InspectArgs;
use crate::cli::error::CliResult;
use crate::cli::find::for_vmuxd;
use crate::cli::terminal::{Output, print_note, print_session};
use crate::client::connect::Endpoint;
use crate::protocol::request::{QueryRequest, Request};

/// Runs the command.
pub fn run(args: &InspectArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let query = for_vmuxd(&args.query.join(" "), endpoint, output, false)?;
    let mut response = endpoint.ask(&Request::Ack(QueryRequest { query }))?;
    if args.json {
        // vmuxd answers with the session as it was.
        if let Some(session) = &mut response.session {
            session.unseen = false;
        }
        return print_session(response.session.as_deref(), &response, output);
    }
    print_note(&response)
}
