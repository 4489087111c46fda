//! From a write on disk to the line of `vmux status --follow`, with 50 sessions: quiet, and with 200
//! more whose transcripts grow.

use crate::idle::{Busy, Follower, write_lines};
use crate::list::fill;
use crate::table::{Times, head, ratio, row};
use crate::world::{Daemon, World};
use serde_json::json;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

const EDGES: u32 = 200;

/// How long to wait for a line before the edge is taken to be lost.
const LOST: Duration = Duration::from_secs(5);

pub fn run() {
    let quiet = measure(&World::new(), None);
    let world = World::new();
    let load = Load::start(&world);
    let loaded = measure(&world, Some(load));
    head("from a write to the line of vmux status --follow, 200 edges");
    for (index, what) in ["session file", "transcript, where it decides"].iter().enumerate() {
        report(&format!("{what}, quiet"), &quiet[index]);
        report(&format!("{what}, under load"), &loaded[index]);
        let p99 = |edges: &[Duration]| Times::new(edges.to_vec()).quantile(0.99);
        if !quiet[index].is_empty() && !loaded[index].is_empty() {
            let ratio = ratio(p99(&loaded[index]), p99(&quiet[index]));
            row(&format!("{what}, p99 under load / quiet"), &ratio, "≤ 3×");
        }
    }
}

/// The times of edges of a session file, and of a transcript, with 50 sessions.
fn measure(world: &World, load: Option<Load>) -> [Vec<Duration>; 2] {
    fill(world, 48);
    let filed = world.claude(500).live();
    world.session_file(&filed, json!({"status": "busy"}));
    // Without a session file the transcript alone decides, as in versions before 2.1.119.
    world.claude(501).argv(&["claude", "--resume", BARE]).live();
    let dir = world.home().join(".claude/projects").join(project(world));
    std::fs::create_dir_all(&dir).unwrap();
    let transcript = dir.join(format!("{BARE}.jsonl"));
    append(&transcript, world, "begin", "end_turn");
    let _daemon = Daemon::start(world, world.vmuxd());
    let mut follower = Follower::start(world);
    let stdout = follower.0.stdout.take().unwrap();
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send((Instant::now(), line));
        }
    });
    let mut file_edges = Vec::new();
    let mut transcript_edges = Vec::new();
    for edge in 0..EDGES {
        let asks = edge % 2 == 0;
        let status = if asks { "waiting" } else { "busy" };
        let now = chrono::Utc::now().timestamp_millis();
        let fields = json!({"status": status, "waitingFor": asks.then_some("permission prompt"),
            "statusUpdatedAt": now});
        file_edges.extend(edge_time(&lines, || world.session_file(&filed, fields)));
    }
    for edge in 0..EDGES {
        let stop = if edge % 2 == 0 { "tool_use" } else { "end_turn" };
        let act = || append(&transcript, world, "edge", stop);
        transcript_edges.extend(edge_time(&lines, act));
    }
    drop(load);
    [file_edges, transcript_edges]
}

const BARE: &str = "0b6f0f4e-7f4d-4a2c-9c1b-3f1d2f6f5a10";

/// How long until a line comes after `act`; none if it is lost. A pause makes every edge one by
/// itself.
fn edge_time(lines: &mpsc::Receiver<(Instant, String)>, act: impl FnOnce()) -> Option<Duration> {
    while lines.recv_timeout(Duration::from_millis(150)).is_ok() {}
    let start = Instant::now();
    act();
    let (at, _) = lines.recv_timeout(LOST).ok()?;
    Some(at - start)
}

fn report(what: &str, edges: &[Duration]) {
    let lost = EDGES as usize - edges.len();
    if edges.is_empty() {
        return row(&format!("{what}: all edges lost"), "-", "");
    }
    let times = Times::new(edges.to_vec());
    let millis = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    row(&format!("{what}, p50"), &millis(times.median()), "");
    row(&format!("{what}, p99"), &millis(times.quantile(0.99)), "≤ 20 ms");
    row(&format!("{what}, lost"), &lost.to_string(), "0");
}

/// The folder of the world's directory: everything but letters and digits is a dash.
fn project(world: &World) -> String {
    let cwd = world.path("w").display().to_string();
    cwd.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

fn append(path: &std::path::Path, world: &World, text: &str, stop: &str) {
    let at = chrono::Utc::now().to_rfc3339();
    let content = if stop == "tool_use" {
        let question = json!({"questions": [{"question": "Which one?"}]});
        json!([{"type": "tool_use", "id": format!("t{at}"), "name": "AskUserQuestion", "input": question}])
    } else {
        json!([{"type": "text", "text": text}])
    };
    let line = json!({"type": "assistant", "isSidechain": false, "timestamp": at, "sessionId": BARE,
        "cwd": world.path("w"), "uuid": at, "version": "2.0.77",
        "message": {"id": at, "model": "claude", "role": "assistant", "stop_reason": stop, "content": content}});
    let user = json!({"type": "user", "isSidechain": false, "timestamp": at, "sessionId": BARE,
        "cwd": world.path("w"), "message": {"role": "user", "content": "go on"}});
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(format!("{user}\n{line}\n").as_bytes()).unwrap();
}

/// 200 other sessions whose transcripts get ten lines a second each.
struct Load(Arc<AtomicBool>, Option<std::thread::JoinHandle<()>>);

impl Load {
    fn start(world: &World) -> Load {
        let mut files = Busy::fill(world);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let writer = std::thread::spawn(move || {
            write_lines(&mut files, u32::MAX, &|| stopped.load(Ordering::Relaxed));
        });
        Load(stop, Some(writer))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        if let Some(writer) = self.1.take() {
            let _ = writer.join();
        }
    }
}
