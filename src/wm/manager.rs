//! The window manager and all that is known of it: reads windows, fetches the facts that
//! resolution asks for, and says where a session is. [`super::switch`] acts.

use super::connection::WmDescription;
use super::connection::discover::SocketHints;
use super::ipc::IpcError;
use super::ipc::events::WmEvent;
use super::ipc::windows::WindowRow;
use super::locate;
use super::locate::fetch::{self, FactCache};
use super::locate::location::Location;
use super::locate::snapshot::{MissingFact, Snapshot};
use super::locate::visibility::{self, InView};
use super::terminal::title_probe;
use super::windows::{WindowTracker, unreadable};
use crate::proc::ProcFiles;
use crate::session::shared::Text;
use std::path::PathBuf;
use std::time::Duration;

/// What can be configured.
#[derive(Debug, Clone, Default)]
pub struct WmConfig {
    /// Where the window manager's socket may be.
    pub hints: SocketHints,
    /// The X display: `DISPLAY` of vmuxd. Without one, those of sessions are tried.
    pub displays: Vec<String>,
    /// Whether windows that cannot be told apart may be given a title for a moment.
    pub title_probe: bool,
}

/// i3 or sway, connected or not.
pub struct WindowManager {
    windows: WindowTracker,
    facts: FactCache,
    /// The windows for which the facts hold: a generation of the tracker.
    facts_of: u64,
    may_probe: bool,
}

impl WindowManager {
    /// Not connected yet. Facts about processes come from `proc`.
    pub fn new(config: WmConfig, proc: ProcFiles) -> Self {
        WindowManager {
            windows: WindowTracker::new(config.hints, config.displays),
            facts: FactCache::new(proc),
            facts_of: 0,
            may_probe: config.title_probe,
        }
    }

    /// Sets what the user configured. If another socket is named, the connection is closed.
    pub fn configure(&mut self, socket: Option<PathBuf>, title_probe: bool) {
        self.may_probe = title_probe;
        self.windows.set_configured_socket(socket);
    }

    /// Name and version of the window manager, if it is connected.
    pub fn name(&self) -> Option<&str> {
        self.windows.connection().map(|connection| connection.name.as_str())
    }

    /// The window manager and how it was found, if it is connected.
    pub fn describe(&self) -> Option<WmDescription> {
        Some(self.windows.connection()?.describe(self.windows.table().rows()))
    }

    /// Whether it answers now. After an error the connection is of no more use.
    pub async fn answers(&mut self) -> Result<(), IpcError> {
        self.windows.connected()?.client.version().await.map(drop)
    }

    /// Sets the X displays of sessions, on which i3 may be found, and the files that may open them.
    pub fn set_displays(&mut self, displays: impl IntoIterator<Item = (String, Option<PathBuf>)>) {
        self.windows.set_displays(displays);
    }

    /// Sets all sessions by pid, and the titles that they give their terminals if these are known.
    pub fn set_sessions(&mut self, sessions: impl IntoIterator<Item = (u32, Option<Text>)>) {
        self.facts.note_titles(self.windows.take_titles(), self.windows.table());
        self.facts.set_sessions(sessions);
    }

    /// Takes note of what became of the titles, while the sessions are the same.
    pub fn review_titles(&mut self) {
        self.facts.note_titles(self.windows.take_titles(), self.windows.table());
        self.facts.forget_closed_terminals();
    }

    /// Sessions with these names ended before, in terminals that are not known; windows may have their
    /// titles still.
    pub fn note_ended(&mut self, names: impl IntoIterator<Item = String>) {
        self.facts.note_ended(names);
    }

    /// Why the owners of X11 windows are not known, if they are not.
    pub fn x_trouble(&self) -> Option<&str> {
        self.windows.x_trouble()
    }

    /// Connects, unless it is connected. The error says what was tried.
    pub async fn connect(&mut self) -> Result<(), String> {
        self.windows.connect(self.facts.proc()).await
    }

    /// Closes the connection. The windows are kept until [`WindowManager::forget_windows`].
    pub fn disconnect(&mut self) {
        self.windows.disconnect();
    }

    /// Forgets the windows: there is no window manager.
    pub fn forget_windows(&mut self) {
        self.windows.forget();
    }

    /// Reads the windows.
    pub async fn read_windows(&mut self) -> Result<(), IpcError> {
        self.windows.read().await
    }

    /// The next event; without a window manager it waits for ever. After an error the connection
    /// is of no more use.
    pub async fn next_event(&mut self) -> Result<WmEvent, IpcError> {
        self.windows.next_event().await
    }

    /// Whether titles may tell of another place than before: one of several windows of a process got
    /// another title since this was last called.
    pub fn take_retitled(&mut self) -> bool {
        self.windows.take_retitled()
    }

    /// Forgets what was known of processes; if `all`, also what costs much and seldom changes:
    /// multiplexers, tabs, owners of terminals.
    pub fn forget_facts(&mut self, all: bool) {
        self.facts.forget(all, self.windows.table());
    }

    /// For how long what is known of processes has been kept.
    pub fn age_of_facts(&self) -> Duration {
        self.facts.age()
    }

    /// Where a process is shown; `None` if it is gone.
    pub async fn locate(&mut self, pid: u32) -> Option<Location> {
        let location = self.resolve(pid, false).await?;
        self.fetch_for_view(pid, &location, false).await;
        Some(location)
    }

    /// The same for a switch: with its tab even in a single window, but not what tells whether it is seen.
    pub(in crate::wm) async fn locate_with_tab(&mut self, pid: u32) -> Option<Location> {
        self.resolve(pid, true).await
    }

    async fn resolve(&mut self, pid: u32, wants_tabs: bool) -> Option<Location> {
        if self.facts_of != self.windows.generation() {
            self.facts_of = self.windows.generation();
            self.facts.forget_windows();
        }
        self.facts.note_titles(self.windows.take_titles(), self.windows.table());
        self.facts.recall(self.windows.table());
        loop {
            match locate::locate(self.snapshot(wants_tabs), pid) {
                Ok(found) => return found,
                Err(MissingFact::Probe { pid, windows }) => {
                    let proc = self.facts.proc();
                    let answer = title_probe::probe(&mut self.windows, proc, pid, &windows).await;
                    self.facts.add_probe(pid, windows, answer, self.windows.table());
                }
                Err(missing) => self.fetch(missing).await,
            }
        }
    }

    /// Remembers which number a terminal, by pid, gave a window, by container id.
    pub(in crate::wm) fn note_numbered(&mut self, owner: u32, number: u64, con_id: u64) {
        self.facts.note_numbered(owner, number, con_id);
    }

    /// The source of facts about processes.
    pub(in crate::wm) fn proc(&self) -> &ProcFiles {
        self.facts.proc()
    }

    /// Finds a fact out that resolution misses.
    pub(in crate::wm) async fn fetch(&mut self, missing: MissingFact) {
        if let MissingFact::Hidden(pid) = missing {
            return self.facts.fetch_hidden(pid, &mut self.windows).await;
        }
        self.facts.fetch(missing, self.windows.table()).await;
    }

    /// What is known now.
    pub(in crate::wm) fn snapshot(&self, wants_tabs: bool) -> Snapshot<'_> {
        let (windows, facts) = (self.windows.table(), self.facts.facts());
        Snapshot { windows, facts, wants_tabs, may_probe: self.may_probe }
    }

    /// Whether a session that was located is in view in its window, as far as can be told: where
    /// a terminal has tabs only the title tells.
    pub fn is_in_front(&self, pid: u32, location: &Location) -> bool {
        location.tmux_is_in_view() && self.is_in_view(pid, location, false) == InView::Yes
    }

    /// Fetches the facts that tell whether a session is in view in its window.
    pub(in crate::wm) async fn fetch_for_view(&mut self, pid: u32, at: &Location, selected: bool) {
        while let Err(missing) = self.view(pid, at, selected) {
            self.fetch(missing).await;
        }
    }

    /// Whether a session is in view in its window, by the facts that were fetched. `selected`:
    /// the tabs and panes on the route were brought into view, where that can be done.
    pub(in crate::wm) fn is_in_view(&self, pid: u32, at: &Location, selected: bool) -> InView {
        let in_view = self.view(pid, at, selected);
        in_view.unwrap_or(InView::Unknown("may show something else"))
    }

    fn view(&self, pid: u32, location: &Location, selected: bool) -> Result<InView, MissingFact> {
        let owner = location.place.window.as_ref().map_or(0, |window| window.pid);
        let host = visibility::terminal_host(self.snapshot(false), pid, owner)?;
        let children = fetch::children(self.facts.proc(), host);
        visibility::in_window(self.snapshot(false), pid, location, &children, selected)
    }

    /// Asks the terminal of a session, by a title probe if that is allowed, whether the session is
    /// in view in this window.
    pub(in crate::wm) async fn probe_view(&mut self, pid: u32, con_id: u64) -> Option<bool> {
        if !self.may_probe {
            return None;
        }
        let proc = self.facts.proc();
        let answer = title_probe::probe(&mut self.windows, proc, pid, &[con_id]).await;
        Some(answer.is_some())
    }

    /// All windows, as last read.
    pub fn windows(&self) -> &[WindowRow] {
        self.windows.table().rows()
    }

    /// Connects if need be, and reads everything again. The error says why there is no window
    /// manager.
    pub(in crate::wm) async fn read_everything(&mut self) -> Result<(), String> {
        self.forget_facts(true);
        let mut trouble = String::new();
        for _ in 0..2 {
            if let Err(error) = self.connect().await {
                trouble = error;
                break;
            }
            match self.read_windows().await {
                Ok(()) => return Ok(()),
                // On a new connection the answer would be as broken.
                Err(error @ IpcError::Json(_)) => {
                    self.forget_windows();
                    return Err(unreadable(&error));
                }
                Err(error) => {
                    trouble = format!("the window manager: {error}");
                    self.disconnect();
                }
            }
        }
        self.forget_windows();
        Err(trouble)
    }

    /// For a switch, programs that hung are asked again, and probes that may fail now are made.
    pub(in crate::wm) fn prepare_switch(&mut self) {
        self.facts.prepare_switch();
    }

    /// Programs that hung are asked again: somebody waits for it.
    pub(in crate::wm) fn ask_hung_again(&mut self) {
        self.facts.ask_hung_again();
    }

    /// The windows and the connection: for commands.
    pub(in crate::wm) fn tracker(&mut self) -> &mut WindowTracker {
        &mut self.windows
    }
}
