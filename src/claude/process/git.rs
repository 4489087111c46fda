//! The branch of a directory, from the files of git.

use crate::claude::input::{self, FileStamp};
use crate::claude::process::config_dir;
use crate::session::Timestamp;
use crate::session::sanitize::clean;
use crate::session::shared::{SharedPath, Text};
use chrono::TimeDelta;
use std::path::{Component, Path, PathBuf};

/// Largest `HEAD` or `.git` file that is read.
const MAX_FILE_BYTES: u64 = 4096;

/// How often the repository of a directory is looked up again.
const LOOKUP_INTERVAL: TimeDelta = TimeDelta::seconds(10);

/// The branch of one directory, looked up again only when `HEAD` changes.
#[derive(Debug, Default)]
pub(crate) struct Branch {
    directory: Option<SharedPath>,
    head: Option<SharedPath>,
    looked_at: Option<Timestamp>,
    stamp: Option<FileStamp>,
    name: Option<Text>,
}

impl Branch {
    /// The file that names the branch, where there is a repository.
    pub(crate) fn head(&self) -> Option<&SharedPath> {
        self.head.as_ref()
    }

    /// The branch of `directory` (a path of ours; `root`: where the file system of the process
    /// begins): its name, the first seven digits of a commit if none is checked out, none outside
    /// a repository or where `HEAD` names none. Clean text.
    pub(crate) fn look(&mut self, directory: &Path, root: &Path, now: Timestamp) -> Option<&Text> {
        let old = self.looked_at.is_none_or(|at| now - at > LOOKUP_INTERVAL || now < at);
        let is_other = self.directory.as_deref() != Some(directory);
        if is_other || old {
            self.looked_at = Some(now);
            let head = head_of(directory, root).map(SharedPath::from);
            if is_other || head != self.head {
                *self = Branch { looked_at: Some(now), head, ..Branch::default() };
                self.directory = Some(directory.into());
            }
        }
        let head = self.head.as_deref()?;
        let stamp = input::stamp(head);
        if stamp.is_none() || stamp != self.stamp {
            self.stamp = stamp;
            self.name = input::read_small(head, MAX_FILE_BYTES)
                .ok()
                .and_then(|bytes| name(&bytes))
                .map(Text::from);
        }
        self.name.as_ref()
    }
}

/// The main working tree of the repository whose linked worktree a directory lies in; both are paths
/// of the process, whose file system begins at `root`. None outside a linked worktree.
pub(crate) fn repository_of_worktree(directory: &Path, root: &Path) -> Option<PathBuf> {
    let folders = directory.ancestors().take(64);
    let folder = folders.into_iter().find(|folder| {
        let git = config_dir::below(root, &folder.join(".git"));
        std::fs::symlink_metadata(git).is_ok()
    })?;
    let git = config_dir::below(root, &folder.join(".git"));
    let text = String::from_utf8(input::read_small(&git, MAX_FILE_BYTES).ok()?).ok()?;
    let target = plain(&folder.join(text.strip_prefix("gitdir:")?.trim()));
    let worktrees = target.parent().filter(|it| it.ends_with(".git/worktrees"))?;
    worktrees.parent()?.parent().map(Path::to_owned)
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

/// Where the `HEAD` of the repository around a directory is.
fn head_of(directory: &Path, root: &Path) -> Option<PathBuf> {
    let folders = directory.ancestors().take_while(|folder| folder.starts_with(root)).take(64);
    for folder in folders {
        let git = folder.join(".git");
        let Ok(meta) = std::fs::metadata(&git) else { continue };
        if meta.is_dir() {
            return Some(git.join("HEAD"));
        }
        // A linked worktree or a submodule: `gitdir: /path/to/.git/worktrees/name`.
        let text = String::from_utf8(input::read_small(&git, MAX_FILE_BYTES).ok()?).ok()?;
        let target = Path::new(text.strip_prefix("gitdir:")?.trim());
        let target = match target.is_absolute() {
            true => config_dir::below(root, target),
            false => folder.join(target),
        };
        return Some(target.join("HEAD"));
    }
    None
}

fn name(head: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(head).ok()?.trim();
    let name = match text.strip_prefix("ref:") {
        Some(name) => name.trim().strip_prefix("refs/heads/").unwrap_or(name.trim()),
        None if text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => &text[..7],
        None => return None,
    };
    // Repositories that keep their references in a table write this here.
    (name != ".invalid" && !name.is_empty()).then(|| clean(name, 120))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;
    use std::fs;

    #[test]
    fn a_linked_worktree_belongs_to_its_repository() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        fs::create_dir_all(root.join("home/repo/.git/worktrees/wt")).unwrap();
        fs::create_dir_all(root.join("home/wt/src")).unwrap();
        let of = |directory: &str| repository_of_worktree(Path::new(directory), &root);
        for gitdir in ["/home/repo/.git/worktrees/wt", "../repo/.git/worktrees/wt"] {
            fs::write(root.join("home/wt/.git"), format!("gitdir: {gitdir}\n")).unwrap();
            assert_eq!(of("/home/wt"), Some("/home/repo".into()), "{gitdir}");
            assert_eq!(of("/home/wt/src"), Some("/home/repo".into()), "{gitdir}");
        }
        assert_eq!(of("/home/repo"), None);
        assert_eq!(of("/elsewhere"), None);
        // A submodule is a repository of its own.
        for gitdir in ["/home/repo/.git/modules/x", "../../../..", "x", ""] {
            fs::write(root.join("home/wt/.git"), format!("gitdir: {gitdir}")).unwrap();
            assert_eq!(of("/home/wt"), None, "{gitdir}");
        }
        fs::write(root.join("home/wt/.git"), "\u{0}").unwrap();
        assert_eq!(of("/home/wt"), None);
    }

    #[test]
    fn follows_the_head_of_a_repository() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let deep = root.join("repo/src/deep");
        fs::create_dir_all(&deep).unwrap();
        let mut branch = Branch::default();
        assert_eq!(branch.look(&deep, root, time(0)), None);
        fs::create_dir(root.join("repo/.git")).unwrap();
        fs::write(root.join("repo/.git/HEAD"), "ref: refs/heads/feature/x\n").unwrap();
        assert_eq!(branch.look(&deep, root, time(1000)), None, "looked at a second ago");
        assert_eq!(branch.look(&deep, root, time(60_000)).unwrap(), "feature/x");
        fs::write(root.join("repo/.git/HEAD"), "0123456789012345678901234567890123456789\n")
            .unwrap();
        assert_eq!(branch.look(&deep, root, time(60_001)).unwrap(), "0123456");
    }

    #[test]
    fn follows_a_linked_worktree() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("wt")).unwrap();
        fs::create_dir_all(root.join("repo/.git/worktrees/wt")).unwrap();
        fs::write(root.join("repo/.git/worktrees/wt/HEAD"), "ref: refs/heads/wt\u{202e}\n")
            .unwrap();
        fs::write(root.join("wt/.git"), "gitdir: ../repo/.git/worktrees/wt\n").unwrap();
        let mut branch = Branch::default();
        assert_eq!(branch.look(&root.join("wt"), Path::new("/"), time(0)).unwrap(), "wt");
    }
}
