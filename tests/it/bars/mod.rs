//! Real bars on a real screen, with the recipes of docs/bars.md: what they show is looked at by a
//! person (`VMUX_SHOTS`), where a click goes is asserted.

mod i3;
mod launcher;
mod others;

use crate::support::desk::{Screen, need};
use crate::support::fake::{Fake, program};
use crate::support::world::Backoff;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Sessions as a bar should show them: one waits, others do not.
fn house() -> Value {
    let minutes =
        |number: i64| (chrono::Utc::now() - chrono::TimeDelta::minutes(number)).to_rfc3339();
    let session = |pid: u32, state: &str, label: &str, since: String| {
        json!({"pid": pid, "start": 1, "session_id": null, "cwd": format!("/home/u/src/{label}"),
               "git_branch": "main", "state": state, "since": since, "preview": "",
               "workspace": null, "label": label})
    };
    let mut asks = session(41, "needs_input", "api-fix", minutes(4));
    asks["reason"] = json!("permission");
    asks["detail"] = json!("Bash: git push origin main");
    asks["waiting_since"] = asks["since"].clone();
    json!([
        asks,
        session(42, "working", "docs", minutes(1)),
        session(43, "idle", "shop", minutes(9))
    ])
}

/// The same with texts that would steer a bar that believed them.
fn hostile() -> Value {
    let mut house = house();
    house[0]["label"] = json!("<b>x</b>&\"%{F#f00}%{A1:x:}");
    house[0]["detail"] = json!("#[bg=red]#(date) \\\" שלום %{B#0f0}</span>");
    house
}

/// A vmuxd of recorded answers, and a `vmux` that knows it: its path, for a bar's configuration.
fn stage() -> (Fake, PathBuf) {
    let fake = Fake::agreeable(house());
    let script = format!(
        "export VMUX_SOCKET={dir}/s VMUX_HOME={dir}/vmux HOME={dir} VMUX_NO_START=1\nexec {} \"$@\"",
        env!("CARGO_BIN_EXE_vmux"),
        dir = fake.dir().display()
    );
    let vmux = program(fake.dir(), "vmux", &script);
    (fake, vmux)
}

/// Click there until vmuxd is asked for this; a bar takes its time to appear.
fn click(screen: &Screen, at: (u32, u32), button: u32, fake: &Fake, wanted: &Value) {
    need("xdotool");
    let mut backoff = Backoff::from(Duration::from_millis(100));
    let before = fake.asked().len();
    while !fake.asked()[before..].contains(wanted) {
        let place = [at.0.to_string(), at.1.to_string()];
        let click =
            ["mousemove", &place[0], &place[1], "click", &button.to_string()].map(str::to_owned);
        let mut xdotool = Command::new("xdotool");
        xdotool.args(click).env("DISPLAY", &screen.display).status().unwrap();
        std::thread::sleep(backoff.next("a click that arrives"));
    }
}

/// What `vmux switch` asks with this flag.
fn switch(flag: &str) -> Value {
    json!({"action": "switch", "args": {flag: true}})
}

/// A picture of calm and of hostile texts, when pictures are wanted.
async fn shots(screen: &Screen, fake: &Fake, name: &str) {
    if std::env::var_os("VMUX_SHOTS").is_none() {
        return;
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    screen.shot(name);
    fake.tell(hostile());
    tokio::time::sleep(Duration::from_millis(700)).await;
    screen.shot(&format!("{name}-hostile"));
}
