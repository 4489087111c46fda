//! A day of many sessions, in a few minutes: what vmuxd takes stays the same, and what it knows at
//! the end is what a vmuxd finds that has just begun.
//!
//! `benches/soak` runs it for 20 minutes; the tests run it for some seconds.

use super::desktop::Desktop;
use super::{Dice, descriptors, said, status, transcript};
use crate::support::world::{Daemon, FakeProcess, World, until};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use vmux::client::Client;
use vmux::session::info::SessionInfo;
use vmux::session::state::StateName;

/// About so many sessions live at a time.
const SESSIONS: usize = 40;

/// In a long day a pause between two things that happen: some 250 a second.
const PAUSE: Duration = Duration::from_millis(4);

/// A short day has no pauses, but so many things that happen, and a scan after some of them.
const SHORT: u64 = 1500;
const SCAN_AFTER: u64 = 25;

struct Day {
    world: World,
    dice: Dice,
    desktop: Desktop,
    next_pid: u32,
    alive: Vec<(FakeProcess, String)>,
    bars: Vec<UnixStream>,
    happened: u64,
    /// Wake-ups of each thread so far, by its id; those of threads that ended stay in.
    wake_ups: BTreeMap<u32, u64>,
}

/// One row of the table.
#[derive(Clone, Copy)]
struct Sample {
    memory: u64,
    /// Without the pages of the program, which come in one by one.
    own: u64,
    descriptors: usize,
    threads: u64,
    wake_ups: u64,
    happened: u64,
}

impl Day {
    fn new() -> Day {
        let (world, dice) = (World::new(), Dice(0xda1));
        let desktop = Desktop::new(&world);
        Day {
            world,
            dice,
            desktop,
            // Beyond the pids of the real terminals.
            next_pid: 1_000_000,
            alive: Vec::new(),
            bars: Vec::new(),
            happened: 0,
            wake_ups: BTreeMap::new(),
        }
    }

    fn write(&mut self, index: usize) {
        let words = ["busy", "idle", "waiting", "shell"];
        let status = words[self.dice.roll(4) as usize];
        let (process, id) = &self.alive[index];
        let at = chrono::Utc::now().timestamp_millis();
        let fields = json!({
            "sessionId": id, "status": status, "statusUpdatedAt": at,
            "waitingFor": "permission prompt",
        });
        self.world.session_file(process, fields);
    }

    fn transcript(&self, index: usize) -> std::path::PathBuf {
        let (process, id) = &self.alive[index];
        transcript(&self.world, process.pid).with_file_name(format!("{id}.jsonl"))
    }

    /// Something happens.
    fn step(&mut self, daemon: &Daemon) {
        self.happened += 1;
        let dice = self.dice.roll(1000);
        let some = self.dice.roll(self.alive.len().max(1) as u64) as usize;
        match dice {
            // As many at the end as at the beginning, or memory would tell of their number.
            _ if self.alive.len() < SESSIONS - 5 => self.begin(),
            0..10 if self.alive.len() < SESSIONS + 5 => self.begin(),
            10..16 => self.end(some, false, daemon),
            16..20 => self.end(some, true, daemon),
            20..40 => self.clear(some, daemon),
            40..400 => self.write(some),
            400..900 => self.grow(some),
            900..930 => self.desktop.step(&mut self.dice),
            930..960 => self.label(some, daemon),
            960..985 => self.bar(daemon),
            _ => drop(daemon.ask("list", json!({}))),
        }
    }

    fn begin(&mut self) {
        self.next_pid += 1;
        let terminal = self.desktop.terminal(&mut self.dice);
        let process = self.world.claude(self.next_pid).child_of(terminal).live();
        let id = format!("session-of-{}", self.next_pid);
        self.alive.push((process, id));
        self.write(self.alive.len() - 1);
    }

    /// It ends and tidies up, or is killed and leaves its files.
    fn end(&mut self, index: usize, killed: bool, daemon: &Daemon) {
        let path = self.transcript(index);
        self.forget_label(index, daemon);
        let (process, _) = self.alive.swap_remove(index);
        process.end();
        let _ = fs::remove_file(path);
        if !killed {
            let name = format!(".claude/sessions/{}.json", process.pid);
            fs::remove_file(self.world.home().join(name)).unwrap();
        }
    }

    /// `/clear`: the same process, another conversation.
    fn clear(&mut self, index: usize, daemon: &Daemon) {
        let _ = fs::remove_file(self.transcript(index));
        // Else labels.json would hold thousands at the end of the day.
        self.forget_label(index, daemon);
        self.alive[index].1 = format!("session-{}-{}", self.alive[index].0.pid, self.happened);
        self.write(index);
    }

    fn grow(&mut self, index: usize) {
        let path = self.transcript(index);
        if fs::metadata(&path).is_ok_and(|it| it.len() > 1 << 20) {
            let _ = fs::remove_file(&path);
        }
        let text = "word ".repeat(self.dice.roll(400) as usize);
        let mut file = fs::File::options().create(true).append(true).open(&path).unwrap();
        file.write_all(said(&format!("{} {text}", self.happened)).as_bytes()).unwrap();
    }

    fn label(&mut self, index: usize, daemon: &Daemon) {
        let label = format!("label {}", self.dice.roll(20));
        let args = json!({"session_id": self.alive[index].1, "label": label});
        assert_eq!(daemon.ask("label", args), json!({"ok": true}));
    }

    fn forget_label(&self, index: usize, daemon: &Daemon) {
        let args = json!({"session_id": self.alive[index].1, "label": ""});
        assert_eq!(daemon.ask("label", args), json!({"ok": true}));
    }

    /// A bar connects; an old one goes.
    fn bar(&mut self, daemon: &Daemon) {
        let mut stream = daemon.connect();
        stream.write_all(b"{\"action\":\"subscribe\"}\n").unwrap();
        self.bars.push(stream);
        if self.bars.len() > 12 {
            self.bars.remove(0);
        }
    }

    fn sample(&mut self, daemon: &Daemon) -> Sample {
        let pid = daemon.pid();
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
        for task in tasks {
            let Ok(text) = fs::read_to_string(task.path().join("status")) else { continue };
            let line = text.lines().find_map(|it| it.strip_prefix("voluntary_ctxt_switches:"));
            let count = line.map_or(0, |it| it.trim().parse().unwrap());
            let id = task.file_name().to_str().unwrap().parse().unwrap();
            self.wake_ups.insert(id, count);
        }
        Sample {
            memory: status(pid, "VmRSS"),
            own: status(pid, "RssAnon"),
            descriptors: descriptors(pid),
            threads: status(pid, "Threads"),
            wake_ups: self.wake_ups.values().sum(),
            happened: self.happened,
        }
    }
}

/// What must be the same for a vmuxd that has just begun: all but what only one that watched knows,
/// which is whether the user was there, and since when a prompt is free over several words for it.
fn known(sessions: Vec<SessionInfo>) -> Vec<SessionInfo> {
    let strip = |mut it: SessionInfo| {
        it.unseen = false;
        if it.state == StateName::Idle {
            it.since = chrono::DateTime::UNIX_EPOCH;
        }
        it
    };
    sessions.into_iter().map(strip).collect()
}

#[test]
fn a_day_leaves_no_trace() {
    let minutes = std::env::var("VMUX_SOAK_MINUTES").ok().map(|it| it.parse::<f64>().unwrap());
    let lasts = minutes.map(|it| Duration::from_secs_f64(it * 60.0));
    let mut day = Day::new();
    let daemon = day.desktop.start(&day.world, "1");
    let began = Instant::now();
    let rows = 20;
    let mut samples: Vec<Sample> = Vec::new();
    println!("| minute | RSS, KiB | its own | descriptors | threads | happened | wake-ups each |");
    println!("|---|---|---|---|---|---|---|");
    // How much of the day is over.
    let part = |day: &Day| match lasts {
        Some(lasts) => began.elapsed().as_secs_f64() / lasts.as_secs_f64(),
        None => day.happened as f64 / SHORT as f64,
    };
    while part(&day) < 1.0 {
        day.step(&daemon);
        match lasts {
            Some(_) => std::thread::sleep(PAUSE),
            None if day.happened.is_multiple_of(SCAN_AFTER) => drop(daemon.sessions()),
            None => {}
        }
        if part(&day) > (samples.len() + 1) as f64 / f64::from(rows) {
            let sample = day.sample(&daemon);
            let before = samples.last().copied();
            let happened = sample.happened - before.map_or(0, |it| it.happened);
            let wake_ups = sample.wake_ups - before.map_or(0, |it| it.wake_ups);
            println!(
                "| {:.1} | {} | {} | {} | {} | {} | {:.2} |",
                began.elapsed().as_secs_f64() / 60.0,
                sample.memory,
                sample.own,
                sample.descriptors,
                sample.threads,
                sample.happened,
                wake_ups as f64 / happened.max(1) as f64,
            );
            samples.push(sample);
        }
    }
    check(&samples, minutes.is_some());
    day.bars.clear();
    // A second one needs a home of its own, with the same labels.
    let home = day.world.path("fresh");
    std::fs::create_dir(&home).unwrap();
    let _ = std::fs::copy(day.world.labels(), home.join("labels.json"));
    let fresh = day.desktop.start_in(&day.world, "3600", &home);
    let pids: Vec<u32> = day.alive.iter().map(|(process, _)| process.pid).collect();
    fresh.until_placed(&pids);
    let fresh = known(fresh.sessions());
    assert_eq!(fresh.len(), day.alive.len());
    let astray = fresh.iter().find(|it| it.workspace.is_none());
    assert_eq!(astray, None, "each has a window");
    // A prompt that has just become free is not believed at once by who saw the work before it.
    let end = Instant::now() + crate::support::world::DEADLINE;
    let mut watched = known(daemon.sessions());
    while watched != fresh && Instant::now() < end {
        watched = known(daemon.sessions());
    }
    for (watched, fresh) in watched.iter().zip(&fresh) {
        assert_eq!(watched, fresh);
    }
    assert_eq!(watched.len(), fresh.len());
}

/// Flat: the last third takes no more than the first third, after the first rows.
fn check(samples: &[Sample], long: bool) {
    let most = |samples: &[Sample], of: fn(&Sample) -> u64| samples.iter().map(of).max().unwrap();
    let settled = &samples[samples.len() / 5..];
    let (first, last) = settled.split_at(settled.len() / 2);
    let threads = |it: &Sample| it.threads;
    assert!(most(settled, threads) <= 12, "{} threads", most(settled, threads));
    let open = |it: &Sample| it.descriptors as u64;
    assert!(most(settled, open) < 100, "{} descriptors", most(settled, open));
    if !long {
        return;
    }
    assert!(most(last, open) <= most(first, open) + 8, "descriptors grow");
    let memory = |it: &Sample| it.own;
    let (before, after) = (most(first, memory), most(last, memory));
    assert!(after <= before + before / 10 + 1024, "memory grows: {before} KiB, then {after} KiB");
    // So that nobody takes a daemon that died for one that sleeps.
    let client = samples.last().map(|it| it.wake_ups);
    assert!(client > Some(0));
}

#[test]
fn a_client_may_hang_up_at_any_moment() {
    let world = World::new();
    let daemon = world.open();
    let before = descriptors(daemon.pid());
    for _ in 0..300 {
        let mut client = Client::connect(&daemon.socket, crate::support::world::DEADLINE).unwrap();
        client.subscribe().unwrap();
    }
    // Answered after all of those that came before it.
    assert_eq!(daemon.ask("scan", json!({}))["ok"], true);
    // The ends of the last ones may be noticed a little later.
    until("no more descriptors than before", || descriptors(daemon.pid()) <= before + 40);
}
