//! The desktop: where sessions are shown, and how the user gets there.
//!
//! A task of its own speaks with the window manager ([`task`]), because that may take its time. The
//! hub has a [`DesktopHandle`] to it, and receives a [`DesktopReport`] for what is new.

pub mod far_switch;
pub mod locating;
pub mod message;
pub mod proc_reader;
pub mod reconnects;
pub mod reports;
pub mod requests;
pub mod switch_attempts;
pub mod switch_history;
pub mod task;
pub mod urgency_hints;

use super::clock::Now;
use crate::proc::ProcFiles;
use crate::session::place::Window;
use crate::session::place::carrier::{Carrier, Carriers};
use crate::session::process::ProcessId;
use crate::wm::carrier::near::Holder;
use crate::wm::connection::WmDescription;
use crate::wm::manager::{WindowManager, WmConfig};
use crate::wm::switch::focus_target::FocusTarget;
use crate::wm::switch::keyboard::Keyboard;
use crate::wm::switch::marked::Marked;
use crate::wm::switch::outcome::{SwitchError, SwitchOptions, Switched};
use crate::wm::switch::peek::ScreenSource;
use message::{DesktopReport, DesktopRequest, RequestQueue, TrackedSession};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use task::DesktopTask;
use tokio::sync::{mpsc, oneshot};

/// Sends requests to the desktop task, which ends with the last handle. No method waits, so the hub
/// may call them at any time.
#[derive(Debug, Clone)]
pub struct DesktopHandle {
    requests: mpsc::UnboundedSender<DesktopRequest>,
}

impl DesktopHandle {
    /// These are all sessions now; to be called after each scan. If it is the list of the last call,
    /// nothing is compared.
    pub fn set_sessions(&self, sessions: Arc<[TrackedSession]>) {
        self.send(DesktopRequest::Sessions(sessions));
    }

    /// Sessions with these names were killed before; their terminals may have their titles still.
    pub fn note_ended(&self, names: Vec<String>) {
        self.send(DesktopRequest::Ended(names));
    }

    /// Brings a session into view. The receiver fails only when the task has ended.
    pub fn switch(
        &self,
        process: ProcessId,
        options: SwitchOptions,
    ) -> oneshot::Receiver<Result<Switched, SwitchError>> {
        self.ask(|sender| DesktopRequest::Switch(process, options, sender))
    }

    /// Gives the focus to a window, such as the one that had it before a switch.
    pub fn focus(&self, target: FocusTarget) -> oneshot::Receiver<Result<(), SwitchError>> {
        self.ask(|sender| DesktopRequest::Focus(target, sender))
    }

    /// What can be asked for the text of a session's terminal.
    pub fn screen_source(&self, process: ProcessId) -> oneshot::Receiver<Option<ScreenSource>> {
        self.ask(|sender| DesktopRequest::ScreenSource(process, sender))
    }

    /// How a session's terminal is typed into, by facts of this `age`; why that cannot be done, as a
    /// clause.
    pub fn keyboard(
        &self,
        process: ProcessId,
        age: Duration,
    ) -> oneshot::Receiver<Result<Keyboard, String>> {
        self.ask(|sender| DesktopRequest::Keyboard(process, age, sender))
    }

    /// What carries a session to other hosts, and the client of pid `asker`.
    pub fn carriers(&self, process: ProcessId, asker: Option<u32>) -> oneshot::Receiver<Carriers> {
        self.ask(|sender| DesktopRequest::Carriers(process, asker, sender))
    }

    /// Brings the panes of a session into view in one of its carriers.
    pub fn select_in_carrier(
        &self,
        process: ProcessId,
        carrier: Carrier,
    ) -> oneshot::Receiver<Result<(), String>> {
        self.ask(|sender| DesktopRequest::SelectInCarrier(process, Box::new(carrier), sender))
    }

    /// Gives the terminal at the end of a carrier a title with this mark for a second.
    pub fn mark_carrier(
        &self,
        process: ProcessId,
        carrier: Carrier,
        mark: String,
    ) -> oneshot::Receiver<Result<(), String>> {
        let (sender, result) = oneshot::channel();
        self.send(DesktopRequest::MarkCarrier(process, Box::new(carrier), mark, sender));
        result
    }

    /// Which window or pane here has a title with this mark, once it has.
    pub fn find_marked(&self, mark: String) -> oneshot::Receiver<Option<Marked>> {
        let (sender, result) = oneshot::channel();
        self.send(DesktopRequest::FindMarked(mark, sender));
        result
    }

    /// Gives the focus to the window of this container id, whose title had a mark.
    pub fn switch_to_marked(
        &self,
        con_id: u64,
    ) -> oneshot::Receiver<Result<Switched, SwitchError>> {
        let (sender, result) = oneshot::channel();
        self.send(DesktopRequest::SwitchToMarked(con_id, sender));
        result
    }

    /// Which processes here show what carries a session of another host. `destination` is what ssh was
    /// given when the carriers were asked for.
    pub fn holders(
        &self,
        told: Carriers,
        destination: String,
    ) -> oneshot::Receiver<Vec<(Carrier, Holder)>> {
        self.ask(|sender| DesktopRequest::Holders(Box::new(told), destination, sender))
    }

    /// Goes to the one of these processes that shows a session, as far as it is known. `why` it is not,
    /// as a clause.
    pub fn switch_to_one_of(
        &self,
        pids: Vec<u32>,
        why: String,
    ) -> oneshot::Receiver<Result<Switched, SwitchError>> {
        self.ask(|sender| DesktopRequest::SwitchToOneOf(pids, why, sender))
    }

    /// Opens a terminal, by its own command up to what it is to run, with a command in it.
    pub fn open_terminal(
        &self,
        terminal: Vec<String>,
        command: Vec<String>,
    ) -> oneshot::Receiver<Result<(), SwitchError>> {
        self.ask(|sender| DesktopRequest::OpenTerminal(terminal, command, sender))
    }

    /// Moves the window of a session to the workspace of this name.
    pub fn move_to_workspace(
        &self,
        process: ProcessId,
        name: String,
    ) -> oneshot::Receiver<Result<(), SwitchError>> {
        self.ask(|sender| DesktopRequest::MoveToWorkspace(process, name, sender))
    }

    /// What has the focus now.
    pub fn focused(&self) -> oneshot::Receiver<Option<FocusTarget>> {
        self.ask(DesktopRequest::Focused)
    }

    /// Which window manager is connected, and how it was found.
    pub fn describe(&self) -> oneshot::Receiver<Option<WmDescription>> {
        self.ask(DesktopRequest::Describe)
    }

    /// The window manager's socket that the user names, and whether titles may be changed to find a
    /// window.
    pub fn configure(&self, socket: Option<PathBuf>, title_probe: bool) {
        self.send(DesktopRequest::Configure(socket, title_probe));
    }

    /// Sets or clears the urgency hint of a window.
    pub fn set_urgent(&self, window: Window, urgent: bool) {
        self.send(DesktopRequest::SetUrgent(window, urgent));
    }

    /// Sends the request that `request` makes of where its result goes.
    fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<T>) -> DesktopRequest,
    ) -> oneshot::Receiver<T> {
        let (sender, result) = oneshot::channel();
        self.send(request(sender));
        result
    }

    /// Where the task has ended the request is dropped, and the receiver of its result fails.
    fn send(&self, request: DesktopRequest) {
        if self.requests.send(request).is_err() {
            log::warn!("the desktop task has ended");
        }
    }
}

/// The error of a request whose task has ended.
pub fn task_has_ended() -> SwitchError {
    SwitchError::Unmanaged("the task that speaks with the window manager has ended".to_owned())
}

/// Starts the task. It ends when the last handle or the receiver of its reports is dropped.
pub fn spawn(
    config: WmConfig,
    proc: ProcFiles,
    reports: mpsc::Sender<DesktopReport>,
    now: Now,
) -> DesktopHandle {
    let (requests, receiver) = mpsc::unbounded_channel();
    let task = DesktopTask::new(WindowManager::new(config, proc), reports, now);
    tokio::spawn(task.run(RequestQueue::new(receiver)));
    DesktopHandle { requests }
}
