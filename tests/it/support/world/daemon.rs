//! A running vmuxd, and what it says.

use super::{Backoff, DEADLINE, World, readable, until, until_stopped};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use vmux::client::Client;
use vmux::protocol::event::Mirror;
use vmux::session::info::SessionInfo;

/// A vmuxd that is ready. Dropping it kills it.
pub struct Daemon {
    child: Child,
    /// What it wrote to stderr so far, and the thread that reads that.
    said: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    pub socket: PathBuf,
}

impl Daemon {
    /// Start it and wait until it says it is ready.
    pub fn start(world: &World, mut command: Command) -> Daemon {
        let notify = world.path("notify");
        let _ = std::fs::remove_file(&notify);
        let ready = UnixDatagram::bind(&notify).unwrap();
        // Also for a vmuxd of another user.
        std::fs::set_permissions(&notify, PermissionsExt::from_mode(0o777)).unwrap();
        let mut child = command
            .env("NOTIFY_SOCKET", &notify)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, stderr) = (Arc::new(Mutex::default()), child.stderr.take().unwrap());
        let hears = Arc::clone(&said);
        let reader = std::thread::spawn(move || hear(BufReader::new(stderr), &hears));
        let mut daemon = Daemon { child, said, reader: Some(reader), socket: world.socket() };
        if let Some(why) = daemon.is_late(&ready) {
            panic!("vmuxd did not get ready, for {why}: {}", daemon.last_words());
        }
        let mut message = [0; 64];
        let length = ready.recv(&mut message).unwrap();
        assert_eq!(&message[..length], b"READY=1\n");
        daemon
    }

    /// Wait until it has said that it is ready; else why it never will.
    fn is_late(&self, ready: &UnixDatagram) -> Option<&'static str> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let ended = pidfd(&self.child);
        let mut fds =
            [ready.as_fd(), ended.as_fd()].map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
        let patience = Timespec::try_from(DEADLINE).unwrap();
        let told = rustix::io::retry_on_intr(|| poll(&mut fds, Some(&patience))).unwrap();
        let is_ready = !fds[0].revents().is_empty();
        (!is_ready).then_some(if told == 0 { "it hangs" } else { "it has ended" })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal)
            .unwrap();
        if signal == rustix::process::Signal::STOP {
            until_stopped(self.pid());
        }
    }

    /// Wait for its end.
    pub fn wait(&mut self) -> ExitStatus {
        wait(&mut self.child)
    }

    /// What it wrote to stderr, after its end.
    pub fn last_words(&mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.said.lock().unwrap().clone()
    }

    /// Wait until it has written `words` to stderr so often.
    pub fn until_said(&self, words: &str, times: usize) {
        until(&format!("{words:?} in the log, {times} times"), || {
            self.said.lock().unwrap().matches(words).count() >= times
        });
    }

    pub fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(&self.socket).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// One request as bytes, one reply as JSON.
    pub fn raw(&self, line: &[u8]) -> Value {
        let mut stream = self.connect();
        stream.write_all(line).unwrap();
        let mut reply = String::new();
        BufReader::new(stream).read_line(&mut reply).unwrap();
        serde_json::from_str(&reply).unwrap_or_else(|error| panic!("{error}: {reply:?}"))
    }

    pub fn ask(&self, action: &str, args: Value) -> Value {
        let mut line = json!({ "action": action, "args": args }).to_string().into_bytes();
        line.push(b'\n');
        self.raw(&line)
    }

    /// The sessions after a fresh scan.
    pub fn sessions(&self) -> Vec<SessionInfo> {
        assert_eq!(self.ask("scan", json!({}))["ok"], true);
        serde_json::from_value(self.ask("list", json!({}))["sessions"].clone()).unwrap()
    }

    /// The session of `pid` after a fresh scan.
    pub fn session(&self, pid: u32) -> SessionInfo {
        let sessions = self.sessions();
        let found = sessions.iter().find(|it| it.pid == pid).cloned();
        found.unwrap_or_else(|| panic!("no session {pid} in {sessions:?}"))
    }

    /// What ails it, as `vmux` tells it.
    pub fn problems(&self) -> String {
        self.ask("version", json!({}))["daemon"]["problems"].to_string()
    }

    /// Wait until what ails it is as `wanted`. It tells nobody by itself.
    pub fn until_problems(&self, wanted: impl Fn(&str) -> bool) -> String {
        let mut backoff = Backoff::new();
        loop {
            let told = self.problems();
            if wanted(&told) {
                return told;
            }
            std::thread::sleep(backoff.next(&format!("another state than {told}")));
        }
    }

    /// Wait until scans have found the windows of these sessions. A scan waits a second for the
    /// desktop, and the desktop half a second for i3.
    pub fn until_placed(&self, pids: &[u32]) {
        until("a window of each session", || {
            let sessions = self.sessions();
            let is_placed = |pid| sessions.iter().any(|it| it.pid == pid && it.workspace.is_some());
            pids.iter().all(|pid| is_placed(*pid))
        });
    }

    /// Listen to its events.
    pub fn listen(&self) -> Listener {
        let mut client = Client::connect(&self.socket, DEADLINE).unwrap();
        client.subscribe().unwrap();
        let mut listener = Listener { client, mirror: Mirror::default() };
        listener.next();
        listener
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let words = self.last_words();
        if std::thread::panicking() {
            eprintln!("vmuxd said:\n{words}");
        }
    }
}

/// A subscription and the copy it keeps.
pub struct Listener {
    client: Client,
    pub mirror: Mirror,
}

impl Listener {
    fn next(&mut self) {
        let told = self.client.is_buffered() || readable(&self.client);
        assert!(told, "no event within {DEADLINE:?}; the sessions are {:#?}", self.mirror.sessions);
        let line = self.client.event().unwrap().expect("the stream ended");
        self.mirror.apply(line.event);
    }

    /// Wait for events until the sessions are as `wanted`.
    pub fn until(&mut self, mut wanted: impl FnMut(&[SessionInfo]) -> bool) {
        while !wanted(&self.mirror.sessions) {
            self.next();
        }
    }
}

/// Keeps what comes line by line, until its end.
fn hear(mut from: impl BufRead, said: &Mutex<String>) {
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        said.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
}

/// Wait for the end of a process, or fail.
pub fn wait(child: &mut Child) -> ExitStatus {
    assert!(readable(pidfd(child)), "it does not end");
    child.wait().unwrap()
}

fn pidfd(child: &Child) -> OwnedFd {
    use rustix::process::{Pid, PidfdFlags, pidfd_open};
    pidfd_open(Pid::from_child(child), PidfdFlags::empty()).unwrap()
}
