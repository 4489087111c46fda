//! What is wrong with vmuxd's surroundings, for those who ask (`problems`) and for the log.

use crate::protocol::finding::Finding;
use crate::wm::connection::NO_TRACE;
use std::collections::{BTreeMap, BTreeSet};

/// What a problem is about; at most one problem each. Problems are listed in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemSource {
    /// The configuration.
    Config,
    /// The connection to the window manager.
    Desktop,
    /// There is no trace of a window manager.
    NoDesktop,
    /// Directories and processes that do not answer to scans.
    HangingScan,
    /// The lock on vmux's home.
    HomeLock,
    /// inotify is not there, or a limit is reached.
    Inotify,
    /// Reading the labels.
    Labels,
    /// Notifications on the desktop.
    Notifications,
    /// The pid file.
    PidFile,
    /// Messages to the phone.
    Push,
    /// Which sessions run, on disk.
    Record,
    /// Writing labels.
    LabelWrite,
    /// The scan of `/proc`.
    Scan,
    /// Accepting clients.
    Server,
    /// The socket, which vanished.
    Socket,
    /// Threads that cannot be started.
    Threads,
    /// Which sessions are unseen, on disk.
    Unseen,
    /// A path that cannot be watched because it hangs.
    HangingWatch,
}

/// The problems that there are now.
#[derive(Debug, Default)]
pub struct Problems(BTreeMap<ProblemSource, String>);

impl Problems {
    /// Sets or clears the problem of `source`, one line for the user. Logs it when it is new.
    pub fn set(&mut self, source: ProblemSource, problem: Option<String>) {
        let Some(problem) = problem else { return self.clear(source) };
        if self.0.get(&source) != Some(&problem) {
            log::warn!("{problem}");
            self.0.insert(source, problem);
        }
    }

    /// The same for a result: its error is the problem, its value is returned.
    pub fn check<T>(&mut self, source: ProblemSource, result: Result<T, String>) -> Option<T> {
        let (value, problem) = match result {
            Ok(value) => (Some(value), None),
            Err(problem) => (None, Some(problem)),
        };
        self.set(source, problem);
        value
    }

    /// How the connection to the window manager is, in one line.
    pub fn set_desktop(&mut self, status: &str) {
        let is_well = status.ends_with(" connected");
        let problem = |its: bool| (its && !is_well).then(|| status.to_owned());
        self.set(ProblemSource::Desktop, problem(status != NO_TRACE));
        self.set(ProblemSource::NoDesktop, problem(status == NO_TRACE));
    }

    /// `source` has no problem any more.
    pub fn clear(&mut self, source: ProblemSource) {
        self.0.remove(&source);
    }

    /// Whether `source` has a problem.
    pub fn contains(&self, source: ProblemSource) -> bool {
        self.0.contains_key(&source)
    }

    /// Whether no window manager is connected.
    pub fn lacks_desktop(&self) -> bool {
        self.contains(ProblemSource::Desktop) || self.contains(ProblemSource::NoDesktop)
    }

    /// The problems that are counted, one line each.
    pub fn lines(&self) -> Vec<String> {
        self.counted().map(|(_, line)| line.clone()).collect()
    }

    /// How many problems a list tells the user of. Where there is no trace of a window manager, there
    /// may well be none, as on a server.
    pub fn count(&self) -> u32 {
        if self.0.is_empty() {
            return 0;
        }
        self.counted().count().try_into().unwrap_or(u32::MAX)
    }

    fn counted(&self) -> impl Iterator<Item = (ProblemSource, &String)> {
        self.entries().filter(|(source, _)| *source != ProblemSource::NoDesktop)
    }

    /// All problems, and what to do about each.
    pub fn findings(&self) -> Vec<Finding> {
        let finding = |(source, line): (ProblemSource, &String)| {
            let (topic, hint) = source.remedy();
            match source {
                ProblemSource::NoDesktop => Finding::note(topic, line).hint(hint),
                _ => Finding::problem(topic, line, hint),
            }
        };
        self.entries().map(finding).collect()
    }

    /// One cause may have several effects with the same line: that is one problem.
    fn entries(&self) -> impl Iterator<Item = (ProblemSource, &String)> {
        let mut seen = BTreeSet::new();
        self.0
            .iter()
            .map(|(source, line)| (*source, line))
            .filter(move |(_, line)| seen.insert(*line))
    }
}

impl ProblemSource {
    /// What a problem of this source is about, in a word, and what to do about it.
    fn remedy(self) -> (&'static str, &'static str) {
        use ProblemSource::*;
        match self {
            Config => ("configuration", "`vmux config check` lists every fault"),
            Desktop => (
                "desktop",
                "does i3 or sway answer? `i3-msg -t get_version`, `swaymsg -t get_version`; \
                 `wm.socket` in the configuration names its socket",
            ),
            NoDesktop => (
                "desktop",
                "without i3 or sway vmux lists sessions, and cannot go to them; if one runs, start \
                 vmuxd from its configuration: `exec vmuxd`",
            ),
            HangingScan | HangingWatch => {
                ("files", "end what hangs, or unmount it with `umount -l`")
            }
            HomeLock => ("vmuxd", "each machine and container needs a VMUX_HOME of its own"),
            Inotify => (
                "limits",
                "raise fs.inotify.max_user_watches and max_user_instances: sysctl(8); until then \
                 vmux scans every second",
            ),
            Record => (
                "labels",
                "is the disk full, or the home read-only? `vmux restore` knows less then",
            ),
            Labels => {
                ("labels", "repair labels.json, or take it away: it holds nothing but labels")
            }
            LabelWrite | Unseen | PidFile => {
                ("files", "is ~/.vmux writable, and is there room on its disk?")
            }
            Notifications => {
                ("notifications", "start a notification daemon such as dunst or mako, or fnott")
            }
            Push => ("notifications", "check [notify.push] in the configuration"),
            Scan => ("processes", "can /proc be read here?"),
            Server => {
                ("vmuxd", "raise the limit of open files: LimitNOFILE in the unit, `ulimit -n`")
            }
            Socket => ("vmuxd", "is its directory there and writable? It is tried again"),
            Threads => {
                ("limits", "raise the limit of processes: TasksMax in the unit, `ulimit -u`")
            }
        }
    }
}
