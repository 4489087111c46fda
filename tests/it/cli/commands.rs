//! The commands of `vmux` against recorded answers.

use crate::support::fake::{Fake, program, said, session, vmux};
use serde_json::{Value, json};
use std::fs;
use std::process::Stdio;

fn two() -> Value {
    json!([session(41, "working", "shop", 1), session(42, "needs_input", "api", 2)])
}

#[test]
fn vmux_alone_is_the_list_with_those_that_wait_on_top() {
    let fake = Fake::agreeable(two());
    let (out, err, code) = said(&fake.run(&[]));
    assert_eq!((err.as_str(), code), ("", 0));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("STATE"));
    assert!(lines[1].starts_with("● needs permission  Bash: git push"), "{out}");
    assert!(lines[2].starts_with("◐ working"), "{out}");
    assert_eq!(said(&fake.run(&["list"])).0, out);
}

#[test]
fn json_is_the_array_of_sessions() {
    let fake = Fake::agreeable(two());
    let (out, _, code) = said(&fake.run(&["list", "--json"]));
    let printed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((printed, code), (json!([two()[1], two()[0]]), 0));
}

#[test]
fn an_empty_list_is_no_error() {
    let fake = Fake::agreeable(json!([]));
    let (out, _, code) = said(&fake.run(&[]));
    assert!(out.starts_with("no Claude Code session is running\n"));
    assert_eq!(code, 0);
    assert_eq!(said(&fake.run(&["--json"])).0, "[]\n");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let many = (1..2000).map(|pid| session(pid, "working", "x", 1)).collect::<Vec<_>>();
    let fake = Fake::agreeable(json!(many));
    let mut child =
        fake.vmux(&["list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let (_, err, code) = said(&child.wait_with_output().unwrap());
    assert_eq!((err.as_str(), code), ("", 0));
}

#[test]
fn a_label_goes_to_the_session_that_was_meant() {
    let fake = Fake::agreeable(two());
    let (out, err, code) = said(&fake.run(&["label", "api", "the", "new name"]));
    assert_eq!(out, "/src/api (pid 42) is now \"the new name\".\n");
    assert_eq!((err.as_str(), code), ("", 0));
    let id = "00000042-aaaa-4000-8000-000000000000";
    let asked = fake.asked();
    let label = json!({"action": "label", "args": {"session_id": id, "label": "the new name"}});
    assert_eq!(asked.last().unwrap(), &label);
    said(&fake.run(&["label", "--clear", "api"]));
    assert_eq!(fake.asked().last().unwrap()["args"]["label"], "");
}

#[test]
fn an_ambiguous_label_changes_nothing_and_lists_the_candidates() {
    let fake = Fake::agreeable(two());
    let (out, err, code) = said(&fake.run(&["label", "main", "x"]));
    assert_eq!((out.as_str(), code), ("", 1));
    assert_eq!(
        err,
        "error: several sessions match \"main\"\n\
         hint: say more, or name it by its pid\n  \
         api   needs permission  /src/api   pid 42\n  \
         shop  working           /src/shop  pid 41\n"
    );
    assert!(fake.asked().iter().all(|it| it["action"] == "list"));
}

#[test]
fn a_query_for_nothing_offers_the_closest() {
    let fake = Fake::agreeable(two());
    let (_, err, code) = said(&fake.run(&["label", "shap", "x"]));
    assert_eq!(code, 1);
    assert!(err.starts_with("error: no session matches \"shap\"\nhint: did you mean"), "{err}");
    assert!(err.contains("pid 41"), "{err}");
}

#[test]
fn what_vmuxd_refuses_is_told_with_its_hint() {
    let fake = Fake::new(two(), |_| {
        json!({"ok": false, "error": "labels.json is read-only", "code": "not_saved",
               "hint": "make it writable"})
    });
    let (_, err, code) = said(&fake.run(&["label", "api", "x"]));
    assert_eq!(err, "error: labels.json is read-only\nhint: make it writable\n");
    assert_eq!(code, 4);
}

#[test]
fn a_vmuxd_of_another_version_is_named() {
    let fake = Fake::new(two(), |request| match request["action"].as_str() {
        Some("version") => {
            json!({"ok": true, "daemon": {"version": "9.9.9", "protocol": 7, "pid": 1}})
        }
        _ => json!({"ok": false, "error": "unknown action \"label\"", "code": "bad_request"}),
    });
    let (_, err, code) = said(&fake.run(&["label", "api", "x"]));
    assert!(err.contains("hint: vmuxd is version 9.9.9, vmux is "), "{err}");
    assert_eq!(code, 4);
}

#[test]
fn version_names_both_sides_and_what_is_wrong() {
    let daemon = json!({"version": "9.9.9", "protocol": 1, "pid": 7, "problems": ["no watches"]});
    let fake = Fake::new(json!([]), move |_| json!({"ok": true, "daemon": daemon}));
    let own = env!("CARGO_PKG_VERSION");
    let (out, err, code) = said(&fake.run(&["version"]));
    let expected = format!("vmux {own}\nvmuxd 9.9.9 (pid 7)\nproblem: no watches\n");
    assert_eq!((out, err.as_str(), code), (expected, "", 0));
    let (out, _, code) = said(&fake.run(&["version", "--json"]));
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((told["vmuxd"]["pid"].as_u64(), code), (Some(7), 0));
    fake.leave();
    let (out, _, code) = said(&fake.run(&["version", "--json"]));
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&told["vmuxd"], told["vmux"].as_str(), code), (&json!(null), Some(own), 0));
}

#[test]
fn help_of_a_command_is_its_option_help() {
    let fake = Fake::agreeable(json!([]));
    let (out, _, code) = said(&fake.run(&["help", "switch"]));
    assert!(out.contains("--next") && code == 0, "{out}");
    assert_eq!(out, said(&fake.run(&["switch", "--help"])).0);
    let (out, _, _) = said(&fake.run(&["--help"]));
    assert!(out.contains("\nSet-up:\n  doctor       Check what vmux sees"), "{out}");
    let longest = out.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(100), "{out}");
}

#[test]
fn stop_returns_when_vmuxd_is_gone_and_never_starts_one() {
    let fake = Fake::agreeable(two());
    let (out, err, code) = said(&fake.run(&["stop"]));
    assert_eq!((out.as_str(), err.as_str(), code), ("", "", 0));
    let empty = tempfile::tempdir().unwrap();
    program(empty.path(), "vmuxd", "touch \"$HOME/started\"");
    let output = vmux(empty.path(), &["stop"]).env_remove("VMUX_NO_START").output().unwrap();
    let (_, err, code) = said(&output);
    assert_eq!((err.as_str(), code), ("error: vmuxd is not running\n", 3));
}

#[test]
fn without_vmuxd_the_error_says_how_to_start_it() {
    let empty = tempfile::tempdir().unwrap();
    let (_, err, code) = said(&vmux(empty.path(), &[]).output().unwrap());
    assert!(err.starts_with("error: vmuxd is not running\nhint: start it with"), "{err}");
    assert_eq!(code, 3);
}

#[test]
fn nonsense_on_the_command_line_is_a_usage_error() {
    let fake = Fake::agreeable(two());
    for args in [&["dance"][..], &["label"], &["label", "x"], &["--json", "stop"], &["list", "--x"]]
    {
        let (out, err, code) = said(&fake.run(args));
        assert_eq!((out.as_str(), code), ("", 2), "{args:?}");
        assert!(err.starts_with("error: "), "{err}");
    }
    assert!(fake.asked().is_empty());
}

#[test]
fn a_socket_path_that_is_too_long_is_told() {
    let empty = tempfile::tempdir().unwrap();
    let long = format!("/{}", "x".repeat(200));
    let output = vmux(empty.path(), &[]).env("VMUX_SOCKET", long).output().unwrap();
    let (_, err, code) = said(&output);
    assert!(err.contains("201 bytes long") && err.contains("hint: set VMUX_SOCKET"), "{err}");
    assert_eq!(code, 3);
}

#[test]
fn to_install_a_hook_is_no_advice_where_it_is_installed() {
    let hint = "prompts that come after `vmux hooks install --answer` can be answered";
    let answer = json!({"ok": false, "code": "not_waiting", "error": "no prompt", "hint": hint});
    let fake = Fake::new(two(), move |_| answer.clone());
    let allow = || said(&fake.run(&["allow", "api"]));
    let (_, err, code) = allow();
    assert!(code == 8 && err.contains("hooks install --answer"), "{code} {err}");
    let dir = fake.dir().join("home/.claude");
    fs::create_dir_all(&dir).unwrap();
    let hook = json!({"type": "command", "command": "/usr/bin/vmux hook --answer"});
    let settings = json!({"hooks": {"PermissionRequest": [{"hooks": [hook]}]}});
    fs::write(dir.join("settings.json"), settings.to_string()).unwrap();
    let (_, err, _) = allow();
    assert!(err.contains("the hook is installed, for prompts that came after it"), "{err}");
}
