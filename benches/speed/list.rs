//! `vmux list` with 50 sessions, beside spawning a program that does nothing.

use crate::baseline::Baseline;
use crate::cpu;
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
    let mut nothing = world.command("/bin/true");
    let mut list = world.command(&copy);
    list.arg("list");
    let mut status = world.command(&copy);
    status.args(["status", "--format", "i3bar"]);
    let mut linked = world.vmux();
    linked.arg("list");
    let mut others = [&["list"][..], &["status", "--format", "i3bar"]].map(|args| {
        let mut command = Baseline::vmux(&world)?;
        command.args(args);
        Some(command)
    });
    let mut times: [Vec<Duration>; 6] = Default::default();
    // Alternating, so that all meet the same load.
    for _ in 0..ROUNDS {
        times[0].push(spawn(&mut nothing));
        times[1].push(spawn(&mut list));
        times[2].push(spawn(&mut status));
        times[3].push(spawn(&mut linked));
        for (index, other) in others.iter_mut().enumerate() {
            times[4 + index].extend(other.as_mut().map(spawn));
        }
    }
    head("vmux list and vmux status, 50 sessions");
    let [nothing, rest @ ..] = times.map(|it| (!it.is_empty()).then(|| Times::new(it)));
    let nothing = nothing.unwrap();
    row("spawn /bin/true, p50", &micros(nothing.median()), "");
    let rows = [
        ("vmux list", "≤ 1.15×"),
        ("vmux status --format i3bar", "≤ 1.2×"),
        ("vmux list, the file as the linker left it", ""),
        ("vmux list of the baseline", ""),
        ("vmux status of the baseline", ""),
    ];
    for ((what, goal), times) in rows.into_iter().zip(rest) {
        let Some(times) = times else { continue };
        row(&format!("{what} / true, p50"), &ratio(times.median(), nothing.median()), goal);
        let least = ratio(times.quantile(0.0), nothing.quantile(0.0));
        row(&format!("{what} / true, minimum"), &least, "");
    }
}

/// `vmux list` with a thousand sessions: its processor time.
pub fn thousand() {
    let world = World::new();
    fill(&world, 1000);
    let _daemon = world.open();
    let copy = world.path("vmux-installed");
    std::fs::copy(env!("CARGO_BIN_EXE_vmux"), &copy).unwrap();
    let mut list = world.command(&copy);
    list.arg("list");
    let mut other = Baseline::vmux(&world);
    if let Some(other) = &mut other {
        other.arg("list");
    }
    let mut commands = [Some(world.command("/bin/true")), Some(list), other];
    let mut used = [Duration::ZERO; 3];
    for _ in 0..100 {
        for (command, used) in commands.iter_mut().zip(&mut used) {
            let Some(command) = command else { continue };
            let before = cpu::of_children();
            spawn(command);
            *used += cpu::of_children() - before;
        }
    }
    head("vmux list, 1,000 sessions: CPU");
    row("/bin/true", &micros(used[0] / 100), "");
    row("vmux list / true", &ratio(used[1], used[0]), "≤ 4×");
    if Baseline::is_set() {
        row("the baseline / true", &ratio(used[2], used[0]), "");
    }
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
