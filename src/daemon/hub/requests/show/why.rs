//! `why`: how the state of a session was decided.

use crate::daemon::hub::Hub;
use crate::protocol::response::{Response, Why};

impl Hub {
    /// The reply to `why`, about the session that `query` means.
    pub(in crate::daemon::hub::requests) fn why(&self, query: &str) -> Response {
        let session = match self.find_only(query) {
            Ok(session) => session,
            Err(refusal) => return *refusal,
        };
        let record = self.registry.record(session.key()).cloned().unwrap_or_default();
        let why = Why {
            claims: record.claims,
            id_from: record.id_from.to_string(),
            transcript_from: record.transcript_from.to_string(),
            transcript: session.details.transcript.as_deref().map(std::path::Path::to_owned),
        };
        Response { why: Some(why), session: Some(session), ..Response::done() }
    }
}
