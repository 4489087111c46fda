//! Over a real sshd on a network of this machine: edges, and a cut.

use crate::support::ssh::{Host, Network};
use crate::table::{Times, head, ratio, row};
use crate::world::until;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const EDGES: usize = 100;

/// How long to wait for a line before the edge is taken to be lost.
const LOST: Duration = Duration::from_secs(5);

pub fn run() {
    head("over a real ssh: from a write there to the line of vmux status --follow here");
    if !crate::pod::is_root() {
        return row("not measured: hosts are made by root only", "-", "");
    }
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    let program = far.bin().join("vmux");
    near.configure_vmux(&format!("[hosts.far]\nprogram = \"{}\"\n", program.display()));
    let mut sessions = [Session::start(near), Session::start(far)];
    let state = || near.ask("hosts", json!({})).unwrap()["hosts"][0]["state"].clone();
    until("the far host to be up", || state() == "up");
    let lines = follow(near);
    let mut times: [Vec<Duration>; 2] = Default::default();
    // Alternating, so that both meet the same load.
    for edge in 0..EDGES {
        for (session, times) in sessions.iter_mut().zip(&mut times) {
            while lines.recv_timeout(Duration::from_millis(150)).is_ok() {}
            let start = Instant::now();
            session.write(edge % 2 == 0);
            times.extend(lines.recv_timeout(LOST).ok().map(|at| at - start));
        }
    }
    let lost = 2 * EDGES - times[0].len() - times[1].len();
    row("edges lost, of 200", &lost.to_string(), "0");
    let [local, far_times] = times.map(Times::new);
    let millis = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    row("a local edge, p50", &millis(local.median()), "");
    row("a far edge, p50", &millis(far_times.median()), "");
    row("far / local, p50", &ratio(far_times.median(), local.median()), "≤ 3×");
    row("far / local, p99", &ratio(far_times.quantile(0.99), local.quantile(0.99)), "");
    let start = Instant::now();
    network.bridge_rules(
        "add table bridge cut; add chain bridge cut f { type filter hook forward priority 0; \
         policy drop; }",
    );
    until("the far host to be down", || state() == "down");
    let noticed = format!("{:.1} s", start.elapsed().as_secs_f64());
    row("from a silent cut to \"out of reach\"", &noticed, "≤ 15 s");
}

/// A session on a host whose vmuxd runs, with a session file.
struct Session<'a> {
    host: &'a Host,
    process: Child,
    info: Value,
}

impl<'a> Session<'a> {
    fn start(host: &'a Host) -> Session<'a> {
        let home = host.home().join(".claude");
        std::fs::create_dir_all(home.join("sessions")).unwrap();
        host.give_to_user(&home);
        let line = host.session_line("work");
        // Before vmuxd, whose first scan finds it.
        let process = host.command(&["bash", "-c", &line]).spawn().unwrap();
        host.start_vmuxd();
        let info = host.session("work");
        let mut session = Session { host, process, info };
        session.write(false);
        host.give_to_user(&home);
        session
    }

    fn write(&mut self, waits: bool) {
        let now = chrono::Utc::now().timestamp_millis();
        let file = json!({
            "pid": self.info["pid"], "sessionId": "session", "cwd": self.info["cwd"],
            "startedAt": now, "procStart": self.info["start"].to_string(), "version": "2.1.329",
            "kind": "interactive", "entrypoint": "cli", "statusUpdatedAt": now,
            "status": if waits { "waiting" } else { "busy" },
            "waitingFor": waits.then_some("permission prompt"),
        });
        let path = format!(".claude/sessions/{}.json", self.info["pid"]);
        std::fs::write(self.host.home().join(path), file.to_string()).unwrap();
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// When a line of `vmux status --follow` came on this host.
fn follow(host: &Host) -> mpsc::Receiver<Instant> {
    let format = "{waiting} {working}";
    let mut command = host.command(&["vmux", "status", "--follow", "--format", format]);
    let mut follower = command.stdout(Stdio::piped()).spawn().unwrap();
    let stdout = follower.stdout.take().unwrap();
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for _ in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(Instant::now());
        }
        let _ = follower.wait();
    });
    lines
}
