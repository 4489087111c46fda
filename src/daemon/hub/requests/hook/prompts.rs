//! The hooks that wait for an answer, and those who follow the prompts: what the store of prompts
//! decides reaches them here.

use super::once::OnceTokens;
use super::store::PromptStore;
use crate::daemon::hub::requests::keys::prompts::KeyPrompts;
use crate::daemon::server::frame::SendBudget;
use crate::daemon::server::reply::{ReplySender, StreamItem};
use crate::protocol::prompt::{AskOutcome, Decision, Prompt};
use crate::protocol::response::Response;
use crate::session::Timestamp;
use std::collections::BTreeMap;
use std::sync::{self, Arc};
use tokio::sync::{Mutex, mpsc};

/// Someone who has answered a prompt and waits until its hook has passed that on.
pub struct Answering {
    /// Where to tell it.
    pub reply: ReplySender,
    /// Through which door the answer came.
    pub door: String,
    /// When.
    pub at: Timestamp,
}

/// The prompts that are open, and who waits for what becomes of them.
pub struct Prompts {
    /// The prompts.
    pub store: PromptStore,
    /// Id of a prompt → its hook, which waits for the answer.
    pub hooks: BTreeMap<String, mpsc::Sender<StreamItem>>,
    /// Id of a prompt → those who gave the answer that its hook passes on.
    pub waiting: BTreeMap<String, Answering>,
    /// Those who follow the prompts.
    pub followers: Vec<mpsc::Sender<StreamItem>>,
    /// The prompts that a key may answer.
    pub key_prompts: Arc<sync::Mutex<KeyPrompts>>,
    /// What the buttons of messages to the phone stand for.
    pub once: OnceTokens,
    /// Held while keys are typed into a terminal: one request after the other.
    pub typing: Arc<Mutex<()>>,
    budget: SendBudget,
}

impl Prompts {
    /// No prompts, in a vmuxd that starts `now`; frames count against `budget`.
    pub fn new(now: Timestamp, budget: SendBudget) -> Prompts {
        // The nanoseconds of two starts differ.
        let seed = now.timestamp_nanos_opt().unwrap_or(0).cast_unsigned();
        Prompts {
            store: PromptStore::new(seed),
            hooks: BTreeMap::new(),
            waiting: BTreeMap::new(),
            followers: Vec::new(),
            key_prompts: Arc::new(sync::Mutex::new(KeyPrompts::new(seed))),
            once: OnceTokens::default(),
            typing: Arc::default(),
            budget,
        }
    }

    /// The prompts that a key may answer.
    pub fn keys(&self) -> sync::MutexGuard<'_, KeyPrompts> {
        self.key_prompts.lock().unwrap_or_else(sync::PoisonError::into_inner)
    }

    /// Whether a prompt has this id, or had it lately.
    pub fn knows(&self, id: &str) -> bool {
        self.store.knows(id) || self.keys().find(id).is_some()
    }

    /// Tells the hook of a prompt what to answer. Its connection stays: that it ends before the hook
    /// has told that it is done is how a hook that was stopped is known.
    pub fn tell_decision(&mut self, id: &str, decision: Decision) {
        if let Some(hook) = self.hooks.get(id) {
            let frame = self.budget.frame(&AskOutcome::Decided(decision));
            let _ = hook.try_send(StreamItem::Frame(frame));
        }
    }

    /// Tells the hook of a prompt that it is over, and ends its connection.
    pub fn tell_over(&mut self, id: &str) {
        if let Some(hook) = self.hooks.remove(id) {
            let _ = hook.try_send(StreamItem::Last(self.budget.frame(&AskOutcome::Over)));
        }
    }

    /// Tells the followers which prompts are open now.
    pub fn tell_followers(&mut self) {
        if self.followers.is_empty() {
            return;
        }
        let frame = self.budget.frame(&listed(self.store.open_prompts()));
        self.followers.retain(|it| it.try_send(StreamItem::Frame(frame.clone())).is_ok());
    }
}

/// The reply with these prompts.
pub fn listed<'a>(prompts: impl Iterator<Item = &'a Prompt>) -> Response {
    Response { prompts: Some(prompts.cloned().collect()), ..Response::done() }
}
