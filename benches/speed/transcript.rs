//! Reading a transcript: cost follows what is new, not what is there.

use crate::table::{Times, head, micros, ratio, row};
use crate::world::World;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use vmux::claude::inspector::{Inspector, Surroundings};
use vmux::daemon::clock;
use vmux::proc::ProcRoot;
use vmux::session::hook::HookReports;
use vmux::session::process::Environment;

const SMALL: u64 = 64 << 10;
const LARGE: u64 = 1 << 30;
const ROUNDS: usize = 100;

pub fn run() {
    let world = World::new();
    let subjects: Vec<_> = [(100, SMALL), (200, LARGE)]
        .into_iter()
        .map(|(pid, size)| {
            let process = world.claude(pid).live();
            world.session_file(&process, json!({"status": "busy"}));
            let dir = world.home().join(".claude/projects/-w");
            std::fs::create_dir_all(&dir).unwrap();
            let path = dir.join(format!("session-of-{pid}.jsonl"));
            write(&path, size);
            let root = ProcRoot::new(world.path("proc"));
            let boot = clock::boot();
            (root.candidate(root.process(pid).unwrap(), boot), path)
        })
        .collect();
    let around = Surroundings {
        peers: &[],
        teammates: &[],
        claimed: &|_| None,
        session_of: &|_| None,
        holder_of: &|_| None,
        children: &Vec::new,
        argv: &|_| Vec::new(),
        env: &|_| Environment::default(),
        usage: &|| None,
        wants_to_run: &|| false,
        is_bun_program: &|| false,
        session_dirs: &[],
        title: None,
        screen: None,
        hooks: &HookReports::default(),
    };
    let mut first = [Vec::new(), Vec::new()];
    let mut append = [Vec::new(), Vec::new()];
    let mut nothing = Vec::new();
    for round in 0..ROUNDS {
        for (index, (subject, path)) in subjects.iter().enumerate() {
            let mut inspector = Inspector::new(subject.process.id);
            let mut look = || {
                timed(|| {
                    let observation =
                        inspector.look(subject, &around, clock::Now::read().wall).unwrap();
                    assert!(observation.details.transcript.is_some());
                })
            };
            first[index].push(look());
            let mut file = OpenOptions::new().append(true).open(path).unwrap();
            writeln!(file, "{}", message(round)).unwrap();
            append[index].push(look());
            if index == 0 {
                nothing.push(look());
            }
        }
    }
    let [small, large] = first.map(Times::new);
    head("transcript: 1 GiB beside 64 KiB");
    row("first look, 64 KiB, p50", &micros(small.median()), "");
    row("first look, 1 GiB, p50", &micros(large.median()), "");
    row("first look, 1 GiB / 64 KiB", &ratio(large.median(), small.median()), "≤ 1.1×");
    let [small, large] = append.map(Times::new);
    row("look after one appended line, 64 KiB, p50", &micros(small.median()), "");
    row("look after one appended line, 1 GiB, p50", &micros(large.median()), "");
    row("the same, 1 GiB / 64 KiB", &ratio(large.median(), small.median()), "≤ 1.1×");
    row("look with nothing new, p50", &micros(Times::new(nothing).median()), "");
}

/// A transcript of about this size: turns of a prompt, a tool, and an answer.
fn write(path: &Path, size: u64) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let mut written = 0;
    let mut turn = 0;
    while written < size {
        let line = format!("{}\n", message(turn));
        file.write_all(line.as_bytes()).unwrap();
        written += line.len() as u64;
        turn += 1;
    }
    file.flush().unwrap();
}

fn message(turn: usize) -> String {
    let at = clock::Now::read().wall.to_rfc3339();
    if turn.is_multiple_of(2) {
        let text = "please ".repeat(60);
        return json!({"type": "user", "isSidechain": false, "timestamp": at, "uuid": format!("u{turn}"),
            "message": {"role": "user", "content": text}}).to_string();
    }
    let text = "done ".repeat(100);
    json!({"type": "assistant", "isSidechain": false, "timestamp": at, "uuid": format!("a{turn}"),
        "message": {"id": format!("m{turn}"), "model": "claude", "role": "assistant", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": text}],
            "usage": {"input_tokens": 10, "output_tokens": 20}}}).to_string()
}

fn timed(act: impl FnOnce()) -> Duration {
    let start = Instant::now();
    act();
    start.elapsed()
}
