//! Who holds the other end of a terminal: the way on where the ancestry is cut.

use crate::proc::files::{Pts, Reader, pts_of_device};
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
    pub fn read(reader: &Reader, owners: impl IntoIterator<Item = u32>) -> Self {
        let mut masters = Masters::default();
        for pid in owners {
            add(&mut masters.owners, reader, pid);
        }
        for pid in reader.pids().into_iter().filter(|pid| is_server(reader, *pid)) {
            add(&mut masters.servers, reader, pid);
        }
        masters
    }

    /// Who shows the terminal of a process; none when it is not exactly one.
    pub fn holder(&self, reader: &Reader, pid: u32) -> Option<u32> {
        let terminal = reader.terminal(pid).or_else(|| {
            let number = pts_of_device((reader.process)(pid)?.tty)?;
            Some(Pts { instance: reader.devpts(pid)?, number })
        })?;
        let holders = self.owners.get(&terminal).or_else(|| self.servers.get(&terminal))?;
        match holders.as_slice() {
            [holder] if *holder != pid => Some(*holder),
            _ => None,
        }
    }
}

fn add(to: &mut HashMap<Pts, Vec<u32>>, reader: &Reader, pid: u32) {
    for terminal in reader.masters(pid) {
        let holders = to.entry(terminal).or_default();
        if !holders.contains(&pid) {
            holders.push(pid);
        }
    }
}

fn is_server(reader: &Reader, pid: u32) -> bool {
    let Some(process) = (reader.process)(pid) else { return false };
    let argv = || Ok::<_, std::convert::Infallible>((reader.argv)(pid));
    matches!(mux::kind(&process, argv), Ok(Some(_)))
}
