//! Transcripts that are huge, broken, replaced while they are read, or no files at all.

use super::{Dice, SetAtEnd, rounds, said, status, transcript};
use crate::support::world::{Daemon, World};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use vmux::session::state::StateName;

/// In KiB: vmuxd needs some 10 MiB (a debug build, 20); a transcript of any size adds a bounded
/// amount to that.
const MOST_MEMORY: u64 = 96 * 1024;

/// One session, its transcript, and a vmuxd that knows it.
fn world() -> (World, PathBuf, Daemon) {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let path = transcript(&world, 100);
    let daemon = world.open();
    (world, path, daemon)
}

fn append(path: &Path, text: &str) {
    let mut file = File::options().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Bytes that `daemon` has read so far, from files or anything else.
fn bytes_read(daemon: &Daemon) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/io", daemon.pid())).unwrap();
    text.lines().find_map(|line| line.strip_prefix("rchar: ")?.parse().ok()).unwrap()
}

#[test]
fn two_gigabytes_cost_what_their_end_costs() {
    let (_world, path, daemon) = world();
    let mut file = File::create(&path).unwrap();
    file.set_len(2 << 30).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(format!("\n{}", said("the end")).as_bytes()).unwrap();
    assert_eq!(daemon.session(100).preview, "the end");
    let before = bytes_read(&daemon);
    append(&path, &said("and more"));
    assert_eq!(daemon.session(100).preview, "and more");
    let cost = bytes_read(&daemon) - before;
    assert!(cost < 512 * 1024, "an appended line cost {cost} bytes");
    let peak = status(daemon.pid(), "VmHWM");
    println!("2 GiB: an appended line costs {cost} bytes read; peak memory {peak} KiB");
    assert!(peak < MOST_MEMORY, "{peak} KiB");
}

#[test]
fn a_hundred_megabytes_without_a_line_break_are_passed_over() {
    let (_world, path, daemon) = world();
    let mut listener = daemon.listen();
    append(&path, &said("before"));
    listener.until(|sessions| sessions[0].preview == "before");
    let piece = "x".repeat(1 << 20);
    for _ in 0..100 {
        append(&path, &piece);
    }
    assert_eq!(daemon.session(100).state, StateName::Idle);
    append(&path, &format!("\n{}", said("after")));
    listener.until(|sessions| sessions[0].preview == "after");
    let peak = status(daemon.pid(), "VmHWM");
    println!("100 MiB without a line break: peak memory {peak} KiB");
    assert!(peak < MOST_MEMORY, "{peak} KiB");
}

#[test]
fn long_records_that_are_read_at_once_are_never_held() {
    const SESSIONS: u32 = 16;
    let world = World::new();
    let record = said(&"A".repeat(15 << 20));
    for pid in 100..100 + SESSIONS {
        let process = world.claude(pid).live();
        world.session_file(&process, json!({"status": "idle"}));
        append(&transcript(&world, pid), &(record.clone() + &said("after")));
        // These have no session file, and each looks for a conversation that may be its own.
        world.claude(pid + SESSIONS).live();
    }
    let stray = "11111111-2222-4333-8444-555555555555.jsonl";
    append(&transcript(&world, 0).with_file_name(stray), &record);
    let daemon = world.open();
    for pid in 100..100 + SESSIONS {
        assert_eq!(daemon.session(pid).preview, "after");
    }
    let peak = status(daemon.pid(), "VmHWM");
    println!("{SESSIONS} records of 15 MiB at once: peak memory {peak} KiB");
    assert!(peak < MOST_MEMORY, "{peak} KiB");
}

#[test]
fn replaced_truncated_and_deleted_while_it_is_read() {
    let (world, path, daemon) = world();
    let other = path.with_extension("other");
    let mut dice = Dice(77);
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _end = SetAtEnd(&stop);
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                assert_eq!(daemon.session(100).state, StateName::Idle);
            }
        });
        for number in 0..rounds(600, 20_000) {
            let line = said(&format!("{number} {}", "z".repeat(dice.roll(3000) as usize)));
            match dice.roll(6) {
                0 => drop(fs::remove_file(&path)),
                1 => fs::write(&path, &line).unwrap(),
                2 => drop(File::options().write(true).open(&path).map(|it| it.set_len(40))),
                3 => {
                    fs::write(&other, line.repeat(20)).unwrap();
                    fs::rename(&other, &path).unwrap();
                }
                4 => append(&path, &line[..line.len() / 2]),
                _ => append(&path, &line),
            }
        }
    });
    fs::write(&path, said("at last")).unwrap();
    assert_eq!(daemon.session(100).preview, "at last");
    drop(world);
}

/// Everything but a file.
fn put(kind: &str, path: &Path) {
    match kind {
        "directory" => fs::create_dir(path).unwrap(),
        "fifo" => mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap(),
        "loop" => symlink(path, path).unwrap(),
        "nowhere" => symlink("/nowhere/at/all", path).unwrap(),
        "endless" => symlink("/dev/zero", path).unwrap(),
        "socket" => drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
        _ => unreachable!("{kind}"),
    }
}

#[test]
fn what_is_no_file_is_no_transcript() {
    let (_world, path, daemon) = world();
    let mut listener = daemon.listen();
    for kind in ["directory", "fifo", "loop", "nowhere", "endless"] {
        put(kind, &path);
        assert_eq!(daemon.session(100).state, StateName::Idle, "{kind}");
        if kind == "directory" {
            fs::remove_dir(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        append(&path, &said(kind));
        listener.until(|sessions| sessions[0].preview == kind);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn what_may_not_be_read_is_no_transcript() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let path = transcript(&world, 100);
    append(&path, &said("secret"));
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    // Root reads everything, unless it may not.
    let mut command = world.command("setpriv");
    if super::is_root() {
        command.args(["--bounding-set", "-dac_override,-dac_read_search"]);
    } else {
        command.arg("--no-new-privs");
    }
    command.arg(env!("CARGO_BIN_EXE_vmuxd")).arg("--proc").arg(world.path("proc"));
    let daemon = Daemon::start(&world, command);
    let session = daemon.session(100);
    assert_eq!((session.state, session.preview.as_str()), (StateName::Idle, ""));
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(daemon.session(100).preview, "secret");
}

#[test]
fn a_directory_of_any_bytes_costs_nobody_an_answer() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let path = transcript(&world, 100);
    let odd = std::ffi::OsStr::from_bytes(b"odd\xff\x1b[31m");
    let folder = path.parent().unwrap().with_file_name(odd);
    fs::create_dir(&folder).unwrap();
    append(&folder.join(path.file_name().unwrap()), &said("hello"));
    let other = world.claude(101).live();
    world.session_file(&other, json!({"status": "busy"}));
    let daemon = world.open();
    let sessions = daemon.sessions();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions[0].preview, "hello");
    let shown = sessions[0].details.transcript.as_ref().unwrap().to_str().unwrap();
    assert!(shown.contains("odd\u{fffd}\u{fffd}[31m/"), "{shown}");
    let why = daemon.ask("why", json!({"query": "100"}));
    assert_eq!(why["ok"], true, "{why}");
}
