//! The configuration: what is wrong with it is told, changes count at once, and the one of before
//! stays in force until the new one can be used.

use crate::support::fake::said;
use crate::support::world::{Daemon, World, write_whole};
use rustix::process::Signal;
use serde_json::json;
use std::fs;
use vmux::config::{Config, EXAMPLE};

/// A world with a configuration.
fn world(config: &str) -> World {
    let world = World::new();
    fs::create_dir_all(world.path("home/.vmux")).unwrap();
    write(&world, config);
    world
}

fn write(world: &World, config: &str) {
    write_whole(world.path("home/.vmux/config.toml"), config);
}

#[test]
fn a_fault_is_told_with_its_line_and_is_gone_when_it_is_put_right() {
    let world = world("interval = 3600\n");
    let daemon = world.open();
    assert!(!daemon.problems().contains("config"));
    write(&world, "interval = 3600\n[notify]\ndesktop = \"yes\"\n");
    let told = daemon.until_problems(|it| it.contains("config.toml"));
    assert!(
        told.contains("line 3: notify.desktop: must be true or false, not \\\"yes\\\""),
        "{told}"
    );
    write(&world, "[wm]\nurgent_hint = true\n");
    let told = daemon.until_problems(|it| it.contains("urgent_hint"));
    assert!(told.contains("line 2: wm.urgent_hint: unknown key"), "{told}");
    fs::remove_file(world.path("home/.vmux/config.toml")).unwrap();
    daemon.until_problems(|it| !it.contains("config.toml"));
}

#[test]
fn a_faulty_one_leaves_the_one_of_before_in_force() {
    let world = world("interval = \"0.1s\"\n");
    let daemon = Daemon::start(&world, world.vmuxd());
    let mut listener = daemon.listen();
    write(&world, "interval = \"often\"\n");
    daemon.until_problems(|it| it.contains("interval"));
    // Nobody asks for a scan, and /proc has no events: the interval of before finds it.
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    listener.until(|sessions| sessions.len() == 1);
}

#[test]
fn another_interval_counts_at_once() {
    let world = world("interval = \"1h\"\n");
    let daemon = Daemon::start(&world, world.vmuxd());
    let mut listener = daemon.listen();
    world.claude(100).live();
    write(&world, "interval = \"0.1s\"\n");
    listener.until(|sessions| sessions.len() == 1);
}

#[test]
fn sighup_reads_what_inotify_cannot_tell_of() {
    let world = world("");
    // A link to a file elsewhere, as dotfiles managers make them.
    fs::remove_file(world.path("home/.vmux/config.toml")).unwrap();
    fs::write(world.path("dotfile"), "").unwrap();
    std::os::unix::fs::symlink(world.path("dotfile"), world.path("home/.vmux/config.toml"))
        .unwrap();
    let daemon = world.open();
    fs::write(world.path("dotfile"), "colour = 1\n").unwrap();
    daemon.signal(Signal::HUP);
    daemon.until_problems(|it| it.contains("colour: unknown key"));
}

#[test]
fn whatever_is_there_vmuxd_lives() {
    for make in [
        |path: &std::path::Path| fs::create_dir(path).unwrap(),
        |path: &std::path::Path| fs::write(path, b"\xff\xfe\x00").unwrap(),
        |path: &std::path::Path| {
            let mode = rustix::fs::Mode::from_raw_mode(0o600);
            let fifo = rustix::fs::FileType::Fifo;
            rustix::fs::mknodat(rustix::fs::CWD, path, fifo, mode, 0).unwrap();
        },
    ] {
        let world = world("");
        let path = world.path("home/.vmux/config.toml");
        fs::remove_file(&path).unwrap();
        make(&path);
        let daemon = world.open();
        assert!(daemon.problems().contains("config.toml"));
        assert_eq!(daemon.ask("list", json!({}))["ok"], true);
    }
}

#[test]
fn the_example_can_be_used_as_it_is() {
    let world = World::new();
    let output = world.vmux().args(["config", "example"]).output().unwrap();
    assert_eq!(said(&output), (EXAMPLE.to_owned(), String::new(), 0));
    let parsed = Config::parse(EXAMPLE, None).unwrap();
    assert_eq!((parsed.0, parsed.1.len()), (Config::default(), 0));
}

#[test]
fn check_tells_what_is_wrong_and_needs_no_vmuxd() {
    let world = world("");
    let check = |config: &str| {
        write(&world, config);
        said(&world.vmux().args(["config", "check"]).output().unwrap())
    };
    assert_eq!(check(""), ("~/.vmux/config.toml is right.\n".to_owned(), String::new(), 0));
    let (out, _, code) = check("[wm]\nx = 1\n");
    let warning = "warning: line 2: wm.x: unknown key, ignored; here may be socket, urgency_hint";
    assert_eq!((out, code), (format!("~/.vmux/config.toml is right.\n{warning}\n"), 0));
    let (out, words, code) = check("interval = 0\n[notify]\nsnooze = \"\\u001b[31m\"\n");
    assert_eq!((out.as_str(), code), ("", 1));
    assert!(words.starts_with("error: ~/.vmux/config.toml has errors\nhint: "), "{words}");
    assert!(words.contains("\n  line 1: interval: must be ") && words.contains("\n  line 3: "));
    assert!(!words.contains('\u{1b}'));
    fs::remove_file(world.path("home/.vmux/config.toml")).unwrap();
    let (out, _, code) = said(&world.vmux().args(["config", "check"]).output().unwrap());
    let missing = "There is no ~/.vmux/config.toml; every key has its default.\n";
    assert_eq!((out.as_str(), code), (missing, 0));
    let (_, words, code) = said(&world.vmux().args(["config", "check", "/tmp"]).output().unwrap());
    assert_eq!((words.as_str(), code), ("error: cannot read /tmp: not a regular file\n", 4));
    assert!(!world.socket().exists());
}
