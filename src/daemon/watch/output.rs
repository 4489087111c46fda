//! Output on the terminals of sessions: inotify(7) on their devices, which the kernel tells of each
//! write(2) to one. Nothing else tells that a session was stopped (Ctrl-Z) or goes on: no file changes,
//! and a pidfd tells of its end alone. The shell that notices it writes its prompt.

use super::inotify::{Inotify, RawEvent};
use crate::proc::pts::pts_number;
use crate::session::process::ProcessId;
use rustix::fs::inotify::{ReadFlags, WatchFlags};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::time::sleep_until;

/// Output is told this often at most: a spinner writes ten times a second.
const OUTPUT_INTERVAL: Duration = Duration::from_millis(250);

/// Watches terminals. Where that is not possible, the next scan notices what their output would tell.
#[derive(Default)]
pub struct OutputWatcher {
    inotify: Option<Inotify>,
    /// Whether inotify was tried.
    is_tried: bool,
    /// The processes on each terminal, by its watch: one that is stopped, and another.
    of_watch: HashMap<i32, Vec<ProcessId>>,
    /// The watch of each process; none if its terminal cannot be watched.
    known: HashMap<ProcessId, Option<i32>>,
    /// No output is told before this.
    not_before: Option<Instant>,
}

impl OutputWatcher {
    /// Watches the terminal on the standard input of `process`, if it has one.
    pub fn wait(&mut self, process: ProcessId) {
        if !self.known.contains_key(&process) {
            let watch = terminal(process.pid).and_then(|it| self.add(&it));
            self.insert(process, watch);
        }
    }

    /// Watches nothing for `process` any longer.
    pub fn forget(&mut self, process: ProcessId) {
        let Some(watch) = self.known.remove(&process).flatten() else { return };
        let Some(processes) = self.of_watch.get_mut(&watch) else { return };
        processes.retain(|it| *it != process);
        if processes.is_empty() {
            self.of_watch.remove(&watch);
            if let Some(inotify) = &self.inotify {
                inotify.remove(watch);
            }
        }
    }

    /// Waits for output; what it is about says [`OutputWatcher::take`]. Never returns where nothing is
    /// watched. Cancel safe.
    pub async fn next(&mut self) -> Vec<RawEvent> {
        let Some(inotify) = &mut self.inotify else { return std::future::pending().await };
        if let Some(then) = self.not_before {
            sleep_until(then.into()).await;
        }
        inotify.events().await
    }

    /// The processes on whose terminals something was written.
    pub fn take(&mut self, events: &[RawEvent], now: Instant) -> BTreeSet<ProcessId> {
        self.not_before = Some(now + OUTPUT_INTERVAL);
        let mut written = BTreeSet::new();
        for event in events {
            written.extend(self.of_watch.get(&event.watch).into_iter().flatten());
            // Its device is gone.
            if event.flags.contains(ReadFlags::IGNORED) {
                self.of_watch.remove(&event.watch);
            }
        }
        written
    }

    fn add(&mut self, device: &Path) -> Option<i32> {
        if !self.is_tried {
            self.is_tried = true;
            self.inotify = Inotify::new().ok();
        }
        self.inotify.as_ref()?.add(device, WatchFlags::MODIFY).ok()
    }

    fn insert(&mut self, process: ProcessId, watch: Option<i32>) {
        self.known.insert(process, watch);
        if let Some(watch) = watch {
            self.of_watch.entry(watch).or_default().push(process);
        }
    }
}

/// The device on the standard input of a process, if it is one of this machine's pseudo terminals. A
/// container numbers its own.
fn terminal(pid: u32) -> Option<PathBuf> {
    let link = format!("/proc/{pid}/fd/0");
    let device = fs::read_link(&link).ok()?;
    pts_number(&device)?;
    let is_here = fs::metadata(&link).ok()?.dev() == fs::metadata(&device).ok()?.dev();
    is_here.then_some(device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::NamedTempFile;

    #[tokio::test]
    async fn each_process_on_a_terminal_is_told_of_its_output() {
        let mut watcher = OutputWatcher::default();
        let [one, two, other] = [1, 2, 3].map(|pid| ProcessId { pid, start: 7 });
        let devices = [(); 2].map(|()| NamedTempFile::new().unwrap());
        for (process, device) in [(one, 0), (two, 0), (other, 1)] {
            let watch = watcher.add(devices[device].path());
            watcher.insert(process, watch);
        }
        let now = Instant::now();
        let written = async |watcher: &mut OutputWatcher, device: usize| {
            fs::write(devices[device].path(), "x").unwrap();
            let events = watcher.next().await;
            watcher.take(&events, now - OUTPUT_INTERVAL)
        };
        assert_eq!(written(&mut watcher, 0).await, BTreeSet::from([one, two]));
        assert_eq!(written(&mut watcher, 1).await, BTreeSet::from([other]));
        watcher.forget(one);
        assert_eq!(written(&mut watcher, 0).await, BTreeSet::from([two]));
        watcher.forget(two);
        watcher.forget(other);
        assert!(watcher.of_watch.is_empty() && watcher.known.is_empty());
    }

    #[test]
    fn what_is_no_terminal_is_not_watched() {
        let mut watcher = OutputWatcher::default();
        let mut child = std::process::Command::new("sleep")
            .arg("1000")
            .stdin(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let process = ProcessId { pid: child.id(), start: 7 };
        watcher.wait(process);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(watcher.known.get(&process), Some(&None));
        assert!(watcher.inotify.is_none());
    }
}
