//! Going to a session: is it in view afterwards, and is the error right where it cannot be?

use crate::support::desk::{Screen, eventually, listening, words};
use vmux::wm::switch::outcome::{SwitchError, SwitchOptions, Switched};

async fn switch(screen: &mut Screen, label: &str) -> Result<Switched, SwitchError> {
    let pid = screen.pid(label).await;
    let mut wm = screen.wm().await;
    wm.switch(pid, &SwitchOptions::default()).await
}

#[tokio::test]
async fn to_every_kind_of_container() {
    // The focus follows the mouse, as it does unless configured: nothing may bounce.
    let config = "focus_follows_mouse yes\nworkspace_auto_back_and_forth yes\n\
        fake-outputs 640x800+0+0,640x800+640+0";
    let mut screen = Screen::with(config).await;
    let plain = screen.xterm("1", "plain").await;
    let tab = screen.xterm("tabs", "tab").await;
    screen.i3("layout tabbed").await;
    screen.xterm("tabs", "front").await;
    let floating = screen.xterm("1", "floating").await;
    screen.i3("floating enable").await;
    let covered = screen.xterm("full", "covered").await;
    screen.xterm("full", "cover").await;
    screen.i3("fullscreen enable").await;
    let hidden = screen.xterm("scratch", "hidden").await;
    screen.i3("move scratchpad").await;
    let other = screen.xterm("q\"uote\\ [x] ☕", "other").await;
    screen.i3("move workspace to output right").await;
    let windows = [
        ("plain", plain),
        ("other", other),
        ("tab", tab),
        ("floating", floating),
        ("covered", covered),
        ("hidden", hidden),
        ("plain", plain),
        ("plain", plain),
    ];
    let mut wm = screen.wm().await;
    for (label, con_id) in windows {
        let pid = screen.pid(label).await;
        let switched = wm.switch(pid, &SwitchOptions::default()).await.unwrap();
        assert_eq!(screen.focus().await, Some(con_id), "{label}");
        assert!(switched.place.window.unwrap().focused);
        let shown = screen.shown(con_id).await;
        assert_eq!(screen.focused_workspace().await, shown.workspace, "{label}");
        screen.shot(&format!("switch-{label}"));
    }
}

#[tokio::test]
async fn into_tmux_by_ids() {
    let mut screen = Screen::new().await;
    let one = screen.markers.script("one");
    let window = screen.tmux_in("1", "s", &words(&["new-session", "-s", "a", &one])).await;
    screen.pid("one").await;
    let (two, three) = (screen.markers.script("two"), screen.markers.script("three"));
    screen.tmux("s", &["new-window", &two]);
    screen.tmux("s", &["split-window", &three]);
    screen.pid("two").await;
    screen.pid("three").await;
    screen.tmux("s", &["resize-pane", "-Z"]);
    screen.xterm("2", "away").await;
    let mut wm = screen.wm().await;
    for label in ["one", "two", "three"] {
        screen.workspace("2").await;
        let pid = screen.pid(label).await;
        wm.switch(pid, &SwitchOptions::default()).await.unwrap();
        assert_eq!(screen.focus().await, Some(window));
        let found = wm.locate(pid).await.unwrap();
        let pane = found.place.pane.unwrap().pane_id;
        let current = screen.tmux("s", &["display-message", "-p", "-t", "a:", "#{pane_id}"]);
        assert_eq!(current, pane, "{label}");
        screen.shot(&format!("tmux-{label}"));
    }
    // Selecting the other pane of a zoomed window keeps it zoomed.
    let zoomed = screen.tmux("s", &["display-message", "-p", "-t", "a:1", "#{window_zoomed_flag}"]);
    assert_eq!(zoomed, "1");
}

#[tokio::test]
async fn into_both_of_two_nested_tmux() {
    let mut screen = Screen::new().await;
    let deep = screen.markers.script("deep");
    let inner = screen.tmux_argv("inner");
    let start = format!("TMUX= exec {} new-session -s in {deep}", inner.join(" "));
    let window = screen.tmux_in("1", "outer", &words(&["new-session", "-s", "out", &start])).await;
    screen.pid("deep").await;
    let (side, over) = (screen.markers.script("side"), screen.markers.script("over"));
    screen.tmux("inner", &["new-window", &side]);
    screen.tmux("outer", &["new-window", &over]);
    screen.xterm("2", "away").await;
    let switched = switch(&mut screen, "deep").await.unwrap();
    assert_eq!(screen.focus().await, Some(window), "{switched:?}");
    let current = ["list-windows", "-F", "#{window_index}#{window_active}"];
    assert!(screen.tmux("inner", &current).contains("01"));
    assert!(screen.tmux("outer", &current).contains("01"));
}

#[tokio::test]
async fn a_detached_session_is_attached_on_request_only() {
    let mut screen = Screen::new().await;
    let one = screen.markers.script("one");
    screen.tmux("s", &["new-session", "-d", "-s", "work", &one]);
    screen.xterm("1", "away").await;
    let error = switch(&mut screen, "one").await.unwrap_err();
    assert!(matches!(error, SwitchError::Detached(_)), "{error}");
    assert!(error.to_string().contains("work") && error.hint().unwrap().contains("--attach"));
    let pid = screen.pid("one").await;
    let mut wm = screen.wm().await;
    let attach =
        |argv: &[&str]| SwitchOptions { attach: Some(words(argv)), ..SwitchOptions::default() };
    let error = wm.switch(pid, &attach(&["false"])).await.unwrap_err();
    assert!(matches!(error, SwitchError::Attach(_)), "{error}");
    let error = wm.switch(pid, &attach(&["no-such-terminal"])).await.unwrap_err();
    assert!(error.to_string().contains("no-such-terminal"), "{error}");
    wm.switch(pid, &attach(&["xterm", "-e"])).await.unwrap();
    let found = screen.find("one").await;
    assert_eq!(screen.focus().await, Some(found.candidates()[0]));
    screen.shot("attached");
}

#[tokio::test]
async fn windows_that_cannot_be_told_apart() {
    let mut screen = Screen::new().await;
    let socket = screen.dir().join("urxvtd").display().to_string();
    let daemon = [("RXVT_SOCKET", socket.as_str())];
    screen.spawn_with(&["urxvtd", "-q"], &daemon);
    listening(&socket).await;
    for label in ["a", "b"] {
        screen.workspace("q\"1\\").await;
        screen.forget_events().await;
        let script = screen.markers.script(label);
        let argv = ["urxvtc", "-e", "env", "-u", "WINDOWID", script.as_str()];
        screen.spawn_with(&argv, &daemon);
        screen.new_window().await;
        screen.pid(label).await;
    }
    screen.xterm("2", "away").await;
    // Both on one workspace: there it goes, and says that it may be the other one.
    let error = switch(&mut screen, "a").await.unwrap_err();
    assert_eq!(screen.focused_workspace().await, "q\"1\\");
    assert!(error.to_string().contains("one of the 2 windows of urxvtd"), "{error}");
    assert!(matches!(error, SwitchError::WorkspaceOnly { .. }) && error.is_near());
    assert_eq!(screen.find("a").await.place.candidates, 2);
    // On two: nothing is done.
    screen.i3("move container to workspace 3").await;
    screen.workspace("2").await;
    let error = switch(&mut screen, "a").await.unwrap_err();
    assert!(matches!(error, SwitchError::OneOf { .. }), "{error}");
    assert_eq!(screen.focused_workspace().await, "2");
    // The title probe, where it is allowed, tells them apart and leaves the titles as they were.
    let mut config = screen.config();
    config.title_probe = true;
    let wm = || {
        vmux::wm::manager::WindowManager::new(config.clone(), crate::support::desk::proc_reader())
    };
    let mut seen = Vec::new();
    for label in ["a", "b"] {
        let pid = screen.pid(label).await;
        // A terminal has a quarter of a second to take the title: on a busy machine not always
        // enough, and then the desk remembers that it cannot tell.
        eventually("a title that is taken", async || {
            wm().switch(pid, &SwitchOptions::default()).await.ok()?.note.is_none().then_some(())
        })
        .await;
        seen.push(screen.focus().await.unwrap());
    }
    assert_ne!(seen[0], seen[1]);
    let mut after = screen.wm().await;
    eventually("the old titles", async || {
        after.read_windows().await.ok()?;
        (!after.windows().iter().any(|row| row.title.starts_with("vmux "))).then_some(())
    })
    .await;
}

#[tokio::test]
async fn errors_say_what_is_the_matter() {
    let mut screen = Screen::new().await;
    screen.xterm("1", "shown").await;
    let mut wm = screen.wm().await;
    let none = SwitchOptions::default();
    assert_eq!(wm.switch(4_000_000, &none).await, Err(SwitchError::Ended));
    let argv = words(&["setsid", "-f", &screen.markers.script("daemon")]);
    screen.spawn(&argv);
    let error = switch(&mut screen, "daemon").await.unwrap_err();
    assert!(matches!(error, SwitchError::NoWindow(_)), "{error}");
    // A window that closes after it was looked for.
    let window = screen.xterm("2", "closing").await;
    wm.read_windows().await.unwrap();
    screen.close(window).await;
    let error = wm.focus_window(window, None).await.unwrap_err();
    assert!(matches!(error, SwitchError::Closed(_)), "{error}");
}

#[tokio::test]
async fn back_to_a_window_after_a_restart_of_i3() {
    let mut screen = Screen::new().await;
    let first = screen.xterm("1", "one").await;
    let mut wm = screen.wm().await;
    let before = wm.focused().unwrap();
    assert_eq!((before.con_id, before.workspace.as_deref()), (first, Some("1")));
    screen.xterm("2", "two").await;
    screen.restart_i3().await;
    wm.focus_window(before.con_id, before.xid).await.unwrap();
    let focus = screen.focus().await.unwrap();
    assert_ne!(focus, first, "i3 numbers its containers anew");
    assert_eq!(screen.shown(focus).await.xid, before.xid.map(u64::from));
}

#[tokio::test]
async fn while_i3_restarts() {
    let mut screen = Screen::new().await;
    screen.xterm("1", "one").await;
    let pid = screen.pid("one").await;
    screen.xterm("2", "away").await;
    let mut wm = screen.wm().await;
    // It answers no more, and is not there again yet.
    let mut command = std::process::Command::new("i3-msg");
    command.arg("-s").arg(screen.socket()).arg("restart").output().unwrap();
    let switched = wm.switch(pid, &SwitchOptions::default()).await.unwrap();
    screen.reconnect().await;
    assert_eq!(screen.focus().await, switched.place.window.map(|window| window.con_id));
    assert_eq!(screen.focused_workspace().await, "1");
}

#[tokio::test]
async fn into_a_tabbed_container_in_the_scratchpad() {
    let mut screen = Screen::new().await;
    let one = screen.xterm("1", "one").await;
    screen.i3("layout tabbed").await;
    let two = screen.xterm("1", "two").await;
    screen.i3("focus parent").await;
    screen.i3("move scratchpad").await;
    screen.xterm("2", "away").await;
    for (label, window) in [("one", one), ("two", two), ("one", one)] {
        let switched = switch(&mut screen, label).await.unwrap();
        assert_eq!(screen.focus().await, Some(window), "{label}");
        assert_eq!(screen.focused_workspace().await, "2");
        if label == "one" && switched.note.is_none() {
            // Shown by now: back with it.
            screen.i3("focus parent").await;
            screen.i3("move scratchpad").await;
        }
    }
}
