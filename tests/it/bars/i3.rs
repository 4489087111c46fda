//! i3bar alone, around i3status, and with i3blocks 1.4.

use super::{click, shots, stage, switch};
use crate::support::desk::{Screen, eventually, need, need_own_processes};
use crate::support::fake::program;
use crate::support::world::Backoff;
use std::time::Duration;

/// A bar at the bottom of the screen, wide open for a click at its right end.
async fn bar(command: &str) -> Screen {
    let config = format!(
        "bar {{\n font pango:DejaVu Sans 9\n tray_output none\n status_command {command}\n}}"
    );
    Screen::with(&config).await
}

#[tokio::test]
async fn i3bar_shows_the_status_and_its_clicks_switch() {
    let (fake, vmux) = stage();
    let screen = bar(&format!("{} status --format i3bar --follow", vmux.display())).await;
    click(&screen, (1240, 792), 1, &fake, &switch("next"));
    click(&screen, (1240, 792), 2, &fake, &switch("back"));
    click(&screen, (1240, 792), 4, &fake, &switch("previous"));
    click(&screen, (1240, 792), 5, &fake, &switch("next"));
    shots(&screen, &fake, "i3bar").await;
}

#[tokio::test]
async fn i3status_is_shown_after_it() {
    need("i3status");
    let (fake, vmux) = stage();
    let config = fake.dir().join("i3status.conf");
    let text = "general { interval = 1 }\norder += \"load\"\norder += \"tztime local\"\n\
                load { format = \"load %1min\" }\ntztime local { format = \"%H:%M\" }\n";
    std::fs::write(&config, text).unwrap();
    let command =
        format!("{} status --format i3bar --wrap i3status -c {}", vmux.display(), config.display());
    let screen = bar(&command).await;
    // Left of load and clock.
    click(&screen, (1100, 792), 1, &fake, &switch("next"));
    shots(&screen, &fake, "i3bar-i3status").await;
}

#[tokio::test]
async fn i3blocks_shows_it_and_a_block_of_its_own_takes_clicks() {
    need("i3blocks");
    let (fake, vmux) = stage();
    let config = fake.dir().join("i3blocks.conf");
    let vmux = vmux.display();
    let text =
        format!("[vmux]\ncommand={vmux} status --format i3blocks\nformat=json\ninterval=1\n");
    std::fs::write(&config, text).unwrap();
    let screen = bar(&format!("i3blocks -c {}", config.display())).await;
    click(&screen, (1240, 792), 1, &fake, &switch("next"));
    shots(&screen, &fake, "i3blocks").await;
}

/// The recipe for i3blocks 1.4: a signal makes the block run again, and nothing outlives the bar.
#[tokio::test]
async fn i3blocks_is_told_by_a_signal_and_no_follower_outlives_it() {
    need("i3blocks");
    let (fake, vmux) = stage();
    let config = fake.dir().join("i3blocks.conf");
    let vmux = vmux.display();
    let text = format!(
        "[vmux]\ncommand={vmux} status --format i3blocks\nformat=json\ninterval=once\nsignal=7\n"
    );
    std::fs::write(&config, text).unwrap();
    let command = format!(
        "sh -c '(sleep 1; {vmux} status --follow | while read -r line; do \
         kill -RTMIN+7 $$ || break; done) & exec i3blocks -c {}'",
        config.display()
    );
    let screen = bar(&command).await;
    fake.wait_for_subscribers(1);
    let lists = || fake.asked().iter().filter(|it| it["action"] == "status").count();
    let before = lists();
    fake.tell(super::hostile());
    let mut backoff = Backoff::from(Duration::from_millis(50));
    while lists() == before {
        tokio::time::sleep(backoff.next("the block to run again")).await;
    }
    drop(screen);
    fake.wait_for_hang_up();
}

#[tokio::test]
async fn i3blocks_follows_without_asking_again() {
    need("i3blocks");
    let (fake, vmux) = stage();
    let config = fake.dir().join("i3blocks.conf");
    let text = format!(
        "[vmux]\ncommand={} status --format i3blocks --follow\nformat=json\ninterval=persist\n",
        vmux.display()
    );
    std::fs::write(&config, text).unwrap();
    let screen = bar(&format!("i3blocks -c {}", config.display())).await;
    fake.wait_for_subscribers(1);
    shots(&screen, &fake, "i3blocks-persist").await;
}

/// From the bar to the window, with nothing recorded: i3bar, vmux, a launcher, vmuxd, i3, xterm.
#[tokio::test]
async fn a_click_brings_the_window_of_the_session() {
    need_own_processes();
    let dir = tempfile::Builder::new().prefix("vmux-bar").tempdir_in("/tmp").unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (socket, home) = (path("s"), path("vmux"));
    let script = format!(
        "export VMUX_SOCKET={socket} VMUX_HOME={home} VMUX_NO_START=1\nexec {} \"$@\"",
        env!("CARGO_BIN_EXE_vmux")
    );
    let vmux = program(dir.path(), "vmux", &script);
    let mut screen = bar(&format!("{} status --format i3bar --follow", vmux.display())).await;
    // Other sessions may run on this machine: the launcher finds ours by its directory.
    let name = screen.dir().file_name().unwrap().to_str().unwrap().to_owned();
    let launcher = program(dir.path(), "launcher", &format!("grep -F {name} | head -n 1"));
    std::fs::create_dir(path("vmux")).unwrap();
    let config = format!("[switch]\nlauncher = [\"{}\"]\n", launcher.display());
    std::fs::write(path("vmux/config.toml"), config).unwrap();

    screen.spawn_with(
        &[env!("CARGO_BIN_EXE_vmuxd"), "--interval", "1"],
        &[("VMUX_SOCKET", &socket), ("VMUX_HOME", &home)],
    );
    // Not told by the next window::new, which may be of the bar itself.
    screen.workspace("2").await;
    let marker = screen.markers.script("target");
    screen.spawn(&["xterm", "-e", &marker]);
    let window = eventually("a window", async || {
        screen.windows().await.into_iter().find(|it| it.workspace == "2").map(|it| it.con_id)
    })
    .await;
    screen.pid("target").await;
    screen.workspace("1").await;
    let mut backoff = Backoff::from(Duration::from_millis(300));
    while screen.focus().await != Some(window) {
        need("xdotool");
        let click = ["mousemove", "1264", "792", "click", "3"];
        let mut xdotool = std::process::Command::new("xdotool");
        xdotool.args(click).env("DISPLAY", &screen.display).status().unwrap();
        tokio::time::sleep(backoff.next("the window of the session")).await;
    }
    screen.shot("click");
}
