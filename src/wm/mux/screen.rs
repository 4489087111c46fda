//! GNU screen: its server keeps a descriptor on the terminal of each attached display.
//!
//! A command that is sent to the server acts on the display whose terminal is the standard input
//! of the `screen` that sends it, else on the one that was used last: so the client that was found
//! is the one that is told. `-Q` says what came of it. The answer takes 5 ms, or a second when
//! `screen` misses the signal that it is there (seen in one of ten calls).

use super::generic::{Door, Plain, Viewer};
use super::peers::{activity, listening};
use crate::proc::files::{Pts, Reader, pts_number};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// Longer than the second that an answer may take.
const DEADLINE: Duration = Duration::from_millis(2500);

/// What a screen server shows, and to whom.
pub fn view(reader: &Reader, server: u32, name: String) -> Plain {
    let clients = viewers(reader, server);
    // The server tells each window its number at birth, and tells nobody else.
    let panes = Plain::panes(reader, server, "WINDOW");
    Plain { name, clients, panes, door: Door::Screen(socket(reader, server)) }
}

/// The processes that show a screen server, one for each of its displays.
///
/// A display is `/dev/pts/N` among the server's open files; its client is the process called
/// `screen` that has the same terminal on its standard input.
fn viewers(reader: &Reader, server: u32) -> Vec<Viewer> {
    // Of its own devpts: in a container there are others of the same number.
    let Some(instance) = reader.devpts(server) else { return Vec::new() };
    let display =
        |(_, target): &(u32, PathBuf)| Some(Pts { instance, number: pts_number(target)? });
    let displays: Vec<Pts> = reader.files(server).iter().filter_map(display).collect();
    if displays.is_empty() {
        return Vec::new();
    }
    let called_screen = |pid: &u32| {
        *pid != server && (reader.process)(*pid).is_some_and(|process| process.comm == "screen")
    };
    let mut viewers = Vec::new();
    for pid in reader.pids().into_iter().filter(called_screen) {
        let Some(terminal) = reader.terminal(pid) else { continue };
        if displays.contains(&terminal) {
            let activity = activity(reader, pid);
            viewers.push(Viewer { pid, terminal: Some(terminal), activity });
        }
    }
    viewers
}

/// Its socket, or its named pipe: `…/4711.name`.
fn socket(reader: &Reader, server: u32) -> Option<PathBuf> {
    let start = format!("{server}.");
    let is_its = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start))
    };
    let files = || reader.files(server).into_iter().map(|(_, target)| target);
    listening(reader, server).into_iter().chain(files()).find(is_its)
}

/// Brings a window into view on this terminal, and sees that it is.
pub async fn show(socket: &Path, number: u32, terminal: Option<Pts>) -> Result<(), String> {
    let wanted = number.to_string();
    // With -X a window that is in view already would be reported over what the user reads.
    let said = ask(socket, terminal, &["select", &wanted]).await?;
    let shown = ask(socket, terminal, &["number"]).await?;
    if shown.split_whitespace().next() == Some(&wanted) {
        return Ok(());
    }
    let said = crate::session::sanitize::clean(&said, 100);
    Err(format!("screen shows its window {}, not {wanted}: {said}", shown.trim()))
}

async fn ask(socket: &Path, terminal: Option<Pts>, words: &[&str]) -> Result<String, String> {
    let (Some(dir), Some(name)) = (socket.parent(), socket.file_name()) else {
        return Err("the socket of screen was not found".into());
    };
    let mut command = Command::new("screen");
    command.env_remove("STY").env_remove("WINDOW").env("SCREENDIR", dir);
    command.arg("-S").arg(name).arg("-Q").args(words).kill_on_drop(true);
    // Nothing is read from it.
    let stdin = terminal.and_then(|terminal| terminal.open(false));
    command.stdin(stdin.map_or_else(Stdio::null, Stdio::from));
    match timeout(DEADLINE, command.output()).await {
        Ok(Ok(output)) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(Err(error)) => Err(format!("screen cannot be run: {error}")),
        Err(_) => Err(format!("screen did not answer within {} ms", DEADLINE.as_millis())),
    }
}
