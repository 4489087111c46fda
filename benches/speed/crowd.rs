//! What many sessions cost: real processes, whose number grows from table row to table row.

use crate::baseline::Baseline;
use crate::cpu;
use crate::processes::Processes;
use crate::table::{head, row};
use crate::world::{Daemon, World, ago, eventually};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use vmux::client::Client;
use vmux::protocol::request::{Nothing, Request};

/// Before this age a process is read in full with every scan.
const SETTLED_AFTER: Duration = Duration::from_secs(20);

/// How long vmuxd is watched doing nothing: some scans.
const QUIET: Duration = Duration::from_secs(20);

/// How often vmuxd scans.
const SCAN_INTERVAL: Duration = Duration::from_secs(5);

/// What is known of one vmuxd with so many sessions.
struct Figures {
    listed_after: Duration,
    /// Share of a core, in percent.
    idle: f64,
    /// For each session and scan.
    scan: Duration,
    resident: f64,
}

pub fn run() {
    head("many sessions, real processes");
    let ours = [100, 1000, 5000].map(|count| measure(count, real_vmuxd));
    let [_, thousand, many] = &ours;
    let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
    let percent = |share: f64| format!("{share:.2} %");
    let micros = |time: Duration| format!("{:.1} µs", time.as_secs_f64() * 1e6);
    row("1,000: idle CPU", &percent(thousand.idle), "≤ 0.6 %");
    row("1,000: CPU of a scan and all that follows, each", &micros(thousand.scan), "≤ 15 µs");
    row("5,000: idle CPU", &percent(many.idle), "≤ 4 %");
    row("5,000: CPU of a scan and all that follows, each", &micros(many.scan), "");
    row("1,000: all listed after the start", &seconds(thousand.listed_after), "");
    row("5,000: all listed after the start", &seconds(many.listed_after), "≤ 2 s");
    row("memory for each session, 100 to 1,000", &memory(&ours), "≤ 6 KB");
    row("1,000 with 1,024 files: clients served", &served(1000, 1024).to_string(), "20");
    if Baseline::is_set() {
        let theirs = [100, 1000, 5000]
            .map(|count| measure(count, |world| Baseline::vmuxd_on_real_proc(world).unwrap()));
        row("the baseline, 1,000: idle CPU", &percent(theirs[1].idle), "");
        row("the baseline, 5,000: idle CPU", &percent(theirs[2].idle), "");
        row("the baseline, 5,000: all listed", &seconds(theirs[2].listed_after), "");
        row("the baseline, memory for each session", &memory(&theirs), "");
    }
}

fn memory([few, many, _]: &[Figures; 3]) -> String {
    format!("{:.1} KB", (many.resident - few.resident) / 900.0)
}

fn real_vmuxd(world: &World) -> Command {
    world.command(env!("CARGO_BIN_EXE_vmuxd"))
}

fn measure(count: usize, vmuxd: impl Fn(&World) -> Command) -> Figures {
    let world = World::new();
    let _crowd = crowd(&world, count);
    let start = Instant::now();
    let daemon = Daemon::start(&world, vmuxd(&world));
    eventually("all are listed", || (listed(&world) == count).then_some(()));
    let listed_after = start.elapsed();
    std::thread::sleep(SETTLED_AFTER);
    let before = cpu::of_process(daemon.pid());
    std::thread::sleep(QUIET);
    let spent = cpu::of_process(daemon.pid()) - before;
    let scans = QUIET.as_secs_f64() / SCAN_INTERVAL.as_secs_f64();
    #[allow(clippy::cast_precision_loss)]
    let scan = spent.div_f64(scans * count as f64);
    Figures {
        listed_after,
        idle: spent.as_secs_f64() / QUIET.as_secs_f64() * 100.0,
        scan,
        resident: cpu::resident(daemon.pid()),
    }
}

/// How many of 20 clients at once are served by a vmuxd that may open so many files.
fn served(count: usize, files: u64) -> usize {
    let world = World::new();
    let _crowd = crowd(&world, count);
    let mut command = real_vmuxd(&world);
    // Started by a shell, which sets the limit for good.
    let mut limited = world.command("/bin/sh");
    let vmuxd = command.get_program().to_owned();
    limited.arg("-c").arg(format!("ulimit -n {files} && exec \"$0\"")).arg(vmuxd);
    command = limited;
    let _daemon = Daemon::start(&world, command);
    let clients: Vec<_> = (0..20)
        .map(|_| {
            let mut client = Client::connect(&world.socket(), Duration::from_secs(10)).ok()?;
            client.ask(&Request::Version(Nothing {})).ok()?;
            Some(client)
        })
        .collect();
    clients.iter().flatten().count()
}

fn listed(world: &World) -> usize {
    let ask = || {
        let mut client = Client::connect(&world.socket(), Duration::from_secs(10)).ok()?;
        client.ask(&Request::List(Nothing {})).ok()?.sessions
    };
    ask().map_or(0, |sessions| sessions.len())
}

/// Processes that are sessions as far as can be seen.
fn crowd(world: &World, count: usize) -> Processes {
    let program = world.path("w/claude");
    std::fs::copy("/bin/sleep", &program).unwrap();
    let projects = world.home().join(".claude/projects/-w");
    std::fs::create_dir_all(&projects).unwrap();
    let mut crowd = Processes(Vec::new());
    for index in 0..count {
        let mut command = world.command(&program);
        command.arg0("claude").arg("100000").stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().unwrap();
        let pid = child.id();
        crowd.0.push(child);
        let since = ago(1000 * i64::try_from(index).unwrap()).timestamp_millis();
        let status = match index % 5 {
            0 => "busy",
            1 => "waiting",
            _ => "idle",
        };
        let id = format!("session-of-{pid}");
        let file = json!({"pid": pid, "sessionId": id, "cwd": world.path("w"),
            "procStart": start_of(pid), "version": "2.1.329", "kind": "interactive",
            "entrypoint": "cli", "status": status, "statusUpdatedAt": since,
            "waitingFor": (status == "waiting").then_some("permission prompt")});
        let path = world.home().join(format!(".claude/sessions/{pid}.json"));
        std::fs::write(path, file.to_string()).unwrap();
        let line = json!({"type": "user", "timestamp": chrono::Utc::now().to_rfc3339(),
            "message": {"role": "user", "content": "go on"}});
        std::fs::write(projects.join(format!("{id}.jsonl")), format!("{line}\n")).unwrap();
    }
    crowd
}

/// When a process started, in ticks (proc_pid_stat(5)).
fn start_of(pid: u32) -> String {
    let file = std::fs::File::open(format!("/proc/{pid}/stat")).unwrap();
    let line = BufReader::new(file).lines().next().unwrap().unwrap();
    line.rsplit(") ").next().unwrap().split(' ').nth(19).unwrap().to_owned()
}
