//! `answer` and `answered`: an answer goes to the hook of the prompt that it names; the reply comes
//! when the hook has passed it on.

use super::end::{End, Refusal};
use super::log_line::log_line;
use super::prompts::{Answering, listed};
use super::store::EndedPrompt;
use crate::daemon::clock::Now;
use crate::daemon::home::answers;
use crate::daemon::hub::Hub;
use crate::daemon::hub::requests::MAX_TITLE;
use crate::daemon::hub::requests::keys::answer::KeyAnswer;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::prompt::UserAnswer;
use crate::protocol::request::{AnswerRequest, OnceRequest};
use crate::protocol::response::{Code, Response};
use crate::session::key::SessionKey;
use crate::session::sanitize::clean;
use crate::session::title::title;

impl Hub {
    /// Answers the prompt that is named, or the only one of the session that is named.
    pub(in crate::daemon::hub) fn answer_prompt(
        &mut self,
        args: AnswerRequest,
        reply: ReplySender,
        now: Now,
    ) {
        let (session, id) = match self.meant(&args) {
            Ok(meant) => meant,
            Err(refusal) => return reply.send(&refusal),
        };
        if let Some((session, call)) = self.by_keys(session, id) {
            let door = clean(args.door.as_deref().unwrap_or("socket"), 40);
            let given = KeyAnswer { session, call, answer: args.answer, door };
            return self.answer_by_key(given, reply, now);
        }
        let (id, decision) = match self.prompts.store.answer(session, id, &args.answer) {
            Ok(found) => found,
            Err(why) => return reply.send(&self.refusal(&why, session, id)),
        };
        let door = clean(args.door.as_deref().unwrap_or("socket"), 40);
        self.prompts.waiting.insert(id.clone(), Answering { reply, door, at: now.wall });
        self.prompts.tell_decision(&id, decision);
        self.show_prompt_of(&id);
    }

    /// The user answered this prompt in the notification of a session. If it is over, another
    /// notification says so.
    pub(in crate::daemon::hub) fn answer_notified(
        &mut self,
        session: SessionKey,
        prompt: String,
        allow: bool,
        now: Now,
    ) {
        if !self.prompts.store.open_prompts().any(|it| it.id == prompt) {
            let error = "nothing was answered: that prompt is over".to_owned();
            return self.notifier.send_error(session, error, false);
        }
        let answer = answer_of(allow);
        let (reply, receiver) = ReplySender::new(self.budget.clone());
        let (prompt, door) = (Some(prompt), Some("notification".to_owned()));
        self.answer_prompt(AnswerRequest { query: None, prompt, answer, door }, reply, now);
        tokio::spawn(receiver);
    }

    /// A button on the phone was pressed.
    pub(in crate::daemon::hub) fn answer_once(
        &mut self,
        args: &OnceRequest,
        reply: ReplySender,
        now: Now,
    ) {
        let Some(prompt) = self.prompts.once.take(&args.token) else {
            let error = "this button is used up, or of another time";
            return reply.send(&Response::refused(Code::Over, error));
        };
        let (prompt, door) = (Some(prompt), Some("phone".to_owned()));
        let answer = answer_of(args.allow);
        self.answer_prompt(AnswerRequest { query: None, prompt, answer, door }, reply, now);
    }

    /// The session and the prompt that a request names.
    fn meant<'a>(
        &self,
        args: &'a AnswerRequest,
    ) -> Result<(Option<SessionKey>, Option<&'a str>), Box<Response>> {
        let (query, id) = (args.query.as_deref(), args.prompt.as_deref());
        match query {
            None if id.is_none() => {
                let refusal = Response::refused(Code::BadRequest, "answer which prompt?");
                Err(Box::new(refusal.hint("args take prompt, or query")))
            }
            None => Ok((None, id)),
            Some(query) if self.prompts.knows(query) => match id {
                Some(id) if id != query => {
                    let error = "the two ids are of different prompts";
                    Err(Box::new(Response::refused(Code::BadRequest, error)))
                }
                _ => Ok((None, Some(query))),
            },
            Some(query) => self.find_only(query).map(|session| (Some(session.key()), id)),
        }
    }

    /// Why a prompt cannot be answered, with those that are open.
    pub(in crate::daemon::hub) fn refusal(
        &self,
        why: &Refusal,
        session: Option<SessionKey>,
        id: Option<&str>,
    ) -> Response {
        let store = &self.prompts.store;
        let quoted = clean(id.unwrap_or_default(), 40);
        let of_session = |it: SessionKey| self.registry.get(it).map(|it| title(it, MAX_TITLE));
        let name = session.and_then(of_session).unwrap_or_else(|| "the session".to_owned());
        let (code, error, hint) = match why {
            Refusal::Unknown => {
                (Code::Over, format!("there is no prompt {quoted}"), "`vmux pending` lists all")
            }
            Refusal::Over(end) => {
                let error = format!("prompt {quoted} is over: {}", end.clause());
                (Code::Over, error, "nothing was answered; `vmux pending` lists what is open now")
            }
            Refusal::BeingAnswered => {
                let error = "it is being answered already".to_owned();
                (Code::Over, error, "nothing was answered; `vmux pending` lists what is open now")
            }
            Refusal::NotWaiting => {
                let error = format!("{name} has no prompt that can be answered from here");
                let hint = "`vmux pending` says why; prompts that come after `vmux hooks install \
                            --answer` can be answered";
                (Code::NotWaiting, error, hint)
            }
            Refusal::Several => {
                let error = format!("{name} has several prompts");
                (Code::Ambiguous, error, "name the one that you mean by its id: `vmux pending`")
            }
            Refusal::Unfit(error, hint) => (Code::NotAnswerable, error.clone(), hint.as_str()),
        };
        let open = listed(
            store.open_prompts().filter(|it| session.is_none_or(|session| it.session == session)),
        );
        Response { prompts: open.prompts, ..Response::refused(code, error).hint(hint) }
    }

    /// The hook of a prompt has passed on what it was told.
    pub(in crate::daemon::hub) fn take_answered(&mut self, id: &str) -> Response {
        match self.prompts.store.answered(id) {
            Some(ended) => {
                self.end_prompts(vec![ended]);
                Response::done()
            }
            None => Response::refused(Code::Over, "this prompt is over"),
        }
    }

    /// A prompt is over: tells the one who answered it, and logs the answer.
    pub(super) fn end_answer(&mut self, ended: &EndedPrompt) {
        let Some(Answering { reply, door, at }) = self.prompts.waiting.remove(&ended.prompt.id)
        else {
            return;
        };
        let session = self.registry.get(ended.prompt.session);
        let name = session.map(|it| title(it, MAX_TITLE)).unwrap_or_default();
        let line = log_line(ended, &name, &door, at);
        let path = self.options.paths.answers();
        let home = self.presence.home.clone();
        drop(self.pool.call(move || answers::append(&path, &line, &home)));
        let session = session.cloned().map(Box::new);
        let prompt = Some(ended.prompt.id.clone());
        reply.send(&match ended.end {
            End::Answered => Response { prompt, session, ..Response::done() },
            end => {
                let error = format!("prompt {} is over: {}", ended.prompt.id, end.clause());
                let hint = "nothing was answered; `vmux pending` lists what is open now";
                Response { prompt, session, ..Response::refused(Code::Over, error).hint(hint) }
            }
        });
    }
}

fn answer_of(allow: bool) -> UserAnswer {
    match allow {
        true => UserAnswer::Allow { accept_edits: false },
        false => UserAnswer::Deny { message: None },
    }
}
