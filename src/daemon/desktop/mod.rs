//! The task that runs the window manager's room: told of sessions, it reports where they are.
//!
//! It wakes when something happens: an event of the window manager, a list of sessions after a
//! scan, a request. Events of one burst are answered by one look at the tree. A window manager
//! that is lost is sought again at once and a few times more, then with every scan. What it does is
//! in `desktop_task`.

pub mod proc_reader;
pub mod reports;
pub mod switch_history;
pub mod task;
pub mod terminal_command;
pub mod urgency_hints;

use crate::proc::ProcFiles;
use crate::session::Timestamp;
use crate::session::place::{Place, Window};
use crate::session::process::{Candidate, ProcessId};
use crate::wm::manager::{FocusedWindow, WindowManager, WmConfig};
use crate::wm::switch::outcome::{SwitchError, SwitchOptions, Switched};
use crate::wm::x11::xauth;
use std::collections::VecDeque;
use std::path::PathBuf;
use task::Task;
use tokio::sync::{mpsc, oneshot};

/// A session, as far as the desktop must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its process.
    pub process: ProcessId,
    /// `DISPLAY` in its environment.
    pub display: Option<String>,
    /// The file that opened this display to it.
    pub authority: Option<PathBuf>,
    /// The title it is known to give its terminal, without glyphs.
    pub title: Option<String>,
}

impl From<&Candidate> for Subject {
    fn from(candidate: &Candidate) -> Self {
        Subject {
            process: candidate.process.id,
            display: candidate.env.get("DISPLAY").map(str::to_owned),
            authority: xauth::file_of(&candidate.env),
            title: None,
        }
    }
}

/// What the desktop tells the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// Where sessions are; those only that are elsewhere than last reported.
    Places(Vec<(ProcessId, Option<Place>)>),
    /// Another window has the focus, or shows other sessions than before.
    Focused(Focused),
    /// The title of a session's terminal, where it can only be this session's.
    Title {
        /// The session.
        process: ProcessId,
        /// The title as it came: not clean.
        title: String,
        /// When it was seen.
        at: Timestamp,
    },
    /// How it stands with the window manager; once for each change.
    Status(String),
}

/// The window with the focus, and the session in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focused {
    /// The window; none when no window has the focus.
    pub window: Option<FocusedWindow>,
    /// The session whose terminal it is and that is in view in it, where that is certain.
    pub process: Option<ProcessId>,
}

/// What the handle asks of the task.
#[derive(Debug)]
pub(in crate::daemon) enum Ask {
    Subjects(Vec<Subject>),
    Switch(ProcessId, SwitchOptions, oneshot::Sender<Result<Switched, SwitchError>>),
    FocusWindow(FocusedWindow, oneshot::Sender<Result<(), SwitchError>>),
    Focused(oneshot::Sender<Option<FocusedWindow>>),
    Configure(Option<PathBuf>, bool),
    Urgent(Window, bool),
}

/// What is asked of the task, in order.
pub(in crate::daemon) struct Inbox {
    asks: mpsc::UnboundedReceiver<Ask>,
    /// What was taken out already, to see what came after.
    taken: VecDeque<Ask>,
}

impl Inbox {
    pub(in crate::daemon) fn new(asks: mpsc::UnboundedReceiver<Ask>) -> Inbox {
        Inbox { asks, taken: VecDeque::new() }
    }

    /// The next one; none when the handles are gone. Of several lists of sessions only the last
    /// counts: where looks take longer than scans they would pile up.
    pub(in crate::daemon) async fn next(&mut self) -> Option<Ask> {
        let is_list = |ask: &Ask| matches!(ask, Ask::Subjects(_));
        loop {
            while let Ok(ask) = self.asks.try_recv() {
                self.taken.push_back(ask);
            }
            match self.taken.pop_front() {
                Some(ask) if is_list(&ask) && self.taken.iter().any(is_list) => {}
                Some(ask) => return Some(ask),
                None => {
                    let ask = self.asks.recv().await?;
                    self.taken.push_back(ask);
                }
            }
        }
    }
}

/// A line to the desktop task; the task ends with the last of them. Nothing here waits, so the hub
/// may ask at any time.
#[derive(Debug, Clone)]
pub struct Handle {
    asks: mpsc::UnboundedSender<Ask>,
}

impl Handle {
    /// The sessions that there are now; to be told after each scan.
    pub fn subjects(&self, subjects: Vec<Subject>) {
        self.tell(Ask::Subjects(subjects));
    }

    /// Brings a session into view. The receiver fails only when the task has ended.
    pub fn switch(
        &self,
        process: ProcessId,
        options: SwitchOptions,
    ) -> oneshot::Receiver<Result<Switched, SwitchError>> {
        let (reply, answer) = oneshot::channel();
        self.tell(Ask::Switch(process, options, reply));
        answer
    }

    /// Gives the focus to a window, such as the one that had it before a switch.
    pub fn focus_window(
        &self,
        window: FocusedWindow,
    ) -> oneshot::Receiver<Result<(), SwitchError>> {
        let (reply, answer) = oneshot::channel();
        self.tell(Ask::FocusWindow(window, reply));
        answer
    }

    /// The window that has the focus now.
    pub fn focused(&self) -> oneshot::Receiver<Option<FocusedWindow>> {
        let (reply, answer) = oneshot::channel();
        self.tell(Ask::Focused(reply));
        answer
    }

    /// The window manager's socket that the user names, and whether titles may be changed to find
    /// a window.
    pub fn configure(&self, socket: Option<PathBuf>, title_probe: bool) {
        self.tell(Ask::Configure(socket, title_probe));
    }

    /// Set or clear the urgency hint of a window.
    pub fn urgent(&self, window: Window, urgent: bool) {
        self.tell(Ask::Urgent(window, urgent));
    }

    /// Where the task has ended the question is dropped, and the receiver of its answer fails.
    fn tell(&self, ask: Ask) {
        if self.asks.send(ask).is_err() {
            log::warn!("the desktop task has ended");
        }
    }
}

/// Starts the task. It ends when the handle or the receiver of its reports is dropped.
pub fn spawn(config: WmConfig, proc: ProcFiles, reports: mpsc::Sender<Report>) -> Handle {
    let (asks, inbox) = mpsc::unbounded_channel();
    tokio::spawn(Task::new(WindowManager::new(config, proc), reports).run(Inbox::new(inbox)));
    Handle { asks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_lists_that_pile_up_the_last_counts() {
        let (asks, inbox) = mpsc::unbounded_channel();
        let (handle, mut inbox) = (Handle { asks }, Inbox::new(inbox));
        let subject = |pid| {
            let process = ProcessId { pid, start: 1 };
            Subject { process, display: None, authority: None, title: None }
        };
        handle.subjects(vec![subject(1)]);
        drop(handle.focused());
        handle.subjects(vec![subject(2)]);
        handle.configure(None, false);
        drop(handle);
        assert!(matches!(inbox.next().await, Some(Ask::Focused(_))));
        let Some(Ask::Subjects(subjects)) = inbox.next().await else { panic!("no list") };
        assert_eq!(subjects, [subject(2)]);
        assert!(matches!(inbox.next().await, Some(Ask::Configure(..))));
        assert!(inbox.next().await.is_none());
    }
}
