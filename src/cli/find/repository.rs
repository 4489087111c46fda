//! Which repository a directory belongs to, by the files of git (gitrepository-layout(5)).

use crate::system::files::read_regular;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// Largest `.git` file that is read.
const MAX_GIT_FILE: u64 = 8 * 1024;

/// The repositories of these directories, by directory, as far as they are found within `timeout`: a
/// directory may be on a file system that hangs.
pub fn repositories(directories: BTreeSet<String>, timeout: Duration) -> BTreeMap<String, String> {
    let deadline = Instant::now() + timeout;
    let (sender, found) = channel();
    let look = move || {
        for directory in directories {
            let repository = repository(Path::new(&directory));
            let text = repository.map(|it| it.to_string_lossy().into_owned());
            if sender.send(text.map(|it| (directory, it))).is_err() {
                return;
            }
        }
    };
    // A thread that hangs ends with the process.
    if thread::Builder::new().spawn(look).is_err() {
        return BTreeMap::new();
    }
    let left = || deadline.saturating_duration_since(Instant::now());
    std::iter::from_fn(|| found.recv_timeout(left()).ok()).flatten().collect()
}

/// The main working tree of the repository around `directory`; a submodule is a repository of its own.
fn repository(directory: &Path) -> Option<PathBuf> {
    for parent in directory.ancestors() {
        let git = parent.join(".git");
        let Ok(metadata) = std::fs::symlink_metadata(&git) else { continue };
        if metadata.is_file() {
            return Some(main_tree(&git).unwrap_or_else(|| parent.to_owned()));
        }
        return Some(parent.to_owned());
    }
    None
}

/// The main working tree to which a linked one belongs, by its `.git` file.
fn main_tree(git: &Path) -> Option<PathBuf> {
    let (bytes, _) = read_regular(git, MAX_GIT_FILE).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let target = Path::new(text.strip_prefix("gitdir:")?.trim());
    // MAIN/.git/worktrees/NAME
    let worktrees = target.parent().filter(|it| it.ends_with(".git/worktrees"))?;
    Some(worktrees.parent()?.parent()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_linked_tree_belongs_to_the_main_one_and_a_submodule_to_itself() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        for directory in
            ["main/.git/worktrees/x", "main/src/deep", "main/sub/src", "linked/a", "none"]
        {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        let worktree = format!("gitdir: {}/main/.git/worktrees/x\n", root.display());
        fs::write(root.join("linked/.git"), worktree).unwrap();
        fs::write(root.join("main/sub/.git"), "gitdir: ../.git/modules/sub\n").unwrap();
        let path = |name: &str| root.join(name).to_string_lossy().into_owned();
        let directories = ["main/src/deep", "main", "main/sub/src", "linked/a", "none", "gone/x"];
        let found = repositories(directories.map(path).into(), Duration::from_secs(10));
        let of = |name: &str| found.get(&path(name)).cloned();
        assert_eq!(of("main/src/deep"), Some(path("main")));
        assert_eq!(of("main"), Some(path("main")));
        assert_eq!(of("main/sub/src"), Some(path("main/sub")));
        assert_eq!(of("linked/a"), Some(path("main")));
        assert_eq!((of("none"), of("gone/x")), (None, None));
    }
}
