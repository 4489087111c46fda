//! Where the kernel tells a user less: `/proc` that hides the processes of others, and refused netlink.

use crate::support::ssh::{Host, Network};
use crate::support::world::{eventually, until};
use serde_json::{Value, json};
use std::process::Output;

/// A session in the directory `work`, and a server there, each in a window of tmux.
fn begin(host: &Host) {
    let line = host.session_line("work");
    host.run(&["tmux", "-f", "/dev/null", "new-session", "-d", "-s", "w", &line]);
    let serve = "cd work && exec python3 -m http.server 8000";
    host.run(&["tmux", "new-window", "-d", "-t", "w:", serve]);
}

fn vmux(host: &Host, arguments: &[&str]) -> Output {
    host.command(&[&["vmux"], arguments].concat()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_proc_that_hides_other_users_hides_nothing_of_the_own_sessions() {
    let network = Network::new(&["alone"]);
    let host = network.host("alone");
    let hidden =
        host.root(&["mount", "-o", "remount,hidepid=invisible", "/proc"]).status().unwrap();
    assert!(hidden.success());
    let seen = host.run(&["ls", "/proc"]);
    assert!(!seen.lines().any(|it| it == "1"), "{seen}");
    begin(host);
    host.start_vmuxd();
    host.session("work");
    let server = eventually("the server", || {
        let reply: Value = host.ask("servers", json!({}))?;
        reply["servers"].as_array()?.first().cloned()
    });
    assert_eq!((&server["port"], &server["name"]), (&json!(8000), &json!("http.server")));
    let ended = vmux(host, &["servers", "stop", "8000", "--yes"]);
    assert!(ended.status.success(), "{}", text(&ended.stderr));
}

#[test]
fn without_netlink_servers_are_said_to_be_unseen_and_all_else_works() {
    let network = Network::new(&["alone"]);
    let host = network.host("alone");
    begin(host);
    let script = host.home().join("no_netlink.py");
    std::fs::write(&script, include_str!("../support/no_netlink.py")).unwrap();
    host.run(&["tmux", "new-window", "-d", "-t", "w:", "exec python3 no_netlink.py vmuxd"]);
    until("a vmuxd that answers", || host.ask("version", json!({})).is_some());
    host.session("work");
    for arguments in [&["servers"][..], &["servers", "--free"], &["servers", "--status", "8000"]] {
        let refused = vmux(host, arguments);
        let said = text(&refused.stderr);
        assert!(!refused.status.success(), "{arguments:?}");
        assert!(said.starts_with("error: servers cannot be seen: Operation not"), "{said}");
        assert!(said.contains("\nhint: ") && said.lines().count() == 2, "{said}");
    }
    let listed = vmux(host, &["list"]);
    assert!(listed.status.success() && text(&listed.stdout).contains("work"));
    let peeked = vmux(host, &["peek", "work"]);
    assert!(peeked.status.success(), "{}", text(&peeked.stderr));
    let why = vmux(host, &["why", "work"]);
    assert!(why.status.success(), "{}", text(&why.stderr));
}
