//! The session that a query means, or an error that lists the candidates.

pub mod here;
pub mod repository;
pub mod target;

use super::commands::config::load;
use super::error::{CliError, CliResult, LIST_HINT, NO_MATCH};
use super::terminal::Output;
use crate::client::connect::Endpoint;
use crate::session::info::SessionInfo;
use crate::session::query::{Found, find};
use crate::show::phrases;
use crate::show::table::candidates;
use crate::show::width::cut_left;
use here::Here;
use target::at_path;

/// The one session that `query` means. Several are an error, so that nothing is done to a wrong one.
pub fn find_one<'a>(
    query: &str,
    sessions: &'a [SessionInfo],
    output: &Output,
) -> CliResult<&'a SessionInfo> {
    match find_all(query, sessions, output)?[..] {
        [one] => Ok(one),
        ref several => {
            let lines = candidates(several.iter().copied(), output.home.as_deref());
            Err(CliError::ambiguous(query, lines))
        }
    }
}

/// All sessions that `query` means equally well; there is one at least.
pub fn find_all<'a>(
    query: &str,
    sessions: &'a [SessionInfo],
    output: &Output,
) -> CliResult<Vec<&'a SessionInfo>> {
    let home = output.home.as_deref();
    let here = Here::of_process(home);
    if let Some(path) = here.path(query) {
        let found = at_path(query, &path, &here, sessions, output.order);
        return match found.is_empty() {
            true => Err(nowhere(&path, home)),
            false => Ok(found),
        };
    }
    let of = |indices: Vec<usize>| indices.into_iter().filter_map(|it| sessions.get(it)).collect();
    match find(query, sessions) {
        Found::One(index) => Ok(of(vec![index])),
        Found::Several(found) if !found.is_empty() => Ok(of(found)),
        _ => Err(closest(query, sessions, home)),
    }
}

/// The words by which vmuxd finds the session that these `words` mean: of a path the process. With
/// `is_first`, several in one directory are no error.
pub fn for_vmuxd(
    words: &str,
    endpoint: &Endpoint,
    output: &Output,
    is_first: bool,
) -> CliResult<String> {
    let here = Here::of_process(output.home.as_deref());
    let Some(path) = here.path(words) else { return Ok(words.to_owned()) };
    let output = output.configured(&load(endpoint));
    let sessions = endpoint.sessions()?;
    let found = match is_first {
        true => at_path(words, &path, &here, &sessions, output.order).first().copied(),
        false => Some(find_one(words, &sessions, &output)?),
    };
    let found = found.ok_or_else(|| nowhere(&path, output.home.as_deref()))?;
    Ok(found.key().to_string())
}

fn nowhere(path: &str, home: Option<&str>) -> CliError {
    let path = cut_left(&phrases::directory(path, home), 80);
    CliError::new(NO_MATCH, format!("no session is in {path}")).hint(LIST_HINT)
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
