//! `switch`: which session is meant, the way there, and the reply. For users at other hosts:
//! [`carriers`].

pub mod carriers;

use super::MAX_TITLE;
use crate::daemon::clock::Now;
use crate::daemon::desktop::switch_attempts::{SwitchAttempts, switch_to_first};
use crate::daemon::desktop::task_has_ended;
use crate::daemon::hub::Hub;
use crate::daemon::hub::event::{HubEvent, SwitchEnd};
use crate::daemon::server::reply::ReplySender;
use crate::protocol::request::SwitchRequest;
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::query::number;
use crate::session::title::title;
use crate::system::terminal;
use crate::wm::switch::outcome::{SwitchError, SwitchOptions};

/// Where to look what sessions there are.
const LIST_HINT: &str = "`vmux list` shows every session";

impl Hub {
    /// Brings the user to a session, or back.
    pub(in crate::daemon::hub::requests) fn switch(
        &mut self,
        args: SwitchRequest,
        reply: ReplySender,
        now: Now,
    ) {
        self.start_switch(args, reply, false, now);
    }

    fn start_switch(
        &mut self,
        args: SwitchRequest,
        mut reply: ReplySender,
        was_clicked: bool,
        now: Now,
    ) {
        if args.back {
            return self.switch_back(reply);
        }
        let targets = match self.targets(&args, now) {
            Ok(targets) => targets,
            Err(refusal) => return reply.send(&refusal),
        };
        let far = self.far_switches(&targets);
        let (desktop, hub) = (self.desktop.clone(), self.sender.clone());
        let configured = self.config.current.switch.attach.clone();
        let pool = self.pool.clone();
        tokio::spawn(async move {
            let before = desktop.focused().await.unwrap_or_default();
            let attach = match args.attach {
                true => pool.call(|| terminal::choose(configured)).await.ok(),
                false => None,
            };
            let options = SwitchOptions { attach, ..SwitchOptions::default() };
            let attempts = tokio::select! {
                attempts = switch_to_first(&desktop, &far, targets, &options) => attempts,
                // The client has given up: a switch that comes later would surprise the user.
                () = reply.is_abandoned() => return,
            };
            let Some(SwitchAttempts { target, result, skipped }) = attempts else { return };
            let (target, result) = (Some(target), result.map(Some));
            let end = SwitchEnd { target, before, result, skipped, was_clicked, reply };
            let _ = hub.send(HubEvent::SwitchEnded(Box::new(end))).await;
        });
    }

    fn switch_back(&mut self, mut reply: ReplySender) {
        let Some(target) = self.switch_history.back() else {
            let error = "there is no window to go back to";
            let refusal = Response::refused(Code::NoMatch, error);
            return reply.send(&refusal.hint("--back leads to where you were before a switch"));
        };
        let (desktop, hub) = (self.desktop.clone(), self.sender.clone());
        tokio::spawn(async move {
            let before = desktop.focused().await.unwrap_or_default();
            let focused = tokio::select! {
                focused = desktop.focus(target) => focused,
                () = reply.is_abandoned() => return,
            };
            let result = focused.unwrap_or_else(|_| Err(task_has_ended())).map(|()| None);
            let end = SwitchEnd {
                target: None,
                before,
                result,
                skipped: None,
                was_clicked: false,
                reply,
            };
            let _ = hub.send(HubEvent::SwitchEnded(Box::new(end))).await;
        });
    }

    /// The user clicked the notification of a session: brings the user there; with `attach`, or if a
    /// terminal is configured for that, in a new terminal if it is detached. If that does not work,
    /// another notification says why.
    pub(in crate::daemon::hub) fn switch_to_clicked(
        &mut self,
        session: SessionKey,
        attach: bool,
        now: Now,
    ) {
        let query = Some(session.to_string());
        let attach = attach || !self.config.current.switch.attach.is_empty();
        let (reply, receiver) = ReplySender::new(self.budget.clone());
        let args = SwitchRequest { query, attach, ..SwitchRequest::default() };
        self.start_switch(args, reply, true, now);
        tokio::spawn(receiver);
    }

    /// A switch has ended: records it, and replies.
    pub(in crate::daemon::hub) fn end_switch(&mut self, end: SwitchEnd, now: Now) {
        let SwitchEnd { target, before, result, skipped, was_clicked, reply } = end;
        if let (true, Some(target), Err(error)) = (was_clicked, target, &result) {
            let place = self.registry.get(target).and_then(|it| it.place.as_ref());
            let can_attach = place.is_some_and(|place| place.is_detached());
            self.notifier.send_error(target, error.to_string(), can_attach);
        }
        let session = target.and_then(|target| self.registry.get(target)).cloned().map(Box::new);
        // With another tab or pane in view the user is in the right window all the same.
        if result.as_ref().err().is_none_or(SwitchError::is_near) {
            match target {
                Some(target) => {
                    let known = session.as_ref().and_then(|it| it.place.as_deref());
                    let seen = result.as_ref().ok().and_then(|it| it.as_ref().map(|it| &it.place));
                    let window = seen.or(known).and_then(|place| place.window.as_ref());
                    let arrived = window.map(|it| it.con_id);
                    self.switch_history.record_switch(target, before, arrived, now.wall);
                }
                None => self.switch_history.record_back(before),
            }
        }
        let response = match result {
            Ok(switched) => {
                let notes = [switched.and_then(|it| it.note), skipped];
                let note = notes.into_iter().flatten().collect::<Vec<_>>().join("; ");
                let note = Some(note).filter(|it| !it.is_empty());
                Response { session, note, ..Response::done() }
            }
            Err(error) => {
                let refusal = refusal(&error, session.as_deref());
                Response { session, ..refusal }
            }
        };
        reply.send(&response);
    }

    /// The sessions to go to: the first of them that can be reached. The error is the reply.
    fn targets(
        &mut self,
        args: &SwitchRequest,
        now: Now,
    ) -> Result<Vec<SessionInfo>, Box<Response>> {
        if let Some(query) = &args.query {
            return self.find_first(query).map(|session| vec![*session]);
        }
        let sessions: Vec<&SessionInfo> = self.registry.sessions().collect();
        let order = self.config.current.switch.order;
        if let Some(number) = args.number {
            let found = number::numbered(number, &sessions, order);
            return found.map(|session| vec![session.clone()]).map_err(|count| {
                let refusal = Response::refused(Code::NoMatch, number::no_number(number, count));
                Box::new(refusal.hint(LIST_HINT))
            });
        }
        if !args.next && !args.previous {
            let refusal = Response::refused(Code::BadRequest, "switch to which session?");
            let hint = "args take one of query, number, next, previous, back";
            return Err(Box::new(refusal.hint(hint)));
        }
        let focused = self.registry.focused();
        let targets = match args.next {
            true => self.switch_history.next(&sessions, focused, now.wall, order),
            false => self.switch_history.previous(&sessions, focused, order),
        };
        if targets.is_empty() {
            let refusal = Response::refused(Code::NoMatch, "no session waits for you");
            return Err(Box::new(refusal.hint(LIST_HINT)));
        }
        Ok(targets.into_iter().cloned().collect())
    }
}

/// The reply when the session could not be shown: it says which one, because `--next` does not.
pub fn refusal(error: &SwitchError, session: Option<&SessionInfo>) -> Response {
    let code = match error {
        SwitchError::Ended => Code::NoMatch,
        SwitchError::Unmanaged(_) => Code::NoWindowManager,
        SwitchError::Detached(_) | SwitchError::NoWindow(_) | SwitchError::OneOf { .. } => {
            Code::NoWindow
        }
        SwitchError::Pane(_) | SwitchError::WorkspaceOnly { .. } | SwitchError::PaneOnly { .. } => {
            Code::NotInView
        }
        SwitchError::Closed(_)
        | SwitchError::NotSeen(_)
        | SwitchError::Failed(_)
        | SwitchError::Far(_)
        | SwitchError::Hidden(_)
        | SwitchError::Attach(_) => Code::SwitchFailed,
    };
    let text = match session {
        Some(session) => format!("{}: {error}", title(session, MAX_TITLE)),
        None => error.to_string(),
    };
    let response = Response::refused(code, text);
    match (error, session, error.hint()) {
        (SwitchError::Detached(_), Some(session), _) => {
            let name = match session.host {
                Some(host) => format!("{host}:{}", session.pid),
                None => session.pid.to_string(),
            };
            response.hint(format!("`vmux switch --attach {name}` opens it in a new terminal"))
        }
        (SwitchError::OneOf { .. } | SwitchError::WorkspaceOnly { .. }, Some(session), _)
            if session.host.is_some() =>
        {
            response.hint(
                "`switch.title_probe = true` lets vmux find it by a title; `ControlMaster no` in \
                 ~/.ssh/config gives each window a connection",
            )
        }
        (SwitchError::NoWindow(_), Some(session), _) if session.host.is_some() => response.hint(
            "`switch.title_probe = true` lets vmux find it by a title; --attach opens a window for tmux",
        ),
        (_, _, Some(hint)) => response.hint(hint),
        (_, _, None) => response,
    }
}
