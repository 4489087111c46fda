//! What the hub and the desktop task tell each other.

use crate::session::Timestamp;
use crate::session::place::carrier::{Carrier, Carriers};
use crate::session::place::{Place, Window};
use crate::session::process::{Candidate, ProcessId};
use crate::session::shared::{SharedPath, Text};
use crate::wm::carrier::near::Holder;
use crate::wm::connection::WmDescription;
use crate::wm::switch::focus_target::{FocusTarget, FocusedWindow};
use crate::wm::switch::keyboard::Keyboard;
use crate::wm::switch::marked::Marked;
use crate::wm::switch::outcome::{SwitchError, SwitchOptions, Switched};
use crate::wm::switch::peek::ScreenSource;
use crate::wm::x11::xauth;
use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// A session, as far as the desktop must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedSession {
    /// Its process.
    pub process: ProcessId,
    /// `DISPLAY` in its environment.
    pub display: Option<Text>,
    /// The file with the authorization for this display, if there is one.
    pub authority: Option<SharedPath>,
    /// The title that it is known to give its terminal, without glyphs.
    pub title: Option<Text>,
}

impl From<&Candidate> for TrackedSession {
    fn from(candidate: &Candidate) -> Self {
        TrackedSession {
            process: candidate.process.id,
            display: candidate.env.get("DISPLAY").map(Text::from),
            authority: candidate
                .env
                .get("DISPLAY")
                .and_then(|_| xauth::file_of(&candidate.env))
                .map(SharedPath::from),
            title: None,
        }
    }
}

/// The sessions as the desktop task was last told them.
#[derive(Default)]
pub struct TrackedList {
    list: Option<Arc<[TrackedSession]>>,
    /// What it was made of.
    candidates: Arc<[Arc<Candidate>]>,
}

impl TrackedList {
    /// A session has changed: they are made anew.
    pub fn clear(&mut self) {
        self.list = None;
    }

    /// What to tell of these candidates: the same list as before if nothing has changed.
    pub fn of(
        &mut self,
        candidates: &Arc<[Arc<Candidate>]>,
        session: impl Fn(&Arc<Candidate>) -> TrackedSession,
    ) -> Arc<[TrackedSession]> {
        let known = self.list.take().filter(|_| Arc::ptr_eq(&self.candidates, candidates));
        let list = known.unwrap_or_else(|| candidates.iter().map(session).collect());
        (self.list, self.candidates) = (Some(Arc::clone(&list)), Arc::clone(candidates));
        list
    }
}

/// What the desktop task tells the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesktopReport {
    /// Where sessions are shown; only those whose place has changed.
    Places(Vec<(ProcessId, Option<Place>)>),
    /// Another window has the focus, or shows other sessions than before.
    Focused(FocusReport),
    /// The title of a session's terminal, where no other session shares the terminal's window or
    /// pane.
    Title {
        /// The session.
        process: ProcessId,
        /// The title as it came: not sanitized.
        title: String,
        /// When it was seen.
        at: Timestamp,
    },
    /// The state of the connection to the window manager; once for each change.
    Status(String),
}

/// For the log: pids and counts only.
impl fmt::Display for DesktopReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DesktopReport::Places(places) => write!(f, "{} places", places.len()),
            DesktopReport::Focused(FocusReport { window, process }) => {
                match window {
                    Some(window) => write!(f, "focus on window {}", window.con_id)?,
                    None => f.write_str("focus on no window")?,
                }
                process.map_or(Ok(()), |process| write!(f, ", {process}"))
            }
            DesktopReport::Title { process, .. } => write!(f, "title of {process}"),
            DesktopReport::Status(_) => f.write_str("status"),
        }
    }
}

/// The window with the focus, and the session in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FocusReport {
    /// The window; `None` when no window has the focus.
    pub window: Option<FocusedWindow>,
    /// The session in view in it; `None` where that is not certain.
    pub process: Option<ProcessId>,
}

/// What [`super::DesktopHandle`] asks of the task.
#[derive(Debug)]
pub enum DesktopRequest {
    /// These are all sessions now.
    Sessions(Arc<[TrackedSession]>),
    /// Sessions with these names were killed before.
    Ended(Vec<String>),
    /// Bring a session into view.
    Switch(ProcessId, SwitchOptions, oneshot::Sender<Result<Switched, SwitchError>>),
    /// Give the focus to a window, or to an empty workspace.
    Focus(FocusTarget, oneshot::Sender<Result<(), SwitchError>>),
    /// What can be asked for the text of a session's terminal.
    ScreenSource(ProcessId, oneshot::Sender<Option<ScreenSource>>),
    /// How a session's terminal is typed into, by facts of this age; why that cannot be done, as a clause.
    Keyboard(ProcessId, Duration, oneshot::Sender<Result<Keyboard, String>>),
    /// What carries a session to other hosts, and the client of this pid that asks.
    Carriers(ProcessId, Option<u32>, oneshot::Sender<Carriers>),
    /// Bring the panes of a session into view in one of its carriers.
    SelectInCarrier(ProcessId, Box<Carrier>, oneshot::Sender<Result<(), String>>),
    /// Give the terminal at the end of a carrier a title with a mark for a second.
    MarkCarrier(ProcessId, Box<Carrier>, String, oneshot::Sender<Result<(), String>>),
    /// Which window or pane here has a title with this mark, once it has.
    FindMarked(String, oneshot::Sender<Option<Marked>>),
    /// Give the focus to a window whose title had a mark.
    SwitchToMarked(u64, oneshot::Sender<Result<Switched, SwitchError>>),
    /// Which processes here show what carries a session of another host; what ssh was given.
    Holders(Box<Carriers>, String, oneshot::Sender<Vec<(Carrier, Holder)>>),
    /// Go to the one of these processes that shows a session, as far as it is known; why it is not.
    SwitchToOneOf(Vec<u32>, String, oneshot::Sender<Result<Switched, SwitchError>>),
    /// Open a terminal, by its own command, with another command in it.
    OpenTerminal(Vec<String>, Vec<String>, oneshot::Sender<Result<(), SwitchError>>),
    /// Move the window of a session to the workspace of this name.
    MoveToWorkspace(ProcessId, String, oneshot::Sender<Result<(), SwitchError>>),
    /// What has the focus.
    Focused(oneshot::Sender<Option<FocusTarget>>),
    /// Which window manager is connected, and how it was found.
    Describe(oneshot::Sender<Option<WmDescription>>),
    /// The window manager's socket, and whether titles may be changed to find a window.
    Configure(Option<PathBuf>, bool),
    /// Set or clear the urgency hint of a window.
    SetUrgent(Window, bool),
}

/// The requests to the task, in order.
pub struct RequestQueue {
    receiver: mpsc::UnboundedReceiver<DesktopRequest>,
    /// Received already, to see what follows.
    received: VecDeque<DesktopRequest>,
}

impl RequestQueue {
    /// The requests that come through this channel.
    pub fn new(receiver: mpsc::UnboundedReceiver<DesktopRequest>) -> RequestQueue {
        RequestQueue { receiver, received: VecDeque::new() }
    }

    /// The next request; `None` when all handles are gone. Of several lists of sessions only the last
    /// is returned: they would pile up where the task takes longer than a scan. Cancel safe.
    pub async fn next(&mut self) -> Option<DesktopRequest> {
        let is_list = |request: &DesktopRequest| matches!(request, DesktopRequest::Sessions(_));
        loop {
            while let Ok(request) = self.receiver.try_recv() {
                self.received.push_back(request);
            }
            match self.received.pop_front() {
                Some(request) if is_list(&request) && self.received.iter().any(is_list) => {}
                Some(request) => return Some(request),
                None => {
                    let request = self.receiver.recv().await?;
                    self.received.push_back(request);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_several_lists_of_sessions_the_last_counts() {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut queue = RequestQueue::new(receiver);
        let session = |pid| {
            let process = ProcessId { pid, start: 1 };
            TrackedSession { process, display: None, authority: None, title: None }
        };
        let send = |request| sender.send(request).unwrap();
        send(DesktopRequest::Sessions([session(1)].into()));
        send(DesktopRequest::Focused(oneshot::channel().0));
        send(DesktopRequest::Sessions([session(2)].into()));
        send(DesktopRequest::Configure(None, false));
        drop(sender);
        assert!(matches!(queue.next().await, Some(DesktopRequest::Focused(_))));
        let Some(DesktopRequest::Sessions(sessions)) = queue.next().await else {
            panic!("no list")
        };
        assert_eq!(*sessions, [session(2)]);
        assert!(matches!(queue.next().await, Some(DesktopRequest::Configure(..))));
        assert!(queue.next().await.is_none());
    }
}
