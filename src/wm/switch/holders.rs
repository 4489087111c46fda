//! For sessions of other hosts: which processes here show what carries them, and the way to one of
//! several.

use super::attach;
use super::command::{self, FocusResult};
use super::outcome::{SwitchError, Switched};
use super::several::go_to_workspace;
use crate::proc::ProcFiles;
use crate::session::place::carrier::{Carrier, Carriers, Connection};
use crate::wm::carrier::near::{self, Holder, Tables};
use crate::wm::carrier::path::StreamPath;
use crate::wm::carrier::tables;
use crate::wm::ipc::windows::WindowRow;
use crate::wm::locate::location::Location;
use crate::wm::manager::WindowManager;
use std::time::Duration;

/// A terminal that cannot begin ends within this time.
const FAILS_WITHIN: Duration = Duration::from_millis(100);

impl WindowManager {
    /// Each carrier, with the process here that shows what it carries; those that are known first.
    /// `destination` is what ssh was given when the carriers were asked for.
    pub fn holders(&self, told: &Carriers, destination: &str) -> Vec<(Carrier, Holder)> {
        let tables = tables::read(self.proc());
        let stream = told.asked_over.and_then(|there| {
            let here = stream_connection(self.proc(), &tables, destination)?;
            Some(StreamPath { here, there: there.canonical() })
        });
        let holder = |it: &Carrier| (it.clone(), near::holder(&it.transport, &tables, stream));
        let mut found: Vec<(Carrier, Holder)> = told.carriers.iter().map(holder).collect();
        found.sort_by_key(|(_, holder)| match holder {
            Holder::Process(..) => 0,
            Holder::OneOf(..) => 1,
            Holder::Unknown(_) => 2,
        });
        found
    }

    /// Goes as near as can be known to the one of these processes that shows a session: to their
    /// workspace, or their only window. That is an error, too.
    pub async fn switch_to_one_of(
        &mut self,
        pids: &[u32],
        why: &str,
    ) -> Result<Switched, SwitchError> {
        self.prepare_switch();
        self.read_everything().await.map_err(SwitchError::Unmanaged)?;
        let mut con_ids: Vec<u64> = Vec::new();
        for pid in pids {
            if let Some(location) = self.locate(*pid).await {
                con_ids.extend(location.candidates());
            }
        }
        con_ids.sort_unstable();
        con_ids.dedup();
        let rows: Vec<&WindowRow> =
            self.windows().iter().filter(|row| con_ids.contains(&row.con_id)).collect();
        let how = format!("one of the {} windows of ssh: {why}", rows.len());
        match rows.as_slice() {
            [] => Err(SwitchError::NoWindow(format!("{} ssh may show it: {why}", pids.len()))),
            [row] => {
                let con_id = row.con_id;
                let how = format!("{} ssh in it may show the session: {why}", pids.len());
                match command::focus(self.tracker(), con_id).await? {
                    FocusResult::Focused => Err(SwitchError::Pane(how)),
                    FocusResult::NoSuchWindow(said) => Err(SwitchError::Closed(said)),
                }
            }
            rows => {
                let location = Location::one_of(rows, how);
                go_to_workspace(self, location).await
            }
        }
    }

    /// Opens a terminal with a command in it. `terminal` is the terminal's own command up to what it is
    /// to run.
    pub async fn open_terminal(
        &mut self,
        terminal: &[String],
        command: &[String],
    ) -> Result<(), SwitchError> {
        let env = self.tracker().connection().map(|it| it.env.clone()).unwrap_or_default();
        let child = attach::start(terminal, command, env).map_err(SwitchError::Attach)?;
        attach::check_begun(child, terminal, FAILS_WITHIN).await
    }
}

/// How this host sees the connection of the ssh to `destination` that vmuxd has started.
fn stream_connection(proc: &ProcFiles, tables: &Tables, destination: &str) -> Option<Connection> {
    let children = proc.children(std::process::id());
    let goes_there = |pid: &u32| {
        let argv = proc.argv(*pid);
        argv.windows(2)
            .any(|pair| matches!(pair, [dashes, to] if dashes == "--" && to == destination))
    };
    let mut streams = children.into_iter().filter(goes_there);
    let (Some(pid), None) = (streams.next(), streams.next()) else { return None };
    near::connection_of(pid, tables)
}
