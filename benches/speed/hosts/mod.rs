//! Sessions of other hosts: over a real ssh, and with a hundred hosts that are simulated.

pub mod far_ends;
pub mod over_ssh;

use crate::cpu;
use crate::list::fill;
use crate::table::{Times, head, ratio, row};
use crate::world::{Daemon, World, eventually};
use far_ends::FarEnds;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How many hosts are simulated, with how many sessions each.
const HOSTS: u32 = 100;
const SESSIONS: u32 = 50;

/// How long the changes of all hosts are watched.
const WATCHED: Duration = Duration::from_secs(20);

const LIST_ROUNDS: usize = 300;

pub fn run() {
    list();
    many();
}

/// A machine that reaches so many simulated hosts, with so many sessions each.
struct Near {
    world: World,
    far: FarEnds,
    daemon: Daemon,
}

impl Near {
    fn start(hosts: u32, sessions: u32) -> Near {
        let world = World::new();
        let names: Vec<String> = (0..hosts).map(|it| format!("h{it}")).collect();
        let config: String = names.iter().map(|it| format!("[hosts.{it}]\n")).collect();
        std::fs::create_dir_all(world.path("home/.vmux")).unwrap();
        std::fs::write(world.path("home/.vmux/config.toml"), config).unwrap();
        let far = FarEnds::listen(&world.path("far"), sessions);
        far.write_ssh(&world.path("bin"));
        let path = format!("{}:/usr/bin:/bin", world.path("bin").display());
        let mut command = world.vmuxd();
        command.env("PATH", path);
        let daemon = Daemon::start(&world, command);
        eventually("all hosts are up", || {
            let reply = daemon.ask("hosts", json!({}));
            let infos = reply["hosts"].as_array()?;
            let is_up = |it: &&serde_json::Value| it["state"] == "up" && it["sessions"] == sessions;
            (infos.iter().filter(is_up).count() == hosts as usize).then_some(())
        });
        Near { world, far, daemon }
    }
}

/// `vmux list` with 200 sessions: of ten hosts, and of this machine.
fn list() {
    head("vmux list, 10 hosts of 20 sessions, and 200 local ones");
    let local = World::new();
    fill(&local, 200);
    let _daemon = local.open();
    let near = Near::start(10, 20);
    let mut commands = [&local, &near.world].map(|world| {
        let mut command = world.vmux();
        command.arg("list");
        command
    });
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..LIST_ROUNDS {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            times.push(spawn(command));
        }
    }
    let [local, far] = times.map(Times::new);
    row("hosts / local, p50", &ratio(far.median(), local.median()), "≤ 1.1×");
    row("hosts / local, minimum", &ratio(far.quantile(0.0), local.quantile(0.0)), "");
}

fn spawn(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    start.elapsed()
}

/// A hundred hosts, of which each has one change a second.
fn many() {
    head("100 simulated hosts of 50 sessions, one change a second each");
    let near = Near::start(HOSTS, SESSIONS);
    let far = f64::from(HOSTS * SESSIONS);
    let for_each = (cpu::resident(near.daemon.pid()) - empty()) / far;
    let local = local();
    row("memory of vmuxd for a far session", &format!("{for_each:.1} KB"), "");
    row("memory of vmuxd for a local one", &format!("{local:.1} KB"), "");
    row("far / local", &format!("{:.2}×", for_each / local), "≤ 0.5×");
    let shown = listen(&near.daemon);
    let quiet = share(&near.daemon, || std::thread::sleep(WATCHED));
    row("CPU of vmuxd without a change, heartbeats included", &quiet, "");
    let mut sent = BTreeMap::new();
    let busy = share(&near.daemon, || change(&near.far, 0, &mut sent));
    row("CPU of vmuxd, 100 changes a second", &busy, "≤ 5 %");
    report("from a change to the event", &sent, &shown);
    near.far.kill("h0");
    sent.clear();
    let one_dead = share(&near.daemon, || change(&near.far, 1, &mut sent));
    row("CPU of vmuxd, one host dead", &one_dead, "");
    report("the other 99 hosts, one dead", &sent, &shown);
}

/// Changes one session of each host from the number `first` on every second, one after the other; notes
/// when which change was written.
fn change(far: &FarEnds, first: u32, sent: &mut BTreeMap<u64, Instant>) {
    let start = Instant::now();
    let pause = Duration::from_secs(1) / HOSTS;
    let mut next = start;
    let mut round = 0;
    while start.elapsed() < WATCHED {
        for host in first..HOSTS {
            let number = u64::from(first * 1_000_000 + round * HOSTS + host);
            sent.insert(number, Instant::now());
            far.change(&format!("h{host}"), round % SESSIONS, number);
            next += pause;
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        round += 1;
    }
}

fn report(what: &str, sent: &BTreeMap<u64, Instant>, shown: &mpsc::Receiver<(u64, Instant)>) {
    let mut times = Vec::new();
    while let Ok((number, at)) = shown.recv_timeout(Duration::from_secs(1)) {
        times.extend(sent.get(&number).map(|then| at - *then));
    }
    row(&format!("{what}, lost"), &(sent.len() - times.len()).to_string(), "0");
    if times.is_empty() {
        return;
    }
    let times = Times::new(times);
    let millis = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    row(&format!("{what}, p50"), &millis(times.median()), "");
    row(&format!("{what}, p99"), &millis(times.quantile(0.99)), "≤ 50 ms");
}

/// The changes that a subscriber gets: their numbers, and when.
fn listen(daemon: &Daemon) -> mpsc::Receiver<(u64, Instant)> {
    let mut stream = UnixStream::connect(&daemon.socket).unwrap();
    stream.write_all(b"{\"action\":\"subscribe\"}\n").unwrap();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let at = Instant::now();
            let label = line.split_once("\"label\":\"change-").map(|(_, it)| it);
            let number = label.and_then(|it| it.split('"').next()?.parse().ok());
            if let Some(number) = number.filter(|_| line.contains("\"event\":\"session\"")) {
                let _ = sender.send((number, at));
            }
        }
    });
    receiver
}

/// The share of a core that vmuxd uses during `act`.
fn share(daemon: &Daemon, act: impl FnOnce()) -> String {
    let (before, start) = (cpu::of_process(daemon.pid()), Instant::now());
    act();
    let used = cpu::of_process(daemon.pid()) - before;
    format!("{:.2} %", used.as_secs_f64() / start.elapsed().as_secs_f64() * 100.0)
}

/// The memory of a vmuxd without sessions, in KB.
fn empty() -> f64 {
    let world = World::new();
    let daemon = world.open();
    cpu::resident(daemon.pid())
}

/// The memory for each of a thousand local sessions, in KB.
fn local() -> f64 {
    let world = World::new();
    fill(&world, 1000);
    let daemon = world.open();
    eventually("all are listed", || (daemon.sessions().len() == 1000).then_some(()));
    (cpu::resident(daemon.pid()) - empty()) / 1000.0
}
