//! `vmux list --watch` on a terminal, the picker: drawn, redrawn where it changed, steered by keys and
//! the mouse, and left as it was.

use crate::support::desk::need;
use crate::support::fake::{Fake, session};
use crate::support::world::{DEADLINE, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;

const ENTER: &str = "\u{1b}[?1049h";
const LEAVE: &str = "\u{1b}[?1049l";

/// vmux on a pseudo-terminal of script(1); what it writes comes in pieces.
struct Watch {
    child: Child,
    pieces: Receiver<String>,
    seen: String,
}

impl Watch {
    fn start(fake: &Fake, how: &str) -> Watch {
        need("script");
        let vmux = env!("CARGO_BIN_EXE_vmux");
        let command =
            format!("stty rows 5 cols 70; {how} {vmux} list --watch; stty -a; echo end=$?");
        let model = fake.vmux(&[]);
        let mut script = Command::new("script");
        script.args(["-qfec", &command, "/dev/null"]).env_clear();
        script.envs(model.get_envs().filter_map(|(key, value)| Some((key, value?))));
        script.env("PATH", "/usr/bin:/bin").env("TERM", "xterm").env("SHELL", "/bin/sh");
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let (sender, pieces) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(length @ 1..) = stdout.read(&mut buffer) {
                let _ = sender.send(String::from_utf8_lossy(&buffer[..length]).into_owned());
            }
        });
        Watch { child, pieces, seen: String::new() }
    }

    fn type_in(&mut self, keys: &str) {
        self.child.stdin.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Wait until this was written since the last call; all that was written until then.
    fn until(&mut self, text: &str) -> String {
        while !self.seen.contains(text) {
            let piece = self.pieces.recv_timeout(DEADLINE);
            self.seen += &piece.unwrap_or_else(|_| panic!("no {text:?} in {:?}", self.seen));
        }
        std::mem::take(&mut self.seen)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn two(state: &str) -> Value {
    json!([session(41, "working", "shop", 1), session(42, state, "api", 2)])
}

#[test]
fn only_lines_that_change_are_drawn_and_q_leaves_the_terminal_as_it_was() {
    let fake = Fake::agreeable(two("idle"));
    let mut watch = Watch::start(&fake, "");
    let first = watch.until("idle");
    assert!(first.contains(ENTER) && first.contains("STATE"), "{first:?}");
    fake.tell(two("unknown"));
    let second = watch.until("unknown");
    assert!(!second.contains("shop") && !second.contains("STATE"), "{second:?}");
    watch.type_in("q");
    let last = watch.until("end=0");
    assert!(last.contains(LEAVE) && last.contains("\u{1b}[?25h"), "{last:?}");
    assert!(last.contains(" icanon") && last.contains(" echo "), "{last:?}");
}

#[test]
fn a_signal_leaves_it_as_it_was_too() {
    let fake = Fake::agreeable(two("idle"));
    let told = fake.dir().join("pid");
    let mut watch =
        Watch::start(&fake, &format!("sh -c 'echo $$ >{}; exec \"$@\"' sh", told.display()));
    watch.until("idle");
    let pid = std::fs::read_to_string(told).unwrap().trim().parse().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
    let last = watch.until("end=");
    assert!(last.contains(LEAVE) && last.contains(" icanon"), "{last:?}");
}

#[test]
fn it_scrolls_and_vmuxd_may_come_and_go() {
    let many: Vec<Value> = (1..10).map(|pid| session(pid, "idle", &format!("n{pid}"), 1)).collect();
    let fake = Fake::agreeable(json!(many));
    let mut watch = Watch::start(&fake, "");
    let first = watch.until("9 idle");
    assert!(first.contains("n1") && !first.contains("n9"), "{first:?}");
    // End, as a terminal in its normal mode sends it.
    watch.type_in("\x1b[F");
    watch.until("n9");
    fake.leave();
    watch.until("vmuxd has ended");
    fake.come();
    watch.until("n9");
    watch.type_in("\x03");
    watch.until("end=0");
}

#[test]
fn keys_and_clicks_do_what_they_say() {
    let fake = Fake::agreeable(two("needs_input"));
    let mut watch = Watch::start(&fake, "");
    watch.until("1 waiting, 1 working");
    let asked = |fake: &Fake, action: &str| {
        until("it is asked", || fake.asked().iter().any(|it| it["action"] == action));
        fake.asked().into_iter().rfind(|it| it["action"] == action).unwrap()["args"].clone()
    };
    watch.type_in("\r");
    assert!(asked(&fake, "switch")["query"].as_str().unwrap().starts_with("42:"));
    watch.type_in("l\x15new name\r");
    assert_eq!(asked(&fake, "label")["label"], "new name");
    watch.type_in("/shop\r");
    watch.until("1 of 2 with \"shop\"");
    watch.type_in("a");
    assert!(asked(&fake, "ack")["query"].as_str().unwrap().starts_with("41:"));
    watch.type_in("?");
    watch.until("any key goes back");
    watch.type_in("x\x1b");
    watch.until("1 waiting, 1 working");
    // What the session is and shows, and back.
    watch.type_in("p");
    assert!(asked(&fake, "peek")["query"].is_string());
    watch.type_in("p");
    watch.until("1 waiting, 1 working");
    // Clicks on the second session, in the form that the terminal was told to use (1006).
    watch.type_in("\x1b[<0;5;3M\x1b[<0;5;3m\x1b[<0;5;3M\x1b[<0;5;3m");
    until("a click goes there", || {
        let asked = fake.asked().into_iter().rfind(|it| it["action"] == "switch").unwrap();
        asked["args"]["query"].as_str().unwrap().starts_with("41:")
    });
    watch.type_in("q");
    watch.until("end=0");
}
