//! Where the window manager's socket is: candidates in the order in which they are tried.
//!
//! `I3SOCK` is what i3 gave to the programs that it started, and goes stale; the property of the
//! root window outlives i3; a socket file stays after `kill -9`. So a socket counts only once
//! something answers behind it.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A socket to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketCandidate {
    /// Its path.
    pub path: PathBuf,
    /// What named it: `the configuration`, `I3SOCK` …
    pub from: &'static str,
}

/// What names a socket, apart from the X server.
#[derive(Debug, Clone, Default)]
pub struct SocketHints {
    /// From the configuration.
    pub configured: Option<PathBuf>,
    /// `I3SOCK`.
    pub i3sock: Option<PathBuf>,
    /// `SWAYSOCK`.
    pub swaysock: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`.
    pub runtime_dir: Option<PathBuf>,
}

impl SocketHints {
    /// The hints in this process's environment.
    pub fn from_env(configured: Option<PathBuf>) -> Self {
        let var =
            |name| std::env::var_os(name).filter(|value: &std::ffi::OsString| !value.is_empty());
        SocketHints {
            configured,
            i3sock: var("I3SOCK").map(PathBuf::from),
            swaysock: var("SWAYSOCK").map(PathBuf::from),
            runtime_dir: var("XDG_RUNTIME_DIR").map(PathBuf::from),
        }
    }
}

/// All sockets to try, in order. `published` are the sockets that i3 wrote on root windows, `found` the
/// sockets in the runtime directory. A configured socket is the only one.
pub fn candidates(
    hints: &SocketHints,
    published: &[PathBuf],
    found: &[PathBuf],
) -> Vec<SocketCandidate> {
    if let Some(path) = &hints.configured {
        return vec![SocketCandidate { path: path.clone(), from: "the configuration" }];
    }
    let mut candidates: Vec<SocketCandidate> = Vec::new();
    let mut add = |path: &Path, from| {
        if !candidates.iter().any(|candidate| candidate.path == path) {
            candidates.push(SocketCandidate { path: path.to_owned(), from });
        }
    };
    if let Some(path) = &hints.i3sock {
        add(path, "I3SOCK");
    }
    if let Some(path) = &hints.swaysock {
        add(path, "SWAYSOCK");
    }
    for path in published {
        add(path, "I3_SOCKET_PATH of the root window");
    }
    for path in found {
        add(path, "the runtime directory");
    }
    candidates
}

/// Sockets of i3 and sway in the runtime directory, the newest first.
pub fn sockets_in(runtime_dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    let mut look = |dir: &Path, prefix: &str| {
        let Ok(entries) = std::fs::read_dir(dir) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                let age = entry.metadata().and_then(|data| data.modified());
                found.push((age.unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
            }
        }
    };
    look(&runtime_dir.join("i3"), "ipc-socket.");
    look(runtime_dir, "sway-ipc.");
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_leads() {
        let hints = SocketHints {
            i3sock: Some("/a".into()),
            swaysock: Some("/a".into()),
            runtime_dir: None,
            configured: None,
        };
        let candidates = candidates(&hints, &["/b".into()], &["/c".into(), "/b".into()]);
        let paths: Vec<_> =
            candidates.iter().map(|candidate| candidate.path.to_str().unwrap()).collect();
        assert_eq!(paths, ["/a", "/b", "/c"]);
    }

    #[test]
    fn a_configured_socket_is_the_only_one() {
        let hints = SocketHints { configured: Some("/x".into()), ..SocketHints::default() };
        assert_eq!(candidates(&hints, &["/b".into()], &[]).len(), 1);
    }

    #[test]
    fn the_newest_socket_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("i3")).unwrap();
        for (name, age) in [("i3/ipc-socket.1", 20), ("sway-ipc.0.2.sock", 10), ("other", 0)] {
            let file = std::fs::File::create(dir.path().join(name)).unwrap();
            let then = SystemTime::now() - std::time::Duration::from_secs(age);
            file.set_modified(then).unwrap();
        }
        let found = sockets_in(dir.path());
        assert!(found[0].ends_with("sway-ipc.0.2.sock"));
        assert!(found[1].ends_with("i3/ipc-socket.1"));
        assert_eq!(found.len(), 2);
    }
}
