//! Sessions with any text in them, as vmuxd would tell them, in every bar, table and menu.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vmux::show::details::detail_lines;
use vmux::show::paint::Paint;
use vmux::show::rofi::menu;
use vmux::show::status::Summary;
use vmux::show::status::escape::Escape;
use vmux::show::status::format::{FORMATS, Format, RenderOptions, render};
use vmux::show::table::{Frame, table};
use vmux::config::column::Column;
use vmux::session::Timestamp;
use vmux::session::info::SessionInfo;
use vmux::session::query::order::Order;

fuzz_target!(|data: &[u8]| {
    // A first byte for the width, then a text for every field that may hold one.
    let Some((first, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let (one, two) = text.split_at(text.floor_char_boundary(text.len() / 2));
    let states = ["needs_input", "idle", "working", "unknown"];
    let sessions: Vec<SessionInfo> = states
        .iter()
        .enumerate()
        .filter_map(|(pid, state)| {
            serde_json::from_value(serde_json::json!({
                "pid": pid, "session_id": one, "cwd": format!("/{two}"), "git_branch": one,
                "state": state, "detail": two, "since": "2026-01-01T12:00:00Z", "preview": text,
                "workspace": one, "label": two, "name": one, "unseen": *state == "idle",
                "model": two, "last_prompt": one, "task": two,
            }))
            .ok()
        })
        .collect();
    assert_eq!(sessions.len(), states.len());
    let now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap_or_default();
    let options = RenderOptions { program: "/usr/bin/vmux", escape: Escape::None, title: 24 };
    let summary = Summary::of(Some(&sessions), now, 24, Order::Longest);
    for (name, format) in FORMATS {
        let line = render(format, &summary, options).unwrap_or_default();
        harmless(name, &line);
        if !matches!(format, Format::Polybar | Format::Tmux | Format::Plain) {
            let json = serde_json::from_str::<serde_json::Value>(&line);
            assert!(json.is_ok(), "{name}: {line}");
        }
    }
    let width = usize::from(*first);
    let frame = Frame {
        width: (width > 0).then_some(width),
        home: Some("/h"),
        paint: Paint::NONE,
        columns: Column::DEFAULT,
    };
    for line in table(&sessions, Order::Longest, now, frame).iter().chain(&detail_lines(&sessions[0], now, frame)) {
        harmless("table", line);
    }
    let menu = menu(&sessions, now, None, Order::Longest);
    let rows = menu.split('\n').filter(|row| row.contains("info\u{1f}")).count();
    assert_eq!(rows, sessions.len(), "{menu:?}");
});

fn harmless(what: &str, line: &str) {
    let bad = line.chars().find(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}'));
    assert_eq!(bad, None, "{what}: {line:?}");
}
