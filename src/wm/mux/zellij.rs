//! zellij: its clients are the peers of its socket; a pane is brought into view by its number,
//! which zellij gives to the pane's processes.
//!
//! Commands act on the client that was typed into last (`get_last_active_client` in zellij-server
//! 0.45), and no other can be named: which one that is, the terminals' idle times tell, to within
//! the eight seconds in which Linux counts them. `list-clients` says what each shows.

use super::generic::{Door, Plain};
use super::peers::viewers;
use crate::proc::files::Reader;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// It takes 10 to 40 ms.
const DEADLINE: Duration = Duration::from_millis(1500);

/// How a server is spoken with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Its program: often in no directory that vmuxd looks into.
    pub program: PathBuf,
    /// Where it has its sockets; below are directories for each version.
    pub sockets: PathBuf,
    /// The name of the session.
    pub session: String,
}

/// What a zellij server shows, and to whom.
pub fn view(reader: &Reader, server: u32, name: String) -> Plain {
    let panes = Plain::panes(reader, server, "ZELLIJ_PANE_ID");
    let door = Door::Zellij(address(reader, server));
    Plain { name, clients: viewers(reader, server), panes, door }
}

/// `zellij --server /run/user/1000/zellij/contract_version_1/NAME`
fn address(reader: &Reader, server: u32) -> Option<Address> {
    // What a process of another user runs is not run here.
    let uid = std::fs::metadata(reader.root.join(server.to_string())).ok()?.uid();
    if uid != rustix::process::geteuid().as_raw() {
        return None;
    }
    let argv = (reader.argv)(server);
    let socket = argv.iter().skip_while(|word| *word != "--server").nth(1)?;
    let socket = Path::new(socket);
    let exe = std::fs::read_link(reader.root.join(format!("{server}/exe"))).ok();
    Some(Address {
        // After an upgrade the file is another one, at the same place or not.
        program: exe.filter(|exe| exe.is_file()).unwrap_or_else(|| "zellij".into()),
        sockets: socket.parent()?.parent()?.to_owned(),
        session: socket.file_name()?.to_str()?.to_owned(),
    })
}

/// Brings a pane into view, and sees that it is.
pub async fn show(address: &Address, pane: u32, used_last: bool) -> Result<(), String> {
    let pane = format!("terminal_{pane}");
    action(address, &["focus-pane-id", &pane]).await?;
    // CLIENT_ID ZELLIJ_PANE_ID RUNNING_COMMAND
    let clients = action(address, &["list-clients"]).await?;
    let shown = clients.lines().skip(1).filter_map(|row| row.split_whitespace().nth(1));
    let shows: Vec<bool> = shown.map(|shown| shown == pane).collect();
    match shows.iter().filter(|shows| **shows).count() {
        0 => Err(format!("zellij did not bring its pane {pane} into view")),
        count if count == shows.len() || used_last => Ok(()),
        _ => Err("zellij may show its pane in another of its terminals".into()),
    }
}

async fn action(address: &Address, words: &[&str]) -> Result<String, String> {
    let mut command = Command::new(&address.program);
    command.env("ZELLIJ_SOCKET_DIR", &address.sockets);
    // With `=`: a name that begins with `-` is no option.
    command.arg(format!("--session={}", address.session)).arg("action").args(words);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = match timeout(DEADLINE, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(format!("zellij cannot be run: {error}")),
        Err(_) => {
            return Err(format!("zellij did not answer within {} ms", DEADLINE.as_millis()));
        }
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("zellij says: {}", crate::session::sanitize::clean(&said, 200)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
