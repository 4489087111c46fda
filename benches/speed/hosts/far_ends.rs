//! Simulated far ends: what vmuxd starts as ssh is this program, which passes bytes on to the benchmark;
//! there a thread for each host speaks the lines of `vmux relay`.

use chrono::Utc;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The first argument of this program where it stands for ssh; the socket and the host follow.
pub const WORD: &str = "--far-end";

/// Passes on bytes between standard input and output and the socket at `path`, until one ends.
pub fn pass_on(path: &str, host: &str) {
    let mut stream = UnixStream::connect(path).unwrap();
    writeln!(stream, "{host}").unwrap();
    let mut from = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut std::io::stdout());
        std::process::exit(0);
    });
    let _ = std::io::copy(&mut std::io::stdin(), &mut stream);
}

/// All hosts.
pub struct FarEnds {
    path: PathBuf,
    shared: Arc<Shared>,
}

struct Shared {
    sessions: u32,
    streams: Mutex<BTreeMap<String, UnixStream>>,
    /// Those that say nothing any more.
    dead: Mutex<BTreeSet<String>>,
}

impl FarEnds {
    /// Hosts with so many sessions each, reached through a socket at `path`.
    pub fn listen(path: &Path, sessions: u32) -> FarEnds {
        let listener = UnixListener::bind(path).unwrap();
        let shared =
            Arc::new(Shared { sessions, streams: Mutex::default(), dead: Mutex::default() });
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let all = Arc::clone(&all);
                std::thread::spawn(move || all.serve(stream));
            }
        });
        FarEnds { path: path.to_owned(), shared }
    }

    /// Puts an `ssh` that leads to these hosts into `directory`.
    pub fn write_ssh(&self, directory: &Path) {
        std::fs::create_dir_all(directory).unwrap();
        let program = std::env::current_exe().unwrap();
        let (program, socket) = (program.display(), self.path.display());
        let text = format!(
            "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\n\
             exec {program} {WORD} {socket} \"$2\"\n"
        );
        let ssh = directory.join("ssh");
        std::fs::write(&ssh, text).unwrap();
        std::fs::set_permissions(&ssh, PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// A session of this host has a new label, which has `number` in it.
    pub fn change(&self, host: &str, session: u32, number: u64) {
        let line = event(session, &format!("change-{number}"));
        let mut streams = self.shared.streams.lock().unwrap();
        // One that was lost is seen in the figures.
        let _ = streams.get_mut(host).map(|stream| stream.write_all(line.as_bytes()));
    }

    /// This host says nothing any more, and comes back no more.
    pub fn kill(&self, host: &str) {
        self.shared.dead.lock().unwrap().insert(host.to_owned());
    }
}

impl Shared {
    fn serve(&self, mut stream: UnixStream) {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let Some(host) = lines.next() else { return };
        let is_dead = || self.dead.lock().unwrap().contains(&host);
        if !is_dead() {
            let greeting = json!({ "relay": 1, "version": "9.9.9", "now": Utc::now() });
            let sessions: String = (0..self.sessions).map(|it| event(it, "first")).collect();
            let sync = |mark: &str| json!({ "sync": mark });
            let (begin, end) = (sync("begin"), sync("end"));
            let text = format!("{greeting}\n{begin}\n{sessions}{end}\n");
            stream.write_all(text.as_bytes()).unwrap();
            self.streams.lock().unwrap().insert(host.clone(), stream);
        }
        for line in lines {
            let Some(beat) = line.strip_prefix("{\"beat\":") else { continue };
            let beat: u64 = beat.trim_end_matches('}').parse().unwrap();
            if is_dead() {
                continue;
            }
            let answer = json!({ "beat": beat, "now": Utc::now() });
            if let Some(stream) = self.streams.lock().unwrap().get_mut(&host) {
                let _ = stream.write_all(format!("{answer}\n").as_bytes());
            }
        }
    }
}

/// The line of a session with this label.
fn event(session: u32, label: &str) -> String {
    let (pid, since) = (1000 + session, "2026-01-01T00:00:00Z");
    let session = json!({
        "pid": pid, "start": pid, "session_id": format!("0b6f0f4e-7f4d-4a2c-9c1b-{pid:012}"),
        "cwd": "/home/user/src/project", "git_branch": "main", "state": "working", "since": since,
        "preview": "I will look at the tests first.", "workspace": null, "label": label,
    });
    json!({ "seq": 1, "event": "session", "session": session }).to_string() + "\n"
}
