//! One host: its namespaces, its files, and what runs there.

use super::generate_key;
use crate::support::world::{eventually, until};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The name of the user on each host.
const USER: &str = "dev";

/// The user's number on the first host; it differs on each.
const FIRST_UID: u32 = 2000;

/// What all hosts of a network share.
pub struct HostFiles<'a> {
    pub dir: &'a Path,
    pub key: &'a Path,
    pub names: &'a [&'a str],
}

/// A host.
pub struct Host {
    name: String,
    number: u32,
    /// The directory with its files.
    dir: PathBuf,
    /// unshare(1), whose child is the first process of the host.
    unshare: Child,
    /// That child, as it is seen from outside.
    pid: u32,
    /// What was started there, and ends with it.
    started: RefCell<Vec<Child>>,
}

impl HostFiles<'_> {
    /// Makes the host `name`, the last byte of whose address is `number`.
    pub fn make(&self, name: &str, number: u32) -> Host {
        let dir = self.dir.join(name);
        for path in ["", "etc", "bin", "home", "home/.ssh", "run"] {
            fs::create_dir(dir.join(path)).unwrap();
        }
        generate_key(&dir.join("hostkey"));
        let uid = FIRST_UID + number;
        let with = |file: &str, line: &str| {
            let text = fs::read_to_string(format!("/etc/{file}")).unwrap_or_default();
            fs::write(dir.join("etc").join(file), format!("{text}\n{line}\n")).unwrap();
        };
        let home = dir.join("home");
        with("passwd", &format!("{USER}:x:{uid}:{uid}::{}:/bin/bash", home.display()));
        with("group", &format!("{USER}:x:{uid}:"));
        with("shadow", &format!("{USER}:*:19000::::::"));
        let address = |index: usize| format!("10.99.0.{}", index + 1);
        let hosts: Vec<String> = self
            .names
            .iter()
            .enumerate()
            .map(|(index, name)| format!("{} {name}", address(index)))
            .collect();
        fs::write(dir.join("etc/hosts"), format!("127.0.0.1 localhost\n{}\n", hosts.join("\n")))
            .unwrap();
        fs::copy(self.key, home.join(".ssh/id_ed25519")).unwrap();
        fs::copy(self.key.with_extension("pub"), home.join(".ssh/authorized_keys")).unwrap();
        fs::write(home.join(".ssh/config"), "IdentitiesOnly yes\n").unwrap();
        fs::write(dir.join("sshd_config"), sshd_config(&dir)).unwrap();
        let mut host = Host {
            name: name.to_owned(),
            number,
            unshare: begin(name, &dir),
            dir,
            pid: 0,
            started: RefCell::default(),
        };
        host.wait_until_ready();
        host.know_hosts(self);
        for path in ["home", "run"] {
            host.give_to_user(&host.dir.join(path));
        }
        host
    }
}

impl Host {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address on the bridge.
    pub fn address(&self) -> String {
        format!("10.99.0.{}", self.number)
    }

    /// Its first process, as it is seen from outside.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The user's number.
    pub fn uid(&self) -> u32 {
        FIRST_UID + self.number
    }

    /// The user's home, in the host and outside.
    pub fn home(&self) -> PathBuf {
        self.dir.join("home")
    }

    /// The user's runtime directory.
    pub fn run_dir(&self) -> PathBuf {
        self.dir.join("run")
    }

    /// The directory with the programs of this build.
    pub fn bin(&self) -> PathBuf {
        self.dir.join("bin")
    }

    /// A program that the user runs here, as from a login.
    pub fn command<S: AsRef<str>>(&self, argv: &[S]) -> Command {
        let prefix = self.prefix();
        let mut command = Command::new(&prefix[0]);
        command.args(&prefix[1..]).args(argv.iter().map(AsRef::as_ref));
        self.set_env(&mut command);
        command
    }

    /// What stands before a command for the user to run it here.
    pub fn prefix(&self) -> Vec<String> {
        let uid = self.uid().to_string();
        let mut words = self.enter();
        let user = ["setpriv", "--reuid", &uid, "--regid", &uid, "--clear-groups", "--"];
        words.extend(user.map(str::to_owned));
        words
    }

    /// A program that root runs here.
    pub fn root<S: AsRef<str>>(&self, argv: &[S]) -> Command {
        let enter = self.enter();
        let mut command = Command::new(&enter[0]);
        command.args(&enter[1..]).args(argv.iter().map(AsRef::as_ref));
        self.set_env(&mut command);
        command
    }

    fn enter(&self) -> Vec<String> {
        let (pid, directory) = (self.pid.to_string(), format!("--wd={}", self.home().display()));
        let namespaces = ["--net", "--pid", "--mount", "--uts", "--ipc"];
        let words = [&["nsenter", "--target", &pid][..], &namespaces, &[&directory, "--"]].concat();
        words.into_iter().map(str::to_owned).collect()
    }

    fn set_env(&self, command: &mut Command) {
        command.env_clear().envs(self.env()).stdin(Stdio::null());
    }

    /// The environment of the user.
    pub fn env(&self) -> Vec<(String, String)> {
        let text = |path: PathBuf| path.display().to_string();
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", text(self.bin()));
        [
            ("PATH", path),
            ("HOME", text(self.home())),
            ("XDG_RUNTIME_DIR", text(self.run_dir())),
            ("SHELL", "/bin/bash".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TERM", "xterm".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Runs a program as the user, which must succeed: what it prints.
    pub fn run<S: AsRef<str>>(&self, argv: &[S]) -> String {
        output(self.command(argv))
    }

    fn keep(&self, mut command: Command) {
        let log = fs::File::options().create(true).append(true).open(self.dir.join("log")).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.started.borrow_mut().push(command.spawn().unwrap());
    }

    /// Runs ip(8) as root.
    pub fn ip(&self, arguments: &[&str]) {
        output(self.root(&[&["ip"], arguments].concat()));
    }

    /// The same in the network of `bridge`, where pids are those of outside.
    pub fn outside_ip(&self, bridge: &Host, arguments: &[&str]) {
        let mut command = Command::new("nsenter");
        command.args(["--target", &bridge.pid.to_string(), "--net", "ip"]).args(arguments);
        output(command);
    }

    /// Starts sshd and waits until it takes connections.
    pub fn start_sshd(&self) {
        let config = self.dir.join("sshd_config").display().to_string();
        let sshd = super::sshd_path();
        self.keep(self.root(&[sshd.as_str(), "-D", "-e", "-f", &config]));
        until("an sshd that listens", || {
            let table = fs::read_to_string(format!("/proc/{}/net/tcp", self.pid)).unwrap();
            table.lines().any(|row| row.contains(":0016 00000000:0000 0A"))
        });
    }

    /// Adds lines to the configuration of the user's ssh, where the first value of each keyword counts.
    pub fn configure_ssh(&self, text: &str) {
        let path = self.home().join(".ssh/config");
        let old = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}\n{old}")).unwrap();
    }

    /// Writes the configuration of vmux.
    pub fn configure_vmux(&self, text: &str) {
        let home = self.home().join(".vmux");
        fs::create_dir(&home).unwrap();
        fs::write(home.join("config.toml"), text).unwrap();
        self.give_to_user(&home);
    }

    /// Starts vmuxd and waits until it answers.
    pub fn start_vmuxd(&self) {
        self.start_vmuxd_with(&[]);
    }

    /// The same with more variables.
    pub fn start_vmuxd_with(&self, vars: &[(&str, &str)]) {
        let mut command = self.command(&["vmuxd", "--interval", "3600"]);
        command.envs(vars.iter().copied());
        self.keep(command);
        until("a vmuxd that answers", || self.ask("version", json!({})).is_some());
    }

    /// One request of the user to vmuxd; `None` if it does not answer.
    pub fn ask(&self, action: &str, args: Value) -> Option<Value> {
        let socket = self.run_dir().join("vmux/vmuxd.sock");
        let line = format!("{}\n", json!({ "action": action, "args": args }));
        self.as_user(move || {
            let mut stream = UnixStream::connect(socket).ok()?;
            stream.write_all(line.as_bytes()).ok()?;
            let mut reply = String::new();
            BufReader::new(stream).read_line(&mut reply).ok()?;
            serde_json::from_str(&reply).ok()
        })
    }

    /// The session in the directory `name` of the user, once there is one.
    pub fn session(&self, name: &str) -> Value {
        let cwd = self.home().join(name).display().to_string();
        eventually("a session", || {
            let list = self.ask("list", json!({}))?;
            let sessions = list["sessions"].as_array()?;
            sessions.iter().find(|it| it["cwd"] == cwd.as_str()).cloned()
        })
    }

    /// A command line that becomes a session in the directory `name`.
    pub fn session_line(&self, name: &str) -> String {
        let dir = self.home().join(name);
        if !dir.exists() {
            fs::create_dir(&dir).unwrap();
            self.give_to_user(&dir);
            crate::support::program::copy("/bin/sleep", dir.join("claude"));
        }
        format!("cd {0} && exec ./claude 86400", dir.display())
    }

    /// Does something in a thread that is the user of this host, with its network and its files: `/proc`
    /// is that of the host.
    pub fn as_user<T: Send + 'static>(&self, act: impl FnOnce() -> T + Send + 'static) -> T {
        let uid = self.uid();
        let namespace =
            |name: &str| fs::File::open(format!("/proc/{}/ns/{name}", self.pid)).unwrap();
        let (network, mounts) = (namespace("net"), namespace("mnt"));
        let thread = std::thread::spawn(move || {
            #[expect(deprecated)]
            use rustix::thread::unshare;
            use rustix::thread::{
                LinkNameSpaceType, UnshareFlags, move_into_link_name_space, set_thread_res_gid,
                set_thread_res_uid,
            };
            use std::os::fd::AsFd;
            let (user, group) = (rustix::fs::Uid::from_raw(uid), rustix::fs::Gid::from_raw(uid));
            // Only with `FILES` it is unsafe; a thread enters a mount namespace after this alone.
            #[expect(deprecated)]
            unshare(UnshareFlags::FS).unwrap();
            move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            move_into_link_name_space(mounts.as_fd(), Some(LinkNameSpaceType::Mount)).unwrap();
            set_thread_res_gid(group, group, group).unwrap();
            set_thread_res_uid(user, user, user).unwrap();
            act()
        });
        thread.join().unwrap()
    }

    /// What was written to the log of what runs here.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Makes a file or a directory, and what is in it, the user's.
    pub fn give_to_user(&self, path: &Path) {
        let uid = Some(self.uid());
        chown(path, uid, uid).unwrap();
        if path.is_dir() {
            fs::set_permissions(path, PermissionsExt::from_mode(0o700)).unwrap();
            for entry in fs::read_dir(path).unwrap() {
                self.give_to_user(&entry.unwrap().path());
            }
        }
    }

    /// The keys of the other hosts. Those that are made later have theirs later.
    fn know_hosts(&self, files: &HostFiles) {
        let keys = files.dir.join("known_hosts");
        let own = fs::read_to_string(self.dir.join("hostkey.pub")).unwrap();
        let mut known = fs::read_to_string(&keys).unwrap_or_default();
        known += &format!("{},{} {own}", self.name, self.address());
        fs::write(&keys, known).unwrap();
        fs::set_permissions(&keys, PermissionsExt::from_mode(0o644)).unwrap();
        let config = self.home().join(".ssh/config");
        let text = fs::read_to_string(&config).unwrap();
        let line = format!("UserKnownHostsFile {}\n", keys.display());
        fs::write(config, text + &line).unwrap();
    }

    fn wait_until_ready(&mut self) {
        let mut line = String::new();
        BufReader::new(self.unshare.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let log = || fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        assert_eq!(line, "ready\n", "a host cannot be made here: {}", log());
        let pid = self.unshare.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        self.pid = children.trim().parse().unwrap();
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the host {} said:\n{}", self.name, self.log());
        }
        // Its first process ends at the end of its input, and the kernel ends all others.
        drop(self.unshare.stdin.take());
        let _ = self.unshare.wait();
        for child in self.started.borrow_mut().iter_mut() {
            let _ = child.wait();
        }
    }
}

/// The first process of a host.
fn begin(name: &str, dir: &Path) -> Child {
    let programs = Path::new(env!("CARGO_BIN_EXE_vmux")).parent().unwrap();
    let log = fs::File::create(dir.join("log")).unwrap();
    Command::new("unshare")
        .args(["--net", "--pid", "--mount", "--uts", "--ipc", "--fork", "--kill-child"])
        .args(["--mount-proc", "bash", "-c", include_str!("init.sh"), "init", name])
        .arg(dir)
        .arg(programs)
        .arg(std::env::var_os("VMUX_TEST_OPENSSH").unwrap_or_default())
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// The words of `command` on standard output; it must succeed.
pub fn output(mut command: Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{command:?}: {said}");
    String::from_utf8(stdout).unwrap()
}

fn sshd_config(dir: &Path) -> String {
    format!(
        "HostKey {0}/hostkey\nUsePAM no\nPasswordAuthentication no\nPrintMotd no\n\
         AcceptEnv LANG LC_*\nSetEnv XDG_RUNTIME_DIR={0}/run\nUseDNS no\n\
         MaxStartups 100\nMaxSessions 100\n",
        dir.display()
    )
}
