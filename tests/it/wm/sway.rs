//! sway: native Wayland windows, Xwayland's, tmux in both.

use crate::support::desk::sway::Sway;
use crate::support::desk::{eventually, listening, proc_reader, words};
use vmux::wm::connection::discover::SocketHints;
use vmux::wm::manager::{WindowManager, WmConfig};
use vmux::wm::switch::focus_target::FocusTarget;
use vmux::wm::switch::outcome::{SwitchError, SwitchOptions};

#[tokio::test]
async fn windows_of_wayland_and_of_xwayland() {
    let mut sway = Sway::new().await;
    let mut truth = Vec::new();
    for (label, terminal, workspace) in [
        ("foot one", "foot", "1"),
        ("foot two", "foot", "2: dev"),
        ("xterm one", "xterm", "3"),
        ("xterm two", "xterm", "4 \"q\\u"),
    ] {
        let script = sway.markers.script(label);
        let argv: &[&str] =
            if terminal == "xterm" { &["xterm", "-e", &script] } else { &["foot", &script] };
        truth.push((label, workspace, sway.open(workspace, argv).await));
    }
    let foot = sway.markers.script("tmux in foot");
    let argv = [words(&["foot"]), sway.tmux_session("a", &foot)];
    truth.push(("tmux in foot", "5", sway.open("5", &argv.concat()).await));
    let xterm = sway.markers.script("tmux in xterm");
    let argv = [words(&["xterm", "-e"]), sway.tmux_session("b", &xterm)];
    truth.push(("tmux in xterm", "6", sway.open("6", &argv.concat()).await));
    let mut wm = sway.wm(false).await;
    assert!(wm.name().unwrap().starts_with("sway 1."));
    for (label, workspace, con_id) in truth {
        let pid = sway.markers.pid(label).await;
        let switched = wm.switch(pid, &SwitchOptions::default()).await.unwrap();
        assert_eq!(switched.place.workspace.as_deref(), Some(workspace), "{label}");
        assert_eq!(sway.focus().await, Some(con_id), "{label}: {switched:?}");
        assert_eq!(sway.focused_workspace().await, workspace);
    }
    // Hidden in the scratchpad: shown where the user is.
    sway.run("move scratchpad").await;
    let pid = sway.markers.pid("tmux in xterm").await;
    let switched = wm.switch(pid, &SwitchOptions::default()).await.unwrap();
    assert!(switched.note.unwrap().contains("scratchpad"));
    // A stranger's window: none.
    let error = wm.switch(std::process::id(), &SwitchOptions::default()).await.unwrap_err();
    assert!(matches!(error, SwitchError::NoWindow(_)), "{error}");
}

#[tokio::test]
async fn a_foot_server_owns_many_windows() {
    let mut sway = Sway::new().await;
    let socket = sway.dir().join("run/foot").display().to_string();
    sway.spawn(&["foot", &format!("--server={socket}")]);
    listening(&socket).await;
    let mut truth = Vec::new();
    for (label, workspace) in [("one", "it's \"one\""), ("two", "it's \"one\""), ("three", "3")] {
        let script = sway.markers.script(label);
        let con_id = sway.open("w", &["footclient", "-s", &socket, &script]).await;
        sway.run(&format!("move container to workspace {workspace:?}")).await;
        truth.push((label, con_id));
    }
    let mut wm = sway.wm(false).await;
    let pid = sway.markers.pid("one").await;
    let error = wm.switch(pid, &SwitchOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("one of the 3 windows of foot"), "{error}");
    // The title probe tells them apart.
    for (label, con_id) in truth {
        let pid = sway.markers.pid(label).await;
        // In a quarter of a second, which on a busy machine is not always enough.
        eventually("a title that is taken", async || {
            let mut wm = sway.wm(true).await;
            wm.switch(pid, &SwitchOptions::default()).await.ok()
        })
        .await;
        assert_eq!(sway.focus().await, Some(con_id), "{label}");
    }
}

#[tokio::test]
async fn a_kitty_tells_apart_windows_of_one_title() {
    let mut sway = Sway::new().await;
    let socket = sway.dir().join("run/kitty").display().to_string();
    let listens = format!("unix:{socket}");
    let (wayland, control) = ("linux_display_server=wayland", "allow_remote_control=socket-only");
    let options = ["--config", "NONE", "-o", wayland, "-o", control, "--listen-on", &listens];
    let mut opens = [words(&["kitty"]), words(&options)].concat();
    let mut truth = Vec::new();
    for (label, workspace) in [("one", "1"), ("two", "2"), ("three", "2")] {
        let script = sway.markers.script(label);
        let titled = format!("printf '\\033]2;same\\007'; exec {script}");
        let argv = [opens, words(&["sh", "-c", &titled])].concat();
        truth.push((label, sway.open(workspace, &argv).await));
        listening(&socket).await;
        opens = words(&["kitty", "@", "--to", &listens, "launch", "--type=os-window"]);
    }
    let titled = async |sway: &mut Sway| {
        eventually("the title of the program", async || {
            sway.windows().await.iter().all(|it| it.title == "same").then_some(())
        })
        .await;
    };
    titled(&mut sway).await;
    let mut wm = sway.wm(false).await;
    for (label, con_id) in truth.iter().rev() {
        let pid = sway.markers.pid(label).await;
        // The last one is none of the others.
        let possible = if *label == "one" { 1 } else { 3 };
        assert_eq!(wm.locate(pid).await.unwrap().candidates().len(), possible, "{label}");
        // The window has a quarter of a second to take the title, which a busy machine may exceed.
        eventually("a title that is taken", async || {
            wm.switch(pid, &SwitchOptions::default()).await.ok()
        })
        .await;
        assert_eq!(sway.focus().await, Some(*con_id), "{label}");
        titled(&mut sway).await;
    }
    // From then on the numbers that kitty gives its windows tell.
    for (label, con_id) in truth {
        let found = wm.locate(sway.markers.pid(label).await).await.unwrap();
        assert_eq!(found.candidates(), [con_id], "{label}: {}", found.place.how);
    }
}

#[tokio::test]
async fn no_x_server_is_started_for_nothing() {
    let mut sway = Sway::new().await;
    let display = sway.env["DISPLAY"].clone();
    let has_server = || {
        let pids = std::fs::read_dir("/proc").unwrap().flatten();
        pids.filter_map(|it| std::fs::read(it.path().join("cmdline")).ok()).any(|cmdline| {
            let mut words = cmdline.split(|byte| *byte == 0);
            words.next() == Some(b"Xwayland") && words.next() == Some(display.as_bytes())
        })
    };
    // By its socket, and by the display alone, on which i3 might have told its socket.
    let hints =
        SocketHints { swaysock: Some(sway.dir().join("sway.sock")), ..SocketHints::default() };
    for hints in [hints, SocketHints::default()] {
        let config = WmConfig { hints, displays: vec![display.clone()], title_probe: false };
        let mut wm = WindowManager::new(config, proc_reader());
        if wm.connect().await.is_ok() {
            wm.read_windows().await.unwrap();
        }
        assert!(!has_server());
    }
    // With a program on it there is one, and the windows have owners.
    let script = sway.markers.script("one");
    let window = sway.open("1", &["xterm", "-e", &script]).await;
    let pid = sway.markers.pid("one").await;
    let mut wm = sway.wm(false).await;
    assert_eq!(wm.locate(pid).await.unwrap().candidates(), [window]);
    assert!(has_server());
    // It is asked by now; where sway runs as nobody, it lets nobody else in.
    let is_root = rustix::process::geteuid().is_root();
    let refused = wm.x_trouble().is_some_and(|trouble| trouble.contains("Authorization"));
    assert_eq!(refused, is_root, "{:?}", wm.x_trouble());
}

#[tokio::test]
async fn back_to_an_empty_workspace() {
    let mut sway = Sway::new().await;
    let script = sway.markers.script("one");
    let window = sway.open("1", &["foot", &script]).await;
    let pid = sway.markers.pid("one").await;
    sway.run("workspace '5 empty'").await;
    let mut wm = sway.wm(false).await;
    let before = wm.focus_target().unwrap();
    assert_eq!(before, FocusTarget::Workspace("5 empty".into()));
    wm.switch(pid, &SwitchOptions::default()).await.unwrap();
    assert_eq!(sway.focus().await, Some(window));
    wm.focus(&before).await.unwrap();
    assert_eq!(sway.focused_workspace().await, "5 empty");
}
