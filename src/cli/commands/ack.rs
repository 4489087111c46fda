//! `vmux ack`: a finished session was seen.

use crate::cli::connect::Link;
use crate::cli::error::Result;
use crate::protocol::request::{Query, Request};

/// Run it.
pub fn run(query: &str, link: &Link) -> Result {
    link.ask(&Request::Ack(Query { query: query.to_owned() })).map(|_| ())
}
