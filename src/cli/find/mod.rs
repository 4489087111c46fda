//! The session that a query means, or an error that lists the candidates.

pub mod here;
pub mod repository;

use super::error::{CliError, CliResult};
use super::show::table::candidates;
use crate::session::info::SessionInfo;
use crate::session::query::{Found, find};

/// The one session that `query` means. Several are an error, so that nothing is done to a wrong one.
pub fn find_one<'a>(
    query: &str,
    sessions: &'a [SessionInfo],
    home: Option<&str>,
) -> CliResult<&'a SessionInfo> {
    let lines =
        |indices: &[usize]| candidates(indices.iter().filter_map(|&it| sessions.get(it)), home);
    match find(query, sessions) {
        Found::One(index) => {
            sessions.get(index).ok_or_else(|| CliError::no_match(query, None, Vec::new()))
        }
        Found::Several(found) => Err(CliError::ambiguous(query, lines(&found))),
        Found::None { closest, unknown_host } => {
            Err(CliError::no_match(query, unknown_host, lines(&closest)))
        }
    }
}

/// The error for a `query` that no session matches, with those that may have been meant.
pub fn closest(query: &str, sessions: &[SessionInfo], home: Option<&str>) -> CliError {
    match find(query, sessions) {
        Found::None { closest, unknown_host } => {
            let lines = candidates(closest.iter().filter_map(|&it| sessions.get(it)), home);
            CliError::no_match(query, unknown_host, lines)
        }
        _ => CliError::no_match(query, None, Vec::new()),
    }
}
