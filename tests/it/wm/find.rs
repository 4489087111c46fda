//! Real terminals on a real i3: is the window found that shows the session, and no other?

use crate::support::desk::{EditorWindow, Screen, eventually, listening, need_root, words};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use vmux::session::state::Confidence;
use vmux::wm::locate::location::Step;

#[tokio::test]
async fn terminals_of_one_window_each() {
    let mut screen = Screen::new().await;
    for (index, terminal) in ["xterm", "urxvt", "st"].into_iter().enumerate() {
        for copy in 0..2 {
            let label = format!("{terminal}{copy}");
            let workspace = format!("{}", index * 2 + copy + 1);
            let argv = words(&[terminal, "-e", &screen.markers.script(&label)]);
            let truth = screen.open(&workspace, &argv).await;
            let found = screen.find(&label).await;
            assert_eq!(found.candidates(), [truth], "{label}: {found:?}");
            assert_eq!(found.place.workspace.as_deref(), Some(workspace.as_str()));
            assert_eq!(found.place.confidence, Confidence::Certain);
        }
    }
}

#[tokio::test]
async fn windows_of_one_process_are_told_apart_by_windowid() {
    let mut screen = Screen::new().await;
    let socket = screen.dir().join("urxvtd").display().to_string();
    let daemon = [("RXVT_SOCKET", socket.as_str())];
    screen.spawn_with(&["urxvtd", "-q"], &daemon);
    listening(&socket).await;
    let mut truth = Vec::new();
    for (label, workspace) in [("a", "1"), ("b", "2"), ("c", "2")] {
        screen.workspace(workspace).await;
        screen.forget_events().await;
        let argv = words(&["urxvtc", "-e", &screen.markers.script(label)]);
        screen.spawn_with(&argv, &daemon);
        truth.push((label, screen.new_window().await));
        // A window whose child has not begun is nobody's birthplace yet.
        screen.pid(label).await;
    }
    // A marker that has told its pid is not yet `claude`, and shows no environment while it becomes it.
    for (label, con_id) in &truth {
        eventually(label, async || {
            (screen.find_window(label).await == Some(*con_id)).then_some(())
        })
        .await;
    }
    // A window that no child was born in: it may be that a tab moved there, so WINDOWID is void.
    screen.workspace("3").await;
    screen.forget_events().await;
    let bare = ["urxvtc", "-hold", "-e", "sh", "-c", "exec env -u WINDOWID sleep 86400"];
    screen.spawn_with(&bare, &daemon);
    screen.new_window().await;
    eventually("its child", async || {
        let found = screen.find("a").await;
        (found.place.window.is_none() && found.place.candidates == 4).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_terminal_started_in_a_terminal_is_not_its_parent() {
    let mut screen = Screen::new().await;
    // The inner one inherits WINDOWID and much else of the outer one.
    let inner = screen.markers.script("inner");
    let go = screen.dir().join("go");
    let outer = screen.markers.script("outer");
    mknodat(CWD, &go, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let script = format!("{outer} & read go <{}; st -e {inner}", go.display());
    let outer = screen.open("1", &["xterm", "-e", "sh", "-c", &script]).await;
    screen.workspace("2").await;
    screen.forget_events().await;
    std::fs::write(&go, "go\n").unwrap();
    let inner = screen.new_window().await;
    assert_eq!(screen.find_window("outer").await, Some(outer));
    assert_eq!(screen.find_window("inner").await, Some(inner));
}

#[tokio::test]
async fn processes_that_lost_their_parents() {
    let mut screen = Screen::new().await;
    // Its parent ended: the leader of its session leads to the window.
    let orphan = screen.markers.script("orphan");
    // In a session of its own without the terminal's shell: only the terminal itself is left.
    let alone = screen.markers.script("alone");
    // With a terminal of its own inside the terminal.
    let inside = screen.markers.script("inside");
    // The same inside another terminal: what passes it on is not its ancestor.
    let relayed = screen.markers.script("relayed");
    let relay = format!("(setsid {relayed} &) ; exec {inside}");
    let script = format!("({orphan} &) ; (setsid {alone} &) ; script -qc \"{relay}\" /dev/null");
    let window = screen.open("1", &["xterm", "-e", "sh", "-c", &script]).await;
    screen.xterm("2", "other").await;
    for label in ["orphan", "alone", "inside", "relayed"] {
        let pid = screen.pid(label).await;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let found = screen.find(label).await;
        assert_eq!(found.candidates(), [window], "{label}: {found:?} {stat}");
    }
}

#[tokio::test]
async fn what_has_no_terminal_is_nowhere() {
    let mut screen = Screen::new().await;
    let window = screen.xterm("1", "shown").await;
    let xid = screen.shown(window).await.xid.unwrap().to_string();
    // Its WINDOWID names a live window that it has nothing to do with.
    let argv = words(&["setsid", "-f", &screen.markers.script("daemon")]);
    screen.spawn_with(&argv, &[("WINDOWID", &xid)]);
    let found = screen.find("daemon").await;
    assert_eq!((found.place.window, found.place.candidates), (None, 0));
    assert_eq!(found.place.workspace, None);
}

#[tokio::test]
async fn a_pid_namespace_of_its_own() {
    need_root("to make a PID namespace");
    let mut screen = Screen::new().await;
    // _NET_WM_PID is 1 there; the X server knows better.
    let unshare = words(&["unshare", "--pid", "--fork", "--mount-proc"]);
    let argv = [unshare, words(&["xterm", "-e", &screen.markers.script("inside")])].concat();
    let window = screen.open("1", &argv).await;
    screen.xterm("2", "outside").await;
    // It tells its pid in its own namespace.
    let inner = screen.pid_outside("inside").await;
    let found = screen.wm().await.locate(inner).await.unwrap();
    assert_eq!(found.candidates(), [window], "{found:?}");
    assert!(screen.find_window("outside").await.is_some());
}

#[tokio::test]
async fn every_kind_of_container() {
    let mut screen = Screen::with("fake-outputs 640x800+0+0,640x800+640+0").await;
    let plain = screen.xterm("1", "plain").await;
    let tabbed = screen.xterm("tabs", "tab one").await;
    screen.i3("layout tabbed").await;
    let second = screen.xterm("tabs", "tab two").await;
    screen.i3("split v").await;
    let third = screen.xterm("tabs", "tab three").await;
    screen.i3("layout stacking").await;
    let floating = screen.xterm("float", "floating").await;
    screen.i3("floating enable").await;
    let full = screen.xterm("full", "fullscreen").await;
    screen.i3("fullscreen enable").await;
    let hidden = screen.xterm("scratch", "scratchpad").await;
    screen.i3("move scratchpad").await;
    let right = screen.xterm("right", "other output").await;
    screen.i3("move workspace to output right").await;
    let names = ["q\"uote\\back]", "日本 ☕ <b>&amp;", "3: web", "next", "it's \"both\""];
    let mut named = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        named.push((name, format!("n{index}"), screen.xterm(name, &format!("n{index}")).await));
    }
    let mut wm = screen.wm().await;
    let truths = [
        ("plain", plain),
        ("tab one", tabbed),
        ("tab two", second),
        ("tab three", third),
        ("floating", floating),
        ("fullscreen", full),
        ("scratchpad", hidden),
        ("other output", right),
    ];
    for (label, con_id) in truths {
        let pid = screen.pid(label).await;
        let found = wm.locate(pid).await.unwrap();
        let shown = screen.shown(con_id).await;
        assert_eq!(found.candidates(), [con_id], "{label}");
        assert_eq!(found.place.workspace.as_deref(), Some(shown.workspace.as_str()), "{label}");
        assert_eq!(found.place.output.as_deref(), Some(shown.output.as_str()), "{label}");
    }
    for (name, label, con_id) in named {
        let pid = screen.pid(&label).await;
        let found = wm.locate(pid).await.unwrap();
        assert_eq!(found.candidates(), [con_id], "{name}");
        assert_eq!(found.place.workspace.as_deref(), Some(name));
    }
}

#[tokio::test]
async fn terminals_inside_the_window_of_another_program() {
    let mut screen = Screen::new().await;
    for (label, terminal) in [("a", &["st", "-w"]), ("b", &["xterm", "-into"])] {
        let script = screen.markers.script(label);
        // tabbed puts the number of its window in the place of the empty word.
        let [program, flag] = terminal;
        let argv = ["tabbed", "-c", "-r", "2", program, flag, "", "-e", &script];
        let window = screen.open(label, &argv).await;
        let found = screen.find(label).await;
        assert_eq!(found.candidates(), [window], "{found:?}");
        assert!(found.place.how.contains("embedded"), "{found:?}");
        assert!(found.route.contains(&Step::Embedded { is_alone: true }), "{found:?}");
    }
}

#[tokio::test]
async fn programs_that_went_into_the_background_after_they_connected() {
    let mut screen = Screen::new().await;
    // The X server knows them by processes that have ended.
    let socket = screen.dir().join("urxvtd").display().to_string();
    let vars = [("RXVT_SOCKET", socket.as_str())];
    screen.spawn_with(&["sh", "-c", "urxvtd -q -o -f; exec sleep 86400"], &vars);
    listening(&socket).await;
    screen.workspace("1").await;
    screen.forget_events().await;
    let script = screen.markers.script("urxvt");
    screen.spawn_with(&["urxvtc", "-e", &script], &vars);
    let window = screen.new_window().await;
    let found = screen.find("urxvt").await;
    assert_eq!(found.candidates(), [window], "{found:?}");
    // tabbed says which window is its own, and st is told to use it.
    let script = screen.markers.script("st");
    let start = format!("xid=$(tabbed -d) ; exec st -w $xid -e {script}");
    let window = screen.open("2", &["sh", "-c", &start]).await;
    let found = screen.find("st").await;
    assert_eq!(found.candidates(), [window], "{found:?}");
    assert!(found.place.how.contains("embedded"), "{found:?}");
    for label in ["urxvt", "st"] {
        let pid = screen.pid(label).await;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let parent: u32 =
            stat.rsplit(") ").next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        // What went into the background is no child of the test any more.
        if label == "urxvt" {
            screen.signal(parent, rustix::process::Signal::TERM);
        }
    }
    screen.close(window).await;
}

#[tokio::test]
async fn of_the_windows_of_an_editor_the_one_with_the_folder() {
    let mut screen = Screen::new().await;
    let mut windows = Vec::new();
    let mut editors = Vec::new();
    for (workspace, title) in [("1", "a - api - Code"), ("2", "b - web - Code"), ("3", "c - Code")]
    {
        screen.workspace(workspace).await;
        screen.forget_events().await;
        editors.push(EditorWindow::open(&screen.display, title));
        windows.push(screen.new_window().await);
    }
    for (label, dir) in [("api", "src/api"), ("deep", "src/web/lib"), ("none", "src/other")] {
        let dir = screen.dir().join(dir);
        std::fs::create_dir_all(&dir).unwrap();
        let start = format!("cd {} && exec {}", dir.display(), screen.markers.script(label));
        screen.spawn(&["script", "-qc", &start, "/dev/null"]);
        screen.pid(label).await;
    }
    for (label, truth) in [("api", &windows[..1]), ("deep", &windows[1..2]), ("none", &windows[..])]
    {
        let found = screen.find(label).await;
        assert_eq!(found.candidates(), truth, "{label}: {found:?}");
    }
}
