//! Tools that act: only with a right of the configuration, and each says who did it.

use super::Mcp;
use crate::support::fake::{Fake, session};
use crate::support::world::{World, ago, until, write_whole};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::process::{Child, Stdio};

const OWN: &str = "session-of-900100";

/// A hook of this session that waits for an answer, as Claude Code starts it.
fn hook(world: &World, pid: u32) -> Child {
    let payload = json!({
        "session_id": format!("session-of-{pid}"), "hook_event_name": "PermissionRequest",
        "cwd": "/w", "tool_name": "Bash", "tool_input": {"command": "make deploy"},
    });
    let mut command = world.vmux();
    command.args(["hook", "--answer"]).env("CLAUDE_PID", pid.to_string());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(payload.to_string().as_bytes()).unwrap();
    child
}

#[test]
fn an_answer_needs_the_right_names_who_gave_it_and_is_never_for_oneself() {
    let world = World::new();
    let processes = [900_100, 900_200].map(|pid| world.claude(pid).live());
    let since = ago(0).timestamp_millis();
    let waits =
        json!({"status": "waiting", "waitingFor": "permission prompt", "statusUpdatedAt": since});
    for process in &processes {
        world.session_file(process, waits.clone());
    }
    let daemon = world.open();
    let mut hooks = [900_100, 900_200].map(|pid| hook(&world, pid));
    let open = || daemon.ask("pending", json!({}))["prompts"].as_array().unwrap().len();
    until("two prompts", || open() == 2);
    let mut command = world.vmux();
    command.arg("mcp").env("CLAUDE_CODE_SESSION_ID", OWN);
    let mut mcp = Mcp::open(command);
    let other = mcp.call("get_session", json!({"session": "900200"}));
    let prompt = &other["prompts"][0];
    assert_eq!((&prompt["tool"], &prompt["kind"]), (&json!("Bash"), &json!("permission")));
    assert_eq!(prompt["input"], json!({"command": "make deploy"}));
    let answer = json!({"prompt": prompt["prompt"], "answer": "allow"});
    // Without the right it is not shown, and does nothing.
    assert!(!mcp.tools().contains(&"answer".to_owned()));
    let said = mcp.fail("answer", answer.clone());
    assert!(said.contains("does not allow") && said.contains("config.toml"), "{said}");
    assert_eq!(open(), 2);
    // The client hears of the change at once.
    let config = world.home().join(".vmux/config.toml");
    write_whole(&config, "[mcp]\nallow = [\"answer\"]\n");
    mcp.notification("notifications/tools/list_changed");
    assert!(mcp.tools().contains(&"answer".to_owned()));
    let own = mcp.call("get_session", json!({"session": "self"}));
    let own = json!({"prompt": own["prompts"][0]["prompt"], "answer": "allow"});
    let said = mcp.fail("answer", own);
    assert!(said.contains("its own prompts"), "{said}");
    for (wrong, says) in [
        (json!({"prompt": "900200", "answer": "allow"}), "no open prompt"),
        (json!({"prompt": prompt["prompt"], "answer": "allow", "message": "x"}), "belongs to deny"),
        (json!({"prompt": prompt["prompt"], "answer": "reply"}), "belong to reply"),
        (json!({"prompt": prompt["prompt"], "answer": "reply", "replies": ["1"]}), "hint: "),
        (json!({"prompt": prompt["prompt"], "answer": "maybe"}), "wrong arguments"),
        (json!({"prompt": "x\u{1b}[2J", "answer": "allow"}), "no open prompt x"),
    ] {
        let said = mcp.fail("answer", wrong.clone());
        assert!(said.contains(says) && !said.contains('\u{1b}'), "{wrong}: {said}");
    }
    assert_eq!(open(), 2);
    let done = mcp.call("answer", answer.clone());
    assert_eq!(done["answered"], prompt["prompt"]);
    let mut said = String::new();
    hooks[1].stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("\"allow\""), "{said}");
    assert!(hooks[1].wait().unwrap().success());
    assert!(mcp.fail("answer", answer).contains("is over: it was answered"));
    let log = world.home().join(".vmux/answers.log");
    until("the log", || log.metadata().is_ok_and(|it| it.len() > 0));
    let line: Value = serde_json::from_slice(&std::fs::read(log).unwrap()).unwrap();
    assert_eq!((&line["door"], &line["answer"]), (&json!(format!("mcp {OWN}")), &json!("allow")));
    // What is taken away, or cannot be read, is not allowed.
    write_whole(&config, "[mcp]\nallow = [\"everything\"]\n");
    mcp.notification("notifications/tools/list_changed");
    assert!(!mcp.tools().contains(&"answer".to_owned()));
    hooks[0].kill().unwrap();
    hooks[0].wait().unwrap();
}

#[test]
fn a_client_without_a_handshake_subscribes_to_changes_of_the_tools() {
    let fake = Fake::agreeable(json!([]));
    let home = fake.dir().join("vmux");
    std::fs::create_dir(&home).unwrap();
    let mut mcp = Mcp::start(fake.vmux(&["mcp"]));
    mcp.meta = super::meta();
    mcp.begin("subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}));
    mcp.notification("notifications/subscriptions/acknowledged");
    let before = mcp.tools().len();
    write_whole(home.join("config.toml"), "[mcp]\nallow = [\"label\"]\n");
    mcp.notification("notifications/tools/list_changed");
    assert_eq!(mcp.tools().len(), before + 1);
    // What changes nothing for the tools is not told: the next message is the answer.
    write_whole(home.join("config.toml"), "[mcp]\nallow = [\"label\", \"label\"]\n");
    write_whole(home.join("labels.json"), "{}");
    assert_eq!(mcp.tools().len(), before + 1);
    assert!(mcp.told.is_empty(), "{:?}", mcp.told);
}

#[test]
fn a_label_and_a_switch_name_the_very_session() {
    let fake = Fake::agreeable(json!([
        session(900_007, "idle", "api", 0),
        session(900_008, "idle", "web", 0)
    ]));
    let home = fake.dir().join("vmux");
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("config.toml"), "[mcp]\nallow = [\"label\", \"switch\"]\n").unwrap();
    let mut mcp = Mcp::open(fake.vmux(&["mcp"]));
    let tools = mcp.tools();
    assert!(tools.contains(&"label".to_owned()) && tools.contains(&"switch".to_owned()));
    assert!(!tools.contains(&"answer".to_owned()));
    mcp.call("label", json!({"session": "web", "label": "release"}));
    mcp.call("switch", json!({"session": "api"}));
    let id = "00900008-aaaa-4000-8000-000000000000";
    let asked = fake.asked();
    let label = json!({"action": "label", "args": {"session_id": id, "label": "release"}});
    assert!(asked.contains(&label), "{asked:?}");
    assert!(
        asked.contains(&json!({"action": "switch", "args": {"query": "900007:1"}})),
        "{asked:?}"
    );
    let said = mcp.fail("switch", json!({"session": "i"}));
    assert!(said.contains("no session matches") || said.contains("means"), "{said}");
}

#[test]
fn a_message_says_whom_it_is_from_and_goes_through_its_own_door() {
    let sessions =
        json!([session(900_007, "working", "api", 0), session(900_008, "idle", "web", 0)]);
    let fake = Fake::new(sessions, |request| match request["args"]["queue"].as_bool() {
        Some(true) => json!({"ok": true, "session": session(900_008, "working", "web", 1)}),
        _ => json!({"ok": false, "code": "not_sent", "error": "web: it works", "hint": "--queue"}),
    });
    let home = fake.dir().join("vmux");
    std::fs::create_dir(&home).unwrap();
    let id = "00900007-aaaa-4000-8000-000000000000";
    let mut command = fake.vmux(&["mcp"]);
    command.env("CLAUDE_CODE_SESSION_ID", id);
    let mut mcp = Mcp::open(command);
    let message = json!({"session": "web", "message": "/clear", "queue": true});
    let said = mcp.fail("send_message", message.clone());
    assert!(said.contains("allow = [\"send\"] in [mcp]"), "{said}");
    write_whole(home.join("config.toml"), "[mcp]\nallow = [\"send\"]\n");
    assert!(mcp.tools().contains(&"send_message".to_owned()));
    assert_eq!(mcp.call("send_message", message)["sent"], true);
    let from = "Message from the Claude Code session \"api\" (900007:1), through vmux, not typed by the user:";
    let sent = json!({"action": "send", "args": {"query": "900008:1", "queue": true,
        "text": format!("{from}\n/clear"), "door": format!("mcp {id}")}});
    let asked = fake.asked();
    assert!(asked.contains(&sent), "{asked:?}");
    let said = mcp.fail("send_message", json!({"session": "web", "message": "x"}));
    assert_eq!(said, "web: it works\nhint: --queue");
    for (session, message) in [("self", "x"), ("web", " "), ("web", &*"x".repeat(8001))] {
        mcp.fail("send_message", json!({"session": session, "message": message}));
    }
    assert_eq!(fake.asked().iter().filter(|it| it["action"] == "send").count(), 2);
}

#[test]
fn a_session_is_started_where_the_caller_is() {
    let fake = Fake::new(json!([]), |request| match request["args"]["name"].as_str() {
        Some("web") => json!({"ok": false, "code": "taken", "error": "\"web\" runs already"}),
        Some("--x") => json!({"ok": false, "code": "bad_request", "error": "no name"}),
        _ if request["action"] == "reserve" => json!({"ok": true}),
        _ => json!({"ok": true, "session": session(900_009, "idle", "docs", 0)}),
    });
    let home = fake.dir().join("vmux");
    std::fs::create_dir(&home).unwrap();
    let mut command = fake.vmux(&["mcp"]);
    command.env("CLAUDE_PROJECT_DIR", "/src/shop");
    let mut mcp = Mcp::open(command);
    assert_eq!(mcp.call("check_name", json!({"name": "docs"}))["free"], true);
    for name in ["web", "--x"] {
        let told = mcp.call("check_name", json!({ "name": name }));
        assert!(told["free"] == false && told["why"].is_string(), "{told}");
    }
    assert!(mcp.fail("new_session", json!({"name": "docs"})).contains("does not allow"));
    write_whole(home.join("config.toml"), "[mcp]\nallow = [\"new\"]\n");
    let begun = mcp.call("new_session", json!({"name": "docs", "worktree": true, "prompt": "Go."}));
    assert_eq!((&begun["title"], &begun["session"]), (&json!("docs"), &json!("900009:1")));
    mcp.call("new_session", json!({"name": "docs", "directory": "../web"}));
    mcp.call("new_session", json!({"name": "docs", "template": "review"}));
    assert!(mcp.fail("new_session", json!({"name": "web"})).contains("runs already"));
    let asked = fake.asked();
    for args in [
        json!({"name": "docs", "dir": "/src/shop", "worktree": "", "prompt": "Go."}),
        json!({"name": "docs", "dir": "/src/web"}),
        json!({"name": "docs", "template": "review"}),
    ] {
        assert!(asked.contains(&json!({"action": "new", "args": args})), "{args}: {asked:?}");
    }
    // No argument of Claude Code, and no other machine.
    for more in [json!({"args": ["--dangerously-skip-permissions"]}), json!({"host": "gpu"})] {
        let mut arguments = json!({"name": "docs"});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert!(mcp.fail("new_session", arguments).contains("unknown field"));
    }
}
