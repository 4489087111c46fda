//! Links, FIFOs, directories and devices where files are expected: vmuxd starts and answers, and
//! nothing is written through a link that somebody laid.

use crate::support::world::{Daemon, World};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

/// Files and directories that vmuxd or Claude Code keep, below the home directory.
const NAMES: &[&str] = &[
    ".claude",
    ".claude.json",
    ".claude/sessions",
    ".claude/sessions/100.json",
    ".claude/projects",
    ".claude/debug",
    ".claude/settings.json",
    ".vmux",
    ".vmux/labels.json",
    ".vmux/config.toml",
    ".vmux/vmuxd.pid",
    ".vmux/instance.lock",
    ".vmux/unseen.json",
];

const KINDS: &[&str] = &["fifo", "directory", "loop", "nowhere", "endless", "precious"];

/// Put something unexpected at `path`, whatever was there.
fn lay(kind: &str, path: &Path, precious: &Path) {
    if fs::symlink_metadata(path).is_ok_and(|it| it.is_dir()) {
        fs::remove_dir_all(path).unwrap();
    } else {
        let _ = fs::remove_file(path);
    }
    match kind {
        "fifo" => mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap(),
        "directory" => fs::create_dir(path).unwrap(),
        "loop" => symlink(path, path).unwrap(),
        "nowhere" => symlink("/nowhere/at/all", path).unwrap(),
        "endless" => symlink("/dev/zero", path).unwrap(),
        "precious" => symlink(precious, path).unwrap(),
        _ => unreachable!("{kind}"),
    }
}

#[test]
fn whatever_stands_where_a_file_should_be_it_answers() {
    for name in NAMES {
        for kind in KINDS {
            let world = World::new();
            fs::create_dir(world.path("home/.vmux")).unwrap();
            let process = world.claude(100).live();
            world.session_file(&process, json!({"status": "idle"}));
            let precious = world.path("precious");
            fs::write(&precious, "precious").unwrap();
            lay(kind, &world.home().join(name), &precious);
            let daemon = world.open();
            let sessions = daemon.sessions();
            assert_eq!(sessions.len(), 1, "{name} is a {kind}");
            let args = json!({"session_id": "session-of-100", "label": "x"});
            let reply = daemon.ask("label", args);
            assert!(reply["ok"] == true || reply["code"] == "not_saved", "{name} {kind}: {reply}");
            // labels.json alone may be a link of the user's: then its target is the file.
            let is_linked_labels = *name == ".vmux/labels.json";
            if !is_linked_labels {
                assert_eq!(fs::read(&precious).unwrap(), b"precious", "{name} is a {kind}");
            }
            end(daemon);
        }
    }
}

fn end(mut daemon: Daemon) {
    assert_eq!(daemon.ask("stop", json!({})), json!({"ok": true}));
    assert!(daemon.wait().success());
}

#[test]
fn the_runtime_directory_holds_no_surprise() {
    // What is in the way is named and left alone; a lock that is a link is not followed.
    for (name, kind) in [
        ("run/vmux", "fifo"),
        ("run/vmux", "loop"),
        ("run/vmux/vmuxd.sock", "fifo"),
        ("run/vmux/vmuxd.sock", "directory"),
        ("run/vmux/vmuxd.sock", "precious"),
        ("run/vmux/vmuxd.lock", "precious"),
        ("run/vmux/vmuxd.lock", "directory"),
    ] {
        let world = World::new();
        fs::create_dir(world.path("run/vmux")).unwrap();
        let precious = world.path("precious");
        fs::write(&precious, "precious").unwrap();
        lay(kind, &world.path(name), &precious);
        let output = world.vmuxd().output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(4), "{name} is a {kind}: {words}");
        assert_eq!(words.lines().filter(|line| line.starts_with("vmuxd: ")).count(), 1, "{words}");
        assert_eq!(fs::read(&precious).unwrap(), b"precious", "{name} is a {kind}");
    }
}

#[test]
fn a_directory_that_is_open_to_all_is_not_moved_into() {
    // As root it is vmuxd's own, and making it private would lock everybody else out.
    let world = World::new();
    let shared = world.path("shared");
    fs::create_dir(&shared).unwrap();
    let mode = 0o1777;
    fs::set_permissions(&shared, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    let output = world.vmuxd().env("VMUX_SOCKET", shared.join("vmux.sock")).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{words}");
    assert!(words.contains("open to other users"), "{words}");
    assert_eq!(fs::metadata(&shared).unwrap().mode() & 0o7777, mode);
}
