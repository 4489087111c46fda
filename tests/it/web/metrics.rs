//! The text for Prometheus, of real sessions, servers, hosts and a real vmuxd: what changes there, changes
//! here. promtool reads each text that is looked at.

use super::server::Server;
use crate::daemon::notify::turn;
use crate::daemon::servers::{LISTENS, Pod, has};
use crate::hosts::{Near, relay, until_state};
use crate::support::world::{World, ago, eventually, until, write_whole};
use serde_json::json;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

/// What was told at one moment.
struct Metrics(String);

impl Metrics {
    fn of(server: &Server) -> Metrics {
        let answer = server.get("/metrics");
        assert_eq!(answer.status, 200, "{answer:?}");
        let kind = answer.header("content-type");
        assert_eq!(kind, Some("text/plain; version=0.0.4; charset=utf-8"));
        Metrics(answer.body)
    }

    /// The same, if promtool takes it without a word.
    fn checked(self) -> Metrics {
        let mut promtool = Command::new("promtool");
        promtool.args(["check", "metrics"]).stdin(Stdio::piped());
        let mut child = promtool.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(self.0.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success() && said.is_empty(), "{said}\n{}", self.0);
        self
    }

    /// The value of one series: its name with its labels.
    fn get(&self, series: &str) -> Option<f64> {
        let value = |line: &str| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok();
        self.0.lines().find_map(value)
    }

    /// The same, which must be there.
    fn value(&self, series: &str) -> f64 {
        self.get(series).unwrap_or_else(|| panic!("no {series}:\n{}", self.0))
    }

    fn has_line(&self, line: &str) -> bool {
        self.0.lines().any(|it| it == line)
    }
}

/// Waits until these series have these values; has promtool check that text.
fn until_values(server: &Server, wanted: &[(&str, Option<f64>)]) -> Metrics {
    let metrics = eventually(&format!("{wanted:?}"), || {
        let metrics = Metrics::of(server);
        wanted.iter().all(|(series, value)| metrics.get(series) == *value).then_some(metrics)
    });
    metrics.checked()
}

const CPU: &str = "vmux_daemon_cpu_seconds_total";
const MEMORY: &str = "vmux_daemon_resident_memory_bytes";

/// CPU seconds and bytes in memory of a process (proc_pid_stat(5)).
fn cost(pid: u32) -> (f64, f64) {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let field = |number: usize| fields.split(' ').nth(number - 3).unwrap().parse::<f64>().unwrap();
    let (ticks, page) = (rustix::param::clock_ticks_per_second(), rustix::param::page_size());
    ((field(14) + field(15)) / ticks as f64, field(24) * page as f64)
}

/// The metrics, in which vmuxd costs what this process does.
fn costs_as(server: &Server, pid: u32) -> Metrics {
    let before = cost(pid);
    let metrics = Metrics::of(server).checked();
    let after = cost(pid);
    let (cpu, memory) = (metrics.value(CPU), metrics.value(MEMORY));
    assert!((before.0..=after.0).contains(&cpu), "{before:?} {cpu} {after:?}");
    // The kernel counts pages only about.
    let pages = before.1 * 0.8..after.1 * 1.25;
    assert!(pages.contains(&memory), "{before:?} {memory} {after:?}");
    metrics
}

#[test]
fn sessions_waits_and_answers_are_counted() {
    let world = World::new();
    let process = world.claude(100).live();
    turn(&world, &process, "busy");
    let daemon = world.open();
    daemon.session(100);
    let server = Server::start(&world, 0);
    let (works, asks, rests) = (
        r#"vmux_sessions{state="working",host=""}"#,
        r#"vmux_sessions{state="needs_input",host=""}"#,
        r#"vmux_sessions{state="idle",host=""}"#,
    );
    let begun = r#"vmux_waits_total{host=""}"#;
    let answers = r#"vmux_time_to_answer_seconds_count{host=""}"#;
    let took = r#"vmux_time_to_answer_seconds_sum{host=""}"#;
    let longest = "vmux_longest_wait_seconds";
    let metrics = Metrics::of(&server).checked();
    for (series, value) in [
        (works, 1.0),
        (asks, 0.0),
        (rests, 0.0),
        (begun, 0.0),
        (answers, 0.0),
        (longest, 0.0),
        ("vmux_unseen", 0.0),
        ("vmux_servers", 0.0),
        ("vmux_servers_with_problems", 0.0),
        ("vmux_daemon_up", 1.0),
    ] {
        assert_eq!(metrics.value(series), value, "{series}");
    }
    for line in [
        "# TYPE vmux_sessions gauge",
        "# TYPE vmux_longest_wait_seconds gauge",
        "# TYPE vmux_waits_total counter",
        "# TYPE vmux_time_to_answer_seconds histogram",
    ] {
        assert!(metrics.has_line(line), "{line}:\n{}", metrics.0);
    }
    // A wait, its answer by the evidence, and another one.
    let asked = ago(0);
    let file = |status: &str, at: i64| {
        let at = asked.timestamp_millis() + at;
        world.session_file(
            &process,
            json!({"status": status, "waitingFor": "permission prompt", "statusUpdatedAt": at}),
        );
    };
    file("waiting", 0);
    let metrics = until_values(&server, &[(asks, Some(1.0)), (begun, Some(1.0))]);
    assert_eq!(metrics.value(works), 0.0);
    let waited = metrics.value(longest);
    assert!((0.0..120.0).contains(&waited), "{waited}");
    until("an older wait", || Metrics::of(&server).value(longest) > waited);
    file("busy", 1);
    let metrics = until_values(&server, &[(works, Some(1.0)), (answers, Some(1.0))]);
    assert_eq!((metrics.value(begun), metrics.value(longest)), (1.0, 0.0));
    let first = metrics.value(took);
    assert!((first - 0.001).abs() < 1e-6, "{first}");
    let bucket = r#"vmux_time_to_answer_seconds_bucket{host="",le="5"}"#;
    assert_eq!(metrics.value(bucket), 1.0);
    // It ends while it waits: that is no answer.
    file("waiting", 2);
    until_values(&server, &[(asks, Some(1.0)), (begun, Some(2.0))]);
    process.end();
    daemon.sessions();
    let metrics = until_values(&server, &[(asks, Some(0.0))]);
    assert_eq!((metrics.value(begun), metrics.value(answers)), (2.0, 1.0));
}

#[test]
fn what_vmuxd_costs_is_what_the_kernel_says() {
    let world = World::new();
    let daemon = world.open();
    let server = Server::start(&world, 0);
    let metrics = costs_as(&server, daemon.pid());
    let used = metrics.value(CPU);
    until("more work of vmuxd", || {
        daemon.sessions();
        Metrics::of(&server).value(CPU) > used
    });
    // As many problems as it has itself, and health tells the same.
    let count = || {
        let daemon = daemon.ask("version", json!({}))["daemon"].clone();
        daemon["problems"].as_array().map_or(0, Vec::len) as f64
    };
    let config = world.home().join(".vmux/config.toml");
    write_whole(&config, "no_such_key = 1\n");
    daemon.until_problems(|it| it.contains("no_such_key"));
    until("the problems", || Metrics::of(&server).value("vmux_daemon_problems") == count());
    let with = Metrics::of(&server).value("vmux_daemon_problems");
    assert!(with >= 1.0);
    assert_eq!(server.get("/health").status, 503);
    write_whole(&config, "");
    daemon.until_problems(|it| !it.contains("no_such_key"));
    until("fewer problems", || Metrics::of(&server).value("vmux_daemon_problems") < with);
    // Without vmuxd nothing is known, which is not the same as 0.
    drop(daemon);
    let gone = [CPU, MEMORY, "vmux_daemon_problems", "vmux_servers", "vmux_longest_wait_seconds"];
    let gone = gone.map(|it| (it, None));
    let metrics = until_values(&server, &[&gone[..], &[("vmux_daemon_up", Some(0.0))]].concat());
    assert!(!metrics.0.contains("\nvmux_sessions"), "{}", metrics.0);
    assert_eq!(metrics.value(r#"vmux_waits_total{host=""}"#), 0.0);
}

#[test]
fn servers_of_sessions_and_those_with_problems_are_counted() {
    let pod = Pod::new();
    let server = Server::start(&pod.world, 0);
    let (servers, troubled) = ("vmux_servers", "vmux_servers_with_problems");
    until_values(&server, &[(servers, Some(0.0)), (troubled, Some(0.0))]);
    pod.tool("exec python3 -m http.server --bind 127.0.0.1 8000");
    pod.server(8000);
    until_values(&server, &[(servers, Some(1.0)), (troubled, Some(0.0))]);
    // vmuxd is in a PID namespace of its own, where it has another pid.
    let unshare = pod.daemon.pid();
    let children = fs::read_to_string(format!("/proc/{unshare}/task/{unshare}/children")).unwrap();
    let vmuxd: u32 = children.trim().parse().unwrap();
    assert_ne!(pod.daemon.ask("version", json!({}))["daemon"]["pid"], vmuxd);
    costs_as(&server, vmuxd);
    // A source changes after a server that does not look at it has started.
    pod.file("p/listens.py", LISTENS);
    pod.order("(cd p && git init -q && git add . && touch added) >/dev/null");
    until("a repository", || pod.world.path("w/p/added").exists());
    pod.tool("cd p; exec python3 listens.py 8003");
    pod.server(8003);
    until_values(&server, &[(servers, Some(2.0)), (troubled, Some(0.0))]);
    let source = fs::File::options().append(true).open(pod.world.path("w/p/listens.py")).unwrap();
    // Later than the start, which has whole seconds there.
    source.set_modified(SystemTime::now() + Duration::from_secs(3)).unwrap();
    pod.until(8003, "a stale server", |it| has(it, "stale"));
    until_values(&server, &[(servers, Some(2.0)), (troubled, Some(1.0))]);
}

#[test]
fn hosts_come_and_go() {
    let far = World::new();
    let process = far.claude(100).live();
    turn(&far, &process, "busy");
    let _far_daemon = far.open();
    let near = Near::new("[hosts.gpu]\n[hosts.off]\nenabled = false\n");
    let pid = near.world.path("pid").display().to_string();
    near.reaches("gpu", &far, &format!("echo $$ >{pid}"));
    let daemon = near.open();
    until_state(&daemon, "gpu", "up");
    let server = Server::start(&near.world, 0);
    let up = r#"vmux_host_up{host="gpu"}"#;
    let works = r#"vmux_sessions{state="working",host="gpu"}"#;
    let asks = r#"vmux_sessions{state="needs_input",host="gpu"}"#;
    let unknown = r#"vmux_sessions{state="unknown",host="gpu"}"#;
    let begun = r#"vmux_waits_total{host="gpu"}"#;
    let answers = r#"vmux_time_to_answer_seconds_count{host="gpu"}"#;
    let known = [(up, Some(1.0)), (works, Some(1.0)), (begun, Some(0.0)), (answers, Some(0.0))];
    let metrics = until_values(&server, &known);
    assert_eq!(metrics.get(r#"vmux_host_up{host="off"}"#), None);
    turn(&far, &process, "waiting");
    let waits =
        [(asks, Some(1.0)), (begun, Some(1.0)), (r#"vmux_waits_total{host=""}"#, Some(0.0))];
    until_values(&server, &waits);
    // The connection breaks, and cannot be made again. The wait goes on meanwhile.
    near.destination("gpu-next", "exit 255");
    let swap = || {
        let (next, now) = (near.world.path("bin/to-gpu-next"), near.world.path("bin/to-gpu"));
        fs::rename(next, now).unwrap();
    };
    swap();
    let ssh: i32 = fs::read_to_string(pid).unwrap().trim().parse().unwrap();
    let ssh = rustix::process::Pid::from_raw(ssh).unwrap();
    rustix::process::kill_process(ssh, rustix::process::Signal::KILL).unwrap();
    let metrics = until_values(&server, &[(up, Some(0.0)), (unknown, Some(1.0)), (asks, None)]);
    assert_eq!((metrics.value("vmux_longest_wait_seconds"), metrics.value(answers)), (0.0, 0.0));
    near.destination("gpu-next", &relay(&far));
    swap();
    let metrics = until_values(&server, &[(up, Some(1.0)), (asks, Some(1.0))]);
    assert_eq!((metrics.value(begun), metrics.value(answers)), (1.0, 0.0));
    turn(&far, &process, "busy");
    until_values(&server, &[(works, Some(1.0)), (begun, Some(1.0)), (answers, Some(1.0))]);
    near.configure("");
    until_values(&server, &[(up, None), (works, None), (begun, Some(1.0))]);
}
