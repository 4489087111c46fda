//! Many sessions, and many clients of whom some are slow, silent or mad.

use super::{SetAtEnd, heavy};
use crate::support::world::{Daemon, World};
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};
use vmux::session::state::StateName;

#[test]
fn a_thousand_sessions_are_all_told() {
    let world = World::new();
    let processes: Vec<_> = (0..1000).map(|it| world.claude(1000 + it).live()).collect();
    for process in &processes {
        let status = ["idle", "busy", "waiting"][process.pid as usize % 3];
        world.session_file(process, json!({"status": status, "waitingFor": "permission prompt"}));
    }
    let daemon = world.open();
    let mut listener = daemon.listen();
    let count =
        |daemon: &Daemon, state| daemon.sessions().iter().filter(|it| it.state == state).count();
    assert_eq!(daemon.sessions().len(), 1000);
    assert_eq!(count(&daemon, StateName::NeedsInput), 333);
    // One of them changes: it is told without a scan.
    let asks = processes.iter().find(|it| it.pid % 3 == 0).unwrap();
    world.session_file(asks, json!({"status": "busy"}));
    listener.until(|sessions| {
        sessions.iter().any(|it| it.pid == asks.pid && it.state == StateName::Working)
    });
    for process in &processes[10..] {
        process.end();
    }
    assert_eq!(daemon.sessions().len(), 10);
    listener.until(|sessions| sessions.len() == 10);
    println!(
        "1,000 sessions: peak memory {} KiB, {} descriptors, {} threads",
        super::status(daemon.pid(), "VmHWM"),
        super::descriptors(daemon.pid()),
        super::status(daemon.pid(), "Threads"),
    );
}

/// Between two things that clients do, where it is measured what a person or a bar meets. Else they
/// wait for answers only.
fn pace(pause: Duration) {
    if heavy() {
        std::thread::sleep(pause);
    }
}

/// Clients that behave, those that do not, and the one whose answers are timed.
const GOOD: usize = 450;
const BAD: usize = 50;

/// How long an answer took for 99 of 100 requests.
fn p99(daemon: &Daemon, requests: usize, mut enough: impl FnMut(usize) -> bool) -> Duration {
    let mut stream = BufReader::new(daemon.connect());
    let mut times = Vec::with_capacity(requests);
    while !enough(times.len()) {
        let began = Instant::now();
        stream.get_mut().write_all(b"{\"action\":\"list\"}\n").unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        times.push(began.elapsed());
        assert!(line.starts_with("{\"ok\":true,\"sessions\":["), "{line}");
        pace(Duration::from_millis(2));
    }
    times.sort();
    times[times.len() * 99 / 100]
}

/// What a client does that does not behave, twice a second or once for every round of the others.
fn misbehave(index: usize, stream: &mut UnixStream, socket: &std::path::Path) {
    let _ = match index % 5 {
        // Silent.
        0 => Ok(0),
        // Half a request, never ended.
        1 => stream.write(b"{\"action\":"),
        // Garbage, line after line; the answers are never read.
        2 => stream.write("\u{0}\u{1b}[31m garbage\n".repeat(20).as_bytes()),
        // Asks for everything, reads nothing.
        3 => stream.write(b"{\"action\":\"list\"}\n{\"action\":\"subscribe\"}\n"),
        // A line without end, then another connection.
        _ => {
            let _ = stream.write(&[b'x'; 70_000]);
            *stream = UnixStream::connect(socket).unwrap();
            stream.set_nonblocking(true).unwrap();
            Ok(0)
        }
    };
}

#[test]
fn five_hundred_clients_and_one_that_is_in_a_hurry() {
    let world = World::new();
    for pid in 100..120 {
        let process = world.claude(pid).live();
        world.session_file(&process, json!({"status": "busy"}));
    }
    let changing = world.claude(120).live();
    world.session_file(&changing, json!({"status": "busy"}));
    let daemon = world.open();
    let quiet = p99(&daemon, 500, |count| count >= 500);
    let over = AtomicBool::new(false);
    let answers = AtomicUsize::new(0);
    let lasts = if heavy() { Duration::from_secs(60) } else { Duration::ZERO };
    let (rounds, round) = mpsc::channel();
    let crowded = std::thread::scope(|scope| {
        let _end = SetAtEnd(&over);
        let good = scope.spawn(|| good_clients(&daemon, &over, &answers, rounds));
        scope.spawn(|| bad_clients(&daemon, round));
        // Meanwhile changes on disk are noticed as ever.
        let mut listener = daemon.listen();
        let (world, changing, over) = (&world, &changing, &over);
        scope.spawn(move || {
            for round in 0.. {
                if over.load(Relaxed) {
                    return;
                }
                let (word, state) =
                    [("waiting", StateName::NeedsInput), ("busy", StateName::Working)][round % 2];
                let fields = json!({"status": word, "waitingFor": "permission prompt"});
                world.session_file(changing, fields);
                listener.until(|sessions| sessions[20].state == state);
            }
        });
        let end = Instant::now() + lasts;
        // All others have had their turn several times.
        p99(&daemon, 10_000, |count| {
            let all_had_turns = answers.load(Relaxed) >= 3 * GOOD || good.is_finished();
            count >= 500 && Instant::now() > end && all_had_turns
        })
    });
    let ratio = crowded.as_secs_f64() / quiet.as_secs_f64();
    println!(
        "{} clients, {BAD} of them mad, {} answers to the others in {lasts:?}: p99 {crowded:?}, \
         {ratio:.1} × the quiet {quiet:?}",
        GOOD + BAD,
        answers.load(Relaxed),
    );
    assert!(answers.load(Relaxed) >= 3 * GOOD);
    assert!(!heavy() || ratio <= 3.0, "p99 {crowded:?}, quiet {quiet:?}");
}

/// Each asks once a second, as a bar does that knows no better, or as soon as all others were
/// answered. `rounds` is told twice for each time that all were.
fn good_clients(daemon: &Daemon, over: &AtomicBool, answers: &AtomicUsize, rounds: Sender<()>) {
    let mut clients: Vec<_> = (0..GOOD).map(|_| BufReader::new(daemon.connect())).collect();
    let pause = Duration::from_secs(1) / GOOD as u32;
    for index in (0..GOOD).cycle() {
        if over.load(Relaxed) {
            return;
        }
        if index % (GOOD / 2) == 0 {
            let _ = rounds.send(());
        }
        let client = &mut clients[index];
        client.get_mut().write_all(b"{\"action\":\"list\"}\n").unwrap();
        let mut line = String::new();
        client.read_line(&mut line).unwrap();
        assert!(line.starts_with("{\"ok\":true"), "{line}");
        answers.fetch_add(1, Relaxed);
        pace(pause);
    }
}

fn bad_clients(daemon: &Daemon, round: Receiver<()>) {
    let connect = |_| {
        let stream = daemon.connect();
        stream.set_nonblocking(true).unwrap();
        stream
    };
    let mut clients: Vec<UnixStream> = (0..BAD).map(connect).collect();
    // Until the others end.
    for () in round {
        for (index, client) in clients.iter_mut().enumerate() {
            misbehave(index, client, &daemon.socket);
        }
    }
}

#[test]
fn a_flood_of_requests_holds_up_no_news() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "busy"}));
    let daemon = world.open();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _end = SetAtEnd(&over);
        // Each sends its next requests before the last ones are answered.
        for _ in 0..4 {
            scope.spawn(|| {
                let mut streams: Vec<UnixStream> = (0..60).map(|_| daemon.connect()).collect();
                let requests = b"{\"action\":\"version\"}\n".repeat(50);
                let mut buffer = vec![0; 64 * 1024];
                for stream in &mut streams {
                    stream.write_all(&requests).unwrap();
                }
                while !over.load(Relaxed) {
                    for stream in &mut streams {
                        let read = stream.read(&mut buffer).unwrap();
                        let answered = buffer[..read].iter().filter(|byte| **byte == b'\n').count();
                        stream.write_all(&b"{\"action\":\"version\"}\n".repeat(answered)).unwrap();
                    }
                }
            });
        }
        let mut listener = daemon.listen();
        for round in 0..20 {
            let (word, state) =
                [("waiting", StateName::NeedsInput), ("busy", StateName::Working)][round % 2];
            let fields = json!({"status": word, "waitingFor": "permission prompt"});
            world.session_file(&process, fields);
            listener.until(|sessions| sessions[0].state == state);
        }
    });
    fs::write(world.labels(), "{}").unwrap();
    assert_eq!(daemon.ask("list", json!({}))["ok"], true);
}
