//! `pending` of prompts for which no hook waits: those that a key could answer, and, if they are asked
//! for, those that only their terminal can answer, with the reason.

use super::answer::{Asking, look, read_calls};
use super::prompts::{KeyPrompts, asked, prompt, unanswerable, why_not};
use crate::daemon::hub::Hub;
use crate::daemon::hub::requests::hook::end::Refusal;
use crate::daemon::hub::requests::hook::prompts::listed;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::prompt::Prompt;
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::StateName;
use std::sync::{Arc, Mutex};

/// Which prompts are asked for.
#[derive(Debug, Clone, Default)]
pub struct WantedPrompts {
    /// Those of this session only.
    pub session: Option<SessionKey>,
    /// The one with this id only.
    pub id: Option<String>,
    /// Also those that only their terminal can answer.
    pub all: bool,
}

/// What is looked at of a session that waits, and for which no hook does.
struct Waiting {
    asking: Asking,
    /// Why no key can answer it, if that is known without a look at its screen.
    why: Option<String>,
}

impl Hub {
    /// Replies with the prompts that are wanted.
    pub(in crate::daemon::hub) fn list_prompts(
        &mut self,
        wanted: WantedPrompts,
        reply: ReplySender,
    ) {
        let is_wanted = |it: SessionKey| wanted.session.is_none_or(|session| it == session);
        let of_hooks = self.prompts.store.open_prompts().filter(|it| is_wanted(it.session));
        let mut found: Vec<Prompt> = of_hooks.cloned().collect();
        let has_hook = |it: &SessionInfo| self.prompts.store.of_session(it.key()).next().is_some();
        let keys = self.config.current.answer.keys;
        let sessions = self
            .registry
            .sessions()
            .filter(|it| it.state == StateName::NeedsInput && is_wanted(it.key()) && !has_hook(it));
        let waiting = sessions.filter_map(|it| {
            let why = why_not(it, keys);
            let is_listed = why.is_none() || wanted.all;
            is_listed.then(|| Waiting { asking: self.asking(it), why })
        });
        let waiting: Vec<Waiting> = waiting.collect();
        let ids = self.prompts.key_prompts.clone();
        tokio::spawn(async move {
            for it in waiting {
                found.extend(it.prompt(&ids, wanted.all).await);
            }
            let Some(id) = wanted.id else { return reply.send(&listed(found.iter())) };
            found.retain(|it| it.id == id);
            reply.send(&match found.is_empty() {
                true => Response::refused(Code::Over, format!("prompt {id} is over"))
                    .hint("`vmux pending` lists what is open now"),
                false => listed(found.iter()),
            });
        });
    }

    /// Replies with the prompt that has this id, or had it lately.
    pub(in crate::daemon::hub) fn list_prompt(&mut self, id: &str, all: bool, reply: ReplySender) {
        if let Some(end) = self.prompts.store.end_of(id) {
            return reply.send(&self.refusal(&Refusal::Over(end), None, Some(id)));
        }
        let of_key = self.prompts.keys().find(id).map(|it| it.0);
        match of_key {
            Some(session) => {
                let (session, id) = (Some(session), Some(id.to_owned()));
                self.list_prompts(WantedPrompts { session, id, all }, reply);
            }
            None => {
                let open = self.prompts.store.open_prompts().filter(|it| it.id == id);
                reply.send(&listed(open));
            }
        }
    }
}

impl Waiting {
    /// Its prompt, as far as it can be known.
    async fn prompt(self, ids: &Arc<Mutex<KeyPrompts>>, all: bool) -> Option<Prompt> {
        let session = self.asking.session.clone();
        let id_of = |call: &str| ids.lock().ok().map(|mut it| it.id_of(session.key(), call));
        let (why, calls) = match self.why {
            Some(why) => (why, read_calls(&self.asking).await.unwrap_or_default()),
            None => match look(self.asking).await.1 {
                Err(why) => (why, Vec::new()),
                Ok((_, shown, calls)) => match asked(&shown, &calls) {
                    Ok((_, call)) => return Some(prompt(id_of(&call.id)?, &session, call)),
                    Err(why) => (why.to_owned(), calls),
                },
            },
        };
        all.then(|| unanswerable(&session, &calls, why, id_of)).flatten()
    }
}
