//! An X server that lets in only who knows its cookie, and a vmuxd that was not told where it is.

use crate::support::desk::{Screen, need_own_processes, proc_reader, words};
use crate::support::world::{DEADLINE, Daemon, World};
use vmux::wm::connection::discover::SocketHints;
use vmux::wm::manager::{WindowManager, WmConfig};
use vmux::wm::switch::outcome::SwitchOptions;
use vmux::wm::x11::worker::XWorker;

#[tokio::test]
async fn the_authority_file_of_i3_or_of_a_session_opens_the_display() {
    let mut screen = Screen::guarded().await;
    let mut blocked = XWorker::start(&screen.display, Vec::new(), DEADLINE).unwrap();
    assert!(blocked.i3_socket().await.is_err(), "the X server lets everybody in");
    let window = screen.xterm("1", "one").await;
    let pid = screen.pid("one").await;
    // i3 is found; its file lets vmux in.
    let hints = SocketHints { i3sock: Some(screen.socket()), ..SocketHints::default() };
    let mut wm = WindowManager::new(WmConfig { hints, ..WmConfig::default() }, proc_reader());
    wm.connect().await.unwrap();
    wm.read_windows().await.unwrap();
    assert_eq!(wm.x_trouble(), None);
    assert_eq!(wm.locate(pid).await.unwrap().candidates(), [window]);
    // i3 is not found without the display, and that is not opened without a session's file.
    let mut wm = WindowManager::new(WmConfig::default(), proc_reader());
    wm.set_displays([(screen.display.clone(), None)]);
    assert!(wm.connect().await.is_err());
    let file = screen.env["XAUTHORITY"].clone();
    wm.set_displays([(screen.display.clone(), Some(file.into()))]);
    wm.connect().await.unwrap();
    wm.read_windows().await.unwrap();
    assert_eq!(wm.locate(pid).await.unwrap().candidates(), [window]);
    // A terminal that is opened for a detached session gets in, too.
    let two = screen.markers.script("two");
    screen.tmux("s", &["new-session", "-d", &two]);
    let pid = screen.pid("two").await;
    let attach = Some(words(&["xterm", "-e"]));
    wm.switch(pid, &SwitchOptions { attach, ..SwitchOptions::default() }).await.unwrap();
    assert_eq!(screen.focus().await, screen.find_window("two").await);
}

#[tokio::test]
async fn a_vmuxd_that_systemd_started_knows_neither_display_nor_authority() {
    need_own_processes();
    let mut screen = Screen::guarded().await;
    let window = screen.xterm("3", "one").await;
    let pid = screen.pid("one").await;
    screen.xterm("1", "away").await;
    let world = World::new();
    // Where the socket is it is told, for other tests have an i3, too.
    let mut command = world.command(env!("CARGO_BIN_EXE_vmuxd"));
    command.args(["--interval", "3600"]).env("I3SOCK", screen.socket());
    let daemon = Daemon::start(&world, command);
    daemon.until_placed(&[pid]);
    let sessions = daemon.sessions();
    let session = sessions.iter().find(|it| it.pid == pid).unwrap();
    assert_eq!(session.workspace.as_deref(), Some("3"), "{session:?}");
    let reply = daemon.ask("switch", serde_json::json!({ "query": pid.to_string() }));
    assert_eq!(reply["ok"], true, "{reply}");
    assert_eq!(screen.focus().await, Some(window));
}
