//! Notifications of hosts that come and go, on a real dunst.

use super::{Near, relay, until_state};
use crate::support::dunst::{Bus, Display};
use crate::support::world::{Daemon, World, write_whole};
use std::fs;
use std::process::Command;

const REFUSED: &str = "echo 'ssh: connect to host gpu port 22: Connection refused' >&2; exit 255";

/// The configuration, with these tables of hosts.
fn config(hosts: &str) -> String {
    format!("[notify]\ndesktop = true\non = [\"host\"]\nhost_after = \"1s\"\n{hosts}")
}

#[test]
fn one_that_goes_is_shown_and_then_that_it_is_back() {
    let far = World::new();
    let far_daemon = far.open();
    let near = Near::new(&config("[hosts.gpu]\n[hosts.off]\n"));
    near.destination("off", REFUSED);
    let pid = near.world.path("pid").display().to_string();
    near.reaches("gpu", &far, &format!("echo $$ >{pid}"));
    let (display, mut bus) = (Display::new(), Bus::new());
    bus.dunst(&display.name, "Focus");
    let mut command: Command = near.command(near.world.vmuxd());
    command.args(["--interval", "3600"]).env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    let daemon = Daemon::start(&near.world, command);
    until_state(&daemon, "gpu", "up");
    // It was never reached: that is no news.
    until_state(&daemon, "off", "down");
    replace(&near, REFUSED);
    let relay_pid: i32 = fs::read_to_string(pid).unwrap().trim().parse().unwrap();
    let relay_pid = rustix::process::Pid::from_raw(relay_pid).unwrap();
    rustix::process::kill_process(relay_pid, rustix::process::Signal::KILL).unwrap();
    let gone = bus.notify();
    assert_eq!((gone.summary.as_str(), gone.urgency), ("gpu is out of reach", 1));
    assert!(!gone.body.is_empty());
    assert_eq!(gone.actions, [""; 0], "there is nowhere to go");
    bus.line("method return");
    replace(&near, &relay(&far));
    let back = bus.notify();
    assert_eq!((back.summary.as_str(), back.urgency), ("gpu is back", 0));
    assert_eq!(back.body, "it was out of reach for less than a minute");
    assert_ne!(back.replaces, 0);
    bus.line("method return");
    // What the user does is no news, and takes back what is shown.
    write_whole(near.world.path("home/.vmux/config.toml"), config("[hosts.off]\n"));
    bus.line("member=CloseNotification");
    drop((daemon, far_daemon));
}

/// What happens when ssh goes to gpu from now on.
fn replace(near: &Near, script: &str) {
    near.destination("next", script);
    fs::rename(near.world.path("bin/to-next"), near.world.path("bin/to-gpu")).unwrap();
}
