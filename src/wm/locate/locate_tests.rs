//! Worlds that are hard to build for real, as values.

use super::locate;
use super::location::{Found, Obstacle};
use super::snapshot::{Need, Scene};
use crate::session::process::{Process, ProcessId};
use crate::session::state::Confidence;
use crate::wm::ipc::windows::WindowRow;
use crate::wm::mux::Server;
use crate::wm::mux::generic::{Door, PaneRow as Row, Part, Plain, Viewer};
use crate::wm::mux::tmux::{ClientRow, PaneRow, View};

const PTS0: u64 = 34816;

/// A scene from rows `pid ppid tty comm` and windows `con_id pid workspace`; xid is con_id.
fn scene(processes: &[(u32, u32, u64, &str)], windows: &[(u64, u32, &str)]) -> Scene {
    let row = |&(con_id, pid, workspace): &(u64, u32, &str)| WindowRow {
        con_id,
        xid: Some(con_id as u32),
        pid: Some(pid),
        workspace: Some(workspace.into()),
        ..WindowRow::default()
    };
    let mut scene = Scene::new(windows.iter().map(row).collect());
    scene.display = Some(0);
    for &(pid, ppid, tty, comm) in processes {
        let id = ProcessId { pid, start: 1 };
        let process = Process { id, ppid, comm: comm.into(), state: 'S', leader: pid, tty };
        scene.facts.processes.insert(pid, Some(process));
    }
    scene
}

fn set(scene: &mut Scene, pid: u32, name: &str, value: &str) {
    scene.facts.env.entry(pid).or_default().keep(name, value);
}

/// Resolves, and gives "not known" for every fact that is asked for and not there.
fn find(scene: &mut Scene) -> Found {
    find_pid(scene, 100)
}

fn find_pid(scene: &mut Scene, pid: u32) -> Found {
    for _ in 0..100 {
        match locate(scene, pid) {
            Ok(found) => return found.expect("no such process"),
            Err(Need::Process(pid)) => drop(scene.facts.processes.insert(pid, None)),
            Err(Need::Env(pid)) => drop(scene.facts.env.insert(pid, Default::default())),
            Err(Need::Argv(pid)) => drop(scene.facts.argv.insert(pid, Vec::new())),
            Err(Need::Claims(pid)) => drop(scene.facts.claims.insert(pid, Vec::new())),
            Err(Need::Holder(pid)) => drop(scene.facts.holders.insert(pid, None)),
            Err(Need::Tab { child, .. }) => drop(scene.facts.tabs.insert(child, None)),
            Err(Need::Server { pid, .. }) => {
                scene.facts.servers.insert(pid, Server::Silent("not asked".into()));
            }
            Err(Need::Probe { .. }) => panic!("a probe without leave"),
        }
    }
    panic!("it asks for ever");
}

#[test]
fn the_nearest_ancestor_that_owns_windows() {
    let processes = [
        (100, 90, PTS0 + 1, "claude"),
        (90, 80, PTS0 + 1, "bash"),
        (80, 70, PTS0, "st"),
        (70, 60, PTS0, "bash"),
        (60, 1, 0, "xterm"),
    ];
    let mut scene = scene(&processes, &[(1, 60, "a"), (2, 80, "b")]);
    // The variable of the outer terminal is inherited.
    set(&mut scene, 100, "WINDOWID", "1");
    let found = find(&mut scene);
    assert_eq!((found.choices, found.place.workspace.as_deref()), (vec![2], Some("b")));
}

#[test]
fn pid_1_is_nobodys_terminal() {
    let mut scene = scene(&[(100, 1, 0, "claude"), (1, 0, 0, "init")], &[(1, 1, "a")]);
    assert_eq!(find(&mut scene).place.candidates, 0);
}

#[test]
fn a_program_with_a_window_on_the_same_terminal_is_passed_over() {
    let processes = [
        (100, 90, PTS0, "claude"),
        (90, 80, PTS0, "python3"),
        (80, 70, PTS0, "bash"),
        (70, 1, 0, "xterm"),
    ];
    let windows = [(1, 90, "plot"), (2, 70, "terminal")];
    let mut with_holder = scene(&processes, &windows);
    with_holder.facts.holders.insert(100, Some(70));
    assert_eq!(find(&mut with_holder).choices, [2]);
    // What cannot be confirmed is not said.
    assert_eq!(find(&mut scene(&processes, &windows)).place.candidates, 0);
}

#[test]
fn a_terminal_whose_window_is_hidden_is_not_replaced_by_the_one_it_came_from() {
    let processes = [
        (100, 90, PTS0 + 1, "claude"),
        (90, 80, PTS0 + 1, "bash"),
        (80, 70, PTS0, "guake"),
        (70, 60, PTS0, "bash"),
        (60, 1, 0, "xterm"),
    ];
    let mut hidden = scene(&processes, &[(1, 60, "a")]);
    hidden.x_clients.insert(80);
    let found = find(&mut hidden);
    assert_eq!(found.place.candidates, 0);
    assert!(found.place.how.contains("guake (pid 80)"), "{}", found.place.how);
    // On another display the same.
    let mut elsewhere = scene(&processes, &[(1, 60, "a")]);
    set(&mut elsewhere, 80, "DISPLAY", ":1");
    assert_eq!(find(&mut elsewhere).place.candidates, 0);
    // script(1), sudo(8) and the like pass the terminal on.
    let mut inside = scene(&processes, &[(1, 60, "a")]);
    set(&mut inside, 80, "DISPLAY", "unix:0.0");
    assert_eq!(find(&mut inside).choices, [1]);
}

#[test]
fn terminal_numbers_of_a_container_may_collide() {
    // 34816 inside is another terminal than 34816 outside.
    let processes = [
        (100, 90, PTS0, "claude"),
        (90, 80, PTS0 + 3, "systemd-nspawn"),
        (80, 70, PTS0 + 3, "bash"),
        (70, 60, PTS0, "xterm"),
        (60, 50, PTS0, "bash"),
        (50, 1, 0, "xterm"),
    ];
    let mut scene = scene(&processes, &[(1, 70, "inner"), (2, 50, "outer")]);
    assert_eq!(find(&mut scene).choices, [1]);
}

#[test]
fn dialogs_are_not_terminals() {
    let processes = [(100, 90, PTS0, "claude"), (90, 1, 0, "gnome-terminal-")];
    let mut scene = scene(&processes, &[(1, 90, "a"), (2, 90, "a")]);
    let mut windows = scene.windows.clone();
    windows[1].secondary = true;
    scene.set_windows(windows);
    assert_eq!(find(&mut scene).choices, [1]);
}

#[test]
fn windowid_decides_only_where_every_window_is_somebodys_birthplace() {
    let processes = [(100, 90, PTS0, "claude"), (90, 80, PTS0, "bash"), (80, 1, 0, "kitty")];
    let tie = |claims: &[u64]| {
        let mut scene = scene(&processes, &[(1, 80, "a"), (2, 80, "b")]);
        set(&mut scene, 90, "WINDOWID", "2");
        scene.facts.claims.insert(80, claims.to_vec());
        find(&mut scene)
    };
    let found = tie(&[1, 2, 2]);
    assert_eq!((found.choices, found.place.confidence), (vec![2], Confidence::Probable));
    let moved = tie(&[2, 2]);
    assert_eq!((moved.place.window, moved.place.candidates), (None, 2));
}

#[test]
fn windowid_of_a_strangers_window_decides_nothing() {
    let processes = [(100, 80, PTS0, "claude"), (80, 1, 0, "tilix"), (70, 1, 0, "xterm")];
    let windows = [(1, 80, "a"), (2, 80, "a"), (3, 70, "c")];
    let mut scene = scene(&processes, &windows);
    set(&mut scene, 100, "WINDOWID", "3");
    let found = find(&mut scene);
    assert_eq!((found.place.window, found.place.candidates), (None, 2));
    assert_eq!(found.place.workspace.as_deref(), Some("a"), "both are there");
    // Garbage, as alacritty sets it on Wayland.
    set(&mut scene, 100, "WINDOWID", "94911035075952");
    assert_eq!(find(&mut scene).place.candidates, 2);
}

#[test]
fn a_title_decides_only_when_it_is_unique_on_both_sides() {
    let processes = [(100, 80, PTS0, "claude"), (101, 80, PTS0, "claude"), (80, 1, 0, "tilix")];
    let tie = |titles: &[(u32, &str)]| {
        let mut scene = scene(&processes, &[(1, 80, "a"), (2, 80, "b")]);
        let mut windows = scene.windows.clone();
        windows[0].title = "✳ Fix the build".into();
        windows[1].title = "◐ Claude Code".into();
        scene.set_windows(windows);
        scene.facts.titles = titles.iter().map(|(pid, title)| (*pid, title.to_string())).collect();
        find(&mut scene).choices
    };
    assert_eq!(tie(&[(100, "Fix the build")]), [1]);
    assert_eq!(tie(&[(100, "Claude Code")]), [1, 2]);
    assert_eq!(tie(&[(100, "Fix the build"), (101, "Fix the build")]), [1, 2]);
    assert_eq!(tie(&[(100, "Fix")]), [1, 2]);
}

#[test]
fn tmux_clients_that_lead_nowhere_are_passed_over() {
    let processes = [
        (100, 90, PTS0 + 5, "claude"),
        (90, 1, 0, "tmux: server"),
        (50, 40, PTS0 + 1, "tmux: client"),
        (40, 30, PTS0 + 1, "bash"),
        (30, 1, 0, "sshd"),
        (51, 41, PTS0 + 2, "tmux: client"),
        (41, 1, 0, "xterm"),
    ];
    let mut scene = scene(&processes, &[(1, 41, "a")]);
    let pane = PaneRow {
        pid: 100,
        session: "$0".into(),
        window: "@0".into(),
        pane: "%0".into(),
        pane_active: true,
        ..PaneRow::default()
    };
    let client = |pid, activity| ClientRow {
        pid,
        activity,
        tty: format!("/dev/pts/{pid}"),
        session: "$0".into(),
        window: "@0".into(),
        ..ClientRow::default()
    };
    let view = |clients| View { socket: "/s".into(), panes: vec![pane.clone()], clients };
    let server = Server::Tmux(view(vec![client(50, 200), client(51, 100)]));
    scene.facts.servers.insert(90, server);
    let found = find(&mut scene);
    assert_eq!((found.choices.as_slice(), found.in_view()), (&[1][..], true));
    // Only the one over ssh: the pane is known, a window is not.
    scene.facts.servers.insert(90, Server::Tmux(view(vec![client(50, 200)])));
    let found = find(&mut scene);
    assert_eq!((found.place.window, found.hops.len()), (None, 1));
    assert!(matches!(found.obstacle, Some(Obstacle::NoWindow(_))));
    // None: detached, whatever WINDOWID says.
    set(&mut scene, 100, "WINDOWID", "1");
    scene.facts.servers.insert(90, Server::Tmux(view(Vec::new())));
    let found = find(&mut scene);
    assert!(matches!(found.obstacle, Some(Obstacle::Detached(_))));
    assert_eq!(found.place.candidates, 0);
}

#[test]
fn multiplexers_in_a_circle_come_to_an_end() {
    let processes = [(100, 90, PTS0, "claude"), (90, 1, 0, "dtach"), (91, 90, PTS0, "dtach")];
    let mut scene = scene(&processes, &[]);
    let clients = vec![Viewer { pid: 91, terminal: None, activity: 0 }];
    let view = Plain { name: "dtach".into(), clients, ..Plain::default() };
    scene.facts.servers.insert(90, Server::Plain(view));
    assert_eq!(find(&mut scene).place.candidates, 0);
    // As do ancestors.
    let mut scene = self::scene(&[(100, 99, 0, "claude"), (99, 100, 0, "x")], &[]);
    assert_eq!(find(&mut scene).place.candidates, 0);
}

#[test]
fn a_window_of_screen_is_known_by_the_number_it_was_born_with() {
    let processes = [
        (100, 81, PTS0, "claude"),
        (81, 90, PTS0, "bash"),
        (90, 1, 0, "screen"),
        (91, 7, PTS0 + 1, "screen"),
        (7, 1, 0, "xterm"),
    ];
    let part = |numbers: [Option<u32>; 2], door: Door| {
        let mut scene = scene(&processes, &[(1, 7, "1")]);
        scene.facts.argv.insert(90, vec!["SCREEN".into()]);
        scene.facts.argv.insert(91, vec!["screen".into()]);
        let row = |(pid, number)| Row { pid, tty: PTS0, number };
        let panes = [81, 82].into_iter().zip(numbers).map(row).collect();
        let clients = vec![Viewer { pid: 91, terminal: None, activity: 0 }];
        let view = Plain { name: "screen".into(), clients, panes, door };
        scene.facts.servers.insert(90, Server::Plain(view));
        let found = find(&mut scene);
        assert_eq!((found.choices.as_slice(), found.hidden), (&[1][..], true));
        found.parts
    };
    let screen = || Door::Screen(Some("/s/90.x".into()));
    let known = Part::Screen { socket: "/s/90.x".into(), number: 3, terminal: None };
    assert_eq!(part([Some(3), Some(0)], screen()), [known]);
    // A number that was given away, none, no socket.
    assert!(matches!(part([Some(3), Some(3)], screen())[..], [Part::Unknown(_)]));
    assert!(matches!(part([None, Some(3)], screen())[..], [Part::Unknown(_)]));
    assert!(matches!(part([Some(3), Some(0)], Door::Screen(None))[..], [Part::Unknown(_)]));
}

#[test]
fn a_server_of_several_sessions_is_followed_to_no_client() {
    let processes = [
        (100, 90, PTS0, "claude"),
        (90, 1, 0, "shpool"),
        (91, 7, PTS0 + 1, "shpool"),
        (7, 1, 0, "xterm"),
    ];
    let mut scene = scene(&processes, &[(1, 7, "1")]);
    let clients = vec![Viewer { pid: 91, terminal: None, activity: 0 }];
    let view = Plain { name: "shpool".into(), clients, door: Door::Mixed, ..Plain::default() };
    scene.facts.servers.insert(90, Server::Plain(view));
    let found = find(&mut scene);
    assert_eq!(found.place.candidates, 0);
    assert!(found.place.how.contains("several sessions"), "{}", found.place.how);
}

#[test]
fn without_a_window_manager_it_says_so() {
    let mut scene = scene(&[(100, 1, PTS0, "claude")], &[]);
    scene.managed = false;
    assert_eq!(find(&mut scene).obstacle, Some(Obstacle::Unmanaged));
    assert_eq!(locate(&scene, 5), Err(Need::Process(5)));
}
