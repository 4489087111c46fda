//! `vmux doctor` beside a real vmuxd: well, stopped, absent, of another version; broken surroundings;
//! and one process, step by step.

use crate::faults::open_after;
use crate::support::desk::need;
use crate::support::fake::{Fake, said, session};
use crate::support::world::{Daemon, World};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::fs;

/// What `vmux doctor --json` finds, and its exit code.
fn doctor(world: &World, args: &[&str]) -> (Vec<Value>, i32) {
    let output = world.vmux().arg("doctor").arg("--json").args(args).output().unwrap();
    let (out, err, code) = said(&output);
    assert_eq!(err, "", "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let findings = report["findings"].as_array().unwrap().clone();
    let problems = findings.iter().filter(|it| it["severity"] == "problem").count();
    assert_eq!(report["problems"], problems, "{out}");
    assert_eq!(code, i32::from(problems > 0), "{out}");
    (findings, code)
}

/// What is found of `topic` with this severity.
fn told(findings: &[Value], topic: &str, severity: &str) -> Vec<String> {
    findings
        .iter()
        .filter(|it| it["topic"] == topic && it["severity"] == severity)
        .map(|it| format!("{} → {}", it["says"].as_str().unwrap(), it["hint"]))
        .collect()
}

fn check(findings: &[Value], topic: &str, severity: &str, words: &str) {
    let told = told(findings, topic, severity);
    assert!(told.iter().any(|it| it.contains(words)), "{words:?} in {told:#?} of {findings:#?}");
}

#[test]
fn a_vmuxd_that_is_well_has_no_problem_of_its_own() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let daemon = world.open();
    daemon.sessions();
    let (findings, _) = doctor(&world, &[]);
    check(
        &findings,
        "vmuxd",
        "ok",
        &format!("vmuxd {} (pid {})", env!("CARGO_PKG_VERSION"), daemon.pid()),
    );
    check(&findings, "vmuxd", "ok", "log: a pipe");
    check(
        &findings,
        "sessions",
        "ok",
        "1 found, 0 waiting for you; versions of Claude Code: 2.1.329",
    );
    check(&findings, "sessions", "note", "(pid 100) has no window");
    check(&findings, "configuration", "ok", "every key has its default");
    check(&findings, "hooks", "ok", "none in ~/.claude/settings.json");
    check(&findings, "desktop", "note", "neither DISPLAY nor WAYLAND_DISPLAY");
    check(&findings, "desktop", "note", "no window manager");
    check(&findings, "notifications", "note", "no notification server");
    check(&findings, "terminals", "ok", "");
    check(&findings, "programs", "ok", "vmux-mcp and vmux-web are found");
    check(&findings, "limits", "ok", "inotify watches: ");
    check(&findings, "limits", "ok", "open files of vmuxd: ");
    check(&findings, "files", "ok", "session files are in ");
    for topic in ["vmuxd", "configuration", "desktop", "sessions", "hooks", "files"] {
        assert_eq!(told(&findings, topic, "problem"), [""; 0], "{topic}");
    }
}

#[test]
fn without_a_vmuxd_the_rest_is_told_and_none_is_started() {
    let world = World::new();
    let (findings, code) = doctor(&world, &[]);
    assert_eq!(code, 1);
    check(
        &findings,
        "vmuxd",
        "problem",
        "vmuxd is not running → \"any other vmux command starts it",
    );
    check(&findings, "configuration", "ok", "every key has its default");
    check(&findings, "limits", "ok", "inotify watches: ");
    let (findings, _) = doctor(&world, &["4000000"]);
    check(&findings, "vmuxd", "problem", "vmuxd is not running");
    check(&findings, "process", "problem", "there is no process 4000000");
    assert!(!world.home().join(".vmux").exists());
    let output = world.vmux().arg("doctor").output().unwrap();
    let (out, err, code) = said(&output);
    assert!(out.contains("✗ vmux ") && out.contains("→ any other vmux command"), "{out}");
    assert_eq!((err.as_str(), code), ("", 1));
}

#[test]
fn a_stopped_vmuxd_is_told_at_once() {
    let world = World::new();
    let daemon = world.open();
    daemon.signal(Signal::STOP);
    let (findings, _) = doctor(&world, &[]);
    let pid = daemon.pid();
    check(
        &findings,
        "vmuxd",
        "problem",
        &format!("vmuxd (pid {pid}) is stopped, as by Ctrl-Z → \"`kill -CONT {pid}`"),
    );
    check(&findings, "limits", "ok", "open files of vmuxd: ");
    daemon.signal(Signal::CONT);
    assert_eq!(told(&doctor(&world, &[]).0, "vmuxd", "problem"), [""; 0]);
}

#[test]
fn one_that_hangs_and_one_of_another_version() {
    let silent = Fake::new(json!([]), |_| {
        loop {
            std::thread::park();
        }
    });
    let report = |fake: &Fake| {
        let (out, _, code) = said(&fake.run(&["doctor", "--json"]));
        (serde_json::from_str::<Value>(&out).unwrap()["findings"].as_array().unwrap().clone(), code)
    };
    let (findings, code) = report(&silent);
    check(&findings, "vmuxd", "problem", "vmuxd does not answer on ");
    assert_eq!(code, 1);
    let old = Fake::new(
        json!([session(7, "idle", "api", 1)]),
        |request| match &request["action"] {
            it if it == "version" => {
                let problems = ["labels.json is damaged"];
                json!({"ok": true, "daemon": {"version": "0.0.1", "protocol": 1, "pid": 4_000_000, "problems": problems}})
            }
            _ => json!({"ok": false, "code": "bad_request", "error": "unknown action \"doctor\""}),
        },
    );
    let (findings, code) = report(&old);
    check(&findings, "vmuxd", "problem", "vmuxd 0.0.1 (pid 4000000), which does not know `doctor`");
    check(&findings, "vmuxd", "problem", "labels.json is damaged");
    assert_eq!(code, 1);
}

#[test]
fn a_bad_configuration_and_settings_that_are_not_json() {
    let world = World::new();
    fs::create_dir_all(world.home().join(".vmux")).unwrap();
    let config = "interval = \"soon\"\nswitch.order = 7\nmoon = 1\n";
    fs::write(world.home().join(".vmux/config.toml"), config).unwrap();
    fs::write(world.home().join(".claude/settings.json"), "{").unwrap();
    let _daemon = world.open();
    let (findings, _) = doctor(&world, &[]);
    for line in ["line 1", "line 2"] {
        check(&findings, "configuration", "problem", &format!("~/.vmux/config.toml: {line}"));
    }
    check(&findings, "configuration", "note", "moon");
    check(&findings, "hooks", "problem", "it is not JSON");
    check(&findings, "mcp", "ok", "`vmux mcp install` makes that possible");
}

#[test]
fn hooks_of_a_vmux_that_is_gone() {
    let world = World::new();
    let _daemon = world.open();
    let hook = json!({"hooks": [{"type": "command", "command": "/nowhere/vmux hook"}]});
    let settings = json!({"hooks": {"Stop": [hook]}}).to_string();
    let global = json!({"mcpServers": {"vmux": {"command": "/nowhere/vmux", "args": ["mcp"]}}});
    fs::write(world.home().join(".claude.json"), global.to_string()).unwrap();
    fs::write(world.home().join(".claude/settings.json"), settings).unwrap();
    let (findings, _) = doctor(&world, &[]);
    check(&findings, "hooks", "ok", "settings.json: Stop");
    check(&findings, "hooks", "problem", "they call /nowhere/vmux, which is not there");
    check(&findings, "mcp", "problem", "is to start /nowhere/vmux, which is not there");
}

#[test]
fn inotify_without_watches_is_told_with_its_remedy() {
    let world = World::new();
    let script = "echo 1 >/proc/sys/user/max_inotify_watches";
    let daemon = open_after(&world, &["-U", "-r"], script);
    daemon.until_problems(|it| it.contains("max_user_watches"));
    let (findings, _) = doctor(&world, &[]);
    check(&findings, "limits", "problem", "fs.inotify.max_user_watches");
    assert_eq!(daemon.ask("list", json!({}))["problems"], 1);
}

#[test]
fn a_table_on_a_terminal_tells_of_problems_and_nothing_else_does() {
    need("script");
    let world = World::new();
    fs::create_dir_all(world.home().join(".vmux")).unwrap();
    let _daemon = world.open();
    let shown = || {
        let mut script = world.command("script");
        script.args(["-qfec", &format!("{} list", env!("CARGO_BIN_EXE_vmux")), "/dev/null"]);
        script.env("NO_COLOR", "1").env("TERM", "xterm").env("SHELL", "/bin/sh");
        said(&script.stdin(std::process::Stdio::null()).output().unwrap()).0
    };
    // That there is no window manager is told by the doctor only.
    assert!(!shown().contains("problem"), "{}", shown());
    let (version, ..) = said(&world.vmux().arg("version").output().unwrap());
    assert_eq!(version.lines().count(), 2, "{version}");
    fs::write(world.home().join(".vmux/config.toml"), "interval = 0\n").unwrap();
    crate::support::world::until("the problem in the list", || {
        shown().contains("1 problem: vmux doctor")
    });
    for args in [&["list", "--json"][..], &["list"]] {
        let (out, err, code) = said(&world.vmux().args(args).output().unwrap());
        assert!(!out.contains("doctor"), "{out}");
        assert_eq!((err.as_str(), code), ("", 0));
    }
}

#[test]
fn a_process_is_walked_through_step_by_step() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let vim = world.claude(101).comm(b"vim").argv(&["vim", "x"]).exe("/usr/bin/vim").live();
    let helper = world.claude(102).argv(&["claude", "mcp", "serve"]).live();
    let daemon: Daemon = world.open();
    daemon.sessions();
    let (findings, code) = doctor(&world, &["100"]);
    let topics: Vec<&str> = findings.iter().map(|it| it["topic"].as_str().unwrap()).collect();
    assert_eq!(
        topics,
        [
            "process",
            "program",
            "listed",
            "files",
            "conversation",
            "conversation",
            "state",
            "window"
        ]
    );
    check(&findings, "program", "ok", "sessions/100.json");
    check(&findings, "conversation", "ok", "session session-of-100 (");
    check(&findings, "conversation", "note", "no transcript is known");
    check(&findings, "state", "ok", "idle: status is \"idle\"");
    check(&findings, "window", "note", "");
    assert_eq!(code, 0);
    let (by_name, _) = doctor(&world, &["session-of-100"]);
    check(&by_name, "conversation", "ok", "session session-of-100 (");
    let (out, err, code) = said(&world.vmux().args(["doctor", "nothing"]).output().unwrap());
    assert_eq!((out.as_str(), code), ("", 1));
    assert!(err.starts_with("error: no session matches \"nothing\"\nhint: "), "{err}");
    let (findings, _) = doctor(&world, &[&vim.pid.to_string()]);
    check(&findings, "program", "problem", "it is not Claude Code: neither `vim` nor");
    let (findings, _) = doctor(&world, &[&helper.pid.to_string()]);
    check(&findings, "program", "problem", "it is a helper of Claude Code");
    let (findings, _) = doctor(&world, &["99"]);
    check(&findings, "process", "problem", "there is no process 99");
}

#[test]
fn a_process_that_hangs_in_the_kernel_is_told() {
    let world = World::new();
    let process = world.claude(100).hanging("cmdline").live();
    let _daemon = world.open();
    let (findings, _) = doctor(&world, &[&process.pid.to_string()]);
    check(&findings, "process", "problem", "does not answer");
}
