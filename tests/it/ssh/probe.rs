//! The title probe across an ssh: windows that no connection tells apart are found by a title that the far
//! side writes, and never another window.

use super::carriers;
use super::switch::{desk_with, listed, open, said, switch};
use crate::support::desk::{Screen, eventually};
use crate::support::ssh::{Host, Network};

const PROBE: &str = "switch.title_probe = true";

/// Goes to each of these sessions from an empty window, and checks that its window has the focus then.
async fn go_to_each(screen: &mut Screen, near: &Host, far: &Host, windows: &[(&str, u64)]) {
    screen.open("away", &["xterm"]).await;
    for (name, window) in windows {
        screen.workspace("away").await;
        let query = listed(near, far, name);
        let switched = switch(near, &[&query]);
        assert!(switched.status.success(), "{name}: {}", said(&switched));
        assert_eq!(screen.focus().await, Some(*window), "{name}");
        screen.shot(&format!("far-probe-{name}"));
    }
}

/// Windows with sessions of these names, over this command.
async fn windows<'a>(
    screen: &mut Screen,
    far: &Host,
    ssh: &[&str],
    names: &[&'a str],
) -> Vec<(&'a str, u64)> {
    let mut windows = Vec::new();
    for name in names {
        let line = far.session_line(name);
        windows.push((*name, open(screen, name, &[ssh, &[&line]].concat()).await));
        // One after the other: the first becomes the master of a shared connection.
        far.session(name);
    }
    windows
}

#[tokio::test]
async fn windows_behind_a_jump_host_are_told_apart() {
    let network = Network::with_sshd(&["near", "far", "jump"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let mut screen = desk_with(&network, PROBE).await;
    far.start_vmuxd();
    let ssh = ["ssh", "-t", "-J", "jump", "far"];
    let windows = windows(&mut screen, far, &ssh, &["one", "two"]).await;
    go_to_each(&mut screen, near, far, &windows).await;
    // The old title comes back.
    eventually("the old titles", async || {
        let windows = screen.windows().await;
        windows.iter().all(|it| !it.title.starts_with("vmux ")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn windows_that_share_a_connection_are_told_apart() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    near.configure_ssh("ControlMaster auto\nControlPath ~/.ssh/shared-%C\nControlPersist 600");
    let mut screen = desk_with(&network, PROBE).await;
    far.start_vmuxd();
    let windows = windows(&mut screen, far, &["ssh", "-t", "far"], &["a", "b", "c"]).await;
    go_to_each(&mut screen, near, far, &windows).await;
}

#[tokio::test]
async fn a_hidden_pane_of_a_tmux_there_in_a_hidden_pane_of_a_tmux_here_behind_a_jump_host() {
    let network = Network::with_sshd(&["near", "far", "jump"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let mut screen = desk_with(&network, PROBE).await;
    far.start_vmuxd();
    let line = far.session_line("work");
    let ssh = format!("ssh -t -J jump far \"tmux -f /dev/null new -s w '{line}'\"");
    let window =
        open(&mut screen, "1", &["tmux", "-f", "/dev/null", "new", "-s", "here", &ssh]).await;
    listed(near, far, "work");
    eventually("a client", async || carriers(far, "work").carriers.first().cloned()).await;
    far.run(&["tmux", "new-window", "-t", "w"]);
    near.run(&["tmux", "new-window", "-t", "here"]);
    go_to_each(&mut screen, near, far, &[("work", window)]).await;
    let current = |host: &Host, session: &str| {
        host.run(&["tmux", "display-message", "-p", "-t", session, "#{window_index}"])
    };
    assert_eq!((current(near, "here:").trim(), current(far, "w:").trim()), ("0", "0"));
}

#[tokio::test]
async fn a_terminal_that_takes_no_title_stays_unknown() {
    let network = Network::with_sshd(&["near", "far", "jump"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let mut screen = desk_with(&network, PROBE).await;
    far.start_vmuxd();
    let line = far.session_line("mute");
    let mute = ["xterm", "-xrm", "*allowTitleOps: false", "-e"];
    screen.open("1", &[&mute[..], &["ssh", "-t", "-J", "jump", "far", &line]].concat()).await;
    let away = screen.open("away", &["xterm"]).await;
    let query = listed(near, far, "mute");
    let switched = switch(near, &[&query]);
    assert_eq!(switched.status.code(), Some(4), "{}", said(&switched));
    assert_eq!(screen.focus().await, Some(away));
}
