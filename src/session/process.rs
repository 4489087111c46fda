//! Processes: their identity, and what decisions need to know of `/proc`.

use super::Timestamp;
use super::shared::{Shared, SharedPath, Text, Variable};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// The identity of a process. The start time tells it from a later process with the same pid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessId {
    /// The pid as seen by vmuxd.
    pub pid: u32,
    /// Start time in clock ticks since boot: field 22 of `/proc/PID/stat` (proc_pid_stat(5)).
    pub start: u64,
}

/// `4711:86301`, the form in which queries name a process.
impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.pid, self.start)
    }
}

/// What `/proc/PID/stat` says of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Pid and start time.
    pub id: ProcessId,
    /// Pid of the parent.
    pub ppid: u32,
    /// The name in the kernel: at most 15 bytes of any kind, here made valid UTF-8.
    pub comm: Text,
    /// One letter: `R`, `S`, `D`, `T` (stopped), `Z` (zombie) …
    pub state: char,
    /// Pid of the session leader (setsid(2)); not a Claude Code session.
    pub leader: u32,
    /// Device number of the controlling terminal, 0 if none. Not unique across devpts instances.
    pub tty: u64,
    /// Where its code, data and stack lie, in one number: another one after it has executed a program,
    /// even the same one. 0 if the kernel does not tell, as it does not of whom it does not let us read
    /// `exe` either.
    pub image: u64,
}

impl Process {
    /// Whether it has ended, but for what is left of it: it was not waited for, or its other threads still
    /// end. `x` was the letter of Linux 2.6.33 to 3.13 (proc_pid_stat(5)).
    pub fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// A process that may be a Claude Code session, with everything of `/proc` that is needed to find and
/// judge its session. `proc` gathers it, `claude` and `wm` read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What `stat` says.
    pub process: Process,
    /// When it started, by the wall clock (boot time + start ticks; accurate to about 10 ms).
    pub started_at: Timestamp,
    /// Its arguments, made valid UTF-8. Node builds overwrite theirs with just `claude`.
    pub argv: Shared<[String]>,
    /// Bytes of its arguments, with a NUL for each. A title that is written over them keeps the number.
    pub argv_bytes: usize,
    /// Target of `/proc/PID/exe` when the process was first seen to run this program.
    pub exe: Option<SharedPath>,
    /// Target of `/proc/PID/cwd`.
    pub cwd: Option<SharedPath>,
    /// The variables of its environment that are kept.
    pub env: Environment,
    /// Its pid in its own PID namespace; `process.id.pid` unless it runs in a container.
    pub inner_pid: u32,
    /// Whether its standard input is something else than a terminal or `/dev/null`.
    pub is_fed: bool,
    /// Whether its standard output is a terminal; none if that cannot be read.
    pub shows_output: Option<bool>,
    /// Its start in ticks as it sees it itself; `process.id.start` unless it has another time namespace
    /// (time_namespaces(7)).
    pub inner_start: u64,
    /// The root of its file system: `/`, or `/proc/PID/root` if it has another mount namespace.
    pub root: SharedPath,
}

impl Candidate {
    /// Whether the kernel does not let vmuxd read its program, its environment and its directories.
    pub fn is_unreadable(&self) -> bool {
        self.exe.is_none() && self.env.is_empty()
    }
}

/// The variables that are kept of another process's environment. No others are.
pub const ENVIRONMENT: &[&str] = &[
    "HOME",
    "CLAUDE_CONFIG_DIR",
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CODE_DISABLE_TERMINAL_TITLE",
    "CLAUDE_PID",
    "CLAUDE_BG_RENDEZVOUS_SOCK",
    "CLAUDE_PROJECT_DIR",
    "_",
    "TMUX",
    "WINDOW",
    "ZELLIJ_PANE_ID",
    "WINDOWID",
    "DISPLAY",
    "XAUTHORITY",
    "WAYLAND_DISPLAY",
    "KITTY_LISTEN_ON",
    "KONSOLE_DBUS_SERVICE",
    "KONSOLE_DBUS_SESSION",
    "GNOME_TERMINAL_SERVICE",
    "GNOME_TERMINAL_SCREEN",
    "TILIX_ID",
    "TERMINATOR_DBUS_NAME",
    "TERMINATOR_UUID",
    "CLAUDE_CODE_SSE_PORT",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_CONNECTION",
];

/// Variables of a process's environment: only those in [`ENVIRONMENT`]. Processes that have the same
/// ones share them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment(Option<Shared<[Variable]>>);

impl Environment {
    fn variables(&self) -> &[Variable] {
        self.0.as_deref().unwrap_or_default()
    }

    /// The value of a variable; `None` if it is not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        let variable = self.variables().iter().find(|(known, _)| *known == name);
        variable.map(|(_, value)| &**value)
    }

    /// Where Claude Code keeps its files: `CLAUDE_CONFIG_DIR`, else `.claude` in `HOME`.
    ///
    /// `~/…` is expanded; a relative path is refused, because nothing says relative to what. None when
    /// neither is set.
    pub fn config_dir(&self) -> Option<PathBuf> {
        let home = self.get("HOME").filter(|home| home.starts_with('/'));
        let set = self.get("CLAUDE_CONFIG_DIR").filter(|dir| !dir.is_empty());
        let path = match set {
            Some(dir) => match (dir.strip_prefix('~'), home) {
                (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                    PathBuf::from(format!("{home}{rest}"))
                }
                _ => PathBuf::from(dir),
            },
            None => Path::new(home?).join(".claude"),
        };
        Some(path).filter(|path| path.is_absolute())
    }

    /// Adds a variable, if it is not set and is one that is kept.
    pub fn add(&mut self, name: &str, value: &str) {
        let before = self.variables().iter().map(|(name, value)| (*name, value.as_str()));
        *self = before.chain([(name, value)]).collect();
    }

    /// Whether no variable is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

/// Of several values of a variable the first counts, as for getenv(3).
impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Environment {
        let mut kept: Vec<Variable> = Vec::new();
        for (name, value) in variables {
            let known = ENVIRONMENT.iter().find(|known| **known == name.as_ref());
            let new = known.filter(|known| kept.iter().all(|(before, _)| before != *known));
            kept.extend(new.map(|known| (*known, value.as_ref().into())));
        }
        Environment((!kept.is_empty()).then(|| kept.into()))
    }
}

/// A descendant of a session's process, such as the shell of a Bash tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// What `stat` says.
    pub process: Process,
    /// When it started, by the wall clock.
    pub born: Timestamp,
}
