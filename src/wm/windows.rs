//! The windows: read from the window manager, and kept as long as events tell what happens to them.
//!
//! The window manager reports every change, in the order in which it acts. So as long as no event
//! has come since the windows were read that leaves something open ([`ContainerTree::apply`]), they
//! are where they are known to be, and need not be read again (0.5 ms with 50 windows). A window
//! that closes at the very moment in which it is to get the focus is reported before the focus, and
//! so is not mistaken for its successor with the same number.

use super::connection::discover::SocketHints;
use super::connection::{Connection, KnownDisplays};
use super::ipc::IpcError;
use super::ipc::events::WmEvent;
use super::ipc::tree::ContainerTree;
use super::ipc::windows::{TreeContents, WindowRow};
use super::locate::snapshot::WindowTable;
use super::locate::titles::{is_claudes, without_glyph};
use super::x11::display_number;
use super::x11::worker::XWorkers;
use crate::proc::ProcFiles;
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use tokio::time::{Instant, timeout_at};

/// How many new titles are kept, at most.
const MAX_TITLES: usize = 1000;

/// The connection to the window manager, and the windows as they were last read.
pub struct WindowTracker {
    hints: SocketHints,
    displays: KnownDisplays,
    /// Whether the configuration names a display: then those of sessions do not count.
    display_is_configured: bool,
    x_workers: XWorkers,
    connection: Option<Connection>,
    /// The containers as they were last read, with what happened since as far as events tell it.
    tree: ContainerTree,
    table: WindowTable,
    /// Counts how often other windows than before were read.
    generation: u64,
    /// Titles that windows got since [`WindowTracker::take_titles`], and the last of these windows.
    new_titles: HashMap<String, u64>,
    /// Whether one of several windows of a process got another title.
    is_retitled: bool,
    /// Events that were received while something else was waited for, oldest first.
    unhandled: VecDeque<WmEvent>,
    /// Whether something happened since the windows were read that no event tells all about.
    stale: bool,
}

impl WindowTracker {
    /// Without a connection. `displays` are the configured ones.
    pub fn new(hints: SocketHints, displays: Vec<String>) -> Self {
        WindowTracker {
            hints,
            display_is_configured: !displays.is_empty(),
            displays: KnownDisplays { names: displays, authorities: Vec::new() },
            x_workers: XWorkers::default(),
            connection: None,
            tree: ContainerTree::default(),
            table: WindowTable::default(),
            generation: 0,
            new_titles: HashMap::new(),
            is_retitled: false,
            unhandled: VecDeque::new(),
            stale: true,
        }
    }

    /// The socket that the configuration names. If it is another one, the connection is closed.
    pub fn set_configured_socket(&mut self, socket: Option<PathBuf>) {
        if self.hints.configured != socket {
            self.hints.configured = socket;
            self.disconnect();
        }
    }

    /// The X displays of sessions, on which i3 may be found, and the files that may open them. If
    /// a display is configured it is the only one: the i3 of another manages another screen.
    pub fn set_displays(&mut self, displays: impl IntoIterator<Item = (String, Option<PathBuf>)>) {
        self.displays.set(displays, !self.display_is_configured);
    }

    /// The windows as they were last read.
    pub fn table(&self) -> &WindowTable {
        &self.table
    }

    /// The titles of Claude's that windows got since this was last called, and the container ids of
    /// these windows.
    pub fn take_titles(&mut self) -> HashMap<String, u64> {
        std::mem::take(&mut self.new_titles)
    }

    /// Whether one of several windows of a process got another title since this was last called.
    pub fn take_retitled(&mut self) -> bool {
        std::mem::take(&mut self.is_retitled)
    }

    /// Changes whenever the windows are others than before.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The connection, if there is one.
    pub fn connection(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    /// The connection, or an error for the caller to pass on.
    pub fn connected(&mut self) -> Result<&mut Connection, IpcError> {
        self.connection.as_mut().ok_or(IpcError::Closed)
    }

    /// Connects, unless it is connected. The error says what was tried.
    pub async fn connect(&mut self, proc: &ProcFiles) -> Result<(), String> {
        if self.connection.is_none() {
            self.stale = true;
            let (hints, displays) = (&self.hints, &self.displays);
            let connection = Connection::open(hints, displays, proc, &mut self.x_workers).await?;
            self.connection = Some(connection);
        }
        Ok(())
    }

    /// Closes the connection. The windows are kept until [`WindowTracker::forget`].
    pub fn disconnect(&mut self) {
        self.connection = None;
        self.stale = true;
        self.unhandled.clear();
    }

    /// Forgets the windows: there is no window manager.
    pub fn forget(&mut self) {
        self.tree = ContainerTree::default();
        self.table = WindowTable::default();
        self.generation += 1;
        self.stale = true;
    }

    /// Reads the windows: one tree from the window manager, one answer from the X server.
    pub async fn read(&mut self) -> Result<(), IpcError> {
        let connection = self.connection.as_mut().ok_or(IpcError::Closed)?;
        // What is reported from here on may have happened after the tree was made.
        self.stale = false;
        let tree = connection.client.tree().await;
        self.stale |= tree.is_err();
        let tree = ContainerTree::new(tree?);
        let TreeContents { windows: mut rows, focused_workspace } = tree.contents();
        connection.update_x(&mut self.x_workers, &rows);
        let (mut display, mut x_clients) = (None, HashSet::new());
        if let Some(x) = &mut connection.x {
            let ids = rows.iter().filter_map(|row| row.xid).collect();
            match x.owners(ids).await {
                Ok(owners) => {
                    display = display_number(x.name());
                    for row in &mut rows {
                        let known = row.xid.and_then(|xid| owners.of_window.get(&xid));
                        row.pid = known.copied().or(row.pid);
                    }
                    x_clients = owners.clients;
                    connection.x_trouble = None;
                }
                Err(error) => connection.x_trouble = Some(error),
            }
        }
        if connection.x_trouble.is_some() {
            // What it said before still holds of the windows that are left.
            self.table.lend_owners(&mut rows);
            (display, x_clients) = (self.table.display, self.table.x_clients.clone());
        }
        if !are_same_windows(self.table.rows(), &rows) {
            self.generation += 1;
        }
        self.tree = tree;
        self.table = WindowTable::new(rows);
        (self.table.display, self.table.x_clients) = (display, x_clients);
        self.table.focused_workspace = focused_workspace;
        Ok(())
    }

    /// Whether the windows are known as they are, as far as was reported by now: nothing happened
    /// since they were read, or events told all of it.
    pub fn is_current(&mut self) -> bool {
        let received = self.receive_all();
        let answers = |it: &Connection| it.client.usable() && it.x_trouble.is_none();
        let is_known = !self.stale && self.tree.is_settled();
        received.is_ok() && is_known && self.connection.as_ref().is_some_and(answers)
    }

    /// Receives the events that have arrived, and keeps them for [`WindowTracker::next_event`].
    /// Gives the ids of the windows that closed.
    pub fn receive_all(&mut self) -> Result<Vec<u64>, IpcError> {
        let mut closed = Vec::new();
        while let Some(event) = self.connected()?.events.try_next()? {
            if let WmEvent::Closed { con_id } = event {
                closed.push(con_id);
            }
            self.keep(event);
        }
        Ok(closed)
    }

    /// The next event until `deadline`, which [`WindowTracker::next_event`] gives again; `None` if
    /// none comes.
    pub async fn peek_event(&mut self, deadline: Instant) -> Result<Option<WmEvent>, IpcError> {
        let next = self.connected()?.events.next();
        let Ok(event) = timeout_at(deadline, next).await else { return Ok(None) };
        let event = event?;
        self.keep(event.clone());
        Ok(Some(event))
    }

    /// The first event until `deadline` that is `wanted`, which then counts as handled; all others
    /// are kept for [`WindowTracker::next_event`]. `None` if it does not come.
    pub async fn take_event(
        &mut self,
        deadline: Instant,
        wanted: impl Fn(&WmEvent) -> bool,
    ) -> Result<Option<WmEvent>, IpcError> {
        loop {
            let next = self.connected()?.events.next();
            let Ok(event) = timeout_at(deadline, next).await else { return Ok(None) };
            match event? {
                event if wanted(&event) => return Ok(Some(event)),
                event => self.keep(event),
            }
        }
    }

    /// The next event; without a window manager it waits for ever. After an error the connection
    /// is of no more use.
    pub async fn next_event(&mut self) -> Result<WmEvent, IpcError> {
        if let Some(event) = self.unhandled.pop_front() {
            return Ok(event);
        }
        let Some(connection) = &mut self.connection else { return std::future::pending().await };
        let event = connection.events.next().await?;
        self.apply(&event);
        Ok(event)
    }

    /// Why the owners of X11 windows are not known, if they are not.
    pub fn x_trouble(&self) -> Option<&str> {
        self.connection.as_ref()?.x_trouble.as_deref()
    }

    /// Whether a window with this new title is one of several of its process, and the title says
    /// something else than before.
    fn tells_windows_apart(&self, con_id: u64, title: &str) -> bool {
        self.table.get(con_id).is_some_and(|row| {
            without_glyph(&row.title) != without_glyph(title)
                && row.pid.is_some_and(|pid| self.table.of_process(pid).len() > 1)
        })
    }

    fn keep(&mut self, event: WmEvent) {
        self.apply(&event);
        self.unhandled.push_back(event);
    }

    /// What an event says of the windows that were read.
    fn apply(&mut self, event: &WmEvent) {
        self.stale |= !self.tree.apply(event);
        match event {
            WmEvent::Other => {}
            WmEvent::Title { con_id, title } => {
                // A spinner turns all the time; only what follows it is new or old.
                if self.new_titles.len() < MAX_TITLES && is_claudes(title) {
                    self.new_titles.insert(title.clone(), *con_id);
                }
                self.is_retitled |= self.tells_windows_apart(*con_id, title);
                self.table.set_title(*con_id, title);
            }
            _ if !self.table.managed => {}
            _ => {
                let count = self.table.rows().len();
                self.table.rearrange(self.tree.contents());
                self.generation += u64::from(self.table.rows().len() != count);
            }
        }
    }
}

/// The error for a tree that is not JSON.
pub fn unreadable(error: &IpcError) -> String {
    format!(
        "the window manager's tree cannot be read: {error}; i3 sends such a tree when containers \
         are nested deeper than 62"
    )
}

fn are_same_windows(before: &[WindowRow], now: &[WindowRow]) -> bool {
    before.len() == now.len() && before.iter().zip(now).all(|(a, b)| a.con_id == b.con_id)
}
