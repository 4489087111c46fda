//! One vmuxd to a home: found by every `vmux`, never doubled, found again when its socket vanishes.

use super::vmuxd_after;
use crate::support::world::{Daemon, World, until};
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with,
};
use rustix::process::Signal;
use serde_json::json;
use std::fs;
use std::io::Write;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Output, Stdio};

/// What a command says on stderr, and its exit code.
fn said(mut command: Command) -> (String, Option<i32>) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    (String::from_utf8(output.stderr).unwrap(), output.status.code())
}

/// A shell without the runtime directory, as after `su -`, or with another one.
fn elsewhere(world: &World, mut command: Command, runtime: Option<&str>) -> Command {
    match runtime {
        Some(name) => command.env("XDG_RUNTIME_DIR", world.path(name)),
        None => command.env_remove("XDG_RUNTIME_DIR"),
    };
    command
}

/// With its next scan it notices that it has lost something. It may have noticed before, and ended.
fn begin_scan(daemon: &Daemon) {
    if let Ok(mut stream) = UnixStream::connect(&daemon.socket) {
        let _ = stream.write_all(b"{\"action\":\"scan\"}\n");
    }
}

#[test]
fn a_vmux_with_another_runtime_directory_finds_it() {
    let world = World::new();
    let daemon = world.open();
    fs::create_dir(world.path("other")).unwrap();
    for runtime in [None, Some("other")] {
        let mut list = elsewhere(&world, world.vmux(), runtime);
        list.args(["list", "--json"]);
        assert_eq!(list.output().unwrap().status.code(), Some(0));
        let (words, code) = said(elsewhere(&world, world.vmuxd(), runtime));
        let expected = format!("pid {}, socket {}", daemon.pid(), world.socket().display());
        assert!(words.contains(&expected) && words.contains("\nhint: "), "{words}");
        assert_eq!(code, Some(3), "{words}");
    }
    // Not where it was told which socket to take.
    let mut named = world.vmux();
    named.args(["list", "--no-start"]).env("VMUX_SOCKET", world.path("other/v.sock"));
    let (words, code) = said(named);
    assert_eq!(code, Some(3), "{words}");
    assert!(words.contains("v.sock, which VMUX_SOCKET names; that of this home"), "{words}");
    assert!(words.contains("\nhint: unset VMUX_SOCKET"), "{words}");
    let pid = fs::read_to_string(world.path("home/.vmux/vmuxd.pid")).unwrap();
    assert_eq!(pid, format!("{}\n", daemon.pid()));
    let mut stop = elsewhere(&world, world.vmux(), None);
    assert!(stop.arg("stop").status().unwrap().success());
}

#[test]
fn one_in_another_pid_namespace_with_the_same_home_is_told() {
    let world = World::new();
    let daemon = world.open();
    let namespaces = ["--pid", "--fork", "--mount-proc", "--kill-child"];
    let mut container = vmuxd_after(&world, &namespaces, "");
    container.env("XDG_RUNTIME_DIR", world.path("other"));
    let (words, code) = said(container);
    assert!(words.contains("in another container or on another machine"), "{words}");
    assert!(words.contains("VMUX_HOME of its own"), "{words}");
    assert_eq!(code, Some(3), "{words}");
    assert_eq!(daemon.ask("version", json!({}))["daemon"]["pid"], daemon.pid());
}

#[test]
fn a_socket_that_vanishes_is_made_again() {
    let world = World::new();
    let daemon = world.open();
    let mut listener = daemon.listen();
    for remove in [
        |world: &World| fs::remove_file(world.socket()),
        |world: &World| fs::remove_dir_all(world.path("run/vmux")),
    ] {
        remove(&world).unwrap();
        until("a new socket", || UnixStream::connect(world.socket()).is_ok());
        assert_eq!(daemon.ask("version", json!({}))["daemon"]["pid"], daemon.pid());
    }
    // Who was connected still is.
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    assert_eq!(daemon.ask("scan", json!({}))["ok"], true);
    listener.until(|sessions| sessions.len() == 1);
    // The lock was made again, too: a second one is refused as before.
    let (words, code) = said(world.vmuxd());
    assert_eq!(code, Some(3), "{words}");
}

#[test]
fn one_that_cannot_make_its_socket_again_ends() {
    let world = World::new();
    let mut daemon = world.open();
    // As when the runtime directory goes with the last login.
    fs::rename(world.path("run"), world.path("gone")).unwrap();
    fs::write(world.path("run"), "not a directory").unwrap();
    daemon.socket = world.path("gone/vmux/vmuxd.sock");
    begin_scan(&daemon);
    assert_eq!(daemon.wait().code(), Some(4));
    let words = daemon.last_words();
    assert!(words.contains("cannot be reached any more, and ends"), "{words}");
    // The next one takes its place.
    let mut vmux = elsewhere(&world, world.vmux(), None);
    assert_eq!(vmux.args(["list", "--json"]).output().unwrap().status.code(), Some(0));
    assert!(elsewhere(&world, world.vmux(), None).arg("stop").status().unwrap().success());
}

#[test]
fn of_two_that_had_the_home_the_later_one_stays() {
    let world = World::new();
    let mut first = world.open();
    // Its lock goes with the home, and so another one may take the new home. Stopped, so that it does
    // not take it itself.
    first.signal(Signal::STOP);
    fs::rename(world.path("home/.vmux"), world.path("old")).unwrap();
    fs::create_dir(world.path("other")).unwrap();
    let mut second = Daemon::start(&world, elsewhere(&world, world.vmuxd(), Some("other")));
    second.socket = world.path("other/vmux/vmuxd.sock");
    first.signal(Signal::CONT);
    begin_scan(&first);
    assert_eq!(first.wait().code(), Some(3));
    let pid = fs::read_to_string(world.path("home/.vmux/vmuxd.pid")).unwrap();
    assert_eq!(pid, format!("{}\n", second.pid()));
    assert_eq!(second.ask("version", json!({}))["daemon"]["pid"], second.pid());
}

#[test]
fn one_whose_queue_is_full_holds_nothing_up() {
    let world = World::new();
    fs::create_dir_all(world.socket().parent().unwrap()).unwrap();
    // As a vmuxd that is stopped, once clients have filled its queue.
    let flags = SocketFlags::CLOEXEC;
    let full = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).unwrap();
    bind(&full, &SocketAddrUnix::new(world.socket()).unwrap()).unwrap();
    listen(&full, 0).unwrap();
    let _queued = UnixStream::connect(world.socket()).unwrap();
    let mut commands = [vec!["list"], vec!["status"], vec!["hook"]].map(|args| {
        let mut vmux = world.vmux();
        vmux.args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        vmux.spawn().unwrap()
    });
    let payload = br#"{"session_id":"abc","hook_event_name":"Stop"}"#;
    commands[2].stdin.take().unwrap().write_all(payload).unwrap();
    let [list, _status, hook] = commands.map(|child| child.wait_with_output().unwrap());
    let words = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words(&list).contains("vmuxd does not answer on "), "{}", words(&list));
    assert!(words(&list).contains("`kill -CONT` wakes it"), "{}", words(&list));
    assert_eq!((list.status.code(), hook.status.code()), (Some(3), Some(0)));
    assert_eq!(words(&hook), "");
}

#[test]
fn one_that_is_stopped_keeps_no_follower_waiting() {
    let world = World::new();
    fs::create_dir_all(world.socket().parent().unwrap()).unwrap();
    // The kernel connects its clients, and nothing reads what they ask.
    let _stopped = UnixListener::bind(world.socket()).unwrap();
    let commands = [&["events"][..], &["pending", "--follow"], &["hosts", "--follow"]];
    let running = commands.map(|args| {
        let mut vmux = world.vmux();
        vmux.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    for child in running {
        let output = child.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(words.contains("vmuxd does not answer on "), "{words}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(3), 0));
    }
}

#[test]
fn one_that_runs_and_cannot_be_reached_is_named() {
    let world = World::new();
    let daemon = world.open();
    // Stopped, so that it does not make the socket again.
    daemon.signal(Signal::STOP);
    fs::remove_file(world.socket()).unwrap();
    for args in [&["stop"][..], &["list", "--no-start"]] {
        let mut vmux = world.vmux();
        let (words, code) = said({
            vmux.args(args);
            vmux
        });
        let expected = format!("vmuxd (pid {}) runs, but does not answer on ", daemon.pid());
        assert!(words.contains(&expected), "{words}");
        assert!(words.contains(&format!("`kill {}`", daemon.pid())), "{words}");
        assert_eq!(code, Some(3), "{words}");
    }
    daemon.signal(Signal::CONT);
    let mut list = world.vmux();
    assert!(list.args(["list", "--json"]).output().unwrap().status.success());
    assert_eq!(daemon.ask("version", json!({}))["daemon"]["pid"], daemon.pid());
}
