//! `vmux ack`: a finished session was seen.

use crate::cli::error::Result;
use crate::cli::terminal::print_note;
use crate::client::connect::Endpoint;
use crate::protocol::request::{QueryRequest, Request};

/// Run it.
pub fn run(query: &str, endpoint: &Endpoint) -> Result {
    let response = endpoint.ask(&Request::Ack(QueryRequest { query: query.to_owned() }))?;
    print_note(&response)
}
