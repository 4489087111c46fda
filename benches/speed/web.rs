//! What `vmux web` costs, and how late its events are, beside `vmux events`.

use crate::cpu;
use crate::list::fill;
use crate::processes::Processes;
use crate::table::{Times, head, ratio, row};
use crate::world::{Daemon, FakeProcess, World};
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const EDGES: u32 = 100;

/// How long to wait for a line before the edge is taken to be lost.
const LOST: Duration = Duration::from_secs(5);

/// How long CPU is measured while many pages are open, with 20 changes a second.
const CROWD: Duration = Duration::from_secs(20);

/// How long it is watched doing nothing.
const IDLE: Duration = Duration::from_secs(60);

pub fn run() {
    head("vmux web: from a write to the event of a page, beside `vmux events`; 50 sessions");
    let world = World::new();
    fill(&world, 49);
    let process = world.claude(500).live();
    let daemon = Daemon::start(&world, world.vmuxd());
    let web = Web::start(&world);
    let page = lines(web.open());
    let mut events = world.vmux();
    events.arg("events").stdin(Stdio::null()).stdout(Stdio::piped());
    let mut events = events.spawn().unwrap();
    let line = lines(events.stdout.take().unwrap());
    let events = Processes(vec![events]);
    let (mut pages, mut files) = (Vec::new(), Vec::new());
    for edge in 0..EDGES {
        while page.recv_timeout(Duration::from_millis(150)).is_ok() {}
        while line.try_recv().is_ok() {}
        let start = Instant::now();
        change(&world, &process, edge);
        // Both of the same edge: what one of them waits for, the other does, too.
        files.extend(line.recv_timeout(LOST).ok().map(|at| at - start));
        pages.extend(page.recv_timeout(LOST).ok().map(|at| at - start));
    }
    let (page, line) = (Times::new(pages.clone()), Times::new(files.clone()));
    row("an event of the page, p50", &millis(page.median()), "");
    row("a line of vmux events, p50", &millis(line.median()), "");
    row("page / vmux events, p50", &ratio(page.median(), line.median()), "≤ 2×");
    row("page / vmux events, p99", &ratio(page.quantile(0.99), line.quantile(0.99)), "");
    row("edges lost", &(2 * EDGES as usize - pages.len() - files.len()).to_string(), "0");
    drop(events);
    let one = share(&[daemon.pid(), web.0.id()], CROWD, || busy(&world, &process));
    let crowd: Vec<_> = (0..99).map(|_| read_away(web.open())).collect();
    let many = share(&[daemon.pid(), web.0.id()], CROWD, || busy(&world, &process));
    row("CPU of vmuxd, 20 changes a second, 1 page", &percent(one[0]), "");
    row("CPU of vmuxd, the same, 100 pages", &percent(many[0]), "");
    row("vmuxd, 100 pages / 1 page", &format!("{:.2}×", many[0] / one[0]), "about 1×");
    row("CPU of vmux-web, 1 page", &percent(one[1]), "");
    row("CPU of vmux-web, 100 pages", &percent(many[1]), "");
    row("memory of vmux-web then (RSS)", &megabytes(web.0.id()), "");
    drop(crowd);
    drop(web);
    let web = Web::start(&world);
    let _page = read_away(web.open());
    let idle = share(&[web.0.id()], IDLE, || std::thread::sleep(IDLE));
    row("CPU of vmux-web over an idle minute, 1 page", &percent(idle[0]), "≤ 0.1 %");
    row("memory of vmux-web (RSS)", &megabytes(web.0.id()), "≤ 10 MB");
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn percent(share: f64) -> String {
    format!("{share:.3} %")
}

fn megabytes(pid: u32) -> String {
    format!("{:.1} MB", cpu::resident(pid) / 1000.0)
}

fn change(world: &World, process: &FakeProcess, edge: u32) {
    let asks = edge.is_multiple_of(2);
    let status = if asks { "waiting" } else { "busy" };
    let now = chrono::Utc::now().timestamp_millis();
    let fields = json!({"status": status, "waitingFor": asks.then_some("permission prompt"),
        "statusUpdatedAt": now});
    world.session_file(process, fields);
}

/// 20 changes a second.
fn busy(world: &World, process: &FakeProcess) {
    let start = Instant::now();
    for edge in 0.. {
        std::thread::sleep((Duration::from_millis(50) * edge).saturating_sub(start.elapsed()));
        if start.elapsed() >= CROWD {
            return;
        }
        change(world, process, edge);
    }
}

/// For each process: share of a core in percent.
fn share(pids: &[u32], time: Duration, act: impl FnOnce()) -> Vec<f64> {
    let before: Vec<_> = pids.iter().map(|pid| cpu::of_process(*pid)).collect();
    act();
    let used = pids.iter().zip(before).map(|(pid, before)| cpu::of_process(*pid) - before);
    used.map(|it| it.as_secs_f64() * 100.0 / time.as_secs_f64()).collect()
}

/// When each change of a session came.
fn lines(from: impl Read + Send + 'static) -> mpsc::Receiver<Instant> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if line.contains("\"event\":\"session\"") && sender.send(Instant::now()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// A page that reads and forgets.
fn read_away(mut from: TcpStream) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut buffer = [0; 65536];
        while from.read(&mut buffer).is_ok_and(|length| length > 0) {}
    })
}

/// A `vmux web` on a free port.
struct Web(Child, u16, String);

impl Web {
    fn start(world: &World) -> Web {
        let mut command = world.vmux();
        command.args(["web", "--no-start", "--listen", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap().parse().unwrap();
        let token = std::fs::read_to_string(world.home().join(".vmux/web-token")).unwrap();
        Web(child, port, token.trim().to_owned())
    }

    /// The event stream, once it has begun.
    fn open(&self) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.1)).unwrap();
        let request = format!(
            "GET /api/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
            self.2
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut begun = [0; 1];
        stream.read_exact(&mut begun).unwrap();
        stream
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
