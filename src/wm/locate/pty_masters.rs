//! Who holds the other end of a terminal: the way on where the ancestry is cut.

use crate::proc::ProcFiles;
use crate::proc::pts::{Pts, pts_of_device};
use crate::wm::mux;
use std::collections::HashMap;

/// The terminals that the owners of windows and the servers of multiplexers show. Read once for
/// all sessions that need it, and only if one does.
#[derive(Debug, Default)]
pub struct Masters {
    owners: HashMap<Pts, Vec<u32>>,
    servers: HashMap<Pts, Vec<u32>>,
}

impl Masters {
    /// Looks at the open files of these owners of windows, and of all servers.
    pub fn read(proc: &ProcFiles, owners: impl IntoIterator<Item = u32>) -> Self {
        let mut masters = Masters::default();
        for pid in owners {
            add(&mut masters.owners, proc, pid);
        }
        for pid in proc.pids().into_iter().filter(|pid| mux::is_server(proc, *pid)) {
            add(&mut masters.servers, proc, pid);
        }
        masters
    }

    /// Who shows the terminal of a process; none when it is not exactly one.
    pub fn holder(&self, proc: &ProcFiles, pid: u32) -> Option<u32> {
        let terminal = proc.terminal(pid).or_else(|| {
            let number = pts_of_device(proc.process(pid)?.tty)?;
            Some(Pts { instance: proc.devpts(pid)?, number })
        })?;
        let holders = self.owners.get(&terminal).or_else(|| self.servers.get(&terminal))?;
        match holders.as_slice() {
            [holder] if *holder != pid => Some(*holder),
            _ => None,
        }
    }
}

fn add(to: &mut HashMap<Pts, Vec<u32>>, proc: &ProcFiles, pid: u32) {
    for terminal in proc.masters(pid) {
        let holders = to.entry(terminal).or_default();
        if !holders.contains(&pid) {
            holders.push(pid);
        }
    }
}
