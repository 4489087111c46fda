//! GNU screen: its server keeps a descriptor on the terminal of each attached display.

use super::super::reader::{Reader, pts_number};
use super::Viewer;
use super::peers::activity;

/// The processes that show a screen server, one for each of its displays.
///
/// A display is `/dev/pts/N` among the server's open files; its client is the process called
/// `screen` that has the same terminal on its standard input.
pub fn viewers(reader: &Reader, server: u32) -> Vec<Viewer> {
    let displays: Vec<u64> =
        reader.files(server).iter().filter_map(|(_, target)| pts_number(target)).collect();
    if displays.is_empty() {
        return Vec::new();
    }
    let called_screen = |pid: &u32| {
        *pid != server && (reader.process)(*pid).is_some_and(|process| process.comm == "screen")
    };
    let mut viewers = Vec::new();
    for pid in reader.pids().into_iter().filter(called_screen) {
        let Some(terminal) = reader.terminal(pid) else { continue };
        if displays.contains(&terminal.number) {
            viewers.push(Viewer { pid, activity: activity(reader, pid) });
        }
    }
    viewers
}
