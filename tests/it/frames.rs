//! Recorded frames: what was once said on the socket is understood for ever.

use crate::support::world::{World, ago};
use serde_json::{Value, json};
use std::path::Path;
use vmux::protocol::event::{Change, Event, Mirror};
use vmux::protocol::frame::decode;
use vmux::protocol::response::{Code, Response};
use vmux::session::info::server::{Attribution, ServerProblemKind};
use vmux::session::state::StateName;
use vmux::session::state::host::HostState;

fn frames(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/protocol").join(name);
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn every_recorded_request_is_understood() {
    for frame in frames("requests.jsonl") {
        assert!(decode(frame.as_bytes()).is_ok(), "{frame}");
    }
}

#[test]
fn every_recorded_reply_is_understood() {
    let replies: Vec<Response> = frames("replies.jsonl")
        .iter()
        .map(|frame| serde_json::from_str(frame).unwrap_or_else(|it| panic!("{it}: {frame}")))
        .collect();
    let of_tomorrow = &replies[4].sessions.as_ref().unwrap()[0];
    assert_eq!(of_tomorrow.state, StateName::Unknown);
    assert_eq!(replies[7].code, Some(Code::Other));
    let [stopped, mate] = &replies[10].sessions.as_ref().unwrap()[..] else { panic!() };
    assert!(stopped.failure().unwrap().is_limit());
    assert_eq!(mate.details.agent_name.as_deref(), Some("bob"));
    let [server, inspector] = &replies.iter().find_map(|it| it.servers.as_ref()).unwrap()[..]
    else {
        panic!()
    };
    assert!(server.has(ServerProblemKind::Stale) && server.has(ServerProblemKind::Other));
    assert_eq!((inspector.by, inspector.start), (Attribution::Other, 0));
}

#[test]
fn every_recorded_event_is_understood_and_keeps_a_mirror_right() {
    let mut mirror = Mirror::default();
    let mut seen = Vec::new();
    for frame in frames("events.jsonl") {
        let event: Event =
            serde_json::from_str(&frame).unwrap_or_else(|it| panic!("{it}: {frame}"));
        let is_known = event.change != Change::Unknown;
        mirror.apply(event);
        seen.push((mirror.seq, mirror.sessions.len(), is_known));
    }
    let expected = [
        (7, 1, true),
        (8, 1, true),
        (9, 1, false),
        (10, 0, true),
        (11, 0, true),
        (11, 0, true),
        (12, 0, true),
    ];
    assert_eq!(seen, expected);
    assert_eq!(mirror.hosts[0].state, HostState::Up);
}

#[test]
fn the_fields_that_scripts_rely_on_are_there() {
    let world = World::new();
    let asks = world.claude(100).live();
    let since = ago(5000).timestamp_millis();
    let waiting =
        json!({"status": "waiting", "waitingFor": "permission prompt", "statusUpdatedAt": since});
    world.session_file(&asks, waiting);
    let idles = world.claude(200).live();
    world.session_file(&idles, json!({"status": "idle", "statusUpdatedAt": since}));
    let daemon = world.open();
    daemon.ask("label", json!({"session_id": "session-of-100", "label": "api"}));
    let reply = daemon.ask("list", json!({}));
    let session = |pid: u32| {
        let sessions = reply["sessions"].as_array().unwrap();
        sessions.iter().find(|it| it["pid"] == pid).unwrap().as_object().unwrap().clone()
    };
    let (asks, idles) = (session(100), session(200));
    for field in ["pid", "session_id", "cwd", "git_branch", "state", "preview", "workspace"] {
        assert!(asks.contains_key(field) && idles.contains_key(field), "{field}");
    }
    assert_eq!((&asks["state"], &idles["state"]), (&json!("needs_input"), &json!("idle")));
    assert_eq!(asks["label"], "api");
    let at = chrono::DateTime::parse_from_rfc3339(asks["waiting_since"].as_str().unwrap()).unwrap();
    assert_eq!(at.timestamp_millis(), since);
    assert!(!idles.contains_key("label") && !idles.contains_key("waiting_since"));
    assert_eq!(reply["ok"], Value::Bool(true));
}
