//! Worlds with real windows: Xvfb, i3 or sway, terminals and tmux, all with sockets, home and
//! display of their own. What a world started it ends, by pid.
//!
//! The truth about a window is how it came: the workspace that was focused, and the one window
//! whose `window::new` event followed. A marker program called `claude` stands for a session; it
//! tells its pid through a FIFO.

pub mod editor;
pub mod marker;
pub mod mock;
pub mod screen;
pub mod sway;
pub mod truth;

pub use editor::EditorWindow;
pub use screen::Screen;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use vmux::proc::ProcFiles;
use vmux::proc::ProcRoot;

pub use crate::support::world::DEADLINE;

/// Facts from the real `/proc`.
pub fn proc_reader() -> ProcFiles {
    vmux::daemon::desktop::proc_reader::reader(
        &ProcRoot::new("/proc"),
        vmux::daemon::blocking::threads::Threads::default().pool("vmux-proc"),
    )
}

/// Fails where processes can be seen that are none of the tests: what looks at the whole `/proc`
/// would read the sessions of the user.
pub fn need_own_processes() {
    let first = std::fs::read("/proc/1/cmdline").unwrap();
    let is_ours = first.split(|byte| *byte == 0).any(|word| word == b"tests/run");
    assert!(
        is_ours,
        "this test looks at all processes: run it with tests/run, which begins a PID namespace"
    );
}

/// Fails where this is not root.
pub fn need_root(why: &str) {
    assert!(rustix::process::geteuid().is_root(), "this test needs root, {why}: run it as root");
}

/// Fails with the name of the Debian package if a program is missing.
pub fn need(program: &str) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|dir| dir.join(program).exists()) {
        return;
    }
    let packages = include_str!("../../../packages.txt");
    let package = packages.lines().find_map(|line| {
        let (package, programs) = line.split_once(' ')?;
        programs.split_whitespace().any(|p| p == program).then_some(package)
    });
    panic!("{program} is missing: apt-get install {}", package.unwrap_or(program));
}

/// Starts a program with this environment and no other.
pub fn start(env: &BTreeMap<String, String>, dir: &Path, argv: &[String]) -> Child {
    need(&argv[0]);
    let log = std::fs::File::options().create(true).append(true).open(dir.join("log")).unwrap();
    Command::new(&argv[0])
        .args(&argv[1..])
        .env_clear()
        .envs(env)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("{argv:?}: {error}"))
}

/// Ends the tmux server that listens at this socket, also one that is stopped and hears nothing.
pub fn end_tmux(socket: &Path) {
    let Ok(stream) = std::os::unix::net::UnixStream::connect(socket) else { return };
    if let Ok(server) = rustix::net::sockopt::socket_peercred(&stream) {
        let _ = rustix::process::kill_process(server.pid, rustix::process::Signal::KILL);
    }
}

/// Ends an X server or a sway. Only one that is asked to end removes the lock of its display, which says
/// its pid; in another PID namespace that is some other process, and sway tries 33 displays in all.
pub fn end_display(server: &mut Child) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
    let pid = Pid::from_child(server);
    if let (Ok(()), Ok(exit)) =
        (kill_process(pid, Signal::TERM), pidfd_open(pid, PidfdFlags::empty()))
    {
        let deadline = Timespec { tv_sec: 10, tv_nsec: 0 };
        let _ = poll(&mut [PollFd::new(&exit, PollFlags::IN)], Some(&deadline));
    }
    kill(server);
}

/// Kills a process that a test has started.
pub fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Words of a command.
pub fn words<S: AsRef<str>>(words: &[S]) -> Vec<String> {
    words.iter().map(|word| word.as_ref().to_owned()).collect()
}

/// Waits for something that is announced by no event, such as a socket that comes into being.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let mut backoff = crate::support::world::Backoff::new();
    loop {
        if let Some(value) = look().await {
            return value;
        }
        tokio::time::sleep(backoff.next(what)).await;
    }
}

/// Waits until something listens on a socket; that its file is there comes first.
pub async fn listening(socket: &str) {
    eventually(socket, async || std::os::unix::net::UnixStream::connect(socket).ok()).await;
}
