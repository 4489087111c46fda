//! Which process holds the other end of a terminal: the way on where the ancestry is cut.
//!
//! Besides terminals and multiplexers, programs that pass a terminal on to a process which is not
//! their child hold one: `systemd-run --pty` has its command started by the service manager.

use super::snapshot::{MissingFact, Snapshot};
use crate::proc::ProcFiles;
use crate::proc::pts::{Pts, pts_of_device};
use crate::session::process::Process;
use crate::wm::mux;
use std::collections::HashMap;

/// The terminals that the owners of windows and the servers of multiplexers show. Read once for
/// all sessions that need it, and only if one does.
#[derive(Debug, Default)]
pub struct PtyMasters {
    window_owners: HashMap<Pts, Vec<u32>>,
    mux_servers: HashMap<Pts, Vec<u32>>,
    /// Those of all other processes; read when they are asked for.
    others: Option<HashMap<Pts, Vec<u32>>>,
}

impl PtyMasters {
    /// Reads the open files of these owners of windows, and of all servers.
    pub fn read(proc: &ProcFiles, window_owners: impl IntoIterator<Item = u32>) -> Self {
        let mut masters = PtyMasters::default();
        for pid in window_owners {
            add(&mut masters.window_owners, proc, pid);
        }
        for pid in proc.pids().into_iter().filter(|pid| mux::is_server(proc, *pid)) {
            add(&mut masters.mux_servers, proc, pid);
        }
        masters
    }

    /// The process that shows the terminal of `pid`; `None` unless it is exactly one.
    pub fn owner(&mut self, proc: &ProcFiles, pid: u32) -> Option<u32> {
        let terminal = proc.terminal(pid).or_else(|| {
            let number = pts_of_device(proc.process(pid)?.tty)?;
            Some(Pts { instance: proc.devpts(pid)?, number })
        })?;
        let known = self.window_owners.get(&terminal).or_else(|| self.mux_servers.get(&terminal));
        let owners = match known {
            Some(owners) => owners,
            None => self.others.get_or_insert_with(|| read_all(proc)).get(&terminal)?,
        };
        match owners.as_slice() {
            [owner] if *owner != pid => Some(*owner),
            _ => None,
        }
    }
}

/// Whether the parent of a process holds the other end of its terminal; `None` if the files of one of
/// them cannot be read, as those of sudo cannot.
pub fn parent_holds(proc: &ProcFiles, pid: u32) -> Option<bool> {
    let terminal = proc.terminal(pid)?;
    let parent = proc.process(pid)?.ppid;
    proc.devpts(parent)?;
    let is_readable = !proc.open_files(parent).is_empty();
    is_readable.then(|| proc.masters(parent).contains(&terminal))
}

/// Whether the terminal of the process `pid`, which is not that of its `parent`, is shown neither by
/// this parent nor by one of its ancestors: another process has taken it there (reptyr(1),
/// `setsid -c <>/dev/pts/7`).
pub(in crate::wm) fn was_taken_away(
    snapshot: Snapshot,
    pid: u32,
    parent: &Process,
) -> Result<bool, MissingFact> {
    if snapshot.parent_holds(pid)? != Some(false) {
        return Ok(false);
    }
    let Some(holder) = snapshot.pty_owner(pid)? else { return Ok(false) };
    let mut above = parent;
    for _ in 0..super::MAX_GENERATIONS {
        if above.id.pid == holder {
            return Ok(false);
        }
        let Some(process) = snapshot.process(above.ppid)? else { break };
        above = process;
    }
    Ok(true)
}

fn add(to: &mut HashMap<Pts, Vec<u32>>, proc: &ProcFiles, pid: u32) {
    for terminal in proc.masters(pid) {
        let owners = to.entry(terminal).or_default();
        if !owners.contains(&pid) {
            owners.push(pid);
        }
    }
}

/// The terminals of all processes of this user. It takes some 20 µs a process.
fn read_all(proc: &ProcFiles) -> HashMap<Pts, Vec<u32>> {
    let mut all = HashMap::new();
    for pid in proc.pids().into_iter().filter(|pid| proc.is_own(*pid)) {
        add(&mut all, proc, pid);
    }
    all
}
