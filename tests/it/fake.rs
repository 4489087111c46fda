//! A vmuxd of recorded answers, on a socket of its own: what `vmux` is tested against.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

/// Answers requests in a thread; remembers what it was asked.
pub struct Fake {
    dir: tempfile::TempDir,
    asked: Arc<Mutex<Vec<Value>>>,
    streams: Arc<Mutex<Vec<UnixStream>>>,
    state: Arc<Mutex<Value>>,
}

impl Fake {
    /// With `sessions` in its list; every other request is answered by `answer`.
    pub fn new(sessions: Value, answer: impl Fn(&Value) -> Value + Send + Sync + 'static) -> Fake {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("s")).unwrap();
        let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
        let streams: Arc<Mutex<Vec<UnixStream>>> = Arc::default();
        let state = Arc::new(Mutex::new(sessions));
        let fake = Fake {
            dir,
            asked: Arc::clone(&asked),
            streams: Arc::clone(&streams),
            state: Arc::clone(&state),
        };
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (asked, streams, state) =
                    (Arc::clone(&asked), Arc::clone(&streams), Arc::clone(&state));
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || serve(stream, &asked, &streams, &state, &*answer));
            }
        });
        fake
    }

    /// With `sessions`, and every request is done.
    pub fn agreeable(sessions: Value) -> Fake {
        Fake::new(sessions, |_| json!({"ok": true}))
    }

    /// The directory with its socket `s`, its home and its runtime directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }

    /// Tell every subscriber.
    pub fn tell(&self, event: &Value) {
        let mut line = event.to_string();
        line.push('\n');
        for stream in self.streams.lock().unwrap().iter_mut() {
            let _ = stream.write_all(line.as_bytes());
        }
    }

    /// Close every subscription.
    pub fn hang_up(&self) {
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Whether somebody has subscribed.
    pub fn subscribers(&self) -> usize {
        self.streams.lock().unwrap().len()
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
    use std::os::unix::fs::PermissionsExt;
    let path = dir.join("bin").join(name);
    std::fs::create_dir_all(dir.join("bin")).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
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

fn serve(
    stream: UnixStream,
    asked: &Mutex<Vec<Value>>,
    streams: &Mutex<Vec<UnixStream>>,
    state: &Mutex<Value>,
    answer: &dyn Fn(&Value) -> Value,
) {
    let mut writer = stream.try_clone().unwrap();
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let request: Value = serde_json::from_str(&line).unwrap();
        asked.lock().unwrap().push(request.clone());
        let sessions = state.lock().unwrap().clone();
        let reply = match request["action"].as_str() {
            Some("list") => json!({"ok": true, "sessions": sessions}),
            Some("subscribe") => json!({"seq": 1, "event": "state", "sessions": sessions}),
            _ => answer(&request),
        };
        if writer.write_all(format!("{reply}\n").as_bytes()).is_err() {
            return;
        }
        if request["action"] == "subscribe" {
            streams.lock().unwrap().push(writer.try_clone().unwrap());
        }
        if request["action"] == "stop" {
            return;
        }
    }
}
