//! Terminals that can be asked where they show a process, and told to bring it into view; or tried
//! with a title that is written to them ([`title_probe`], [`title_mark`]) or that they are told to
//! give a window ([`own_title`]), or by which window comes forward with the tab ([`attention`]).

pub mod attention;
pub mod bus;
pub mod gtk;
pub mod ide;
pub mod kitty;
pub mod konsole;
pub mod own_title;
pub mod title_mark;
pub mod title_probe;
pub mod told;

use crate::proc::ProcFiles;
use crate::session::state::Confidence;

/// Where a terminal says that it shows a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabPlace {
    /// Its X11 window; `None` on Wayland, where windows have no ids that others know.
    pub xid: Option<u32>,
    /// Whether the id is told, and not concluded.
    pub is_certain: bool,
    /// The title of its window, or how it begins.
    pub title: Option<String>,
    /// How many windows the terminal has, if it tells.
    pub windows: Option<usize>,
    /// How to bring it into view there, if that can be done.
    pub tab: Option<Tab>,
}

/// A tab, in the terms of its terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tab {
    /// What kitty calls a window: a pane in a tab.
    Kitty {
        /// Pid of the kitty process.
        process: u32,
        /// Where it listens: `KITTY_LISTEN_ON`.
        address: String,
        /// Its number.
        id: u64,
        /// The number of the window that the tab is in.
        os_window: Option<u64>,
    },
    /// What konsole calls a session.
    Konsole {
        /// Address of the session bus; empty for the default one.
        bus: String,
        /// `KONSOLE_DBUS_SERVICE`.
        service: String,
        /// Object of the window: `/Windows/1`.
        window: String,
        /// Number of the session.
        session: u32,
        /// Number of the same window as a main window (`/konsole/MainWindow_1`), where that is certain.
        main: Option<u64>,
    },
    /// One of the terminals of tilix or gnome-terminal.
    Gtk(gtk::Activation),
}

impl TabPlace {
    /// How sure the X11 window is.
    pub fn confidence(&self) -> Confidence {
        if self.is_certain { Confidence::Certain } else { Confidence::Probable }
    }
}

impl Tab {
    /// The number that the terminal gave the window of the tab. It gives none twice.
    pub fn window_number(&self) -> Option<u64> {
        match self {
            Tab::Kitty { os_window, .. } => *os_window,
            Tab::Konsole { window, .. } => window.strip_prefix("/Windows/")?.parse().ok(),
            Tab::Gtk(_) => None,
        }
    }

    /// Whether the terminal asks for nothing when it is told to show a tab of the window that has the
    /// focus, and for the window to be activated in any other case.
    pub fn is_silent_with_focus(&self) -> bool {
        matches!(self, Tab::Gtk(activation) if activation.is_of_tilix())
    }
}

/// Whether terminals of this name can say where they show a process. They move tabs between
/// windows, so that the `WINDOWID` of what runs in them may be out of date.
pub fn can_be_asked(comm: &str) -> bool {
    matches!(comm, "kitty" | "konsole")
}

/// Whether terminals of this name may be asked before a switch only, because it takes long: they can be
/// told to show a process, or know the title of its window.
pub fn is_asked_for_switch(comm: &str) -> bool {
    gtk::can_be_asked(comm)
}

/// Asks the terminal `owner` where it shows its child. `None` if it cannot say.
pub async fn ask(proc: &ProcFiles, owner: u32, child: u32) -> Option<TabPlace> {
    match proc.process(owner)?.comm.as_str() {
        "kitty" => kitty::ask(proc, child).await,
        "konsole" => konsole::ask(proc, child).await,
        _ => gtk::ask(proc, owner, child).await,
    }
}

/// How the user has a terminal of this name tell its windows apart, if there is a way that is its own;
/// or, if it has told what it can, what else tells.
pub fn how_it_tells(comm: &str, has_told: bool) -> Option<&'static str> {
    match (comm, has_told) {
        ("kitty", false) => Some(kitty::HOW_IT_TELLS),
        ("kitty", true) => Some(kitty::WHAT_ELSE_TELLS),
        ("konsole", _) => Some(konsole::WHAT_ELSE_TELLS),
        (_, false) => gtk::how_it_tells(comm),
        (_, true) => None,
    }
}

/// Brings a tab into view.
pub async fn select(tab: &Tab) -> Result<(), String> {
    match tab {
        Tab::Kitty { process, address, id, .. } => kitty::select(*process, address, *id).await,
        Tab::Konsole { bus, service, window, session, .. } => {
            konsole::select(bus, service, window, *session).await
        }
        Tab::Gtk(activation) => gtk::select(activation).await,
    }
}
