//! Xvfb and i3, and terminals on them.

use super::marker::Markers;
use super::truth::{self, Shown};
use super::{DEADLINE, end_display, end_tmux, eventually, kill, need, proc_reader, start, words};
use crate::support::ssh::Host;
use crate::support::world::until_stopped;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use vmux::wm::connection::discover::SocketHints;
use vmux::wm::ipc::client::IpcClient;
use vmux::wm::ipc::events::{EventStream, WmEvent};
use vmux::wm::ipc::frame::IpcRequest;
use vmux::wm::locate::location::Location;
use vmux::wm::manager::{WindowManager, WmConfig};

/// A display with i3 and what was started on it.
pub struct Screen {
    pub env: BTreeMap<String, String>,
    pub markers: Markers,
    pub display: String,
    pub i3_pid: u32,
    pub x_pid: u32,
    children: Vec<Child>,
    client: IpcClient,
    events: EventStream,
    tmux: Vec<PathBuf>,
    /// What stands before each command: it runs on a host of its own.
    enter: Vec<String>,
    dir: tempfile::TempDir,
}

impl Screen {
    /// One output.
    pub async fn new() -> Screen {
        Screen::with("").await
    }

    /// Whose X server lets in only those who know its cookie; `XAUTHORITY` names the file.
    pub async fn guarded() -> Screen {
        let dir = tempfile::Builder::new().prefix("vmux-wm").tempdir_in("/tmp").unwrap();
        Screen::start("", true, dir, &[]).await
    }

    /// At which the user of `host` sits.
    pub async fn on(host: &Host) -> Screen {
        let dir = tempfile::Builder::new().prefix("screen").tempdir_in(host.home()).unwrap();
        for path in [dir.path(), &dir.path().join("home"), &dir.path().join("run")] {
            std::fs::create_dir_all(path).unwrap();
            host.give_to_user(path);
        }
        let mut screen = Screen::start("", false, dir, &host.prefix()).await;
        screen.env.extend(host.env());
        screen.env.remove("TMUX_TMPDIR");
        screen
    }

    /// With more lines in i3's configuration.
    pub async fn with(config: &str) -> Screen {
        let dir = tempfile::Builder::new().prefix("vmux-wm").tempdir_in("/tmp").unwrap();
        Screen::start(config, false, dir, &[]).await
    }

    async fn start(
        config: &str,
        guarded: bool,
        dir: tempfile::TempDir,
        enter: &[String],
    ) -> Screen {
        let home = dir.path().join("home");
        let run = dir.path().join("run");
        for path in [&home, &run] {
            std::fs::create_dir_all(path).unwrap();
        }
        let socket = dir.path().join("i3.sock");
        let config = format!(
            "# i3 config file (v4)\nfont pango:monospace 8\nipc-socket {}\n\
             focus_follows_mouse no\nworkspace_auto_back_and_forth no\n{config}\n",
            socket.display()
        );
        std::fs::write(dir.path().join("i3.config"), config).unwrap();
        let mut env: BTreeMap<String, String> = BTreeMap::new();
        let mut set = |name: &str, value: &str| drop(env.insert(name.into(), value.into()));
        set("PATH", "/usr/local/bin:/usr/bin:/bin");
        set("HOME", &home.display().to_string());
        set("XDG_RUNTIME_DIR", &run.display().to_string());
        set("LANG", "C.UTF-8");
        set("SHELL", "/bin/sh");
        set("NO_AT_BRIDGE", "1");
        set("TMUX_TMPDIR", &run.display().to_string());
        if guarded {
            let file = dir.path().join("authority");
            std::fs::write(&file, authority()).unwrap();
            env.insert("XAUTHORITY".into(), file.display().to_string());
        }
        let (xvfb, display) = xvfb(&env, enter);
        env.insert("DISPLAY".into(), display.clone());
        let config = dir.path().join("i3.config").display().to_string();
        need("i3");
        let i3 = [enter, &words(&["i3", "-c", &config])].concat();
        let i3 = start(&env, dir.path(), &i3);
        let i3_pid = i3.id();
        let client = connect(&socket).await;
        let events = EventStream::open(&socket, DEADLINE).await.unwrap();
        env.insert("I3SOCK".into(), socket.display().to_string());
        Screen {
            env,
            markers: Markers::new(dir.path()),
            display,
            i3_pid,
            x_pid: xvfb.id(),
            children: vec![i3, xvfb],
            client,
            events,
            tmux: Vec::new(),
            enter: enter.to_vec(),
            dir,
        }
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("i3.sock")
    }

    /// A [`WindowManager`] of this world, connected. It gives i3 half a second for each answer: on a busy machine
    /// not always enough.
    pub async fn wm(&self) -> WindowManager {
        eventually("a window manager", async || {
            let mut wm = WindowManager::new(self.config(), proc_reader());
            wm.connect().await.ok()?;
            wm.read_windows().await.ok()?;
            wm.x_trouble().is_none().then_some(wm)
        })
        .await
    }

    pub fn config(&self) -> WmConfig {
        WmConfig {
            hints: SocketHints { i3sock: Some(self.socket()), ..SocketHints::default() },
            displays: vec![self.display.clone()],
            title_probe: false,
        }
    }

    /// Runs an i3 command that must succeed.
    pub async fn i3(&mut self, command: &str) {
        let outcomes = self.client.run(command).await.unwrap();
        assert!(outcomes.iter().all(|outcome| outcome.success.0), "{command}: {outcomes:?}");
    }

    /// Goes to a workspace, whatever its name.
    pub async fn workspace(&mut self, name: &str) {
        let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
        self.i3(&format!("workspace --no-auto-back-and-forth \"{quoted}\"")).await;
    }

    pub async fn focused_workspace(&mut self) -> String {
        let bytes = self.client.ask(IpcRequest::GetWorkspaces, b"").await.unwrap();
        truth::focused_workspace(&serde_json::from_slice(&bytes).unwrap())
    }

    /// All windows, as i3 tells them now.
    pub async fn windows(&mut self) -> Vec<Shown> {
        let bytes = self.client.ask(IpcRequest::GetTree, b"").await.unwrap();
        truth::windows(&serde_json::from_slice(&bytes).unwrap())
    }

    pub async fn shown(&mut self, con_id: u64) -> Shown {
        let windows = self.windows().await;
        windows.into_iter().find(|window| window.con_id == con_id).expect("the window is gone")
    }

    /// The window that has the focus.
    pub async fn focus(&mut self) -> Option<u64> {
        self.windows().await.into_iter().find(|window| window.focused).map(|window| window.con_id)
    }

    /// Starts a program; it ends with the world.
    pub fn spawn<S: AsRef<str>>(&mut self, argv: &[S]) -> u32 {
        self.spawn_with(argv, &[])
    }

    /// The same with more variables.
    pub fn spawn_with<S: AsRef<str>>(&mut self, argv: &[S], vars: &[(&str, &str)]) -> u32 {
        let mut env = self.env.clone();
        env.extend(vars.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        let argv = words(argv);
        need(&argv[0]);
        let child = start(&env, self.dir.path(), &[self.enter.clone(), argv].concat());
        let pid = child.id();
        self.children.push(child);
        pid
    }

    /// Starts a program on a workspace and gives the window that appears.
    pub async fn open<S: AsRef<str>>(&mut self, workspace: &str, argv: &[S]) -> u64 {
        self.workspace(workspace).await;
        self.forget_events().await;
        self.spawn(argv);
        let con_id = self.new_window().await;
        assert_eq!(self.shown(con_id).await.workspace, workspace);
        con_id
    }

    /// An xterm with the marker `label`.
    pub async fn xterm(&mut self, workspace: &str, label: &str) -> u64 {
        let argv = ["xterm", "-e", &self.markers.script(label)].map(str::to_owned);
        self.open(workspace, &argv).await
    }

    /// An xterm with a tmux client on the server `socket`; `arguments` follow.
    pub async fn tmux_in(&mut self, workspace: &str, socket: &str, arguments: &[String]) -> u64 {
        let argv = [words(&["xterm", "-e"]), self.tmux_argv(socket), arguments.to_vec()].concat();
        self.open(workspace, &argv).await
    }

    /// `tmux -S …` with a server of this world, which ends with it.
    pub fn tmux_argv(&mut self, socket: &str) -> Vec<String> {
        let path = self.dir.path().join(socket);
        if !self.tmux.contains(&path) {
            self.tmux.push(path.clone());
        }
        words(&["tmux", "-S", &path.display().to_string(), "-f", "/dev/null"])
    }

    /// Runs tmux and gives what it says.
    pub fn tmux<S: AsRef<str>>(&mut self, socket: &str, arguments: &[S]) -> String {
        let argv = [self.tmux_argv(socket), words(arguments)].concat();
        need("tmux");
        let output = Command::new(&argv[0]).args(&argv[1..]).env_clear().envs(&self.env).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{argv:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Waits until tmux has as many clients.
    pub async fn tmux_clients(&mut self, socket: &str, count: usize) {
        eventually("tmux clients", async || {
            let clients = self.tmux(socket, &["list-clients", "-F", "x"]);
            (clients.lines().count() == count).then_some(())
        })
        .await;
    }

    /// The pid of a marker.
    pub async fn pid(&mut self, label: &str) -> u32 {
        self.markers.pid(label).await
    }

    /// The pid of a marker in a pid namespace of its own, as it is seen from here.
    pub async fn pid_outside(&mut self, label: &str) -> u32 {
        let exe = self.dir.path().join("claude");
        self.markers.heard(label).await;
        eventually("a marker in a pid namespace", async || {
            let pids = std::fs::read_dir("/proc").unwrap().flatten();
            let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
            let mut pids = pids.filter(|pid| {
                let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
                let inner = status
                    .unwrap_or_default()
                    .lines()
                    .any(|line| line.starts_with("NSpid:") && line.split_whitespace().count() > 2);
                inner && std::fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|it| it == exe)
            });
            pids.next()
        })
        .await
    }

    /// Where a marker is found.
    pub async fn find(&mut self, label: &str) -> Location {
        let pid = self.pid(label).await;
        self.wm().await.locate(pid).await.expect("the marker is gone")
    }

    /// The window that is found for a marker, if only one fits.
    pub async fn find_window(&mut self, label: &str) -> Option<u64> {
        self.find(label).await.place.window.map(|window| window.con_id)
    }

    /// The next window that appears.
    pub async fn new_window(&mut self) -> u64 {
        self.event("a new window", |event| match event {
            WmEvent::New { con_id } => Some(*con_id),
            _ => None,
        })
        .await
    }

    /// The next event that is wanted.
    pub async fn event<T>(&mut self, what: &str, want: impl Fn(&WmEvent) -> Option<T>) -> T {
        let wait = async {
            loop {
                let event = self.events.next().await.unwrap();
                if let Some(value) = want(&event) {
                    return value;
                }
            }
        };
        let log = self.dir.path().join("log");
        tokio::time::timeout(DEADLINE, wait).await.unwrap_or_else(|_| {
            panic!("no event: {what}\n{}", std::fs::read_to_string(log).unwrap_or_default())
        })
    }

    /// What was said until now does not count.
    pub async fn forget_events(&mut self) {
        while self.events.try_next().unwrap().is_some() {}
    }

    /// Closes a window and waits until it is gone.
    pub async fn close(&mut self, con_id: u64) {
        eventually("the end of a window", async || {
            // A program that has just begun does not hear the first time.
            let _ = self.client.run(&format!("[con_id={con_id}] kill")).await;
            let windows = self.windows().await;
            (!windows.iter().any(|window| window.con_id == con_id)).then_some(())
        })
        .await;
    }

    pub fn signal(&self, pid: u32, signal: Signal) {
        kill_process(Pid::from_raw(pid as i32).unwrap(), signal).unwrap();
        if signal == Signal::STOP {
            until_stopped(pid);
        }
    }

    /// Has i3 go on after it was stopped, and waits until it answers.
    pub async fn continue_i3(&mut self) {
        self.signal(self.i3_pid, Signal::CONT);
        self.windows().await;
    }

    /// Restarts i3 in place: same pid, same socket, other container ids.
    pub async fn restart_i3(&mut self) {
        let _ = self.client.run("restart").await;
        self.reconnect().await;
    }

    /// Connects the harness anew.
    pub async fn reconnect(&mut self) {
        self.client = connect(&self.socket()).await;
        self.events = EventStream::open(&self.socket(), DEADLINE).await.unwrap();
    }

    /// Starts i3 again after it was killed.
    pub async fn start_i3(&mut self) {
        let config = self.dir.path().join("i3.config").display().to_string();
        self.i3_pid = self.spawn(&["i3", "-c", &config]);
        self.reconnect().await;
    }

    /// A picture of the screen, for a person to look at: kept where `VMUX_SHOTS` says.
    pub fn shot(&self, name: &str) {
        let Some(dir) = std::env::var_os("VMUX_SHOTS") else { return };
        let file = PathBuf::from(dir).join(format!("{name}.png"));
        let argv = [self.enter.clone(), words(&["import"])].concat();
        let mut import = Command::new(&argv[0]);
        // The user of another host cannot write there.
        import.args(&argv[1..]).args(["-display", &self.display, "-window", "root", "png:-"]);
        let status = import.stdout(std::fs::File::create(file).unwrap()).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.tmux.iter().for_each(|socket| end_tmux(socket));
        let (servers, clients) = self.children.split_at_mut(2);
        clients.iter_mut().rev().for_each(kill);
        let [i3, xvfb] = servers else { return };
        end_display(xvfb);
        kill(i3);
    }
}

/// An X server on a free display; it says which.
fn xvfb(env: &BTreeMap<String, String>, enter: &[String]) -> (Child, String) {
    need("Xvfb");
    let argv = [enter, &words(&["Xvfb"])].concat();
    let mut child = Command::new(&argv[0])
        .args(&argv[1..])
        .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"])
        .args(env.get("XAUTHORITY").into_iter().flat_map(|file| ["-auth", file]))
        .env_clear()
        .envs(env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut number = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut number).unwrap();
    assert!(!number.trim().is_empty(), "Xvfb did not start");
    (child, format!(":{}", number.trim()))
}

/// An authority file with one cookie, for every display (`FamilyWild`).
fn authority() -> Vec<u8> {
    let mut file = vec![0xff, 0xff];
    for part in ["", "", "MIT-MAGIC-COOKIE-1", "0123456789abcdef"] {
        file.extend((part.len() as u16).to_be_bytes());
        file.extend(part.as_bytes());
    }
    file
}

/// A connection that answers.
async fn connect(socket: &Path) -> IpcClient {
    eventually("i3", async || {
        let mut client = IpcClient::connect(socket, DEADLINE).await.ok()?;
        client.version().await.ok()?;
        Some(client)
    })
    .await
}
