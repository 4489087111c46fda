//! Containers of docker: what runs in one is a child of containerd's shim, and shown by a program
//! of the user that speaks with a daemon of root's. Nothing that a user may read ties the two, but
//! the title of the terminal may (docker 20.10).

use super::generic::{GenericMux, MuxClient, PaneSelector};
use crate::proc::ProcFiles;
use crate::proc::files::ProcessNames;
use std::collections::HashSet;

/// The process above everything in a container, as `/proc/PID/comm` cuts its name.
pub(in crate::wm) const SHIM: &str = "containerd-shim";

/// Programs that show what runs in a container in their own terminals.
const CLIENTS: &[&str] = &["docker", "docker-compose", "nerdctl", "kubectl"];

/// The terminals that may show a container, one client for each.
pub fn view(proc: &ProcFiles, names: &ProcessNames) -> GenericMux {
    let mut terminals = HashSet::new();
    let pids = CLIENTS.iter().flat_map(|name| names.called(name));
    let clients = pids.filter_map(|&pid| {
        let terminal = proc.terminal(pid)?;
        // `docker compose` runs as two processes on one terminal.
        terminals.insert(terminal).then(|| MuxClient {
            pid,
            terminal: Some(terminal),
            last_input: proc.last_input(pid),
        })
    });
    GenericMux {
        name: "docker".to_owned(),
        clients: clients.collect(),
        panes: Vec::new(),
        selector: PaneSelector::UnknownClient,
    }
}
