//! Looking at the windows, hearing what happens to them, and knowing whether what was seen holds.
//!
//! The window manager tells of every change, in the order in which it acts. So as long as nothing
//! was told since the last look, the windows are where they were, and a look (0.5 ms with 50
//! windows) can be spared. A window that closes at the very moment in which it is to be focused is
//! told of before the focus, and so is not taken for its successor of the same number.

use super::connection::Link;
use super::ipc::IpcError;
use super::ipc::events::Event;
use super::ipc::windows::{self, WindowRow};
use super::manager::{Config, Desk};
use super::x11::display_number;

impl Desk {
    /// Connects, unless it is connected. The error says what was tried.
    pub async fn connect(&mut self) -> Result<(), String> {
        if self.link.is_none() {
            let Config { hints, displays, .. } = &self.config;
            self.stale = true;
            let (files, threads) = (&self.authorities, &mut self.x_threads);
            let link = Link::open(hints, displays, files, &self.reader, threads).await?;
            self.link = Some(link);
        }
        Ok(())
    }

    /// Gives the connection up. The windows stay in mind until [`Desk::forget_windows`].
    pub fn disconnect(&mut self) {
        self.link = None;
        self.stale = true;
        self.backlog.clear();
    }

    /// Forgets the windows: there is no window manager.
    pub fn forget_windows(&mut self) {
        self.scene.set_windows(Vec::new());
        self.scene.managed = false;
        self.scene.x_clients.clear();
        self.scene.display = None;
        self.stale = true;
    }

    /// Reads the windows anew: one tree and one question to the X server.
    pub async fn look(&mut self) -> Result<(), IpcError> {
        let Some(link) = &mut self.link else { return Err(IpcError::Closed) };
        // What is told from here on may come after the tree was made.
        self.stale = false;
        let tree = link.client.tree().await;
        self.stale |= tree.is_err();
        let mut windows = windows::windows(tree?);
        link.revive_x(&mut self.x_threads);
        let mut display = None;
        self.scene.x_clients.clear();
        if let Some(x) = &mut link.x {
            let ids = windows.iter().filter_map(|row| row.xid).collect();
            match x.owners(ids).await {
                Ok(owners) => {
                    display = display_number(x.name());
                    for row in &mut windows {
                        let known = row.xid.and_then(|xid| owners.of_window.get(&xid));
                        row.pid = known.copied().or(row.pid);
                    }
                    self.scene.x_clients = owners.clients;
                    link.x_trouble = None;
                }
                Err(error) => link.x_trouble = Some(error),
            }
        }
        self.scene.display = display;
        self.scene.managed = true;
        if !same_windows(&self.scene.windows, &windows) {
            self.scene.facts.tabs.clear();
            self.scene.facts.holders.clear();
            self.masters = None;
        }
        self.scene.set_windows(windows);
        Ok(())
    }

    /// Connects if need be and reads everything anew; an error when there is no window manager.
    pub(super) async fn look_freshly(&mut self) -> Result<(), String> {
        self.forget_facts(true);
        let mut trouble = String::new();
        for _ in 0..2 {
            if let Err(error) = self.connect().await {
                trouble = error;
                break;
            }
            match self.look().await {
                Ok(()) => return Ok(()),
                // An answer that is no answer: a new connection would bring the same.
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

    /// Whether nothing happened to the windows since they were read, as far as was told by now.
    pub(super) fn is_current(&mut self) -> bool {
        let heard = self.hear_all();
        let answers = |link: &Link| link.client.usable() && link.x_trouble.is_none();
        heard.is_ok() && !self.stale && self.link.as_ref().is_some_and(answers)
    }

    /// Keeps what was told until now for [`Desk::event`]; whether a window of this number closed.
    pub(super) fn hear_all(&mut self) -> Result<Vec<u64>, IpcError> {
        let mut closed = Vec::new();
        loop {
            let Some(link) = &mut self.link else { return Err(IpcError::Closed) };
            let Some(event) = link.events.try_next()? else { return Ok(closed) };
            if let Event::Closed { con_id } = event {
                closed.push(con_id);
            }
            self.keep(event);
        }
    }

    /// Keeps an event for [`Desk::event`].
    pub(super) fn keep(&mut self, event: Event) {
        self.note(&event);
        self.backlog.push_back(event);
    }

    /// The next event; waits for ever without a window manager. Once it fails the connection is
    /// gone.
    pub async fn event(&mut self) -> Result<Event, IpcError> {
        if let Some(event) = self.backlog.pop_front() {
            return Ok(event);
        }
        let Some(link) = &mut self.link else { return std::future::pending().await };
        let event = link.events.next().await?;
        self.note(&event);
        Ok(event)
    }

    /// What an event says of the windows that are in mind.
    fn note(&mut self, event: &Event) {
        let rows = &mut self.scene.windows;
        match event {
            Event::Other => return,
            Event::Title { con_id, title } => {
                if let Some(row) = rows.iter_mut().find(|row| row.con_id == *con_id) {
                    row.title.clone_from(title);
                }
                return;
            }
            Event::Focus { con_id } => {
                for row in rows {
                    row.focused = row.con_id == *con_id;
                }
            }
            Event::Moved | Event::New { .. } | Event::Closed { .. } | Event::Shutdown => {}
        }
        self.stale = true;
    }
}

/// What to say of a tree that is no JSON.
pub fn unreadable(error: &IpcError) -> String {
    format!(
        "the window manager's tree cannot be read: {error}; i3 sends such a tree when containers \
         are nested deeper than 62"
    )
}

fn same_windows(before: &[WindowRow], now: &[WindowRow]) -> bool {
    before.len() == now.len() && before.iter().zip(now).all(|(a, b)| a.con_id == b.con_id)
}
