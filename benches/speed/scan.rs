//! A full scan of 500 processes, beside reading the name of each and nothing more.

use crate::table::{Times, head, micros, ratio, row};
use crate::world::World;
use std::io::Read;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use vmux::claude::process;
use vmux::daemon::clock;
use vmux::proc::ProcRoot;
use vmux::proc::scan::{ProcessFilter, Scanner};

const PROCESSES: usize = 500;
const SESSIONS: usize = 50;
const ROUNDS: usize = 200;

/// Ends the processes it holds.
struct Crowd(Vec<Child>);

impl Drop for Crowd {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub fn run() {
    let world = World::new();
    let program = world.path("w/claude");
    std::fs::copy("/bin/sleep", &program).unwrap();
    let spawn = |index: usize| {
        let sleep = std::path::PathBuf::from("/bin/sleep");
        let mut command = world.command(if index < SESSIONS { &program } else { &sleep });
        command.arg("1000").stdin(Stdio::null()).spawn().unwrap()
    };
    let _crowd = Crowd((0..PROCESSES).map(spawn).collect());
    let mut scanner = Scanner::new(ProcRoot::new("/proc"), rustix::process::geteuid().as_raw());
    let filter = ProcessFilter {
        name_fits: &process::may_be_claude,
        may_read: &|_| true,
        wanted: &|it, _| process::is_session(&it.argv, it.exe.as_deref(), &it.process.comm),
    };
    // As in a daemon that has seen these processes before.
    let now = clock::Now::read().wall + chrono::TimeDelta::seconds(60);
    let (mut bare, mut full, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(timed(|| assert!(names() >= PROCESSES)));
        full.push(timed(|| {
            assert_eq!(scanner.scan(&filter, &[], clock::boot(), now).unwrap().len(), SESSIONS);
        }));
        new.push(timed(|| assert!(scanner.new_names(filter.name_fits).is_empty())));
    }
    let (bare, full, new) = (Times::new(bare), Times::new(full), Times::new(new));
    head("scan of 500 processes, 50 of them sessions");
    row("readdir and comm of each, p50", &micros(bare.median()), "");
    row("full scan, p50", &micros(full.median()), "");
    row("full scan / bare, p50", &ratio(full.median(), bare.median()), "≤ 1.3×");
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
