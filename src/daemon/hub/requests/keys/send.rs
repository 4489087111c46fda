//! `send`: types a text into the free prompt of a session and submits it.
//!
//! The screen is read, the text is pasted, the screen is read again, Enter is sent, and the screen is
//! read once more. Paste and Enter are sent only if the screen still shows what was read, in one command
//! of tmux each. Nothing is ever typed a second time.

use super::text::{check_state, check_text};
use crate::claude::process::screen::prompt_box::{self, PromptBox};
use crate::claude::process::screen::{Screen, dialog};
use crate::config::rights::send::Door;
use crate::daemon::clock::Now;
use crate::daemon::home::answers;
use crate::daemon::hub::Hub;
use crate::daemon::hub::requests::MAX_TITLE;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request::{BootTime, SendRequest};
use crate::protocol::response::{Code, Response};
use crate::session::sanitize::clean;
use crate::session::title::title;
use crate::wm::mux::tmux::keys::{Expected, Keys};
use crate::wm::switch::keyboard::Keyboard;
use serde_json::json;
use std::pin::{Pin, pin};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep, timeout};

/// How often the screen is read while it is to change.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// How long Claude Code may take to show a text and to take it: a request has less than nine seconds, and may
/// have waited for two until nobody typed.
const TAKEN_WITHIN: Duration = Duration::from_millis(6500);

/// How long before a text comes too late it is pasted at the latest, for Enter to come in time as well.
const SUBMITTED_WITHIN: Duration = Duration::from_secs(1);

/// How long requests before this one may take.
const TURN_WITHIN: Duration = Duration::from_secs(10);

/// The longest text in the log, in characters.
const MAX_LOGGED: usize = 1000;

/// Rows that only dialogs have: Enter would choose what they offer.
const OF_DIALOGS: [&str; 2] = ["^ *❯ *1[.] Yes *$", "^ *(Enter to select|Esc to cancel)"];

/// What ends a session, which `vmux restore` then does not take for cut off.
const LEAVE: &str = "/exit";

/// Why a text was not sent: a clause.
enum NotDone {
    /// Nothing was typed.
    Nothing(String),
    /// It was typed; what is known of it.
    Typed(&'static str),
}

impl Hub {
    /// Sends a text to the session that the query means.
    pub(in crate::daemon::hub) fn send_text(
        &mut self,
        args: SendRequest,
        reply: ReplySender,
        now: Now,
    ) {
        let session = match self.find_only(&args.query) {
            Ok(session) => session,
            Err(refusal) => return reply.send(&refusal),
        };
        let door = Door::named(args.door.as_deref());
        if let Err(refusal) = self.may_send(door) {
            return reply.send(&refusal);
        }
        let name = title(&session, MAX_TITLE);
        let text = match check_text(&args.text, door) {
            Ok(text) => text.to_owned(),
            Err((why, hint)) => {
                return reply.send(&Response::refused(Code::BadRequest, why).hint(hint));
            }
        };
        if let Err((why, hint)) = check_state(&session, args.queue) {
            let error = format!("{name}: {why}; nothing was sent");
            return reply.send(&Response::refused(Code::NotSent, error).hint(hint));
        }
        if text == LEAVE {
            self.note_end(session.session_id.as_deref(), now.wall);
        }
        let keyboard = self.desktop.keyboard(session.key().process, Duration::ZERO);
        let typing = self.prompts.typing.clone();
        let (path, home) = (self.options.paths.answers(), self.presence.home.clone());
        let (pool, until) = (self.pool.clone(), reply.until());
        let logged = json!({
            "at": now.wall,
            "session": name,
            "session_id": session.session_id,
            "pid": session.pid,
            "cwd": session.cwd,
            "sent": clean(&text, MAX_LOGGED),
            "door": clean(args.door.as_deref().unwrap_or("socket"), 40),
        });
        tokio::spawn(async move {
            let Ok(_turn) = timeout(TURN_WITHIN, typing.lock()).await else {
                return reply.send(&Response::refused(Code::Busy, "other texts are being sent"));
            };
            let (way, done) = type_text(keyboard, &text, until).await;
            let (is_done, is_typed) = (done.is_ok(), !matches!(done, Err(NotDone::Nothing(_))));
            reply.send(&match done {
                Ok(()) => Response { session: Some(session), ..Response::done() },
                Err(NotDone::Nothing(why)) => {
                    let error = format!("{name}: {}; nothing was sent", clean(&why, MAX_LOGGED));
                    let hint = "`vmux switch` goes there";
                    Response::refused(Code::NotSent, error).hint(hint)
                }
                Err(NotDone::Typed(why)) => {
                    let error = format!("{name}: the text was typed, but {why}");
                    let hint = "look what became of it: `vmux peek`, or go there";
                    let refusal = Response::refused(Code::NotSubmitted, error).hint(hint);
                    Response { session: Some(session), ..refusal }
                }
            });
            if !is_typed {
                return;
            }
            let mut logged = logged;
            logged["way"] = json!(way);
            logged["taken"] = json!(is_done);
            drop(pool.call(move || answers::append(&path, &format!("{logged}\n"), &home)));
        });
    }

    /// Whether texts that come through this door are sent.
    fn may_send(&self, door: Door) -> Result<(), Box<Response>> {
        if self.config.current.send.allow.contains(&door) {
            return Ok(());
        }
        let word = door.word();
        let error = format!("the configuration does not allow \"{word}\" to send texts");
        let setting = match door {
            Door::Mcp | Door::Web => format!("allow = [\"send\"]` in [{word}]"),
            Door::User | Door::Hosts => format!("allow = [\"{word}\"]` in [send]"),
        };
        let hint = format!("`{setting} of ~/.vmux/config.toml allows it");
        Err(Box::new(Response::refused(Code::NotAllowed, error).hint(hint)))
    }
}

/// Types a text and submits it, `until` it is too late for that. Returns the way that it went, if any.
async fn type_text(
    keyboard: oneshot::Receiver<Result<Keyboard, String>>,
    text: &str,
    until: Option<BootTime>,
) -> (Option<String>, Result<(), NotDone>) {
    let keyboard = match keyboard.await {
        Ok(Ok(keyboard)) => keyboard,
        Ok(Err(why)) => return (None, Err(NotDone::Nothing(why))),
        Err(_) => return (None, Err(NotDone::Nothing("vmuxd is ending".to_owned()))),
    };
    (Some(keyboard.name()), type_into(&keyboard, text, until).await)
}

async fn type_into(
    keyboard: &Keyboard,
    text: &str,
    until: Option<BootTime>,
) -> Result<(), NotDone> {
    let before = free_box(&keyboard.look_at_rest().await.map_err(NotDone::Nothing)?)?;
    let expected = |row: String| Expected { rows: vec![row], absent: OF_DIALOGS.to_vec() };
    let changed = "its screen has just changed: try again";
    // Enter behind a backslash is a line break.
    let typed = if text.ends_with('\\') { &format!("{text} ") } else { text };
    if is_past(until.map(|it| it.earlier(SUBMITTED_WITHIN))) {
        return Err(NotDone::Nothing("it is too late to send the text".to_owned()));
    }
    let pasted = keyboard.send(&expected(before.first_row), Keys::Paste(typed)).await;
    match pasted {
        Ok(true) => {}
        Ok(false) => return Err(NotDone::Nothing(changed.to_owned())),
        Err(_) => return Err(NotDone::Typed("tmux did not confirm that")),
    }
    let holds = |it: &PromptBox| it.holds(text);
    let mut end = pin!(sleep(TAKEN_WITHIN));
    let Some(typed) = look_for(keyboard, end.as_mut(), holds).await else {
        return Err(NotDone::Typed("its prompt box does not show it; it was not submitted"));
    };
    let shown = keyboard.look_untouched().await;
    if !shown.is_ok_and(|it| prompt_box::find(&Screen::parse(&it)).as_ref() == Some(&typed)) {
        return Err(NotDone::Typed("its prompt box has changed since; it was not submitted"));
    }
    if is_past(until) {
        return Err(NotDone::Typed("its prompt box has shown it too late; it was not submitted"));
    }
    match keyboard.send(&expected(typed.first_row), Keys::Key("Enter")).await {
        Ok(true) => {}
        Ok(false) => return Err(NotDone::Typed("its screen changed; it was not submitted")),
        Err(_) => return Err(NotDone::Typed("tmux did not say whether it was submitted")),
    }
    match look_for(keyboard, end.as_mut(), |it| !it.holds(text)).await {
        Some(_) => Ok(()),
        // A dialog may have come at once.
        None if has_dialog(keyboard).await => Ok(()),
        None => Err(NotDone::Typed("its screen does not show that it was submitted")),
    }
}

/// Whether it is too late: who asked has been told otherwise by then.
pub fn is_past(until: Option<BootTime>) -> bool {
    until.is_some_and(|it| it.is_past(Now::read().boottime))
}

/// The prompt box that a screen shows, if it is free.
fn free_box(text: &str) -> Result<PromptBox, NotDone> {
    let nothing = |why: &str| NotDone::Nothing(why.to_owned());
    let found = prompt_box::find(&Screen::parse(text))
        .ok_or_else(|| nothing("its screen shows no free prompt"))?;
    match found.words {
        Some(_) => Err(nothing("its prompt box holds words that are not sent yet")),
        None => Ok(found),
    }
}

/// Reads the screen until its prompt box is as wanted, or until the end.
async fn look_for(
    keyboard: &Keyboard,
    end: Pin<&mut Sleep>,
    is_wanted: impl Fn(&PromptBox) -> bool,
) -> Option<PromptBox> {
    let look = async {
        loop {
            sleep(LOOK_INTERVAL).await;
            let text = keyboard.look().await.ok()?;
            if let Some(found) = prompt_box::find(&Screen::parse(&text)).filter(&is_wanted) {
                return Some(found);
            }
        }
    };
    tokio::select! {
        found = look => found,
        () = end => None,
    }
}

async fn has_dialog(keyboard: &Keyboard) -> bool {
    let text = keyboard.look().await.unwrap_or_default();
    dialog::find(&Screen::parse(&text)).is_ok()
}
