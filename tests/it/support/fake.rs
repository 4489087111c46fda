//! A vmuxd of recorded answers, on a socket of its own: what `vmux` is tested against.

use crate::support::world::{DEADLINE, tells, until};
use rustix::event::PollFlags;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use vmux::protocol::frame::decode;
use vmux::protocol::request::Request;
use vmux::session::info::SessionInfo;
use vmux::show::answer;

/// What it does with a request that is none of `list`, `table`, `status` and `subscribe`.
type Answer = dyn Fn(&Value) -> Value + Send + Sync;

/// Answers requests in threads; remembers what it was asked.
pub struct Fake {
    dir: tempfile::TempDir,
    shared: Arc<Shared>,
}

struct Shared {
    asked: Mutex<Vec<Value>>,
    streams: Mutex<Vec<UnixStream>>,
    sessions: Mutex<Value>,
    answer: Box<Answer>,
    /// What it does not answer: it closes the connection, as if it had ended just then.
    ends_at: Mutex<Option<String>>,
}

impl Fake {
    /// With `sessions` in its list; every other request is answered by `answer`.
    pub fn new(sessions: Value, answer: impl Fn(&Value) -> Value + Send + Sync + 'static) -> Fake {
        let shared = Shared {
            asked: Mutex::default(),
            streams: Mutex::default(),
            sessions: Mutex::new(sessions),
            answer: Box::new(answer),
            ends_at: Mutex::default(),
        };
        let fake = Fake { dir: tempfile::tempdir().unwrap(), shared: Arc::new(shared) };
        fake.come();
        fake
    }

    /// With `sessions`, and every request is done.
    pub fn agreeable(sessions: Value) -> Fake {
        Fake::new(sessions, |_| json!({"ok": true}))
    }

    /// Listen on the socket.
    pub fn come(&self) {
        let listener = UnixListener::bind(self.dir().join("s")).unwrap();
        let shared = Arc::clone(&self.shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
    }

    /// As if it had ended: no socket, every subscription closed.
    pub fn leave(&self) {
        std::fs::remove_file(self.dir().join("s")).unwrap();
        self.hang_up();
    }

    /// From now on it ends whenever it is asked for this action.
    pub fn end_at(&self, action: Option<&str>) {
        *self.shared.ends_at.lock().unwrap() = action.map(str::to_owned);
    }

    /// The directory with its socket `s`, its home and its runtime directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What was asked so far, without until when it may be carried out.
    pub fn asked(&self) -> Vec<Value> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Wait until this was asked.
    pub fn wait_for(&self, request: &Value) {
        until(&format!("the request {request}"), || self.asked().contains(request));
    }

    /// Wait until there is such a file, and read it.
    pub fn file(&self, name: &str) -> String {
        let path = self.dir().join(name);
        until(&format!("the file {name}"), || path.exists());
        std::fs::read_to_string(path).unwrap()
    }

    /// Wait until so many have subscribed.
    pub fn wait_for_subscribers(&self, number: usize) {
        until("so many subscribers", || self.shared.streams.lock().unwrap().len() == number);
    }

    /// Wait until every subscriber has closed its end.
    pub fn wait_for_hang_up(&self) {
        let closed = |it: &UnixStream| tells(it, PollFlags::RDHUP, Duration::ZERO);
        until("the end of the subscribers", || {
            self.shared.streams.lock().unwrap().iter().all(closed)
        });
    }

    /// Close every subscription.
    pub fn hang_up(&self) {
        for stream in self.shared.streams.lock().unwrap().drain(..) {
            stream.shutdown(std::net::Shutdown::Both).unwrap();
        }
    }

    /// From now on these are the sessions; every subscriber is told of each.
    pub fn tell(&self, sessions: Value) {
        let mut lines = String::new();
        for session in sessions.as_array().unwrap() {
            let line = json!({"seq": 2, "event": "session", "session": session});
            lines.push_str(&format!("{line}\n"));
        }
        *self.shared.sessions.lock().unwrap() = sessions;
        self.send(&lines);
    }

    /// Say this to every subscriber.
    pub fn send(&self, lines: &str) {
        for stream in self.shared.streams.lock().unwrap().iter_mut() {
            let _ = stream.write_all(lines.as_bytes());
        }
    }

    /// `vmux` with an environment that knows this vmuxd and nothing else.
    pub fn vmux(&self, args: &[&str]) -> Command {
        vmux(self.dir(), args)
    }

    /// Run `vmux` to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.vmux(args).output().unwrap()
    }
}

/// `vmux` in a world of its own in `dir`.
pub fn vmux(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vmux"));
    command
        .args(args)
        .env_clear()
        .env("HOME", dir.join("home"))
        .env("VMUX_HOME", dir.join("vmux"))
        .env("VMUX_SOCKET", dir.join("s"))
        .env("VMUX_NO_START", "1")
        .env("PATH", dir.join("bin"))
        .env("COLUMNS", "100")
        .stdin(Stdio::null());
    command
}

/// What a command printed, and its exit code.
pub fn said(output: &Output) -> (String, String, i32) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
}

/// A program in `dir/bin` that does `script`.
pub fn program(dir: &Path, name: &str, script: &str) -> PathBuf {
    let path = dir.join("bin").join(name);
    std::fs::create_dir_all(dir.join("bin")).unwrap();
    crate::support::program::write(&path, &format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n"));
    path
}

/// A session as JSON: process `pid` in `state`, labelled, since 2026-01-01 12:00 plus `minute`.
pub fn session(pid: u32, state: &str, label: &str, minute: u32) -> Value {
    let since = format!("2026-01-01T12:{minute:02}:00Z");
    let mut session = json!({
        "pid": pid, "start": 1, "session_id": format!("{pid:08}-aaaa-4000-8000-000000000000"),
        "cwd": format!("/src/{label}"), "git_branch": "main", "state": state, "since": since,
        "preview": "", "workspace": null, "label": label,
    });
    if state == "needs_input" {
        session["reason"] = json!("permission");
        session["detail"] = json!("Bash: git push");
        session["waiting_since"] = json!(since);
    }
    session
}

fn serve(stream: UnixStream, shared: &Shared) {
    let mut writer = stream.try_clone().unwrap();
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let request: Value = serde_json::from_str(&line).unwrap();
        let mut asked = request.clone();
        asked.as_object_mut().unwrap().remove("until");
        shared.asked.lock().unwrap().push(asked);
        if request["action"].as_str() == shared.ends_at.lock().unwrap().as_deref() {
            return;
        }
        let mut streams = shared.streams.lock().unwrap();
        let sessions = shared.sessions.lock().unwrap().clone();
        let reply = match request["action"].as_str() {
            Some("list") => json!({"ok": true, "sessions": sessions}),
            Some("table" | "status") => rendered(&line, sessions),
            Some("subscribe") => json!({"seq": 1, "event": "state", "sessions": sessions}),
            _ => (shared.answer)(&request),
        };
        if writer.write_all(format!("{reply}\n").as_bytes()).is_err() {
            return;
        }
        match request["action"].as_str() {
            Some("subscribe") => streams.push(writer.try_clone().unwrap()),
            Some("stop") => return,
            _ => {}
        }
    }
}

/// The reply to `table` or `status`, as vmuxd renders it.
fn rendered(request: &str, sessions: Value) -> Value {
    let sessions: Vec<SessionInfo> = serde_json::from_value(sessions).unwrap();
    let sessions: Vec<&SessionInfo> = sessions.iter().collect();
    let now = chrono::Utc::now();
    let text = match decode(request.as_bytes()) {
        Ok(Request::Table(args)) => answer::table(&args, &sessions, now),
        Ok(Request::Status(args)) => answer::status(&args, &sessions, &[], now),
        other => panic!("{other:?}"),
    };
    json!({"ok": true, "text": text.unwrap().text})
}

/// A running `vmux` whose output is read line by line; it ends with this.
pub struct Running {
    pub child: Child,
    lines: Receiver<String>,
    gone: Arc<AtomicBool>,
}

impl Running {
    /// Start it.
    pub fn start(mut command: Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = std::sync::mpsc::channel();
        let mut stdout = child.stdout.take().unwrap();
        let gone = Arc::new(AtomicBool::new(false));
        let hang_up = Arc::clone(&gone);
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while !hang_up.load(Relaxed) {
                // Whether to hang up is looked at now and then.
                if !tells(&stdout, PollFlags::IN, Duration::from_millis(5)) {
                    continue;
                }
                let mut byte = [0];
                match stdout.read(&mut byte) {
                    Ok(1) if byte == [b'\n'] => {
                        let line = String::from_utf8(std::mem::take(&mut line)).unwrap();
                        let _ = sender.send(line);
                    }
                    Ok(1) => line.push(byte[0]),
                    _ => return,
                }
            }
        });
        Running { child, lines, gone }
    }

    /// The next line; it is an error if none comes for long.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(DEADLINE).unwrap()
    }

    /// Read no more, as a bar that is killed.
    pub fn hang_up(&self) {
        self.gone.store(true, Relaxed);
    }

    /// Wait for it to end by itself.
    pub fn end(&mut self) -> i32 {
        let mut code = None;
        until("the end of vmux", || {
            code = self.child.try_wait().unwrap().map(|it| it.code().unwrap_or(-1));
            code.is_some()
        });
        code.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
