//! rofi: its script mode, and as the launcher of `switch --pick`.

use super::{shots, stage};
use crate::support::desk::{Screen, need};
use crate::support::world::until;
use serde_json::json;
use std::process::Command;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt, GrabMode, GrabStatus};

/// Waits until rofi has the keyboard: from then on no key is lost.
fn has_keyboard(screen: &Screen) {
    let (x, number) = x11rb::connect(Some(&screen.display)).unwrap();
    let root = x.setup().roots[number].root;
    until("rofi with the keyboard", || {
        let grab =
            x.grab_keyboard(false, root, x11rb::CURRENT_TIME, GrabMode::ASYNC, GrabMode::ASYNC);
        let is_taken = grab.unwrap().reply().unwrap().status == GrabStatus::ALREADY_GRABBED;
        x.ungrab_keyboard(x11rb::CURRENT_TIME).unwrap().check().unwrap();
        is_taken
    });
}

fn key(screen: &Screen, keys: &[&str]) {
    need("xdotool");
    let mut xdotool = Command::new("xdotool");
    xdotool.arg("key").args(keys).env("DISPLAY", &screen.display).status().unwrap();
}

#[tokio::test]
async fn a_row_of_rofi_goes_to_its_session() {
    need("rofi");
    let (fake, vmux) = stage();
    let mut screen = Screen::new().await;
    let mode = format!("vmux:{} rofi", vmux.display());
    screen.spawn(&[
        "rofi",
        "-show",
        "vmux",
        "-modi",
        &mode,
        "-show-icons",
        "-font",
        "DejaVu Sans 10",
    ]);
    shots(&screen, &fake, "rofi").await;
    // The second row, which is found by a word that is not shown.
    let wanted = json!({"action": "switch", "args": {"query": "42:1"}});
    has_keyboard(&screen);
    key(&screen, &["d", "o", "c", "s", "Return"]);
    fake.wait_for(&wanted);
}

#[tokio::test]
async fn rofi_picks_for_switch() {
    need("rofi");
    let (fake, vmux) = stage();
    let mut screen = Screen::new().await;
    screen.spawn(&[&vmux.display().to_string(), "switch", "--pick", "--launcher", "rofi"]);
    let wanted = json!({"action": "switch", "args": {"query": "41:1"}});
    has_keyboard(&screen);
    key(&screen, &["Return"]);
    fake.wait_for(&wanted);
}

#[tokio::test]
async fn rofi_answers_what_a_session_asks() {
    need("rofi");
    let (fake, vmux) = stage();
    let mut sessions = super::house();
    sessions[0]["prompt"] = json!({"id": "khw4z2m", "call": "Bash: git push <b>origin</b> & main"});
    fake.tell(sessions);
    let mut screen = Screen::new().await;
    let mode = format!("vmux:{} rofi", vmux.display());
    screen.spawn(&[
        "rofi",
        "-show",
        "vmux",
        "-modi",
        &mode,
        "-show-icons",
        "-font",
        "DejaVu Sans 10",
    ]);
    has_keyboard(&screen);
    key(&screen, &["alt+1"]);
    until("the second menu", || {
        fake.asked().iter().filter(|it| it["action"] == "list").count() == 2
    });
    if std::env::var_os("VMUX_SHOTS").is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        screen.shot("rofi-answer");
    }
    // The first row goes there.
    key(&screen, &["Down", "Return"]);
    fake.wait_for(&json!({"action": "answer", "args": {
        "prompt": "khw4z2m", "answer": {"allow": {}}, "door": "vmux rofi"}}));
}
