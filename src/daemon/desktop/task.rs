//! The desktop task: what it does with events of the window manager, requests and time.
//!
//! It wakes when something happens: an event of the window manager, a list of sessions after a scan,
//! a request. Events of one burst are answered by one read of the windows. What a request asks is done
//! before anything else that is due.

use super::message::{DesktopReport, DesktopRequest, FocusReport, RequestQueue, TrackedSession};
use super::reconnects::Reconnects;
use crate::daemon::clock::{self, Now};
use crate::session::place::Place;
use crate::session::process::ProcessId;
use crate::wm::ipc::IpcError;
use crate::wm::ipc::events::WmEvent;
use crate::wm::locate::location::Location;
use crate::wm::manager::WindowManager;
use crate::wm::switch::focus_target::FocusedWindow;
use crate::wm::windows::unreadable;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Events within this time of the first are one burst.
const BURST_DURATION: Duration = Duration::from_millis(8);

/// Windows that were read longer ago than this are read again after a scan, even without an event.
const MAX_WINDOW_AGE: Duration = Duration::from_secs(1);

/// The hub is gone: the task ends.
pub struct HubGone;

/// What happened in one turn of the loop.
enum DesktopTurn {
    Request(DesktopRequest),
    WindowEvent(Result<WmEvent, IpcError>),
    BurstIsOver,
    ReconnectIsDue,
    LocateNext,
}

/// A pass over all sessions, which locates them.
pub struct LocatingPass {
    pub(super) sessions: Arc<[TrackedSession]>,
    /// How many of them are located.
    pub(super) done: usize,
    /// Those whose place changed.
    pub(super) moved: Vec<(ProcessId, Option<Place>)>,
    /// Whether something happened since the pass began, so that another one is to follow.
    pub(super) again: bool,
}

/// The connection to the window manager, and what was last reported of it.
pub struct DesktopTask {
    pub(super) wm: WindowManager,
    pub(super) reports: mpsc::Sender<DesktopReport>,
    /// The present, for this turn of the loop.
    pub(super) now: Now,
    pub(super) sessions: Arc<[TrackedSession]>,
    /// How far they are located.
    pub(super) pass: Option<LocatingPass>,
    /// The location of each session as last found.
    pub(super) found: HashMap<ProcessId, Option<Box<Location>>>,
    /// The titles last reported.
    pub(super) titles: HashMap<ProcessId, String>,
    pub(super) focused: Option<FocusReport>,
    pub(super) status: String,
    /// When a burst is over and the windows are to be read.
    read_windows_at: Option<Instant>,
    /// When they were last read, and when the sessions were last located.
    windows_read: Option<Instant>,
    pub(super) located_at: Option<Instant>,
    /// The window that had the focus when they were last read.
    focus_read: Option<FocusedWindow>,
    pub(super) reconnects: Reconnects,
}

impl DesktopTask {
    /// A task that has reported nothing yet. It speaks with the window manager through `wm`.
    pub fn new(wm: WindowManager, reports: mpsc::Sender<DesktopReport>, now: Now) -> Self {
        DesktopTask {
            wm,
            reports,
            now,
            sessions: Arc::new([]),
            pass: None,
            found: HashMap::new(),
            titles: HashMap::new(),
            focused: None,
            status: String::new(),
            read_windows_at: None,
            located_at: None,
            windows_read: None,
            focus_read: None,
            reconnects: Reconnects::default(),
        }
    }

    /// Runs until all handles or the hub are gone.
    pub async fn run(mut self, mut requests: RequestQueue) {
        loop {
            let (read_windows_at, reconnect_at) = (self.read_windows_at, self.reconnects.due());
            // A pass is finished before another begins.
            let read_windows_at = read_windows_at.filter(|_| self.pass.is_none());
            let turn = tokio::select! {
                biased;
                request = requests.next() => match request {
                    Some(request) => DesktopTurn::Request(request),
                    None => return,
                },
                event = self.wm.next_event() => DesktopTurn::WindowEvent(event),
                () = clock::reached(read_windows_at) => DesktopTurn::BurstIsOver,
                () = clock::reached(reconnect_at) => DesktopTurn::ReconnectIsDue,
                () = tokio::task::yield_now(), if self.pass.is_some() => DesktopTurn::LocateNext,
            };
            self.now = Now::read();
            let done = match turn {
                DesktopTurn::Request(request) => self.handle_request(request).await,
                DesktopTurn::WindowEvent(event) => self.handle_event(event).await,
                DesktopTurn::BurstIsOver => self.read_windows().await,
                DesktopTurn::ReconnectIsDue => self.connect().await,
                DesktopTurn::LocateNext => self.locate_next().await,
            };
            if done.is_err() {
                return;
            }
        }
    }

    pub(super) async fn set_sessions(
        &mut self,
        sessions: Arc<[TrackedSession]>,
    ) -> Result<(), HubGone> {
        let is_same_list = Arc::ptr_eq(&self.sessions, &sessions);
        if is_same_list {
            self.wm.review_titles();
        } else {
            let display = |it: &TrackedSession| {
                let authority = it.authority.as_deref().map(Path::to_owned);
                Some((it.display.as_ref()?.to_string(), authority))
            };
            self.wm.set_displays(sessions.iter().filter_map(display));
            self.wm.set_sessions(sessions.iter().map(|it| (it.process.pid, it.title.clone())));
        }
        let is_same = is_same_list || self.sessions == sessions;
        let is_same = is_same && self.is_location_lasting();
        self.sessions = sessions;
        if self.wm.name().is_none() {
            if is_same && self.wm.connect().await.is_err() {
                return Ok(());
            }
            self.wm.forget_facts(true);
            return self.connect().await;
        }
        self.wm.forget_facts(true);
        // i3 reports no `swap`, and may fail to report other changes.
        let age = self.windows_read.map(|then| self.now.monotonic - then);
        let is_old = age.is_none_or(|age| age > MAX_WINDOW_AGE);
        match is_old || self.read_windows_at.is_some() {
            true => self.read_windows().await,
            false => {
                self.locate_sessions();
                Ok(())
            }
        }
    }

    /// A command has read the windows itself, and may have lost or found the window manager.
    pub(super) async fn after_command(&mut self) -> Result<(), HubGone> {
        match self.wm.name() {
            Some(_) => {
                self.reconnects.succeed();
                let trouble = self.wm.x_trouble().map(str::to_owned);
                self.report_status(trouble).await?;
                self.read_windows_soon();
                Ok(())
            }
            None => self.connect().await,
        }
    }

    async fn handle_event(&mut self, event: Result<WmEvent, IpcError>) -> Result<(), HubGone> {
        match event {
            // A tab may have moved to another window, or an editor opened another folder.
            Ok(WmEvent::Title { .. }) if self.wm.take_retitled() => {
                self.locate_sessions();
                Ok(())
            }
            Ok(WmEvent::Title { con_id, .. }) => self.report_titles(Some(con_id)).await,
            // The end of the connection follows, and then it is made again.
            Ok(WmEvent::Shutdown | WmEvent::Other) => Ok(()),
            Ok(_) => {
                self.read_windows_soon();
                Ok(())
            }
            Err(error) => {
                log::debug!("the window manager's events end: {error}");
                self.disconnect();
                Ok(())
            }
        }
    }

    fn read_windows_soon(&mut self) {
        self.read_windows_at.get_or_insert(self.now.monotonic + BURST_DURATION);
    }

    /// The connection is lost. It is made again at once: a window manager that restarts is back
    /// within moments, and places are kept that long.
    pub(super) fn disconnect(&mut self) {
        self.wm.disconnect();
        self.read_windows_at = None;
        self.reconnects.begin(self.now.monotonic);
    }

    /// Tries to connect.
    pub(super) async fn connect(&mut self) -> Result<(), HubGone> {
        self.reconnects.try_now();
        match self.wm.connect().await {
            Ok(()) => {
                self.reconnects.succeed();
                self.read_windows().await
            }
            Err(why) => {
                if self.reconnects.fail(self.was_just_connected(), self.now.monotonic) {
                    return Ok(());
                }
                self.wm.forget_windows();
                self.report_status(Some(why)).await?;
                self.locate_sessions();
                Ok(())
            }
        }
    }

    /// Whether there was a window manager a moment ago, whose places are still kept.
    fn was_just_connected(&self) -> bool {
        !self.wm.windows().is_empty()
    }

    /// Reads the windows, then begins to locate all sessions.
    async fn read_windows(&mut self) -> Result<(), HubGone> {
        self.read_windows_at = None;
        self.windows_read = Some(self.now.monotonic);
        match self.wm.read_windows().await {
            Ok(()) => {
                let before = std::mem::replace(&mut self.focus_read, self.wm.focused());
                let focus_may_show_another_pane = self.focus_hosts_tmux(before.as_ref());
                self.wm.forget_facts(focus_may_show_another_pane);
                let trouble = self.wm.x_trouble().map(str::to_owned);
                self.report_status(trouble).await?;
                self.locate_sessions();
                Ok(())
            }
            Err(error @ IpcError::Json(_)) => {
                self.wm.forget_windows();
                self.report_status(Some(unreadable(&error))).await?;
                self.locate_sessions();
                Ok(())
            }
            Err(error) => {
                log::info!("the window manager: {error}");
                self.disconnect();
                Ok(())
            }
        }
    }
}
