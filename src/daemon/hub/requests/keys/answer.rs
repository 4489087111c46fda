//! Answers a permission by a key, where no hook waits for the answer and the configuration allows it.
//!
//! The screen must show the dialog of the very call that is open, whole, and unchanged for a moment: a
//! key that comes before Claude Code has drawn its dialog goes into the prompt box. The key is sent if
//! the rows of the dialog are still there, in one command of tmux. There is one key, and never a second.

use super::prompts::{self, asked, key, may_ask, why_not};
use super::send::is_past;
use crate::claude::transcript::conversation::{self, AskedCall};
use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::daemon::clock::Now;
use crate::daemon::home::answers;
use crate::daemon::hub::Hub;
use crate::daemon::hub::requests::MAX_TITLE;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::prompt::{Prompt, UserAnswer};
use crate::protocol::request::BootTime;
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::sanitize::clean;
use crate::session::state::StateName;
use crate::session::title::title;
use crate::wm::mux::tmux::keys::{Expected, Keys};
use crate::wm::switch::keyboard::Keyboard;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

/// How long a dialog must have been on the screen: keys reach it some 0.1 s after it was drawn.
const SETTLING: Duration = Duration::from_millis(250);

/// How often the screen is read after the key, and how many times at most.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);
const MAX_LOOKS: usize = 30;

/// How long a disk may take, and requests before this one.
const READ_WITHIN: Duration = Duration::from_secs(3);
const TURN_WITHIN: Duration = Duration::from_secs(10);

/// The longest text in the log and of an error, in characters.
const MAX_LOGGED: usize = 1000;

/// A prompt that a key is to answer.
pub struct KeyAnswer {
    /// The session.
    pub session: SessionKey,
    /// The call that the user saw, by its id; `None`: the one on the screen.
    pub call: Option<String>,
    /// The answer.
    pub answer: UserAnswer,
    /// Through which door it came.
    pub door: String,
}

/// What is needed to look at a session's dialog.
pub struct Asking {
    /// The session.
    pub session: Box<SessionInfo>,
    keyboard: oneshot::Receiver<Result<Keyboard, String>>,
    transcript: Option<PathBuf>,
    pool: ThreadPool,
}

/// Why no key was sent, or what is known of one that was.
enum Failed {
    Nothing(String),
    /// Another prompt than the one that was meant is open.
    Over(Box<Prompt>),
    Unfit(&'static str, &'static str),
    Sent(&'static str),
}

impl Hub {
    /// The session, and the call, that an answer could reach by a key; `None` if it must be a hook.
    pub(in crate::daemon::hub) fn by_keys(
        &self,
        session: Option<SessionKey>,
        id: Option<&str>,
    ) -> Option<(SessionKey, Option<String>)> {
        if let Some(id) = id {
            let (of_id, call) = self.prompts.keys().find(id).map(|it| (it.0, it.1.to_owned()))?;
            return session.is_none_or(|it| it == of_id).then_some((of_id, Some(call)));
        }
        let session = session.filter(|_| self.config.current.answer.keys)?;
        let has_hook = self.prompts.store.of_session(session).next().is_some();
        let asks = self.registry.get(session).is_some_and(may_ask);
        (asks && !has_hook).then_some((session, None))
    }

    /// Answers a prompt by a key.
    pub(in crate::daemon::hub) fn answer_by_key(
        &mut self,
        given: KeyAnswer,
        reply: ReplySender,
        now: Now,
    ) {
        let session = self.registry.get(given.session);
        let Some(session) = session.filter(|it| it.state == StateName::NeedsInput) else {
            let error = "the prompt is over: the session no longer waits";
            let hint = "nothing was answered; `vmux pending` lists what is open now";
            return reply.send(&Response::refused(Code::Over, error).hint(hint));
        };
        if let Some(why) = why_not(session, self.config.current.answer.keys) {
            let name = title(session, MAX_TITLE);
            return reply.send(&nothing_sent(&name, &why));
        }
        let asking = self.asking(session);
        let ids = self.prompts.key_prompts.clone();
        let (typing, until) = (self.prompts.typing.clone(), reply.until());
        let (path, home) = (self.options.paths.answers(), self.presence.home.clone());
        tokio::spawn(async move {
            let Ok(_turn) = timeout(TURN_WITHIN, typing.lock()).await else {
                return reply.send(&Response::refused(Code::Busy, "other keys are being sent"));
            };
            let (session, pool) = (asking.session.clone(), asking.pool.clone());
            let name = title(&session, MAX_TITLE);
            let id_of =
                |call: &AskedCall| ids.lock().map(|mut it| it.id_of(session.key(), &call.id));
            let prompt_of =
                |call: &AskedCall| prompts::prompt(id_of(call).unwrap_or_default(), &session, call);
            let (way, call, done) = press(asking, &given, until, prompt_of).await;
            let prompt = call.as_ref().map(prompt_of);
            let mut line = json!({
                "at": now.wall,
                "session": name,
                "session_id": session.session_id,
                "pid": session.pid,
                "cwd": session.cwd,
                "prompt": prompt.as_ref().map(|it| &it.id),
                "tool": prompt.as_ref().map(|it| &it.tool),
                "input": prompt.as_ref().map(|it| clean(&it.input.to_string(), MAX_LOGGED)),
                "answer": if given.answer == (UserAnswer::Deny { message: None }) { "deny" } else { "allow" },
                "door": given.door,
                "way": format!("keys, {way}"),
            });
            line["taken"] = json!(done.is_ok());
            let is_sent = matches!(done, Ok(()) | Err(Failed::Sent(_)));
            let id = prompt.map(|it| it.id);
            reply.send(&told(&name, session, id, done));
            if is_sent {
                drop(pool.call(move || answers::append(&path, &format!("{line}\n"), &home)));
            }
        });
    }

    /// What is needed to look at what this session asks.
    pub(super) fn asking(&self, session: &SessionInfo) -> Asking {
        Asking {
            session: Box::new(session.clone()),
            keyboard: self.desktop.keyboard(session.key().process, Duration::ZERO),
            transcript: session.details.transcript.as_deref().map(std::path::Path::to_owned),
            pool: self.pool.clone(),
        }
    }
}

/// The calls of its conversation that are open; why they are not known, as a clause.
pub async fn read_calls(asking: &Asking) -> Result<Vec<AskedCall>, String> {
    let path = asking.transcript.clone().ok_or("its conversation is not known")?;
    let read = asking.pool.call(move || conversation::open_calls(&path));
    match timeout(READ_WITHIN, read).await {
        Ok(Ok(Ok(calls))) => Ok(calls),
        _ => Err("its conversation cannot be read".to_owned()),
    }
}

/// How its terminal is typed into, what it shows, and which calls of its conversation are open.
pub async fn look(asking: Asking) -> (String, Result<(Keyboard, String, Vec<AskedCall>), String>) {
    let calls = read_calls(&asking).await;
    let keyboard = match asking.keyboard.await {
        Ok(Ok(keyboard)) => keyboard,
        Ok(Err(why)) => return (String::new(), Err(why)),
        Err(_) => return (String::new(), Err("vmuxd is ending".to_owned())),
    };
    let way = keyboard.name();
    let calls = match calls {
        Ok(calls) => calls,
        Err(why) => return (way, Err(why)),
    };
    let looked = keyboard.look().await;
    (way, looked.map(|text| (keyboard, text, calls)))
}

/// Presses the key, `until` it is too late for that. Returns the way, and the call that is open on the screen.
async fn press(
    asking: Asking,
    given: &KeyAnswer,
    until: Option<BootTime>,
    prompt_of: impl Fn(&AskedCall) -> Prompt,
) -> (String, Option<AskedCall>, Result<(), Failed>) {
    let (way, looked) = look(asking).await;
    let (keyboard, shown, calls) = match looked {
        Ok(looked) => looked,
        Err(why) => return (way, None, Err(Failed::Nothing(why))),
    };
    let (dialog, call) = match asked(&shown, &calls) {
        Ok(found) => found,
        Err(why) => return (way, None, Err(Failed::Nothing(why.to_owned()))),
    };
    let call = call.clone();
    if given.call.as_ref().is_some_and(|it| *it != call.id) {
        let open = Box::new(prompt_of(&call));
        return (way, Some(call), Err(Failed::Over(open)));
    }
    let key = match key(&given.answer, &dialog) {
        Ok(key) => key,
        Err((why, hint)) => return (way, Some(call), Err(Failed::Unfit(why, hint))),
    };
    let changed = || Failed::Nothing("its screen has just changed: try again".to_owned());
    sleep(SETTLING).await;
    let is_same = |text: &str| asked(text, &calls).is_ok_and(|it| it.0 == dialog);
    let done = match keyboard.look_at_rest().await {
        Err(why) => Err(Failed::Nothing(why)),
        Ok(text) if !is_same(&text) => Err(changed()),
        Ok(_) if is_past(until) => {
            Err(Failed::Nothing("it is too late for this answer".to_owned()))
        }
        Ok(_) => {
            let expected = Expected { rows: dialog.rows(), absent: vec!["more line"] };
            match keyboard.send(&expected, Keys::Key(key)).await {
                Ok(true) => check_gone(&keyboard, &is_same).await,
                Ok(false) => Err(changed()),
                Err(_) => Err(Failed::Sent("tmux did not confirm that the key was sent")),
            }
        }
    };
    (way, Some(call), done)
}

/// Waits until the dialog is no longer on the screen.
async fn check_gone(keyboard: &Keyboard, is_same: &impl Fn(&str) -> bool) -> Result<(), Failed> {
    for _ in 0..MAX_LOOKS {
        sleep(LOOK_INTERVAL).await;
        match keyboard.look().await {
            Ok(text) if is_same(&text) => {}
            Ok(_) => return Ok(()),
            Err(_) => break,
        }
    }
    Err(Failed::Sent("the key was sent, but its screen does not show that it counted"))
}

fn told(
    name: &str,
    session: Box<SessionInfo>,
    prompt: Option<String>,
    done: Result<(), Failed>,
) -> Response {
    let session = Some(session);
    match done {
        Ok(()) => Response { prompt, session, ..Response::done() },
        Err(Failed::Nothing(why)) => nothing_sent(name, &why),
        Err(Failed::Over(open)) => {
            let error = "the prompt is over: another has replaced it";
            let hint = "nothing was answered; `vmux pending` lists what is open now";
            let refusal = Response::refused(Code::Over, error).hint(hint);
            Response { prompts: Some(vec![*open]), ..refusal }
        }
        Err(Failed::Unfit(why, hint)) => Response::refused(Code::NotAnswerable, why).hint(hint),
        Err(Failed::Sent(why)) => {
            let error = format!("{name}: {why}");
            let hint = "look what became of it: `vmux peek`, or go there";
            let refusal = Response::refused(Code::NotSubmitted, error).hint(hint);
            Response { prompt, session, ..refusal }
        }
    }
}

fn nothing_sent(name: &str, why: &str) -> Response {
    let why = clean(why, MAX_LOGGED);
    let error = format!("{name} could not be answered from here: {why}; nothing was sent");
    Response::refused(Code::NotWaiting, error).hint("`vmux switch` goes there")
}
