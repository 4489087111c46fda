//! rofi: its script mode, and as the launcher of `switch --pick`.

use super::{shots, stage};
use crate::desk::{Screen, need};
use serde_json::json;
use std::process::Command;
use std::time::{Duration, Instant};

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
    let deadline = Instant::now() + crate::desk::DEADLINE;
    tokio::time::sleep(Duration::from_millis(700)).await;
    key(&screen, &["d", "o", "c", "s"]);
    while !fake.asked().contains(&wanted) {
        assert!(Instant::now() < deadline, "{:?}", fake.asked());
        tokio::time::sleep(Duration::from_millis(300)).await;
        key(&screen, &["Return"]);
    }
}

#[tokio::test]
async fn rofi_picks_for_switch() {
    need("rofi");
    let (fake, vmux) = stage();
    let mut screen = Screen::new().await;
    screen.spawn(&[&vmux.display().to_string(), "switch", "--pick", "--launcher", "rofi"]);
    let wanted = json!({"action": "switch", "args": {"query": "41:1"}});
    let deadline = Instant::now() + crate::desk::DEADLINE;
    while !fake.asked().contains(&wanted) {
        assert!(Instant::now() < deadline, "{:?}", fake.asked());
        tokio::time::sleep(Duration::from_millis(500)).await;
        key(&screen, &["Return"]);
    }
}
