//! Where the Claude Code of a process keeps its files.

use crate::session::process::Candidate;
use std::path::{Component, Path, PathBuf};

/// The config directory that the environment of a process names ([`Environment::config_dir`]), below the
/// root of its file system.
///
/// [`Environment::config_dir`]: crate::session::process::Environment::config_dir
pub fn config_dir(subject: &Candidate) -> Option<PathBuf> {
    Some(below(&subject.root, &subject.env.config_dir()?))
}

/// The global settings file, which holds what the user said of each directory: `.claude.json` in
/// `CLAUDE_CONFIG_DIR`, else in `HOME` (seen on 2.0.77 and 2.1.329).
pub(crate) fn global_settings(subject: &Candidate) -> Option<PathBuf> {
    let dir = config_dir(subject)?;
    match subject.env.get("CLAUDE_CONFIG_DIR").is_some_and(|dir| !dir.is_empty()) {
        true => Some(dir.join(".claude.json")),
        false => Some(dir.parent()?.join(".claude.json")),
    }
}

/// `path` of another process as a path of ours. `..` is dropped: it would lead out of `root`.
pub(crate) fn below(root: &Path, path: &Path) -> PathBuf {
    if root == Path::new("/") {
        return path.to_owned();
    }
    let mut out = root.to_owned();
    for component in path.components() {
        if let Component::Normal(name) = component {
            out.push(name);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::candidate;

    fn dir(env: &[(&str, &str)], root: &str) -> Option<String> {
        let mut subject = candidate(7);
        subject.env = env.iter().copied().collect();
        subject.root = root.into();
        config_dir(&subject).map(|dir| dir.to_string_lossy().into_owned())
    }

    #[test]
    fn follows_the_environment() {
        assert_eq!(dir(&[("HOME", "/home/a")], "/").as_deref(), Some("/home/a/.claude"));
        let set = [("HOME", "/home/a"), ("CLAUDE_CONFIG_DIR", "/x/y")];
        assert_eq!(dir(&set, "/").as_deref(), Some("/x/y"));
        assert_eq!(dir(&set, "/proc/9/root").as_deref(), Some("/proc/9/root/x/y"));
        let tilde = [("HOME", "/home/a"), ("CLAUDE_CONFIG_DIR", "~/c")];
        assert_eq!(dir(&tilde, "/").as_deref(), Some("/home/a/c"));
        assert_eq!(
            dir(&[("HOME", "/h"), ("CLAUDE_CONFIG_DIR", "")], "/").as_deref(),
            Some("/h/.claude")
        );
    }

    #[test]
    fn refuses_what_is_relative_to_nothing() {
        assert_eq!(dir(&[("HOME", "/h"), ("CLAUDE_CONFIG_DIR", "x")], "/"), None);
        assert_eq!(dir(&[("HOME", "/h"), ("CLAUDE_CONFIG_DIR", "~bob/x")], "/"), None);
        assert_eq!(dir(&[("HOME", "h")], "/"), None);
        assert_eq!(dir(&[], "/"), None);
    }
}
