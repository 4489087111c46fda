//! A home directory that vanishes, and comes back.

use crate::support::world::World;
use serde_json::json;
use std::fs;
use vmux::session::state::StateName;

#[test]
fn a_home_may_go_and_come_back() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let daemon = world.open();
    let mut listener = daemon.listen();
    assert_eq!(daemon.session(100).state, StateName::Idle);
    let away = world.path("away");
    fs::rename(world.home(), &away).unwrap();
    let still_there = daemon.session(100);
    assert_eq!(still_there.session_id.as_deref(), Some("session-of-100"));
    let refused = daemon.ask("label", json!({"session_id": "session-of-100", "label": "x"}));
    assert_eq!(refused["code"], "not_saved", "{refused}");
    assert!(!world.home().exists(), "vmuxd must not make a home");
    // Back, but without ~/.vmux: as from a backup.
    fs::remove_dir_all(away.join(".vmux")).unwrap();
    fs::rename(&away, world.home()).unwrap();
    assert_eq!(daemon.session(100).state, StateName::Idle);
    let saved = daemon.ask("label", json!({"session_id": "session-of-100", "label": "back"}));
    assert_eq!(saved, json!({"ok": true}));
    // Changes are noticed as before.
    world.session_file(&process, json!({"status": "busy"}));
    listener.until(|sessions| sessions[0].state == StateName::Working);
    fs::write(world.labels(), r#"{"session-of-100": "by hand"}"#).unwrap();
    listener.until(|sessions| sessions[0].label.as_deref() == Some("by hand"));
}
