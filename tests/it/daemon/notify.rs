//! Notifications: on a real dunst, on a bus that is not there, and to a phone's server.

use crate::support::desk::{Screen, eventually, need_own_processes};
use crate::support::dunst::{Bus, Display};
use crate::support::world::process::FakeProcess;
use crate::support::world::{DEADLINE, Daemon, World, until, until_stopped, write_whole};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;

/// A world whose session 100, labelled `label`, works, with `config` under `[notify]`.
pub fn world(config: &str, label: &str) -> (World, FakeProcess) {
    let world = World::new();
    fs::create_dir_all(world.path("home/.vmux")).unwrap();
    fs::write(world.path("home/.vmux/config.toml"), format!("[notify]\n{config}\n")).unwrap();
    fs::write(world.labels(), json!({ "session-of-100": label }).to_string()).unwrap();
    let process = world.claude(100).live();
    turn(&world, &process, "busy");
    (world, process)
}

/// The session begins to be `busy`, `idle` or `waiting`.
pub fn turn(world: &World, process: &FakeProcess, status: &str) {
    let now = chrono::Utc::now().timestamp_millis();
    let mut fields = json!({ "status": status, "updatedAt": now, "statusUpdatedAt": now });
    if status == "waiting" {
        fields["waitingFor"] = "permission prompt".into();
    }
    world.session_file(process, fields);
}

/// Its transcript asks to run `command`.
pub fn wants_to_run(world: &World, command: &str) {
    let file = "testdata/claude/corpus/2.1.329/s05_perm_approve/t1_permission_fresh.A.jsonl";
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let mut out = String::new();
    for line in text.lines() {
        let mut entry: Value = serde_json::from_str(line).unwrap();
        for (name, value) in [("sessionId", "session-of-100"), ("timestamp", &now)] {
            if entry.get(name).is_some() {
                entry[name] = value.into();
            }
        }
        if let Some(input) = entry.pointer_mut("/message/content/0/input") {
            *input = json!({ "command": command });
        }
        out.push_str(&format!("{entry}\n"));
    }
    let name = world.path("w").display().to_string().replace(|c: char| !c.is_alphanumeric(), "-");
    let dir = world.path("home/.claude/projects").join(name);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("session-of-100.jsonl"), out).unwrap();
}

pub fn vmuxd(world: &World, address: &str) -> Daemon {
    let mut command = world.vmuxd();
    command.args(["--interval", "3600"]).env("DBUS_SESSION_BUS_ADDRESS", address);
    Daemon::start(world, command)
}

#[test]
fn a_wait_is_shown_and_withdrawn_an_end_is_shown_until_it_is_seen() {
    let (world, process) = world("desktop = true", "api-fix");
    fs::create_dir(world.path("w/.git")).unwrap();
    fs::write(world.path("w/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let (display, mut bus) = (Display::new(), Bus::new());
    bus.dunst(&display.name, "Focus");
    let daemon = vmuxd(&world, bus.address());
    wants_to_run(&world, "git push origin main && echo '<done>'");
    turn(&world, &process, "waiting");
    let shown = bus.notify();
    assert_eq!(shown.summary, "api-fix needs permission");
    let asked = "Bash: git push origin main &amp;&amp; echo &#39;&lt;done&gt;&#39;";
    assert_eq!(shown.body, format!("{asked}\nw · main"));
    assert_eq!((shown.replaces, shown.urgency), (0, 1));
    assert_eq!(shown.actions, ["default", "Focus", "snooze", "Snooze 10 min"]);
    bus.line("method return");
    display.shot("dunst-waits");
    turn(&world, &process, "busy");
    let (id, why) = bus.closed();
    assert_eq!(why, 3, "closed by a call of CloseNotification");
    turn(&world, &process, "idle");
    let shown = bus.notify();
    assert_eq!((shown.summary.as_str(), shown.urgency), ("api-fix finished", 0));
    bus.line("method return");
    display.shot("dunst-finished");
    assert_eq!(daemon.ask("ack", json!({"query": "100"}))["ok"], true);
    assert_eq!(bus.closed(), (id + 1, 3));
}

#[test]
fn strangers_words_are_shown_harmlessly() {
    let (world, process) = world("desktop = true", "<b>api</b> & \"fix\"");
    let (display, mut bus) = (Display::new(), Bus::new());
    bus.dunst(&display.name, "Focus");
    let _daemon = vmuxd(&world, bus.address());
    let now = chrono::Utc::now().timestamp_millis();
    let waits = "dialog <b>open</b> && \"x\" %s %{F#f00} \u{1b}[31m \u{202e}live\n<img src='/x'/>";
    world.session_file(
        &process,
        json!({ "status": "waiting", "statusUpdatedAt": now, "updatedAt": now, "waitingFor": waits }),
    );
    let shown = bus.notify();
    bus.line("method return");
    display.shot("dunst-strange");
    let text = format!("{}\n{}", shown.summary, shown.body);
    assert!(!text.contains(['\u{1b}', '\u{202e}']) && !shown.body.contains(['<', '>']), "{text}");
}

#[test]
fn two_sessions_with_the_same_words_are_two_notifications() {
    let (world, one) = world("desktop = true", "api");
    let two = world.claude(101).live();
    turn(&world, &two, "busy");
    fs::write(world.labels(), "{}").unwrap();
    let (display, mut bus) = (Display::new(), Bus::new());
    bus.dunst(&display.name, "Focus");
    let _daemon = vmuxd(&world, bus.address());
    turn(&world, &one, "waiting");
    let first = bus.notify();
    bus.line("method return");
    turn(&world, &two, "waiting");
    let second = bus.notify();
    bus.line("method return");
    assert_eq!((&first.summary, second.replaces), (&second.summary, 0));
    assert_eq!(second.body, format!("{}\npid 101", first.body));
    // The first one to end is the one whose wait is over, and not one that dunst took for the other.
    turn(&world, &two, "busy");
    assert_eq!(bus.closed().1, 3);
}

#[test]
fn snoozed_it_comes_back_and_its_action_leads_to_the_session() {
    let (world, process) = world("desktop = true\nsnooze = \"1s\"", "api");
    let (display, mut bus) = (Display::new(), Bus::new());
    bus.dunst(&display.name, "Snooze");
    let mut daemon = vmuxd(&world, bus.address());
    turn(&world, &process, "waiting");
    bus.notify();
    bus.line("method return");
    bus.run(&["dunstctl", "context"]);
    bus.line("member=ActionInvoked");
    let (id, _) = bus.closed();
    let again = bus.notify();
    assert_eq!((again.replaces, again.summary.as_str()), (0, "api needs permission"));
    bus.line("method return");
    bus.run(&["dunstctl", "action"]);
    bus.line("member=ActionInvoked");
    assert_eq!(bus.closed().0, id + 1);
    // vmuxd hears of it when the bus has told us: the action leads there by itself.
    daemon.until_said("switch to 100: ", 1);
    // There is no window here, and the user is told.
    let told = bus.notify();
    assert_eq!(told.summary, "vmux");
    assert!(!told.body.is_empty());
    daemon.ask("switch", json!({"query": "100"}));
    let words = daemon.last_words();
    assert_eq!(words.matches("switch to 100: ").count(), 2, "{words}");
}

#[test]
fn without_a_bus_that_is_told_once_and_it_is_shown_when_there_is_one() {
    let (world, process) = world("desktop = true", "api");
    let (dir, address) = Bus::later();
    let mut daemon = vmuxd(&world, &address);
    assert!(!daemon.problems().contains("desktop notifications"), "nothing to show yet");
    turn(&world, &process, "waiting");
    daemon.until_problems(|it| it.contains("no desktop notifications: "));
    let display = Display::new();
    let mut bus = Bus::at(dir, "bus");
    let first = bus.dunst(&display.name, "Focus");
    assert_eq!(bus.notify().summary, "api needs permission");
    daemon.until_problems(|it| !it.contains("no desktop notifications"));
    // Another server knows nothing of what the one before showed.
    bus.end(first);
    bus.dunst(&display.name, "Focus");
    let shown = bus.notify();
    assert_eq!((shown.replaces, shown.summary.as_str()), (0, "api needs permission"));
    let words = daemon.last_words();
    assert_eq!(words.matches("no desktop notifications: failed to connect").count(), 1, "{words}");
}

#[test]
fn switched_off_it_is_taken_back_and_ended_too() {
    let (world, process) = world("desktop = true", "api");
    let (display, mut bus) = (Display::new(), Bus::new());
    bus.dunst(&display.name, "Focus");
    let daemon = vmuxd(&world, bus.address());
    turn(&world, &process, "waiting");
    bus.notify();
    let config = world.path("home/.vmux/config.toml");
    write_whole(&config, "[notify]\ndesktop = false\n");
    let (id, _) = bus.closed();
    write_whole(&config, "[notify]\ndesktop = true\ncolour = 1\n");
    daemon.until_problems(|it| it.contains("colour"));
    turn(&world, &process, "busy");
    let mut listener = daemon.listen();
    listener.until(|sessions| sessions[0].state.word() == "working");
    turn(&world, &process, "waiting");
    bus.notify();
    bus.line("method return");
    daemon.ask("stop", json!({}));
    assert_eq!(bus.closed().0, id + 1);
}

#[test]
fn a_withdrawal_that_the_server_does_not_answer_is_tried_again() {
    let (world, process) = world("desktop = true", "api");
    let (display, mut bus) = (Display::new(), Bus::new());
    let dunst = bus.dunst(&display.name, "Focus");
    let daemon = vmuxd(&world, bus.address());
    turn(&world, &process, "waiting");
    bus.notify();
    // It has answered: now it is known what to take back.
    bus.line("method return");
    let pid = rustix::process::Pid::from_raw(dunst as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    until_stopped(dunst);
    turn(&world, &process, "busy");
    bus.line("member=CloseNotification");
    daemon.until_problems(|it| it.contains("no desktop notifications"));
    bus.line("member=CloseNotification");
}

/// A notification server that closes very many notifications of others before it answers.
async fn flooding_server(address: String) {
    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    let builder = zbus::connection::Builder::address(address.as_str()).name(NAME);
    let connection = builder.build().await.unwrap();
    let mut calls = zbus::MessageStream::from(&connection);
    while let Some(Ok(call)) = futures_util::StreamExt::next(&mut calls).await {
        let header = call.header();
        match header.member().map(|it| it.as_str()) {
            Some("GetCapabilities") => connection.reply(&header, &["actions"].as_slice()).await,
            Some("Notify") => {
                for other in 0..600_u32 {
                    let body = (1000 + other, 1_u32);
                    let none = None::<&str>;
                    let closed =
                        connection.emit_signal(none, PATH, NAME, "NotificationClosed", &body);
                    closed.await.unwrap();
                }
                connection.reply(&header, &7_u32).await
            }
            Some("CloseNotification") => connection.reply(&header, &()).await,
            _ => Ok(()),
        }
        .unwrap();
    }
}

#[test]
fn what_others_close_meanwhile_holds_up_no_notification() {
    let (world, process) = world("desktop = true", "api");
    let bus = Bus::new();
    let address = bus.address().to_owned();
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(flooding_server(address));
    });
    bus.line("member=NameOwnerChanged");
    let mut daemon = vmuxd(&world, bus.address());
    turn(&world, &process, "waiting");
    bus.notify();
    bus.line("method return");
    turn(&world, &process, "busy");
    assert!(bus.line("member=CloseNotification").contains("member"));
    assert_eq!(bus.line("   uint32 ").trim(), "uint32 7");
    let words = daemon.last_words();
    assert!(!words.contains("no desktop notifications"), "{words}");
}

/// A push server on the loopback: what it is sent, and how it answers.
struct Phone {
    listener: TcpListener,
}

impl Phone {
    fn new() -> Phone {
        Phone { listener: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    fn config(&self) -> String {
        let address = self.listener.local_addr().unwrap();
        format!(
            "[notify.push]\nkind = \"ntfy\"\nurl = \"http://{address}/my-topic\"\nafter = 0\n\
             token_env = \"PHONE_TOKEN\""
        )
    }

    /// The next message; its connection stays open as long as the stream.
    fn receive(&self) -> (Value, TcpStream) {
        let (mut stream, _) = self.listener.accept().unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut text = String::new();
        let mut bytes = [0; 4096];
        loop {
            let count = stream.read(&mut bytes).unwrap();
            text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            let body = text.split("\r\n\r\n").nth(1).unwrap_or_default();
            if let Ok(body) = serde_json::from_str(body) {
                assert!(text.contains("Bearer tk_SECRET"), "{text}");
                return (body, stream);
            }
        }
    }
}

fn vmuxd_with_token(world: &World) -> Daemon {
    let mut command = world.vmuxd();
    command.args(["--interval", "3600"]).env("PHONE_TOKEN", "tk_SECRET").env("RUST_LOG", "trace");
    Daemon::start(world, command)
}

#[test]
fn the_phone_is_told_and_the_token_stands_nowhere() {
    let phone = Phone::new();
    let (world, process) = world(&phone.config(), "api");
    let mut daemon = vmuxd_with_token(&world);
    turn(&world, &process, "waiting");
    let (body, mut stream) = phone.receive();
    assert_eq!(
        (&body["topic"], &body["title"]),
        (&json!("my-topic"), &json!("api needs permission"))
    );
    stream.write_all(b"HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n").unwrap();
    daemon.until_problems(|it| it.contains("it refuses the token (HTTP 401)"));
    let told = daemon.problems();
    assert!(!told.contains("SECRET") && !told.contains("my-topic"), "{told}");
    for name in ["cmdline", "environ"] {
        let text = fs::read(format!("/proc/{}/{name}", daemon.pid())).unwrap();
        let is_in = String::from_utf8_lossy(&text).contains("SECRET");
        assert_eq!(is_in, name == "environ");
    }
    assert!(!daemon.last_words().contains("SECRET"));
}

#[test]
fn a_button_on_the_phone_answers_its_prompt_once() {
    let phone = Phone::new();
    let config = phone.config().replace("after = 0", "after = \"2s\"");
    let web = "[web]\nurl = \"https://desk.example\"\nallow = [\"answer\"]";
    let (world, process) =
        world(&format!("{config}\ndetails = true\nbuttons = true\n{web}"), "api");
    let daemon = vmuxd_with_token(&world);
    turn(&world, &process, "waiting");
    let mut hook = world.vmux();
    hook.args(["hook", "--answer"]).env("CLAUDE_PID", "100");
    let mut hook = hook.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let payload = json!({
        "session_id": "session-of-100", "hook_event_name": "PermissionRequest", "cwd": "/w",
        "tool_name": "Bash", "tool_input": {"command": "git push"},
    });
    hook.stdin.take().unwrap().write_all(payload.to_string().as_bytes()).unwrap();
    let (body, _stream) = phone.receive();
    assert!(body["message"].as_str().unwrap().contains("Bash: git push"), "{body}");
    let allow = &body["actions"][0];
    assert_eq!(allow["url"], "https://desk.example/api/answer-once");
    let pressed: Value = serde_json::from_str(allow["body"].as_str().unwrap()).unwrap();
    // The sessions that clients see do not have the token.
    let listed = daemon.ask("list", json!({})).to_string();
    assert!(!listed.contains(pressed["token"].as_str().unwrap()), "{listed}");
    assert_eq!(daemon.ask("answer_once", pressed.clone())["ok"], true);
    let said = hook.wait_with_output().unwrap();
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(said["hookSpecificOutput"]["decision"]["behavior"], "allow");
    assert_eq!(daemon.ask("answer_once", pressed)["code"], "over");
    let log = world.path("home/.vmux/answers.log");
    until("the log", || fs::read_to_string(&log).is_ok_and(|it| it.contains("\"phone\"")));
}

#[test]
fn a_phone_server_that_hangs_holds_up_nobody() {
    let phone = Phone::new();
    let (world, process) = world(&phone.config(), "api");
    let daemon = vmuxd_with_token(&world);
    turn(&world, &process, "waiting");
    let (_, hanging) = phone.receive();
    let mut listener = daemon.listen();
    for status in ["busy", "waiting", "busy"] {
        turn(&world, &process, status);
        let word = if status == "busy" { "working" } else { "needs_input" };
        listener.until(|sessions| sessions[0].state.word() == word);
    }
    // All of that was followed while the message was on its way: nobody has given it up yet.
    hanging.set_nonblocking(true).unwrap();
    let given_up = hanging.peek(&mut [0]);
    assert!(given_up.is_err_and(|it| it.kind() == std::io::ErrorKind::WouldBlock));
    daemon.ask("stop", json!({}));
    drop(hanging);
}

/// A marker on a real display becomes a session that does `status`.
pub fn real_turn(screen: &Screen, pid: u32, status: &str) {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let start = stat.rsplit(") ").next().unwrap().split(' ').nth(19).unwrap();
    let started = vmux::daemon::clock::boot()
        + chrono::TimeDelta::milliseconds(start.parse::<i64>().unwrap() * 10);
    let now = chrono::Utc::now().timestamp_millis();
    let file = json!({
        "pid": pid, "sessionId": format!("session-of-{pid}"), "cwd": screen.dir(),
        "startedAt": started.timestamp_millis(), "procStart": start, "version": "2.1.329",
        "kind": "interactive", "entrypoint": "cli", "status": status, "updatedAt": now,
        "statusUpdatedAt": now, "waitingFor": "permission prompt",
    });
    let dir = screen.dir().join("home/.claude/sessions");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(format!("{pid}.json")), file.to_string()).unwrap();
}

#[tokio::test]
async fn the_session_in_front_is_not_told_and_the_action_leads_to_the_other() {
    need_own_processes();
    let mut screen = Screen::new().await;
    let web = screen.xterm("2", "web").await;
    let api = screen.xterm("1", "api").await;
    let (api_pid, web_pid) = (screen.pid("api").await, screen.pid("web").await);
    let mut bus = Bus::new();
    bus.dunst(&screen.display, "Focus");
    // Other tests have sessions on the real /proc, too.
    let ours = "[[notify.rule]]\nlabel = \"???\"\n[[notify.rule]]\nmute = true";
    let (world, _) = world(&format!("desktop = true\n{ours}"), "none of these");
    let labels =
        json!({ format!("session-of-{api_pid}"): "api", format!("session-of-{web_pid}"): "web" });
    fs::write(world.labels(), labels.to_string()).unwrap();
    for pid in [api_pid, web_pid] {
        real_turn(&screen, pid, "busy");
    }
    let mut command = world.command(env!("CARGO_BIN_EXE_vmuxd"));
    command.args(["--interval", "3600"]).env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    command.env("I3SOCK", screen.socket()).env("DISPLAY", &screen.display);
    let daemon = Daemon::start(&world, command);
    // Then it is known, too, which one is in front.
    daemon.until_placed(&[api_pid, web_pid]);
    let state = |pid| daemon.session(pid).state.word();
    assert_eq!((state(api_pid), state(web_pid)), ("working", "working"));
    assert_eq!(screen.focus().await, Some(api));
    // The second one is due later: what is told first is told of it, so not of the first.
    real_turn(&screen, api_pid, "waiting");
    assert_eq!(state(api_pid), "needs_input");
    real_turn(&screen, web_pid, "waiting");
    assert_eq!(bus.notify().summary, "web needs permission");
    bus.line("method return");
    screen.shot("dunst-i3");
    bus.run(&["dunstctl", "action"]);
    eventually("the focus on web", async || (screen.focus().await == Some(web)).then_some(()))
        .await;
    assert_eq!(screen.focused_workspace().await, "2");
    bus.closed();
    // The one in front finishes: that is seen, and so is not told; the other one's end is.
    real_turn(&screen, web_pid, "busy");
    assert_eq!(state(web_pid), "working");
    real_turn(&screen, api_pid, "busy");
    assert_eq!(state(api_pid), "working");
    real_turn(&screen, web_pid, "idle");
    let mut listener = daemon.listen();
    listener.until(|all| all.iter().any(|it| it.pid == web_pid && it.state.word() == "idle"));
    real_turn(&screen, api_pid, "idle");
    let shown = bus.notify();
    assert_eq!(shown.summary, "api finished");
    // Going there by oneself takes it back.
    screen.workspace("1").await;
    assert_eq!(bus.closed().1, 3);
}

#[tokio::test]
async fn a_detached_session_can_be_attached_from_its_notification() {
    need_own_processes();
    let mut screen = Screen::new().await;
    let script = screen.markers.script("api");
    screen.tmux("s", &["new-session", "-d", "-s", "work", &script]);
    let away = screen.xterm("1", "away").await;
    let pid = screen.pid("api").await;
    let mut bus = Bus::new();
    bus.dunst(&screen.display, "Attach");
    let (world, _) = world("desktop = true", "none of these");
    real_turn(&screen, pid, "busy");
    let mut command = world.command(env!("CARGO_BIN_EXE_vmuxd"));
    command.args(["--interval", "3600"]).env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    command.env("I3SOCK", screen.socket()).env("DISPLAY", &screen.display);
    command.env("TERMINAL", "xterm");
    let daemon = Daemon::start(&world, command);
    daemon.listen().until(|all| all.iter().any(|it| it.pid == pid && it.place.is_some()));
    real_turn(&screen, pid, "waiting");
    let shown = bus.notify();
    assert_eq!(shown.actions[..4], ["default", "Focus", "attach", "Attach"]);
    bus.line("method return");
    // The default action leads nowhere; what says so offers the same.
    bus.run(&["dunstctl", "action"]);
    let told = bus.notify();
    assert_eq!((told.summary.as_str(), told.actions[2].as_str()), ("vmux", "attach"), "{told:?}");
    bus.line("method return");
    screen.shot("dunst-attach");
    assert_eq!(screen.focus().await, Some(away));
    bus.run(&["dunstctl", "context"]);
    eventually("the focus on api", async || {
        let found = screen.find("api").await;
        let window = found.candidates().first().copied()?;
        (screen.focus().await == Some(window)).then_some(())
    })
    .await;
}
