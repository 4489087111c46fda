//! A `~/.claude` as it was at one instant, and the processes beside it.

#![allow(clippy::unwrap_used, reason = "a test that cannot build its world has failed")]

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use vmux::claude::inspector::{Inspector, Surroundings};
use vmux::claude::ownership::claim::OwnershipClaim;
use vmux::claude::process;
use vmux::session::Timestamp;
use vmux::session::hook::HookReports;
use vmux::session::process::{Candidate, Child, Environment, Process, ProcessId};
use vmux::session::registry::observation::Observation;

/// A scenario of the corpus.
#[derive(Deserialize)]
pub struct Truth {
    pub version: String,
    pub scenario: String,
    pub instants: Vec<Instant>,
}

/// One instant of a scenario.
#[derive(Deserialize)]
pub struct Instant {
    pub label: String,
    /// Milliseconds since the epoch.
    now: i64,
    /// Directories that the user trusts.
    trusted: Vec<String>,
    pub sessions: BTreeMap<String, Session>,
    /// `sessions/*.json`, by name.
    pub sessions_dir: BTreeMap<String, serde_json::Value>,
    /// Path below the config directory → the file that holds it, and its age in milliseconds.
    files: BTreeMap<String, (String, i64)>,
}

/// One process of an instant, and what was on its screen.
#[derive(Deserialize)]
pub struct Session {
    /// `working`, `needs_input:permission`, …; `other`: no session.
    pub want: String,
    pub session_id: Option<String>,
    pid: u32,
    ppid: u32,
    start: u64,
    started_at: i64,
    comm: String,
    exe: Option<PathBuf>,
    cwd: Option<PathBuf>,
    argv: Vec<String>,
    env: BTreeMap<String, String>,
    leader: u32,
    tty: u64,
    state: char,
    children: Vec<Descendant>,
}

#[derive(Deserialize)]
struct Descendant {
    pid: u32,
    ppid: u32,
    start: u64,
    born: i64,
    comm: String,
    leader: u32,
    tty: u64,
    state: char,
    /// Its arguments, cut.
    argv: Vec<String>,
}

/// Reads a scenario.
pub fn read(folder: &Path) -> Truth {
    let path = folder.join("truth.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A home directory that instants are built in.
pub struct World {
    home: tempfile::TempDir,
}

impl World {
    pub fn new() -> World {
        World { home: tempfile::tempdir().unwrap() }
    }

    fn config(&self) -> PathBuf {
        self.home.path().join(".claude")
    }

    /// Makes the directory what it was. Files that existed before keep their inodes.
    pub fn build(&self, folder: &Path, instant: &Instant) {
        let mut wanted = BTreeMap::new();
        for (path, (stored, age)) in &instant.files {
            let content = fs::read(folder.join(stored)).unwrap();
            wanted.insert(self.config().join(path), (content, instant.now - age));
        }
        for (name, content) in &instant.sessions_dir {
            let path = self.config().join("sessions").join(name);
            wanted.insert(path, (content.to_string().into_bytes(), instant.now));
        }
        // 2.1.329 writes a key beside the session file, before any dialog. The corpus leaves it out.
        let writes_key =
            |it: &&Session| it.exe.as_ref().is_some_and(|exe| exe.ends_with("2.1.329"));
        for session in instant.sessions.values().filter(writes_key) {
            let path = self.config().join(format!("sessions/{}.00.key", session.pid));
            wanted.insert(path, (Vec::new(), instant.now));
        }
        let settings = self.home.path().join(".claude.json");
        let trusted = instant.trusted.iter();
        let projects: BTreeMap<_, _> =
            trusted.map(|cwd| (cwd, serde_json::json!({"hasTrustDialogAccepted": true}))).collect();
        let content = serde_json::json!({"hasCompletedOnboarding": true, "projects": projects});
        wanted.insert(settings, (content.to_string().into_bytes(), instant.now));
        self.remove_others(self.home.path(), &wanted);
        for (path, (content, modified)) in wanted {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            let time = SystemTime::UNIX_EPOCH + Duration::from_millis(modified.try_into().unwrap());
            fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
        }
    }

    fn remove_others<T>(&self, folder: &Path, wanted: &BTreeMap<PathBuf, T>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.remove_others(&path, wanted);
            } else if !wanted.contains_key(&path) {
                fs::remove_file(&path).unwrap();
            }
        }
    }

    /// One look, as the daemon does it.
    pub fn look(
        &self,
        inspector: &mut Inspector,
        instant: &Instant,
        session: &Session,
    ) -> Option<Observation> {
        let subject = session.candidate(self);
        if !process::is_session(&subject.argv, subject.exe.as_deref(), &subject.process.comm) {
            return None;
        }
        let peers: Vec<Arc<Candidate>> = instant
            .sessions
            .values()
            .map(|peer| peer.candidate(self))
            .filter(|peer| process::is_session(&peer.argv, peer.exe.as_deref(), &peer.process.comm))
            .map(Arc::new)
            .collect();
        let holder = |id: &str| -> Option<OwnershipClaim> {
            let file = instant.sessions_dir.values().find(|file| file["sessionId"] == *id)?;
            let pid = file["pid"].as_u64()?;
            let holder = peers.iter().find(|peer| u64::from(peer.process.id.pid) == pid)?;
            (holder.process.id != subject.process.id).then_some(OwnershipClaim::ByFile)
        };
        let around = Surroundings {
            peers: &peers,
            teammates: &peers,
            claimed: &holder,
            session_of: &|_| None,
            holder_of: &|_| None,
            children: &|| session.children.iter().map(Descendant::child).collect(),
            argv: &|pid| {
                let child = session.children.iter().find(|it| it.pid == pid);
                child.map(|it| it.argv.clone()).unwrap_or_default()
            },
            env: &|_| Environment::default(),
            usage: &|| None,
            wants_to_run: &|| false,
            is_bun_program: &|| false,
            session_dirs: &[],
            title: None,
            screen: None,
            hooks: &HookReports::default(),
        };
        inspector.look(&subject, &around, instant.now())
    }
}

impl Instant {
    /// When it was.
    pub fn now(&self) -> Timestamp {
        time(self.now)
    }
}

impl Session {
    /// Its process, with its home in `world`.
    pub fn candidate(&self, world: &World) -> Candidate {
        let home = world.home.path().to_string_lossy();
        let rest = self.env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let env = [("HOME", home.as_ref())].into_iter().chain(rest).collect();
        Candidate {
            process: Process {
                id: ProcessId { pid: self.pid, start: self.start },
                ppid: self.ppid,
                comm: self.comm.as_str().into(),
                state: self.state,
                leader: self.leader,
                tty: self.tty,
                image: 0,
            },
            started_at: time(self.started_at),
            argv: self.argv.clone().into(),
            argv_bytes: 0,
            exe: self.exe.as_deref().map(Into::into),
            cwd: self.cwd.as_deref().map(Into::into),
            env,
            inner_pid: self.pid,
            is_fed: false,
            shows_output: Some(true),
            inner_start: self.start,
            root: Path::new("/").into(),
        }
    }
}

impl Descendant {
    fn child(&self) -> Child {
        Child {
            process: Process {
                id: ProcessId { pid: self.pid, start: self.start },
                ppid: self.ppid,
                comm: self.comm.as_str().into(),
                state: self.state,
                leader: self.leader,
                tty: self.tty,
                image: 0,
            },
            born: time(self.born),
        }
    }
}

fn time(millis: i64) -> Timestamp {
    chrono::DateTime::from_timestamp_millis(millis).unwrap()
}
