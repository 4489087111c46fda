//! A disk that is full or read-only: nothing is lost, it is said, and it heals.

use super::{open_after, seen_by};
use crate::support::world::{Daemon, FakeProcess, World};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// `~/.vmux` on a disk of a few pages.
const SMALL_DISK: &str = "mkdir -p \"$HOME/.vmux\"; \
    mount -t tmpfs -o size=32k,mode=700 none \"$HOME/.vmux\"";

fn label(daemon: &Daemon, session_id: &str, label: &str) -> Value {
    daemon.ask("label", json!({"session_id": session_id, "label": label}))
}

/// Write to `path` until nothing more fits.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    while file.write_all(&[0; 512]).is_ok() {}
}

/// A session with this label, its vmuxd, and `labels.json` on a disk that has been full since, by a
/// file that may be taken away.
fn full_disk(world: &World, text: &str) -> (FakeProcess, Daemon, PathBuf, PathBuf) {
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let daemon = open_after(world, &["-m"], SMALL_DISK);
    let labels = seen_by(&daemon, &world.labels());
    assert_eq!(label(&daemon, "session-of-100", text)["ok"], true);
    let filler = labels.with_file_name("filler");
    fill(&filler);
    (process, daemon, labels, filler)
}

#[test]
fn a_full_disk_refuses_a_label_and_keeps_the_others() {
    let world = World::new();
    let (_process, daemon, labels, filler) = full_disk(&world, "before");
    let refused = label(&daemon, "session-of-100", "after");
    assert_eq!((&refused["ok"], &refused["code"]), (&json!(false), &json!("not_saved")));
    assert!(refused["error"].as_str().unwrap().contains("No space left"), "{refused}");
    assert!(fs::read_to_string(&labels).unwrap().contains("before"));
    assert_eq!(daemon.session(100).label.as_deref(), Some("before"));
    assert!(daemon.problems().contains("No space left"));
    fs::remove_file(filler).unwrap();
    assert_eq!(label(&daemon, "session-of-100", "after")["ok"], true);
    assert_eq!(daemon.session(100).label.as_deref(), Some("after"));
    assert!(!daemon.problems().contains("No space left"));
}

#[test]
fn a_label_that_went_along_is_saved_when_there_is_room_again() {
    let world = World::new();
    let (process, daemon, labels, filler) = full_disk(&world, "api");
    world.session_file(&process, json!({"status": "idle", "sessionId": "after-clear"}));
    let cleared = daemon.session(100);
    assert_eq!(cleared.session_id.as_deref(), Some("after-clear"));
    assert_eq!(cleared.label.as_deref(), Some("api"));
    // One task after the other: when this one was refused, the label that went along was before.
    assert_eq!(label(&daemon, "other", "x")["code"], "not_saved");
    assert_eq!(daemon.session(100).label.as_deref(), Some("api"));
    assert!(!fs::read_to_string(&labels).unwrap().contains("after-clear"));
    fs::remove_file(filler).unwrap();
    daemon.sessions();
    assert_eq!(label(&daemon, "other", "x")["ok"], true);
    assert!(fs::read_to_string(&labels).unwrap().contains("\"after-clear\": \"api\""));
    assert_eq!(daemon.session(100).label.as_deref(), Some("api"));
}

#[test]
fn a_damaged_file_that_does_not_fit_twice_is_not_overwritten() {
    let world = World::new();
    let daemon = open_after(&world, &["-m"], SMALL_DISK);
    let labels = seen_by(&daemon, &world.labels());
    assert_eq!(label(&daemon, "one", "1")["ok"], true);
    let filler = labels.with_file_name("filler");
    fill(&filler);
    // In place, for there is no room for more, and of the same length.
    let damaged = "{ \"one\": precious";
    assert_eq!(fs::metadata(&labels).unwrap().len(), damaged.len() as u64);
    File::options().write(true).open(&labels).unwrap().write_all(damaged.as_bytes()).unwrap();
    for _ in 0..3 {
        assert_eq!(label(&daemon, "two", "2")["code"], "not_saved");
        assert_eq!(fs::read_to_string(&labels).unwrap(), damaged);
    }
    fs::remove_file(filler).unwrap();
    assert_eq!(label(&daemon, "two", "2")["ok"], true);
    let aside = fs::read_to_string(labels.with_file_name("labels.json.damaged-1")).unwrap();
    assert_eq!(aside, damaged);
}

#[test]
fn without_room_for_a_pid_file_it_lives() {
    let world = World::new();
    let script = format!("{SMALL_DISK}; cat /dev/zero >\"$HOME/.vmux/filler\" 2>/dev/null || true");
    let daemon = open_after(&world, &["-m"], &script);
    let said = daemon.problems();
    assert!(said.contains("vmuxd.pid") && said.contains("No space left"), "{said}");
    assert_eq!(daemon.ask("list", json!({}))["ok"], true);
}

#[test]
fn a_read_only_disk_is_said_and_its_labels_are_shown() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    fs::create_dir(world.path("home/.vmux")).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(world.path("home/.vmux"), private).unwrap();
    fs::write(world.labels(), r#"{"session-of-100": "api"}"#).unwrap();
    let script = "mount --bind \"$HOME/.vmux\" \"$HOME/.vmux\"; \
        mount -o remount,ro,bind \"$HOME/.vmux\"";
    let daemon = open_after(&world, &["-m"], script);
    let said = daemon.problems();
    assert!(said.contains("vmuxd.pid") && said.contains("Read-only"), "{said}");
    assert_eq!(label(&daemon, "session-of-100", "web")["code"], "not_saved");
    assert_eq!(daemon.session(100).label.as_deref(), Some("api"));
    // The user edits it all the same, from elsewhere.
    let mut listener = daemon.listen();
    fs::write(world.labels(), r#"{"session-of-100": "db"}"#).unwrap();
    listener.until(|sessions| sessions[0].label.as_deref() == Some("db"));
}

#[test]
fn a_file_that_may_not_grow_is_an_error_not_an_end() {
    let world = World::new();
    // Beyond the limit a write is a SIGXFSZ, which ends a process that does not expect it.
    let daemon = open_after(&world, &["-m"], "ulimit -f 1");
    assert_eq!(label(&daemon, "small", "x")["ok"], true);
    for number in 0..40 {
        let reply = label(&daemon, &format!("session-{number}"), &"y".repeat(90));
        assert!(reply["ok"] == true || reply["code"] == "not_saved", "{reply}");
    }
    let kept = fs::read_to_string(world.labels()).unwrap();
    assert!(serde_json::from_str::<Value>(&kept).is_ok(), "{kept}");
    assert_eq!(daemon.ask("list", json!({}))["ok"], true);
}
