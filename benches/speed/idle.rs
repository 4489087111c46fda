//! What vmuxd costs while nothing happens, and while much does.

use crate::list::fill;
use crate::table::{head, row};
use crate::world::{Daemon, World};
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// 50 idle sessions, scanned every 5 s, and one follower.
pub fn idle() {
    head("vmuxd over an idle minute");
    let world = World::new();
    fill(&world, 50);
    let daemon = Daemon::start(&world, world.vmuxd());
    let follower = Follower::start(&world);
    let usage = over(Duration::from_secs(60), &[daemon.pid(), follower.0.id()], || {
        std::thread::sleep(Duration::from_secs(60));
    });
    row("CPU of vmuxd, 50 idle sessions", &percent(usage[0].0), "≤ 0.1 %");
    row("CPU of vmuxd and one follower", &percent(usage[0].0 + usage[1].0), "≤ 0.1 %");
    row("times vmuxd slept, a second", &format!("{:.1}", usage[0].1), "");
    row("memory of vmuxd (RSS)", &format!("{:.1} MB", resident(daemon.pid())), "≤ 8 MB");
    row("memory of the follower (RSS)", &format!("{:.1} MB", resident(follower.0.id())), "");
}

/// 200 sessions whose transcripts get 10 lines a second each.
pub fn busy() {
    head("vmuxd while much happens");
    let world = World::new();
    let dir = world.home().join(".claude/projects/-w");
    std::fs::create_dir_all(&dir).unwrap();
    let mut files = Vec::new();
    for pid in 1000..1200 {
        let process = world.claude(pid).live();
        world.session_file(&process, json!({"status": "busy"}));
        let path = dir.join(format!("session-of-{pid}.jsonl"));
        files.push(OpenOptions::new().create(true).append(true).open(path).unwrap());
    }
    let daemon = Daemon::start(&world, world.vmuxd());
    let usage = over(Duration::from_secs(20), &[daemon.pid()], || {
        let start = Instant::now();
        for round in 0..200_u32 {
            for (index, file) in files.iter_mut().enumerate() {
                // Spread over the tenth of a second, as sessions of their own are.
                let due = Duration::from_micros(u64::from(round) * 100_000 + index as u64 * 500);
                std::thread::sleep(due.saturating_sub(start.elapsed()));
                writeln!(file, "{}", line(round)).unwrap();
            }
        }
    });
    row("CPU of vmuxd, 200 sessions, 10 appends a second each", &percent(usage[0].0), "≤ 3 %");
    row("memory of vmuxd (RSS) then", &format!("{:.1} MB", resident(daemon.pid())), "");
}

fn line(round: u32) -> String {
    json!({"type": "assistant", "isSidechain": false, "timestamp": chrono::Utc::now().to_rfc3339(),
        "message": {"id": format!("m{round}"), "model": "claude", "role": "assistant", "stop_reason": null,
            "content": [{"type": "text", "text": "and then ".repeat(40)}]}})
    .to_string()
}

/// A `vmux status --follow` whose output nobody reads.
pub struct Follower(pub Child);

impl Follower {
    pub fn start(world: &World) -> Follower {
        let mut command = world.vmux();
        command.args(["status", "--format", "plain", "--follow"]);
        Follower(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap())
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// For each process: share of a core in percent, and how often a second it went to sleep.
fn over(time: Duration, pids: &[u32], act: impl FnOnce()) -> Vec<(f64, f64)> {
    let sample = |pid: &u32| (cpu_nanos(*pid), sleeps(*pid));
    let before: Vec<_> = pids.iter().map(sample).collect();
    act();
    let seconds = time.as_secs_f64();
    let after = pids.iter().map(sample);
    before
        .into_iter()
        .zip(after)
        .map(|(before, after)| {
            #[allow(clippy::cast_precision_loss)]
            let (cpu, slept) = ((after.0 - before.0) as f64, (after.1 - before.1) as f64);
            (cpu / 1e7 / seconds, slept / seconds)
        })
        .collect()
}

/// Time on a core, in nanoseconds, of all threads (`schedstat`, proc(5)).
fn cpu_nanos(pid: u32) -> u64 {
    tasks(pid, "schedstat", |text| text.split(' ').next()?.parse().ok())
}

/// How often its threads went to sleep by themselves.
fn sleeps(pid: u32) -> u64 {
    tasks(pid, "status", |text| {
        let line = text.lines().find_map(|it| it.strip_prefix("voluntary_ctxt_switches:"))?;
        line.trim().parse().ok()
    })
}

/// The same for several processes.
pub fn cpu(pids: &[u32]) -> Duration {
    Duration::from_nanos(pids.iter().map(|pid| cpu_nanos(*pid)).sum())
}

fn tasks(pid: u32, file: &str, read: impl Fn(&str) -> Option<u64>) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    let text = |it: std::fs::DirEntry| std::fs::read_to_string(it.path().join(file)).ok();
    tasks.filter_map(|it| read(&text(it)?)).sum()
}

fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1000.0
}

fn percent(share: f64) -> String {
    format!("{share:.3} %")
}
