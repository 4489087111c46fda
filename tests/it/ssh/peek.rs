//! What a session of another host shows, asked for over a real ssh.

use super::switch::listed;
use crate::support::ssh::Network;
use crate::support::world::eventually;
use serde_json::{Value, json};

#[test]
fn the_pane_of_a_tmux_there_is_shown_here_and_no_more_of_it_than_asked_for() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let program = far.bin().join("vmux");
    near.configure_vmux(&format!("[hosts.far]\nprogram = \"{}\"\n", program.display()));
    far.start_vmuxd();
    near.start_vmuxd();
    let line = format!("echo Do you want; echo 1. Yes; {}", far.session_line("work"));
    far.run(&["tmux", "-f", "/dev/null", "new-session", "-d", "-s", "w", &line]);
    let query = listed(near, far, "work");
    let peek = |more: &[&str]| {
        let output = near.command(&[&["vmux", "peek", &query, "--json"], more].concat()).output();
        serde_json::from_slice::<Value>(&output.unwrap().stdout).ok()
    };
    let shown = eventually("the text of the pane", || {
        peek(&[]).filter(|it| it["lines"] == json!(["Do you want", "1. Yes"]))
    });
    assert!(shown["from"].as_str().unwrap().starts_with("tmux pane %"), "{shown}");
    assert_eq!(peek(&["--lines", "1"]).unwrap()["lines"], json!(["1. Yes"]));
}
