//! What finding and switching costs, as ratios measured in one run:
//! `cargo test --release --test it wm::bench -- --ignored --nocapture`.

use crate::support::desk::{Screen, need, need_own_processes, proc_reader, words};
use crate::support::world::{Daemon, World};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use vmux::wm::ipc::client::IpcClient;
use vmux::wm::ipc::events::WmEvent;
use vmux::wm::x11::worker::XWorker;

const DEADLINE: Duration = Duration::from_secs(5);

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
            vmux::wm::ipc::windows::read(tree).windows.iter().filter_map(|row| row.xid).collect();
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
    let world = World::new();
    let mut command = world.command(env!("CARGO_BIN_EXE_vmuxd"));
    command.args(["--interval", "3600"]);
    command.env("DISPLAY", &screen.display).env("I3SOCK", screen.socket());
    let daemon = Daemon::start(&world, command);
    daemon.sessions();
    let (mut theirs, mut ours, mut through, mut spawns) = (vec![], vec![], vec![], vec![]);
    let (mut theirs_at_once, mut ours_at_once) = (vec![], vec![]);
    let (quiet, at_once) = (Duration::from_millis(40), Duration::ZERO);
    for round in 0..100 {
        // From one workspace to another, each way from the same one.
        let (target, label) = windows[round % 49].clone();
        let pid = screen.pid(&label).await.to_string();
        let focus = format!("[con_id={target}] focus");
        let i3_msg = words(&["i3-msg", "-s", &screen.socket().display().to_string(), &focus]);
        let vmux = words(&[env!("CARGO_BIN_EXE_vmux"), "switch", &pid]);
        theirs.push(go(&mut screen, &world, &i3_msg, target, quiet).await);
        ours.push(go(&mut screen, &world, &vmux, target, quiet).await);
        theirs_at_once.push(go(&mut screen, &world, &i3_msg, target, at_once).await);
        ours_at_once.push(go(&mut screen, &world, &vmux, target, at_once).await);
        screen.tmux("s", &["select-window", "-t", ":1"]);
        let vmux = words(&[env!("CARGO_BIN_EXE_vmux"), "switch", &tmux_pid]);
        through.push(go(&mut screen, &world, &vmux, tmux, quiet).await);
        let begin = Instant::now();
        screen.tmux("s", &["list-panes", "-a"]);
        spawns.push(begin.elapsed());
    }
    let (theirs, ours) = (least_and_median(theirs), least_and_median(ours));
    say("i3-msg '[con_id=…] focus', spawn to window::focus", theirs);
    say("vmux switch, spawn to window::focus", ours);
    println!("ratio: min {:.2}, median {:.2} (goal 1.5)", ours.0 / theirs.0, ours.1 / theirs.1);
    let (theirs, ours) = (least_and_median(theirs_at_once), least_and_median(ours_at_once));
    say("i3-msg less than 8 ms after another change", theirs);
    say("vmux switch less than 8 ms after another change", ours);
    println!("ratio: min {:.2}, median {:.2}", ours.0 / theirs.0, ours.1 / theirs.1);
    say("vmux switch into tmux, spawn to window::focus", least_and_median(through));
    say("one spawn of tmux", least_and_median(spawns));
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
