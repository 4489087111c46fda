//! `--json` of every command: one object on standard output, and errors as objects on standard error,
//! with the same exit codes.

use crate::support::fake::{Fake, said, session, vmux};
use serde_json::{Value, json};

fn parsed(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn two() -> Fake {
    let sessions = json!([session(7, "idle", "api", 1), session(8, "working", "web", 2)]);
    Fake::new(sessions.clone(), move |request| match request["action"].as_str() {
        Some("list") => json!({"ok": true, "sessions": sessions}),
        Some("switch" | "ack" | "snooze") => {
            json!({"ok": true, "session": sessions[0], "note": "a note"})
        }
        _ => json!({"ok": true}),
    })
}

#[test]
fn what_acts_on_a_session_prints_it() {
    let fake = two();
    for args in [&["switch", "api"][..], &["switch", "--next"], &["ack", "api"], &["snooze", "api"]]
    {
        let (out, _, code) = said(&fake.run(&[args, &["--json"]].concat()));
        assert_eq!((parsed(&out)["pid"].clone(), code), (json!(7), 0), "{args:?}");
    }
    let (_, err, _) = said(&fake.run(&["ack", "api", "--json"]));
    assert_eq!(parsed(&err), json!({"note": "a note"}));
    let (out, err, code) = said(&fake.run(&["label", "api", "--json", "release"]));
    assert_eq!((parsed(&out)["label"].clone(), err.as_str(), code), (json!("release"), "", 0));
    let (out, _, _) = said(&fake.run(&["label", "api", "--clear", "--json"]));
    assert_eq!(parsed(&out).get("label"), None);
}

#[test]
fn a_label_that_another_session_has_is_told() {
    let fake = two();
    let (out, err, code) = said(&fake.run(&["label", "api", "web"]));
    assert!(out.ends_with("is now \"web\".\nnote: pid 8 is called \"web\" too\n"), "{out}");
    assert_eq!((err.as_str(), code), ("", 0));
    let (_, err, _) = said(&fake.run(&["label", "api", "web", "--json"]));
    assert_eq!(parsed(&err), json!({"note": "pid 8 is called \"web\" too"}));
}

#[test]
fn an_error_is_an_object_on_standard_error() {
    let fake = two();
    let verbs = [&["show"][..], &["label"], &["wait"]];
    for verb in verbs {
        let args = [verb, &["zzz"], if verb == ["label"] { &["x"][..] } else { &[] }, &["--json"]];
        let (out, err, code) = said(&fake.run(&args.concat()));
        let error = parsed(&err);
        assert_eq!((out.as_str(), code), ("", 1), "{verb:?}");
        assert_eq!(error["error"], "no session matches \"zzz\"");
        assert_eq!(error["hint"], "`vmux list` shows every session");
        assert_eq!(error["exit_code"], 1);
    }
    let empty = tempfile::tempdir().unwrap();
    for args in [&["list", "--json"][..], &["stop", "--json"], &["why", "x", "--json"], &["--json"]]
    {
        let (out, err, code) = said(&vmux(empty.path(), args).output().unwrap());
        assert_eq!((out.as_str(), code), ("", 3), "{args:?}");
        assert_eq!(parsed(&err)["error"], "vmuxd is not running", "{args:?}");
    }
}

#[test]
fn hooks_and_the_configuration_say_what_is_there() {
    let world = tempfile::tempdir().unwrap();
    let settings = world.path().join("settings.json");
    let run = |args: &[&str]| {
        let mut command = vmux(world.path(), args);
        if args[0] == "hooks" {
            command.arg("--settings").arg(&settings);
        }
        let (out, err, code) = said(&command.output().unwrap());
        assert_eq!(err, "", "{args:?}");
        (parsed(&out), code)
    };
    let (state, code) = run(&["hooks", "status", "--json"]);
    assert_eq!((state["events"].clone(), code), (json!([]), 1));
    let (state, code) = run(&["hooks", "install", "--json"]);
    assert_eq!((state["changed"].clone(), code), (json!(true), 0));
    let (state, code) = run(&["hooks", "status", "--json"]);
    assert_eq!((state["events"].as_array().unwrap().len(), code), (9, 0));
    let (state, _) = run(&["hooks", "install", "--json"]);
    assert_eq!(state["changed"], false);
    let config = world.path().join("config.toml");
    std::fs::write(&config, "interval = 0\nmoon = 1\n").unwrap();
    let (state, code) = run(&["config", "check", "--json", config.to_str().unwrap()]);
    assert_eq!((state["exists"].clone(), code), (json!(true), 1));
    assert_eq!(state["errors"].as_array().unwrap().len(), 1);
    assert_eq!(state["warnings"].as_array().unwrap().len(), 1);
    std::fs::write(&config, "").unwrap();
    let (state, code) = run(&["config", "check", "--json", config.to_str().unwrap()]);
    assert_eq!((state["errors"].clone(), code), (json!([]), 0));
}
