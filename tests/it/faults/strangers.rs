//! Another user: cannot connect, read, or put anything in the way unnoticed. Needs root, for a
//! second user.

use crate::support::desk::need_root;
use crate::support::world::{Daemon, World};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// `nobody`.
const STRANGER: &str = "65534";

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A world whose directories others may walk through, as they may through `/home` and `/run`.
fn open_world() -> World {
    need_root("to be another user for a moment");
    let world = World::new();
    for name in ["", "home", "run", "w"] {
        set_mode(&world.path(name), 0o755);
    }
    for program in ["vmux", "vmuxd"] {
        let from = Path::new(env!("CARGO_BIN_EXE_vmux")).with_file_name(program);
        crate::support::program::copy(from, world.path(program));
        set_mode(&world.path(program), 0o755);
    }
    world
}

fn as_stranger(world: &World, program: impl AsRef<Path>) -> Command {
    let mut command = world.command("setpriv");
    command.args(["--reuid", STRANGER, "--regid", STRANGER, "--clear-groups"]);
    command.arg(program.as_ref()).env("HOME", "/nonexistent").env("VMUX_NO_START", "1");
    command.env("VMUX_SOCKET", world.socket());
    command
}

fn fails(mut command: Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(!status.success(), "it worked: {}", String::from_utf8_lossy(&stdout));
    String::from_utf8_lossy(&stderr).into_owned()
}

#[test]
fn another_user_gets_nothing() {
    let world = open_world();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let daemon = world.open();
    daemon.ask("label", json!({"session_id": "session-of-100", "label": "secret"}));
    let shell = |script: &str| {
        let mut command = as_stranger(&world, "/bin/sh");
        command.args(["-c", script]).env("W", world.path(""));
        command
    };
    fails(shell("cat $W/home/.vmux/labels.json"));
    fails(shell("cat $W/home/.vmux/vmuxd.pid"));
    fails(shell("ls $W/run/vmux"));
    fails(shell("mv $W/run/vmux/vmuxd.sock $W/elsewhere"));
    fails(shell("rm -f $W/run/vmux/vmuxd.sock && test ! -e $W/run/vmux/vmuxd.sock"));
    fails(shell("echo >$W/home/.vmux/config.toml"));
    let mut list = as_stranger(&world, world.path("vmux"));
    list.arg("list");
    fails(list);
    assert_eq!(daemon.ask("list", json!({}))["ok"], true);
}

#[test]
fn another_user_who_reaches_the_socket_is_refused() {
    let world = open_world();
    let daemon = world.open();
    // Somebody was careless with the permissions.
    set_mode(&world.path("run/vmux"), 0o755);
    set_mode(&world.socket(), 0o666);
    let mut list = as_stranger(&world, world.path("vmux"));
    list.args(["list", "--json"]);
    fails(list);
    assert_eq!(daemon.ask("list", json!({}))["ok"], true);
}

#[test]
fn the_directory_of_another_user_is_not_moved_into() {
    let world = open_world();
    for name in ["run/vmux", "home/.vmux"] {
        fs::create_dir(world.path(name)).unwrap();
        set_mode(&world.path(name), 0o777);
    }
    let mut command = as_stranger(&world, world.path("vmuxd"));
    command.arg("--proc").arg(world.path("proc"));
    let words = fails(command);
    assert!(words.contains("belongs to another user"), "{words}");
}

#[test]
fn a_false_vmuxd_of_another_user_is_not_asked() {
    let world = open_world();
    let shared = world.path("shared");
    fs::create_dir(&shared).unwrap();
    set_mode(&shared, 0o777);
    // A real one, of the stranger; were it listened to, it could say anything.
    let mut command = as_stranger(&world, world.path("vmuxd"));
    command.arg("--proc").arg(world.path("proc"));
    let its_home = shared.join("home");
    command.env("VMUX_HOME", &its_home).env("VMUX_SOCKET", its_home.join("s"));
    let mut daemon = Daemon::start(&world, command);
    daemon.socket = its_home.join("s");
    let mut list = world.vmux();
    list.args(["list", "--json"]).env("VMUX_SOCKET", &daemon.socket).env("VMUX_NO_START", "1");
    let words = fails(list);
    assert!(words.contains("another user"), "{words}");
}

#[test]
fn sessions_of_another_user_are_not_listed() {
    let world = open_world();
    let own = world.claude(100).live();
    world.session_file(&own, json!({"status": "idle"}));
    world.claude(101).live();
    for entry in fs::read_dir(world.path("proc/101")).unwrap() {
        let path = entry.unwrap().path();
        let _ = std::os::unix::fs::lchown(&path, Some(65534), Some(65534));
    }
    std::os::unix::fs::chown(world.path("proc/101"), Some(65534), Some(65534)).unwrap();
    let daemon = world.open();
    let pids: Vec<u32> = daemon.sessions().iter().map(|it| it.pid).collect();
    assert_eq!(pids, [100]);
}
