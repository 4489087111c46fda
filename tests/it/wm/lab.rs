//! Scores resolution in a world of windows: `lab/wm/run` builds one and runs this test in it.
//!
//! `VMUX_LAB` is the world's folder: `truth.jsonl` says which container each session is in, `env`
//! how to reach the window manager. With `VMUX_SWITCH` it also goes to each, with `VMUX_PROBE`
//! windows may be told apart by the title probe.

use crate::support::desk::proc_reader;
use std::collections::BTreeMap;
use vmux::wm::connection::discover::SocketHints;
use vmux::wm::manager::{WindowManager, WmConfig};
use vmux::wm::switch::outcome::SwitchOptions;

#[tokio::test]
#[ignore = "needs a world in VMUX_LAB"]
async fn score() {
    let dir = std::path::PathBuf::from(std::env::var_os("VMUX_LAB").expect("VMUX_LAB"));
    let env = std::fs::read_to_string(dir.join("env")).unwrap();
    let env: BTreeMap<&str, &str> = env.lines().filter_map(|line| line.split_once('=')).collect();
    let config = WmConfig {
        hints: SocketHints {
            i3sock: env.get("I3SOCK").map(Into::into),
            swaysock: env.get("SWAYSOCK").map(Into::into),
            ..SocketHints::default()
        },
        displays: env.get("DISPLAY").map(|name| name.to_string()).into_iter().collect(),
        title_probe: std::env::var_os("VMUX_PROBE").is_some(),
    };
    let mut wm = WindowManager::new(config, proc_reader());
    wm.connect().await.unwrap();
    wm.read_windows().await.unwrap();
    let mut score: BTreeMap<&str, u32> = BTreeMap::new();
    let truth = std::fs::read_to_string(dir.join("truth.jsonl")).unwrap();
    for line in truth.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let pid = row["pid"].as_u64().unwrap() as u32;
        let con = row["con"].as_u64();
        let found = wm.locate(pid).await;
        let window = found.as_ref().and_then(|f| f.place.window.as_ref().map(|w| w.con_id));
        let many = found.as_ref().map_or(0, |found| found.candidates().len());
        let verdict = match (window, con) {
            (Some(found), Some(truth)) if found == truth => "right",
            (Some(_), _) => "WRONG",
            (None, None) => "right (nowhere)",
            (None, Some(truth)) if many > 0 => {
                if found.as_ref().unwrap().candidates().contains(&truth) {
                    "ambiguous"
                } else {
                    "WRONG"
                }
            }
            (None, Some(_)) => "none",
        };
        *score.entry(verdict).or_default() += 1;
        let front = found.as_ref().is_some_and(|found| wm.is_in_front(pid, found));
        let how = found.map_or("gone".into(), |found| found.place.how);
        let front = if front { "in front" } else { "" };
        println!("{verdict:10} {front:9} {:24} {how}", row["label"].as_str().unwrap_or("?"));
    }
    println!("{score:?}");
    if std::env::var_os("VMUX_SWITCH").is_some() {
        switches(&mut wm, &truth).await;
    }
    assert!(!score.contains_key("WRONG"));
}

/// Goes to every session and looks what has the focus then.
async fn switches(wm: &mut WindowManager, truth: &str) {
    let mut score: BTreeMap<String, u32> = BTreeMap::new();
    for line in truth.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let pid = row["pid"].as_u64().unwrap() as u32;
        let result = wm.switch(pid, &SwitchOptions::default()).await;
        wm.read_windows().await.unwrap();
        let there = wm.focused().map(|focus| focus.con_id) == row["con"].as_u64();
        let verdict = match &result {
            Ok(switched) if switched.note.is_some() => "with a note",
            Ok(_) if there => "right",
            Ok(_) => "WRONG",
            Err(_) => "refused",
        };
        if verdict != "right" {
            println!("switch to {}: {verdict} {result:?}", row["label"]);
        }
        *score.entry(verdict.to_owned()).or_default() += 1;
    }
    println!("switches: {score:?}");
    assert!(!score.contains_key("WRONG"));
}
