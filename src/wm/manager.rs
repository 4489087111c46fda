//! The window manager and all that is known of it: reads windows, fetches the facts that
//! resolution asks for, and says where a session is. [`super::switch`] acts.

use super::connection::discover::SocketHints;
use super::ipc::IpcError;
use super::ipc::events::WmEvent;
use super::ipc::windows::WindowRow;
use super::locate::fetch::FactCache;
use super::locate::location::{Location, workspace_name};
use super::locate::snapshot::{MissingFact, ProbeResult, Snapshot};
use super::locate::window::without_glyphs;
use super::locate::{self};
use super::title_probe;
use super::windows::{WindowTracker, unreadable};
use crate::proc::ProcFiles;
use std::collections::HashSet;
use std::path::PathBuf;

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

/// The window with the focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FocusedWindow {
    /// Container id; changes when i3 restarts.
    pub con_id: u64,
    /// X11 window id; stays.
    pub xid: Option<u32>,
    /// Name of its workspace.
    pub workspace: Option<String>,
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

    /// Sets the X displays of sessions, on which i3 may be found, and the files that may open them.
    pub fn set_displays(&mut self, displays: impl IntoIterator<Item = (String, Option<PathBuf>)>) {
        self.windows.set_displays(displays);
    }

    /// Sets the titles that sessions give their terminals, by pid.
    pub fn set_titles(&mut self, titles: impl IntoIterator<Item = (u32, String)>) {
        self.facts.set_titles(titles);
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

    /// Forgets what was known of processes; if `all`, also what costs much and seldom changes:
    /// multiplexers, tabs, owners of terminals.
    pub fn forget_facts(&mut self, all: bool) {
        self.facts.forget(all, self.windows.table());
    }

    /// Where a process is shown; `None` if it is gone.
    pub async fn locate(&mut self, pid: u32) -> Option<Location> {
        self.resolve(pid, false).await
    }

    /// The same, with its tab even in a single window: for a switch.
    pub(in crate::wm) async fn locate_with_tab(&mut self, pid: u32) -> Option<Location> {
        self.resolve(pid, true).await
    }

    async fn resolve(&mut self, pid: u32, wants_tabs: bool) -> Option<Location> {
        if self.facts_of != self.windows.generation() {
            self.facts_of = self.windows.generation();
            self.facts.forget_windows();
        }
        loop {
            let (windows, facts) = (self.windows.table(), self.facts.facts());
            let snapshot = Snapshot { windows, facts, wants_tabs, may_probe: self.may_probe };
            match locate::locate(snapshot, pid) {
                Ok(location) => return location,
                Err(MissingFact::Probe { pid, windows }) => {
                    let proc = self.facts.proc();
                    let answer = title_probe::probe(&mut self.windows, proc, pid, &windows).await;
                    self.facts.add_probe(pid, ProbeResult { windows, answer });
                }
                Err(missing) => self.facts.fetch(missing, self.windows.table()).await,
            }
        }
    }

    /// The window with the focus.
    pub fn focused(&self) -> Option<FocusedWindow> {
        let row = self.windows.table().focused()?;
        let workspace = row.workspace.as_deref().map(workspace_name);
        Some(FocusedWindow { con_id: row.con_id, xid: row.xid, workspace })
    }

    /// Whether a session that was found in a window is in view there, as far as can be told: a
    /// terminal with more children than windows has tabs, and then only the title tells.
    pub fn is_in_front(&self, pid: u32, location: &Location) -> bool {
        let window = location.place.window.as_ref();
        let Some(window) = window.filter(|_| location.tmux_is_in_view()) else { return false };
        let (proc, table) = (self.facts.proc(), self.windows.table());
        let terminal = |child| proc.process(child).map(|child| child.tty);
        let children = proc.children(window.pid).into_iter().filter_map(terminal);
        let terminals: HashSet<u64> = children.filter(|tty| *tty != 0).collect();
        if terminals.len() <= table.of_process(window.pid).len() && !location.may_be_hidden() {
            return true;
        }
        let title = self.facts.facts().titles.get(&pid).map(|title| without_glyphs(title));
        let shown = table.get(window.con_id).map(|row| without_glyphs(&row.title));
        title.is_some_and(|title| !title.is_empty() && shown == Some(title))
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

    /// From now on, programs that hung are asked again: for a switch.
    pub(in crate::wm) fn ask_hung_again(&mut self) {
        self.facts.ask_hung_again();
    }

    /// The windows and the connection: for commands.
    pub(in crate::wm) fn tracker(&mut self) -> &mut WindowTracker {
        &mut self.windows
    }
}
