//! Sessions that the user has set aside, and sessions that have stalled: on a real dunst.

use super::notify::{turn, vmuxd, wants_to_run, world};
use crate::support::dunst::{Bus, Display};
use crate::support::world::Daemon;
use serde_json::{Value, json};

#[test]
fn what_is_snoozed_waits_for_nobody_until_it_is_over_also_after_a_restart() {
    let (world, process) = world("desktop = true", "api");
    turn(&world, &process, "waiting");
    let (display, mut bus) = (Display::new(), Bus::new());
    bus.dunst(&display.name, "Focus");
    let mut daemon = vmuxd(&world, bus.address());
    let snooze = |daemon: &Daemon, args: Value| daemon.ask("snooze", args);
    let snoozed = snooze(&daemon, json!({ "query": "api", "until_change": true }));
    assert_eq!(snoozed["session"]["snoozed"]["until"], Value::Null, "{snoozed}");
    assert_eq!(daemon.ask("switch", json!({ "next": true }))["code"], "no_match");
    let refused = snooze(&daemon, json!({ "query": "api", "seconds": 40_000_000 }));
    assert_eq!(refused["code"], "bad_request");
    daemon.ask("stop", json!({}));
    daemon.wait();
    let daemon = vmuxd(&world, bus.address());
    daemon.listen().until(|all| all.iter().any(|it| it.snoozed.is_some()));
    // It was not told in either life of vmuxd; when it is taken up again it is.
    assert_eq!(snooze(&daemon, json!({ "query": "api", "end": true }))["note"], Value::Null);
    assert_eq!(bus.notify().summary, "api needs permission");
    bus.line("method return");
    snooze(&daemon, json!({ "query": "api" }));
    assert_eq!(bus.closed().1, 3);
    let ended = snooze(&daemon, json!({ "query": "api", "end": true }));
    assert_eq!(ended["session"]["snoozed"], Value::Null);
    bus.notify();
    bus.line("method return");
    let note = snooze(&daemon, json!({ "query": "api", "end": true }));
    assert_eq!(note["note"], "api was not snoozed");
}

#[test]
fn a_session_that_writes_nothing_for_long_is_told_until_it_does() {
    let (world, _process) = world("desktop = true\nstalled_after = \"2s\"", "api");
    let (display, mut bus) = (Display::new(), Bus::new());
    bus.dunst(&display.name, "Focus");
    let daemon = vmuxd(&world, bus.address());
    let shown = bus.notify();
    assert_eq!(shown.summary, "api gives no sign of life");
    bus.line("method return");
    assert!(daemon.session(100).stalled_since.is_some());
    wants_to_run(&world, "make");
    assert_eq!(bus.closed().1, 3);
}
