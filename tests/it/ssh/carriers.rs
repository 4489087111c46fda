//! What a vmuxd says of how its sessions are shown to users at other hosts.

use super::{carrier, carriers, window};
use crate::support::ssh::Network;
use crate::support::world::eventually;
use serde_json::json;
use vmux::session::place::carrier::Transport;

#[test]
fn a_plain_ssh() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    far.start_vmuxd();
    window(near, "one", &format!("ssh -t far '{}'", far.session_line("one")));
    let told = carrier(far, "one");
    let Transport::Ssh { connection, terminals } = told.transport else { panic!("{told:?}") };
    assert_eq!(connection.client.ip().to_string(), near.address());
    assert_eq!((connection.server.to_string().as_str(), terminals), ("10.99.0.2:22", 1));
    assert!(told.in_view && told.by.is_none());
}

#[test]
fn a_detached_tmux_tells_how_it_can_be_attached() {
    let network = Network::with_sshd(&["near", "far"]);
    let far = network.host("far");
    far.start_vmuxd();
    let line = far.session_line("work");
    far.run(&["tmux", "-f", "/dev/null", "new-session", "-d", "-s", "w", &line]);
    let told = carriers(far, "work");
    assert_eq!(told.carriers, []);
    let detached = told.tmux.unwrap();
    assert_eq!((detached.session_id.as_str(), detached.session.as_str()), ("$0", "w"));
}

#[test]
fn a_pane_is_selected_in_the_carrier_that_was_told() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    far.start_vmuxd();
    let line = far.session_line("work");
    window(near, "first", &format!("ssh -t far \"tmux -f /dev/null new -s w '{line}'\""));
    let session = far.session("work");
    let query = format!("{}:{}", session["pid"], session["start"]);
    eventually("a client", || carriers(far, "work").carriers.first().cloned());
    far.run(&["tmux", "new-window", "-t", "w"]);
    let hidden = carrier(far, "work");
    assert!(!hidden.in_view);
    let reply = far.ask("select", json!({ "query": query, "carrier": hidden })).unwrap();
    assert_eq!(reply["ok"], true, "{reply}");
    assert!(carrier(far, "work").in_view);
    far.run(&["tmux", "copy-mode", "-t", "w:0"]);
    let reply =
        far.ask("select", json!({ "query": query, "carrier": carrier(far, "work") })).unwrap();
    assert!(reply["error"].as_str().unwrap().contains("shows copy mode"), "{reply}");
    far.run(&["tmux", "send-keys", "-t", "w:0", "-X", "cancel"]);
    assert!(carrier(far, "work").in_view);
    // One that does not carry it, whatever it says.
    let mut other = json!(hidden);
    other["client"] = json!("10.99.0.1:1");
    let reply = far.ask("select", json!({ "query": query, "carrier": other })).unwrap();
    assert_eq!(reply["code"], "switch_failed", "{reply}");
}

#[test]
fn a_client_of_tmux_that_shows_another_session_is_switched() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    far.start_vmuxd();
    let line = far.session_line("work");
    far.run(&["tmux", "-f", "/dev/null", "new-session", "-d", "-s", "w", &line]);
    window(near, "first", "ssh -t far tmux new-session -s mail");
    let session = far.session("work");
    let query = format!("{}:{}", session["pid"], session["start"]);
    let told = eventually("a client", || carriers(far, "work").carriers.first().cloned());
    assert_eq!(told.shows.as_deref(), Some("mail"));
    let reply = far.ask("select", json!({ "query": query, "carrier": told })).unwrap();
    assert_eq!(reply["ok"], true, "{reply}");
    assert!(carrier(far, "work").in_view && carrier(far, "work").shows.is_none());
}
