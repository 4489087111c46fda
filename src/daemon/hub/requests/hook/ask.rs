//! `ask` and `pending`: hooks that wait for an answer, and those who want to know which prompts are
//! open.

use super::prompts::listed;
use super::store::EndedPrompt;
use crate::daemon::clock::Now;
use crate::daemon::hub::Hub;
use crate::daemon::hub::event::HubEvent;
use crate::daemon::hub::requests::keys::listing::WantedPrompts;
use crate::daemon::server::reply::{Reply, ReplySender, StreamItem};
use crate::protocol::request::{AskRequest, PendingRequest};
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::registry::change::Change;
use rustix::rand::{GetRandomFlags, getrandom};
use tokio::sync::mpsc;

/// Bytes that nobody can guess; `None` if the kernel has none.
fn random() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let length = getrandom(&mut bytes, GetRandomFlags::empty()).ok()?;
    (length == bytes.len()).then_some(bytes)
}

/// How many changes one who follows the prompts may be behind.
const MAX_CHANGES_BEHIND: usize = 64;

/// Kinds of sessions that show their user no dialog: nothing may hold them up.
const WITHOUT_DIALOG: &[&str] = &["headless", "sdk"];

impl Hub {
    /// A hook asks for the answer to a prompt: its connection stays open until there is one.
    pub(in crate::daemon::hub) fn ask(&mut self, args: AskRequest, reply: ReplySender, now: Now) {
        let Some(session) = self.session_of_hook(&args.report) else {
            let refusal = Response::refused(Code::NoMatch, "vmuxd does not know this session");
            return reply.send(&refusal);
        };
        let (key, kind) = (session.key(), session.details.kind.as_deref());
        // Claude Code 2.1.332 shows the dialog of a subagent only when its hook has ended.
        if args.report.agent.is_some() || kind.is_some_and(|it| WITHOUT_DIALOG.contains(&it)) {
            let error = "no dialog is shown while the hook waits";
            return reply.send(&Response::refused(Code::NotAnswerable, error));
        }
        let report = args.report.clone();
        let Some((id, replaced)) = self.prompts.store.ask(args, key, now.wall) else {
            let refusal = Response::refused(Code::Busy, "too many prompts are open");
            return reply.send(&refusal);
        };
        self.take_report(key, report, now);
        let (hook, receiver) = mpsc::channel(3);
        let begin = Response { prompt: Some(id.clone()), ..Response::done() };
        let _ = hook.try_send(StreamItem::Frame(self.budget.frame(&begin)));
        reply.send_reply(Reply::Stream(receiver));
        let (watched, hub, ended) = (hook.clone(), self.sender.clone(), id.clone());
        tokio::spawn(async move {
            watched.closed().await;
            let _ = hub.send(HubEvent::HookEnded(ended)).await;
        });
        self.prompts.hooks.insert(id, hook);
        self.end_prompts(replaced);
        self.prompts.tell_followers();
        self.show_prompt(key);
    }

    /// Shows, with the session of this prompt, which one can be answered now.
    pub(super) fn show_prompt_of(&mut self, id: &str) {
        let prompt = self.prompts.store.open_prompts().find(|it| it.id == id);
        if let Some(session) = prompt.map(|it| it.session) {
            self.show_prompt(session);
        }
    }

    /// Shows, with a session, which prompt of it can be answered now.
    fn show_prompt(&mut self, session: SessionKey) {
        let mut prompt = self.prompts.store.brief(session);
        let has_buttons = self.config.current.notify.push.as_ref().is_some_and(|it| it.buttons);
        if let Some(prompt) = prompt.as_mut().filter(|_| has_buttons) {
            prompt.token = self.prompts.once.of_prompt(&prompt.id, random);
        }
        let change = self.registry.set_prompt(session, prompt);
        self.publish(change);
    }

    /// The hook of this prompt has gone.
    pub(in crate::daemon::hub) fn take_hook_end(&mut self, id: &str) {
        self.prompts.hooks.remove(id);
        let ended = self.prompts.store.hook_ended(id);
        self.end_prompts(ended.into_iter().collect());
    }

    /// `pending`: the prompts that are open.
    pub(in crate::daemon::hub) fn pending(&mut self, args: &PendingRequest, reply: ReplySender) {
        let all = args.all && !args.follow;
        let Some(query) = &args.query else {
            if !args.follow {
                return self.list_prompts(WantedPrompts { all, ..Default::default() }, reply);
            }
            let open = listed(self.prompts.store.open_prompts());
            let (follower, receiver) = mpsc::channel(MAX_CHANGES_BEHIND);
            let _ = follower.try_send(StreamItem::Frame(self.budget.frame(&open)));
            self.prompts.followers.retain(|it| !it.is_closed());
            self.prompts.followers.push(follower);
            return reply.send_reply(Reply::Stream(receiver));
        };
        if args.follow {
            let error = "either a query or follow";
            return reply.send(&Response::refused(Code::BadRequest, error));
        }
        if self.prompts.knows(query) {
            return self.list_prompt(query, all, reply);
        }
        match self.find_only(query) {
            Ok(session) => {
                let session = Some(session.key());
                self.list_prompts(WantedPrompts { session, all, id: None }, reply);
            }
            Err(refusal) => reply.send(&refusal),
        }
    }

    /// These prompts are over: their hooks end, and whoever answered them is told.
    pub(in crate::daemon::hub) fn end_prompts(&mut self, ended: Vec<EndedPrompt>) {
        if ended.is_empty() {
            return;
        }
        for ended in ended {
            self.prompts.tell_over(&ended.prompt.id);
            self.end_answer(&ended);
            self.show_prompt(ended.prompt.session);
        }
        self.prompts.tell_followers();
    }

    /// A session has changed: prompts of it may be over.
    pub(in crate::daemon::hub) fn note_prompts(&mut self, change: &Change) {
        let ended = match change {
            Change::Session { session } => {
                let SessionInfo { state, since, .. } = **session;
                self.prompts.store.session_is(session.key(), state, since)
            }
            Change::Gone { key, .. } => self.prompts.store.session_ended(*key),
            _ => return,
        };
        self.end_prompts(ended);
    }

    /// Ends prompts of sessions that have not been waiting for a while.
    pub(in crate::daemon::hub) fn review_prompts(&mut self, now: Now) {
        let state = |key| self.registry.get(key).map(|it| it.state);
        let ended = self.prompts.store.review(state, now.wall);
        self.end_prompts(ended);
    }
}
