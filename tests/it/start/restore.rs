//! What ran before is known after everything was killed, and is taken up again once.

use super::world::{StartWorld, is_alone};
use crate::support::fake::said;
use crate::support::world::until;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn listed(world: &StartWorld, words: &[&str]) -> Vec<Value> {
    let output = world.vmux(&[&["restore", "--json"], words].concat());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_was_cut_off_is_taken_up_again_and_never_twice() {
    if !is_alone("start::restore::what_was_cut_off_is_taken_up_again_and_never_twice") {
        return;
    }
    let (world, mut daemon) = StartWorld::new();
    for name in ["web", "docs", "unused"] {
        let mut words = vec!["new", name, "--in", "tmux"];
        if name != "unused" {
            words.extend(["--prompt", "go on", "--wait"]);
        }
        let (out, err, code) = said(&world.vmux(&words));
        assert_eq!(code, 0, "{out}{err}");
    }
    let record = world.world.home().join(".vmux/sessions.json");
    let text = || fs::read_to_string(&record).unwrap_or_default();
    until("both in the record", || text().matches("session_id").count() == 2);
    assert_eq!(fs::metadata(&record).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(listed(&world, &[]).is_empty());
    // A power cut: nothing ends properly.
    daemon.signal(Signal::KILL);
    daemon.wait();
    world.tmux(&["kill-server"]);
    let ids = |list: &[Value]| {
        let mut ids: Vec<String> =
            list.iter().map(|it| it["session_id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    until("the end of all", || {
        fs::read_dir(world.world.home().join(".claude/sessions")).unwrap().count() == 0
    });
    let _daemon = world.vmuxd();
    let lost = listed(&world, &[]);
    assert_eq!(lost.len(), 2, "{lost:?}");
    assert!(lost.iter().all(|it| it["lost"] == true && it["preview"] == "Done."), "{lost:?}");
    let (out, err, code) = said(&world.vmux(&["restore", "web"]));
    assert_eq!(code, 0, "{out}{err}");
    let web = world.session("web").unwrap();
    assert_eq!(world.given("web")[..2], [json!("--resume"), web["session_id"].clone()]);
    // The other one only.
    let (out, err, code) = said(&world.vmux(&["restore", "--all", "--in", "tmux"]));
    assert!(code == 0 && !out.contains("session web"), "{out}{err}");
    assert_eq!(world.tmux(&["list-sessions"]).lines().count(), 2);
    let now = [world.session("web").unwrap(), world.session("docs").unwrap()];
    assert_eq!(ids(&now), ids(&lost));
    assert_eq!(said(&world.vmux(&["restore", "--all"])).2, 1);
    assert_eq!(said(&world.vmux(&["restore", "web"])).2, 1);
}

#[test]
fn what_the_user_ended_is_listed_on_demand() {
    if !is_alone("start::restore::what_the_user_ended_is_listed_on_demand") {
        return;
    }
    let (world, _daemon) = StartWorld::new();
    for name in ["web", "docs"] {
        let words = ["new", name, "--in", "tmux", "--prompt", "go on", "--wait"];
        let (out, err, code) = said(&world.vmux(&words));
        assert_eq!(code, 0, "{out}{err}");
    }
    for name in ["web", "docs"] {
        assert_eq!(said(&world.vmux(&["end", name, "--yes"])).2, 0);
    }
    let (_, err, code) = said(&world.vmux(&["restore"]));
    assert!(code == 1 && err.contains("--ended"), "{err}");
    let ended = listed(&world, &["--ended"]);
    assert!(ended.len() == 2 && ended[0]["name"] == "docs", "{ended:?}");
    let (_, err, code) = said(&world.vmux(&["restore", "none"]));
    assert!(code == 1 && err.contains("no session that ran before"), "{err}");
    fs::remove_dir_all(world.project()).unwrap();
    let home = world.world.home();
    let mut command = world.command(env!("CARGO_BIN_EXE_vmux"));
    let (_, err, code) =
        said(&command.args(["restore", "web"]).current_dir(home).output().unwrap());
    assert!(code == 4 && err.contains("is gone"), "{err}");
}
