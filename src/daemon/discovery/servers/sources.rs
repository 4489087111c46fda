//! Whether a source has changed since a server started that goes on with what it read then.
//!
//! Sources are the files that git knows below the directory in which the server runs. What a server or
//! an agent writes beside them (caches, `AGENTS.md`, builds) does not count.

use super::git_index;
use crate::daemon::blocking::thread_pool::ThreadPool;
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

#[derive(Default)]
struct Known {
    /// The source that has changed: it stays so.
    changed: Option<String>,
    /// When it was last looked at, and how long that took.
    last: Option<(Instant, Duration)>,
    running: Option<Receiver<(Option<String>, Duration)>>,
    /// Whether its result was waited for in vain.
    is_late: bool,
}

impl SourceChecks {
    /// Nothing is known yet. Disks are read on threads of `pool`.
    pub fn new(pool: ThreadPool) -> SourceChecks {
        SourceChecks { pool, known: HashMap::new() }
    }

    /// Says of servers that their sources have changed. `is_asked`: a client waits for it.
    pub fn check(&mut self, servers: &mut [FoundServer], is_asked: bool, now: Instant) {
        let key = |it: &FoundServer| (it.info.pid, it.info.start, it.info.port, it.info.started_at);
        let keys: Vec<_> = servers.iter().filter(|it| it.keeps_sources).map(key).collect();
        self.known.retain(|key, _| keys.contains(key));
        let (least, times) = if is_asked { ASKED_INTERVAL } else { INTERVAL };
        for server in servers.iter().filter(|it| it.keeps_sources) {
            let known = self.known.entry(key(server)).or_default();
            let is_due = known.last.is_none_or(|(at, took)| now - at >= least.max(took * times));
            if known.changed.is_some() || known.running.is_some() || !is_due {
                continue;
            }
            let (sender, result) = mpsc::channel();
            let directory = PathBuf::from(&server.info.cwd);
            let (since, name) = (server.info.started_at, server.info.name.clone());
            drop(self.pool.call(move || {
                let begun = Instant::now();
                let changed = newest_change(&directory, since, endings(&name));
                // The scan may have given up, and comes back for it.
                let _ = sender.send((changed, begun.elapsed()));
            }));
            known.running = Some(result);
        }
        let mut wait = WAITS;
        for server in servers.iter_mut().filter(|it| it.keeps_sources) {
            let Some(known) = self.known.get_mut(&key(server)) else { continue };
            // A disk that hangs is waited for once.
            wait = if known.take_result(wait, now) { wait } else { Duration::ZERO };
            if let Some(path) = &known.changed {
                let says = format!("{path} has changed since it started");
                let kind = ServerProblemKind::Stale;
                server.info.problems.push(ServerProblem { kind, says });
            }
        }
    }
}

impl Known {
    /// Takes the result of the look that runs; false if it did not come in time.
    fn take_result(&mut self, wait: Duration, now: Instant) -> bool {
        let Some(running) = &self.running else { return true };
        let wait = if self.is_late { Duration::ZERO } else { wait };
        match running.recv_timeout(wait) {
            Ok((changed, took)) => {
                (self.changed, self.last) = (changed, Some((now, took)));
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

/// The endings of the sources of a server of this name.
fn endings(name: &str) -> &'static str {
    let tool = name.split(' ').next().unwrap_or_default();
    match tool {
        "python" | "pypy" | "uvicorn" | "gunicorn" | "hypercorn" | "daphne" | "granian"
        | "flask" | "fastapi" | "waitress-serve" | "manage.py" | "gradio" | "celery" => PYTHON,
        "node" | "bun" | "deno" | "tsx" | "ts-node" | "next" | "nuxt" | "remix" | "remix-serve" => {
            NODE
        }
        "ruby" | "puma" | "rackup" | "unicorn" => RUBY,
        _ => OTHER,
    }
}

/// The file with one of these endings that git knows below `directory` and that changed last, if that
/// was after `since`: relative to the directory, as clean text.
fn newest_change(directory: &Path, since: Timestamp, endings: &str) -> Option<String> {
    let top =
        directory.ancestors().take(64).find(|it| it.join(".git").symlink_metadata().is_ok())?;
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
        let is = |path: &str, name: &str| is_source(Path::new(path), endings(name));
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
