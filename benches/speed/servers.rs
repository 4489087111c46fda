//! The servers of sessions: how soon `vmux servers --follow` tells a new one, and what vmuxd costs with
//! and without them while nothing happens. (What a scan costs is in [`crate::scan`].)

use crate::cpu;
use crate::processes::Processes;
use crate::table::{Times, head, row};
use crate::world::{Daemon, World, until};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};
use vmux::proc::ProcRoot;

const SESSIONS: usize = 50;
const LISTENERS: usize = 5;
const EDGES: u16 = 60;
/// After new sockets and sessions it looks closer for a while.
const SETTLES: Duration = Duration::from_secs(15);
const IDLE: Duration = Duration::from_secs(30);
const ROUNDS: usize = 8;
/// The same directory by another name: vmuxd does not look for servers in a `/proc` that is not the
/// kernel's.
const WITHOUT_SERVERS: &str = "/proc/../proc";

pub fn run() {
    edges();
    idle();
}

/// Sessions that are real processes, with a file that says this status.
fn sessions(world: &World, count: usize, status: &str) -> Processes {
    let program = world.path("w/claude");
    std::fs::copy("/bin/sleep", &program).unwrap();
    let begin = |_| {
        let child = world.command(&program).arg("1000").stdin(Stdio::null()).spawn().unwrap();
        let name = || std::fs::read_to_string(format!("/proc/{}/comm", child.id()));
        until("the session", || name().is_ok_and(|it| it.trim() == "claude"));
        let mut process = world.claude(child.id());
        process.start = ProcRoot::new("/proc").process(child.id()).unwrap().id.start;
        world.session_file(&process, json!({"status": status}));
        child
    };
    Processes((0..count).map(begin).collect())
}

fn vmuxd(world: &World) -> Command {
    world.command(env!("CARGO_BIN_EXE_vmuxd"))
}

/// A program of a tool that listens on a port that it reads, and closes it before the next one.
const LISTENS: &str = "import socket, sys\n\
    s = None\n\
    for line in sys.stdin:\n\
    \x20   if s: s.close()\n\
    \x20   s = None\n\
    \x20   if int(line): s = socket.create_server(('127.0.0.1', int(line)))\n";

fn edges() {
    let world = World::new();
    let crowd = sessions(&world, 1, "busy");
    let _daemon = Daemon::start(&world, vmuxd(&world));
    let mut python = world.command("python3");
    python.args(["-c", LISTENS]).stdin(Stdio::piped());
    python.env("CLAUDE_PID", crowd.0[0].id().to_string());
    python.env("CLAUDE_CODE_SESSION_ID", format!("session-of-{}", crowd.0[0].id()));
    let mut server = python.spawn().unwrap();
    let mut orders = server.stdin.take().unwrap();
    let mut follower = world.vmux();
    follower.args(["servers", "--follow"]).stdout(Stdio::piped());
    let mut follower = follower.spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let _all = Processes(vec![server, follower]);
    let mut order = |port: u16, begin: &str| {
        tell(&mut orders, port);
        let ordered = Instant::now();
        let line = lines.next().unwrap().unwrap();
        assert!(line.starts_with(begin), "{line}");
        ordered.elapsed()
    };
    let mut times = Vec::new();
    for edge in 0..EDGES {
        let port = 20_000 + edge;
        times.push(order(port, &format!("+ {port}  ")));
        order(0, &format!("- {port}  "));
        // Not in step with the follower.
        std::thread::sleep(Duration::from_millis(u64::from(edge * 7 % 80)));
    }
    let times = Times::new(times);
    let millis = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    head("from listening to the line of vmux servers --follow, while a session works");
    row("p50", &millis(times.median()), "≤ 100 ms");
    row("the longest of 60", &millis(times.quantile(1.0)), "≤ 100 ms");
}

fn tell(orders: &mut ChildStdin, port: u16) {
    writeln!(orders, "{port}").unwrap();
}

/// Three vmuxd at the same time, which see the same sessions; two of them do the same, so that what lies
/// between these is noise.
fn idle() {
    let worlds: [World; 3] = std::array::from_fn(|_| World::new());
    let _crowd = sessions(&worlds[0], SESSIONS, "idle");
    let _listeners: Vec<_> =
        (0..LISTENERS).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let start = |it: usize| {
        let mut command = vmuxd(&worlds[it]);
        if it > 0 {
            command.args(["--proc", WITHOUT_SERVERS]);
        }
        Daemon::start(&worlds[it], command)
    };
    let all: [Daemon; 3] = std::array::from_fn(start);
    until("all sessions", || all.iter().all(|it| it.sessions().len() == SESSIONS));
    std::thread::sleep(SETTLES);
    let sample = || all.each_ref().map(|it| cpu::of_process(it.pid()).as_secs_f64());
    let mut shares: Vec<[f64; 3]> = Vec::new();
    let slept = cpu::sleeps_during(&all.each_ref().map(Daemon::pid), || {
        for _ in 0..ROUNDS {
            let before = sample();
            std::thread::sleep(IDLE);
            let after = sample();
            let share = |it: usize| (after[it] - before[it]) * 100.0 / IDLE.as_secs_f64();
            shares.push(std::array::from_fn(share));
        }
    });
    let noise: Vec<f64> = shares.iter().map(|[_, one, other]| one - other).collect();
    let apart: Vec<f64> =
        shares.iter().map(|[with, one, other]| with - f64::midpoint(*one, *other)).collect();
    let column = |it: usize| shares.iter().map(|round| round[it]).collect::<Vec<_>>();
    head(
        "vmuxd idle, 50 real sessions, 5 listeners, eight times 30 s, at the same time: least, mean, most",
    );
    row("CPU with servers", &spread(&column(0)), "");
    row("CPU without", &spread(&column(1)), "");
    row("CPU without, another one", &spread(&column(2)), "");
    row("with, more than the mean of both", &spread(&apart), "noise");
    row("one without, more than the other", &spread(&noise), "");
    row("times they slept", &format!("{slept:?}"), "");
}

/// The least, the mean and the most of some shares of a core, in percent.
fn spread(shares: &[f64]) -> String {
    #[allow(clippy::cast_precision_loss)]
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    let (least, most) = shares
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), it| (a.min(*it), b.max(*it)));
    format!("{least:.3}, {mean:.3}, {most:.3} %")
}
