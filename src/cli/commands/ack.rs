//! `vmux ack`: marks a finished session as seen.

use crate::cli::error::CliResult;
use crate::cli::find::for_vmuxd;
use crate::cli::terminal::{Output, print_note};
use crate::client::connect::Endpoint;
use crate::protocol::request::{QueryRequest, Request};

/// Runs the command.
pub fn run(query: &str, endpoint: &Endpoint, output: &Output) -> CliResult {
    let query = for_vmuxd(query, endpoint, output, false)?;
    let response = endpoint.ask(&Request::Ack(QueryRequest { query }))?;
    print_note(&response)
}
