//! `vmux ack`: marks a finished session as seen.

use crate::cli::error::CliResult;
use crate::cli::terminal::print_note;
use crate::client::connect::Endpoint;
use crate::protocol::request::{QueryRequest, Request};

/// Runs the command.
pub fn run(query: &str, endpoint: &Endpoint) -> CliResult {
    let response = endpoint.ask(&Request::Ack(QueryRequest { query: query.to_owned() }))?;
    print_note(&response)
}
