//! GNU screen: its server keeps a descriptor on the terminal of each attached display.
//!
//! A command that is sent to the server acts on the display whose terminal is the standard input
//! of the `screen` that sends it, else on the display that was used last. So the client that was
//! found is the one that is told. `-Q` prints what the command returns. The answer takes 5 ms, or
//! a second when `screen` misses the signal that the answer is there (seen in one of ten calls).

use super::command;
use super::generic::{GenericMux, MuxClient, PaneSelector};
use crate::proc::files::ProcessNames;
use crate::proc::pts::{Pts, pts_number};
use crate::proc::{ProcFiles, unix_sockets};
use crate::session::sanitize::clean;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// Longer than the second that an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_millis(2500);

/// Longest answer that an error quotes, in characters.
const MAX_QUOTED: usize = 100;

/// What a screen server shows, and to whom.
pub fn view(proc: &ProcFiles, names: &ProcessNames, server: u32, name: String) -> GenericMux {
    let clients = clients(proc, names, server);
    // The server tells each window its number at birth, and nothing else.
    let panes = GenericMux::panes(proc, server, "WINDOW");
    GenericMux { name, clients, panes, selector: PaneSelector::Screen(socket(proc, server)) }
}

/// The processes that show a screen server, one for each of its displays.
///
/// A display is `/dev/pts/N` among the server's open files; its client is the process called
/// `screen` that has the same terminal on its standard input.
fn clients(proc: &ProcFiles, names: &ProcessNames, server: u32) -> Vec<MuxClient> {
    // In the server's own devpts: a container has other terminals with the same numbers.
    let Some(instance) = proc.devpts(server) else { return Vec::new() };
    let display =
        |(_, target): &(u32, PathBuf)| Some(Pts { instance, number: pts_number(target)? });
    let displays: Vec<Pts> = proc.open_files(server).iter().filter_map(display).collect();
    if displays.is_empty() {
        return Vec::new();
    }
    let mut clients = Vec::new();
    for &pid in names.called("screen").iter().filter(|pid| **pid != server) {
        let Some(terminal) = proc.terminal(pid) else { continue };
        if displays.contains(&terminal) {
            let last_input = proc.last_input(pid);
            clients.push(MuxClient { pid, terminal: Some(terminal), last_input });
        }
    }
    clients
}

/// The server's socket, or its named pipe: `…/4711.name`.
fn socket(proc: &ProcFiles, server: u32) -> Option<PathBuf> {
    let start = format!("{server}.");
    let is_its = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start))
    };
    let files = || proc.open_files(server).into_iter().map(|(_, target)| target);
    unix_sockets::listening(proc, server).into_iter().chain(files()).find(is_its)
}

/// Brings a window into view on this terminal, and checks that it is.
pub async fn select(socket: &Path, number: u32, terminal: Option<Pts>) -> Result<(), String> {
    let wanted = number.to_string();
    // With -X, screen would print a message over what the user reads if the window is in view
    // already.
    let answer = query(socket, terminal, &["select", &wanted]).await?;
    let shown = query(socket, terminal, &["number"]).await?;
    if shown.split_whitespace().next() == Some(&wanted) {
        return Ok(());
    }
    let answer = clean(&answer, MAX_QUOTED);
    Err(format!("screen shows its window {}, not {wanted}: {answer}", shown.trim()))
}

async fn query(socket: &Path, terminal: Option<Pts>, words: &[&str]) -> Result<String, String> {
    let (Some(dir), Some(name)) = (socket.parent(), socket.file_name()) else {
        return Err("the socket of screen was not found".into());
    };
    let mut command = Command::new("screen");
    command.env_remove("STY").env_remove("WINDOW").env("SCREENDIR", dir);
    command.arg("-S").arg(name).arg("-Q").args(words);
    // screen reads nothing from it.
    let stdin = terminal.and_then(|terminal| terminal.open(false));
    command.stdin(stdin.map_or_else(Stdio::null, Stdio::from));
    let output = command::output("screen", &mut command, ANSWER_WITHIN).await?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
