//! The systemd unit: systemd understands it, and what it forbids is nothing that vmuxd does.
//!
//! systemd itself does not run where the tests run, so what it would forbid is compared with the
//! system calls that a busy vmuxd was seen to make.

use super::{said, transcript};
use crate::support::desk::need;
use crate::support::world::{Daemon, World};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use vmux::session::state::StateName;

fn unit() -> String {
    fs::read_to_string(root().join("nix/vmuxd.service")).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The values of a directive.
fn directive<'a>(unit: &'a str, name: &str) -> Vec<&'a str> {
    let prefix = format!("{name}=");
    unit.lines()
        .filter_map(|line| line.strip_prefix(&prefix))
        .flat_map(str::split_whitespace)
        .collect()
}

#[test]
fn systemd_understands_it() {
    need("systemd-analyze");
    let world = World::new();
    let path = world.path("vmuxd.service");
    fs::write(&path, unit()).unwrap();
    let mut command = world.command("systemd-analyze");
    let output = command.args(["--user", "verify"]).arg(&path).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    let about_it: Vec<&str> = words.lines().filter(|line| line.contains("vmuxd.service")).collect();
    assert!(about_it.is_empty(), "{words}");
}

#[test]
fn it_finds_vmuxd_where_cargo_installs_it() {
    let home = tempfile::tempdir().unwrap();
    let program =
        crate::support::fake::program(&home.path().join(".cargo"), "vmuxd", "echo \"$0\"");
    let unit = unit();
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/bin/sh -c ")).unwrap();
    let script = line.trim_matches('\'').replace("$$", "$");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script]).env_clear().env("HOME", home.path()).env("PATH", "/usr/bin:/bin");
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert_eq!(said.trim(), program.to_str().unwrap());
}

#[test]
fn the_module_for_nix_installs_the_unit_of_the_package() {
    let module = fs::read_to_string(root().join("nix/module.nix")).unwrap();
    let package = fs::read_to_string(root().join("nix/package.nix")).unwrap();
    // It is written once: nothing of it is said again.
    assert!(module.contains("unit = \"${cfg.package}/share/systemd/user/vmuxd.service\";"));
    assert!(module.contains("\"systemd/user/vmuxd.service\".source = unit;"));
    assert!(!module.contains("NoNewPrivileges"), "{module}");
    assert!(package.contains("${./vmuxd.service} $out/share/systemd/user/vmuxd.service"));
}

#[test]
fn what_it_forbids_vmuxd_does_not_do() {
    need("systemd-analyze");
    need("strace");
    need("tmux");
    let world = World::new();
    let trace = world.path("trace");
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "busy"}));
    let mut command = world.command("strace");
    command.args(["-f", "-qq", "-o"]).arg(&trace).arg(env!("CARGO_BIN_EXE_vmuxd"));
    command.arg("--proc").arg(world.path("proc")).env("DISPLAY", ":9999");
    let daemon = Daemon::start(&world, command);
    let mut listener = daemon.listen();
    fs::write(transcript(&world, 100), said("hello")).unwrap();
    world.session_file(&process, json!({"status": "idle"}));
    listener
        .until(|sessions| sessions[0].state == StateName::Idle && sessions[0].preview == "hello");
    daemon.ask("label", json!({"session_id": "session-of-100", "label": "x"}));
    daemon.ask("switch", json!({"query": "x"}));
    daemon.ask("why", json!({"query": "x"}));
    assert_eq!(daemon.ask("stop", json!({})), json!({"ok": true}));
    let mut daemon = daemon;
    daemon.wait();
    let trace = fs::read_to_string(trace).unwrap();
    let mut calls = BTreeSet::new();
    let mut families = BTreeSet::new();
    for line in trace.lines() {
        let line = line.split_once(' ').unwrap_or_default().1.trim_start();
        if let Some((name, rest)) = line.split_once('(')
            && name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
        {
            calls.insert(name);
            if name == "socket" || name == "socketpair" {
                families.insert(rest.split(',').next().unwrap());
            }
        }
    }
    assert!(calls.len() > 20 && families.contains("AF_UNIX"), "{calls:?} {families:?}");
    let unit = unit();
    let allowed = directive(&unit, "RestrictAddressFamilies");
    for family in families {
        assert!(allowed.contains(&family), "{family} is used and not among {allowed:?}");
    }
    let allowed = system_calls(&directive(&unit, "SystemCallFilter"));
    let forbidden: Vec<&&str> = calls.iter().filter(|call| !allowed.contains(**call)).collect();
    assert!(forbidden.is_empty(), "these are used and forbidden: {forbidden:?}");
}

/// The system calls of these sets, with the sets inside them.
fn system_calls(names: &[&str]) -> BTreeSet<String> {
    let mut todo: Vec<String> = names.iter().map(|it| (*it).to_owned()).collect();
    let mut found = BTreeSet::new();
    while let Some(name) = todo.pop() {
        if !name.starts_with('@') {
            found.insert(name);
            continue;
        }
        let output =
            Command::new("systemd-analyze").args(["syscall-filter", &name]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let names =
            text.lines().skip(1).map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#'));
        todo.extend(names.map(str::to_owned));
    }
    assert!(found.len() > 100, "systemd-analyze told only {found:?}");
    found
}

#[test]
fn with_no_new_privileges_and_a_strict_umask_it_works() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let mut command = world.command("setpriv");
    command.args(["--no-new-privs", "sh", "-c", "umask 0077; exec \"$@\"", "sh"]);
    command.arg(env!("CARGO_BIN_EXE_vmuxd")).arg("--proc").arg(world.path("proc"));
    let daemon = Daemon::start(&world, command);
    assert_eq!(daemon.session(100).state, StateName::Idle);
    let saved = daemon.ask("label", json!({"session_id": "session-of-100", "label": "x"}));
    assert_eq!(saved, json!({"ok": true}));
}

/// Why the unit asks for no mount namespace (`ProtectSystem`, `PrivateTmp`, …): for a user's own
/// services that takes a user namespace, and from inside one the environment, the directory and
/// the program of the user's other processes cannot be read.
#[test]
fn a_user_namespace_would_hide_the_sessions() {
    let script = "sleep 1000 & p=$!; \
        until grep -qx sleep /proc/$p/comm; do sleep 0.01; done; \
        unshare -U -r sh -c \"cat /proc/$p/environ || readlink /proc/$p/cwd\"; \
        seen=$?; cat /proc/$p/comm; kill $p; exit $seen";
    let world = World::new();
    let mut command = world.command("setpriv");
    if super::is_root() {
        // Root is the owner of the namespace too; what counts is how it is for others.
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    }
    let output = command.args(["sh", "-c", script]).current_dir("/").output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && words.contains("Permission denied"), "{words}");
    assert_eq!(output.stdout, b"sleep\n");
}
