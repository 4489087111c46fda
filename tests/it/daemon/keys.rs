//! What vmuxd types into a terminal: a real tmux, and a program in it that draws what Claude Code draws.

use crate::support::desk::{need, need_own_processes};
use crate::support::program;
use crate::support::world::{Daemon, World, eventually, until};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use vmux::system::boottime::boottime;
use vmux::wm::mux::tmux::keys::{self, Expected, Keys, PaneAddress};

/// A session in a pane of tmux.
pub struct Terminal {
    pub world: World,
    pub daemon: Daemon,
    pub pid: u32,
}

impl Terminal {
    /// With this configuration, and a screen of so many columns and rows.
    pub fn new(config: &str, size: (u32, u32)) -> Terminal {
        Terminal::with_shell(config, size, |run| format!("exec {run}"))
    }

    /// The same; `script` is told the command of the session, and says what the shell of the pane runs.
    pub(super) fn with_shell(
        config: &str,
        size: (u32, u32),
        script: impl Fn(&str) -> String,
    ) -> Terminal {
        need_own_processes();
        need("tmux");
        let world = World::new();
        let claude = world.path("claude");
        program::copy("/usr/bin/python3", &claude);
        fs::write(world.path("tui.py"), include_str!("../support/tui.py")).unwrap();
        fs::create_dir_all(world.home().join(".vmux")).unwrap();
        fs::write(world.home().join(".vmux/config.toml"), config).unwrap();
        let terminal = |world: World, daemon, pid| Terminal { world, daemon, pid };
        let (x, y) = (size.0.to_string(), size.1.to_string());
        let run = format!(
            "{} {} {}",
            claude.display(),
            world.path("tui.py").display(),
            world.path("").display()
        );
        let start = ["new-session", "-d", "-s", "s", "-x", &x, "-y", &y, &script(&run)];
        tmux(&world, &start);
        until("the program", || {
            fs::read_to_string(world.path("pid")).is_ok_and(|it| !it.is_empty())
        });
        let pid = fs::read_to_string(world.path("pid")).unwrap().parse().unwrap();
        let mut command = world.command(env!("CARGO_BIN_EXE_vmuxd"));
        command.args(["--interval", "3600"]);
        let daemon = Daemon::start(&world, command);
        terminal(world, daemon, pid)
    }

    /// Draws a scene.
    pub fn show(&self, scene: &Value) {
        let path = self.world.path("scene");
        fs::write(path.with_extension("new"), scene.to_string()).unwrap();
        fs::rename(path.with_extension("new"), path).unwrap();
        let drawn = || fs::read_to_string(self.world.path("drawn")).unwrap_or_default();
        until("the scene", || serde_json::from_str::<Value>(&drawn()).is_ok_and(|it| it == *scene));
    }

    /// Draws a scene, and has the session file say what the session does.
    pub fn draw(&self, scene: Value, status: &str) {
        self.show(&scene);
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap();
        let start = stat.rsplit(") ").next().unwrap().split(' ').nth(19).unwrap().to_owned();
        let started = vmux::daemon::clock::boot()
            + chrono::TimeDelta::milliseconds(start.parse::<i64>().unwrap() * 10);
        let now = chrono::Utc::now().timestamp_millis();
        let file = json!({
            "pid": self.pid, "sessionId": "5e551017", "cwd": self.world.path("w"),
            "startedAt": started.timestamp_millis(), "procStart": start, "version": "2.1.332",
            "kind": "interactive", "entrypoint": "cli", "status": status, "updatedAt": now,
            "statusUpdatedAt": now, "waitingFor": "permission prompt",
        });
        let dir = self.world.home().join(".claude/sessions");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join(format!("{}.json", self.pid)), file.to_string()).unwrap();
        let state = match status {
            "idle" => "idle",
            "busy" => "working",
            _ => "needs_input",
        };
        let query = self.pid.to_string();
        until("the state", || {
            self.daemon.ask("scan", json!({}));
            let why = self.daemon.ask("why", json!({"query": query}));
            why["session"]["state"] == state
        });
    }

    pub fn tmux(&self, words: &[&str]) -> String {
        tmux(&self.world, words)
    }

    fn send(&self, text: &str, more: &Value) -> Value {
        let mut args = json!({"query": self.pid.to_string(), "text": text});
        for (name, value) in more.as_object().into_iter().flatten() {
            args[name] = value.clone();
        }
        eventually("a tmux that answers in time", || {
            let reply = self.daemon.ask("send", args.clone());
            (!reply["error"].as_str().unwrap_or_default().contains(HANGS)).then_some(reply)
        })
    }

    /// Bash calls of the conversation that have no result yet.
    fn calls(&self, commands: &[&str]) {
        let dir = self.world.path("w").display().to_string();
        let dir = dir.replace(|it: char| !it.is_alphanumeric(), "-");
        let dir = self.world.home().join(".claude/projects").join(dir);
        fs::create_dir_all(&dir).unwrap();
        let call = |command: &&str| {
            json!({"type": "tool_use", "id": format!("toolu_{command}"), "name": "Bash",
                   "input": {"command": command, "description": "Run it"}})
        };
        let record = json!({
            "type": "assistant", "sessionId": "5e551017", "timestamp": chrono::Utc::now().to_rfc3339(),
            "message": {"role": "assistant", "content": commands.iter().map(call).collect::<Vec<_>>()},
        });
        fs::write(dir.join("5e551017.jsonl"), format!("{record}\n")).unwrap();
    }

    fn prompts(&self) -> Vec<Value> {
        // Other tests have sessions on the real /proc, too.
        let mut all = self.daemon.ask("pending", json!({}))["prompts"].as_array().unwrap().clone();
        all.retain(|it| it["pid"] == self.pid);
        all
    }

    fn answer(&self, prompt: &Value, answer: Value) -> Value {
        self.daemon.ask("answer", json!({"prompt": prompt["id"], "answer": answer}))
    }

    /// The log of answers, once it has so many lines: another thread writes it.
    pub fn log(&self, count: usize) -> Vec<Value> {
        let read = || fs::read_to_string(self.world.home().join(".vmux/answers.log"));
        until("the log", || read().is_ok_and(|it| it.matches('\n').count() == count));
        read().unwrap().lines().map(|it| serde_json::from_str(it).unwrap()).collect()
    }

    /// The texts that were submitted to the program.
    pub fn submitted(&self) -> Vec<String> {
        lines(self.world.path("submitted"))
    }

    /// What the program was given: what was shown, and the keys.
    fn keys(&self) -> Vec<(String, String)> {
        lines(self.world.path("keys"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

fn tmux(world: &World, words: &[&str]) -> String {
    let mut command: Command = world.command("tmux");
    command.env("PYTHONHOME", "/usr").env("TERM", "xterm").env("LANG", "C.UTF-8");
    command.arg("-S").arg(world.path("tmux")).args(["-f", "/dev/null"]).args(words);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn lines<T: serde::de::DeserializeOwned>(path: PathBuf) -> Vec<T> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

/// What is said of a tmux that takes longer than 1.5 s, as one may on a busy machine. Nothing was sent.
const HANGS: &str = "did not answer within";
const FREE: &str = "[send]\nallow = [\"user\"]\n";

#[test]
fn a_text_is_pasted_and_submitted() {
    let terminal = Terminal::new(FREE, (80, 24));
    terminal.draw(json!({"prompt": ""}), "idle");
    for text in ["go on; it's $HOME \\;", "one\n\n\ttwo }#{x},", "1. Yes, ä—é ❯ 1. Yes"] {
        let reply = terminal.send(text, &json!({}));
        assert_eq!(reply["ok"], true, "{text}: {reply}");
    }
    let long = "word ".repeat(6000) + ";";
    assert_eq!(terminal.send(&long, &json!({}))["code"], "not_submitted");
    assert_eq!(
        terminal.submitted(),
        ["go on; it's $HOME \\;", "one\n\n\ttwo }#{x},", "1. Yes, ä—é ❯ 1. Yes"]
    );
    let log = terminal.log(4);
    assert_eq!(
        (&log[0]["sent"], &log[0]["way"]),
        (&json!("go on; it's $HOME \\;"), &json!("tmux pane %0"))
    );
}

#[test]
fn nothing_is_typed_where_it_may_not_be() {
    let terminal = Terminal::new(FREE, (80, 24));
    let refused = |code: &str, says: &str, args: Value| {
        let reply = terminal.send("secret", &args);
        assert_eq!(reply["code"], code, "{reply}");
        assert!(reply["error"].as_str().unwrap().contains(says), "{says}: {reply}");
    };
    terminal.draw(json!({"prompt": "half typed"}), "idle");
    refused("not_sent", "holds words", json!({}));
    terminal.draw(json!({"prompt": ""}), "busy");
    refused("not_sent", "it works", json!({}));
    terminal.draw(json!({"dialog": "ls"}), "waiting");
    refused("not_sent", "waits for an answer", json!({"queue": true}));
    // Its files are late.
    terminal.draw(json!({"dialog": "ls"}), "idle");
    refused("not_sent", "no free prompt", json!({}));
    terminal.draw(json!({"prompt": ""}), "idle");
    for door in ["mcp", "web", "hosts"] {
        refused("not_allowed", door, json!({"door": door}));
    }
    for text in ["", "1. Yes", "a\u{1b}[201~\r1", "a\rb"] {
        assert_eq!(terminal.send(text, &json!({}))["code"], "bad_request", "{text:?}");
    }
    terminal.tmux(&["copy-mode", "-t", "%0"]);
    refused("not_sent", "copy mode", json!({}));
    terminal.tmux(&["send-keys", "-t", "%0", "-X", "cancel"]);
    terminal.tmux(&["split-window", "-d", "-t", "%0", "sleep 1000"]);
    terminal.tmux(&["set-option", "-w", "-t", "%0", "synchronize-panes", "on"]);
    refused("not_sent", "synchronized", json!({}));
    terminal.tmux(&["set-option", "-w", "-t", "%0", "synchronize-panes", "off"]);
    terminal.tmux(&["select-pane", "-d", "-t", "%0"]);
    refused("not_sent", "input of its pane is off", json!({}));
    terminal.tmux(&["select-pane", "-e", "-t", "%0"]);
    assert_eq!(terminal.keys(), []);
    assert_eq!(terminal.tmux(&["list-buffers"]), "");
    assert_eq!(terminal.send("secret", &json!({}))["ok"], true);
}

#[test]
fn a_tmux_that_does_not_answer_is_named() {
    let terminal = Terminal::new(FREE, (80, 24));
    terminal.draw(json!({"prompt": ""}), "idle");
    let server = terminal.tmux(&["display-message", "-p", "#{pid}"]);
    let server = rustix::process::Pid::from_raw(server.trim().parse().unwrap()).unwrap();
    let signal = |it| rustix::process::kill_process(server, it).unwrap();
    signal(rustix::process::Signal::STOP);
    let args = json!({"query": terminal.pid.to_string(), "text": "secret"});
    // The second time vmuxd knows, and asks all the same.
    let replies = [(); 2].map(|()| terminal.daemon.ask("send", args.clone()));
    signal(rustix::process::Signal::CONT);
    for reply in replies {
        let error = reply["error"].as_str().unwrap();
        assert!(reply["code"] == "not_sent" && error.contains(HANGS), "{reply}");
    }
}

#[test]
fn a_text_that_vmuxd_takes_when_its_sender_has_gone_is_not_typed() {
    let terminal = Terminal::new(FREE, (80, 24));
    terminal.draw(json!({"prompt": ""}), "idle");
    terminal.daemon.signal(rustix::process::Signal::STOP);
    let (code, said) = vmux(&terminal.world, &["send", &terminal.pid.to_string(), "too late"]);
    assert_eq!(code, 3, "{said}");
    terminal.daemon.signal(rustix::process::Signal::CONT);
    // One after the other: the late one would come before the second at the latest.
    for text in ["in time", "once more"] {
        let reply = terminal.send(text, &json!({}));
        assert_eq!(reply["ok"], true, "{reply}");
    }
    assert_eq!(terminal.submitted(), ["in time", "once more"]);
}

#[test]
fn what_would_come_too_late_is_not_typed() {
    let terminal = Terminal::new(&format!("{FREE}{KEYS}"), (80, 24));
    let query = terminal.pid.to_string();
    // Enough for vmuxd to begin, but not for what it does first.
    let ask = |action: &str, args: Value, milliseconds: u64| {
        let until = boottime().as_millis() as u64 + milliseconds;
        let line = json!({"action": action, "args": args, "until": until});
        let reply = terminal.daemon.raw(format!("{line}\n").as_bytes());
        assert!(reply["error"].as_str().unwrap().contains("too late"), "{reply}");
    };
    terminal.draw(json!({"prompt": ""}), "idle");
    ask("send", json!({"query": query, "text": "secret"}), 900);
    terminal.calls(&["ls"]);
    terminal.draw(json!({"dialog": "ls"}), "waiting");
    ask("answer", json!({"query": query, "answer": allow()}), 20);
    assert_eq!(terminal.keys(), []);
}

#[test]
fn without_a_configuration_nothing_is_typed() {
    let terminal = Terminal::new("", (80, 24));
    terminal.draw(json!({"prompt": ""}), "idle");
    let reply = terminal.send("secret", &json!({}));
    assert_eq!(reply["code"], "not_allowed", "{reply}");
    let output =
        terminal.world.vmux().args(["send", &terminal.pid.to_string(), "x"]).output().unwrap();
    assert_eq!(output.status.code(), Some(10), "{output:?}");
    assert_eq!(terminal.keys(), []);
}

const KEYS: &str = "[answer]\nkeys = true\n";

fn allow() -> Value {
    json!({"allow": {}})
}

#[test]
fn a_key_answers_the_dialog_that_is_on_the_screen() {
    let terminal = Terminal::new(KEYS, (80, 24));
    let (one, two) = ("git push origin main", "git push origin main --force");
    terminal.calls(&[one, two]);
    terminal.draw(json!({"dialog": one}), "waiting");
    let prompts = terminal.prompts();
    let [prompt] = &prompts[..] else { panic!("{prompts:?}") };
    assert_eq!((&prompt["way"], &prompt["input"]["command"]), (&json!("keys"), &json!(one)));
    let unfit = [
        json!("always"),
        json!({"deny": {"message": "use rg"}}),
        json!({"allow": {"accept_edits": true}}),
    ];
    for answer in unfit {
        let reply = terminal.answer(prompt, answer);
        assert_eq!(reply["code"], "not_answerable", "{reply}");
    }
    assert_eq!(terminal.keys(), []);
    let reply = terminal.answer(prompt, allow());
    assert_eq!((&reply["ok"], &reply["prompt"]), (&json!(true), &prompt["id"]), "{reply}");
    // Another one has taken its place.
    terminal.draw(json!({"dialog": two}), "waiting");
    let over = terminal.answer(prompt, allow());
    assert_eq!(over["code"], "over", "{over}");
    assert_eq!(over["prompts"][0]["input"]["command"], two, "{over}");
    let (code, said) = vmux(&terminal.world, &["deny", &terminal.pid.to_string()]);
    assert_eq!(code, 0, "{said}");
    let pressed = [(one, "1"), (two, "\u{1b}")];
    assert_eq!(terminal.keys(), pressed.map(|it| (it.0.to_owned(), it.1.to_owned())));
    let log = terminal.log(2);
    let told: Vec<_> = log.iter().map(|it| (it["answer"].as_str(), it["way"].as_str())).collect();
    let way = Some("keys, tmux pane %0");
    assert_eq!(told, [(Some("allow"), way), (Some("deny"), way)]);
}

/// `vmux WORDS`: its exit code, and what it printed.
fn vmux(world: &World, words: &[&str]) -> (i32, String) {
    let output = world.vmux().args(words).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn no_key_is_sent_where_it_may_not_be() {
    let terminal = Terminal::new(KEYS, (80, 24));
    let query = terminal.pid.to_string();
    let refused = |says: &str| {
        let reply = terminal.daemon.ask("answer", json!({"query": query, "answer": allow()}));
        assert_eq!(reply["code"], "not_waiting", "{says}: {reply}");
        let error = reply["error"].as_str().unwrap();
        assert!(error.contains(says) && error.ends_with("nothing was sent"), "{says}: {reply}");
    };
    terminal.calls(&["ls"]);
    terminal.draw(json!({"dialog": "ls -l"}), "waiting");
    refused("about something else");
    terminal.draw(json!({"prompt": "half typed"}), "waiting");
    refused("no dialog");
    terminal.calls(&["ls", "ls"]);
    terminal.draw(json!({"dialog": "ls"}), "waiting");
    refused("several of its calls");
    terminal.calls(&["ls"]);
    terminal.tmux(&["copy-mode", "-t", "%0"]);
    refused("copy mode");
    terminal.tmux(&["send-keys", "-t", "%0", "-X", "cancel"]);
    terminal.tmux(&["split-window", "-d", "-t", "%0", "sleep 1000"]);
    terminal.tmux(&["set-option", "-w", "-t", "%0", "synchronize-panes", "on"]);
    refused("synchronized");
    terminal.tmux(&["set-option", "-w", "-t", "%0", "synchronize-panes", "off"]);
    terminal.tmux(&["select-pane", "-d", "-t", "%0"]);
    refused("input of its pane is off");
    terminal.tmux(&["select-pane", "-e", "-t", "%0"]);
    // The part that tells what it is about has no room.
    terminal.tmux(&["resize-pane", "-t", "%0", "-y", "8"]);
    terminal.draw(json!({"dialog": "ls", "again": 1}), "waiting");
    refused("not whole");
    assert_eq!(terminal.keys(), []);
}

#[test]
fn without_a_configuration_no_key_is_sent() {
    let terminal = Terminal::new("", (80, 24));
    terminal.calls(&["ls"]);
    terminal.draw(json!({"dialog": "ls"}), "waiting");
    assert_eq!(terminal.prompts(), [] as [Value; 0]);
    let all =
        terminal.daemon.ask("pending", json!({"query": terminal.pid.to_string(), "all": true}));
    let prompt = &all["prompts"][0];
    assert_eq!((&prompt["way"], &prompt["input"]["command"]), (&json!("terminal"), &json!("ls")));
    let (code, said) = vmux(&terminal.world, &["pending"]);
    assert!(code == 0 && said.contains("not answerable from here: no hook waits"), "{said}");
    assert!(said.contains(&format!("vmux switch {} goes there", terminal.pid)), "{said}");
    let (code, said) = vmux(&terminal.world, &["allow", &terminal.pid.to_string()]);
    assert_eq!(code, 8, "{said}");
    assert_eq!(terminal.keys(), []);
}

/// Rounds of the race; more with `VMUX_ROUNDS`.
const ROUNDS: usize = 20;

#[test]
fn a_key_reaches_no_other_dialog_while_they_change() {
    let rounds = std::env::var("VMUX_ROUNDS").ok().and_then(|it| it.parse().ok()).unwrap_or(ROUNDS);
    let terminal = Terminal::new(KEYS, (80, 24));
    let commands = ["perl -e 'print 1'", "perl -e 'print 2'"];
    terminal.calls(&commands);
    terminal.draw(json!({"race": commands, "every": 0.3}), "waiting");
    let (mut sent, mut misapplied) = (0, 0);
    for round in 0..rounds {
        let command = commands[round % 2];
        let prompt = std::iter::repeat_with(|| terminal.prompts())
            .find_map(|all| all.into_iter().find(|it| it["input"]["command"] == command))
            .unwrap();
        let before = terminal.keys().len();
        let reply = terminal.answer(&prompt, allow());
        let keys = terminal.keys().split_off(before);
        assert!(keys.len() <= 1, "one key: {keys:?}");
        sent += keys.len();
        misapplied += keys.iter().filter(|it| it.0 != command).count();
        let may_be_sent = reply["ok"] == true || reply["code"] == "not_submitted";
        assert!(keys.is_empty() || may_be_sent, "{reply}");
    }
    println!("{sent} keys in {rounds} rounds, {misapplied} misapplied");
    assert!(misapplied * 100 <= sent.max(100), "{misapplied} of {sent}");
}

#[tokio::test]
async fn the_server_itself_checks_what_is_on_the_screen() {
    let terminal = Terminal::new("", (80, 24));
    let server: u32 = terminal.tmux(&["display-message", "-p", "#{pid}"]).trim().parse().unwrap();
    let socket = terminal.world.path("tmux");
    let at = PaneAddress { server, socket: &socket, pane: "%0" };
    let press = async |row: &str, absent: Vec<&'static str>| {
        let expected = Expected { rows: vec![row.to_owned()], absent };
        keys::send(&at, &expected, Keys::Key("x")).await.unwrap()
    };
    terminal.draw(json!({"prompt": ""}), "idle");
    // As the reader of the screen has it, without the blank behind it, and with it.
    for empty in ["❯", "❯\u{a0}"] {
        assert!(press(empty, vec![]).await, "{empty:?}");
        until("the key", || terminal.keys().len() % 2 == 1);
        terminal.draw(json!({"prompt": "é"}), "idle");
        terminal.draw(json!({"prompt": "half typed"}), "idle");
        assert!(!press(empty, vec![]).await, "{empty:?}");
        terminal.draw(json!({"prompt": ""}), "idle");
        fs::remove_file(terminal.world.path("keys")).unwrap();
    }
    terminal.draw(json!({"prompt": "a#{b},c}[x]^\\$ %; é"}), "idle");
    assert!(press("❯\u{a0}a#{b},c}[x]^\\$ %; é", vec![]).await);
    assert!(!press("❯\u{a0}a#{b},c}[x]^\\$ %; é or more", vec![]).await);
    terminal.draw(json!({"dialog": "git push"}), "waiting");
    assert!(!press(" git push origin", vec![]).await);
    assert!(!press(" git push", vec!["^ *❯ *1[.] Yes *$"]).await);
    let gone = PaneAddress { server, socket: &socket, pane: "%77" };
    assert!(keys::send(&gone, &Expected::default(), Keys::Key("x")).await.is_err());
}
