//! A message bus of its own, watched, and a real dunst on it that shows on a display of its own, or a real mako.

use crate::support::desk::{DEADLINE, need, start, words};
use crate::support::world::Backoff;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// A session bus on which nothing is started by itself, and a monitor on it.
pub struct Bus {
    dir: tempfile::TempDir,
    env: BTreeMap<String, String>,
    children: Vec<Child>,
    lines: Receiver<String>,
}

/// A call of Notify.
#[derive(Debug, PartialEq, Eq)]
pub struct Notify {
    pub replaces: u32,
    pub summary: String,
    pub body: String,
    pub urgency: u8,
    pub actions: Vec<String>,
}

const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=PATH</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#;

const DUNSTRC: &str = "[global]\nfont = Monospace 12\nwidth = 460\nheight = 300\n\
    offset = 20x20\norigin = top-left\nmarkup = full\nformat = \"<b>%s</b>\\n%b\"\n\
    dmenu = MENU\ntransparency = 0\n[urgency_low]\ntimeout = 0\n[urgency_normal]\ntimeout = 0\n\
    [urgency_critical]\ntimeout = 0\n";

impl Bus {
    pub fn new() -> Bus {
        let dir = tempfile::Builder::new().prefix("vmux-bus").tempdir_in("/tmp").unwrap();
        Bus::at(dir, "bus")
    }

    /// A directory for a bus that comes later, and its address.
    pub fn later() -> (tempfile::TempDir, String) {
        let dir = tempfile::Builder::new().prefix("vmux-bus").tempdir_in("/tmp").unwrap();
        let address = format!("unix:path={}", dir.path().join("bus").display());
        (dir, address)
    }

    /// In this directory.
    pub fn at(dir: tempfile::TempDir, socket: &str) -> Bus {
        let socket = dir.path().join(socket);
        let config = CONFIG.replace("PATH", &socket.display().to_string());
        std::fs::write(dir.path().join("bus.conf"), config).unwrap();
        let mut env = BTreeMap::new();
        let mut set = |name: &str, value: &str| drop(env.insert(name.into(), value.into()));
        set("PATH", "/usr/local/bin:/usr/bin:/bin");
        set("HOME", &dir.path().display().to_string());
        set("XDG_RUNTIME_DIR", &dir.path().display().to_string());
        set("LANG", "C.UTF-8");
        set("DBUS_SESSION_BUS_ADDRESS", &format!("unix:path={}", socket.display()));
        let config = format!("--config-file={}", dir.path().join("bus.conf").display());
        let (bus, said) = spoken(&env, &["dbus-daemon", &config, "--nofork", "--print-address=1"]);
        said.recv_timeout(DEADLINE).expect("dbus-daemon did not start");
        let (monitor, lines) = spoken(&env, &["dbus-monitor", "--session"]);
        let bus = Bus { dir, env, children: vec![bus, monitor], lines };
        bus.line("member=NameLost");
        bus
    }

    pub fn address(&self) -> &str {
        &self.env["DBUS_SESSION_BUS_ADDRESS"]
    }

    /// dunst, ready to show on `display`. Its menu of actions chooses the one with `choice`.
    pub fn dunst(&mut self, display: &str, choice: &str) -> u32 {
        let menu = self.script("menu", &format!("grep -m1 '{choice}'"));
        let config = self.dir.path().join("dunstrc");
        std::fs::write(&config, DUNSTRC.replace("MENU", &menu.display().to_string())).unwrap();
        self.env.insert("DISPLAY".into(), display.to_owned());
        let argv = words(&["dunst", "-config", &config.display().to_string()]);
        let dunst = start(&self.env, self.dir.path(), &argv);
        let pid = dunst.id();
        self.children.push(dunst);
        let deadline = DEADLINE.as_secs().to_string();
        self.run(&["gdbus", "wait", "--session", "--timeout", &deadline, NAME]);
        pid
    }

    /// mako, ready to show on the Wayland display of this environment.
    pub fn mako(&mut self, wayland: &BTreeMap<String, String>) {
        for name in ["XDG_RUNTIME_DIR", "WAYLAND_DISPLAY"] {
            self.env.insert(name.into(), wayland[name].clone());
        }
        let config = self.dir.path().join("mako.conf");
        std::fs::write(&config, "font=monospace 12\nwidth=460\nanchor=top-left\n").unwrap();
        let argv = words(&["mako", "--config", &config.display().to_string()]);
        let mako = start(&self.env, self.dir.path(), &argv);
        self.children.push(mako);
        let deadline = DEADLINE.as_secs().to_string();
        self.run(&["gdbus", "wait", "--session", "--timeout", &deadline, NAME]);
    }

    /// End what was started with this pid.
    pub fn end(&mut self, pid: u32) {
        let child = self.children.iter_mut().find(|it| it.id() == pid).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Run a program on this bus to its end.
    pub fn run(&self, argv: &[&str]) {
        need(argv[0]);
        let status = Command::new(argv[0]).args(&argv[1..]).env_clear().envs(&self.env).status();
        assert!(status.unwrap().success(), "{argv:?}");
    }

    /// The next notification that is asked for.
    pub fn notify(&self) -> Notify {
        self.line("member=Notify");
        let body: Vec<String> =
            self.until("   int32 ").iter().map(|it| it.trim().to_owned()).collect();
        let text = |line: &str| {
            let inner = line.trim_start_matches("string \"");
            inner.strip_suffix('"').unwrap_or(inner).to_owned()
        };
        // A text of several lines is printed on as many.
        let actions = body.iter().position(|it| it == "array [").unwrap();
        let urgency = body.iter().find_map(|it| it.split("byte ").nth(1)).unwrap();
        let strings = |lines: &[String]| lines.iter().map(|it| text(it)).collect::<Vec<_>>();
        let end = body.iter().position(|it| it == "]").unwrap();
        Notify {
            replaces: body[1].trim_start_matches("uint32 ").parse().unwrap(),
            summary: text(&body[3]),
            body: strings(&body[4..actions]).join("\n"),
            urgency: urgency.parse().unwrap(),
            actions: strings(&body[actions + 1..end]),
        }
    }

    /// The end of the next notification that ends: its id and why.
    pub fn closed(&self) -> (u32, u32) {
        self.line("member=NotificationClosed");
        let number =
            || self.line("   uint32 ").trim().trim_start_matches("uint32 ").parse().unwrap();
        (number(), number())
    }

    /// The next line that holds `words`.
    pub fn line(&self, words: &str) -> String {
        self.until(words).pop().unwrap()
    }

    fn until(&self, words: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(line) => lines.push(line),
                Err(_) => panic!("no {words:?} on the bus, only {}", lines.join("\n")),
            }
            if lines.last().unwrap().contains(words) {
                return lines;
            }
        }
    }

    fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        crate::support::program::write(&path, &format!("#!/bin/sh\n{text}\n"));
        path
    }
}

const NAME: &str = "org.freedesktop.Notifications";

impl Drop for Bus {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
            eprintln!("on the bus was said:\n{log}");
        }
    }
}

/// A program, and the lines that it prints.
fn spoken(env: &BTreeMap<String, String>, argv: &[&str]) -> (Child, Receiver<String>) {
    need(argv[0]);
    let mut child = Command::new(argv[0])
        .args(&argv[1..])
        .env_clear()
        .envs(env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (sender, lines) = channel();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    (child, lines)
}

/// A display of its own.
pub struct Display {
    child: Child,
    pub name: String,
}

impl Display {
    pub fn new() -> Display {
        let env = BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]);
        let argv = ["Xvfb", "-displayfd", "1", "-screen", "0", "640x240x24", "-nolisten", "tcp"];
        let (child, lines) = spoken(&env, &argv);
        let number = lines.recv_timeout(DEADLINE).expect("Xvfb did not start");
        Display { child, name: format!(":{}", number.trim()) }
    }

    /// A picture of it, for a person to look at: kept where `VMUX_SHOTS` says.
    pub fn shot(&self, name: &str) {
        let Some(dir) = std::env::var_os("VMUX_SHOTS") else { return };
        need("import");
        let file = Path::new(&dir).join(format!("{name}.png"));
        let argv = ["-display", &self.name, "-window", "root"];
        // What was answered is drawn a moment later; the empty screen has one colour.
        let mut backoff = Backoff::new();
        loop {
            assert!(Command::new("import").args(argv).arg(&file).status().unwrap().success());
            let colours = Command::new("identify").args(["-format", "%k"]).arg(&file).output();
            if colours.unwrap().stdout != b"1" {
                return;
            }
            std::thread::sleep(backoff.next("a notification that is shown"));
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
