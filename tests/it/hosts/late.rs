//! Requests that reach a host when nobody waits for them any more: they are not done.

use super::{Near, relay, until_state};
use crate::daemon::keys::Terminal;
use crate::support::world::{Daemon, until, until_stopped};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::fs;

/// The cat(1) through which a vmuxd reaches the machine of that terminal as `gpu`: stopped, it is a link that
/// hangs, but what comes from there still arrives.
fn link(near: &Near, terminal: &Terminal) -> (Daemon, Pid) {
    let pid = near.world.path("cat").display().to_string();
    let cat = format!("sh -c 'echo $$ >{pid}; exec cat'");
    near.destination("gpu", &format!("{cat} | {{\n{}\n}}", relay(&terminal.world)));
    let daemon = near.open();
    until_state(&daemon, "gpu", "up");
    let pid = fs::read_to_string(pid).unwrap().trim().parse().unwrap();
    (daemon, Pid::from_raw(pid).unwrap())
}

#[test]
fn a_text_that_comes_after_its_user_was_told_is_not_typed() {
    let terminal = Terminal::new("[send]\nallow = [\"hosts\"]\n", (80, 24));
    terminal.draw(json!({"prompt": ""}), "idle");
    let near = Near::new("[hosts.gpu]\n");
    let (daemon, cat) = link(&near, &terminal);
    let query = format!("gpu:{}", terminal.pid);
    let send = |text: &str| daemon.ask("send", json!({"query": query, "text": text}));
    // From now on it counts as silent, and that is longer than a reply is waited for.
    let label = json!({"session_id": "5e551017", "label": "api"});
    assert_eq!(terminal.daemon.ask("label", label)["ok"], true);
    until("the label", || {
        let listed = daemon.ask("list", json!({}))["sessions"].clone();
        listed.as_array().unwrap().iter().any(|it| it["label"] == "api")
    });
    kill_process(cat, Signal::STOP).unwrap();
    until_stopped(cat.as_raw_nonzero().get().cast_unsigned());
    let late = send("too late");
    assert_eq!(late["code"], "busy", "{late}");
    assert!(late["hint"].as_str().unwrap().contains("it never will"), "{late}");
    kill_process(cat, Signal::CONT).unwrap();
    // One after the other: the late one would come before the second at the latest.
    for text in ["in time", "once more"] {
        until(text, || send(text)["ok"] == true);
    }
    assert_eq!(terminal.submitted(), ["in time", "once more"]);
}
