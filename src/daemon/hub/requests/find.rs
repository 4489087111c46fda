//! The session that a query means.

use crate::daemon::hub::Hub;
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::query::{self, Found};
use crate::session::sanitize;

/// The longest query, in characters. A longer one names nothing.
const MAX_QUERY: usize = 200;

/// How many characters of a query an error quotes.
const MAX_QUOTED_QUERY: usize = 80;

impl Hub {
    /// The session that `query` means; of several the first, to go there. The error is the reply.
    pub(super) fn find_first(&self, query: &str) -> Result<Box<SessionInfo>, Box<Response>> {
        self.find_with(query, |sessions| query::find_first(query, sessions))
    }

    /// The one session that `query` means. The error is the reply.
    pub(super) fn find_only(&self, query: &str) -> Result<Box<SessionInfo>, Box<Response>> {
        self.find_with(query, |sessions| query::find(query, sessions))
    }

    fn find_with(
        &self,
        query: &str,
        find: impl FnOnce(&[&SessionInfo]) -> Found,
    ) -> Result<Box<SessionInfo>, Box<Response>> {
        // Each word is compared with every field of every session.
        if query.chars().nth(MAX_QUERY).is_some() {
            let error = format!("a query has at most {MAX_QUERY} characters");
            return Err(Box::new(Response::refused(Code::BadRequest, error)));
        }
        let sessions: Vec<&SessionInfo> = self.registry.sessions().collect();
        let pick =
            |found: Vec<usize>| found.iter().map(|&it| SessionInfo::clone(sessions[it])).collect();
        let quoted = sanitize::clean(query, MAX_QUOTED_QUERY);
        match find(&sessions) {
            Found::One(index) => Ok(Box::new(SessionInfo::clone(sessions[index]))),
            Found::Several(found) => {
                let error = query::several_match(&quoted);
                let refusal = Response::refused(Code::Ambiguous, error);
                Err(Box::new(Response { sessions: Some(pick(found)), ..refusal }))
            }
            Found::None { closest, unknown_host } => {
                let error = query::no_match(&quoted, unknown_host);
                let refusal = Response::refused(Code::NoMatch, error);
                Err(Box::new(Response { sessions: Some(pick(closest)), ..refusal }))
            }
        }
    }
}
