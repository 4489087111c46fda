//! `switch`: which session is meant, the way there, and what to say of it.

use super::Hub;
use super::message::{Answer, Input};
use crate::daemon::clock;
use crate::daemon::desktop::Handle;
use crate::daemon::desktop::terminal_command;
use crate::protocol::request::Switch;
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::process::ProcessId;
use crate::session::title::title;
use crate::wm::manager::FocusedWindow;
use crate::wm::switch::outcome::{SwitchError, SwitchOptions, Switched};
use std::time::{Duration, Instant};
use tokio::task::spawn_blocking;

/// When `--next` tries no other session any more: with a window manager that hangs, each costs half
/// a second, and whoever asked does not wait for ever.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much of a session's title is quoted.
const QUOTED: usize = 40;

/// A switch that was carried out, or not.
#[derive(Debug)]
pub struct Arrival {
    /// The session that was to be shown; none for `--back`.
    target: Option<ProcessId>,
    /// The window that had the focus before.
    before: Option<FocusedWindow>,
    result: Result<Option<Switched>, SwitchError>,
    /// What to say of sessions that could not be reached before this one was.
    skipped: Option<String>,
    reply: Answer,
}

/// Where a switch came to its end.
struct Walk {
    target: ProcessId,
    result: Result<Switched, SwitchError>,
    skipped: Option<String>,
}

impl Hub {
    /// Bring the user to a session, or back.
    pub(in crate::daemon) fn switch(&mut self, args: Switch, mut reply: Answer) {
        if args.back {
            return self.switch_back(reply);
        }
        let targets = match self.targets(&args) {
            Ok(targets) => targets,
            Err(refusal) => return reply.send(&refusal),
        };
        let (desktop, hub) = (self.desktop.clone(), self.hub.clone());
        let configured = self.settings.config.switch.attach.clone();
        tokio::spawn(async move {
            let before = desktop.focused().await.unwrap_or_default();
            let attach = match args.attach {
                true => spawn_blocking(|| terminal_command::choose(configured)).await.ok(),
                false => None,
            };
            let options = SwitchOptions { attach };
            let walked = tokio::select! {
                walked = walk(&desktop, targets, &options) => walked,
                // It took too long: it is not to happen later, when nobody expects it any more.
                () = reply.is_pointless() => return,
            };
            let Some(Walk { target, result, skipped }) = walked else { return };
            let (target, result) = (Some(target), result.map(Some));
            let arrival = Arrival { target, before, result, skipped, reply };
            let _ = hub.send(Input::Arrived(Box::new(arrival))).await;
        });
    }

    fn switch_back(&mut self, mut reply: Answer) {
        let Some(window) = self.tour.back() else {
            let error = "there is no window to go back to";
            let refusal = Response::refused(Code::NoMatch, error);
            return reply.send(&refusal.hint("--back leads to where you were before a switch"));
        };
        let (desktop, hub) = (self.desktop.clone(), self.hub.clone());
        tokio::spawn(async move {
            let before = desktop.focused().await.unwrap_or_default();
            let focused = tokio::select! {
                focused = desktop.focus_window(window) => focused,
                () = reply.is_pointless() => return,
            };
            let result = focused.unwrap_or_else(|_| Err(desktop_ended())).map(|()| None);
            let arrival = Arrival { target: None, before, result, skipped: None, reply };
            let _ = hub.send(Input::Arrived(Box::new(arrival))).await;
        });
    }

    /// A switch came to its end: remember the way, and answer.
    pub(in crate::daemon) fn arrived(&mut self, arrival: Arrival) {
        let Arrival { target, before, result, skipped, reply } = arrival;
        let session = target.and_then(|target| self.registry.get(target)).cloned().map(Box::new);
        // With the wrong pane in view the user is there all the same.
        if matches!(result, Ok(_) | Err(SwitchError::Pane(_))) {
            match target {
                Some(target) => {
                    let told = session.as_ref().and_then(|it| it.place.as_deref());
                    let seen = result.as_ref().ok().and_then(|it| it.as_ref().map(|it| &it.place));
                    let window = seen.or(told).and_then(|place| place.window.as_ref());
                    self.tour.went(target, before, window.map(|it| it.con_id), clock::now());
                }
                None => self.tour.went_back(before),
            }
        }
        let response = match result {
            Ok(switched) => {
                let notes = [switched.and_then(|it| it.note), skipped];
                let note = notes.into_iter().flatten().collect::<Vec<_>>().join("; ");
                let note = Some(note).filter(|it| !it.is_empty());
                Response { session, note, ..Response::done() }
            }
            Err(error) => Response { session, ..refusal(&error) },
        };
        reply.send(&response);
    }

    /// The sessions to go to: the first that can be reached.
    fn targets(&mut self, args: &Switch) -> Result<Vec<SessionInfo>, Box<Response>> {
        if let Some(query) = &args.query {
            return self.find(query).map(|session| vec![*session]);
        }
        if !args.next && !args.previous {
            let refusal = Response::refused(Code::BadRequest, "switch to which session?");
            return Err(Box::new(refusal.hint("args take one of query, next, previous, back")));
        }
        let sessions: Vec<SessionInfo> = self.registry.sessions().cloned().collect();
        let focused = self.registry.focused();
        let targets = match args.next {
            true => self.tour.next(sessions, focused, clock::now()),
            false => self.tour.previous(sessions, focused),
        };
        if targets.is_empty() {
            return Err(Box::new(Response::refused(Code::NoMatch, "no session waits for you")));
        }
        Ok(targets)
    }
}

/// Goes to the first of these sessions that can be reached; where none can be, the error is that of
/// the first. None where there is no session.
async fn walk(
    desktop: &Handle,
    targets: Vec<SessionInfo>,
    options: &SwitchOptions,
) -> Option<Walk> {
    let begun = Instant::now();
    let mut failed: Option<(ProcessId, SwitchError)> = None;
    let mut skipped: Vec<String> = Vec::new();
    for session in targets {
        if failed.is_some() && begun.elapsed() >= PATIENCE {
            break;
        }
        let target = session.process();
        let switched = desktop.switch(target, options.clone()).await;
        match switched.unwrap_or_else(|_| Err(desktop_ended())) {
            result @ (Ok(_) | Err(SwitchError::Pane(_))) => {
                let skipped = (!skipped.is_empty()).then(|| skipped.join("; "));
                return Some(Walk { target, result, skipped });
            }
            Err(error) => {
                skipped.push(format!("{} was skipped: {error}", title(&session, QUOTED)));
                failed.get_or_insert((target, error));
            }
        }
    }
    let (target, error) = failed?;
    Some(Walk { target, result: Err(error), skipped: None })
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
        | SwitchError::Hidden(_)
        | SwitchError::Attach(_) => Code::SwitchFailed,
    };
    let response = Response::refused(code, error.to_string());
    match error.hint() {
        Some(hint) => response.hint(hint),
        None => response,
    }
}
