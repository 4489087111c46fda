//! Which prompt of a session can be answered from elsewhere.

use super::Registry;
use super::change::Change;
use crate::session::info::PromptBrief;
use crate::session::key::SessionKey;

impl Registry {
    /// Takes note of the prompt of a session that can be answered. `None`: nothing has changed.
    pub fn set_prompt(&mut self, key: SessionKey, prompt: Option<PromptBrief>) -> Option<Change> {
        self.edit(key, |info| info.prompt = prompt.map(Box::new))
    }
}
