//! `labels.json`: the user's labels on disk.
//!
//! A JSON object, session id → label, that may be read and edited by hand at any time. It is
//! written whole to a temporary file, synced, renamed, and the directory synced: kill -9 or a power
//! cut leaves the old file or the new one. A file that does not parse is copied aside before it is
//! replaced.

use crate::daemon::home::lock::HomeLock;
use crate::daemon::lifecycle::instance::InstanceError;
use crate::session::registry::Labels;
use crate::system::files::{FileStamp, follow_links, read_regular};
use crate::system::replace::{Replacement, remove_leftovers, sync_directory_of};
use serde_json::{Map, Value};
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A larger file was not written by vmux; it is refused.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// The labels of one file.
#[derive(Debug)]
pub struct LabelStore {
    path: PathBuf,
    /// Held while the file is written; `None` where no other process writes it.
    lock: Option<HomeLock>,
    /// The object as it was last read or written; entries that are not labels are kept as they are.
    content: Map<String, Value>,
    /// The version of the file that `content` was read from or written to.
    stamp: Option<FileStamp>,
    /// What is wrong with that file, in one line.
    damage: Option<String>,
}

/// Why labels could not be read or written.
#[derive(Debug, Error)]
pub enum LabelError {
    /// The file is not a JSON object. It has been copied aside.
    #[error("{} is damaged ({reason}); it was kept as {}", .path.display(), .aside.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
        /// The copy.
        aside: PathBuf,
    },
    /// Another vmuxd has vmux's home, and writes the labels.
    #[error(transparent)]
    Locked(#[from] InstanceError),
    /// The file system refused a step.
    #[error("{what} {}: {error}", .path.display())]
    Io {
        /// What was tried, as the beginning of a sentence.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// How it failed.
        error: io::Error,
    },
}

impl LabelStore {
    /// The store at `path`, which is written only while `lock` is held. Nothing is read yet.
    pub fn new(path: PathBuf, lock: Option<HomeLock>) -> LabelStore {
        LabelStore { path, lock, content: Map::new(), stamp: None, damage: None }
    }

    /// A store of the same file, of which nothing is read yet.
    pub fn reopen(&self) -> LabelStore {
        LabelStore::new(self.path.clone(), self.lock.clone())
    }

    /// The labels as they were last read or written.
    pub fn labels(&self) -> Labels {
        let label = |(id, value): (&String, &Value)| {
            let text = value.as_str().filter(|text| !text.is_empty())?;
            Some((id.clone(), text.to_owned()))
        };
        self.content.iter().filter_map(label).collect()
    }

    /// What is wrong with the file as it was last read, in one line.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// Reads the file if it has changed; true if the labels did. A damaged file is copied aside, once,
    /// and the labels read before stay in force.
    pub fn reload(&mut self) -> Result<bool, LabelError> {
        let Some((stamp, bytes)) = self.read(&self.path)? else {
            let changed = !self.content.is_empty();
            self.content.clear();
            (self.stamp, self.damage) = (None, None);
            return Ok(changed);
        };
        if self.stamp == Some(stamp) {
            return Ok(false);
        }
        (self.stamp, self.damage) = (Some(stamp), None);
        if bytes.trim_ascii().is_empty() {
            return Ok(!std::mem::take(&mut self.content).is_empty());
        }
        match serde_json::from_slice::<Map<String, Value>>(&bytes) {
            Ok(content) => {
                let changed = content != self.content;
                self.content = content;
                Ok(changed)
            }
            Err(error) => {
                let error = self.keep_aside(&bytes, &error.to_string());
                if !matches!(error, LabelError::Damaged { .. }) {
                    // Not kept yet, so it must be read, and kept, before it may be replaced.
                    self.stamp = None;
                }
                self.damage = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// Sets a label, or removes it if `label` is empty. When this returns `Ok`, it is on disk.
    pub fn set(&mut self, session_id: &str, label: &str) -> Result<(), LabelError> {
        if let Some(lock) = &self.lock {
            lock.take()?;
        }
        // Picks up an edit by hand since the last read. A damaged file is copied aside by this.
        match self.reload() {
            Ok(_) | Err(LabelError::Damaged { .. }) => {}
            Err(error) => return Err(error),
        }
        let mut content = self.content.clone();
        if label.is_empty() {
            content.remove(session_id);
        } else {
            content.insert(session_id.to_owned(), Value::String(label.to_owned()));
        }
        // A user who keeps the file elsewhere and links to it keeps the link.
        let path = follow_links(&self.path)
            .map_err(|error| self.io("cannot follow", &self.path, error))?;
        self.stamp = Some(self.write(&path, &content)?);
        self.damage = None;
        self.content = content;
        // From now on the label is in force. The new name is on disk once the directory is synced.
        sync_directory_of(&path)
            .map_err(|error| self.io("cannot sync the directory of", &path, error))
    }

    fn read(&self, path: &Path) -> Result<Option<(FileStamp, Vec<u8>)>, LabelError> {
        match read_regular(path, MAX_FILE) {
            Ok((bytes, stamp)) => Ok(Some((stamp, bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io("cannot read", path, error)),
        }
    }

    fn write(&self, path: &Path, content: &Map<String, Value>) -> Result<FileStamp, LabelError> {
        // The home directory may have been unmounted and come back without this directory. Only
        // this one is made: the home itself is not vmux's, nor is what a link leads to.
        let directory = self.path.parent().unwrap_or(Path::new("/"));
        let _ = fs::DirBuilder::new().mode(0o700).create(directory);
        remove_leftovers(path);
        let mut text = serde_json::to_string_pretty(content).unwrap_or_else(|_| "{}".to_owned());
        text.push('\n');
        if text.len() as u64 > MAX_FILE {
            let error = io::Error::other("it would be larger than 16 MiB");
            return Err(self.io("cannot write", path, error));
        }
        let (new, stamp) = self.write_new(path, text.as_bytes())?;
        new.commit(path).map_err(|error| self.io("cannot replace", path, error))?;
        Ok(stamp)
    }

    /// Writes and syncs a new file that is to become `path`.
    fn write_new(&self, path: &Path, bytes: &[u8]) -> Result<(Replacement, FileStamp), LabelError> {
        let written = Replacement::write(path, bytes, 0o600).and_then(|new| {
            new.file().sync_all()?;
            let stamp = FileStamp::of(&new.file().metadata()?);
            Ok((new, stamp))
        });
        written.map_err(|error| self.io("cannot write", path, error))
    }

    fn keep_aside(&self, bytes: &[u8], reason: &str) -> LabelError {
        let reason = reason.to_owned();
        for number in 1..1000 {
            let aside = self.path.with_file_name(format!("labels.json.damaged-{number}"));
            if self.read(&aside).is_ok_and(|kept| kept.is_some_and(|(_, kept)| kept == bytes)) {
                return LabelError::Damaged { path: self.path.clone(), reason, aside };
            }
            if aside.exists() {
                continue;
            }
            let (new, _) = match self.write_new(&aside, bytes) {
                Ok(new) => new,
                Err(error) => return error,
            };
            return match new.commit(&aside) {
                Ok(()) => LabelError::Damaged { path: self.path.clone(), reason, aside },
                Err(error) => self.io("cannot write", &aside, error),
            };
        }
        let error = io::Error::other("a thousand damaged files are kept already");
        self.io("cannot keep aside", &self.path, error)
    }

    fn io(&self, what: &'static str, path: &Path, error: io::Error) -> LabelError {
        LabelError::Io { what, path: path.to_owned(), error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::Mode;

    fn store(dir: &tempfile::TempDir) -> LabelStore {
        LabelStore::new(dir.path().join("labels.json"), None)
    }

    fn text(dir: &tempfile::TempDir) -> String {
        fs::read_to_string(dir.path().join("labels.json")).unwrap()
    }

    #[test]
    fn what_was_set_is_on_disk_and_readable_by_hand() {
        let dir = tempfile::tempdir().unwrap();
        store(&dir).set("one", "api").unwrap();
        assert_eq!(text(&dir), "{\n  \"one\": \"api\"\n}\n");
        let mut again = store(&dir);
        assert!(again.reload().unwrap());
        assert_eq!(again.labels(), Labels::from([("one".into(), "api".into())]));
        again.set("one", "").unwrap();
        assert_eq!(text(&dir), "{}\n");
    }

    #[test]
    fn an_edit_by_hand_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut labels = store(&dir);
        labels.set("one", "api").unwrap();
        fs::write(dir.path().join("labels.json"), r#"{"two":"web","x":[1]}"#).unwrap();
        labels.set("three", "db").unwrap();
        assert_eq!(labels.labels().into_keys().collect::<Vec<_>>(), ["three", "two"]);
        assert!(text(&dir).contains("[\n    1\n  ]"), "what is no label stays as it is");
    }

    #[test]
    fn what_is_no_label_is_kept_to_the_last_digit() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("labels.json"), r#"{"x":-4.4544554455555555e30}"#).unwrap();
        store(&dir).set("one", "api").unwrap();
        assert!(
            text(&dir).contains("-4.4544554455555555e30")
                || text(&dir).contains("-4.4544554455555555e+30"),
            "{}",
            text(&dir)
        );
    }

    #[test]
    fn a_damaged_file_is_kept_aside_and_reported_once() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("labels.json"), r#"{"one": "api""#).unwrap();
        let mut labels = store(&dir);
        assert!(matches!(labels.reload(), Err(LabelError::Damaged { .. })));
        assert!(!labels.reload().unwrap());
        assert!(labels.damage().unwrap().contains("is damaged"));
        labels.set("two", "web").unwrap();
        assert!(labels.damage().is_none());
        assert_eq!(labels.labels(), Labels::from([("two".into(), "web".into())]));
        let aside = fs::read_to_string(dir.path().join("labels.json.damaged-1")).unwrap();
        assert_eq!(aside, r#"{"one": "api""#);
        assert!(matches!(store(&dir).reload(), Ok(true)));
    }

    #[test]
    fn labels_of_before_survive_a_half_finished_edit() {
        let dir = tempfile::tempdir().unwrap();
        let mut labels = store(&dir);
        labels.set("one", "api").unwrap();
        fs::write(dir.path().join("labels.json"), "{").unwrap();
        assert!(labels.reload().is_err());
        assert_eq!(labels.labels().len(), 1);
    }

    #[test]
    fn a_fifo_and_a_directory_are_errors_not_traps() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("labels.json");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            rustix::fs::FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        assert!(store(&dir).reload().is_err() && store(&dir).set("a", "b").is_err());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(store(&dir).reload().is_err() && store(&dir).set("a", "b").is_err());
    }

    #[test]
    fn a_file_that_could_not_be_read_again_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let almost = usize::try_from(MAX_FILE).unwrap() - 100;
        let full = format!(r#"{{"other": "{}"}}"#, "x".repeat(almost));
        fs::write(dir.path().join("labels.json"), &full).unwrap();
        let mut labels = store(&dir);
        assert!(labels.set("one", &"y".repeat(200)).is_err());
        assert_eq!(text(&dir), full);
        labels.set("one", "api").unwrap();
        assert!(store(&dir).reload().unwrap());
    }

    #[test]
    fn a_linked_file_stays_linked() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("dotfiles")).unwrap();
        fs::write(dir.path().join("dotfiles/labels"), "{}").unwrap();
        std::os::unix::fs::symlink("dotfiles/labels", dir.path().join("labels.json")).unwrap();
        store(&dir).set("one", "api").unwrap();
        assert!(dir.path().join("labels.json").is_symlink());
        assert!(text(&dir).contains("api"));
        // Also where it leads to nothing, as dotfiles do that are not there yet.
        fs::remove_file(dir.path().join("dotfiles/labels")).unwrap();
        store(&dir).set("one", "web").unwrap();
        assert!(dir.path().join("labels.json").is_symlink());
        assert!(fs::read_to_string(dir.path().join("dotfiles/labels")).unwrap().contains("web"));
    }
}
