//! What may go wrong around vmuxd, each on a real one: disks, directories, descriptors, crowds,
//! clocks, window managers, other users.
//!
//! `VMUX_HEAVY=1` makes the rounds many and the crowds long, see `docs/security.md`.

mod argv;
mod crowd;
mod descriptors;
mod desktop;
mod disk;
mod hang;
mod home;
mod inotify;
mod instances;
mod kill;
mod mux_trust;
mod procs;
mod restarts;
mod slow;
mod soak;
mod strangers;
mod suspend;
mod threads;
mod transcripts;
mod traps;
mod unit;
mod words;

use crate::support::world::{Daemon, World};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Whether to take the time that a thorough test needs.
pub fn heavy() -> bool {
    std::env::var_os("VMUX_HEAVY").is_some_and(|it| !it.is_empty() && it != "0")
}

/// `normal` rounds, or `heavy` ones.
pub fn rounds(normal: usize, thorough: usize) -> usize {
    if heavy() { thorough } else { normal }
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// vmuxd in namespaces of its own (arguments of unshare(1)), after a shell script ran in them. The
/// script gets the world's directory as `$W`.
pub fn vmuxd_after(world: &World, namespaces: &[&str], script: &str) -> Command {
    let mut command = world.command("unshare");
    command.args(namespaces);
    if !is_root() && !namespaces.contains(&"-r") {
        // Whoever may not make namespaces may make them in a user namespace.
        command.arg("-r");
    }
    let script = format!("{script}\nexec \"$@\"");
    command.args(["sh", "-ec", &script, "sh", env!("CARGO_BIN_EXE_vmuxd")]);
    command.arg("--proc").arg(world.path("proc")).args(["--interval", "3600"]);
    command.env("W", world.path("")).env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    command
}

/// The same, ready.
pub fn open_after(world: &World, namespaces: &[&str], script: &str) -> Daemon {
    Daemon::start(world, vmuxd_after(world, namespaces, script))
}

/// `path` as vmuxd sees it, in whatever mount namespace it lives.
pub fn seen_by(daemon: &Daemon, path: &Path) -> PathBuf {
    PathBuf::from(format!("/proc/{}/root{}", daemon.pid(), path.display()))
}

/// A number of `/proc/PID/status`: `VmHWM` in KiB, `Threads`, `voluntary_ctxt_switches` …
pub fn status(pid: u32, field: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.and_then(|it| it.split_whitespace().next()?.parse().ok())
        .unwrap_or_else(|| panic!("no {field} in {text}"))
}

/// How many file descriptors a process has open.
pub fn descriptors(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// Where the transcript of the session of `pid` belongs in this world.
pub fn transcript(world: &World, pid: u32) -> PathBuf {
    let name: String = world
        .path("w")
        .to_str()
        .unwrap()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let folder = world.home().join(".claude/projects").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(format!("session-of-{pid}.jsonl"))
}

/// A line of a transcript in which Claude says `text` and ends its turn.
pub fn said(text: &str) -> String {
    let at = chrono::Utc::now().to_rfc3339();
    let message = serde_json::json!({
        "type": "assistant", "timestamp": at,
        "message": {
            "model": "m", "stop_reason": "end_turn", "content": [{"type": "text", "text": text}],
        },
    });
    format!("{message}\n")
}

/// Sets a flag at the end of a test, also of one that fails: threads that go on until then would
/// keep it from failing.
pub struct SetAtEnd<'a>(pub &'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Something that must not take long, measured beside what the machine needs anyway: a busy one
/// needs longer for everything.
pub struct Hurry {
    usual: Duration,
    began: Instant,
}

impl Hurry {
    /// Does the usual thing, and begins to measure.
    pub fn like(usual: impl FnOnce()) -> Hurry {
        let began = Instant::now();
        usual();
        Hurry::after(began.elapsed())
    }

    /// The usual thing took so long; begins to measure.
    pub fn after(usual: Duration) -> Hurry {
        Hurry { usual, began: Instant::now() }
    }

    /// Fails if it has taken longer than that.
    pub fn assert_within(&self, most: Duration) {
        let (took, usual) = (self.began.elapsed(), self.usual);
        assert!(took < most + usual * 10, "it took {took:?}, the usual takes {usual:?}");
    }
}

/// Not random, but without any order: one number after the other (xorshift64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}
