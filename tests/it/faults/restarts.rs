//! i3 that restarts again and again: vmuxd finds every window again.

use super::rounds;
use crate::support::desk::{Screen, eventually};
use crate::support::world::{Daemon, World, until};
use std::os::unix::fs::symlink;

/// A `/proc` that shows only these processes and their ancestors.
fn show(world: &World, pid: u32) {
    let mut pid = pid;
    while pid > 1 {
        let _ = symlink(format!("/proc/{pid}"), world.path(&format!("proc/{pid}")));
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let (_, after) = stat.rsplit_once(") ").unwrap();
        pid = after.split(' ').nth(1).unwrap().parse().unwrap();
    }
}

#[tokio::test]
async fn i3_may_restart_again_and_again() {
    let mut screen = Screen::new().await;
    screen.xterm("one", "a").await;
    screen.xterm("two", "b").await;
    let (a, b) = (screen.pid("a").await, screen.pid("b").await);
    let world = World::new();
    show(&world, a);
    show(&world, b);
    let mut command = world.vmuxd();
    command.args(["--interval", "3600"]).env("I3SOCK", screen.socket());
    command.env("DISPLAY", &screen.display);
    let daemon = Daemon::start(&world, command);
    let before = super::descriptors(daemon.pid());
    for round in 0..rounds(10, 100) {
        screen.restart_i3().await;
        let windows = screen.windows().await;
        let ids: Vec<u64> = windows.iter().map(|it| it.con_id).collect();
        eventually("the new container ids", async || {
            let sessions = daemon.sessions();
            let place = |pid| {
                let session = sessions.iter().find(|it| it.pid == pid)?;
                let place = session.place.as_ref()?;
                let con_id = place.window.as_ref()?.con_id;
                ids.contains(&con_id).then(|| place.workspace.clone())?
            };
            (place(a)? == "one" && place(b)? == "two").then_some(())
        })
        .await;
        let session = daemon.session(a);
        let reply = daemon.ask("switch", serde_json::json!({"query": session.pid.to_string()}));
        assert_eq!(reply["ok"], true, "round {round}: {reply}");
        assert_eq!(screen.focused_workspace().await, "one");
        screen.workspace("two").await;
    }
    // Of clients that have just gone some may still be open.
    until("no more descriptors than before", || super::descriptors(daemon.pid()) <= before + 4);
}
