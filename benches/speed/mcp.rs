//! `vmux mcp`: its first answer, and a list of 50 sessions, beside spawning a program that does nothing;
//! and its size.

use crate::list::fill;
use crate::table::{Times, head, micros, ratio, row};
use crate::world::World;
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 200;

pub fn run() {
    let world = World::new();
    fill(&world, 50);
    let _daemon = world.open();
    // Copies, as every installed program is.
    let directory = world.path("installed");
    std::fs::create_dir(&directory).unwrap();
    let program = directory.join("vmux");
    std::fs::copy(env!("CARGO_BIN_EXE_vmux"), &program).unwrap();
    let size = std::fs::copy(env!("CARGO_BIN_EXE_vmux-mcp"), directory.join("vmux-mcp")).unwrap();
    let mut nothing = world.command("/bin/true");
    let mut serve = world.command(&program);
    serve.arg("mcp");
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        assert!(nothing.stdin(Stdio::null()).status().unwrap().success());
        times[0].push(start.elapsed());
        for (times, time) in times[1..].iter_mut().zip(session(&mut serve)) {
            times.push(time);
        }
    }
    let [nothing, first, tools, list] = times.map(Times::new);
    head("vmux mcp, 50 sessions");
    row("spawn /bin/true, p50", &micros(nothing.median()), "");
    row("vmux mcp: start to the answer to initialize, p50", &micros(first.median()), "≤ 30 ms");
    row("the same / true, p50", &ratio(first.median(), nothing.median()), "");
    row("the same, p99", &micros(first.quantile(0.99)), "");
    row("tools/list, p50", &micros(tools.median()), "");
    row("list_sessions, p50", &micros(list.median()), "");
    #[allow(clippy::cast_precision_loss, reason = "a size in MB")]
    let megabytes = size as f64 / 1e6;
    row("size of vmux-mcp", &format!("{megabytes:.2} MB"), "≤ 4 MB");
}

/// A server from its start to its end: how long each answer took, the first from the start on.
fn session(command: &mut Command) -> [Duration; 3] {
    let requests = [
        json!({"method": "initialize", "params": {"protocolVersion": "2025-11-25",
            "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}}),
        json!({"method": "tools/list"}),
        json!({"method": "tools/call", "params": {"name": "list_sessions"}}),
    ];
    let mut start = Instant::now();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    let mut id = 0;
    let times = requests.map(|mut request| {
        id += 1;
        request["jsonrpc"] = json!("2.0");
        request["id"] = json!(id);
        stdin.write_all(format!("{request}\n").as_bytes()).unwrap();
        line.clear();
        stdout.read_line(&mut line).unwrap();
        assert!(line.contains("\"result\""), "{line}");
        let time = start.elapsed();
        start = Instant::now();
        time
    });
    drop(stdin);
    assert!(child.wait().unwrap().success());
    times
}
