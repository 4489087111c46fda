//! What vmuxd costs while nothing happens, and while much does.

use crate::bare;
use crate::baseline::Baseline;
use crate::cpu;
use crate::list::fill;
use crate::table::{head, row};
use crate::world::{Daemon, World};
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::{Child, Command, Stdio};
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
    row("times vmuxd slept, a second", &format!("{:.2}", usage[0].1), "≤ 0.5");
    row(
        "memory of vmuxd (RSS)",
        &format!("{:.1} MB", cpu::resident(daemon.pid()) / 1000.0),
        "≤ 8 MB",
    );
    row(
        "memory of the follower (RSS)",
        &format!("{:.1} MB", cpu::resident(follower.0.id()) / 1000.0),
        "",
    );
}

/// How long the busy case is measured.
const BUSY_SECONDS: u32 = 20;

/// 200 sessions whose transcripts get 10 lines a second each: this vmuxd, the baseline, and a loop
/// that only reads what is new.
pub fn busy() {
    head("vmuxd while much happens: 200 sessions, 10 appends a second each");
    let mut busy = Busy::new();
    let bare = bare::Loop::start(&busy.world.home().join(PROJECT));
    busy.write();
    let bare = bare.end();
    drop(busy);
    let of_daemon = |command: fn(&World) -> Command| {
        let mut busy = Busy::new();
        let command = command(&busy.world);
        let daemon = Daemon::start(&busy.world, command);
        let usage = over(busy.time(), &[daemon.pid()], || busy.write());
        (usage[0], cpu::resident(daemon.pid()) / 1000.0)
    };
    let (ours, memory) = of_daemon(World::vmuxd);
    let bare = bare.as_secs_f64() * 100.0 / f64::from(BUSY_SECONDS);
    row("CPU of vmuxd", &percent(ours.0), "≤ 3 %");
    row("the same for each append", &format!("{:.1} µs", ours.0 * 5.0), "");
    row("a loop that reads each append", &percent(bare), "");
    row("vmuxd / that loop", &format!("{:.2}×", ours.0 / bare), "≤ 3×");
    row("times vmuxd slept, a second", &format!("{:.0}", ours.1), "");
    row("memory of vmuxd (RSS) then", &format!("{memory:.1} MB"), "");
    if Baseline::is_set() {
        let (theirs, _) = of_daemon(|world| Baseline::vmuxd(world).unwrap());
        row("CPU of the baseline", &percent(theirs.0), "");
        row("vmuxd / the baseline", &format!("{:.2}×", ours.0 / theirs.0), "≤ 0.5×");
    }
}

/// Where the transcripts are, in the home.
const PROJECT: &str = ".claude/projects/-w";

/// A world with 200 busy sessions, and the transcripts that grow.
pub struct Busy {
    pub world: World,
    files: Vec<File>,
}

impl Busy {
    pub fn new() -> Busy {
        let world = World::new();
        let files = Busy::fill(&world);
        Busy { world, files }
    }

    /// Adds the sessions to a world.
    pub fn fill(world: &World) -> Vec<File> {
        let dir = world.home().join(PROJECT);
        std::fs::create_dir_all(&dir).unwrap();
        let transcript = |pid| {
            let process = world.claude(pid).live();
            world.session_file(&process, json!({"status": "busy"}));
            let path = dir.join(format!("session-of-{pid}.jsonl"));
            OpenOptions::new().create(true).append(true).open(path).unwrap()
        };
        (2000..2200).map(transcript).collect()
    }

    fn time(&self) -> Duration {
        Duration::from_secs(BUSY_SECONDS.into())
    }

    fn write(&mut self) {
        write_lines(&mut self.files, BUSY_SECONDS * 10, &|| false);
    }
}

/// So many lines into each file, 10 a second, until `is_over`.
pub fn write_lines(files: &mut [File], rounds: u32, is_over: &dyn Fn() -> bool) {
    let start = Instant::now();
    for round in 0..rounds {
        for (index, file) in files.iter_mut().enumerate() {
            // Spread over the tenth of a second, as sessions of their own are.
            let due = Duration::from_micros(u64::from(round) * 100_000 + index as u64 * 500);
            std::thread::sleep(due.saturating_sub(start.elapsed()));
            writeln!(file, "{}", line(round)).unwrap();
        }
        if is_over() {
            return;
        }
    }
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
    let used = || pids.iter().map(|pid| cpu::of_process(*pid)).collect::<Vec<_>>();
    let before = used();
    let slept = cpu::sleeps_during(pids, act);
    let seconds = time.as_secs_f64();
    let used = before.into_iter().zip(used()).map(|(before, after)| after - before);
    #[allow(clippy::cast_precision_loss)]
    let shares = used
        .zip(slept)
        .map(|(used, slept)| (used.as_secs_f64() * 100.0 / seconds, slept as f64 / seconds));
    shares.collect()
}

fn percent(share: f64) -> String {
    format!("{share:.3} %")
}
