//! A running vmuxd, and what it says.

use super::{DEADLINE, World, readable};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use vmux::client::Client;
use vmux::protocol::event::Mirror;
use vmux::session::info::SessionInfo;

/// A vmuxd that is ready. Dropping it kills it.
pub struct Daemon {
    child: Child,
    pub socket: PathBuf,
}

impl Daemon {
    /// Start it and wait until it says it is ready.
    pub fn start(world: &World, mut command: Command) -> Daemon {
        let notify = world.path("notify");
        let _ = std::fs::remove_file(&notify);
        let ready = UnixDatagram::bind(&notify).unwrap();
        ready.set_read_timeout(Some(DEADLINE)).unwrap();
        // Also for a vmuxd of another user.
        std::fs::set_permissions(&notify, PermissionsExt::from_mode(0o777)).unwrap();
        let child = command
            .env("NOTIFY_SOCKET", &notify)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut daemon = Daemon { child, socket: world.socket() };
        let mut message = [0; 64];
        match ready.recv(&mut message) {
            Ok(length) => assert_eq!(&message[..length], b"READY=1\n"),
            Err(error) => panic!("vmuxd did not get ready ({error}): {}", daemon.last_words()),
        }
        daemon
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal)
            .unwrap();
    }

    /// Wait for its end.
    pub fn wait(&mut self) -> ExitStatus {
        wait(&mut self.child)
    }

    /// What it wrote to stderr, after its end.
    pub fn last_words(&mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut words = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            let _ = stderr.read_to_string(&mut words);
        }
        words
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
        assert!(told, "no event came; the sessions are {:#?}", self.mirror.sessions);
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

/// Wait for the end of a process, or fail.
pub fn wait(child: &mut Child) -> ExitStatus {
    use rustix::process::{Pid, PidfdFlags, pidfd_open};
    let fd = pidfd_open(Pid::from_child(child), PidfdFlags::empty()).unwrap();
    assert!(readable(fd), "it does not end");
    child.wait().unwrap()
}
