//! Servers of a user on hosts of their own: where the kernel tells less, with a `/proc` that hides the
//! processes of others or refused netlink, and where they run on the other host.

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

#[test]
fn what_listens_for_another_user_or_no_session_is_neither_shown_nor_ended() {
    let network = Network::new(&["alone"]);
    let host = network.host("alone");
    host.run(&[
        "tmux",
        "-f",
        "/dev/null",
        "new-session",
        "-d",
        "-s",
        "w",
        &host.session_line("work"),
    ]);
    host.start_vmuxd();
    host.session("work");
    // Of root, in the directory of the session; and the user's own, elsewhere.
    let serve = |directory: &str, port: u16| {
        format!("cd {directory} && exec python3 -m http.server {port} >/dev/null 2>&1")
    };
    let work = host.home().join("work").display().to_string();
    let mut theirs = host.root(&["sh", "-c", &serve(&work, 8000)]).spawn().unwrap();
    host.run(&["tmux", "new-window", "-d", "-t", "w:", &serve("/", 8001)]);
    until("both ports are taken", || {
        let stopped = |port| text(&vmux(host, &["servers", "stop", port, "--yes"]).stderr);
        ["8000", "8001"].into_iter().all(|port| !stopped(port).starts_with("error: no server"))
    });
    let shown = vmux(host, &["servers", "--json", "--all"]);
    assert_eq!(text(&shown.stdout).trim(), "[]");
    for (port, expected) in [
        ("8000", "error: port 8000 belongs to another user (uid 0)\nhint: "),
        ("8001", "error: what listens on port 8001 is no server of a session\nhint: `ss "),
        ("8002", "error: no server of a session has port or pid 8002\nhint: "),
    ] {
        let stopped = vmux(host, &["servers", "stop", port, "--yes"]);
        let said = text(&stopped.stderr);
        assert!(stopped.status.code() == Some(1) && said.starts_with(expected), "{said}");
    }
    assert_eq!(theirs.try_wait().unwrap(), None);
    theirs.kill().unwrap();
    theirs.wait().unwrap();
}

#[test]
fn a_server_that_is_on_the_other_host_is_pointed_to() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    begin(far);
    far.start_vmuxd();
    far.session("work");
    let program = far.bin().join("vmux").display().to_string();
    near.configure_vmux("");
    near.start_vmuxd();
    assert!(vmux(near, &["hosts", "add", "far", "--program", &program]).status.success());
    // What follows in a script meets the host.
    assert!(text(&vmux(near, &["hosts"]).stdout).contains("\nfar "));
    // The far side looks when it is asked, and tells what it found.
    until("the server in the list here", || {
        far.ask("servers", json!({}));
        text(&vmux(near, &["servers"]).stdout).contains("ssh -S none -N -L 8000:")
    });
    let stopped = vmux(near, &["servers", "stop", "8000", "--yes"]);
    assert!(text(&stopped.stderr).contains("vmux servers stop 8000 --host far"));
    let asked = vmux(near, &["servers", "--url", "8000"]);
    assert!(text(&asked.stderr).contains("far has one: add `--host far`"));
    let stopped = vmux(near, &["servers", "--host", "far", "stop", "8000", "--yes"]);
    assert!(stopped.status.success(), "{}", text(&stopped.stderr));
    assert!(vmux(near, &["hosts", "remove", "far"]).status.success());
    assert!(!text(&vmux(near, &["hosts"]).stdout).contains("far"));
}
