//! What the disk says of a server: whether a source has changed since it started, if it goes on with
//! what it read then, and what its project has written down about it ([`super::claims`]).
//!
//! Sources are the files that git knows below the directory in which the server runs. What a server or
//! an agent writes beside them (caches, `AGENTS.md`, builds) does not count.

use super::claims::{self, PortClaim};
use super::git_index;
use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::proc::ProcRoot;
use crate::proc::servers::FoundServer;
use crate::session::Timestamp;
use crate::session::info::server::{ServerProblem, ServerProblemKind};
use crate::session::sanitize::clean;
use crate::system::files::read_regular;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// The largest index that is read: of some hundred thousand files.
const MAX_INDEX: u64 = 64 * 1024 * 1024;

/// Files in which projects write down where their servers listen, and how large they may be.
const DEV_PORTS: &str = ".dev-ports.json";
const FILES: [&str; 2] = [DEV_PORTS, ".next/dev/lock"];
const MAX_CLAIMS: u64 = 64 * 1024;

/// How many files are looked at.
const MAX_FILES: usize = 100_000;

/// What is written this soon after a start was written by what started it.
const SLACK: i64 = 1;

/// How often it is looked at: at least this long after the last look, and so many times as long as that
/// took. When a client asks, sooner.
const INTERVAL: (Duration, u32) = (Duration::from_secs(60), 1000);
const ASKED_INTERVAL: (Duration, u32) = (Duration::from_millis(500), 20);

/// How long a scan waits for the disk; then the answer counts for the next one.
const WAITS: Duration = Duration::from_millis(300);

/// Directories whose files are made, or are not part of what runs.
const LEFT_OUT: &str = "node_modules dist build out target vendor __pycache__ .next .nuxt .git \
    test tests __tests__ spec docs coverage migrations";

/// Endings of sources, by what runs them.
const PYTHON: &str = "py pyi html jinja jinja2 j2 sql graphql";
const NODE: &str = "js mjs cjs ts mts cts jsx tsx vue svelte html ejs hbs pug graphql sql css";
const RUBY: &str = "rb erb haml slim ru";
const OTHER: &str = "rs go java kt scala c h cc cpp hpp cs fs ex exs erl clj zig swift hs ml lua pl \
    sql graphql proto tmpl gohtml";

/// What is known of the sources of each server, by its first process and its port.
pub struct SourceChecks {
    pool: ThreadPool,
    known: HashMap<(u32, u64, u16, Timestamp), Known>,
}

/// The result of one look at the disk.
struct DiskLook {
    changed: Option<String>,
    claims: Vec<(&'static str, PortClaim)>,
    took: Duration,
}

#[derive(Default)]
struct Known {
    /// The source that has changed: it stays so.
    changed: Option<String>,
    /// What files say of its port or as if there were no other server, and which.
    claims: Vec<(&'static str, PortClaim)>,
    /// When it was last looked at, and how long that took.
    last: Option<(Instant, Duration)>,
    running: Option<Receiver<DiskLook>>,
    /// Whether its result was waited for in vain.
    is_late: bool,
}

impl SourceChecks {
    /// Nothing is known yet. Disks are read on threads of `pool`.
    pub fn new(pool: ThreadPool) -> SourceChecks {
        SourceChecks { pool, known: HashMap::new() }
    }

    /// Whether there is something to look at, or a result to take, although no client asks.
    pub fn is_due(&self, now: Instant) -> bool {
        self.known.values().any(|it| it.running.is_some() || it.is_due(false, now))
    }

    /// Says of servers that their sources have changed, what their project calls them, and where a file
    /// of it is wrong. `is_asked`: a client waits for it.
    pub fn check(&mut self, servers: &mut [FoundServer], is_asked: bool, now: Instant) {
        let key = |it: &FoundServer| (it.info.pid, it.info.start, it.info.port, it.info.started_at);
        let is_checked = |it: &&FoundServer| !it.info.auxiliary;
        let keys: Vec<_> = servers.iter().filter(is_checked).map(key).collect();
        self.known.retain(|key, _| keys.contains(key));
        for server in servers.iter().filter(is_checked) {
            let known = self.known.entry(key(server)).or_default();
            if known.is_due(is_asked, now) {
                known.running = Some(look(server, &self.pool));
            }
        }
        let mut wait = WAITS;
        for key in &keys {
            let Some(known) = self.known.get_mut(key) else { continue };
            // A disk that hangs is waited for once.
            wait = if known.take_result(wait, now) { wait } else { Duration::ZERO };
        }
        let of_port = |((_, _, port, _), it): (&(u32, u64, u16, Timestamp), &Known)| {
            let claims = it.claims.iter().map(|(_, claim)| claim);
            claims.filter(|it| it.port == *port).cloned().collect::<Vec<_>>()
        };
        let judged: Vec<PortClaim> = self.known.iter().flat_map(of_port).collect();
        for server in servers {
            if let Some(known) = self.known.get(&key(server)) {
                known.tell(server, &judged);
            }
        }
    }
}

/// Begins a look at the disk, on another thread.
fn look(server: &FoundServer, pool: &ThreadPool) -> Receiver<DiskLook> {
    let (sender, result) = mpsc::channel();
    let directory = PathBuf::from(&server.info.cwd);
    let (since, name, port) = (server.info.started_at, server.info.name.clone(), server.info.port);
    let (keeps_sources, runtime) = (server.keeps_sources, server.runtime);
    drop(pool.call(move || {
        let begun = Instant::now();
        let top = top_of_repository(&directory);
        let change = |top| newest_change(&directory, top, since, endings(runtime, &name));
        let changed = top.filter(|_| keeps_sources).and_then(change);
        let claims = claims_in(&directory, top, port);
        // The scan may have given up, and comes back for it.
        let _ = sender.send(DiskLook { changed, claims, took: begun.elapsed() });
    }));
    result
}

/// What files of the project say of this port, or of a server as if there were one alone.
fn claims_in(directory: &Path, top: Option<&Path>, port: u16) -> Vec<(&'static str, PortClaim)> {
    let mut folders = vec![directory];
    folders.extend(top.filter(|it| *it != directory));
    let mut found = Vec::new();
    for (folder, file) in folders.iter().flat_map(|folder| FILES.map(|file| (folder, file))) {
        let bytes = read_regular(&folder.join(file), MAX_CLAIMS).map(|(bytes, _)| bytes);
        let claims = bytes.map(|bytes| claims::parse(&bytes)).unwrap_or_default();
        let is_of_it = |it: &PortClaim| it.port == port || (file == DEV_PORTS && it.name.is_none());
        found.extend(claims.into_iter().filter(is_of_it).map(|it| (file, it)));
    }
    found
}

impl Known {
    fn is_due(&self, is_asked: bool, now: Instant) -> bool {
        let (least, times) = if is_asked { ASKED_INTERVAL } else { INTERVAL };
        let is_due = |(at, took): (Instant, Duration)| now - at >= least.max(took * times);
        self.running.is_none() && self.last.is_none_or(is_due)
    }

    /// `judged` are the claims about servers on their own ports.
    fn tell(&self, server: &mut FoundServer, judged: &[PortClaim]) {
        if let Some(path) = &self.changed {
            let says = format!("{path} has changed since it started");
            let kind = ServerProblemKind::Stale;
            server.info.problems.push(ServerProblem { kind, says });
        }
        server.info.alias = self.claims.iter().find_map(|(_, claim)| claim.name.clone());
        let lives = |pid: u32| ProcRoot::new("/proc").process(pid).is_some();
        let port = server.info.port;
        let fault = |(file, claim): &(&str, PortClaim)| match claim.port == port {
            true => claims::fault(file, claim, &server.family, lives),
            false => claims::lost(file, claim, port, judged, lives),
        };
        if let Some(says) = self.claims.iter().find_map(fault) {
            let kind = ServerProblemKind::WrongFile;
            server.info.problems.push(ServerProblem { kind, says });
        }
    }

    /// Takes the result of the look that runs; false if it did not come in time.
    fn take_result(&mut self, wait: Duration, now: Instant) -> bool {
        let Some(running) = &self.running else { return true };
        let wait = if self.is_late { Duration::ZERO } else { wait };
        match running.recv_timeout(wait) {
            Ok(DiskLook { changed, claims, took }) => {
                self.changed = changed.or(self.changed.take());
                (self.claims, self.last) = (claims, Some((now, took)));
                (self.running, self.is_late) = (None, false);
            }
            Err(RecvTimeoutError::Disconnected) => (self.running, self.is_late) = (None, false),
            Err(RecvTimeoutError::Timeout) => {
                self.is_late = true;
                return false;
            }
        }
        true
    }
}

/// The endings of the sources of what this interpreter runs; without one, or where its arguments are
/// overwritten, the name tells.
fn endings(runtime: Option<&str>, name: &str) -> &'static str {
    let tool = name.split(' ').next().unwrap_or_default();
    match runtime.unwrap_or(tool) {
        "python" | "pypy" | "uvicorn" | "gunicorn" | "hypercorn" | "daphne" | "granian"
        | "flask" | "fastapi" | "waitress-serve" | "manage.py" | "gradio" | "celery" => PYTHON,
        "node" | "bun" | "deno" | "tsx" | "ts-node" | "next" | "next-server" | "nuxt" | "remix"
        | "remix-serve" => NODE,
        "ruby" | "puma" | "rackup" | "unicorn" => RUBY,
        _ => OTHER,
    }
}

/// The file with one of these endings that git knows below `directory` and that changed last, if that
/// was after `since`: relative to the directory, as clean text.
fn newest_change(directory: &Path, top: &Path, since: Timestamp, endings: &str) -> Option<String> {
    let git = git_directory(top)?;
    let (index, _) = read_regular(&git.join("index"), MAX_INDEX).ok()?;
    let config = read_regular(&git.join("config"), 1024 * 1024).map(|(bytes, _)| bytes);
    let is_sha256 = config.is_ok_and(|it| String::from_utf8_lossy(&it).contains("sha256"));
    let prefix = directory.strip_prefix(top).ok()?.as_os_str().as_bytes().to_owned();
    let mut newest: Option<(i64, String)> = None;
    let mut count = 0;
    git_index::each_file(&index, is_sha256, |path| {
        let Some(own) = below(path, &prefix) else { return true };
        let own = Path::new(OsStr::from_bytes(own));
        if !is_source(own, endings) {
            return true;
        }
        count += 1;
        let changed = directory.join(own).symlink_metadata().map_or(i64::MIN, |it| it.mtime());
        let is_after = changed > since.timestamp() + SLACK;
        if is_after && newest.as_ref().is_none_or(|(other, _)| changed > *other) {
            newest = Some((changed, clean(&own.to_string_lossy(), 200)));
        }
        count < MAX_FILES
    })?;
    newest.map(|(_, path)| path)
}

/// `path` relative to the directory `prefix`, if it is in it.
fn below<'a>(path: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    match prefix {
        [] => Some(path),
        prefix => path.strip_prefix(prefix)?.strip_prefix(b"/"),
    }
}

/// The top of the working tree that a directory is in.
fn top_of_repository(directory: &Path) -> Option<&Path> {
    let has_git = |it: &&Path| it.join(".git").symlink_metadata().is_ok();
    directory.ancestors().take(64).find(has_git)
}

/// The directory of the repository whose working tree begins at `top`.
fn git_directory(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    // A linked worktree: `gitdir: /path/to/.git/worktrees/name`.
    let (bytes, _) = read_regular(&git, 4096).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(top.join(text.strip_prefix("gitdir:")?.trim()))
}

/// Whether a server that runs sources with these endings would read this file.
fn is_source(path: &Path, endings: &str) -> bool {
    let is_word = |list: &str, word: &OsStr| {
        word.to_str().is_some_and(|word| list.split_ascii_whitespace().any(|it| it == word))
    };
    let Some(name) = path.file_name().and_then(OsStr::to_str) else { return false };
    let is_test = name.starts_with("test_")
        || name.contains(".test.")
        || name.contains(".spec.")
        || name.contains("_test.")
        || name == "conftest.py";
    let folders = path.parent().into_iter().flat_map(Path::components);
    !is_test
        && path.extension().is_some_and(|it| is_word(endings, it))
        && !folders.into_iter().any(|it| is_word(LEFT_OUT, it.as_os_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_runs_is_its_source() {
        let is = |path: &str, name: &str| is_source(Path::new(path), endings(None, name));
        // A tool that is not known by name: what runs it tells.
        assert!(is_source(Path::new("app.py"), endings(Some("python"), "litestar run")));
        assert!(!is_source(Path::new("app.py"), endings(Some("node"), "json-server")));
        assert!(is("src/app.py", "uvicorn app:app") && is("templates/a.html", "flask run"));
        assert!(is("server.js", "node server.js") && is("main.go", "server"));
        assert!(!is("static/app.js", "uvicorn app:app"));
        for path in ["README.md", "AGENTS.md", "tests/a.py", "test_app.py", "build/a.py", "a", "py"]
        {
            assert!(!is(path, "uvicorn app:app"), "{path}");
        }
        assert!(!is("src/app.test.ts", "node x.js"));
    }

    #[test]
    fn a_path_is_below_a_directory_or_not() {
        assert_eq!(below(b"a/b.py", b""), Some(&b"a/b.py"[..]));
        assert_eq!(below(b"a/b.py", b"a"), Some(&b"b.py"[..]));
        assert_eq!(below(b"ab/c.py", b"a"), None);
    }
}
