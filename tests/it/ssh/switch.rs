//! One key to a session on another host: `vmux switch` here, a real i3 with the windows, and a link of
//! vmuxd to the vmuxd there.

use super::carriers;
use crate::support::desk::{Screen, eventually};
use crate::support::ssh::{Host, Network};
use serde_json::Value;
use std::process::Output;

/// A screen on the near host, and a vmuxd there that reaches the others.
async fn desk(network: &Network) -> Screen {
    desk_with(network, "").await
}

/// The same with another line of the configuration.
pub async fn desk_with(network: &Network, line: &str) -> Screen {
    let near = network.host("near");
    let screen = Screen::on(near).await;
    let host = |name: &str| {
        let program = network.host(name).bin().join("vmux");
        format!("[hosts.{name}]\nprogram = \"{}\"\n", program.display())
    };
    let config: String = network.names().filter(|name| *name != "near").map(host).collect();
    near.configure_vmux(&format!("switch.attach = [\"xterm\", \"-e\"]\n{line}\n{config}"));
    let socket = screen.socket().display().to_string();
    near.start_vmuxd_with(&[("DISPLAY", &screen.display), ("I3SOCK", &socket)]);
    screen
}

/// Opens a window on this workspace with an ssh in it.
pub async fn open(screen: &mut Screen, workspace: &str, line: &[&str]) -> u64 {
    screen.open(workspace, &[&["xterm", "-e"], line].concat()).await
}

/// The session of `host` in the directory `name`, once the near vmuxd lists it: its name in a query.
pub fn listed(near: &Host, host: &Host, name: &str) -> String {
    let there = host.session(name);
    let query = format!("{}:{}", host.name(), there["pid"]);
    crate::support::world::eventually("the session in the list of the near host", || {
        let list = near.ask("list", serde_json::json!({}))?;
        let sessions = list["sessions"].as_array()?;
        let is_it = |it: &&Value| it["host"] == host.name() && it["pid"] == there["pid"];
        sessions.iter().find(is_it).map(|_| query.clone())
    })
}

pub fn switch(near: &Host, arguments: &[&str]) -> Output {
    near.command(&[&["vmux", "switch"], arguments].concat()).output().unwrap()
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn the_window_of_each_ssh_gets_the_focus() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let mut screen = desk(&network).await;
    far.start_vmuxd();
    let mut windows = Vec::new();
    for (workspace, name) in [("1", "one"), ("2", "two")] {
        let line = far.session_line(name);
        windows.push((name, open(&mut screen, workspace, &["ssh", "-t", "far", &line]).await));
    }
    screen.open("away", &["xterm"]).await;
    for (name, window) in windows {
        let query = listed(near, far, name);
        let switched = switch(near, &[&query]);
        assert!(switched.status.success(), "{}", said(&switched));
        assert_eq!(screen.focus().await, Some(window), "{name}");
        screen.shot(&format!("far-{name}"));
    }
    let back = switch(near, &["--back"]);
    assert!(back.status.success(), "{}", said(&back));
}

#[tokio::test]
async fn a_pane_of_a_tmux_there_below_a_pane_of_a_tmux_here() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let mut screen = desk(&network).await;
    far.start_vmuxd();
    let line = far.session_line("work");
    let ssh = format!("ssh -t far \"tmux -f /dev/null new -s w '{line}'\"");
    let window =
        open(&mut screen, "1", &["tmux", "-f", "/dev/null", "new", "-s", "here", &ssh]).await;
    let query = listed(near, far, "work");
    eventually("a client", async || carriers(far, "work").carriers.first().cloned()).await;
    far.run(&["tmux", "new-window", "-t", "w"]);
    near.run(&["tmux", "new-window", "-t", "here"]);
    screen.open("away", &["xterm"]).await;
    let switched = switch(near, &[&query]);
    assert!(switched.status.success(), "{}", said(&switched));
    assert_eq!(screen.focus().await, Some(window));
    screen.shot("far-tmux-in-tmux");
    let current = |host: &Host, session: &str| {
        host.run(&["tmux", "display-message", "-p", "-t", session, "#{window_index}"])
    };
    assert_eq!((current(near, "here:").trim(), current(far, "w:").trim()), ("0", "0"));
}

#[tokio::test]
async fn what_cannot_be_told_moves_no_focus() {
    let network = Network::with_sshd(&["near", "far", "jump"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let mut screen = desk(&network).await;
    far.start_vmuxd();
    let line = far.session_line("hidden");
    open(&mut screen, "1", &["ssh", "-t", "-J", "jump", "far", &line]).await;
    let away = screen.open("away", &["xterm"]).await;
    let query = listed(near, far, "hidden");
    let switched = switch(near, &[&query]);
    assert_eq!(switched.status.code(), Some(4), "{}", said(&switched));
    assert!(said(&switched).contains("no connection of this host"), "{}", said(&switched));
    assert_eq!(screen.focus().await, Some(away));
}

#[tokio::test]
async fn of_windows_that_share_a_connection_the_workspace_is_shown() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    near.configure_ssh("ControlMaster auto\nControlPath ~/.ssh/shared-%C\nControlPersist 600");
    let mut screen = desk(&network).await;
    far.start_vmuxd();
    for name in ["one", "two"] {
        let line = far.session_line(name);
        open(&mut screen, "shared", &["ssh", "-t", "far", &line]).await;
        far.session(name);
    }
    let away = screen.open("away", &["xterm"]).await;
    let query = listed(near, far, "one");
    let switched = switch(near, &[&query]);
    assert_eq!(switched.status.code(), Some(5), "{}", said(&switched));
    assert!(said(&switched).contains("one of the 2 windows"), "{}", said(&switched));
    assert_eq!(screen.focused_workspace().await, "shared");
    // On two workspaces nothing is done.
    screen.i3("move container to workspace other").await;
    screen.workspace("away").await;
    let switched = switch(near, &[&query]);
    assert!(said(&switched).contains("ControlMaster"), "{}", said(&switched));
    assert_eq!(screen.focus().await, Some(away));
}

#[tokio::test]
async fn a_detached_tmux_there_is_attached_in_a_new_window_here() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let mut screen = desk(&network).await;
    far.start_vmuxd();
    let line = far.session_line("work");
    far.run(&["tmux", "-f", "/dev/null", "new-session", "-d", "-s", "w", &line]);
    screen.open("1", &["xterm"]).await;
    let query = listed(near, far, "work");
    let refused = switch(near, &[&query]);
    assert!(said(&refused).contains(&format!("--attach {query}")), "{}", said(&refused));
    let switched = switch(near, &["--attach", &query]);
    assert!(switched.status.success(), "{}", said(&switched));
    assert_eq!(far.run(&["tmux", "list-clients", "-t", "w", "-F", "x"]).trim(), "x");
    assert_eq!(screen.windows().await.len(), 2);
    screen.shot("far-attached");
    // Now it is shown.
    let away = screen.open("away", &["xterm"]).await;
    let switched = switch(near, &[&query]);
    assert!(switched.status.success(), "{}", said(&switched));
    assert_ne!(screen.focus().await, Some(away));
}

#[tokio::test]
async fn mosh_is_gone_to() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let mut screen = desk(&network).await;
    far.start_vmuxd();
    let line = far.session_line("work");
    let window = open(&mut screen, "1", &["mosh", "far", "--", "bash", "-c", &line]).await;
    screen.open("away", &["xterm"]).await;
    let query = listed(near, far, "work");
    let switched = switch(near, &[&query]);
    assert!(switched.status.success(), "{}", said(&switched));
    assert_eq!(screen.focus().await, Some(window));
}
