//! `vmux hosts`: list, add, remove, check, follow.

use super::{Near, until_state};
use crate::daemon::notify::turn;
use crate::support::world::{World, until};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_host_is_added_checked_listed_and_removed() {
    let world = World::new();
    let process = world.claude(100).live();
    turn(&world, &process, "waiting");
    let _far = world.open();
    let own = "# mine\n[status]\ntitle_length = 9  # short\n";
    let near = Near::new(own);
    near.reaches("me@gpu", &world, "echo Welcome");
    let daemon = near.open();
    assert!(said(&near.vmux(&["hosts"])).contains("no other host"));
    let added = near.vmux(&["hosts", "add", "gpu", "--ssh", "me@gpu"]);
    assert!(added.status.success(), "{added:?}");
    let config = fs::read_to_string(near.world.path("home/.vmux/config.toml")).unwrap();
    assert_eq!(config, format!("{own}\n[hosts.gpu]\nssh = \"me@gpu\"\n"));
    until("the host to be known", || said(&near.vmux(&["hosts", "--json"])).contains("gpu"));
    until_state(&daemon, "gpu", "up");
    let table = said(&near.vmux(&["hosts"]));
    let row = table.lines().nth(1).unwrap();
    assert!(row.starts_with("gpu   up ") && row.ends_with('1'), "{table}");
    let listed = said(&near.vmux(&["list", "--host", "gpu"]));
    assert!(listed.contains("needs permission"), "{listed}");
    let checked = near.vmux(&["hosts", "check", "gpu"]);
    let text = said(&checked);
    assert!(checked.status.success() && text.lines().all(|it| it.starts_with("ok")), "{text}");
    assert!(text.contains("vmuxd there: 1 session;") && text.contains("clocks agree"), "{text}");
    let again = near.vmux(&["hosts", "add", "gpu"]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    let removed = near.vmux(&["hosts", "remove", "gpu"]);
    assert!(removed.status.success(), "{removed:?}");
    assert_eq!(fs::read_to_string(near.world.path("home/.vmux/config.toml")).unwrap(), own);
    assert_eq!(near.vmux(&["hosts", "remove", "gpu"]).status.code(), Some(1));
}

#[test]
fn a_check_says_what_does_not_work_and_what_to_do() {
    let near = Near::new("[hosts.gpu]\n[hosts.other]\n");
    near.destination("gpu", "echo 'u@h: Permission denied (publickey).' >&2; exit 255");
    near.destination("other", "exit 127");
    let _daemon = near.open();
    let output = near.vmux(&["hosts", "check", "gpu"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("FAIL  ssh: it does not let you in") && text.contains("ssh-add"),
        "{text}"
    );
    let output = near.vmux(&["hosts", "check", "other", "--json"]);
    let steps: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&steps[0]["ok"], &steps[1]["ok"]), (&true.into(), &false.into()), "{steps}");
    for (words, code) in [
        (&["hosts", "add", "-oX"][..], 2),
        (&["hosts", "add", "a b"], 2),
        (&["hosts", "add", "a", "--ssh", "-oProxyCommand=x"], 2),
        (&["hosts", "add", "a", "--program", "vmux; reboot"], 2),
        (&["hosts", "check", "a;b"], 2),
    ] {
        let output = near.vmux(words);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", complained(&output));
    }
}

#[test]
fn a_host_that_vmuxd_is_not_to_reach_is_told_and_tried_all_the_same() {
    let world = World::new();
    let _far = world.open();
    let near = Near::new("[hosts.off]\nenabled = false\n");
    near.reaches("off", &world, "");
    near.reaches("new", &world, "");
    for (name, told) in [
        (
            "new",
            "new is not in it\n      `vmux hosts add new` adds it; what follows tries `ssh new`",
        ),
        (
            "off",
            "off is not enabled\n      remove `enabled = false` from [hosts.off] in config.toml",
        ),
    ] {
        let output = near.vmux(&["hosts", "check", name]);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1));
        assert!(text.starts_with(&format!("FAIL  configuration: {told}\n")), "{text}");
        assert!(text.contains("\nok    vmuxd there: 0 sessions; "), "{text}");
    }
}

#[test]
fn coming_and_going_can_be_followed() {
    let world = World::new();
    let _far = world.open();
    let near = Near::new("[hosts.gpu]\n");
    near.reaches("gpu", &world, "");
    let daemon = near.open();
    until_state(&daemon, "gpu", "up");
    let mut follow = near.command(near.world.vmux());
    let mut child = follow.args(["hosts", "--follow"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().ends_with("gpu  up"));
    near.configure("");
    assert!(lines.next().unwrap().ends_with("gpu  removed"));
    child.kill().unwrap();
    child.wait().unwrap();
}
