//! `vmux hosts install` over a real ssh.

use crate::support::ssh::{Host, Network};
use crate::support::world::until;
use serde_json::json;
use std::process::Output;

fn install(near: &Host, arguments: &[&str]) -> Output {
    near.command(&[&["vmux", "hosts", "install", "far"], arguments].concat()).output().unwrap()
}

fn said(output: &Output) -> String {
    let Output { stdout, stderr, .. } = output;
    [stdout, stderr].map(|it| String::from_utf8_lossy(it).into_owned()).concat()
}

/// What is in `~/.local/bin` of a host, whatever its name.
fn installed(host: &Host) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(host.home().join(".local/bin")) else { return vec![] };
    let name = |it: std::io::Result<std::fs::DirEntry>| it.unwrap().file_name();
    let mut names: Vec<String> = entries.map(|it| name(it).into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn vmux_is_copied_and_found_there() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    std::fs::write(far.home().join(".bashrc"), "echo Welcome to far").unwrap();
    let dry = install(near, &["--dry-run"]);
    assert!(dry.status.success() && said(&dry).contains("would be installed"), "{}", said(&dry));
    let unasked = install(near, &[]);
    assert_eq!(unasked.status.code(), Some(2), "{}", said(&unasked));
    assert_eq!(installed(far), [""; 0]);
    for before in ["with no vmux", "with vmux 0"] {
        let done = install(near, &["--yes"]);
        assert!(done.status.success() && said(&done).contains(before), "{}", said(&done));
        let names = installed(far);
        assert!(names.contains(&"vmux".to_owned()) && names.contains(&"vmuxd".to_owned()));
        assert!(names.iter().all(|it| it.starts_with("vmux")), "{names:?}");
    }
    // A vmuxd here that is told nothing but the name gets there, and one begins there.
    near.configure_vmux("[hosts.far]\n");
    near.start_vmuxd();
    until("the other host", || {
        near.ask("hosts", json!({})).is_some_and(|it| it["hosts"][0]["state"] == "up")
    });
}

#[test]
fn another_architecture_is_not_installed() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let (machine, name) = match std::env::consts::ARCH {
        "aarch64" => (62, "x86_64"),
        _ => (183, "aarch64"),
    };
    let mut program = b"\x7fELF\x02\x01\x01".to_vec();
    program.resize(64, 0);
    program[18] = machine;
    let from = near.home().join("other");
    std::fs::create_dir(&from).unwrap();
    for name in ["vmux", "vmuxd"] {
        std::fs::write(from.join(name), &program).unwrap();
    }
    near.give_to_user(&from);
    let refused = install(near, &["--yes", "--from", "other"]);
    assert_eq!(refused.status.code(), Some(4), "{}", said(&refused));
    assert!(said(&refused).contains(&format!("are for {name}")), "{}", said(&refused));
    assert!(said(&refused).contains("--target"), "{}", said(&refused));
    assert_eq!(installed(far), [""; 0]);
}

#[test]
fn programs_that_do_not_run_there_replace_nothing() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let from = near.home().join("broken");
    std::fs::create_dir(&from).unwrap();
    let own = std::fs::read(env!("CARGO_BIN_EXE_vmux")).unwrap();
    for name in ["vmux", "vmuxd"] {
        std::fs::write(from.join(name), &own[..4096]).unwrap();
    }
    near.give_to_user(&from);
    let failed = install(near, &["--yes", "--from", "broken"]);
    assert_eq!(failed.status.code(), Some(4), "{}", said(&failed));
    // Nothing stays of the attempt either.
    assert_eq!(installed(far), [""; 0]);
}

#[test]
fn it_asks_on_a_terminal_and_no_is_no() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    // A login shell would set PATH.
    let begin = ["tmux", "-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "150"];
    near.run(&[&begin[..], &["exec bash --norc"]].concat());
    let shows = |text: &str| {
        let shown = || near.run(&["tmux", "capture-pane", "-p", "-t", "t"]);
        until(text, || shown().contains(text));
    };
    let types = |line: &str| {
        near.run(&["tmux", "send-keys", "-t", "t", "-l", line]);
        near.run(&["tmux", "send-keys", "-t", "t", "Enter"]);
    };
    for (answer, code) in [("", 4), ("n", 4), ("y", 0)] {
        types("clear; vmux hosts install far; echo \"code $?\"");
        shows("there? [y/N]");
        assert_eq!(installed(far), [""; 0], "before the answer");
        types(answer);
        shows(&format!("code {code}"));
        assert_eq!(installed(far).is_empty(), code != 0);
    }
}
