//! Servers of sessions, in a network of their own: real ones, told by the kernel.

mod quiet;
mod real;

use crate::support::program;
use crate::support::world::{Daemon, World, eventually, until};
use serde_json::{Value, json};
use std::cell::Cell;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

/// vmuxd in a network and PID namespace of its own, and one session in it that does what it is told.
pub struct Pod {
    pub world: World,
    pub daemon: Daemon,
    session: File,
    /// How many it was asked for.
    outputs: Cell<usize>,
}

/// The id of the session, as its tools have it in their environment.
const ID: &str = "11111111-2222-4333-8444-555555555555";

impl Pod {
    pub fn new() -> Pod {
        Pod::beside(":")
    }

    /// The same, beside what this command of a shell starts.
    fn beside(other: &str) -> Pod {
        Pod::scanned_every(3600, other)
    }

    /// The same, scanned so often, in seconds; else when a client asks.
    fn scanned_every(interval: u32, other: &str) -> Pod {
        let world = World::new();
        let program = world.path("w/claude");
        program::copy("/bin/bash", &program);
        let orders = world.path("orders");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &orders,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        let mut pod = world.command("/usr/bin/unshare");
        pod.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        pod.env("PYTHONPATH", world.path("w")).env("PYTHONUNBUFFERED", "1");
        pod.args(["--map-root-user", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]);
        // The session reads its orders line by line. Its name is that of the program from then on.
        let obey = r#"while read -r order; do eval "$order"; done; sleep 100000"#;
        let begin = "ip link set lo up; eval \"$4\"; \"$0\" -c \"$1\" <\"$2\" >/dev/null 2>&1 & \
            while read name </proc/$!/comm && [ \"$name\" != claude ]; do :; done; \
            exec \"$3\" --interval \"$5\"";
        pod.args(["sh", "-c", begin]);
        pod.arg(&program).arg(obey).arg(&orders).arg(env!("CARGO_BIN_EXE_vmuxd")).arg(other);
        pod.arg(interval.to_string());
        let opened = std::thread::spawn(move || File::create(orders).unwrap());
        let daemon = Daemon::start(&world, pod);
        let session = opened.join().unwrap();
        let pod = Pod { world, daemon, session, outputs: Cell::default() };
        assert_eq!(pod.daemon.sessions().len(), 1);
        pod
    }

    /// The session does this, as a command of its shell.
    pub fn order(&self, order: &str) {
        writeln!(&self.session, "{order}").unwrap();
    }

    /// A tool of the session runs this: a shell that leads a process group session, and the variables
    /// that Claude Code sets.
    pub fn tool(&self, command: &str) {
        self.order(&format!(
            "CLAUDECODE=1 CLAUDE_CODE_SESSION_ID={ID} CLAUDE_PID=$$ setsid bash -c '{command}' &"
        ));
    }

    /// What this prints, run by a tool of the session.
    fn output(&self, command: &str) -> String {
        self.outputs.set(self.outputs.get() + 1);
        let name = format!("output-{}", self.outputs.get());
        self.tool(&format!("({command}) >{name}.new; mv {name}.new {name}"));
        let path = self.world.path("w").join(&name);
        eventually(command, || fs::read_to_string(&path).ok())
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.world.path("w").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn servers(&self) -> Vec<Value> {
        let reply = self.daemon.ask("servers", json!({}));
        assert_eq!(reply["ok"], true, "{reply}");
        reply["servers"].as_array().unwrap().clone()
    }

    /// Waits until the server on this port is as wanted.
    pub fn until(&self, port: u16, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(what, || self.servers().into_iter().find(|it| it["port"] == port && wanted(it)))
    }

    /// Waits until something listens on this port.
    pub fn server(&self, port: u16) -> Value {
        self.until(port, "a server", |_| true)
    }

    /// `vmux servers` with these arguments: exit code, and what it printed on both ways.
    fn vmux(&self, args: &[&str]) -> (i32, String, String) {
        let output = self.world.vmux().arg("servers").args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn says(&self, port: u16, kind: &str) -> Value {
        self.until(port, kind, |it| has(it, kind))
    }
}

pub fn has(server: &Value, kind: &str) -> bool {
    let problems = server["problems"].as_array();
    problems.is_some_and(|it| it.iter().any(|it| it["kind"] == kind))
}

/// A program that listens on 127.0.0.1 and takes no connection.
pub const LISTENS: &str = "import socket, sys, time\n\
    s = socket.socket()\n\
    s.bind((\"127.0.0.1\", int(sys.argv[1])))\n\
    s.listen(8)\n\
    time.sleep(100000)\n";

#[test]
fn a_server_belongs_to_the_session_whose_tool_started_it() {
    let pod = Pod::new();
    fs::create_dir(pod.world.path("w/site")).unwrap();
    pod.tool("cd site; python3 -m http.server 8000 & echo $! >pid; wait");
    let server = pod.server(8000);
    assert_eq!(server["name"], "http.server");
    assert_eq!(server["addresses"], json!(["0.0.0.0"]));
    assert_eq!(server["url"], "http://127.0.0.1:8000/");
    assert_eq!(server["by"], "process");
    assert_eq!(server["cwd"], pod.world.path("w/site").display().to_string());
    assert_eq!(server.get("problems"), None, "{server}");
    let session = &pod.daemon.sessions()[0];
    assert_eq!(server["session"]["pid"], session.pid);
    // The session says so itself, and in the stream.
    let mut listener = pod.daemon.listen();
    listener.until(|sessions| sessions[0].servers.iter().any(|it| it.port == 8000));
    pod.order("kill $(cat site/pid)");
    // Its end is noticed without a scan.
    listener.until(|sessions| sessions[0].servers.is_empty());
}

/// A program that listens while there is a file `open`.
const OPENS: &str = "import os, socket, time\n\
    s = None\n\
    while True:\n\
    \x20   if s is None and os.path.exists(\"open\"): s = socket.create_server((\"127.0.0.1\", 8009))\n\
    \x20   if s and not os.path.exists(\"open\"): s = s.close()\n\
    \x20   time.sleep(0.01)\n";

#[test]
fn what_begins_and_ends_to_listen_is_seen_by_the_next_scan() {
    let pod = Pod::scanned_every(1, ":");
    pod.file("opens.py", OPENS);
    pod.tool("python3 opens.py");
    let mut listener = pod.daemon.listen();
    for _ in 0..2 {
        let open = pod.file("open", "");
        listener.until(|sessions| sessions[0].servers.iter().any(|it| it.port == 8009));
        fs::remove_file(open).unwrap();
        listener.until(|sessions| sessions[0].servers.is_empty());
    }
}

#[test]
fn a_server_has_one_start_however_often_it_is_looked_at() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    pod.tool("python3 listens.py 8006");
    let first = pod.server(8006);
    // As long as a socket is new, each look reads the processes again.
    for _ in 0..5 {
        assert_eq!(pod.server(8006)["started_at"], first["started_at"]);
    }
}

#[test]
fn a_reloader_without_its_worker_answers_nobody() {
    let pod = Pod::new();
    let app = pod.file(
        "app.py",
        "async def app(scope, receive, send):\n    assert scope[\"type\"] == \"http\"\n",
    );
    pod.tool("python3 /usr/bin/uvicorn app:app --port 8001 --reload & wait");
    let server =
        pod.until(8001, "reloader and worker", |it| it["holders"].as_array().unwrap().len() == 2);
    assert_eq!(server["name"], "uvicorn app:app");
    assert!(!has(&server, "not_answering"), "{server}");
    // The worker that is begun for this ends at once; the socket stays. uvicorn compares times of
    // change with those that it saw before, so it may have seen none before the first change.
    let first = &server["holders"];
    let server = pod.until(8001, "not_answering", |it| {
        if it["holders"] == *first {
            fs::write(&app, "import nothing_of_this_name\n").unwrap();
        }
        has(it, "not_answering")
    });
    assert_eq!(server["holders"].as_array().unwrap().len(), 1);
}

#[test]
fn workers_are_one_server_and_ended_with_their_session_they_are_orphans() {
    let pod = Pod::new();
    pod.file(
        "wsgi.py",
        "def app(environ, start):\n    start(\"200 OK\", [])\n    return [b\"\"]\n",
    );
    pod.tool("exec python3 /usr/bin/gunicorn --reuse-port -w 2 -b 127.0.0.1:8002 wsgi:app");
    let of_two = |it: &Value| it["holders"].as_array().unwrap().len() >= 2;
    let server = pod.until(8002, "two workers", of_two);
    assert_eq!(server["name"], "gunicorn wsgi:app");
    assert_eq!(pod.servers().len(), 1);
    pod.order("kill -9 $$");
    until("the end of the session", || pod.daemon.sessions().is_empty());
    let server = pod.says(8002, "orphaned");
    assert_eq!(server.get("session"), None);
}

#[test]
fn an_orphan_is_known_by_its_environment_and_by_the_directory() {
    let serve = "env -i /usr/bin/python3 -m http.server";
    let pod = Pod::beside(&format!("{serve} 8004 & (cd / && {serve} 8005) &"));
    pod.file("listens.py", LISTENS);
    // The shell of the tool has ended when the server is seen first.
    pod.tool("python3 listens.py 8003 & disown");
    let server = pod.until(8003, "the environment", |it| it["by"] == "environment");
    assert!(server["session"]["pid"].is_u64(), "{server}");
    // Nothing but the directory, as of a server that the user started.
    let server = pod.until(8004, "the directory", |it| it["by"] == "directory");
    assert_eq!(server["confidence"], "probable");
    // Elsewhere, it is nobody's.
    assert!(pod.servers().iter().all(|it| it["port"] != 8005));
}

#[test]
fn two_servers_on_one_port_are_told_of_each_other() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    pod.tool("python3 listens.py 3000");
    pod.tool("python3 -m http.server --bind ::1 3000");
    let both = eventually("both", || Some(pod.servers()).filter(|it| it.len() == 2));
    assert!(both.iter().all(|it| it["port"] == 3000 && has(it, "same_port")), "{both:?}");
    let urls: Vec<_> = both.iter().map(|it| it["url"].as_str().unwrap()).collect();
    assert!(urls.contains(&"http://[::1]:3000/") && urls.contains(&"http://127.0.0.1:3000/"));
}

#[test]
fn connections_that_nobody_takes_are_told() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    pod.tool("python3 listens.py 8007");
    assert!(!has(&pod.server(8007), "not_answering"));
    pod.order("exec 9<>/dev/tcp/127.0.0.1/8007");
    pod.says(8007, "not_answering");
}

#[test]
fn scripts_ask_for_a_url_a_state_and_a_free_port() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    assert_eq!(pod.vmux(&[]), (0, "no session runs a server\n".into(), String::new()));
    assert_eq!(pod.vmux(&["--status", "listens"]).0, 1);
    let (code, _, error) = pod.vmux(&["--url", "listens"]);
    assert_eq!((code, error.lines().next()), (1, Some("error: no server matches \"listens\"")));
    let (code, _, error) = pod.vmux(&["--wait", "8010", "--timeout", "0s"]);
    assert_eq!((code, error.trim()), (1, "error: time is up, no server matches \"8010\""));
    assert_eq!(pod.vmux(&["--follow", "--timeout", "1s"]).0, 2);
    pod.tool("python3 listens.py 8010 & echo $! >pid; wait");
    let (code, line, _) = pod.vmux(&["--wait", "listens", "--url"]);
    assert_eq!((code, line.as_str()), (0, "http://127.0.0.1:8010/\n"));
    assert_eq!(pod.vmux(&["--status", "8010"]), (0, "active\n".into(), String::new()));
    let (_, table, _) = pod.vmux(&[]);
    assert!(table.contains("8010  127.0.0.1  python listens.py  w"), "{table}");
    assert!(!table.contains("belongs to"), "{table}");
    let (_, asked, _) = pod.vmux(&["8010"]);
    let told = "\n  http://127.0.0.1:8010/\n  belongs to w: a process of the session\n";
    assert!(asked.ends_with(told), "{asked}");
    // Two on one port: which one is meant?
    pod.tool("python3 -m http.server --bind ::1 8010");
    eventually("both", || Some(pod.servers()).filter(|it| it.len() == 2));
    let (code, _, error) = pod.vmux(&["--url", "8010"]);
    assert!(code == 1 && error.starts_with("error: 2 servers match\n"), "{error}");
    let (code, _, error) = pod.vmux(&["stop", "8010", "--yes"]);
    assert!(code == 1 && error.starts_with("error: 2 servers match\n"), "{error}");
    // Neither is a free port, nor is one that was given a moment ago.
    assert_eq!(pod.vmux(&["--free", "8010-8012"]).1, "8011\n");
    assert_eq!(pod.vmux(&["--free", "8010-8012"]).1, "8012\n");
    let (code, _, error) = pod.vmux(&["--free", "8010-8012"]);
    assert!(code == 1 && error.starts_with("error: no port from 8010 to 8012 is free"), "{error}");
    assert!(error.contains("given a port for a minute"), "{error}");
    assert_eq!(pod.vmux(&["--free", "9-8"]).0, 2);
}

#[test]
fn a_follower_is_told_what_begins_and_ends() {
    use std::io::{BufRead, BufReader};
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    let mut command = pod.world.vmux();
    command.args(["servers", "--follow"]).stdout(std::process::Stdio::piped());
    let mut follower = command.spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    pod.tool("python3 listens.py 8016 & echo $! >pid; wait");
    let begins = lines.next().unwrap().unwrap();
    assert!(begins.starts_with("+ 8016  python listens.py  w  http://127.0.0.1:8016/"), "{begins}");
    pod.order("kill $(cat pid)");
    assert!(lines.next().unwrap().unwrap().starts_with("- 8016  python listens.py"));
    // Nobody reads it any more, and it ends by itself.
    drop(lines);
    assert!(crate::support::world::daemon::wait(&mut follower).success());
}

#[test]
fn the_whole_family_is_ended_and_no_other_process() {
    let pod = Pod::new();
    pod.file(
        "wsgi.py",
        "def app(environ, start):\n    start(\"200 OK\", [])\n    return [b\"\"]\n",
    );
    pod.tool("python3 /usr/bin/gunicorn -w 2 -b 127.0.0.1:8011 wsgi:app & wait");
    pod.until(8011, "two workers", |it| it["holders"].as_array().unwrap().len() == 3);
    // Without a terminal nothing is ended unasked.
    let (code, _, error) = pod.vmux(&["stop", "8011"]);
    assert!(
        code == 2 && error.starts_with("error: this would end: 8011  gunicorn wsgi:app"),
        "{error}"
    );
    let (code, line, error) = pod.vmux(&["stop", "8011", "--yes"]);
    assert_eq!(code, 0, "{error}");
    assert!(line.starts_with("ended: 8011  gunicorn wsgi:app"), "{line}");
    until("no server", || pod.servers().is_empty());
    assert_eq!(pod.daemon.sessions().len(), 1);
    let (code, _, error) = pod.vmux(&["stop", "8011", "--yes"]);
    assert!(code == 1 && error.contains("no server of a session has port or pid 8011"), "{error}");
}

#[test]
fn a_script_that_starts_a_server_in_the_background_goes_on() {
    let pod = Pod::new();
    pod.file("dev.sh", "python3 listens.py 8017 & echo $! >pid; sleep 1000 & wait; sleep 1001\n");
    pod.file("listens.py", LISTENS);
    for shell in ["bash", "dash"] {
        pod.tool(&format!("{shell} dev.sh & echo $! >script; wait"));
        let server = pod.server(8017);
        let pid = fs::read_to_string(pod.world.path("w/pid")).unwrap();
        assert_eq!(server["pid"].to_string(), pid.trim(), "{server}");
        let (code, line, error) = pod.vmux(&["stop", "8017", "--yes"]);
        assert!(code == 0 && line.starts_with("ended: 8017"), "{line}{error}");
        until("no server", || pod.servers().is_empty());
        pod.order("kill -0 $(cat script) && echo lives >alive");
        until("the script", || pod.world.path("w/alive").exists());
        fs::remove_file(pod.world.path("w/alive")).unwrap();
    }
}

#[test]
fn what_vmux_itself_serves_is_no_server_of_a_session() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    program::copy("/usr/bin/python3", pod.world.path("w/vmux-web"));
    pod.tool("./vmux-web listens.py 8018 & python3 listens.py 8019; wait");
    pod.server(8019);
    assert_eq!(pod.servers().len(), 1);
}

#[test]
fn one_that_does_not_end_is_said_to_live() {
    let pod = Pod::new();
    pod.file("listens.py", &format!("import signal\nsignal.signal(15, signal.SIG_IGN)\n{LISTENS}"));
    pod.tool("exec python3 listens.py 8012");
    let pid = pod.server(8012)["pid"].clone();
    let (code, _, error) = pod.vmux(&["stop", "8012", "--yes"]);
    assert_eq!(code, 4);
    assert!(
        error.contains(&format!("still running, 5 s after it was asked to end: {pid}")),
        "{error}"
    );
    pod.server(8012);
}

#[test]
fn what_goes_on_with_old_sources_is_stale() {
    let pod = Pod::new();
    pod.file("p/listens.py", LISTENS);
    pod.file("p/README.md", "x");
    pod.order("(cd p && git init -q && git add . && touch added) >/dev/null");
    until("a repository", || pod.world.path("w/p/added").exists());
    pod.tool("cd p; python3 listens.py 8013 & echo $! >pid; wait");
    assert!(!has(&pod.server(8013), "stale"));
    // Later than the start, which has whole seconds here: two seconds ahead.
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(3);
    let touch = |name: &str| {
        let file = File::options().append(true).open(pod.world.path("w/p").join(name)).unwrap();
        file.set_modified(later).unwrap();
    };
    touch("README.md");
    fs::write(pod.world.path("w/p/made.py"), "x").unwrap();
    assert_eq!(pod.vmux(&["--status", "8013"]).1, "active\n");
    touch("listens.py");
    let server = pod.says(8013, "stale");
    assert_eq!(server["problems"][0]["says"], "listens.py has changed since it started");
    assert_eq!(pod.vmux(&["--status", "8013"]), (7, "stale\n".into(), String::new()));
}

#[test]
fn a_file_names_the_servers_as_long_as_they_listen() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    let file = pod.world.path("w/.dev-ports.json");
    assert_eq!(pod.vmux(&["--write", ".dev-ports.json"]).0, 1);
    pod.tool("python3 listens.py 8014 & echo $! >pid; wait");
    let pid = pod.server(8014)["pid"].clone();
    // It is removed in the end, so it must not be anything else.
    let other = pod.file("package.json", r#"{"name": "x", "port": {"web": 3000}}"#);
    let (code, _, error) = pod.vmux(&["--write", &other.display().to_string()]);
    assert!(
        code == 4 && error.contains("package.json: something else is there\nhint: "),
        "{error}"
    );
    assert!(fs::read_to_string(other).unwrap().contains("name"));
    fs::write(&file, r#"{"port": 8000, "process_id": 1}"#).unwrap();
    let mut keeper = pod.world.vmux().args(["servers", "--write"]).arg(&file).spawn().unwrap();
    let claim = eventually("the file", || {
        let claim: Value = serde_json::from_slice(&fs::read(&file).ok()?).unwrap();
        Some(claim).filter(|it| it["port"] == 8014)
    });
    assert_eq!(claim["process_id"], pid);
    assert_eq!(claim["host"], "127.0.0.1");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    pod.order("kill $(cat pid)");
    assert!(crate::support::world::daemon::wait(&mut keeper).success());
    assert!(!file.exists());
}

#[test]
fn what_a_project_writes_down_is_a_name_and_is_checked() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    pod.tool("python3 listens.py 8015 & echo $! >pid; wait");
    let pid = pod.server(8015)["pid"].clone();
    let claim = json!({"backend": {"port": 8015, "pid": pid}});
    pod.file(".dev-ports.json", &claim.to_string());
    let server = pod.until(8015, "its name", |it| it["alias"] == "backend");
    assert!(!has(&server, "wrong_file"), "{server}");
    assert_eq!(pod.vmux(&["--status", "backend"]).0, 0);
    pod.file(".dev-ports.json", r#"{"port": 8015, "process_id": 1}"#);
    let server = pod.says(8015, "wrong_file");
    let says = format!(
        ".dev-ports.json names pid 1, which does not hold the port; port 8015 is held by {pid}"
    );
    assert_eq!(server["problems"][0]["says"], says);
    // A second server has written over it, and has ended.
    pod.file(".dev-ports.json", r#"{"port": 8000, "process_id": 4000000}"#);
    let says = ".dev-ports.json names port 8000 and pid 4000000, which is gone";
    pod.until(8015, says, |it| it["problems"][0]["says"] == says);
}

#[test]
fn servers_that_cannot_be_seen_are_said_to_be_so() {
    // With another /proc than the kernel's, sockets and processes do not belong together.
    let world = World::new();
    world.claude(100).live();
    let daemon = world.open();
    let reply = daemon.ask("servers", json!({}));
    assert_eq!((&reply["ok"], &reply["code"]), (&json!(false), &json!("not_readable")));
    assert!(reply["error"].as_str().unwrap().starts_with("servers cannot be seen: "), "{reply}");
    assert_eq!(daemon.sessions().len(), 1);
}
