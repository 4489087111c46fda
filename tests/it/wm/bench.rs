//! What finding and switching costs, as ratios measured in one run:
//! `cargo test --release --test it wm::bench -- --ignored --nocapture`. With `VMUX_BASELINE=PATH` also
//! for another build: PATH is its `vmux`, with its `vmuxd` beside it.

use crate::support::desk::{Screen, need, need_own_processes, proc_reader, words};
use crate::support::world::{Daemon, World};
use serde_json::json;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use vmux::wm::ipc::client::IpcClient;
use vmux::wm::ipc::events::WmEvent;
use vmux::wm::x11::worker::XWorker;

const DEADLINE: Duration = Duration::from_secs(5);
/// How long vmuxd is watched doing nothing.
const MEASURED: Duration = Duration::from_secs(60);

/// The least and the median.
fn least_and_median(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    (micros(times[0]), micros(times[times.len() / 2]))
}

fn say(what: &str, (least, median): (f64, f64)) {
    println!("{what:52} min {least:8.0} µs  median {median:8.0} µs");
}

#[tokio::test]
#[ignore = "a measurement"]
async fn cold_resolution_of_fifty_sessions() {
    let mut screen = Screen::new().await;
    let mut pids = Vec::new();
    for index in 0..50 {
        let label = format!("m{index}");
        screen.xterm(&(index % 8 + 1).to_string(), &label).await;
        pids.push(screen.pid(&label).await);
    }
    let reader = proc_reader();
    let mut client = IpcClient::connect(&screen.socket(), DEADLINE).await.unwrap();
    let mut x = XWorker::start(&screen.display, Vec::new(), DEADLINE).unwrap();
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    let mut wm = screen.wm().await;
    for _ in 0..200 {
        let begin = Instant::now();
        let tree = client.tree().await.unwrap();
        let ids =
            vmux::wm::ipc::windows::read(&tree).windows.iter().filter_map(|row| row.xid).collect();
        x.owners(ids).await.unwrap();
        for pid in &pids {
            // The session and its ancestors up to the terminal, which is its parent here.
            let parent = reader.process(*pid).unwrap().ppid;
            reader.process(parent).unwrap();
        }
        bare.push(begin.elapsed());
        let begin = Instant::now();
        wm.forget_facts(true);
        wm.read_windows().await.unwrap();
        for pid in &pids {
            assert!(wm.locate(*pid).await.unwrap().is_known());
        }
        ours.push(begin.elapsed());
    }
    let (bare, ours) = (least_and_median(bare), least_and_median(ours));
    say("get_tree + X Resource + ancestors, 50 sessions", bare);
    say("cold resolution of the same", ours);
    println!("ratio: min {:.2}, median {:.2} (goal 1.3)", ours.0 / bare.0, ours.1 / bare.1);
}

#[tokio::test]
#[ignore = "a measurement"]
async fn switching_against_i3_msg() {
    need_own_processes();
    need("i3-msg");
    let mut screen = Screen::new().await;
    let mut windows = Vec::new();
    for index in 0..50 {
        let label = format!("m{index}");
        let window = screen.xterm(&(index % 8 + 1).to_string(), &label).await;
        screen.pid(&label).await;
        windows.push((window, label));
    }
    let script = screen.markers.script("in tmux");
    let tmux = screen.tmux_in("9", "s", &words(&["new-session", &script])).await;
    let tmux_pid = screen.pid("in tmux").await.to_string();
    screen.tmux("s", &["new-window"]);
    let mut builds = builds();
    for block in 0..5 {
        for build in &mut builds {
            let world = World::new();
            let mut command = world.command(build.vmux.with_file_name("vmuxd"));
            command.args(["--interval", "3600"]);
            command.env("DISPLAY", &screen.display).env("I3SOCK", screen.socket());
            let daemon = Daemon::start(&world, command);
            daemon.sessions();
            for round in block * 20..(block + 1) * 20 {
                build.measure(&mut screen, &world, &windows[round % 49], (tmux, &tmux_pid)).await;
            }
        }
    }
    for build in builds {
        build.report();
    }
}

/// What vmuxd costs under i3 while nothing happens: 40 sessions in terminals of their own, and 11 in one
/// tmux.
#[tokio::test]
#[ignore = "a measurement"]
async fn idle_under_i3() {
    need_own_processes();
    let mut screen = Screen::new().await;
    let mut labels: Vec<String> = (0..50).map(|index| format!("m{index}")).collect();
    for (index, label) in labels[..40].iter().enumerate() {
        screen.xterm(&(index % 8 + 1).to_string(), label).await;
    }
    labels.push("in tmux".to_owned());
    let script = screen.markers.script("in tmux");
    screen.tmux_in("9", "s", &words(&["new-session", &script])).await;
    for label in &labels[40..50] {
        let script = screen.markers.script(label);
        screen.tmux("s", &["new-window", "-d", &script]);
    }
    let files = screen.dir().join("home/.claude/sessions");
    std::fs::create_dir_all(&files).unwrap();
    for label in &labels {
        let pid = screen.pid(label).await;
        let start = proc_reader().process(pid).unwrap().id.start.to_string();
        let file = json!({"pid": pid, "sessionId": format!("session-of-{pid}"), "cwd": screen.dir(),
            "procStart": start, "version": "2.1.329", "kind": "interactive", "entrypoint": "cli",
            "status": "idle", "statusUpdatedAt": chrono::Utc::now().timestamp_millis()});
        std::fs::write(files.join(format!("{pid}.json")), file.to_string()).unwrap();
    }
    for build in &builds() {
        let world = World::new();
        let mut command = world.command(build.vmux.with_file_name("vmuxd"));
        command.env("DISPLAY", &screen.display).env("I3SOCK", screen.socket());
        let daemon = Daemon::start(&world, command);
        tokio::time::sleep(Duration::from_secs(30)).await;
        let usage = |pid: u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split(' ').collect();
            // Hundredths of a second: its own, and of the programs that it ran and waited for.
            let sum = |from: usize| {
                fields[from..from + 2].iter().map(|it| it.parse::<f64>().unwrap()).sum()
            };
            [sum(12), sum(14)]
        };
        let before: [f64; 2] = usage(daemon.pid());
        tokio::time::sleep(MEASURED).await;
        let after = usage(daemon.pid());
        let share = |it: usize| (after[it] - before[it]) / MEASURED.as_secs_f64();
        println!(
            "{}: {:.3} % of a core, programs that it ran {:.3} %",
            build.name,
            share(0),
            share(1)
        );
    }
}

fn builds() -> Vec<Build> {
    let mut builds = vec![Build::new("vmux", PathBuf::from(env!("CARGO_BIN_EXE_vmux")))];
    builds.extend(
        std::env::var_os("VMUX_BASELINE").map(|it| Build::new("the baseline", PathBuf::from(it))),
    );
    builds
}

/// The times of one build.
struct Build {
    name: &'static str,
    vmux: PathBuf,
    /// From the start of a command to the focus: `i3-msg`, vmux, and both right after another change.
    theirs: Vec<Duration>,
    ours: Vec<Duration>,
    theirs_at_once: Vec<Duration>,
    ours_at_once: Vec<Duration>,
    /// vmux to a pane of tmux, and what a start of tmux takes.
    through: Vec<Duration>,
    spawns: Vec<Duration>,
}

impl Build {
    fn new(name: &'static str, vmux: PathBuf) -> Build {
        let none = Vec::new;
        Build {
            name,
            vmux,
            theirs: none(),
            ours: none(),
            theirs_at_once: none(),
            ours_at_once: none(),
            through: none(),
            spawns: none(),
        }
    }

    /// From one workspace to another, each way from the same one.
    async fn measure(
        &mut self,
        screen: &mut Screen,
        world: &World,
        (target, label): &(u64, String),
        (tmux, tmux_pid): (u64, &str),
    ) {
        let (quiet, at_once) = (Duration::from_millis(40), Duration::ZERO);
        let pid = screen.pid(label).await.to_string();
        let focus = format!("[con_id={target}] focus");
        let i3_msg = words(&["i3-msg", "-s", &screen.socket().display().to_string(), &focus]);
        let vmux = self.vmux.display().to_string();
        let ours = words(&[&vmux, "switch", &pid]);
        self.theirs.push(go(screen, world, &i3_msg, *target, quiet).await);
        self.ours.push(go(screen, world, &ours, *target, quiet).await);
        self.theirs_at_once.push(go(screen, world, &i3_msg, *target, at_once).await);
        self.ours_at_once.push(go(screen, world, &ours, *target, at_once).await);
        screen.tmux("s", &["select-window", "-t", ":1"]);
        self.through
            .push(go(screen, world, &words(&[&vmux, "switch", tmux_pid]), tmux, quiet).await);
        let begin = Instant::now();
        screen.tmux("s", &["list-panes", "-a"]);
        self.spawns.push(begin.elapsed());
    }

    fn report(self) {
        println!("{}, {} switches each", self.name, self.ours.len());
        let (theirs, ours) = (least_and_median(self.theirs), least_and_median(self.ours));
        say("i3-msg '[con_id=…] focus', spawn to window::focus", theirs);
        say("vmux switch, spawn to window::focus", ours);
        println!("ratio: min {:.2}, median {:.2} (goal 1.0)", ours.0 / theirs.0, ours.1 / theirs.1);
        let theirs = least_and_median(self.theirs_at_once);
        let ours = least_and_median(self.ours_at_once);
        say("i3-msg less than 8 ms after another change", theirs);
        say("vmux switch less than 8 ms after another change", ours);
        println!("ratio: min {:.2}, median {:.2} (goal 1.0)", ours.0 / theirs.0, ours.1 / theirs.1);
        say("vmux switch into tmux, spawn to window::focus", least_and_median(self.through));
        say("one spawn of tmux", least_and_median(self.spawns));
    }
}

/// Goes to another workspace, runs the command after a pause (a person takes longer), and measures
/// until the window has the focus.
async fn go(
    screen: &mut Screen,
    world: &World,
    argv: &[String],
    target: u64,
    pause: Duration,
) -> Duration {
    screen.workspace("empty").await;
    tokio::time::sleep(pause).await;
    screen.forget_events().await;
    let mut command: Command = world.command(&argv[0]);
    command.args(&argv[1..]).env("DISPLAY", &screen.display);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    let begin = Instant::now();
    let mut child = command.spawn().unwrap();
    screen
        .event("the focus", |event| {
            matches!(event, WmEvent::Focus { con_id } if *con_id == target).then_some(())
        })
        .await;
    let time = begin.elapsed();
    assert!(child.wait().unwrap().success());
    time
}
