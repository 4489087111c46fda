//! A real vmuxd on a real i3: places follow the windows, switches go there, i3 may come and go.

use crate::daemon::notify::real_turn;
use crate::support::desk::{EditorWindow, Screen, eventually, need_own_processes, words};
use crate::support::world::{Daemon, World};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use vmux::session::info::SessionInfo;

/// A vmuxd that sees the real `/proc` and this screen. It scans when it is asked to, or every
/// `interval` seconds.
///
/// Other tests have sessions on the real `/proc`, too: a test asks for its own only.
fn open(world: &World, screen: &Screen, interval: &str) -> Daemon {
    Daemon::start(world, vmuxd(world, screen, interval))
}

fn vmuxd(world: &World, screen: &Screen, interval: &str) -> Command {
    need_own_processes();
    let mut command = world.command(env!("CARGO_BIN_EXE_vmuxd"));
    command.args(["--interval", interval]);
    command.env("DISPLAY", &screen.display).env("I3SOCK", screen.socket());
    command
}

/// The workspace of a session.
fn workspace(sessions: &[SessionInfo], pid: u32) -> Option<&str> {
    sessions.iter().find(|it| it.pid == pid)?.workspace.as_deref()
}

/// One request, one reply.
fn switch(daemon: &Daemon, args: Value) -> Value {
    daemon.ask("switch", args)
}

#[tokio::test]
async fn places_follow_the_windows() {
    let mut screen = Screen::new().await;
    let window = screen.xterm("1", "one").await;
    let one = screen.markers.script("in tmux");
    screen.tmux_in("3: web", "s", &words(&["new-session", &one])).await;
    let (pid, tmux) = (screen.pid("one").await, screen.pid("in tmux").await);
    let world = World::new();
    let daemon = open(&world, &screen, "3600");
    let mut listener = daemon.listen();
    daemon.until_placed(&[pid, tmux]);
    assert_eq!(workspace(&daemon.sessions(), pid), Some("1"));
    assert_eq!(workspace(&daemon.sessions(), tmux), Some("3: web"));
    // No scan comes: the events alone tell.
    screen.i3(&format!("[con_id={window}] move container to workspace \"q\\\"2\\\\\"")).await;
    listener.until(|all| workspace(all, pid) == Some("q\"2\\"));
    screen.workspace("q\"2\\").await;
    screen.i3("rename workspace to \"日本\"").await;
    listener.until(|all| workspace(all, pid) == Some("日本"));
    screen.i3("move scratchpad").await;
    listener.until(|all| workspace(all, pid) == Some("__i3_scratch"));
    screen.close(window).await;
    eventually("the end of the session", async || {
        workspace(&daemon.sessions(), pid).is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_title_that_tells_windows_apart_counts_at_once() {
    let mut screen = Screen::new().await;
    let mut editors = Vec::new();
    for (workspace, title) in [("1", "a - api - Code"), ("2", "b - web - Code")] {
        screen.workspace(workspace).await;
        screen.forget_events().await;
        editors.push(EditorWindow::open(&screen.display, title));
        screen.new_window().await;
    }
    let folder = screen.dir().join("src/api");
    std::fs::create_dir_all(&folder).unwrap();
    let start = format!("cd {} && exec {}", folder.display(), screen.markers.script("one"));
    screen.spawn(&["script", "-qc", &start, "/dev/null"]);
    let pid = screen.pid("one").await;
    let world = World::new();
    let daemon = open(&world, &screen, "3600");
    let mut listener = daemon.listen();
    listener.until(|all| workspace(all, pid) == Some("1"));
    // The folder is opened in the other window: no window comes, goes or moves, and no scan comes.
    editors[0].retitle("b - web - Code");
    editors[1].retitle("a - api - Code");
    listener.until(|all| workspace(all, pid) == Some("2"));
}

#[tokio::test]
async fn a_change_that_i3_tells_nobody_of_is_seen_by_the_next_scan() {
    let mut screen = Screen::new().await;
    let one = screen.xterm("1", "one").await;
    let two = screen.xterm("2", "two").await;
    let (first, second) = (screen.pid("one").await, screen.pid("two").await);
    let world = World::new();
    let daemon = open(&world, &screen, "1.2");
    let mut listener = daemon.listen();
    daemon.until_placed(&[first, second]);
    assert_eq!(workspace(&daemon.sessions(), first), Some("1"));
    screen.forget_events().await;
    screen.i3(&format!("[con_id={one}] swap container with con_id {two}")).await;
    listener.until(|all| workspace(all, first) == Some("2") && workspace(all, second) == Some("1"));
    let reply = switch(&daemon, json!({ "query": first.to_string() }));
    assert_eq!(reply["ok"], true, "{reply}");
    assert_eq!((screen.focus().await, screen.focused_workspace().await), (Some(one), "2".into()));
}

#[tokio::test]
async fn switch_and_back() {
    let mut screen = Screen::new().await;
    let away = screen.open("away", &["xterm"]).await;
    let one = screen.xterm("1", "one").await;
    let script = screen.markers.script("two");
    let tmux = screen.tmux_in("2", "s", &words(&["new-session", &script])).await;
    screen.pid("two").await;
    screen.tmux("s", &["new-window"]);
    screen.workspace("away").await;
    assert_eq!(screen.focus().await, Some(away));
    let (first, second) = (screen.pid("one").await, screen.pid("two").await);
    let world = World::new();
    let daemon = open(&world, &screen, "3600");
    daemon.until_placed(&[first, second]);
    for (pid, window) in [(first, one), (second, tmux)] {
        let reply = switch(&daemon, json!({ "query": pid.to_string() }));
        assert_eq!(reply["ok"], true, "{reply}");
        assert_eq!(screen.focus().await, Some(window));
    }
    for window in [one, away] {
        let reply = switch(&daemon, json!({ "back": true }));
        assert_eq!(reply["ok"], true, "{reply}");
        if screen.focus().await == Some(window) {
            continue;
        }
        // Whether --back goes one step or toggles is the tour's affair; it leads to a window.
        assert!(screen.focus().await.is_some());
    }
    // Gone between the list and the switch.
    screen.close(one).await;
    let reply = switch(&daemon, json!({ "query": first.to_string() }));
    assert_eq!(reply["ok"], false, "{reply}");
}

#[tokio::test]
async fn below_a_locked_screen_nothing_is_seen() {
    let mut screen = Screen::new().await;
    let window = screen.xterm("1", "one").await;
    let pid = screen.pid("one").await;
    real_turn(&screen, pid, "busy");
    screen.workspace("away").await;
    let world = World::new();
    let daemon = open(&world, &screen, "3600");
    daemon.until_placed(&[pid]);
    // A program of this name; the real one covers the screen, and does nothing else that i3 sees.
    let locker = screen.dir().join("i3lock").display().to_string();
    fs::copy("/bin/sleep", &locker).unwrap();
    let locker = screen.spawn(&[&locker, "86400"]);
    let query = json!({ "query": pid.to_string() });
    let reply = switch(&daemon, query.clone());
    assert_eq!(reply["code"], "not_in_view", "{reply}");
    assert!(reply["error"].as_str().unwrap().contains("i3lock locks the screen"), "{reply}");
    assert_eq!(screen.focus().await, Some(window));
    // It finishes in the window with the focus, and nobody sees it.
    let is_unseen = |all: &[SessionInfo]| all.iter().any(|it| it.pid == pid && it.unseen);
    let mut listener = daemon.listen();
    real_turn(&screen, pid, "idle");
    listener.until(is_unseen);
    // Nobody waits for it: it stays a process without an environment.
    screen.signal(locker, Signal::KILL);
    eventually("the end of the locker", async || {
        let environment = fs::read(format!("/proc/{locker}/environ")).unwrap_or_default();
        environment.is_empty().then_some(())
    })
    .await;
    daemon.ask("scan", json!({}));
    listener.until(|all| !is_unseen(all));
    let reply = switch(&daemon, query);
    assert_eq!(reply["ok"], true, "{reply}");
}

#[tokio::test]
async fn next_passes_over_a_session_that_is_shown_nowhere_and_goes_on_from_there() {
    let mut screen = Screen::new().await;
    let script = screen.markers.script("detached");
    screen.tmux("s", &["new-session", "-d", "-s", "work", &script]);
    let one = screen.xterm("1", "one").await;
    let two = screen.xterm("2", "two").await;
    let away = screen.open("away", &["xterm"]).await;
    // In this order they began to wait.
    for label in ["detached", "one", "two"] {
        let pid = screen.pid(label).await;
        real_turn(&screen, pid, "waiting");
    }
    let world = World::new();
    let daemon = open(&world, &screen, "3600");
    let reply = switch(&daemon, json!({ "next": true }));
    assert_eq!(reply["ok"], true, "{reply}");
    assert_eq!(screen.focus().await, Some(one));
    let note = reply["note"].as_str().unwrap();
    assert!(note.contains("was skipped: it runs in the tmux session work"), "{note}");
    // At once again, before the focus is told.
    let reply = switch(&daemon, json!({ "next": true }));
    assert_eq!((reply["ok"].as_bool(), screen.focus().await), (Some(true), Some(two)), "{reply}");
    // A switch that stays where it is keeps the way back.
    let pid = screen.pid("two").await.to_string();
    assert_eq!(switch(&daemon, json!({ "query": pid }))["ok"], true);
    assert_eq!(switch(&daemon, json!({ "back": true }))["ok"], true);
    assert_eq!(screen.focus().await, Some(one));
    // Where none can be reached, the error is that of the first.
    for window in [one, two, away] {
        screen.close(window).await;
    }
    eventually("the end of the others", async || {
        let reply = switch(&daemon, json!({ "next": true }));
        (reply["code"] == "no_window").then_some(())
    })
    .await;
}

#[tokio::test]
async fn back_to_an_empty_workspace() {
    let mut screen = Screen::new().await;
    let one = screen.xterm("1", "one").await;
    let pid = screen.pid("one").await.to_string();
    let world = World::new();
    let daemon = open(&world, &screen, "3600");
    let empty = "q\"5\\ empty";
    // Until vmuxd has read that the user is there.
    eventually("back to the empty workspace", async || {
        screen.workspace(empty).await;
        let reply = switch(&daemon, json!({ "query": pid }));
        assert_eq!((&reply["ok"], screen.focus().await), (&json!(true), Some(one)), "{reply}");
        let reply = switch(&daemon, json!({ "back": true }));
        assert_eq!(reply["code"] == "no_match", reply["ok"] == false, "{reply}");
        (screen.focused_workspace().await == empty).then_some(())
    })
    .await;
    assert_eq!(screen.focus().await, None);
    // From now on it is connected, and reads what was reported before it goes anywhere.
    for _ in 0..10 {
        screen.workspace("1").await;
        screen.workspace(empty).await;
        let reply = switch(&daemon, json!({ "query": pid }));
        assert_eq!((&reply["ok"], screen.focus().await), (&json!(true), Some(one)), "{reply}");
        assert_eq!(switch(&daemon, json!({ "back": true }))["ok"], true);
        assert_eq!(screen.focused_workspace().await, empty);
    }
}

#[tokio::test]
async fn a_pane_that_was_selected_without_a_window_is_not_reached() {
    let mut screen = Screen::new().await;
    let script = screen.markers.script("far");
    screen.tmux("s", &["new-session", "-d", "-s", "work", &script]);
    screen.tmux("s", &["new-window", "-t", "work", "sleep 86400"]);
    // Its client has no window here.
    let attach = [screen.tmux_argv("s"), words(&["attach", "-t", "work"])].concat().join(" ");
    screen.spawn_with(&["script", "-qc", &attach, "/dev/null"], &[("TERM", "xterm")]);
    screen.tmux_clients("s", 1).await;
    let near = screen.xterm("1", "near").await;
    let away = screen.open("away", &["xterm"]).await;
    for label in ["far", "near"] {
        let pid = screen.pid(label).await;
        real_turn(&screen, pid, "waiting");
    }
    let world = World::new();
    let daemon = open(&world, &screen, "3600");
    let panes = ["list-windows", "-t", "work", "-F", "#{window_index}#{window_active}"];
    screen.i3(&format!("[con_id={away}] focus")).await;
    let reply = switch(&daemon, json!({ "next": true }));
    assert_eq!((&reply["ok"], screen.focus().await), (&json!(true), Some(near)), "{reply}");
    assert!(reply["note"].as_str().unwrap().contains("only the tmux pane can be selected"));
    assert!(screen.tmux("s", &panes).contains("11"), "nothing was done to it");
    // Where there is no other, its pane is selected, and that is no success, however often.
    let pid = screen.pid("far").await.to_string();
    for args in [json!({ "query": pid }), json!({ "next": true }), json!({ "next": true })] {
        screen.tmux("s", &["select-window", "-t", "work:1"]);
        let reply = switch(&daemon, args);
        assert_eq!(reply["code"], "not_in_view", "{reply}");
        assert!(screen.tmux("s", &panes).contains("01"), "{reply}");
        assert_eq!(screen.focus().await, Some(near));
    }
    let vmux = world.vmux().args(["switch", &pid]).output().unwrap();
    assert_eq!(vmux.status.code(), Some(5), "{vmux:?}");
}

#[tokio::test]
async fn i3_may_come_and_go() {
    let mut screen = Screen::new().await;
    screen.xterm("1", "one").await;
    let pid = screen.pid("one").await;
    // vmuxd first, i3 later; a stale socket lies where i3 was.
    screen.signal(screen.i3_pid, Signal::KILL);
    let world = World::new();
    let daemon = open(&world, &screen, "0.3");
    let mut listener = daemon.listen();
    assert_eq!(workspace(&daemon.sessions(), pid), None);
    let reply = switch(&daemon, json!({ "query": pid.to_string() }));
    assert_eq!(reply["ok"], false);
    assert!(reply["error"].as_str().unwrap().contains("no window manager"), "{reply}");
    screen.start_i3().await;
    listener.until(|all| workspace(all, pid) == Some("1"));
    // A restart changes every container id; the place stays.
    let con_id = |all: &[SessionInfo]| {
        let place = all.iter().find(|it| it.pid == pid)?.place.as_ref()?;
        Some(place.window.as_ref()?.con_id)
    };
    let old = con_id(&daemon.sessions()).unwrap();
    screen.restart_i3().await;
    listener.until(|all| con_id(all).is_some_and(|new| new != old));
    let reply = switch(&daemon, json!({ "query": pid.to_string() }));
    assert_eq!(reply["ok"], true, "{reply}");
    // Stopped: an error within the deadline, and all is well again afterwards.
    screen.signal(screen.i3_pid, Signal::STOP);
    // Whoever asks i3 first finds it so: the doctor, or a read of the windows, which is a problem then.
    // While that waits, there is nothing to tell yet.
    eventually("i3 is told not to answer", async || {
        let found = daemon.ask("doctor", json!({}))["findings"].to_string() + &daemon.problems();
        found.contains("no answer within").then_some(())
    })
    .await;
    let reply = switch(&daemon, json!({ "query": pid.to_string() }));
    assert!(reply["error"].as_str().unwrap().contains("no answer within"), "{reply}");
    screen.continue_i3().await;
    eventually("i3 is found again", async || {
        (switch(&daemon, json!({ "query": pid.to_string() }))["ok"] == true).then_some(())
    })
    .await;
    // Killed while it runs: the place is forgotten after a while, and found again with i3.
    screen.signal(screen.i3_pid, Signal::KILL);
    listener.until(|all| workspace(all, pid).is_none());
    screen.start_i3().await;
    listener.until(|all| workspace(all, pid) == Some("1"));
}

#[tokio::test]
async fn while_x_is_stopped_places_stay_as_they_were() {
    let mut screen = Screen::new().await;
    screen.xterm("1", "one").await;
    let pid = screen.pid("one").await;
    let world = World::new();
    let daemon = open(&world, &screen, "0.3");
    daemon.until_placed(&[pid]);
    screen.signal(screen.x_pid, Signal::STOP);
    daemon.until_problems(|it| it.contains("the X server"));
    for _ in 0..3 {
        daemon.ask("scan", json!({}));
        assert_eq!(workspace(&daemon.sessions(), pid), Some("1"));
    }
    screen.signal(screen.x_pid, Signal::CONT);
    daemon.until_problems(|it| !it.contains("the X server"));
    assert_eq!(workspace(&daemon.sessions(), pid), Some("1"));
}

#[tokio::test]
async fn the_terminal_to_attach_in_is_the_users_never_the_clients() {
    let mut screen = Screen::new().await;
    let one = screen.markers.script("one");
    screen.tmux("s", &["new-session", "-d", "-s", "work", &one]);
    let pid = screen.pid("one").await.to_string();
    let world = World::new();
    std::fs::create_dir_all(world.path("home/.vmux")).unwrap();
    let config = "[switch]\nattach = [\"/usr/bin/xterm\", \"-e\"]\n";
    std::fs::write(world.path("home/.vmux/config.toml"), config).unwrap();
    // As the service manager starts it where tmux is installed elsewhere: there is none in its PATH.
    let mut command = vmuxd(&world, &screen, "3600");
    command.env("PATH", screen.dir());
    let daemon = Daemon::start(&world, command);
    let trace = world.path("trace");
    let argv = json!(["touch", trace.to_str().unwrap()]);
    let reply = switch(&daemon, json!({ "query": pid, "attach": argv }));
    assert_eq!(reply["code"], "bad_request", "{reply}");
    let reply = switch(&daemon, json!({ "query": pid }));
    assert_eq!(reply["code"], "no_window", "{reply}");
    let reply = switch(&daemon, json!({ "query": pid, "attach": true, "terminal": argv }));
    assert_eq!(reply["ok"], true, "{reply}");
    assert!(!trace.exists());
    let found = screen.find("one").await;
    assert_eq!(screen.focus().await, Some(found.candidates()[0]));
}
