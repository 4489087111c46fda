//! `vmux list`: every session, those that wait on top.

use crate::cli::args::List;
use crate::cli::complain::{Complaint, FAILED, Result};
use crate::cli::connect::Link;
use crate::cli::show::table::table;
use crate::cli::terminal::{Output, print, print_lines};
use crate::session::info::SessionInfo;
use crate::session::order;

/// Run it.
pub fn run(args: &List, link: &Link, output: &Output) -> Result {
    let sessions = link.sessions()?;
    if args.json {
        return print(&json(&sessions, output.terminal)?);
    }
    print_lines(&table(&sessions, chrono::Utc::now(), output.frame()))
}

/// The array of sessions in their order; on a terminal with line breaks.
pub fn json(sessions: &[SessionInfo], pretty: bool) -> Result<String> {
    let sorted = order::sorted(sessions);
    let text = match pretty {
        true => serde_json::to_string_pretty(&sorted),
        false => serde_json::to_string(&sorted),
    };
    text.map(|text| text + "\n").map_err(|error| Complaint::new(FAILED, error.to_string()))
}
