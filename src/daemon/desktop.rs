//! The task that runs the window manager's room: told of sessions, it reports where they are.
//!
//! It wakes when something happens: an event of the window manager, a list of sessions after a
//! scan, a request. Events of one burst are answered by one look at the tree. A window manager
//! that is lost is sought again at once and a few times more, then with every scan.

use crate::session::Timestamp;
use crate::session::place::Place;
use crate::session::process::{Candidate, ProcessId};
use crate::wm::desk::{Config, Desk, Focus};
use crate::wm::focus::{SwitchError, SwitchOptions, Switched};
use crate::wm::found::Found;
use crate::wm::ipc::IpcError;
use crate::wm::ipc::events::Event;
use crate::wm::reader::Reader;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

/// Events within this time of the first are one burst.
const BURST: Duration = Duration::from_millis(8);

/// Pauses before a lost window manager is sought again; i3 restarts within 200 ms. Afterwards it
/// is sought with every scan.
const RETRIES: &[u64] = &[10, 20, 50, 100, 200, 400, 800, 1600];

/// A session, as far as the desktop must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its process.
    pub process: ProcessId,
    /// `DISPLAY` in its environment.
    pub display: Option<String>,
    /// The title it is known to give its terminal, without glyphs.
    pub title: Option<String>,
}

impl From<&Candidate> for Subject {
    fn from(candidate: &Candidate) -> Self {
        Subject {
            process: candidate.process.id,
            display: candidate.env.get("DISPLAY").cloned(),
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
    pub window: Option<Focus>,
    /// The session whose terminal it is and that is in view in it, where that is certain.
    pub process: Option<ProcessId>,
}

enum Ask {
    Subjects(Vec<Subject>),
    Switch(ProcessId, SwitchOptions, oneshot::Sender<Result<Switched, SwitchError>>),
    FocusWindow(Focus, oneshot::Sender<Result<(), SwitchError>>),
    Focused(oneshot::Sender<Option<Focus>>),
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
    pub fn focus_window(&self, window: Focus) -> oneshot::Receiver<Result<(), SwitchError>> {
        let (reply, answer) = oneshot::channel();
        self.tell(Ask::FocusWindow(window, reply));
        answer
    }

    /// The window that has the focus now.
    pub fn focused(&self) -> oneshot::Receiver<Option<Focus>> {
        let (reply, answer) = oneshot::channel();
        self.tell(Ask::Focused(reply));
        answer
    }

    /// Where the task has ended the question is dropped, and the receiver of its answer fails.
    fn tell(&self, ask: Ask) {
        if self.asks.send(ask).is_err() {
            log::warn!("the desktop task has ended");
        }
    }
}

/// Starts the task. It ends when the handle or the receiver of its reports is dropped.
pub fn spawn(config: Config, reader: Reader, reports: mpsc::Sender<Report>) -> Handle {
    let (asks, inbox) = mpsc::unbounded_channel();
    let desktop = Desktop {
        desk: Desk::new(config, reader),
        reports,
        subjects: Vec::new(),
        found: HashMap::new(),
        titles: HashMap::new(),
        focused: None,
        status: String::new(),
        look_at: None,
        retry_at: None,
        retries: 0,
    };
    tokio::spawn(desktop.run(inbox));
    Handle { asks }
}

/// The hub is gone: the task is to end.
struct Gone;

struct Desktop {
    desk: Desk,
    reports: mpsc::Sender<Report>,
    subjects: Vec<Subject>,
    /// What was last found of each session.
    found: HashMap<ProcessId, Option<Found>>,
    /// The titles last reported.
    titles: HashMap<ProcessId, String>,
    focused: Option<Focused>,
    status: String,
    /// When the burst is over and the windows are to be read anew.
    look_at: Option<Instant>,
    /// When a lost window manager is to be sought again.
    retry_at: Option<Instant>,
    retries: usize,
}

impl Desktop {
    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Ask>) {
        loop {
            let (look_at, retry_at) = (self.look_at, self.retry_at);
            let done = tokio::select! {
                ask = inbox.recv() => match ask {
                    Some(ask) => self.answer(ask).await,
                    None => return,
                },
                event = self.desk.event() => self.happened(event).await,
                () = until(look_at) => self.look().await,
                () = until(retry_at) => self.seek().await,
            };
            if done.is_err() {
                return;
            }
        }
    }

    async fn answer(&mut self, ask: Ask) -> Result<(), Gone> {
        match ask {
            Ask::Subjects(subjects) => {
                for display in subjects.iter().filter_map(|subject| subject.display.as_deref()) {
                    self.desk.add_display(display);
                }
                let titles = subjects
                    .iter()
                    .filter_map(|subject| Some((subject.process.pid, subject.title.clone()?)));
                self.desk.set_titles(titles);
                self.subjects = subjects;
                self.desk.forget_facts(true);
                if self.desk.manager().is_none() {
                    return self.seek().await;
                }
                if self.look_at.is_some() { self.look().await } else { self.locate().await }
            }
            Ask::Switch(process, options, reply) => {
                let result = self.desk.switch(process.pid, &options).await;
                if let Err(error) = &result {
                    log::info!("switch to {}: {error}", process.pid);
                }
                // Whoever asked may have gone away.
                let _ = reply.send(result);
                self.after_command().await
            }
            Ask::FocusWindow(window, reply) => {
                let result = self.desk.focus_window(window.con_id, window.xid).await;
                let _ = reply.send(result);
                self.after_command().await
            }
            Ask::Focused(reply) => {
                let _ = reply.send(self.desk.focused());
                Ok(())
            }
        }
    }

    /// A command looked at the world by itself, and may have lost or found the window manager.
    async fn after_command(&mut self) -> Result<(), Gone> {
        match self.desk.manager() {
            Some(_) => {
                self.retry_at = None;
                self.retries = 0;
                self.report_status(None).await?;
                self.soon();
                Ok(())
            }
            None => self.seek().await,
        }
    }

    async fn happened(&mut self, event: Result<Event, IpcError>) -> Result<(), Gone> {
        match event {
            Ok(Event::Title { con_id, title }) => {
                self.desk.note_title(con_id, &title);
                self.report_titles().await
            }
            Ok(Event::Focus { con_id }) => {
                self.desk.note_focus(con_id);
                self.soon();
                Ok(())
            }
            Ok(Event::Moved | Event::New { .. }) => {
                self.soon();
                Ok(())
            }
            // The end of the connection follows, and then it is sought.
            Ok(Event::Shutdown | Event::Other) => Ok(()),
            Err(error) => {
                log::debug!("the window manager's events end: {error}");
                self.lost();
                Ok(())
            }
        }
    }

    fn soon(&mut self) {
        self.look_at.get_or_insert_with(|| Instant::now() + BURST);
    }

    /// Sought again at once: what restarts is back within moments, and places are kept so long.
    fn lost(&mut self) {
        self.desk.disconnect();
        self.look_at = None;
        self.retries = 0;
        self.retry_at = RETRIES.first().map(|pause| Instant::now() + Duration::from_millis(*pause));
    }

    /// Tries to connect.
    async fn seek(&mut self) -> Result<(), Gone> {
        self.retry_at = None;
        match self.desk.connect().await {
            Ok(()) => {
                self.retries = 0;
                self.look().await
            }
            Err(why) => {
                self.retries += 1;
                if let (Some(pause), true) = (RETRIES.get(self.retries), self.sought_again()) {
                    self.retry_at = Some(Instant::now() + Duration::from_millis(*pause));
                    return Ok(());
                }
                self.desk.forget_windows();
                self.report_status(Some(why)).await?;
                self.locate().await
            }
        }
    }

    /// Whether there was a window manager just now, of which places are still kept.
    fn sought_again(&self) -> bool {
        !self.desk.windows().is_empty()
    }

    /// Reads the windows, then finds all sessions.
    async fn look(&mut self) -> Result<(), Gone> {
        self.look_at = None;
        match self.desk.look().await {
            Ok(()) => {
                let hosts_tmux = self.focus_hosts_tmux();
                self.desk.forget_facts(hosts_tmux);
                let trouble = self.desk.trouble().map(str::to_owned);
                self.report_status(trouble).await?;
                self.locate().await
            }
            Err(error @ IpcError::Json(_)) => {
                self.desk.forget_windows();
                let why = format!("the window manager's tree cannot be read: {error}");
                self.report_status(Some(why)).await?;
                self.locate().await
            }
            Err(error) => {
                log::info!("the window manager: {error}");
                self.lost();
                Ok(())
            }
        }
    }

    /// Whether the window that now has the focus shows a tmux client: what it shows may be
    /// another pane than before, and nobody tells.
    fn focus_hosts_tmux(&self) -> bool {
        let Some(focus) = self.desk.focused() else { return false };
        let shown_before = self.focused.as_ref().and_then(|focused| focused.window.as_ref());
        shown_before != Some(&focus)
            && self
                .found
                .values()
                .flatten()
                .any(|found| !found.hops.is_empty() && found.choices.contains(&focus.con_id))
    }

    /// Finds all sessions and reports what changed.
    async fn locate(&mut self) -> Result<(), Gone> {
        let mut found = HashMap::with_capacity(self.subjects.len());
        let mut moved = Vec::new();
        for subject in &self.subjects {
            let now = self.desk.locate(subject.process.pid).await;
            let place = |found: &Option<Found>| found.as_ref().map(|found| found.place.clone());
            let place_now = place(&now);
            if self.found.get(&subject.process).map(place).as_ref() != Some(&place_now) {
                moved.push((subject.process, place_now));
            }
            found.insert(subject.process, now);
        }
        self.found = found;
        self.titles.retain(|process, _| self.found.contains_key(process));
        if !moved.is_empty() {
            self.send(Report::Places(moved)).await?;
        }
        self.report_titles().await?;
        self.report_focus().await
    }

    async fn report_focus(&mut self) -> Result<(), Gone> {
        let window = self.desk.focused();
        let process = window.as_ref().and_then(|window| self.shown_in(window.con_id));
        let focused = Focused { window, process };
        if self.focused.as_ref() == Some(&focused) {
            return Ok(());
        }
        self.focused = Some(focused.clone());
        self.send(Report::Focused(focused)).await
    }

    /// The one session that is in view in a window; none when it may be another as well.
    fn shown_in(&self, con_id: u64) -> Option<ProcessId> {
        let here = |found: &&Found| found.choices.contains(&con_id) && found.in_view();
        let mut all =
            self.found.iter().filter(|(_, found)| found.as_ref().is_some_and(|f| here(&f)));
        let (process, found) = all.next()?;
        let certain = found.as_ref().is_some_and(Found::is_known);
        (certain && all.next().is_none()).then_some(*process)
    }

    /// Reports titles that changed: of the innermost tmux pane, else of the window.
    async fn report_titles(&mut self) -> Result<(), Gone> {
        let mut changed = Vec::new();
        for (process, found) in &self.found {
            let Some(found) = found else { continue };
            let title = match (found.hops.first(), &found.place.window) {
                (Some(hop), _) => {
                    let same_pane = |other: &&Found| {
                        other.hops.first().is_some_and(|h| {
                            h.pane.pane_id == hop.pane.pane_id && h.pane.socket == hop.pane.socket
                        })
                    };
                    let here = self.found.values().flatten().filter(same_pane).count();
                    (here == 1).then(|| hop.title.clone())
                }
                (None, Some(window)) => {
                    let here = |other: &&Found| other.choices.contains(&window.con_id);
                    let alone = self.found.values().flatten().filter(here).count() == 1;
                    let rows = self.desk.windows();
                    let row = rows.iter().find(|row| alone && row.con_id == window.con_id);
                    row.map(|row| row.title.clone())
                }
                _ => None,
            };
            let Some(title) = title else { continue };
            if self.titles.get(process) != Some(&title) {
                changed.push((*process, title));
            }
        }
        let at = chrono::Utc::now();
        for (process, title) in changed {
            self.titles.insert(process, title.clone());
            self.send(Report::Title { process, title, at }).await?;
        }
        Ok(())
    }

    /// Says how it stands with the window manager, if that is new.
    async fn report_status(&mut self, trouble: Option<String>) -> Result<(), Gone> {
        let status = match (self.desk.manager(), trouble) {
            (Some(name), None) => format!("{name} connected"),
            (Some(name), Some(trouble)) => format!("{name} connected, but {trouble}"),
            (None, trouble) => trouble.unwrap_or_else(|| "no window manager".into()),
        };
        if self.status == status {
            return Ok(());
        }
        self.status.clone_from(&status);
        self.send(Report::Status(status)).await
    }

    async fn send(&self, report: Report) -> Result<(), Gone> {
        self.reports.send(report).await.map_err(|_| Gone)
    }
}

/// Waits until then, or for ever.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
