//! Labels: on disk before the answer, never lost, and at home in the user's own editor too.

use crate::support::world::World;
use serde_json::json;
use std::fs;

#[test]
fn a_label_is_on_disk_when_it_is_answered_and_survives_a_restart() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let daemon = world.open();
    let args = json!({"session_id": "session-of-100", "label": "api fix"});
    assert_eq!(daemon.ask("label", args), json!({"ok": true}));
    assert_eq!(
        fs::read_to_string(world.labels()).unwrap(),
        "{\n  \"session-of-100\": \"api fix\"\n}\n"
    );
    assert_eq!(daemon.session(100).label.as_deref(), Some("api fix"));
    drop(daemon);
    let daemon = world.open();
    assert_eq!(daemon.session(100).label.as_deref(), Some("api fix"));
    daemon.ask("label", json!({"session_id": "session-of-100", "label": ""}));
    assert_eq!(daemon.session(100).label, None);
}

#[test]
fn an_edit_by_hand_is_picked_up_at_once_and_never_clobbered() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let daemon = world.open();
    let mut listener = daemon.listen();
    fs::write(world.labels(), r#"{"session-of-100": "by hand", "other": "kept"}"#).unwrap();
    listener.until(|sessions| sessions[0].label.as_deref() == Some("by hand"));
    daemon.ask("label", json!({"session_id": "third", "label": "x"}));
    let text = fs::read_to_string(world.labels()).unwrap();
    assert!(text.contains("by hand") && text.contains("kept") && text.contains("third"), "{text}");
}

#[test]
fn a_damaged_file_is_kept_aside_and_reported() {
    let world = World::new();
    fs::create_dir(world.path("home/.vmux")).unwrap();
    fs::write(world.labels(), "{ \"one\": \"precious\", oops").unwrap();
    let daemon = world.open();
    let problems = daemon.ask("version", json!({}))["daemon"]["problems"].to_string();
    assert!(problems.contains("labels.json is damaged"), "{problems}");
    assert_eq!(
        daemon.ask("label", json!({"session_id": "two", "label": "new"})),
        json!({"ok": true})
    );
    let aside = fs::read_to_string(world.path("home/.vmux/labels.json.damaged-1")).unwrap();
    assert_eq!(aside, "{ \"one\": \"precious\", oops");
}

#[test]
fn bad_labels_get_an_error_and_change_nothing() {
    let world = World::new();
    let daemon = world.open();
    let long = "x".repeat(60_000);
    for label in ["two\nlines", "bell\u{7}", "esc\u{1b}[31m", "right\u{202e}left", &long] {
        let refused = daemon.ask("label", json!({"session_id": "one", "label": label}));
        assert_eq!(refused["ok"], false, "{label:.20}");
        assert!(!refused["error"].as_str().unwrap().contains('\n'));
    }
    for id in ["", "\u{1b}", "a\nb"] {
        assert_eq!(daemon.ask("label", json!({"session_id": id, "label": "x"}))["ok"], false);
    }
    assert!(!world.labels().exists());
}
