//! A full scan of 500 processes, beside reading the name of each and nothing more; and with the scan
//! for servers, while nothing changes.

use crate::processes::Processes;
use crate::table::{Times, head, micros, ratio, row};
use crate::world::World;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};
use vmux::claude::process;
use vmux::daemon::clock;
use vmux::proc::scan::{ProcessFilter, Scanner};
use vmux::proc::servers::scanner::ServerScanner;
use vmux::proc::{ProcFiles, ProcRoot};

const PROCESSES: usize = 500;
const SESSIONS: usize = 50;
const DESCRIPTORS: usize = 13_000;
const LISTENERS: usize = 25;
const ROUNDS: usize = 200;

pub fn run() {
    let world = World::new();
    let program = world.path("w/claude");
    std::fs::copy("/bin/sleep", &program).unwrap();
    // Descriptors that each of them inherits, and sockets that listen: as on a desk.
    let null = std::fs::File::open("/dev/null").unwrap();
    let inherited: Vec<_> = (0..DESCRIPTORS / PROCESSES).map(|_| rustix::io::dup(&null)).collect();
    let listen = |_| std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let _listeners: Vec<_> = (0..LISTENERS).map(listen).collect();
    let spawn = |index: usize| {
        let sleep = std::path::PathBuf::from("/bin/sleep");
        let mut command = world.command(if index < SESSIONS { &program } else { &sleep });
        command.arg("1000").stdin(Stdio::null()).spawn().unwrap()
    };
    let _crowd = Processes((0..PROCESSES).map(spawn).collect());
    drop(inherited);
    let mut scanner = Scanner::new(ProcRoot::new("/proc"), rustix::process::geteuid().as_raw());
    let filter = ProcessFilter {
        name_fits: &process::may_be_claude,
        may_read: &|_| true,
        wanted: &|it, _| process::is_session(&it.argv, it.exe.as_deref(), &it.process.comm),
    };
    // As in a daemon that has seen these processes before.
    let now = clock::Now::read().wall + chrono::TimeDelta::seconds(60);
    let files = ProcFiles::new(ProcRoot::new("/proc"));
    let mut servers = ServerScanner::new(files, rustix::process::geteuid().as_raw());
    let begun = Instant::now();
    let later = begun + Duration::from_secs(60);
    // Twice: after new sockets it looks closer for a while.
    for at in [begun, later] {
        servers.scan(Vec::new(), false, clock::boot(), at).unwrap();
    }
    let (mut bare, mut full, mut new) = (Vec::new(), Vec::new(), Vec::new());
    let mut with_servers = Vec::new();
    for _ in 0..ROUNDS {
        bare.push(timed(|| assert!(names() >= PROCESSES)));
        full.push(timed(|| {
            assert_eq!(scanner.scan(&filter, &[], clock::boot(), now).unwrap().len(), SESSIONS);
        }));
        with_servers.push(timed(|| {
            assert_eq!(scanner.scan(&filter, &[], clock::boot(), now).unwrap().len(), SESSIONS);
            servers.scan(Vec::new(), false, clock::boot(), later).unwrap();
        }));
        new.push(timed(|| assert!(scanner.new_names(filter.name_fits).is_empty())));
    }
    let (bare, full, new) = (Times::new(bare), Times::new(full), Times::new(new));
    head("scan of 500 processes, 50 of them sessions");
    row("readdir and comm of each, p50", &micros(bare.median()), "");
    row("full scan, p50", &micros(full.median()), "");
    row("full scan / bare, p50", &ratio(full.median(), bare.median()), "≤ 1.3×");
    let with_servers = Times::new(with_servers);
    row("with the scan for servers, p50", &micros(with_servers.median()), "");
    row("with it / without, p50", &ratio(with_servers.median(), full.median()), "≤ 1.15×");
    row("new processes only, p50", &micros(new.median()), "");
}

/// The bare minimum: the directory, and the name of each process.
fn names() -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        if entry.file_name().as_encoded_bytes()[0].is_ascii_digit() {
            let mut comm = [0; 64];
            let file = std::fs::File::open(entry.path().join("comm"));
            count += usize::from(file.is_ok_and(|mut it| it.read(&mut comm).is_ok()));
        }
    }
    count
}

fn timed(act: impl FnOnce()) -> Duration {
    let start = Instant::now();
    act();
    start.elapsed()
}
