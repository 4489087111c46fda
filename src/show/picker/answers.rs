//! Answering the prompt of the session whose details are shown.

use super::{Action, Picker};
use crate::protocol::prompt::UserAnswer;
use crate::protocol::request::{AnswerRequest, Request};
use crate::session::info::{PromptBrief, SessionInfo};

impl Picker {
    /// From now on the prompt that the selected session has at the moment may be answered. When
    /// another one takes its place, the user may have read the one before, so that one may not.
    pub(super) fn bind_prompt(&mut self, sessions: &[SessionInfo]) {
        let prompt = self.session(sessions).and_then(|it| it.prompt.as_ref());
        self.prompt = prompt.map(|it| it.id.clone());
    }

    /// The prompt of this session that the details show whole and that may be answered there.
    pub(super) fn answerable<'a>(&self, session: &'a SessionInfo) -> Option<&'a PromptBrief> {
        // Prompts of another host are answered there.
        let is_here = session.host.is_none();
        let is_it = |it: &&PromptBrief| {
            is_here && it.call.is_some() && self.prompt.as_ref() == Some(&it.id)
        };
        session.prompt.as_deref().filter(is_it)
    }

    /// The answer to that prompt, if there is one.
    pub(super) fn answer(&self, sessions: &[SessionInfo], answer: UserAnswer) -> Option<Action> {
        let session = self.session(sessions)?;
        let prompt = Some(self.answerable(session)?.id.clone());
        let query = Some(session.key().to_string());
        let door = Some("vmux list --watch".to_owned());
        Some(Action::Ask(Request::Answer(AnswerRequest { query, prompt, answer, door })))
    }
}
