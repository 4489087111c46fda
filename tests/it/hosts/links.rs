//! The links: sessions of another machine in every list, changes and requests, its end and its return.

use super::{Near, has, host, relay, until_state};
use crate::daemon::notify::turn;
use crate::support::world::{FakeProcess, World, until};
use serde_json::{Value, json};
use std::fs;
use vmux::session::info::SessionInfo;
use vmux::session::state::StateName;

/// A machine with the session 100 in this state.
fn far(status: &str) -> (World, FakeProcess) {
    let world = World::new();
    let process = world.claude(100).live();
    turn(&world, &process, status);
    (world, process)
}

#[test]
fn sessions_of_another_host_are_listed_change_and_end() {
    let (world, process) = far("waiting");
    let far_daemon = world.open();
    let near = Near::new("[hosts.gpu]\n");
    // A start file of its shell prints, and does not end its last line.
    near.reaches("gpu", &world, "echo Welcome; printf 'one more'");
    let local = near.world.claude(100).live();
    turn(&near.world, &local, "idle");
    let daemon = near.open();
    let mut listener = daemon.listen();
    listener.until(|all| has(all, "gpu", &[100]));
    let it = |all: &[SessionInfo]| all.iter().find(|it| it.host.is_some()).cloned().unwrap();
    let there = far_daemon.session(100);
    let here = it(&listener.mirror.sessions);
    assert_eq!((here.state, here.waiting_since), (StateName::NeedsInput, there.waiting_since));
    assert_eq!(here.details.transcript, None);
    let up = until_state(&daemon, "gpu", "up");
    assert_eq!((&up["sessions"], &up["version"]), (&json!(1), &json!(env!("CARGO_PKG_VERSION"))));
    // A change there is a change here.
    turn(&world, &process, "busy");
    listener.until(|all| it(all).state == StateName::Working);
    // The two sessions have the same pid and id.
    let listed = daemon.ask("list", json!({}));
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(listed["hosts"][0]["name"], "gpu");
    for query in ["gpu:100", "gpu:"] {
        let why = daemon.ask("why", json!({ "query": query }));
        assert_eq!(why["session"]["host"], "gpu", "{why}");
        assert!(!why["why"]["claims"].as_array().unwrap().is_empty(), "{why}");
    }
    assert_eq!(daemon.ask("switch", json!({ "query": "gpu:100" }))["code"], "no_window");
    process.end();
    far_daemon.ask("scan", json!({}));
    listener.until(|all| has(all, "gpu", &[]));
}

#[test]
fn a_label_is_set_where_the_session_is_and_nowhere_else() {
    let (world, _process) = far("idle");
    let _far = world.open();
    let near = Near::new("[hosts.gpu]\nssh = \"me@gpu\"\n");
    near.reaches("me@gpu", &world, "");
    let local = near.world.claude(100).live();
    turn(&near.world, &local, "idle");
    let daemon = near.open();
    until_state(&daemon, "gpu", "up");
    let mut listener = daemon.listen();
    let label = |host: Value| {
        daemon.ask("label", json!({ "session_id": "session-of-100", "label": "api", "host": host }))
    };
    assert_eq!(label(json!("gpu"))["ok"], true);
    // It is on the disk there when the reply comes, and an event shows it here.
    assert!(fs::read_to_string(world.labels()).unwrap().contains("api"));
    assert!(!near.world.labels().exists());
    let has = |all: &[SessionInfo], far: bool, label: &str| {
        let found = all.iter().find(|it| it.host.is_some() == far);
        found.is_some_and(|it| it.label.as_deref() == Some(label))
    };
    listener.until(|all| has(all, true, "api"));
    assert!(!has(&daemon.sessions(), false, "api"));
    assert_eq!(label(json!("other"))["code"], "no_match");
    // Without a host it is the one of this machine.
    assert_eq!(label(Value::Null)["ok"], true);
    assert!(has(&daemon.sessions(), false, "api"));
    let said = near.vmux(&["label", "gpu:100", "release", "it"]);
    assert!(said.status.success(), "{said:?}");
    listener.until(|all| has(all, true, "release it"));
    let peek = daemon.ask("peek", json!({ "query": "gpu:100" }));
    assert_eq!(peek["code"], "not_readable", "it has no transcript: {peek}");
}

#[test]
fn what_is_out_of_reach_does_not_wait_and_comes_back() {
    let (world, _process) = far("waiting");
    let far_daemon = world.open();
    let near = Near::new("[hosts.gpu]\n");
    let pid = near.world.path("pid").display().to_string();
    near.reaches("gpu", &world, &format!("echo $$ >{pid}"));
    let daemon = near.open();
    let mut listener = daemon.listen();
    listener.until(|all| has(all, "gpu", &[100]));
    let since = listener.mirror.sessions[0].waiting_since;
    // The connection breaks, and cannot be made again.
    near.destination(
        "gpu-next",
        "echo 'ssh: connect to host gpu port 22: Connection refused' >&2; exit 255",
    );
    fs::rename(near.world.path("bin/to-gpu-next"), near.world.path("bin/to-gpu")).unwrap();
    let relay_pid: i32 = fs::read_to_string(pid).unwrap().trim().parse().unwrap();
    let relay_pid = rustix::process::Pid::from_raw(relay_pid).unwrap();
    rustix::process::kill_process(relay_pid, rustix::process::Signal::KILL).unwrap();
    listener.until(|all| all[0].stale_since.is_some());
    let stale = &listener.mirror.sessions[0];
    assert_eq!((stale.state, stale.waiting_since), (StateName::Unknown, None));
    let down = until_state(&daemon, "gpu", "down");
    until("the next failure", || host(&daemon, "gpu")["fault"]["kind"] == "refused");
    assert!(down["retry_at"].is_string(), "{down}");
    let refused = daemon.ask("ack", json!({ "query": "gpu:100" }));
    assert_eq!(refused["code"], "busy", "{refused}");
    assert!(refused["error"].as_str().unwrap().contains("gpu is out of reach"), "{refused}");
    near.destination("gpu-next", &relay(&world));
    fs::rename(near.world.path("bin/to-gpu-next"), near.world.path("bin/to-gpu")).unwrap();
    listener.until(|all| all[0].waiting_since == since);
    until_state(&daemon, "gpu", "up");
    // vmuxd there is another one: its sessions are away for a moment only.
    drop(far_daemon);
    listener.until(|all| all[0].stale_since.is_some());
    let _far = world.open();
    listener.until(|all| all[0].waiting_since == since);
}

#[test]
fn hosts_come_and_go_with_the_configuration() {
    let (world, _process) = far("idle");
    let _far = world.open();
    let near = Near::new("[hosts.gpu]\n[hosts.off]\nenabled = false\n");
    near.reaches("gpu", &world, "");
    let daemon = near.open();
    let mut listener = daemon.listen();
    listener.until(|all| has(all, "gpu", &[100]));
    assert_eq!(host(&daemon, "off")["state"], "disabled");
    near.reaches("box", &world, "");
    near.configure("[hosts.box]\n");
    listener.until(|all| has(all, "gpu", &[]) && has(all, "box", &[100]));
    let names = |hosts: &Value| hosts.as_array().map(|it| it.len());
    until_state(&daemon, "box", "up");
    assert_eq!(names(&daemon.ask("hosts", json!({}))["hosts"]), Some(1));
    let none = daemon.ask("hosts", json!({ "retry": "gpu" }));
    assert_eq!(none["code"], "no_match", "{none}");
    near.configure("");
    listener.until(|all| all.is_empty());
}

#[test]
fn sessions_that_a_host_learned_from_its_hosts_are_not_passed_on() {
    let ((last, _process), middle) = (far("idle"), Near::new("[hosts.last]\n"));
    let _last = last.open();
    middle.reaches("last", &last, "");
    let own = middle.world.claude(7).live();
    turn(&middle.world, &own, "idle");
    let middle_daemon = middle.open();
    until_state(&middle_daemon, "last", "up");
    assert_eq!(middle_daemon.sessions().len(), 2);
    let near = Near::new("[hosts.middle]\n");
    near.reaches("middle", &middle.world, "");
    let daemon = near.open();
    let up = until_state(&daemon, "middle", "up");
    assert_eq!(up["sessions"], 1);
    assert!(has(&daemon.sessions(), "middle", &[7]));
}
