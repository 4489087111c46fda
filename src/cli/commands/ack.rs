//! `vmux ack`: a finished session was seen.

use crate::cli::error::Result;
use crate::cli::terminal::print_note;
use crate::client::connect::Endpoint;
use crate::protocol::request::{Query, Request};

/// Run it.
pub fn run(query: &str, endpoint: &Endpoint) -> Result {
    let response = endpoint.ask(&Request::Ack(Query { query: query.to_owned() }))?;
    print_note(&response)
}
