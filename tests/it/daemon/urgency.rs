//! The urgency hint on the window of a session that waits, on a real i3 and a real sway.

use crate::daemon::notify::real_turn;
use crate::support::desk::sway::Sway;
use crate::support::desk::{Screen, eventually, need, need_own_processes};
use crate::support::world::{Daemon, World, write_whole};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether i3 takes this window for urgent.
fn is_urgent(screen: &Screen, con_id: u64) -> bool {
    urgent_in("i3-msg", &screen.socket(), con_id)
}

fn urgent_in(program: &str, socket: &Path, con_id: u64) -> bool {
    fn find(node: &Value, con_id: u64) -> Option<bool> {
        if node["id"].as_u64() == Some(con_id) {
            return node["urgent"].as_bool();
        }
        let below = ["nodes", "floating_nodes"].iter().filter_map(|it| node[it].as_array());
        below.flatten().find_map(|it| find(it, con_id))
    }
    need(program);
    let mut ask = Command::new(program);
    let output = ask.arg("-s").arg(socket).args(["-t", "get_tree"]).output().unwrap();
    find(&serde_json::from_slice(&output.stdout).unwrap(), con_id).expect("no such window")
}

async fn urgent(screen: &Screen, con_id: u64, wanted: bool) {
    let what = if wanted { "an urgent window" } else { "a calm window" };
    eventually(what, async || (is_urgent(screen, con_id) == wanted).then_some(())).await;
}

#[tokio::test]
async fn the_window_of_a_waiting_session_is_urgent_until_it_is_visited_or_the_wait_ends() {
    need_own_processes();
    let mut screen = Screen::new().await;
    let web = screen.xterm("2", "web").await;
    let api = screen.xterm("1", "api").await;
    let (api_pid, web_pid) = (screen.pid("api").await, screen.pid("web").await);
    let world = World::new();
    fs::create_dir_all(world.path("home/.vmux")).unwrap();
    let config = world.path("home/.vmux/config.toml");
    fs::write(&config, "[wm]\nurgency_hint = true\n").unwrap();
    for pid in [api_pid, web_pid] {
        real_turn(&screen, pid, "busy");
    }
    let mut command = world.command(env!("CARGO_BIN_EXE_vmuxd"));
    command.args(["--interval", "3600"]).env("I3SOCK", screen.socket());
    command.env("DISPLAY", &screen.display);
    let daemon = Daemon::start(&world, command);
    // Then it is known, too, which one is in front.
    daemon.until_placed(&[api_pid, web_pid]);
    let state = |pid| daemon.session(pid).state.word();
    assert_eq!((state(api_pid), state(web_pid)), ("working", "working"));

    // The one in front is not marked: it is asked for before the other one is.
    real_turn(&screen, api_pid, "waiting");
    assert_eq!(state(api_pid), "needs_input");
    real_turn(&screen, web_pid, "waiting");
    urgent(&screen, web, true).await;
    assert!(!is_urgent(&screen, api));
    screen.shot("urgent-i3");

    // i3 forgets it when it restarts, and numbers its containers anew.
    let (api_xid, web_xid) = (screen.shown(api).await.xid, screen.shown(web).await.xid);
    screen.restart_i3().await;
    let windows = screen.windows().await;
    let con_id = |xid| windows.iter().find(|it| it.xid == xid).expect("a window is gone").con_id;
    let (old, api, web) = (web, con_id(api_xid), con_id(web_xid));
    assert_ne!(web, old);
    urgent(&screen, web, true).await;
    assert!(!is_urgent(&screen, api));

    // The wait ends elsewhere.
    real_turn(&screen, web_pid, "busy");
    urgent(&screen, web, false).await;

    // It is visited: it is not marked again for the same wait.
    real_turn(&screen, web_pid, "waiting");
    urgent(&screen, web, true).await;
    screen.workspace("2").await;
    urgent(&screen, web, false).await;
    screen.workspace("1").await;
    assert_eq!(state(web_pid), "needs_input");
    assert!(!is_urgent(&screen, web));

    // Switched off, marks go.
    real_turn(&screen, web_pid, "busy");
    assert_eq!(state(web_pid), "working");
    real_turn(&screen, web_pid, "waiting");
    urgent(&screen, web, true).await;
    write_whole(&config, "");
    urgent(&screen, web, false).await;
}

#[tokio::test]
async fn sway_is_told_by_a_command() {
    let mut sway = Sway::new().await;
    let script = sway.markers.script("api");
    let con_id = sway.open("1", &["foot", &script]).await;
    let other = sway.markers.script("web");
    sway.open("2", &["foot", &other]).await;
    let pid = sway.markers.pid("api").await;
    let mut wm = sway.wm(false).await;
    let window = wm.locate(pid).await.unwrap().place.window.unwrap();
    assert_eq!(window.con_id, con_id);
    let socket = sway.dir().join("sway.sock");
    for urgent in [true, false] {
        wm.set_urgent(&window, urgent).await.unwrap();
        assert_eq!(urgent_in("swaymsg", &socket, con_id), urgent);
    }
    let gone = vmux::session::place::Window { con_id: 999_999, ..window };
    assert!(wm.set_urgent(&gone, true).await.is_err());
}
