//! sway without a screen, with Xwayland. It refuses root, so there it runs as nobody.

use super::marker::Markers;
use super::truth::{self, Shown};
use super::{DEADLINE, end_display, end_tmux, eventually, kill, need, proc_reader, start, words};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use vmux::wm::connection::discover::SocketHints;
use vmux::wm::ipc::client::IpcClient;
use vmux::wm::ipc::events::{EventStream, WmEvent};
use vmux::wm::ipc::frame::IpcRequest;
use vmux::wm::manager::{WindowManager, WmConfig};

const NOBODY: u32 = 65534;

/// A sway with two outputs, and what was started on it.
pub struct Sway {
    pub env: BTreeMap<String, String>,
    pub markers: Markers,
    children: Vec<Child>,
    client: IpcClient,
    events: EventStream,
    tmux: Option<PathBuf>,
    /// Sessions of tmux.
    attached: Vec<String>,
    dir: tempfile::TempDir,
}

impl Sway {
    pub async fn new() -> Sway {
        let dir = tempfile::Builder::new().prefix("vmux-wl").tempdir_in("/tmp").unwrap();
        let path = dir.path().to_owned();
        std::fs::create_dir(path.join("run")).unwrap();
        let socket = path.join("sway.sock");
        let ready = path.join("ready");
        let config = format!(
            "default_border pixel\nworkspace_auto_back_and_forth no\nxwayland enable\n\
             exec sh -c 'echo $DISPLAY $WAYLAND_DISPLAY > {0}.new; mv {0}.new {0}'\n",
            ready.display()
        );
        std::fs::write(path.join("sway.config"), config).unwrap();
        let mut env: BTreeMap<String, String> = BTreeMap::new();
        let mut set = |name: &str, value: &str| drop(env.insert(name.into(), value.into()));
        set("PATH", "/usr/local/bin:/usr/bin:/bin");
        set("HOME", &path.display().to_string());
        set("XDG_RUNTIME_DIR", &path.join("run").display().to_string());
        set("LANG", "C.UTF-8");
        set("SHELL", "/bin/sh");
        set("SWAYSOCK", &socket.display().to_string());
        set("LIBGL_ALWAYS_SOFTWARE", "1");
        let markers = Markers::new(&path);
        std::fs::File::create(path.join("log")).unwrap();
        give_to_nobody(&path);
        let mut own = env.clone();
        for (name, value) in [
            ("WLR_BACKENDS", "headless"),
            ("WLR_RENDERER", "pixman"),
            ("WLR_LIBINPUT_NO_DEVICES", "1"),
            ("WLR_HEADLESS_OUTPUTS", "2"),
        ] {
            own.insert(name.into(), value.into());
        }
        let config = path.join("sway.config").display().to_string();
        need("sway");
        need("Xwayland");
        let sway = start(&own, &path, &as_nobody(&words(&["sway", "-c", &config])));
        let said = eventually("sway", async || {
            let said = std::fs::read_to_string(&ready).ok()?;
            (said.split_whitespace().count() == 2).then_some(said)
        })
        .await;
        let (display, wayland) = said.trim().split_once(' ').unwrap();
        env.insert("DISPLAY".into(), display.into());
        env.insert("WAYLAND_DISPLAY".into(), wayland.into());
        let client = IpcClient::connect(&socket, DEADLINE).await.unwrap();
        let events = EventStream::open(&socket, DEADLINE).await.unwrap();
        Sway {
            env,
            markers,
            children: vec![sway],
            client,
            events,
            tmux: None,
            attached: Vec::new(),
            dir,
        }
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A [`WindowManager`] of this world, connected.
    pub async fn wm(&self, title_probe: bool) -> WindowManager {
        let hints = SocketHints {
            swaysock: Some(self.dir.path().join("sway.sock")),
            ..SocketHints::default()
        };
        let displays = vec![self.env["DISPLAY"].clone()];
        let config = WmConfig { hints, displays, title_probe };
        eventually("a window manager", async || {
            let mut wm = WindowManager::new(config.clone(), proc_reader());
            wm.connect().await.ok()?;
            wm.read_windows().await.ok()?;
            Some(wm)
        })
        .await
    }

    /// Runs a command that must succeed.
    pub async fn run(&mut self, command: &str) {
        let outcomes = self.client.run(command).await.unwrap();
        assert!(outcomes.iter().all(|outcome| outcome.success.0), "{command}: {outcomes:?}");
    }

    pub async fn windows(&mut self) -> Vec<Shown> {
        let bytes = self.client.ask(IpcRequest::GetTree, b"").await.unwrap();
        truth::windows(&serde_json::from_slice(&bytes).unwrap())
    }

    pub async fn focus(&mut self) -> Option<u64> {
        self.windows().await.into_iter().find(|window| window.focused).map(|window| window.con_id)
    }

    pub async fn focused_workspace(&mut self) -> String {
        let bytes = self.client.ask(IpcRequest::GetWorkspaces, b"").await.unwrap();
        truth::focused_workspace(&serde_json::from_slice(&bytes).unwrap())
    }

    /// Starts a program; it ends with the world.
    pub fn spawn<S: AsRef<str>>(&mut self, argv: &[S]) {
        give_to_nobody(self.dir.path());
        need(argv[0].as_ref());
        self.children.push(start(&self.env, self.dir.path(), &as_nobody(&words(argv))));
    }

    /// Starts a program on a workspace and gives the window that appears.
    pub async fn open<S: AsRef<str>>(&mut self, workspace: &str, argv: &[S]) -> u64 {
        self.run(&format!("workspace '{workspace}'")).await;
        while self.events.try_next().unwrap().is_some() {}
        self.spawn(argv);
        let wait = async {
            loop {
                if let WmEvent::New { con_id } = self.events.next().await.unwrap() {
                    return con_id;
                }
            }
        };
        let log = self.dir.path().join("log");
        let con_id = tokio::time::timeout(DEADLINE, wait).await.unwrap_or_else(|_| {
            panic!("no window: {}", std::fs::read_to_string(log).unwrap_or_default())
        });
        let windows = self.windows().await;
        let shown = windows.iter().find(|window| window.con_id == con_id).unwrap();
        assert_eq!(shown.workspace, workspace);
        con_id
    }

    /// Starts the session `name` with this command, in a server of this world; gives the command
    /// that attaches it. The server is this user's, for another user's is not asked: where sway runs
    /// as nobody, nobody is let in.
    pub fn tmux_session(&mut self, name: &str, command: &str) -> Vec<String> {
        let path = self.dir.path().join("tmux");
        let tmux = words(&["tmux", "-S", &path.display().to_string(), "-f", "/dev/null"]);
        self.tmux = Some(path.clone());
        need("tmux");
        let start = words(&["new-session", "-d", "-s", name, command]);
        let allow = words(&[";", "server-access", "-a", "nobody"]);
        let mut server = Command::new(&tmux[0]);
        server.args(&tmux[1..]).args(start).env_clear().envs(&self.env);
        // Only the first time: then it is allowed.
        let is_first = self.attached.is_empty();
        if is_root() && is_first {
            server.args(allow);
        }
        assert!(server.status().unwrap().success());
        if is_root() {
            let all = std::os::unix::fs::PermissionsExt::from_mode(0o666);
            std::fs::set_permissions(&path, all).unwrap();
        }
        self.attached.push(name.to_owned());
        [tmux, words(&["attach", "-t", name])].concat()
    }
}

impl Drop for Sway {
    fn drop(&mut self) {
        self.tmux.iter().for_each(|socket| end_tmux(socket));
        let Some((sway, clients)) = self.children.split_first_mut() else { return };
        clients.iter_mut().rev().for_each(kill);
        end_display(sway);
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn as_nobody(argv: &[String]) -> Vec<String> {
    if !is_root() {
        return argv.to_vec();
    }
    let id = NOBODY.to_string();
    let uid = format!("--reuid={id}");
    let gid = format!("--regid={id}");
    [words(&["setpriv", &uid, &gid, "--clear-groups"]), argv.to_vec()].concat()
}

fn give_to_nobody(path: &Path) {
    if is_root() {
        let owner = format!("{NOBODY}:{NOBODY}");
        assert!(Command::new("chown").args(["-R", &owner]).arg(path).status().unwrap().success());
    }
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(path.join("run"), mode).unwrap();
}
