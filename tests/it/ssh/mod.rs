//! Sessions on other hosts, over a real sshd: what carries them, and which window shows them.
//!
//! Panes of a tmux on the near host stand for windows. The truth is a mark in the environment of the
//! program in each.

mod carriers;
mod faults;
mod holders;
mod install;
mod peek;
mod probe;
mod restricted;
mod switch;

use crate::support::ssh::{Host, Network};
use serde_json::json;
use vmux::session::place::carrier::{Carrier, Carriers};

/// Starts a window on `host`: the program of this command line, with a mark in its environment.
fn window(host: &Host, mark: &str, line: &str) {
    let has_server = host.command(&["tmux", "has-session", "-t", "windows"]).output().unwrap();
    if !has_server.status.success() {
        // Without a window of its own the server would end with the last of the others.
        let begin = ["tmux", "-f", "/dev/null", "new-session", "-d", "-s", "windows"];
        host.run(&[&begin[..], &["exec sleep 86400"]].concat());
    }
    let line = format!("LC_MARK={mark} exec {line}");
    host.run(&["tmux", "new-window", "-d", "-t", "windows:", &line]);
}

/// What carries the session of `host` in the directory `name`.
fn carriers(host: &Host, name: &str) -> Carriers {
    let session = host.session(name);
    let query = format!("{}:{}", session["pid"], session["start"]);
    let reply = host.ask("carriers", json!({ "query": query })).unwrap();
    assert_eq!(reply["ok"], true, "{reply}");
    serde_json::from_value(reply["carriers"].clone()).unwrap()
}

/// The same, where it must be one.
fn carrier(host: &Host, name: &str) -> Carrier {
    let Carriers { carriers, .. } = carriers(host, name);
    let [carrier] = &carriers[..] else { panic!("{carriers:?}") };
    carrier.clone()
}

#[test]
fn hosts_reach_each_other_and_have_no_other_network() {
    let network = Network::with_sshd(&["near", "far"]);
    let near = network.host("near");
    let said = near.run(&["ssh", "far", "hostname; echo $XDG_RUNTIME_DIR"]);
    assert_eq!(said.trim(), format!("far\n{}", network.host("far").run_dir().display()));
    let routes = near.run(&["ip", "route"]);
    assert_eq!(routes.trim(), "10.99.0.0/24 dev eth0 proto kernel scope link src 10.99.0.1");
}
