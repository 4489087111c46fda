//! `switch`: which session is meant, the way there, and what to say of it.

use super::clock;
use super::hub::Hub;
use super::inbox::{Answer, Input};
use super::terminal;
use crate::protocol::request::Switch;
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::process::ProcessId;
use crate::wm::desk::Focus;
use crate::wm::outcome::{SwitchError, SwitchOptions, Switched};
use tokio::task::spawn_blocking;

/// A switch that was carried out, or not.
#[derive(Debug)]
pub struct Arrival {
    /// The session that was to be shown; none for `--back`.
    target: Option<ProcessId>,
    /// The window that had the focus before.
    before: Option<Focus>,
    result: Result<Option<Switched>, SwitchError>,
    reply: Answer,
}

impl Hub {
    /// Bring the user to a session, or back.
    pub(super) fn switch(&mut self, args: Switch, mut reply: Answer) {
        if args.back {
            return self.switch_back(reply);
        }
        let target = match self.target(&args) {
            Ok(target) => target.process(),
            Err(refusal) => return reply.send(&refusal),
        };
        let (desktop, hub) = (self.desktop.clone(), self.hub.clone());
        let configured = self.settings.config.switch.attach.clone();
        tokio::spawn(async move {
            let before = desktop.focused().await.unwrap_or_default();
            let attach = match args.attach {
                true => spawn_blocking(|| terminal::choose(configured)).await.ok(),
                false => None,
            };
            let options = SwitchOptions { attach };
            let switched = tokio::select! {
                switched = desktop.switch(target, options) => switched,
                // It took too long: it is not to happen later, when nobody expects it any more.
                () = reply.is_pointless() => return,
            };
            let result = switched.unwrap_or_else(|_| Err(desktop_ended())).map(Some);
            let arrival = Arrival { target: Some(target), before, result, reply };
            let _ = hub.send(Input::Arrived(Box::new(arrival))).await;
        });
    }

    fn switch_back(&mut self, reply: Answer) {
        let Some(window) = self.tour.back() else {
            let error = "there is no window to go back to";
            let refusal = Response::refused(Code::NoMatch, error);
            return reply.send(&refusal.hint("--back leads to where you were before a switch"));
        };
        let (desktop, hub) = (self.desktop.clone(), self.hub.clone());
        tokio::spawn(async move {
            let before = desktop.focused().await.unwrap_or_default();
            let focused = desktop.focus_window(window).await;
            let result = focused.unwrap_or_else(|_| Err(desktop_ended())).map(|()| None);
            let arrival = Arrival { target: None, before, result, reply };
            let _ = hub.send(Input::Arrived(Box::new(arrival))).await;
        });
    }

    /// A switch came to its end: remember the way, and answer.
    pub(super) fn arrived(&mut self, arrival: Arrival) {
        let Arrival { target, before, result, reply } = arrival;
        let session = target.and_then(|target| self.registry.get(target)).cloned().map(Box::new);
        let response = match result {
            Ok(switched) => {
                match target {
                    Some(target) => self.tour.went(target, before, clock::now()),
                    None => self.tour.went_back(before),
                }
                let note = switched.and_then(|it| it.note);
                Response { session, note, ..Response::done() }
            }
            Err(error) => Response { session, ..refusal(&error) },
        };
        reply.send(&response);
    }

    fn target(&mut self, args: &Switch) -> Result<Box<SessionInfo>, Box<Response>> {
        if let Some(query) = &args.query {
            return self.find(query);
        }
        if !args.next && !args.previous {
            let refusal = Response::refused(Code::BadRequest, "switch to which session?");
            return Err(Box::new(refusal.hint("args take one of query, next, previous, back")));
        }
        let sessions: Vec<SessionInfo> = self.registry.sessions().cloned().collect();
        let focused = self.registry.focused();
        let target = match args.next {
            true => self.tour.next(&sessions, focused, clock::now()),
            false => self.tour.previous(&sessions, focused),
        };
        target
            .cloned()
            .map(Box::new)
            .ok_or_else(|| Box::new(Response::refused(Code::NoMatch, "no session waits for you")))
    }
}

fn desktop_ended() -> SwitchError {
    SwitchError::Unmanaged("the task that speaks with the window manager has ended".to_owned())
}

fn refusal(error: &SwitchError) -> Response {
    let code = match error {
        SwitchError::Ended => Code::NoMatch,
        SwitchError::Unmanaged(_) => Code::NoWindowManager,
        SwitchError::Detached(_) | SwitchError::NoWindow(_) | SwitchError::OneOf { .. } => {
            Code::NoWindow
        }
        SwitchError::Closed(_)
        | SwitchError::NotSeen(_)
        | SwitchError::Failed(_)
        | SwitchError::Pane(_)
        | SwitchError::Attach(_) => Code::SwitchFailed,
    };
    let response = Response::refused(code, error.to_string());
    match error.hint() {
        Some(hint) => response.hint(hint),
        None => response,
    }
}
