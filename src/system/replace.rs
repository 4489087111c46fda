//! Replacing a file whole: the new content goes to a temporary file beside it, which is renamed over
//! it. Whatever happens in between, the old file or the new one is there.

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// How often another random name is tried for a temporary file.
const MAX_TRIES: usize = 16;

/// A temporary file that is to take the place of another one. Dropped without
/// [`Replacement::commit`], it is removed.
#[derive(Debug)]
pub struct Replacement {
    temporary: PathBuf,
    file: File,
    is_committed: bool,
}

impl Replacement {
    /// Writes `content` to a new file beside `target`. Its mode is `mode` less the process's umask.
    /// Nothing is synced.
    pub fn write(target: &Path, content: &[u8], mode: u32) -> io::Result<Replacement> {
        let (temporary, file) = create_beside(target, mode)?;
        let mut replacement = Replacement { temporary, file, is_committed: false };
        replacement.file.write_all(content)?;
        Ok(replacement)
    }

    /// The new file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Renames the new file over `target`.
    pub fn commit(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.temporary, target)?;
        self.is_committed = true;
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_committed {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Syncs the directory of `path`, after which a rename in it survives a power cut.
pub fn sync_directory_of(path: &Path) -> io::Result<()> {
    File::open(directory_of(path))?.sync_all()
}

/// Removes the temporary files that replacements of `target` left behind when their process was
/// killed. To be called by the only process that replaces `target`, while it does not.
pub fn remove_leftovers(target: &Path) {
    let prefix = prefix(target);
    for entry in fs::read_dir(directory_of(target)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let random = name.as_bytes().strip_prefix(prefix.as_slice());
        if random.is_some_and(|it| it.len() == 16 && it.iter().all(u8::is_ascii_hexdigit)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Creates `.NAME.RANDOM`, so that no two writers share a file, in whatever namespaces they run.
fn create_beside(target: &Path, mode: u32) -> io::Result<(PathBuf, File)> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mut last = Errno::EXIST;
    for _ in 0..MAX_TRIES {
        let mut name = prefix(target);
        name.extend_from_slice(format!("{:016x}", random()).as_bytes());
        let path = directory_of(target).join(std::ffi::OsStr::from_bytes(&name));
        match rustix::fs::open(&path, flags, Mode::from_raw_mode(mode)) {
            Ok(file) => return Ok((path, File::from(file))),
            Err(Errno::EXIST) => last = Errno::EXIST,
            Err(error) => return Err(error.into()),
        }
    }
    Err(last.into())
}

fn prefix(target: &Path) -> Vec<u8> {
    let name = target.file_name().unwrap_or_default().as_bytes();
    [b".", name, b"."].concat()
}

fn directory_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// The standard library seeds each map with random keys; so this needs no other source.
fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap();
        let mut names: Vec<String> =
            names.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("x");
        for content in ["old", "new"] {
            let replacement = Replacement::write(&target, content.as_bytes(), 0o600).unwrap();
            replacement.commit(&target).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), content);
        }
        drop(Replacement::write(&target, b"never", 0o600).unwrap());
        assert_eq!(names(dir.path()), ["x"]);
        sync_directory_of(&target).unwrap();
    }

    #[test]
    fn two_writers_do_not_share_a_temporary_file() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("x");
        let [one, two] = ["one", "two"]
            .map(|content| Replacement::write(&target, content.as_bytes(), 0o600).unwrap());
        two.commit(&target).unwrap();
        one.commit(&target).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "one");
    }

    #[test]
    fn only_leftovers_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("x");
        let leftover = Replacement::write(&target, b"", 0o600).unwrap();
        std::mem::forget(leftover);
        for name in ["x", ".x.note", ".xy.0123456789abcdef", ".x.0123456789abcdeg"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(names(dir.path()).len(), 5);
        remove_leftovers(&target);
        assert_eq!(
            names(dir.path()),
            [".x.0123456789abcdeg", ".x.note", ".xy.0123456789abcdef", "x"]
        );
    }
}
