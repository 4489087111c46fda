//! `vmux send` against a vmuxd of recorded answers: what it asks, what it prints, how it ends.

use crate::support::fake::{Fake, said, session};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

fn fake(answer: Value) -> Fake {
    let sessions = json!([session(7, "idle", "api", 1)]);
    Fake::new(sessions, move |request| match request["action"].as_str() {
        Some("peek") => json!({"ok": true, "peek": {"from": "transcript", "lines": ["Done."]}}),
        _ => answer.clone(),
    })
}

fn sent(fake: &Fake) -> Vec<Value> {
    let asked = fake.asked().into_iter();
    asked.filter(|it| it["action"] == "send").map(|it| it["args"].clone()).collect()
}

#[test]
fn words_and_standard_input_are_sent() {
    let fake = fake(json!({"ok": true, "session": session(7, "idle", "api", 1)}));
    let (out, _, code) = said(&fake.run(&["send", "api", "run", "the tests"]));
    assert_eq!((out.as_str(), code), ("api: was told\n", 0));
    let mut child = fake.vmux(&["send", "api", "-", "--queue"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"one\ntwo\n").unwrap();
    assert!(child.wait().unwrap().success());
    let expected = [
        json!({"query": "api", "text": "run the tests", "door": "vmux send"}),
        json!({"query": "api", "text": "one\ntwo\n", "queue": true, "door": "vmux send"}),
    ];
    assert_eq!(sent(&fake), expected);
    for wrong in [&["send", "api"][..], &["send", "api", "x", "--timeout", "1s"]] {
        assert_eq!(said(&fake.run(wrong)).2, 2, "{wrong:?}");
    }
}

#[test]
fn each_refusal_has_an_exit_code_of_its_own() {
    let codes = [("not_allowed", 10), ("not_sent", 11), ("not_submitted", 12), ("bad_request", 4)];
    for (word, code) in codes {
        let fake = fake(json!({"ok": false, "code": word, "error": "why", "hint": "what"}));
        let (out, err, got) = said(&fake.run(&["send", "api", "x"]));
        assert_eq!((out.as_str(), err.as_str(), got), ("", "error: why\nhint: what\n", code));
    }
}

#[test]
fn it_waits_for_the_end_of_the_turn() {
    // Still idle, as another source tells since when.
    let idle = fake(json!({"ok": true, "session": session(7, "idle", "api", 0)}));
    let (_, err, code) = said(&idle.run(&["send", "api", "x", "--print", "--timeout", "1s"]));
    assert!(code == 1 && err.contains("time is up"), "{err}");
    let fake = fake(json!({"ok": true, "session": session(7, "working", "api", 0)}));
    let (out, _, code) = said(&fake.run(&["send", "api", "x", "--print"]));
    assert_eq!((out.as_str(), code), ("Done.\n", 0));
    fake.tell(json!([session(7, "needs_input", "api", 2)]));
    let (_, err, code) = said(&fake.run(&["send", "api", "x", "--wait"]));
    assert_eq!(code, 6, "{err}");
    fake.tell(json!([session(7, "working", "api", 2)]));
    let (_, err, code) = said(&fake.run(&["send", "api", "x", "--wait", "--timeout", "1s"]));
    assert!(code == 1 && err.contains("time is up"), "{err}");
    fake.tell(json!([]));
    let (_, err, code) = said(&fake.run(&["send", "api", "x", "--wait"]));
    assert!(code == 1 && err.contains("has ended"), "{err}");
}
