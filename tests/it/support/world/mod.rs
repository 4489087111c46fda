//! A world in a temporary directory: a `/proc`, a Claude Code directory, a runtime directory, and a
//! real vmuxd that sees nothing else.

pub mod daemon;
pub mod process;

pub use daemon::Daemon;
pub use process::FakeProcess;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};
use std::fs;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use vmux::session::Timestamp;

/// The last resort: a test that waits for longer than this hangs, and fails. Tests wait for events,
/// never for time, and on the busiest machine those take far less.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// Pauses between two looks at something that no event announces: short at first, for most of it is
/// there soon, then longer, for each look costs a busy machine something.
pub struct Backoff {
    end: Instant,
    pause: Duration,
}

impl Backoff {
    pub fn new() -> Backoff {
        Backoff::from(Duration::from_millis(2))
    }

    /// The first pause is this one.
    pub fn from(pause: Duration) -> Backoff {
        Backoff { end: Instant::now() + DEADLINE, pause }
    }

    /// The next pause. Fails after [`DEADLINE`]: `what` has not happened.
    pub fn next(&mut self, what: &str) -> Duration {
        assert!(Instant::now() < self.end, "{what}: not within {DEADLINE:?}");
        let pause = self.pause;
        self.pause = (pause * 2).min(pause.max(Duration::from_millis(100)));
        pause
    }
}

/// Waits for something that no event announces.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let mut backoff = Backoff::new();
    loop {
        if let Some(value) = look() {
            return value;
        }
        std::thread::sleep(backoff.next(what));
    }
}

/// Waits until `is_so`; `what` is said if that takes too long.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    eventually(what, || is_so().then_some(()));
}

/// Writes a whole file at once, as most programs do: nobody sees the half of it.
pub fn write_whole(path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
    let path = path.as_ref();
    let new = path.with_file_name(format!("{}.part", path.file_name().unwrap().display()));
    fs::write(&new, text).unwrap();
    fs::rename(&new, path).unwrap();
}

/// Wait until there is something to read, or whatever else the descriptor tells; false after
/// [`DEADLINE`].
pub fn readable(fd: impl AsFd) -> bool {
    tells(fd, PollFlags::IN, DEADLINE)
}

/// Wait until a descriptor tells one of `flags`; false after `patience`. A signal, such as that a
/// child of another test ended, is no reason to stop.
pub fn tells(fd: impl AsFd, flags: PollFlags, patience: Duration) -> bool {
    let end = Instant::now() + patience;
    loop {
        let left = Timespec::try_from(end.saturating_duration_since(Instant::now())).unwrap();
        match poll(&mut [PollFd::new(&fd, flags)], Some(&left)) {
            Ok(ready) => return ready > 0,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => panic!("poll: {error}"),
        }
    }
}

/// Waits until a process that was told to stop has stopped: until then it may still act.
pub fn until_stopped(pid: u32) {
    until("a stopped process", || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit(") ").next().unwrap().starts_with('T')
    });
}

pub struct World {
    dir: tempfile::TempDir,
}

impl World {
    pub fn new() -> World {
        // Short, for the path of a Unix socket has at most 107 bytes.
        let dir = tempfile::Builder::new().prefix("vmux").tempdir_in("/tmp").unwrap();
        for name in ["proc", "run", "home/.claude/sessions", "home/.claude/projects", "w"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        World { dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    pub fn socket(&self) -> PathBuf {
        self.path("run/vmux/vmuxd.sock")
    }

    pub fn labels(&self) -> PathBuf {
        self.path("home/.vmux/labels.json")
    }

    /// A command that sees this world only.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.home())
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .current_dir(self.path("w"));
        command
    }

    /// `vmux` of this build.
    pub fn vmux(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_vmux"))
    }

    /// `vmuxd` of this build, on the fake `/proc`.
    pub fn vmuxd(&self) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_vmuxd"));
        command.arg("--proc").arg(self.path("proc"));
        command
    }

    /// A vmuxd that is ready, on the fake `/proc`. It scans when it is asked to.
    pub fn open(&self) -> Daemon {
        let mut command = self.vmuxd();
        command.args(["--interval", "3600"]);
        Daemon::start(self, command)
    }

    /// A process that looks like a session, in the fake `/proc`.
    pub fn claude(&self, pid: u32) -> FakeProcess {
        FakeProcess::new(self, pid, "claude")
    }

    /// Write `sessions/<pid>.json` in place, as Claude Code does.
    pub fn session_file(&self, process: &FakeProcess, fields: Value) {
        let path = self.home().join(format!(".claude/sessions/{}.json", process.pid));
        fs::write(path, self.session_json(process, fields)).unwrap();
    }

    /// What it writes.
    pub fn session_json(&self, process: &FakeProcess, fields: Value) -> String {
        let mut file = json!({
            "pid": process.pid,
            "sessionId": format!("session-of-{}", process.pid),
            "cwd": self.path("w"),
            "startedAt": process.started_at().timestamp_millis(),
            "procStart": process.start.to_string(),
            "version": "2.1.329",
            "kind": "interactive",
            "entrypoint": "cli",
        });
        for (name, value) in fields.as_object().unwrap() {
            file[name] = value.clone();
        }
        file.to_string()
    }
}

/// A time as it was some milliseconds ago.
pub fn ago(milliseconds: i64) -> Timestamp {
    chrono::Utc::now() - chrono::TimeDelta::milliseconds(milliseconds)
}
