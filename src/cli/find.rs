//! The session a query means, or a complaint that lists the candidates.

use super::error::{Complaint, Result};
use super::show::table::brief;
use crate::session::info::SessionInfo;
use crate::session::query::{Found, find};

/// The one session that is meant. Several are an error: nothing is done to the wrong one.
pub fn one<'a>(
    query: &str,
    sessions: &'a [SessionInfo],
    home: Option<&str>,
) -> Result<&'a SessionInfo> {
    let lines = |indices: &[usize]| {
        indices.iter().filter_map(|&it| sessions.get(it)).map(|it| brief(it, home)).collect()
    };
    match find(query, sessions) {
        Found::One(index) => {
            sessions.get(index).ok_or_else(|| Complaint::no_match(query, None, Vec::new()))
        }
        Found::Several(found) => Err(Complaint::ambiguous(query, lines(&found))),
        Found::None { closest, unknown_host } => {
            Err(Complaint::no_match(query, unknown_host, lines(&closest)))
        }
    }
}
