//! The laws of the house, read from the source: who may import whom, how long a file may be, and
//! that each one says what it is for.

use std::fs;
use std::path::{Path, PathBuf};

/// The longest file, in lines; its tests, when they stand at its end, are not counted.
const LONGEST: usize = 300;

/// Room → the rooms it may import. `docs/architecture.md` draws the same arrows.
const ARROWS: &[(&str, &[&str])] = &[
    ("session", &[]),
    ("protocol", &["session"]),
    ("config", &["session"]),
    ("claude", &["session"]),
    ("proc", &["session"]),
    ("wm", &["session"]),
    ("notify", &["session", "config"]),
    ("daemon", &["session", "protocol", "config", "claude", "proc", "wm", "notify"]),
    ("cli", &["session", "protocol", "config"]),
];

/// Rooms and files whose decisions are functions of their arguments: no clock, no disk, no network.
const PURE: &[&str] = &[
    "src/session/",
    "src/claude/verdict",
    "src/wm/resolve",
    "src/cli/show/",
    "src/config/decode",
    "src/config/section",
    "src/config/value",
    "src/config/glob",
    "src/notify/watch",
    "src/notify/matter",
    "src/notify/rules",
    "src/notify/words",
    "src/notify/outbox",
];

/// What an impure file would say.
const IMPURE: &[&str] =
    &["std::fs", "std::net", "std::process", "Utc::now", "SystemTime", "Instant::now", "tokio::"];

#[test]
fn rooms_import_only_what_the_map_allows() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let Some(room) = room_of(&path) else { continue };
        let allowed = ARROWS.iter().find(|(name, _)| *name == room);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("the room {room} is not on the map"));
        for (number, line) in code(&text) {
            for imported in line.split("crate::").skip(1) {
                let imported = imported.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                let imported = imported.unwrap_or_default();
                let is_room = ARROWS.iter().any(|(name, _)| *name == imported);
                if is_room && imported != room && !allowed.contains(&imported) {
                    broken.push(format!("{path}:{number}: {room} must not know {imported}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_file_is_short_and_says_what_it_is_for() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        if !text.starts_with("//!") {
            broken.push(format!("{path}: begins without a //! header"));
        }
        let lines = text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
        if lines > LONGEST && !path.ends_with("_tests.rs") {
            broken.push(format!("{path}: {lines} lines, at most {LONGEST}"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn decisions_read_no_clock_and_no_disk() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        if !PURE.iter().any(|pure| path.starts_with(pure)) {
            continue;
        }
        for (number, line) in code(&text) {
            for word in IMPURE.iter().filter(|word| line.contains(**word)) {
                broken.push(format!("{path}:{number}: {word} in a pure file"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_map_in_the_library_names_every_room() {
    let map = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for room in fs::read_dir(root().join("src")).unwrap() {
        let room = room.unwrap().file_name().into_string().unwrap();
        if room == "bin" || room.ends_with(".rs") {
            continue;
        }
        assert!(map.contains(&format!("pub mod {room};")), "src/lib.rs lacks {room}");
        assert!(map.contains(&format!("[`{room}`]")), "the map in src/lib.rs lacks {room}");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file: its path below the repository, and its text.
pub fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&root().join("src"), &mut found);
    assert!(found.len() > 20, "the sources were not found");
    found
}

fn collect(dir: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn room_of(path: &str) -> Option<&str> {
    let room = path.strip_prefix("src/")?.split('/').next()?;
    (!room.ends_with(".rs") && room != "bin").then_some(room)
}

/// Lines of code with their numbers: no comments, and nothing of the tests at a file's end.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}
