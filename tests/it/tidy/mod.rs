//! The laws of the source, checked by reading it: which room may import which, no circles of files,
//! how long a file and how full a folder may be, which files are pure, and that each one says what
//! it is for.

mod imports;
mod packages;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The longest file, in lines; its tests, when they stand at its end, are not counted.
const LONGEST: usize = 300;

/// The fullest folder: files and folders in it.
const FULLEST: usize = 12;

/// The folder that may hold more: one file a command.
const ONE_ENTRY_A_THING: &[&str] = &["src/cli/commands"];

/// Circles of files that are still open. This list only shrinks.
const OPEN_CIRCLES: &[&[&str]] = &[];

/// Folders that are still too full. This list only shrinks.
const OPEN_FOLDERS: &[&str] = &[];

/// Files that call themselves pure and are not held to it yet. This list only shrinks.
const OPEN_PURE: &[&str] = &[];

/// Room → the rooms it may import. `docs/architecture.md` draws the same arrows.
const ARROWS: &[(&str, &[&str])] = &[
    ("system", &[]),
    ("session", &[]),
    ("protocol", &["session"]),
    ("config", &["system", "session"]),
    ("show", &["session", "config", "protocol"]),
    ("claude", &["system", "session"]),
    ("proc", &["session"]),
    ("wm", &["system", "session", "proc"]),
    ("daemon", &["system", "session", "protocol", "config", "show", "claude", "proc", "wm"]),
    ("client", &["system", "session", "protocol", "proc"]),
    ("cli", &["system", "session", "protocol", "config", "show", "client"]),
];

/// Programs in folders of their own → the rooms of the library that they may import.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("bin/vmux-mcp/", &["system", "session", "protocol", "config", "client"]),
    ("bin/vmux-web/", &["system", "session", "protocol", "config", "show", "client", "cli"]),
];

/// Crates of these programs, which the library must not know.
const CRATES_OF_PROGRAMS: &[&str] =
    &["rmcp", "axum", "hyper", "hyper_util", "prometheus_client", "qrcode"];

/// Rooms and files whose decisions are functions of their arguments: no clock, no disk, no network.
const PURE: &[&str] = &[
    "bin/vmux-mcp/view",
    "bin/vmux-web/feed/frame",
    "bin/vmux-web/serve/names",
    "bin/vmux-web/start/address",
    "src/session/",
    "src/claude/process/bun_program",
    "src/claude/process/runtime",
    "src/claude/process/mod",
    "src/claude/process/screen/dialog",
    "src/claude/process/screen/mod",
    "src/claude/process/screen/prompt_box",
    "src/claude/process/screen/seen",
    "src/claude/process/screen/shown",
    "src/claude/process/shell",
    "src/claude/process/teammate",
    "src/claude/inspector/activity",
    "src/claude/inspector/wait",
    "src/claude/transcript/failure",
    "src/claude/inspector/details",
    "src/claude/transcript/message",
    "src/claude/ownership/owner",
    "src/claude/transcript/record",
    "src/claude/transcript/parse",
    "src/claude/ownership/after_clear",
    "src/claude/process/terminal_title",
    "src/claude/transcript/turn",
    "src/claude/verdict",
    "src/daemon/hub/requests/keys/prompts",
    "src/daemon/hub/requests/keys/text",
    "src/wm/carrier/far",
    "src/wm/carrier/near",
    "src/wm/carrier/path",
    "src/wm/locate/mod",
    "src/wm/locate/snapshot",
    "src/wm/locate/window",
    "src/wm/locate/multiplexer",
    "src/cli/args/complete/",
    "src/cli/commands/new/running",
    "src/cli/commands/doctor/judge/",
    "src/cli/commands/hosts/install/plan",
    "src/cli/commands/doctor/report",
    "src/client/start/command",
    "src/cli/hooks/decision",
    "src/cli/hooks/entries",
    "src/cli/hooks/prompt_text",
    "src/daemon/hub/requests/hook/decide",
    "src/daemon/hub/requests/hook/end",
    "src/daemon/hub/requests/hook/log_line",
    "src/daemon/hub/requests/hook/once",
    "src/daemon/hub/requests/hook/one_line",
    "src/daemon/hub/requests/hook/store",
    "src/daemon/hub/requests/doctor/desktop",
    "src/daemon/hub/requests/doctor/process",
    "src/wm/locate/editor",
    "src/wm/locate/titles",
    "src/wm/terminal/told",
    "src/wm/ipc/area",
    "src/wm/locate/visibility",
    "src/show/",
    "src/wm/mux/tmux/capture",
    "src/wm/mux/tmux/protocol",
    "src/config/column",
    "src/config/decode",
    "src/config/edit",
    "src/config/section",
    "src/config/value",
    "src/config/glob",
    "src/config/hosts",
    "src/config/rights",
    "src/daemon/notify/alerts",
    "src/daemon/notify/alert",
    "src/daemon/notify/host_alerts",
    "src/daemon/notify/rules",
    "src/daemon/notify/text",
    "src/daemon/notify/outbox",
    "src/daemon/desktop/switch_history",
    "src/daemon/desktop/urgency_hints",
    "src/daemon/home/labels/overlay",
    "src/daemon/hosts/intake",
    "src/daemon/hosts/lines",
    "src/daemon/hosts/link/mod",
    "src/daemon/hosts/link/far_side",
    "src/daemon/hosts/link/status",
    "src/daemon/hosts/measure",
    "src/daemon/hosts/pace",
    "src/daemon/hosts/untrusted",
    "src/daemon/discovery/servers/claims",
    "src/daemon/discovery/servers/git_index",
    "src/daemon/discovery/servers/ports",
    "src/daemon/watch/directories",
    "src/proc/servers/address",
    "src/proc/servers/attribution",
    "src/proc/servers/family",
    "src/proc/servers/naming/interpreters",
    "src/proc/servers/naming/mod",
    "src/proc/servers/naming/programs",
    "src/proc/servers/problems",
    "src/proc/servers/reload",
    "src/proc/servers/tree",
    "src/proc/inet_diag",
    "src/proc/stat",
    "src/protocol/instance",
    "src/protocol/relay",
    "src/protocol/ssh",
];

/// What an impure file would say.
const IMPURE: &[&str] =
    &["std::fs", "std::net", "std::process", "Utc::now", "SystemTime", "Instant::now", "tokio::"];

/// The files of vmuxd that read a clock, and at how many places: each loop once a turn, and the worker
/// threads, whose jobs may have waited. All else is told the time.
const CLOCK_READERS: &[(&str, usize)] = &[
    // It waits until a time.
    ("src/daemon/blocking/thread_pool.rs", 1),
    // What reads the clocks.
    ("src/daemon/clock.rs", 6),
    ("src/daemon/desktop/switch_attempts.rs", 1),
    ("src/daemon/desktop/task.rs", 1),
    ("src/daemon/discovery/servers/ending.rs", 1),
    ("src/daemon/discovery/servers/mod.rs", 1),
    ("src/daemon/discovery/servers/sources.rs", 2),
    ("src/daemon/discovery/worker.rs", 5),
    // Until when a host may carry out what it is asked.
    ("src/daemon/hosts/mod.rs", 1),
    ("src/daemon/hosts/task.rs", 1),
    ("src/daemon/hub/mod.rs", 1),
    // A text may have waited for others, and for its user to stop typing.
    ("src/daemon/hub/requests/keys/send.rs", 1),
    // The first reading, before there is a loop.
    ("src/daemon/mod.rs", 1),
    ("src/daemon/notify/desktop.rs", 1),
    ("src/daemon/notify/notifier.rs", 1),
];

/// How code reads a clock.
const CLOCK_READS: &[&str] = &[
    "Instant::now",
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "Now::read",
    "clock::boot",
    "clock_gettime(",
    "boottime()",
    ".elapsed()",
];

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
fn programs_import_only_what_the_map_allows() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let program = PROGRAMS.iter().find(|(folder, _)| path.starts_with(folder));
        for (number, line) in code(&text) {
            for imported in line.split("vmux::").skip(1).filter(|_| program.is_some()) {
                let room = imported.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                let room = room.unwrap_or_default();
                let is_room = ARROWS.iter().any(|(name, _)| *name == room);
                if is_room && !program.is_some_and(|(_, rooms)| rooms.contains(&room)) {
                    broken.push(format!("{path}:{number}: it must not know {room}"));
                }
            }
            let foreign = CRATES_OF_PROGRAMS.iter().find(|it| line.contains(&format!("{it}::")));
            if let Some(foreign) = foreign.filter(|_| path.starts_with("src/")) {
                broken.push(format!("{path}:{number}: {foreign} belongs to a program"));
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
fn vmuxd_reads_the_clock_at_one_place_a_loop() {
    let sources = sources();
    let mut reads = Vec::new();
    let is_read = |path: &str| path.starts_with("src/daemon/") && !path.ends_with("_tests.rs");
    for (path, text) in sources.iter().filter(|(path, _)| is_read(path)) {
        let count =
            |line: &str| CLOCK_READS.iter().map(|it| line.matches(it).count()).sum::<usize>();
        let count: usize = code(text).map(|(_, line)| count(line)).sum();
        if count > 0 {
            reads.push((path.as_str(), count));
        }
    }
    assert_eq!(reads, CLOCK_READERS, "files of vmuxd that read a clock");
}

#[test]
fn the_map_in_the_library_names_every_room() {
    let map = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for room in fs::read_dir(root().join("src")).unwrap() {
        let room = room.unwrap().file_name().into_string().unwrap();
        if room.ends_with(".rs") {
            continue;
        }
        assert!(map.contains(&format!("pub mod {room};")), "src/lib.rs lacks {room}");
        assert!(map.contains(&format!("[`{room}`]")), "the map in src/lib.rs lacks {room}");
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let circles = imports::circles(&imports::graph(&sources()));
    let open: Vec<Vec<String>> = OPEN_CIRCLES
        .iter()
        .map(|circle| circle.iter().map(|it| it.to_string()).collect())
        .collect();
    let new: Vec<_> = circles.iter().filter(|it| !open.contains(it)).collect();
    assert!(new.is_empty(), "files that import each other: {new:#?}");
    let gone: Vec<_> = open.iter().filter(|it| !circles.contains(it)).collect();
    assert!(gone.is_empty(), "no circle any more, strike it from OPEN_CIRCLES: {gone:#?}");
}

#[test]
fn no_folder_is_too_full() {
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, _) in sources() {
        let mut path = path.as_str();
        while let Some((folder, entry)) = path.rsplit_once('/') {
            let entries = folders.entry(folder.to_owned()).or_default();
            if !entries.iter().any(|it| it == entry) {
                entries.push(entry.to_owned());
            }
            path = folder;
        }
    }
    let full: Vec<String> = folders
        .into_iter()
        .filter(|(folder, entries)| {
            entries.len() > FULLEST && !ONE_ENTRY_A_THING.contains(&folder.as_str())
        })
        .map(|(folder, _)| folder)
        .collect();
    assert_eq!(full, OPEN_FOLDERS, "folders with more than {FULLEST} entries");
}

#[test]
fn a_file_that_calls_itself_pure_is_held_to_it() {
    let is_held = |path: &str| PURE.iter().any(|pure| path.starts_with(pure));
    let says_so = |text: &str| {
        let header: Vec<&str> = text.lines().take_while(|it| it.starts_with("//!")).collect();
        let header = header.join(" ").to_lowercase();
        header.split(|c: char| !c.is_alphanumeric()).any(|word| word == "pure")
    };
    let unheld: Vec<String> = sources()
        .into_iter()
        // The `mod.rs` of a room says which of its files are pure.
        .filter(|(path, text)| {
            says_so(text) && !is_held(path) && !path.ends_with("/mod.rs") && path != "src/lib.rs"
        })
        .map(|(path, _)| path)
        .collect();
    assert_eq!(unheld, OPEN_PURE, "files that call themselves pure and are not in PURE");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file: its path below the repository, and its text.
pub fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&root().join("src"), &mut found);
    collect(&root().join("bin"), &mut found);
    assert!(found.len() > 20, "the sources were not found");
    found.sort();
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
    (!room.ends_with(".rs")).then_some(room)
}

/// Lines of code with their numbers: no comments, and nothing of the tests at a file's end.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> + Clone {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}
