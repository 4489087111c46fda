//! Start, being the only one, and the end.

use crate::support::world::{DEADLINE, Daemon, World, eventually};
use rustix::process::Signal;
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, symlink};
use std::process::Stdio;

#[test]
fn it_makes_its_directory_private_and_writes_its_pid() {
    let world = World::new();
    let daemon = world.open();
    let mode = |name: &str| fs::metadata(world.path(name)).unwrap().mode() & 0o777;
    assert_eq!((mode("run/vmux"), mode("run/vmux/vmuxd.sock")), (0o700, 0o600));
    let pid = fs::read_to_string(world.path("home/.vmux/vmuxd.pid")).unwrap();
    assert_eq!(pid, format!("{}\n", daemon.pid()));
}

#[test]
fn a_second_one_says_so_and_leaves_the_first_alone() {
    let world = World::new();
    let first = world.open();
    let second = world.vmuxd().output().unwrap();
    assert_eq!(second.status.code(), Some(3));
    let words = String::from_utf8(second.stderr).unwrap();
    assert!(
        words.starts_with("vmuxd: vmuxd is already running") && words.contains("\nhint: "),
        "{words}"
    );
    assert_eq!(first.ask("version", json!({}))["daemon"]["pid"], first.pid());
}

#[test]
fn of_two_started_at_once_one_lives() {
    let world = World::new();
    for _ in 0..10 {
        let mut both: Vec<_> =
            (0..2).map(|_| world.vmuxd().stderr(Stdio::null()).spawn().unwrap()).collect();
        let (mut ended, mut alive) = (None, None);
        // The one that gives up ends by itself; the other one answers, then.
        std::thread::scope(|scope| {
            let (sender, receiver) = std::sync::mpsc::channel();
            for (index, child) in both.iter_mut().enumerate() {
                let sender = sender.clone();
                scope.spawn(move || sender.send((index, child.wait().unwrap().code())));
            }
            let (index, code) = receiver.recv_timeout(DEADLINE).unwrap();
            (ended, alive) = (Some(code), Some(1 - index));
            // The socket is bound before the lock is reported busy only if the winner was faster.
            let mut client = eventually("the socket of the other one", || {
                std::os::unix::net::UnixStream::connect(world.socket()).ok()
            });
            client.write_all(b"{\"action\":\"stop\"}\n").unwrap();
            let mut reply = String::new();
            BufReader::new(client).read_line(&mut reply).unwrap();
            assert_eq!(reply, "{\"ok\":true}\n");
            assert_eq!(receiver.recv_timeout(DEADLINE).unwrap(), (alive.unwrap(), Some(0)));
        });
        assert_eq!(ended, Some(Some(3)));
    }
}

#[test]
fn kill_9_leaves_a_stale_socket_that_the_next_one_replaces() {
    let world = World::new();
    let mut first = world.open();
    first.signal(Signal::KILL);
    first.wait();
    assert!(world.socket().exists());
    let second = world.open();
    assert_eq!(second.ask("list", json!({}))["ok"], true);
}

#[test]
fn stop_and_sigterm_end_it_cleanly() {
    let world = World::new();
    let endings: [fn(&Daemon); 3] = [
        |daemon| assert_eq!(daemon.ask("stop", json!({})), json!({"ok": true})),
        |daemon| daemon.signal(Signal::TERM),
        |daemon| daemon.signal(Signal::INT),
    ];
    for end in endings {
        let mut daemon = world.open();
        let mut listener = BufReader::new(daemon.connect());
        listener.get_mut().write_all(b"{\"action\":\"subscribe\"}\n").unwrap();
        let mut line = String::new();
        listener.read_line(&mut line).unwrap();
        end(&daemon);
        assert!(daemon.wait().success());
        line.clear();
        listener.read_line(&mut line).unwrap();
        assert!(line.contains(r#""event":"closed","reason":"vmuxd ends""#), "{line}");
        assert!(!world.socket().exists() && !world.path("home/.vmux/vmuxd.pid").exists());
    }
}

#[test]
fn a_place_that_cannot_be_had_is_said_in_one_line() {
    let check = |world: &World, vars: &[(&str, &str)], expected: &str| {
        let mut command = world.vmuxd();
        for (name, value) in vars {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, value);
            }
        }
        let output = command.output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(4), "{words}");
        assert!(words.lines().next().unwrap().contains(expected), "{words}");
    };
    let world = World::new();
    let long = format!("/tmp/{}", "x".repeat(120));
    check(&world, &[("VMUX_SOCKET", &long)], "the socket path is 125 bytes long");
    check(&world, &[("VMUX_SOCKET", "/proc/nowhere/s")], "cannot make the directory");
    fs::create_dir(world.path("run/vmux")).unwrap();
    fs::write(world.socket(), "precious").unwrap();
    check(&world, &[], "is not a socket");
    fs::remove_file(world.socket()).unwrap();
    fs::remove_file(world.path("run/vmux/vmuxd.lock")).unwrap();
    symlink("/nowhere", world.path("run/vmux/vmuxd.lock")).unwrap();
    check(&world, &[], "cannot open the lock");
}

#[test]
fn without_a_runtime_directory_the_socket_is_in_the_home() {
    let world = World::new();
    let mut command = world.vmuxd();
    command.env_remove("XDG_RUNTIME_DIR");
    let mut daemon = Daemon::start(&world, command);
    daemon.socket = world.path("home/.vmux/vmuxd.sock");
    assert_eq!(daemon.ask("list", json!({})), json!({"ok": true, "sessions": []}));
}

#[test]
fn it_lives_without_a_claude_directory_and_with_a_read_only_home() {
    let world = World::new();
    fs::remove_dir_all(world.path("home/.claude")).unwrap();
    fs::write(world.path("home/.vmux"), "not a directory").unwrap();
    let daemon = world.open();
    assert!(daemon.sessions().is_empty());
    let problems = daemon.ask("version", json!({}))["daemon"]["problems"].to_string();
    assert!(problems.contains(".vmux"), "{problems}");
    let refused = daemon.ask("label", json!({"session_id": "a", "label": "b"}));
    assert_eq!((&refused["ok"], &refused["code"]), (&json!(false), &json!("not_saved")));
}

#[test]
fn the_debug_log_names_each_event_and_quotes_no_session() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(
        &process,
        json!({"status": "waiting", "waitingFor": "SECRET", "name": "SECRET"}),
    );
    let mut command = world.vmuxd();
    command.args(["--interval", "3600"]).env("RUST_LOG", "debug");
    let mut daemon = Daemon::start(&world, command);
    let args = json!({"session_id": "session-of-100", "label": "SECRET"});
    assert_eq!(daemon.ask("label", args), json!({"ok": true}));
    assert_eq!(daemon.session(100).label.as_deref(), Some("SECRET"));
    daemon.ask("stop", json!({}));
    daemon.wait();
    let log = daemon.last_words();
    for event in [
        "started",
        "scan 1: 1 candidates",
        "100:",
        "is NeedsInput",
        "pid file written",
        "request: label",
        "label written: job ",
        "request: list",
        "request: stop",
    ] {
        assert!(log.contains(event), "{event} is missing: {log}");
    }
    assert!(!log.contains("SECRET"), "{log}");
    // Where the journal does not add the time, vmuxd does.
    let begins_with_a_time = |line: &str| {
        let time = line.get(1..20).unwrap_or_default();
        chrono::NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S").is_ok()
    };
    assert!(log.lines().all(begins_with_a_time), "{log}");
}

#[test]
fn what_finished_unseen_is_unseen_after_a_restart_too() {
    let world = World::new();
    let processes = [100, 101, 102].map(|pid| world.claude(pid).live());
    let is = |index: usize, status: &str| {
        let now = chrono::Utc::now().timestamp_millis();
        let fields = json!({"status": status, "statusUpdatedAt": now});
        world.session_file(&processes[index], fields);
    };
    (0..3).for_each(|index| is(index, "busy"));
    let mut daemon = world.open();
    let mut listener = daemon.listen();
    let unseen = |daemon: &Daemon| -> Vec<u32> {
        daemon.sessions().iter().filter(|it| it.unseen).map(|it| it.pid).collect()
    };
    is(0, "idle");
    is(1, "idle");
    listener.until(|sessions| sessions.iter().filter(|it| it.unseen).count() == 2);
    assert_eq!(daemon.ask("ack", json!({"query": "101"}))["ok"], true);
    let saved = || fs::read_to_string(world.path("home/.vmux/unseen.json")).unwrap_or_default();
    eventually("the file", || (saved().contains("100") && !saved().contains("101")).then_some(()));
    daemon.signal(Signal::KILL);
    daemon.wait();
    let mut daemon = world.open();
    assert_eq!(unseen(&daemon), [100]);
    // One that worked when vmuxd ended, and has finished when the next one begins.
    daemon.signal(Signal::TERM);
    assert!(daemon.wait().success());
    is(2, "idle");
    let daemon = world.open();
    assert_eq!(unseen(&daemon), [100, 102]);
    // A file that is damaged is nothing to stumble over.
    drop(daemon);
    fs::write(world.path("home/.vmux/unseen.json"), "{").unwrap();
    assert_eq!(unseen(&world.open()), [0; 0]);
}
