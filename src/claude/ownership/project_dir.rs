//! Where transcripts lie: `projects/<directory>/<session id>.jsonl`.
//!
//! The directory is named after the session's working directory in a way that loses information
//! (docs/facts.md T1), so a transcript is found by looking; the name says where to look first.

use std::path::{Path, PathBuf};

/// Longest name before a hash takes the rest.
const MAX_NAME_UNITS: usize = 200;

/// How Claude Code names the project directory of a working directory: each UTF-16 unit that is
/// no ASCII letter or digit becomes `-`; a name of more than 200 is cut and a hash of the whole
/// path appended (seen on 1.0.128 to 2.1.329).
fn directory_name(cwd: &str) -> String {
    let units: Vec<u16> = cwd.encode_utf16().collect();
    let name: String = units
        .iter()
        .map(|unit| {
            u8::try_from(*unit).ok().filter(u8::is_ascii_alphanumeric).map_or('-', char::from)
        })
        .collect();
    if name.len() <= MAX_NAME_UNITS {
        return name;
    }
    let hash =
        units.iter().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(*unit)));
    format!("{}-{}", &name[..MAX_NAME_UNITS], base36(hash.unsigned_abs()))
}

/// The directory below `projects` that is named after `cwd`; none if that is not UTF-8.
pub(crate) fn folder(projects: &Path, cwd: &Path) -> Option<PathBuf> {
    cwd.to_str().map(|cwd| projects.join(directory_name(cwd)))
}

/// Where the transcript of `session_id` is below `projects`: looked for first in the directory of
/// `cwd`, then in all others.
pub(crate) fn find(projects: &Path, session_id: &str, cwd: Option<&Path>) -> Option<PathBuf> {
    if let Some(path) = cwd.and_then(|cwd| find_in(projects, session_id, cwd)) {
        return Some(path);
    }
    let file = format!("{session_id}.jsonl");
    let entries = std::fs::read_dir(projects).ok()?;
    let found = entries.flatten().map(|entry| entry.path().join(&file)).find(|path| path.is_file());
    found.map(exact)
}

/// The same in the directory of `cwd` alone.
pub(crate) fn find_in(projects: &Path, session_id: &str, cwd: &Path) -> Option<PathBuf> {
    let path = folder(projects, cwd)?.join(format!("{session_id}.jsonl"));
    path.is_file().then(|| exact(path))
}

/// Without the room to grow that `join` leaves: it is kept as long as its session.
fn exact(mut path: PathBuf) -> PathBuf {
    path.shrink_to_fit();
    path
}

fn base36(mut number: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(number % 36, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_directories_as_claude_code_does() {
        for (cwd, want) in [
            ("/home/dev/my.proj", "-home-dev-my-proj"),
            ("/home/dev/my proj", "-home-dev-my-proj"),
            ("/home/dev/naïve café", "-home-dev-na-ve-caf-"),
            ("/home/dev/日本語", "-home-dev----"),
            ("/home/dev/emoji🙂x", "-home-dev-emoji--x"),
        ] {
            assert_eq!(directory_name(cwd), want);
        }
        let parts: Vec<String> = (0..10).map(|i| format!("averylongdirectoryname{i:02}")).collect();
        let long = directory_name(&format!("/home/dev/{}", parts.join("/")));
        assert_eq!(long.len(), 207);
        assert!(long.ends_with("-averylongdirect-xp42op"), "{long}");
    }

    #[test]
    fn finds_by_looking() {
        let dir = tempfile::tempdir().unwrap();
        let other = dir.path().join("-moved-here");
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join("abc.jsonl"), "").unwrap();
        let found = find(dir.path(), "abc", Some(Path::new("/home/dev/proj")));
        assert_eq!(found, Some(other.join("abc.jsonl")));
        assert_eq!(find(dir.path(), "xyz", None), None);
        assert_eq!(find(&dir.path().join("nowhere"), "xyz", None), None);
    }
}
