//! Claude Code's settings as a file that belongs to the user: links, owner, mode, indentation and line
//! ends stay as they are, and an older content is kept beside it.

use crate::client::error::plain;
use crate::system::files::{follow_links, read_regular};
use crate::system::replace::{Replacement, sync_directory_of};
use rustix::fs::OFlags;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A larger file, in bytes, is not read. Settings with hundreds of permissions have some 50 KiB.
const MAX_SETTINGS: u64 = 2 * 1024 * 1024;

/// The byte order mark.
const MARK: char = '\u{FEFF}';

/// The settings as they were found.
#[derive(Debug)]
pub struct SettingsFile {
    /// Where links lead.
    path: PathBuf,
    is_linked: bool,
    /// The content; `None` if there is no file.
    text: Option<String>,
    /// The content as JSON; an empty object if there is none.
    pub settings: Value,
}

/// Why the settings were not read.
#[derive(Debug, Error)]
pub enum SettingsError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
}

impl SettingsFile {
    /// Reads the settings at `path`, which may be missing.
    pub fn read(path: &Path) -> Result<SettingsFile, SettingsError> {
        let named = path;
        let path = follow_links(named)?;
        let text = match read_regular(&path, MAX_SETTINGS) {
            Ok((bytes, _)) => {
                Some(String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let json = text.as_deref().map(without_mark).filter(|text| !text.trim().is_empty());
        let json = json.unwrap_or("{}");
        let settings = serde_json::from_str(json)?;
        let is_linked = path != named;
        Ok(SettingsFile { path, is_linked, text, settings })
    }

    /// Writes other settings. With `keep_backup`, the content until now is kept beside the file, as
    /// `settings.json.before-vmux`.
    pub fn write(&self, settings: &Value, keep_backup: bool) -> io::Result<()> {
        self.make_directory()?;
        if let Some(text) = self.text.as_ref().filter(|_| keep_backup) {
            let meta = fs::metadata(&self.path)?;
            let backup = self.backup();
            // Where the owner cannot be kept, the backup is the caller's.
            replacement(&backup, text.as_bytes(), Some(&meta))
                .or_else(|_| replacement(&backup, text.as_bytes(), None))?
                .commit(&backup)?;
        }
        self.replace(&self.serialize(settings)?)
    }

    /// Writes other settings. If they are those of the backup, the backup itself becomes the file
    /// again, to the byte.
    pub fn restore(&self, settings: &Value) -> io::Result<()> {
        let backup = self.backup();
        let bytes = read_regular(&backup, MAX_SETTINGS).map(|(bytes, _)| bytes).ok();
        let is_same = |bytes: &Vec<u8>| {
            let text = std::str::from_utf8(bytes).map(without_mark).unwrap_or_default();
            serde_json::from_str::<Value>(text).is_ok_and(|it| it == *settings)
        };
        let Some(bytes) = bytes.filter(is_same) else {
            return self.replace(&self.serialize(settings)?);
        };
        self.replace(&bytes)?;
        fs::remove_file(backup)
    }

    fn backup(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".before-vmux");
        self.path.with_file_name(name)
    }

    /// Makes `~/.claude` before Claude Code does. A directory that a link leads to is the user's to
    /// make.
    fn make_directory(&self) -> io::Result<()> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        match self.is_linked {
            false => fs::create_dir_all(directory),
            true => fs::metadata(directory).map(drop).map_err(|error| {
                let link = format!("it is a link into {}: {}", directory.display(), plain(&error));
                io::Error::new(error.kind(), link)
            }),
        }
    }

    /// A new file takes the old one's place, unless it would be another one to its owner: with
    /// another owner, or without its other names (hard links). Then the old file is overwritten.
    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let meta = fs::metadata(&self.path).ok();
        let has_other_names = meta.as_ref().is_some_and(|it| it.nlink() > 1);
        if !has_other_names {
            match replacement(&self.path, bytes, meta.as_ref()) {
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                Err(error) => return Err(error),
                Ok(new) => {
                    self.check_unchanged()?;
                    new.commit(&self.path)?;
                    return sync_directory_of(&self.path);
                }
            }
        }
        self.check_unchanged()?;
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits().cast_signed();
        let file = OpenOptions::new().write(true).custom_flags(flags).open(&self.path)?;
        overwrite(&file, bytes).inspect_err(|_| {
            let _ = overwrite(&file, self.text.as_deref().unwrap_or_default().as_bytes());
        })
    }

    /// Claude Code writes this file too.
    fn check_unchanged(&self) -> io::Result<()> {
        let now = read_regular(&self.path, MAX_SETTINGS).map(|(bytes, _)| bytes).ok();
        if now.as_deref() == self.text.as_deref().map(str::as_bytes) {
            return Ok(());
        }
        Err(io::Error::other("another program changed it meanwhile; try again"))
    }

    /// With the indentation, the line ends and the end that the text had.
    fn serialize(&self, settings: &Value) -> io::Result<Vec<u8>> {
        let text = self.text.as_deref().unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with([' ', '\t'])).unwrap_or("  ");
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let mut out = Vec::new();
        if text.starts_with(MARK) {
            out.extend(MARK.to_string().bytes());
        }
        let formatter = PrettyFormatter::with_indent(indent.as_bytes());
        settings.serialize(&mut Serializer::with_formatter(&mut out, formatter))?;
        if text.is_empty() || text.ends_with('\n') {
            out.push(b'\n');
        }
        let line_ends = text.matches('\n').count();
        if line_ends > 0 && text.matches("\r\n").count() == line_ends {
            // Within strings, line breaks are escaped.
            out = String::from_utf8_lossy(&out).replace('\n', "\r\n").into_bytes();
        }
        Ok(out)
    }
}

/// The text without a byte order mark, which some editors write and Claude Code does not mind.
fn without_mark(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// A file with this content on disk, to become `path`; mode and owner are those of `like`.
fn replacement(path: &Path, bytes: &[u8], like: Option<&Metadata>) -> io::Result<Replacement> {
    let new = Replacement::write(path, bytes, 0o600)?;
    if let Some(like) = like {
        let meta = new.file().metadata()?;
        if (meta.uid(), meta.gid()) != (like.uid(), like.gid()) {
            fchown(new.file(), Some(like.uid()), Some(like.gid()))?;
        }
        // After the change of owner, which would clear bits of it.
        let mode = like.permissions().mode() & 0o7777;
        new.file().set_permissions(fs::Permissions::from_mode(mode))?;
    }
    new.file().sync_all()?;
    Ok(new)
}

fn overwrite(file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all_at(bytes, 0)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn file(dir: &tempfile::TempDir, text: &str) -> PathBuf {
        let path = dir.path().join("settings.json");
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn line_ends_and_the_end_stay() {
        let dir = tempfile::tempdir().unwrap();
        for (before, after) in [
            ("{\r\n\t\"a\": 1\r\n}\r\n", "{\r\n\t\"b\": \"\\n\"\r\n}\r\n"),
            ("{\n \"a\": 1\n}", "{\n \"b\": \"\\n\"\n}"),
            ("", "{\n  \"b\": \"\\n\"\n}\n"),
            ("{\r\n    \"a\": [\n]}\n", "{\n    \"b\": \"\\n\"\n}\n"),
            ("\u{FEFF}{}", "\u{FEFF}{\n  \"b\": \"\\n\"\n}"),
            // Blank, but no indentation that JSON allows.
            (" \u{b}\t\n", "{\n \"b\": \"\\n\"\n}\n"),
        ] {
            let path = file(&dir, before);
            SettingsFile::read(&path).unwrap().write(&json!({"b": "\n"}), true).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), after, "{before:?}");
        }
    }

    #[test]
    fn other_names_of_the_file_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, "{\"a\": \"a long text\"}");
        let other = dir.path().join("other");
        fs::hard_link(&path, &other).unwrap();
        SettingsFile::read(&path).unwrap().write(&json!({}), true).unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "{}");
        assert_eq!(fs::metadata(&path).unwrap().nlink(), 2);
    }

    #[test]
    fn another_writer_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, "{}");
        let found = SettingsFile::read(&path).unwrap();
        fs::write(&path, "{\"new\": 1}").unwrap();
        assert!(found.write(&json!({"b": 1}), true).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"new\": 1}");
    }

    #[test]
    fn a_backup_that_fits_is_restored_to_the_byte() {
        let dir = tempfile::tempdir().unwrap();
        let text = "\u{FEFF}{ \"a\": 1 }";
        let path = file(&dir, text);
        SettingsFile::read(&path).unwrap().write(&json!({"a": 1, "hooks": 1}), true).unwrap();
        SettingsFile::read(&path).unwrap().restore(&json!({"a": 1})).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        // Where the user has changed something since, the backup stays.
        SettingsFile::read(&path).unwrap().write(&json!({"a": 2, "hooks": 1}), true).unwrap();
        SettingsFile::read(&path).unwrap().restore(&json!({"a": 2})).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "\u{FEFF}{\n  \"a\": 2\n}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
