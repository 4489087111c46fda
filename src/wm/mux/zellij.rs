//! zellij: its clients are connected to its socket; a pane is brought into view by its number,
//! which zellij gives to the pane's processes.
//!
//! Commands act on the client that was typed into last (`get_last_active_client` in zellij-server
//! 0.45), and no other can be named. Which client that is follows from the idle times of the
//! terminals, to within the eight seconds in which Linux counts them. `list-clients` tells what
//! each client shows.

use super::generic::{GenericMux, PaneSelector, ZellijServer};
use super::peers::clients;
use super::{command, program};
use crate::proc::ProcFiles;
use crate::proc::files::ProcessNames;
use std::path::Path;
use std::time::Duration;
use tokio::process::Command;

/// An answer takes 10 to 40 ms.
const ANSWER_WITHIN: Duration = Duration::from_millis(1500);

/// What a zellij server shows, and to whom.
pub fn view(proc: &ProcFiles, names: &ProcessNames, server: u32, name: String) -> GenericMux {
    let clients = clients(proc, names, server, &name);
    let panes = GenericMux::panes(proc, server, "ZELLIJ_PANE_ID");
    let selector = PaneSelector::Zellij(find_server(proc, server));
    GenericMux { name, clients, panes, selector }
}

/// `zellij --server /run/user/1000/zellij/contract_version_1/NAME`
fn find_server(proc: &ProcFiles, server: u32) -> Option<ZellijServer> {
    // vmuxd must not run a program that another user chose.
    if !proc.is_own(server) {
        return None;
    }
    let argv = proc.argv(server);
    let socket = argv.iter().skip_while(|word| *word != "--server").nth(1)?;
    let socket = Path::new(socket);
    Some(ZellijServer {
        program: program::of_server(proc, server, "zellij"),
        sockets: socket.parent()?.parent()?.to_owned(),
        session: socket.file_name()?.to_str()?.to_owned(),
    })
}

/// Brings a pane into view, and checks that it is.
pub async fn select(server: &ZellijServer, pane: u32, used_last: bool) -> Result<(), String> {
    let pane = format!("terminal_{pane}");
    match action(server, &["focus-pane-id", &pane]).await {
        // An error (zellij 0.45), though it is what was wanted.
        Err(said) if said.contains("already focused") => {}
        done => drop(done?),
    }
    let clients = action(server, &["list-clients"]).await?;
    check_shown(&clients, &pane, used_last)
}

/// Whether `clients`, the answer to `list-clients`, says that a pane is in view where it is to be.
pub fn check_shown(clients: &str, pane: &str, used_last: bool) -> Result<(), String> {
    // CLIENT_ID ZELLIJ_PANE_ID RUNNING_COMMAND
    let shown = clients.lines().skip(1).filter_map(|row| row.split_whitespace().nth(1));
    let shows: Vec<bool> = shown.map(|shown| shown == pane).collect();
    match shows.iter().filter(|shows| **shows).count() {
        0 => Err(format!("zellij did not bring its pane {pane} into view")),
        count if count == shows.len() || used_last => Ok(()),
        _ => Err("zellij may show its pane in another of its terminals".into()),
    }
}

/// The text of a pane with what has scrolled away.
pub async fn dump(server: &ZellijServer, pane: u32) -> Result<String, String> {
    let pane = format!("--pane-id=terminal_{pane}");
    action(server, &["dump-screen", "--full", &pane]).await
}

async fn action(server: &ZellijServer, words: &[&str]) -> Result<String, String> {
    let mut command = Command::new(&server.program);
    command.env("ZELLIJ_SOCKET_DIR", &server.sockets);
    // With `=`, so that a name that begins with `-` is not taken for an option.
    command.arg(format!("--session={}", server.session)).arg("action").args(words);
    command::text("zellij", &mut command, ANSWER_WITHIN).await
}
