//! Prompts and their answers, with a real vmuxd and real hooks.

use super::notify;
use crate::support::desk::sway::Sway;
use crate::support::dunst::{Bus, Display};
use crate::support::world::{Daemon, FakeProcess, World, ago, until};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};

const PID: u32 = 100;

/// A session that waits for a permission.
fn waiting(world: &World) -> FakeProcess {
    let process = world.claude(PID).live();
    world.session_file(&process, waits());
    process
}

fn waits() -> Value {
    let since = ago(0).timestamp_millis();
    json!({"status": "waiting", "waitingFor": "permission prompt", "statusUpdatedAt": since})
}

fn payload(command: &str) -> Value {
    json!({
        "session_id": "session-of-100", "hook_event_name": "PermissionRequest", "cwd": "/w",
        "tool_name": "Bash", "tool_input": {"command": command},
        "permission_suggestions": [{"type": "addRules", "behavior": "allow",
            "destination": "session", "rules": [{"toolName": "Bash", "ruleContent": "x:*"}]}],
    })
}

/// A hook that waits, as Claude Code starts it.
fn hook(world: &World, payload: &Value) -> Child {
    let mut command = world.vmux();
    command.args(["hook", "--answer"]).env("CLAUDE_PID", PID.to_string());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(payload.to_string().as_bytes()).unwrap();
    child
}

/// What a hook says before it ends.
fn said(mut hook: Child) -> Value {
    let mut text = String::new();
    hook.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(hook.wait().unwrap().success());
    if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
}

fn prompts(daemon: &Daemon) -> Vec<Value> {
    daemon.ask("pending", json!({}))["prompts"].as_array().unwrap().clone()
}

fn until_open(daemon: &Daemon, count: usize) -> Vec<Value> {
    until("prompts", || prompts(daemon).len() == count);
    prompts(daemon)
}

fn id(prompt: &Value) -> &str {
    prompt["id"].as_str().unwrap()
}

/// `vmux WORDS`: its exit code, and what it printed.
fn vmux(world: &World, words: &[&str]) -> (i32, String) {
    let output = world.vmux().args(words).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn a_hook_waits_and_says_what_the_user_answers() {
    let world = World::new();
    let _process = waiting(&world);
    let daemon = world.open();
    let waits = hook(&world, &payload("rm -rf \u{1b}[2K\u{202e}x\nvmux"));
    let prompt = until_open(&daemon, 1).remove(0);
    assert_eq!(prompt["input"]["command"], "rm -rf \\u{1b}[2K\\u{202e}x\nvmux");
    assert_eq!(prompt["always"], json!(["Bash(x:*), for this session"]));
    let (code, shown) = vmux(&world, &["pending"]);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("  │   rm -rf \\u{1b}[2K\\u{202e}x\n  │   vmux\n"), "{shown}");
    let wrong = daemon.ask("answer", json!({"query": "100", "answer": {"reply": ["1"]}}));
    assert_eq!(wrong["code"], "not_answerable", "{wrong}");
    let (code, text) = vmux(&world, &["answer", "100", "always"]);
    assert_eq!(code, 0, "{text}");
    let decision = &said(waits)["hookSpecificOutput"]["decision"];
    assert_eq!(decision["behavior"], "allow");
    assert_eq!(decision["updatedPermissions"], payload("")["permission_suggestions"]);
    let over = daemon.ask("answer", json!({"prompt": id(&prompt), "answer": "always"}));
    assert_eq!((&over["code"], &over["prompts"]), (&json!("over"), &json!([])), "{over}");
    let (code, _) = vmux(&world, &["deny", id(&prompt)]);
    assert_eq!(code, 7);
    let (code, text) = vmux(&world, &["pending", id(&prompt)]);
    assert!(code == 7 && text.contains("is over: it was answered"), "{code} {text}");
    let (code, _) = vmux(&world, &["deny", "100"]);
    assert_eq!(code, 8);
    // It waits for something that no hook waits for.
    let (code, text) = vmux(&world, &["pending", "--json", "100"]);
    let listed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &listed[0]["way"]), (0, &json!("terminal")), "{text}");
    assert_eq!(listed[0]["why"], "no hook waits for it, and no keys are allowed");
    let (code, text) = vmux(&world, &["allow", listed[0]["id"].as_str().unwrap()]);
    assert!(code == 8 && text.contains("no keys are allowed; nothing was sent"), "{code} {text}");
    // The log is written by another thread.
    let log = world.home().join(".vmux/answers.log");
    until("the log", || log.metadata().is_ok_and(|it| it.len() > 0));
    assert_eq!(log.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let line: Value = serde_json::from_slice(&std::fs::read(log).unwrap()).unwrap();
    let told = (&line["answer"], &line["door"], &line["way"], &line["taken"]);
    assert_eq!(told, (&json!("always"), &json!("vmux answer"), &json!("hook"), &json!(true)));
}

#[test]
fn a_hook_ends_without_a_word_when_nobody_waits_any_more() {
    let world = World::new();
    let process = waiting(&world);
    // No vmuxd.
    assert_eq!(said(hook(&world, &payload("a"))), Value::Null);
    let mut daemon = world.open();
    // The user answers in the terminal.
    let waits_for_user = hook(&world, &payload("a"));
    until_open(&daemon, 1);
    let since = ago(0).timestamp_millis();
    world.session_file(&process, json!({"status": "busy", "statusUpdatedAt": since}));
    assert_eq!(said(waits_for_user), Value::Null);
    assert_eq!(prompts(&daemon), [] as [Value; 0]);
    // Its call has run, while another one waits.
    world.session_file(&process, waits());
    daemon.listen().until(|all| all[0].waiting_since.is_some());
    let (first, second) = (hook(&world, &payload("a")), hook(&world, &payload("b")));
    until_open(&daemon, 2);
    let mut ran = payload("a");
    ran["hook_event_name"] = json!("PostToolUse");
    assert_eq!(said(hook(&world, &ran)), Value::Null);
    assert_eq!(said(first), Value::Null);
    assert_eq!(until_open(&daemon, 1)[0]["input"]["command"], "b");
    // vmuxd ends.
    daemon.ask("stop", json!({}));
    assert_eq!(said(second), Value::Null);
    daemon.wait();
}

#[test]
fn a_hook_that_is_ended_takes_its_prompt_with_it() {
    let world = World::new();
    let _process = waiting(&world);
    let daemon = world.open();
    let mut waits = hook(&world, &payload("a"));
    let prompt = until_open(&daemon, 1).remove(0);
    waits.kill().unwrap();
    waits.wait().unwrap();
    until_open(&daemon, 0);
    let over = daemon.ask("answer", json!({"prompt": id(&prompt), "answer": {"allow": {}}}));
    assert_eq!(over["code"], "over", "{over}");
}

#[test]
fn a_session_without_a_dialog_is_not_held_up() {
    let world = World::new();
    let process = world.claude(PID).live();
    world.session_file(&process, json!({"status": "busy", "entrypoint": "sdk-cli"}));
    let daemon = world.open();
    assert_eq!(said(hook(&world, &payload("a"))), Value::Null);
    assert_eq!(prompts(&daemon), [] as [Value; 0]);
}

/// A connection of a hook, by hand.
struct Asking {
    lines: BufReader<UnixStream>,
    id: String,
}

impl Asking {
    fn new(daemon: &Daemon, command: &str) -> Asking {
        let mut stream = daemon.connect();
        let report = json!({"session_id": "session-of-100", "event": "PermissionRequest",
            "tool": "Bash", "input": command, "pid": PID});
        let args = json!({"report": report, "input": {"command": command}, "cwd": "/w",
            "hook_pid": 7, "hook_start": 9});
        writeln!(stream, "{}", json!({"action": "ask", "args": args})).unwrap();
        let mut asking = Asking { lines: BufReader::new(stream), id: String::new() };
        asking.id = asking.line()["prompt"].as_str().unwrap().to_owned();
        asking
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or(Value::Null)
    }
}

/// An answer that is under way.
struct Answering(BufReader<UnixStream>);

impl Answering {
    fn new(daemon: &Daemon, prompt: &str, answer: &Value) -> Answering {
        let mut stream = daemon.connect();
        let args = json!({"prompt": prompt, "query": "100", "answer": answer});
        writeln!(stream, "{}", json!({"action": "answer", "args": args})).unwrap();
        Answering(BufReader::new(stream))
    }

    fn reply(mut self) -> Value {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

/// The hook is told `behavior`, passes it on, and the one who answered is told that.
fn is_passed_on(daemon: &Daemon, asking: &mut Asking, answering: Answering, behavior: &str) {
    let outcome = asking.line();
    assert_eq!((&outcome["event"], &outcome["behavior"]), (&json!("decided"), &json!(behavior)));
    assert_eq!(daemon.ask("answered", json!({"prompt": asking.id}))["ok"], true);
    assert_eq!(answering.reply()["prompt"], asking.id.as_str());
}

#[test]
fn a_thousand_prompts_that_change_while_answers_arrive_get_no_answer_of_another() {
    let world = World::new();
    let _process = waiting(&world);
    let daemon = world.open();
    let (allow, deny) = (json!({"allow": {}}), json!({"deny": {}}));
    for round in 0..1000 {
        // The user has seen this prompt, and allows it while another one asks.
        let mut seen = Asking::new(&daemon, "the first");
        let (ends, asks_first) = (round % 3 == 0, round % 2 == 0);
        if ends {
            seen.lines.get_ref().shutdown(std::net::Shutdown::Both).unwrap();
        }
        let other = asks_first.then(|| Asking::new(&daemon, "the second"));
        let answering = Answering::new(&daemon, &seen.id, &allow);
        let mut other = other.unwrap_or_else(|| Asking::new(&daemon, "the second"));
        match ends {
            true => assert_eq!(answering.reply()["code"], "over"),
            false => is_passed_on(&daemon, &mut seen, answering, "allow"),
        }
        // The other one was told nothing: what it is told first is its own answer.
        let answering = Answering::new(&daemon, &other.id, &deny);
        is_passed_on(&daemon, &mut other, answering, "deny");
    }
    assert_eq!(prompts(&daemon), [] as [Value; 0]);
}

#[test]
fn hooks_that_wait_cost_little_memory() {
    let world = World::new();
    let _process = waiting(&world);
    let daemon = world.open();
    let few: Vec<Asking> = (0..4).map(|_| Asking::new(&daemon, "x")).collect();
    let before = crate::faults::status(daemon.pid(), "VmRSS");
    let more: Vec<Asking> = (0..28).map(|_| Asking::new(&daemon, "x")).collect();
    let grown = crate::faults::status(daemon.pid(), "VmRSS").saturating_sub(before);
    println!("{} hooks that wait: {grown} KiB more", more.len());
    assert!(grown <= 30 * more.len() as u64, "{grown} KiB");
    drop((few, more));
    until_open(&daemon, 0);
}

#[test]
fn a_notification_has_buttons_for_what_it_shows_whole() {
    let (world, process) = notify::world("desktop = true", "api");
    let (display, mut bus) = (Display::new(), Bus::new());
    bus.dunst(&display.name, "Allow");
    let daemon = notify::vmuxd(&world, bus.address());
    let waits = hook(&world, &payload("git push && echo '<b>'"));
    let prompt = until_open(&daemon, 1).remove(0);
    notify::turn(&world, &process, "waiting");
    let shown = bus.notify();
    bus.line("method return");
    let asked = "Bash: git push &amp;&amp; echo &#39;&lt;b&gt;&#39;";
    assert!(shown.body.starts_with(asked), "{}", shown.body);
    let (allow, deny) = (format!("allow-{}", id(&prompt)), format!("deny-{}", id(&prompt)));
    assert_eq!(shown.actions[2..6], [&allow, "Allow", &deny, "Deny"]);
    display.shot("dunst-answers");
    bus.run(&["dunstctl", "context"]);
    bus.line("member=ActionInvoked");
    assert_eq!(said(waits)["hookSpecificOutput"]["decision"]["behavior"], "allow");
    // What a notification cannot show whole has no such buttons.
    notify::turn(&world, &process, "busy");
    let long = hook(&world, &payload(&"x".repeat(500)));
    until_open(&daemon, 1);
    notify::turn(&world, &process, "waiting");
    let shown = bus.notify();
    assert!(!shown.actions.iter().any(|it| it == "Allow"), "{:?}", shown.actions);
    notify::turn(&world, &process, "busy");
    assert_eq!(said(long), Value::Null);
}

#[tokio::test]
async fn mako_offers_the_answers_in_its_menu() {
    let (world, process) = notify::world("desktop = true", "api");
    let sway = Sway::new().await;
    let mut bus = Bus::new();
    bus.mako(&sway.env);
    let daemon = notify::vmuxd(&world, bus.address());
    for (choice, answer) in [("allow", "allow"), ("deny", "deny")] {
        let waits = hook(&world, &payload("git push"));
        let prompt = until_open(&daemon, 1).remove(0);
        notify::turn(&world, &process, "waiting");
        let shown = bus.notify();
        bus.line("method return");
        let action = format!("{choice}-{}", id(&prompt));
        assert!(shown.actions.contains(&action), "{:?}", shown.actions);
        bus.run(&["makoctl", "invoke", &action]);
        bus.line("member=ActionInvoked");
        assert_eq!(said(waits)["hookSpecificOutput"]["decision"]["behavior"], answer);
        notify::turn(&world, &process, "busy");
    }
}
