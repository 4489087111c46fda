//! The protocol itself: both beginnings, bad input, the end.

use super::{Mcp, WITH_HANDSHAKE, WITHOUT_HANDSHAKE, initialize, meta};
use crate::support::fake::{Fake, session};
use serde_json::{Value, json};

#[test]
fn a_client_may_shake_hands_or_look_around_first() {
    let fake = Fake::agreeable(json!([session(900_001, "idle", "api", 0)]));
    let mut old = Mcp::open(fake.vmux(&["mcp"]));
    assert!(old.tools().contains(&"list_sessions".to_owned()));
    assert_eq!(old.call("list_sessions", json!({}))["total"], 1);
    assert_eq!(old.close(), 0);

    let mut new = Mcp::start(fake.vmux(&["mcp"]));
    new.meta = meta();
    let about = new.ask("server/discover", json!({}));
    let versions = about["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!(WITHOUT_HANDSHAKE)), "{about}");
    assert!(versions.contains(&json!(WITH_HANDSHAKE)), "{about}");
    assert!(new.tools().contains(&"list_sessions".to_owned()));
    assert_eq!(new.call("list_sessions", json!({}))["total"], 1);
    assert_eq!(new.close(), 0);

    // One that looks around and then shakes hands all the same.
    let mut both = Mcp::start(fake.vmux(&["mcp"]));
    both.meta = meta();
    both.ask("server/discover", json!({}));
    both.meta = Value::Null;
    both.ask("initialize", initialize());
    both.notify("notifications/initialized", json!({}));
    assert_eq!(both.call("list_sessions", json!({}))["total"], 1);
    // It tells what it can, and how it is to be used.
    let about = Mcp::start(fake.vmux(&["mcp"])).ask("initialize", initialize());
    assert_eq!(about["serverInfo"]["name"], "vmux");
    assert_eq!(about["capabilities"]["tools"]["listChanged"], true);
    assert!(about["instructions"].as_str().unwrap().len() < 2000);
}

#[test]
fn bad_input_gets_an_answer_and_the_server_goes_on() {
    let fake = Fake::agreeable(json!([session(900_001, "idle", "api", 0)]));
    let mut mcp = Mcp::open(fake.vmux(&["mcp"]));
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let long = format!(r#"{{"jsonrpc":"2.0","id":"x","method":"{}"}}"#, "y".repeat(2_000_000));
    let lines: [&[u8]; 9] = [
        b"",
        b"hello",
        b"{",
        b"[1, 2]",
        b"null",
        b"\xff\xfe{}",
        b"{\"jsonrpc\":\"1.0\",\"method\":\"tools/list\"}",
        &deep,
        long.as_bytes(),
    ];
    for line in lines {
        mcp.send(line);
    }
    assert_eq!(mcp.call("list_sessions", json!({}))["total"], 1);
    let refused = mcp.told.iter().filter(|it| it["error"]["code"] == -32700).count();
    assert_eq!(refused, 4, "{:?}", mcp.told);
    mcp.send(br#"{"jsonrpc":"2.0","id":"p","method":"tools/call"}"#);
    let told = mcp.first(|it| it["error"]["code"] == -32600 || it["id"] == "p");
    assert!(told["error"]["message"].is_string(), "{told}");
    let mut error = |method: &str, params: Value| {
        let id = mcp.begin(method, params);
        let response = mcp.response(id);
        assert!(response["result"].is_null(), "{response}");
        response["error"]["code"].as_i64().unwrap()
    };
    assert_eq!(error("no/such", json!({})), -32601);
    assert_eq!(error("tools/call", json!({ "name": "no_such_tool" })), -32602);
    error("tools/call", json!({ "name": 5 }));
    error("tools/call", json!({ "name": "list_sessions", "arguments": [] }));
    error("resources/read", json!({ "uri": "vmux://nothing" }));
    error("resources/read", json!({ "uri": "file:///etc/passwd" }));
    error("prompts/get", json!({ "name": "nobody" }));
    // Wrong arguments are told to the model, which can put them right.
    for (tool, arguments, says) in [
        ("list_sessions", json!({ "limit": "many" }), "wrong arguments"),
        ("list_sessions", json!({ "limit": -1 }), "wrong arguments"),
        ("list_sessions", json!({ "states": ["tired"] }), "needs_input"),
        ("list_sessions", json!({ "all": true }), "unknown field `all`"),
        ("get_session", json!({}), "missing field `session`"),
        ("get_session", json!({ "session": 4711 }), "no session matches \"4711\""),
        ("get_session", json!({ "session": [4711] }), "wrong arguments"),
        ("get_session", json!({ "session": "nobody" }), "no session matches \"nobody\""),
        ("get_session", json!({ "session": "" }), "no session matches"),
        ("get_session", json!({ "session": "self" }), "the session that calls"),
        ("wait_for_session", json!({ "session": "api", "until": "idle" }), "wrong arguments"),
        ("servers", json!({ "scope": "all", "session": "api" }), "exclude each other"),
        ("free_port", json!({ "from": 70000 }), "wrong arguments"),
    ] {
        let said = mcp.fail(tool, arguments.clone());
        assert!(said.contains(says), "{tool} {arguments}: {said}");
    }
    assert_eq!(mcp.close(), 0);
}

#[test]
fn it_ends_with_its_client() {
    let fake = Fake::agreeable(json!([session(900_001, "working", "api", 0)]));
    // At once, and after a handshake.
    assert_eq!(Mcp::start(fake.vmux(&["mcp"])).close(), 0);
    assert_eq!(Mcp::open(fake.vmux(&["mcp"])).close(), 0);
    // While a call waits.
    let mut waits = Mcp::open(fake.vmux(&["mcp"]));
    waits.begin(
        "tools/call",
        json!({ "name": "wait_for_session", "arguments": { "session": "api" } }),
    );
    fake.wait_for_subscribers(1);
    assert_eq!(waits.close(), 0);
    fake.wait_for_hang_up();
    // What was asked before the end is answered: a script may write all of it at once.
    let mut asked = Mcp::open(fake.vmux(&["mcp"]));
    let id = asked.begin("tools/call", json!({ "name": "list_sessions", "arguments": {} }));
    asked.stdin = None;
    assert_eq!(asked.response(id)["result"]["structuredContent"]["total"], 1);
    assert_eq!(asked.close(), 0);
}

#[test]
fn a_client_that_does_not_speak_the_protocol_is_told_so() {
    let fake = Fake::agreeable(json!([]));
    let mut mcp = Mcp::start(fake.vmux(&["mcp"]));
    let id = mcp.begin("tools/list", json!({}));
    assert!(mcp.response(id)["error"]["message"].is_string());
    // And may still begin as it should.
    assert_eq!(mcp.ask("initialize", initialize())["protocolVersion"], WITH_HANDSHAKE);
}
