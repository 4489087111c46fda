//! Which processes are sessions, and when they come and go.

use crate::support::world::process::FakeProcess;
use crate::support::world::{Daemon, World, until};
use rustix::fs::{CWD, FileType, Mode};
use serde_json::json;
use std::fs;
use std::io::Write;
use vmux::session::state::StateName;

#[test]
fn a_new_session_is_seen_as_soon_as_its_session_file_appears() {
    let world = World::new();
    let daemon = world.open();
    let mut listener = daemon.listen();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    listener.until(|sessions| sessions.len() == 1 && sessions[0].pid == 100);
}

#[test]
fn a_session_without_any_file_is_listed_too() {
    let world = World::new();
    world.claude(100).live();
    let daemon = world.open();
    assert_eq!(daemon.session(100).session_id, None);
}

#[test]
fn a_process_that_is_not_claude_is_none_whatever_a_session_file_says() {
    let world = World::new();
    let claude = "/opt/claude/versions/2.1.332";
    let sleep = FakeProcess::new(&world, 100, "sleep").exe("/usr/bin/sleep").live();
    let server = FakeProcess::new(&world, 101, "node").argv(&["node", "server.js"]);
    let server = server.exe("/usr/bin/node").live();
    let renamed = FakeProcess::new(&world, 102, "cc").argv(&["cc"]).exe(claude).live();
    let first = world.claude(103).exe(claude).live();
    for process in [&sleep, &server, &renamed, &first] {
        world.session_file(process, json!({"status": "idle"}));
    }
    let daemon = world.open();
    let listed = || daemon.sessions().iter().map(|it| it.pid).collect::<Vec<_>>();
    assert_eq!(listed(), [102, 103]);
    // It becomes another program: the same pid, start and session file.
    first.end();
    let mut second = FakeProcess::new(&world, 103, "bash").argv(&["-bash"]).exe("/usr/bin/bash");
    second.start = first.start;
    second.live();
    daemon.ask("scan", json!({}));
    until("its end", || listed() == [102]);
}

#[test]
fn a_process_that_executes_its_own_program_again_has_new_arguments() {
    let world = World::new();
    let claude = "/opt/claude/versions/2.1.332";
    let first = world.claude(100).exe(claude).argv(&["claude", "--resume"]).live();
    let daemon = world.open();
    assert_eq!(daemon.session(100).pid, 100);
    // The same pid, start, name and program.
    first.end();
    let mut second = world.claude(100).exe(claude).argv(&["claude", "mcp", "serve"]);
    (second.start, second.stack) = (first.start, first.stack + 16);
    second.live();
    daemon.ask("scan", json!({}));
    until("its end", || daemon.sessions().is_empty());
}

#[test]
fn names_and_arguments_of_any_bytes_are_survived() {
    let world = World::new();
    world.claude(7).comm(b"claude\xff) S (").argv(&["\u{fffd}", "\n"]).live();
    world.claude(8).comm(b"").argv(&[]).live();
    world.claude(9).live();
    let daemon = world.open();
    assert!(daemon.sessions().iter().any(|it| it.pid == 9));
}

#[test]
fn on_the_real_proc_a_session_is_found_and_its_end_noticed_at_once() {
    let world = World::new();
    let program = world.path("w/claude");
    crate::support::program::copy("/bin/cat", &program);
    let stdin = world.path("stdin");
    rustix::fs::mknodat(CWD, &stdin, FileType::Fifo, Mode::RWXU, 0).unwrap();
    // A PID namespace of its own: the real /proc, and nobody's processes in it but ours.
    let mut pod = world.command("/usr/bin/unshare");
    pod.args(["--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c"]);
    // vmuxd scans once, so it begins when the other process has become what it is to be.
    pod.args(["\"$0\" <\"$1\" & \
        while read name </proc/$!/comm && [ \"$name\" != claude ]; do :; done; \
        exec \"$2\" --interval 3600"]);
    pod.arg(&program).arg(&stdin).arg(env!("CARGO_BIN_EXE_vmuxd"));
    let typing = std::thread::spawn(move || std::fs::File::create(stdin).unwrap());
    let daemon = Daemon::start(&world, pod);
    let typing = typing.join().unwrap();
    let mut listener = daemon.listen();
    listener.until(|sessions| sessions.len() == 1);
    assert_eq!(*listener.mirror.sessions[0].cwd, *world.path("w").to_string_lossy());
    drop(typing);
    // No scan is due for an hour: the kernel tells.
    listener.until(<[_]>::is_empty);
}

#[test]
fn whoever_asks_is_told_of_a_process_that_has_just_begun() {
    let world = World::new();
    let daemon = world.open();
    assert_eq!(daemon.ask("list", json!({}))["sessions"], json!([]));
    world.claude(100).live();
    let mut listener = daemon.listen();
    // The first question after a pause finds it; no scan is due for an hour.
    until("a session", || {
        let list = daemon.ask("list", json!({}));
        assert_eq!(list["ok"], true, "{list}");
        list["sessions"] != json!([])
    });
    listener.until(|sessions| sessions.len() == 1);
}

#[test]
fn a_fork_that_has_not_become_anything_yet_is_no_session() {
    let world = World::new();
    let parent = world.claude(100).argv(&["claude", "-c"]).live();
    let mut fork = world.claude(101).argv(&["claude", "-c"]).child_of(100);
    fork.stack = parent.stack;
    fork.live();
    world.claude(102).argv(&["claude", "-p", "a session of its own"]).child_of(100).live();
    world.claude(103).argv(&["claude", "-c"]).child_of(100).live();
    let daemon = world.open();
    let pids: Vec<u32> = daemon.sessions().iter().map(|it| it.pid).collect();
    assert_eq!(pids, [100, 102, 103]);
}

#[test]
fn the_first_transcript_of_a_directory_is_noticed_at_once() {
    let world = World::new();
    let process = world.claude(100).live();
    let daemon = world.open();
    let mut listener = daemon.listen();
    listener.until(|sessions| sessions[0].state == StateName::Idle);
    let cwd = world.path("w").display().to_string();
    let name = cwd.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let folder = world.home().join(".claude/projects").join(name);
    fs::create_dir_all(&folder).unwrap();
    let id = "11111111-2222-4333-8444-555555555555";
    let mut transcript = fs::File::create(folder.join(format!("{id}.jsonl"))).unwrap();
    // As 1.0.128 writes it: a note of the start, then the prompt. No scan is due for an hour.
    let record = |kind: &str, more: serde_json::Value| {
        let mut record = json!({"type": kind, "sessionId": id, "cwd": cwd, "isSidechain": false,
            "version": "1.0.128", "uuid": kind, "timestamp": process.started_at()});
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record
    };
    let note = record("system", json!({"subtype": "informational", "content": "started"}));
    let prompt = record("user", json!({"message": {"role": "user", "content": "hello"}}));
    writeln!(transcript, "{note}").unwrap();
    daemon.sessions();
    writeln!(transcript, "{prompt}").unwrap();
    listener.until(|sessions| sessions[0].state == StateName::Working);
}

#[test]
fn vmux_in_another_pid_namespace_is_answered_too() {
    let world = World::new();
    world.claude(100).live();
    let _daemon = world.open();
    let mut pod = world.command("/usr/bin/unshare");
    pod.args(["--map-root-user", "--pid", "--fork", env!("CARGO_BIN_EXE_vmux"), "list", "--json"]);
    let output = pod.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with("[{\"pid\":100,"), "{said} {:?}", output.stderr);
}
