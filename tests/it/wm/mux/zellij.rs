//! zellij, which Debian does not have. The test with a real one is run by hand:
//! `cargo install --locked zellij`, then
//! `VMUX_ZELLIJ=~/.cargo/bin/zellij tests/run --test it wm::mux::zellij -- --ignored`.
//! What is said to its command line is tested with a stand-in.

use crate::support::desk::{Screen, eventually, need, words};
use std::process::Command;
use vmux::wm::locate::location::{Obstacle, Step};
use vmux::wm::mux;
use vmux::wm::mux::generic::{PaneTarget, ZellijServer};
use vmux::wm::switch::outcome::{SwitchError, SwitchOptions};

/// Says that these panes are shown by its clients.
fn stand_in(dir: &std::path::Path, panes: &[u32]) -> ZellijServer {
    let program = dir.join("zellij");
    let rows: String = panes.iter().map(|pane| format!("echo '1 terminal_{pane} sh'\n")).collect();
    let log = dir.join("log");
    let text = format!(
        "#!/bin/sh\necho \"$ZELLIJ_SOCKET_DIR $*\" >> {}\n[ \"$3\" = list-clients ] || exit 0\n\
         echo 'CLIENT_ID ZELLIJ_PANE_ID RUNNING_COMMAND'\n{rows}",
        log.display()
    );
    crate::support::program::write(&program, &text);
    ZellijServer { program, sockets: "/run/z".into(), session: "my work".into() }
}

#[tokio::test]
async fn what_is_said_to_zellij() {
    let dir = tempfile::tempdir().unwrap();
    for (panes, used_last, good) in [
        (&[3][..], false, true),
        (&[3, 3], false, true),
        (&[1, 3], true, true),
        // Which of the two it is cannot be told.
        (&[1, 3], false, false),
        (&[1, 2], true, false),
        (&[], true, false),
    ] {
        let server = stand_in(dir.path(), panes);
        let shown = mux::select(&PaneTarget::Zellij { server, pane: 3, used_last }).await;
        assert_eq!(shown.is_ok(), good, "{panes:?} {used_last}: {shown:?}");
    }
    let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
    assert!(log.starts_with("/run/z --session=my work action focus-pane-id terminal_3\n"), "{log}");
    // It fails for a pane that has the focus, which is as it was to be.
    let server = stand_in(dir.path(), &[3]);
    let program = std::fs::read_to_string(&server.program).unwrap();
    let refuses = "{ echo 'Pane Terminal(3) is already focused' >&2; exit 2; }";
    crate::support::program::write(&server.program, &program.replace("exit 0", refuses));
    mux::select(&PaneTarget::Zellij { server, pane: 3, used_last: true }).await.unwrap();
    let gone = stand_in(dir.path(), &[3]);
    let gone = ZellijServer { program: "/nonexistent/zellij".into(), ..gone };
    let error = mux::select(&PaneTarget::Zellij { server: gone, pane: 3, used_last: true }).await;
    assert!(error.unwrap_err().contains("cannot be run"));
}

/// Types a letter into the window that has the focus: zellij counts a client as used from then on.
fn type_into(screen: &Screen) {
    need("xdotool");
    let mut command = Command::new("xdotool");
    let status = command.args(["key", "a"]).env("DISPLAY", &screen.display).status();
    assert!(status.unwrap().success());
}

#[tokio::test]
#[ignore = "needs a real zellij in VMUX_ZELLIJ"]
async fn a_real_zellij() {
    let zellij = std::env::var("VMUX_ZELLIJ").expect("VMUX_ZELLIJ");
    let mut screen = Screen::new().await;
    let config = screen.dir().join("home/.config/zellij");
    std::fs::create_dir_all(&config).unwrap();
    let text = "show_startup_tips false\nshow_release_notes false\nsession_serialization false\n";
    std::fs::write(config.join("config.kdl"), text).unwrap();
    let layout = |screen: &Screen, label: &str| {
        let file = screen.dir().join(format!("{label}.kdl"));
        let script = screen.markers.script(label);
        std::fs::write(&file, format!("layout {{\n pane command=\"{script}\"\n}}\n")).unwrap();
        file.display().to_string()
    };
    let act = |screen: &Screen, arguments: &[&str]| {
        let mut command = Command::new(&zellij);
        command.args(["--session", "work"]).args(arguments).env_clear().envs(&screen.env);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let one = layout(&screen, "one");
    let start = ["-e", &zellij, "--session", "work", "--new-session-with-layout", &one];
    let first = screen.open("1", &[&["xterm"], &start[..]].concat()).await;
    screen.pid("one").await;
    let two = layout(&screen, "two");
    act(&screen, &["action", "new-tab", "--layout", &two]);
    screen.pid("two").await;
    let three = screen.markers.script("three");
    act(&screen, &["run", "--", &three]);
    screen.pid("three").await;
    type_into(&screen);
    screen.xterm("away", "away").await;
    // Two tabs, the second one with two panes.
    for (label, pane) in [("one", "terminal_0"), ("two", "terminal_1"), ("three", "terminal_2")] {
        screen.workspace("away").await;
        let pid = screen.pid(label).await;
        let mut wm = screen.wm().await;
        let found = wm.locate(pid).await.unwrap();
        assert_eq!(found.candidates(), [first], "{found:?}");
        assert!(found.route.iter().any(|step| matches!(step, Step::MuxPane(_))), "may be hidden");
        wm.switch(pid, &SwitchOptions::default()).await.unwrap();
        assert_eq!(screen.focus().await, Some(first));
        let clients = act(&screen, &["action", "list-clients"]);
        assert!(clients.lines().nth(1).unwrap().contains(pane), "{label}: {clients}");
        screen.shot(&format!("zellij-{label}"));
    }
    // Two clients: the window that is gone to shows the pane, or it is said that it may not.
    let second = screen.open("2", &["xterm", "-e", &zellij, "attach", "work"]).await;
    eventually("two clients", async || {
        (act(&screen, &["action", "list-clients"]).lines().count() == 3).then_some(())
    })
    .await;
    type_into(&screen);
    screen.workspace("away").await;
    let pid = screen.pid("one").await;
    let mut wm = screen.wm().await;
    match wm.switch(pid, &SwitchOptions::default()).await {
        Ok(_) | Err(SwitchError::Pane(_)) => {}
        Err(error) => panic!("{error}"),
    }
    assert!([first, second].contains(&screen.focus().await.unwrap()));
    screen.close(second).await;
    screen.close(first).await;
    eventually("zellij is detached", async || {
        let found = screen.find("one").await;
        matches!(found.obstacle, Some(Obstacle::DetachedOther(_))).then_some(())
    })
    .await;
    let again = screen.open("3", &words(&["xterm", "-e", &zellij, "attach", "work"])).await;
    eventually("zellij is attached", async || {
        (screen.find("one").await.candidates() == [again]).then_some(())
    })
    .await;
    act(&screen, &["kill-session", "work"]);
}
