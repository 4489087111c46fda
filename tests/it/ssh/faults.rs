//! What happens to a link over a real ssh: the network, sshd, and the program there fail in turn.

use super::switch::listed;
use crate::support::ssh::{Host, Network};
use crate::support::world::{eventually, until};
use serde_json::{Value, json};

/// The far host as the near vmuxd knows it.
fn far_info(near: &Host) -> Value {
    near.ask("hosts", json!({})).unwrap()["hosts"][0].clone()
}

fn until_state(near: &Host, state: &str) -> Value {
    eventually(state, || Some(far_info(near)).filter(|it| it["state"] == state))
}

/// A near vmuxd that reaches a far one, which is up.
fn linked(network: &Network) -> (&Host, &Host) {
    let (near, far) = (network.host("near"), network.host("far"));
    far.start_vmuxd();
    configure(near, far);
    near.start_vmuxd();
    until_state(near, "up");
    (near, far)
}

fn configure(near: &Host, far: &Host) {
    let program = far.bin().join("vmux");
    near.configure_vmux(&format!("[hosts.far]\nprogram = \"{}\"\n", program.display()));
}

/// Sends a signal to the processes of `host` whose command line has the pattern.
fn signal(host: &Host, signal: &str, pattern: &str) {
    let done = host.root(&["pkill", signal, "-f", pattern]).status().unwrap();
    assert!(done.success(), "{signal} {pattern}");
}

/// Waits until the far host is up again after `what` has broken the link.
fn another_link_after(near: &Host, what: impl FnOnce()) {
    let since = far_info(near)["since"].clone();
    what();
    eventually("another link", || {
        let info = far_info(near);
        (info["state"] == "up" && info["since"] != since).then_some(())
    });
}

/// How many `vmux relay` run on a host.
fn relays(host: &Host) -> usize {
    let found = host.command(&["pgrep", "-fc", "vmux relay$"]).output().unwrap();
    String::from_utf8_lossy(&found.stdout).trim().parse().unwrap()
}

#[test]
fn packets_that_are_lost_are_noticed_and_nothing_is_left_there() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = linked(&network);
    let rules = "add table bridge cut; add chain bridge cut f { type filter hook forward priority 0; \
                 policy drop; }";
    network.bridge_rules(rules);
    until_state(near, "down");
    network.bridge_rules("delete table bridge cut");
    until_state(near, "up");
    until("the end of the old relay", || relays(far) == 1);
}

#[test]
fn a_cable_that_is_pulled_on_either_side_is_noticed() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, _) = linked(&network);
    for side in ["far", "near"] {
        network.set_link(side, false);
        until_state(near, "down");
        network.set_link(side, true);
        until_state(near, "up");
    }
}

#[test]
fn a_stopped_or_killed_sshd_and_a_killed_relay_are_noticed() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = linked(&network);
    // The sshd of the connection: the parent of the relay's shell.
    let sshd = "^sshd(-session)?: dev";
    signal(far, "-STOP", sshd);
    until_state(near, "down");
    signal(far, "-CONT", sshd);
    until_state(near, "up");
    for pattern in [sshd, "vmux relay$"] {
        another_link_after(near, || signal(far, "-KILL", pattern));
    }
}

#[test]
fn what_a_stopped_ssh_passes_on_too_late_is_not_done() {
    let network = Network::new(&["near", "far"]);
    // After a change of the network a silent host is given up sooner than a reply is waited for.
    until("a network that has settled", || {
        let near = network.host("near");
        let tentative = near.run(&["ip", "-6", "address", "show", "tentative"]);
        near.run(&["ip", "link", "show", "eth0"]).contains("state UP") && tentative.is_empty()
    });
    network.host("far").start_sshd();
    let (near, far) = linked(&network);
    far.run(&["tmux", "-f", "/dev/null", "new-session", "-d", &far.session_line("work")]);
    let query = listed(near, far, "work");
    let snooze = |host: &Host, query: &str, more: Value| {
        let mut args = json!({ "query": query });
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        host.ask("snooze", args).unwrap()
    };
    let is_snoozed = |host: &Host| {
        let list = host.ask("list", json!({})).unwrap();
        !list["sessions"][0]["snoozed"].is_null()
    };
    // Two events, so that the host counts as silent only from now on.
    let pid = far.session("work")["pid"].to_string();
    for (args, expected) in [(json!({ "seconds": 600 }), true), (json!({ "end": true }), false)] {
        assert_eq!(snooze(far, &pid, args)["ok"], true);
        until("the event", || is_snoozed(near) == expected);
    }
    signal(near, "-STOP", "^ssh ");
    let late = snooze(near, &query, json!({ "seconds": 600 }));
    assert!(late["hint"].as_str().unwrap().contains("it never will"), "{late}");
    signal(near, "-CONT", "^ssh ");
    until("an answer", || near.ask("why", json!({ "query": query })).unwrap()["ok"] == true);
    assert!(!is_snoozed(far), "{late}");
    assert_eq!(snooze(near, &query, json!({ "seconds": 600 }))["ok"], true);
    assert!(is_snoozed(far));
}

#[test]
fn an_ssh_that_is_killed_here_is_started_again_and_leaves_nothing_there() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = linked(&network);
    another_link_after(near, || signal(near, "-KILL", "^ssh "));
    until("the end of the old relay", || relays(far) == 1);
}

#[test]
fn an_address_that_is_taken_away_or_replaced_is_noticed() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = linked(&network);
    let address = |action: &str, number: u32| {
        near.ip(&["address", action, &format!("10.99.0.{number}/24"), "dev", "eth0"]);
    };
    address("del", 1);
    until_state(near, "down");
    address("add", 1);
    until_state(near, "up");
    // As after a move to another network.
    another_link_after(near, || {
        address("del", 1);
        address("add", 77);
    });
    until("the end of the old relays", || relays(far) == 1);
}

#[test]
fn keys_that_are_unknown_or_wrong_are_told_with_what_to_do() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    configure(near, far);
    near.configure_ssh("UserKnownHostsFile /dev/null\nStrictHostKeyChecking yes");
    near.start_vmuxd();
    let down = |says: &str| {
        eventually(says, || {
            near.ask("hosts", json!({ "retry": "far" }))?;
            let info = far_info(near);
            info["fault"]["says"].as_str()?.contains(says).then_some(info)
        })
    };
    assert!(down("its key is not known")["fault"]["hint"].is_string());
    near.configure_ssh("StrictHostKeyChecking no");
    std::fs::remove_file(far.home().join(".ssh/authorized_keys")).unwrap();
    assert!(down("does not let you in")["fault"]["hint"].as_str().unwrap().contains("ssh-add"));
}

#[test]
fn a_shell_that_prints_and_a_path_without_vmux() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let noise = "echo Welcome; printf 'no end of line'; echo trouble >&2\n";
    std::fs::write(far.home().join(".bashrc"), noise).unwrap();
    near.configure_vmux("[hosts.far]\n");
    near.start_vmuxd();
    let info = eventually("the fault", || {
        Some(far_info(near)).filter(|it| it["fault"]["says"] == "vmux is not found there")
    });
    assert!(info["fault"]["hint"].as_str().unwrap().contains("install"), "{info}");
    // Where it is looked for, besides the PATH.
    let directory = far.home().join(".cargo/bin");
    std::fs::create_dir_all(&directory).unwrap();
    for name in ["vmux", "vmuxd"] {
        std::os::unix::fs::symlink(far.bin().join(name), directory.join(name)).unwrap();
    }
    far.run(&["test", "-x", &directory.join("vmux").display().to_string()]);
    near.ask("hosts", json!({ "retry": "far" })).unwrap();
    until_state(near, "up");
}
