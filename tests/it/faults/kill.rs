//! kill -9 at any moment of a label write: what was answered is on disk, and the file is whole.

use super::{Dice, rounds};
use crate::support::world::World;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::sync::mpsc;

/// Labels are written to this many sessions in turn.
const SESSIONS: u64 = 5;

#[test]
fn nothing_that_was_answered_is_lost() {
    let world = World::new();
    let mut dice = Dice(0x5eed);
    // Session → the last number that was answered.
    let mut answered = vec![0; SESSIONS as usize];
    let mut sent = 0;
    for round in 0..rounds(10, 100) {
        let mut daemon = world.open();
        let mut stream = BufReader::new(daemon.connect());
        let (replies, replied) = mpsc::channel();
        let first = sent + 1;
        let writer = std::thread::spawn(move || {
            for number in first.. {
                let args = json!({
                    "session_id": format!("s{}", number % SESSIONS), "label": number.to_string(),
                });
                let request = json!({"action": "label", "args": args});
                let mut line = String::new();
                let asked = stream.get_mut().write_all(format!("{request}\n").as_bytes());
                if asked.is_err() || stream.read_line(&mut line).unwrap_or(0) == 0 {
                    return number;
                }
                assert_eq!(line, "{\"ok\":true}\n");
                let _ = replies.send(number);
            }
            unreachable!("the numbers do not end");
        });
        // After some answers, and somewhere in the middle of the next write.
        for _ in 0..=dice.roll(8) {
            replied.recv().unwrap();
        }
        for _ in 0..dice.roll(300_000) {
            std::hint::spin_loop();
        }
        daemon.signal(Signal::KILL);
        daemon.wait();
        sent = writer.join().unwrap();
        for number in first..sent {
            answered[(number % SESSIONS) as usize] = number;
        }
        let text = std::fs::read_to_string(world.labels()).unwrap();
        let labels: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        for (session, last) in answered.iter_mut().enumerate() {
            let on_disk = labels
                .get(format!("s{session}"))
                .map_or(0, |it| it.as_str().unwrap().parse::<u64>().unwrap());
            let next = sent % SESSIONS == session as u64;
            assert!(
                on_disk == *last || (next && on_disk == sent),
                "round {round}: session {session} has {on_disk}, answered was {last}"
            );
            *last = on_disk;
        }
    }
    // What the killed ones left behind is cleared away.
    let daemon = world.open();
    assert_eq!(daemon.ask("label", json!({"session_id": "s0", "label": "end"}))["ok"], true);
    let mut names: Vec<String> = std::fs::read_dir(world.path("home/.vmux"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["instance.lock", "labels.json", "vmuxd.pid"]);
}
