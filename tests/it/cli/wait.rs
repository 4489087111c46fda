//! `vmux wait` for several sessions, and `vmux switch` to a place or a number.

use crate::support::fake::{Fake, Running, said, session};
use crate::support::world::World;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant};

fn three(states: [&str; 3]) -> Value {
    let labels = ["shop", "api", "web"];
    let sessions = (0..3).map(|at| session(41 + at as u32, states[at], labels[at], 1 + at as u32));
    sessions.collect()
}

#[test]
fn without_a_query_it_is_the_next_one() {
    let fake = Fake::agreeable(three(["working", "idle", "working"]));
    let mut wait = Running::start(fake.vmux(&["wait"]));
    fake.wait_for_subscribers(1);
    fake.tell(three(["working", "idle", "idle"]));
    assert_eq!(wait.line(), "web (pid 43): idle");
    assert_eq!(wait.end(), 0);
    fake.tell(three(["working", "needs_input", "idle"]));
    let (out, _, code) = said(&fake.run(&["wait", "--json", "--until", "needs_input"]));
    let printed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((printed["pid"].as_u64(), code), (Some(42), 0));
}

#[test]
fn all_have_been_there_though_one_goes_on() {
    let fake = Fake::agreeable(three(["working", "working", "working"]));
    let mut wait = Running::start(fake.vmux(&["wait", "--all", "shop", "/src/api"]));
    fake.wait_for_subscribers(1);
    fake.tell(three(["idle", "working", "idle"]));
    assert_eq!(wait.line(), "shop (pid 41): idle");
    fake.tell(three(["working", "idle", "idle"]));
    assert_eq!(wait.line(), "api (pid 42): idle");
    assert_eq!(wait.end(), 0);
    let time_is_up = ["wait", "--all", "--timeout", "0s", "--until", "working"];
    let (out, err, code) = said(&fake.run(&time_is_up));
    assert_eq!((out.as_str(), code), ("shop (pid 41): working\n", 1));
    assert_eq!(err, "error: time is up, 1 of 3 sessions got there\n");
}

#[test]
fn words_that_mean_a_session_each_are_told_how_to_be_several() {
    let fake = Fake::agreeable(three(["working", "working", "idle"]));
    let (_, err, code) = said(&fake.run(&["wait", "shop", "/src/api"]));
    assert!(code == 1 && err.contains("hint: `--any` or `--all` takes each argument"), "{err}");
    let (_, err, _) = said(&fake.run(&["wait", "shop", "nowhere"]));
    assert!(!err.contains("--any"), "{err}");
}

#[test]
fn any_is_one_of_several_queries_and_a_query_may_mean_several() {
    let fake = Fake::agreeable(three(["working", "working", "idle"]));
    let (out, _, code) = said(&fake.run(&["wait", "--any", "shop", "web"]));
    assert_eq!((out.as_str(), code), ("web (pid 43): idle\n", 0));
    let (out, _, code) = said(&fake.run(&["wait", "--any", "main"]));
    assert_eq!((out.as_str(), code), ("web (pid 43): idle\n", 0));
    assert!(
        said(&fake.run(&["wait", "main"])).1.starts_with("error: several sessions match \"main\"")
    );
    let mut wait =
        Running::start(fake.vmux(&["wait", "--any", "41", "42", "--until", "gone", "--json"]));
    fake.wait_for_subscribers(3);
    fake.send("{\"seq\":3,\"event\":\"gone\",\"pid\":41,\"start\":1,\"session_id\":null}\n");
    let gone: Value = serde_json::from_str(&wait.line()).unwrap();
    assert_eq!((&gone["pid"], &gone["state"]), (&json!(41), &json!("gone")));
    assert_eq!(wait.end(), 0);
    assert_eq!(said(&fake.run(&["wait", "--any", "shop", "nobody"])).2, 1);
    assert_eq!(said(&fake.run(&["wait", "--any", "--all"])).2, 2);
}

/// What vmuxd was last asked to go to, after `vmux switch` in a directory.
#[track_caller]
fn goes(fake: &Fake, directory: &str, words: &[&str], expected: &str) {
    let mut vmux = fake.vmux(&[&["switch"], words].concat());
    let (_, err, code) = said(&vmux.current_dir(fake.dir().join(directory)).output().unwrap());
    assert_eq!((err.as_str(), code), ("", 0), "{words:?}");
    assert_eq!(fake.asked().last().unwrap()["args"]["query"], expected, "{words:?} in {directory}");
}

#[test]
fn a_directory_is_where_a_session_is() {
    let fake = Fake::agreeable(json!([]));
    let place = |pid, state: &str, path: &str| {
        let mut session = session(pid, state, "x", pid);
        session["cwd"] = json!(fake.dir().join(path));
        session
    };
    for directory in ["home/src/web/deep/er", "home/other"] {
        fs::create_dir_all(fake.dir().join(directory)).unwrap();
    }
    fake.tell(json!([
        place(11, "working", "home"),
        place(12, "working", "home/src/web"),
        place(13, "needs_input", "home/src/web"),
        place(14, "idle", "home/src/web/deep"),
    ]));
    goes(&fake, "home/src/web", &["."], "13:1");
    goes(&fake, "home/src/web/deep", &["."], "14:1");
    goes(&fake, "home/src/web/deep/er", &["."], "14:1");
    goes(&fake, "home/src", &["."], "13:1");
    goes(&fake, "home/other", &["~/src/web"], "13:1");
    goes(&fake, "home", &["src/web"], "src/web");
    let mut lost = fake.vmux(&["switch", "."]);
    let (_, err, code) = said(&lost.current_dir(fake.dir().join("home/other")).output().unwrap());
    assert_eq!(
        (err.as_str(), code),
        ("error: no session is in ~/other\nhint: `vmux list` shows every session\n", 1)
    );
    // Where a mistake would do harm, two are too many.
    let (_, err, code) = said(&fake.run(&["ack", "~/src/web"]));
    assert!(err.starts_with("error: several sessions match \"~/src/web\"") && code == 1, "{err}");
    assert_eq!(said(&fake.run(&["ack", "~/src/web/deep"])).2, 0);
    assert_eq!(fake.asked().last().unwrap()["args"]["query"], "14:1");
}

#[test]
fn a_number_of_two_digits_is_a_place_and_a_longer_one_a_process() {
    let fake = Fake::agreeable(json!([]));
    assert_eq!(said(&fake.run(&["switch", "03"])).2, 0);
    assert_eq!(fake.asked(), [json!({"action": "switch", "args": {"number": 3}})]);
    goes(&fake, ".", &["4711"], "4711");
}

#[test]
fn a_vmuxd_that_is_stopped_does_not_hold_it_longer_than_it_waits() {
    let world = World::new();
    let daemon = world.open();
    daemon.signal(Signal::STOP);
    let begun = Instant::now();
    let (out, err, code) = said(&world.vmux().args(["wait", "--timeout", "1s"]).output().unwrap());
    // Without an own time an answer may take ten seconds.
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert!(code == 3 && err.contains("does not answer"), "{out}{err}");
    daemon.signal(Signal::CONT);
}
