//! `vmux list` with 50 sessions, beside spawning a program that does nothing.

use crate::table::{Times, head, micros, ratio, row};
use crate::world::{World, ago};
use serde_json::json;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 400;

pub fn run() {
    let world = World::new();
    fill(&world, 50);
    let _daemon = world.open();
    // A copy, as every installed program is: a file that the linker has written lies in the page
    // cache in small pieces, which are mapped one by one.
    let copy = world.path("vmux-installed");
    std::fs::copy(env!("CARGO_BIN_EXE_vmux"), &copy).unwrap();
    let (mut installed, mut linked) = (world.command(copy), world.vmux());
    installed.arg("list");
    linked.arg("list");
    let mut nothing = world.command("/bin/true");
    // Another build of `vmux`, to compare with: VMUX_BASELINE is its path.
    let mut other = std::env::var_os("VMUX_BASELINE").map(|path| {
        let copy = world.path("vmux-baseline");
        std::fs::copy(path, &copy).unwrap();
        let mut command = world.command(copy);
        command.arg("list");
        command
    });
    let (mut ours, mut raw, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let mut before = Vec::new();
    // Alternating, so that all meet the same load.
    for _ in 0..ROUNDS {
        theirs.push(spawn(&mut nothing));
        ours.push(spawn(&mut installed));
        raw.push(spawn(&mut linked));
        before.extend(other.as_mut().map(spawn));
    }
    let (ours, raw, theirs) = (Times::new(ours), Times::new(raw), Times::new(theirs));
    head("vmux list, 50 sessions");
    row("spawn /bin/true, p50", &micros(theirs.median()), "");
    row("vmux list, p50", &micros(ours.median()), "");
    row("vmux list / true, p50", &ratio(ours.median(), theirs.median()), "≤ 1.15×");
    row("vmux list / true, minimum", &ratio(ours.quantile(0.0), theirs.quantile(0.0)), "");
    if !before.is_empty() {
        let before = Times::new(before);
        row("the baseline / true, p50", &ratio(before.median(), theirs.median()), "");
        let least = ratio(before.quantile(0.0), theirs.quantile(0.0));
        row("the baseline / true, minimum", &least, "");
    }
    row("the file as the linker left it / true, p50", &ratio(raw.median(), theirs.median()), "");
}

/// Sessions that a fifth of works, a fifth of waits, and the rest of is idle.
pub fn fill(world: &World, sessions: u32) {
    for pid in 1000..1000 + sessions {
        let process = world.claude(pid).live();
        let since = ago(i64::from(pid) * 1000).timestamp_millis();
        let fields = match pid % 5 {
            0 => json!({"status": "busy", "statusUpdatedAt": since}),
            1 => {
                json!({"status": "waiting", "waitingFor": "permission prompt", "statusUpdatedAt": since})
            }
            _ => json!({"status": "idle", "statusUpdatedAt": since}),
        };
        world.session_file(&process, fields);
    }
}

fn spawn(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    start.elapsed()
}
