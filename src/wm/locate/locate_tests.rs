//! Worlds that are hard to build for real, as values.

use super::locate;
use super::location::{Location, Obstacle, Step};
use super::snapshot::{MissingFact, ProcessFacts, Snapshot, TerminalChild, WindowTable};
use super::visibility::{self, InView};
use crate::session::process::{Process, ProcessId};
use crate::session::state::Confidence;
use crate::wm::ipc::area::Area;
use crate::wm::ipc::windows::WindowRow;
use crate::wm::mux::MuxView;
use crate::wm::mux::generic::{
    GenericMux, MuxClient, MuxPane, PaneSelector, PaneTarget, SessionTitles,
};
use crate::wm::mux::tmux::{TmuxClient, TmuxPane, TmuxView};
use crate::wm::terminal::ide::OpenFolders;
use crate::wm::terminal::{Tab, TabPlace};
use crate::wm::x11::hidden::HiddenWindow;

const PTS0: u64 = 34816;

/// What resolution looks at.
struct World {
    windows: WindowTable,
    facts: ProcessFacts,
}

impl World {
    fn snapshot(&self) -> Snapshot<'_> {
        let (windows, facts) = (&self.windows, &self.facts);
        Snapshot { windows, facts, wants_tabs: false, may_probe: false }
    }

    /// Changes the windows; all else stays.
    fn change_windows(&mut self, change: impl FnOnce(&mut Vec<WindowRow>)) {
        let mut rows = self.windows.rows().to_vec();
        change(&mut rows);
        let display = self.windows.display;
        self.windows = WindowTable::new(rows);
        self.windows.display = display;
    }
}

/// A world of rows `pid ppid tty comm` and windows `con_id pid workspace`; xid is con_id.
fn world(processes: &[(u32, u32, u64, &str)], windows: &[(u64, u32, &str)]) -> World {
    let row = |&(con_id, pid, workspace): &(u64, u32, &str)| WindowRow {
        con_id,
        xid: Some(con_id as u32),
        pid: Some(pid),
        workspace: Some(workspace.into()),
        ..WindowRow::default()
    };
    let mut world = World {
        windows: WindowTable::new(windows.iter().map(row).collect()),
        facts: ProcessFacts::default(),
    };
    world.windows.display = Some(0);
    for &(pid, ppid, tty, comm) in processes {
        let id = ProcessId { pid, start: 1 };
        let comm = comm.into();
        let process = Process { id, ppid, comm, state: 'S', leader: pid, tty, image: 0 };
        world.facts.processes.insert(pid, Some(process));
    }
    world
}

fn set(world: &mut World, pid: u32, name: &str, value: &str) {
    world.facts.env.entry(pid).or_default().add(name, value);
}

/// Locates the session with pid 100, with "not known" for every missing fact.
fn find(world: &mut World) -> Location {
    for _ in 0..100 {
        let missing = match locate(world.snapshot(), 100) {
            Ok(location) => return location.expect("no such process"),
            Err(missing) => missing,
        };
        let facts = &mut world.facts;
        match missing {
            MissingFact::Process(pid) => drop(facts.processes.insert(pid, None)),
            MissingFact::Env(pid) => drop(facts.env.insert(pid, Default::default())),
            MissingFact::Argv(pid) => drop(facts.argv.insert(pid, Vec::new())),
            MissingFact::Cwd(pid) => drop(facts.cwd.insert(pid, None)),
            MissingFact::Children(pid) => drop(facts.children.insert(pid, Vec::new())),
            MissingFact::Hidden(pid) => drop(facts.hidden.insert(pid, Vec::new())),
            MissingFact::ParentHolds(pid) => drop(facts.parent_holds.insert(pid, None)),
            MissingFact::Foreground(pid) => drop(facts.foreground.insert(pid, true)),
            MissingFact::PtyOwner(pid) => drop(facts.pty_owners.insert(pid, None)),
            MissingFact::Tab { child, .. } => drop(facts.tabs.insert(child, None)),
            MissingFact::Server { pid, .. } => {
                facts.servers.insert(pid, MuxView::Unavailable("not asked".into()));
            }
            MissingFact::OpenFolders(pid) => drop(facts.open_folders.insert(pid, None)),
            MissingFact::Udp(pid) => drop(facts.udp.insert(pid, Vec::new())),
            MissingFact::Probe { .. } => panic!("a probe that is not allowed"),
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
    let mut world = world(&processes, &[(1, 60, "a"), (2, 80, "b")]);
    // The variable of the outer terminal is inherited.
    set(&mut world, 100, "WINDOWID", "1");
    let found = find(&mut world);
    assert_eq!((found.candidates(), found.place.workspace.as_deref()), (&[2][..], Some("b")));
}

#[test]
fn pid_1_is_nobodys_terminal() {
    let mut world = world(&[(100, 1, 0, "claude"), (1, 0, 0, "init")], &[(1, 1, "a")]);
    assert_eq!(find(&mut world).place.candidates, 0);
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
    let mut with_owner = world(&processes, &windows);
    with_owner.facts.pty_owners.insert(100, Some(70));
    assert_eq!(find(&mut with_owner).candidates(), [2]);
    // What cannot be confirmed is not said.
    assert_eq!(find(&mut world(&processes, &windows)).place.candidates, 0);
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
    let mut hidden = world(&processes, &[(1, 60, "a")]);
    hidden.windows.x_clients.insert(80);
    let found = find(&mut hidden);
    assert_eq!(found.place.candidates, 0);
    assert!(found.place.how.contains("guake (pid 80)"), "{}", found.place.how);
    // On another display the same.
    let mut elsewhere = world(&processes, &[(1, 60, "a")]);
    set(&mut elsewhere, 80, "DISPLAY", ":1");
    assert_eq!(find(&mut elsewhere).place.candidates, 0);
    // script(1), sudo(8) and the like pass the terminal on.
    let mut inside = world(&processes, &[(1, 60, "a")]);
    set(&mut inside, 80, "DISPLAY", "unix:0.0");
    assert_eq!(find(&mut inside).candidates(), [1]);
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
    let mut world = world(&processes, &[(1, 70, "inner"), (2, 50, "outer")]);
    assert_eq!(find(&mut world).candidates(), [1]);
}

#[test]
fn dialogs_are_not_terminals() {
    let processes = [(100, 90, PTS0, "claude"), (90, 1, 0, "gnome-terminal-")];
    let mut world = world(&processes, &[(1, 90, "a"), (2, 90, "a")]);
    world.change_windows(|windows| windows[1].secondary = true);
    assert_eq!(find(&mut world).candidates(), [1]);
}

#[test]
fn windowid_decides_only_where_every_window_is_somebodys_birthplace() {
    let processes = [(100, 90, PTS0, "claude"), (90, 80, PTS0, "bash"), (80, 1, 0, "kitty")];
    let tie = |of_children: &[u64]| {
        let mut world = world(&processes, &[(1, 80, "a"), (2, 80, "b")]);
        set(&mut world, 90, "WINDOWID", "2");
        let child = |(index, id): (usize, &u64)| TerminalChild {
            tty: PTS0 + index as u64,
            window_id: Some(*id),
        };
        let children = of_children.iter().enumerate().map(child).collect();
        world.facts.children.insert(80, children);
        find(&mut world)
    };
    let found = tie(&[1, 2, 2]);
    assert_eq!((found.candidates(), found.place.confidence), (&[2][..], Confidence::Probable));
    let moved = tie(&[2, 2]);
    assert_eq!((moved.place.window, moved.place.candidates), (None, 2));
}

#[test]
fn windowid_of_a_strangers_window_decides_nothing() {
    let processes = [(100, 80, PTS0, "claude"), (80, 1, 0, "tilix"), (70, 1, 0, "xterm")];
    let windows = [(1, 80, "a"), (2, 80, "a"), (3, 70, "c")];
    let mut world = world(&processes, &windows);
    set(&mut world, 100, "WINDOWID", "3");
    let found = find(&mut world);
    assert_eq!((found.place.window, found.place.candidates), (None, 2));
    assert_eq!(found.place.workspace.as_deref(), Some("a"), "both are there");
    // Garbage, as alacritty sets it on Wayland.
    set(&mut world, 100, "WINDOWID", "94911035075952");
    assert_eq!(find(&mut world).place.candidates, 2);
}

#[test]
fn a_title_decides_only_when_it_is_unique_on_both_sides() {
    let processes = [(100, 80, PTS0, "claude"), (101, 80, PTS0, "claude"), (80, 1, 0, "tilix")];
    let tie = |titles: &[(u32, &str)]| {
        let mut world = world(&processes, &[(1, 80, "a"), (2, 80, "b")]);
        world.change_windows(|windows| {
            windows[0].title = "✳ Fix the build".into();
            windows[1].title = "◐ Claude Code".into();
        });
        world.facts.sessions =
            titles.iter().map(|(pid, title)| (*pid, Some((*title).into()))).collect();
        // A session without a title of its own.
        world.facts.sessions.entry(101).or_default();
        find(&mut world).candidates().to_vec()
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
    let mut world = world(&processes, &[(1, 41, "a")]);
    let pane = TmuxPane {
        pid: 100,
        session: "$0".into(),
        window: "@0".into(),
        pane: "%0".into(),
        pane_active: true,
        ..TmuxPane::default()
    };
    let client = |pid, activity| TmuxClient {
        pid,
        activity,
        tty: format!("/dev/pts/{pid}"),
        session: "$0".into(),
        window: "@0".into(),
        ..TmuxClient::default()
    };
    let view =
        |clients| TmuxView { server: 10, socket: "/s".into(), panes: vec![pane.clone()], clients };
    let server = MuxView::Tmux(view(vec![client(50, 200), client(51, 100)]));
    world.facts.servers.insert(90, server);
    let found = find(&mut world);
    assert_eq!((found.candidates(), found.tmux_is_in_view()), (&[1][..], true));
    // Only the one over ssh: the pane is known, a window is not.
    world.facts.servers.insert(90, MuxView::Tmux(view(vec![client(50, 200)])));
    let found = find(&mut world);
    assert_eq!((found.is_known(), found.tmux_panes().count()), (false, 1));
    assert!(matches!(found.obstacle, Some(Obstacle::NoWindow(_))));
    // None: detached, whatever WINDOWID says.
    set(&mut world, 100, "WINDOWID", "1");
    world.facts.servers.insert(90, MuxView::Tmux(view(Vec::new())));
    let found = find(&mut world);
    assert!(matches!(found.obstacle, Some(Obstacle::Detached { .. })));
    assert_eq!(found.place.candidates, 0);
}

#[test]
fn multiplexers_in_a_circle_come_to_an_end() {
    let processes = [(100, 90, PTS0, "claude"), (90, 1, 0, "dtach"), (91, 90, PTS0, "dtach")];
    let mut world = world(&processes, &[]);
    let clients = vec![MuxClient { pid: 91, terminal: None, last_input: 0 }];
    let view = GenericMux { name: "dtach".into(), clients, ..GenericMux::default() };
    world.facts.servers.insert(90, MuxView::Generic(view));
    assert_eq!(find(&mut world).place.candidates, 0);
    // As do ancestors.
    let mut world = self::world(&[(100, 99, 0, "claude"), (99, 100, 0, "x")], &[]);
    assert_eq!(find(&mut world).place.candidates, 0);
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
    let targets = |numbers: [Option<u32>; 2], selector: PaneSelector| {
        let mut world = world(&processes, &[(1, 7, "1")]);
        world.facts.argv.insert(90, vec!["SCREEN".into()]);
        world.facts.argv.insert(91, vec!["screen".into()]);
        let row = |(pid, number)| MuxPane { pid, tty: PTS0, number };
        let panes = [81, 82].into_iter().zip(numbers).map(row).collect();
        let clients = vec![MuxClient { pid: 91, terminal: None, last_input: 0 }];
        let view = GenericMux { name: "screen".into(), clients, panes, selector };
        world.facts.servers.insert(90, MuxView::Generic(view));
        let found = find(&mut world);
        assert_eq!(found.candidates(), [1]);
        assert!(found.route.iter().any(|step| matches!(step, Step::MuxPane(_))), "may be hidden");
        let targets = found.route.into_iter().filter_map(|step| match step {
            Step::MuxPane(target) => Some(target),
            _ => None,
        });
        targets.collect::<Vec<_>>()
    };
    let screen = || PaneSelector::Screen(Some("/s/90.x".into()));
    let titles = SessionTitles::default();
    let known = PaneTarget::Screen { socket: "/s/90.x".into(), number: 3, terminal: None, titles };
    assert_eq!(targets([Some(3), Some(0)], screen()), [known]);
    // A number that was given away, none, no socket.
    assert!(matches!(targets([Some(3), Some(3)], screen())[..], [PaneTarget::Unknown(_)]));
    assert!(matches!(targets([None, Some(3)], screen())[..], [PaneTarget::Unknown(_)]));
    assert!(matches!(
        targets([Some(3), Some(0)], PaneSelector::Screen(None))[..],
        [PaneTarget::Unknown(_)]
    ));
}

#[test]
fn of_clients_that_do_not_tell_what_they_show_the_title_decides() {
    let processes = [
        (100, 90, PTS0, "claude"),
        (101, 90, PTS0 + 1, "claude"),
        (90, 1, 0, "containerd-shim"),
        (91, 7, PTS0 + 2, "docker"),
        (92, 8, PTS0 + 3, "docker"),
        (7, 1, 0, "xterm"),
        (8, 1, 0, "xterm"),
    ];
    let client = |pid| MuxClient { pid, terminal: None, last_input: 0 };
    let view = GenericMux {
        name: "docker".into(),
        clients: vec![client(91), client(92)],
        selector: PaneSelector::UnknownClient,
        ..GenericMux::default()
    };
    let find_with = |titles: [&str; 2], other: &str| {
        let mut world = world(&processes, &[(1, 7, "1"), (2, 8, "2")]);
        world.change_windows(|windows| {
            for (window, title) in windows.iter_mut().zip(titles) {
                window.title = title.into();
            }
        });
        world.facts.servers.insert(90, MuxView::Generic(view.clone()));
        world.facts.sessions.insert(100, Some("Fix it".into()));
        world.facts.sessions.insert(101, Some(other.into()));
        find(&mut world)
    };
    let found = find_with(["vim", "✳ Fix it"], "Test it");
    assert_eq!(found.candidates(), [2]);
    assert_eq!(found.place.confidence, Confidence::Probable);
    assert!(found.place.how.contains("client (pid 92) of docker"), "{}", found.place.how);
    for (titles, other) in [
        (["vim", "✳ Test it"], "Test it"),
        (["✳ Fix it", "✳ Fix it"], "Test it"),
        (["vim", "✳ Fix it"], "Fix it"),
        (["vim", "Fix it"], "Test it"),
    ] {
        let found = find_with(titles, other);
        assert_eq!(found.place.candidates, 0, "{titles:?} {other}");
        assert!(found.place.how.contains("no title tells"), "{}", found.place.how);
    }
}

#[test]
fn without_a_window_manager_it_says_so() {
    let mut world = world(&[(100, 1, PTS0, "claude")], &[]);
    world.windows.managed = false;
    assert_eq!(find(&mut world).obstacle, Some(Obstacle::NoWindowManager));
    assert_eq!(locate(world.snapshot(), 5), Err(MissingFact::Process(5)));
}

#[test]
fn kitty_on_wayland_knows_its_windows_by_their_titles() {
    let processes = [(100, 80, PTS0, "claude"), (80, 1, 0, "kitty")];
    let place = |titles: [&str; 2], told: Option<&str>, numbered: &[(u64, u64)]| {
        let mut world = world(&processes, &[(1, 80, "a"), (2, 80, "b")]);
        let numbered = numbered.iter().map(|(number, con_id)| ((80, *number), *con_id));
        world.facts.numbered_windows = numbered.collect();
        world.change_windows(|windows| {
            for (window, title) in windows.iter_mut().zip(titles) {
                (window.xid, window.title) = (None, title.into());
            }
        });
        let address = "unix:/k".to_owned();
        let tab = Tab::Kitty { process: 80, address, id: 3, os_window: Some(7) };
        let title = told.map(str::to_owned);
        let (is_certain, windows, tab) = (true, Some(2), Some(tab));
        let told = TabPlace { is_certain, xid: None, title, windows, tab };
        world.facts.tabs.insert(100, Some(told));
        find(&mut world)
    };
    let tie = |titles, told| place(titles, told, &[]);
    let found = tie(["vim", "✳ Fix it"], Some("✳ Fix it"));
    assert_eq!((found.candidates(), found.tab().is_some()), (&[2][..], true));
    assert_eq!(found.place.confidence, Confidence::Probable);
    assert_eq!(tie(["x", "x"], Some("x")).candidates(), [1, 2]);
    assert_eq!(tie(["x", "y"], None).candidates(), [1, 2]);
    assert_eq!(tie(["", "y"], Some("")).candidates(), [1, 2]);
    let known = place(["x", "x"], Some("x"), &[(6, 1), (7, 2)]);
    assert_eq!((known.candidates(), known.place.confidence), (&[2][..], Confidence::Certain));
    let other = place(["x", "y"], Some("x"), &[(6, 1)]);
    assert_eq!((other.candidates(), other.place.confidence), (&[2][..], Confidence::Certain));
    assert_eq!(place(["x", "x"], Some("x"), &[(7, 3)]).candidates(), [1, 2], "it is gone");
}

#[test]
fn what_an_editor_has_open_counts_for_more_than_where_the_session_is() {
    let processes = [(100, 90, PTS0, "claude"), (90, 80, 0, "code"), (80, 1, 0, "code")];
    let window = |told: Option<(u32, &str)>| {
        let mut world = world(&processes, &[(1, 80, "a"), (2, 80, "b")]);
        world.change_windows(|windows| {
            for (window, folder) in windows.iter_mut().zip(["api", "web"]) {
                window.class = "Code".into();
                window.title = format!("x.rs - {folder} - Visual Studio Code");
            }
        });
        world.facts.cwd.insert(100, Some("/home/me/src/web".into()));
        let told =
            told.map(|(editor, folder)| OpenFolders { editor, folders: vec![folder.into()] });
        world.facts.open_folders.insert(100, told);
        find(&mut world).candidates().to_vec()
    };
    assert_eq!(window(None), [2]);
    assert_eq!(window(Some((80, "/home/me/src/api"))), [1], "it went to another folder");
    assert_eq!(window(Some((80, "/home/me/src/lib"))), [1, 2], "no window has it in its title");
    assert_eq!(window(Some((70, "/home/me/src/api"))), [2], "inherited from another editor");
}

#[test]
fn windowid_counts_for_less_than_a_title_where_there_are_tabs() {
    let processes =
        [(100, 80, PTS0, "claude"), (101, 80, PTS0 + 1, "claude"), (80, 1, 0, "xfce4-terminal")];
    let mut world = world(&processes, &[(1, 80, "a"), (2, 80, "b")]);
    let child = |tty, id| TerminalChild { tty: PTS0 + tty, window_id: Some(id) };
    set(&mut world, 100, "WINDOWID", "1");
    world.facts.sessions = [(100, Some("Fix it".into())), (101, None)].into();
    world.facts.children.insert(80, vec![child(0, 1), child(1, 2)]);
    let found = find(&mut world);
    assert_eq!((found.candidates(), found.place.confidence), (&[1][..], Confidence::Certain));
    // With a third tab one may have moved; it is in the other window, as the title says.
    world.facts.children.insert(80, vec![child(0, 1), child(1, 2), child(2, 1)]);
    let found = find(&mut world);
    assert_eq!((found.candidates(), found.place.confidence), (&[1][..], Confidence::Probable));
    world.change_windows(|windows| windows[1].title = "✳ Fix it".into());
    assert_eq!(find(&mut world).candidates(), [2]);
    // One was seen to move, and no title tells where.
    world.change_windows(|windows| windows[1].title = "bash".into());
    world.facts.moved_tabs.insert(80);
    assert_eq!(find(&mut world).candidates(), [1, 2]);
}

#[test]
fn relays_are_followed_one_after_the_other() {
    let processes = [
        (100, 1, PTS0 + 2, "claude"),
        (70, 1, PTS0 + 1, "python3"),
        (60, 50, PTS0, "python3"),
        (50, 1, 0, "xterm"),
    ];
    let mut world = world(&processes, &[(1, 50, "a")]);
    world.facts.pty_owners = [(100, Some(70)), (70, Some(60))].into();
    assert_eq!(find(&mut world).candidates(), [1]);
    // Two that hold each other's terminals.
    world.facts.pty_owners = [(100, Some(70)), (70, Some(100))].into();
    assert_eq!(find(&mut world).place.candidates, 0);
}

/// A session behind a relay in one of two windows of a terminal; its name is `title`.
fn behind_relay(title: &str, windows: [&str; 2]) -> World {
    let processes = [
        (100, 1, PTS0 + 2, "claude"),
        (90, 80, PTS0, "python3"),
        (101, 80, PTS0 + 1, "claude"),
        (80, 1, 0, "tilix"),
    ];
    let mut world = world(&processes, &[(1, 80, "a"), (2, 80, "b")]);
    world.facts.pty_owners = [(100, Some(90)), (101, None)].into();
    world.facts.sessions = [(100, Some(title.into())), (101, None)].into();
    world.change_windows(|rows| {
        for (row, title) in rows.iter_mut().zip(windows) {
            row.title = title.into();
        }
    });
    world
}

#[test]
fn a_title_counts_for_a_session_behind_a_relay() {
    let mut world = behind_relay("Fix it", ["✳ Claude Code", "✳ Fix it"]);
    assert_eq!(find(&mut world).candidates(), [2]);
}

#[test]
fn of_two_titles_that_begin_alike_the_longer_one_counts() {
    let tie = |name| {
        let mut world = behind_relay(name, ["✳ Fix - all", "✳ Fix"]);
        let other = if name == "Fix" { "Fix - all" } else { "Fix" };
        world.facts.sessions.insert(101, Some(other.into()));
        find(&mut world).candidates().to_vec()
    };
    assert_eq!(tie("Fix - all"), [1]);
    assert_eq!(tie("Fix"), [2]);
}

#[test]
fn a_title_that_may_be_left_behind_decides_nothing() {
    let titles = ["✳ Claude Code", "✳ Fix it"];
    let ended = |terminal: u64| {
        let mut world = behind_relay("Fix it", titles);
        world.facts.ended_titles.insert("Fix it".into(), [terminal].into());
        find(&mut world).candidates().to_vec()
    };
    assert_eq!(ended(PTS0 + 7), [1, 2], "another terminal has it, too");
    assert_eq!(ended(0), [1, 2], "its terminal is not known");
    assert_eq!(ended(PTS0 + 2), [2], "it goes on in the same terminal");
    let mut silent = behind_relay("Fix it", titles);
    set(&mut silent, 100, "CLAUDE_CODE_DISABLE_TERMINAL_TITLE", "1");
    assert_eq!(find(&mut silent).candidates(), [1, 2], "it sets no titles");
}

/// Whether the session with pid 100 is in view, once everything on its route was selected.
fn view(world: &mut World, location: &Location) -> InView {
    let children = world.facts.children.get(&80).cloned().unwrap_or_default();
    for _ in 0..100 {
        match visibility::in_window(world.snapshot(), 100, location, &children, true) {
            Ok(in_view) => return in_view,
            Err(MissingFact::Process(pid)) => drop(world.facts.processes.insert(pid, None)),
            Err(MissingFact::Env(pid)) => drop(world.facts.env.insert(pid, Default::default())),
            Err(MissingFact::PtyOwner(pid)) => drop(world.facts.pty_owners.insert(pid, None)),
            Err(missing) => panic!("{missing:?}"),
        }
    }
    panic!("it asks for ever");
}

#[test]
fn a_title_that_may_be_that_of_another_tab_is_no_proof() {
    let in_view_of = |terminal, ended: &[u64]| {
        let processes = [(100, 80, PTS0, "claude"), (80, 1, 0, terminal)];
        let mut world = world(&processes, &[(1, 80, "a")]);
        let child = |tty| TerminalChild { tty, window_id: Some(1) };
        world.facts.children.insert(80, vec![child(PTS0), child(PTS0 + 1)]);
        world.facts.sessions = [(100, Some("Fix it".into()))].into();
        world.change_windows(|rows| rows[0].title = "✳ Fix it".into());
        if !ended.is_empty() {
            world.facts.ended_titles.insert("Fix it".into(), ended.iter().copied().collect());
        }
        let location = find(&mut world);
        view(&mut world, &location)
    };
    let in_view = |ended: &[u64]| in_view_of("kitty", ended);
    assert_eq!(in_view(&[]), InView::Yes);
    assert_eq!(in_view_of("sakura", &[]), InView::Unknown("may show another tab"));
    assert_eq!(in_view(&[PTS0]), InView::Yes, "it was resumed in its own tab");
    assert_eq!(in_view(&[PTS0 + 1]), InView::Unknown("may show another tab"));
}

#[test]
fn a_program_in_a_terminal_may_have_several_of_its_own() {
    let in_view_with = |others: &[u64]| {
        let processes = [
            (100, 85, PTS0 + 1, "claude"),
            (85, 84, PTS0 + 1, "bash"),
            (84, 83, PTS0, "nvim"),
            (83, 80, PTS0, "bash"),
            (80, 1, 0, "xterm"),
        ];
        let mut world = world(&processes, &[(1, 80, "a")]);
        let child = |tty| TerminalChild { tty, window_id: None };
        world.facts.children.insert(80, vec![child(PTS0)]);
        let own = [PTS0 + 1].iter().chain(others);
        world.facts.children.insert(84, own.map(|tty| child(*tty)).collect());
        let location = find(&mut world);
        view(&mut world, &location)
    };
    assert_eq!(in_view_with(&[]), InView::Yes);
    assert_eq!(in_view_with(&[0]), InView::Yes, "a language server");
    let doubt = InView::Unknown("may show another terminal inside");
    assert_eq!(in_view_with(&[PTS0 + 2]), doubt);
}

#[test]
fn terminals_of_an_editor_are_below_a_process_of_their_own() {
    let processes = [
        (100, 95, PTS0 + 1, "claude"),
        (95, 90, PTS0, "bash"),
        (90, 80, 0, "ptyHost"),
        (80, 1, 0, "code"),
    ];
    let world = world(&processes, &[(1, 80, "a")]);
    let host = |pid, owner| visibility::terminal_host(world.snapshot(), pid, owner);
    // script(1) begins a terminal, too, and the outermost one counts.
    assert_eq!(host(100, 80), Ok(90));
    assert_eq!(host(90, 80), Ok(80));
    assert_eq!(host(100, 70), Err(MissingFact::Process(1)), "below another process");
}

/// A session in a pane of tmux, and what else runs below the server, by its terminal.
fn in_tmux(beside: &[u64]) -> World {
    let processes = [
        (100, 90, PTS0 + 5, "claude"),
        (90, 1, 0, "tmux: server"),
        (51, 80, PTS0 + 2, "tmux: client"),
        (80, 1, 0, "xterm"),
    ];
    let mut world = world(&processes, &[(1, 80, "a")]);
    let pane = TmuxPane {
        pid: 100,
        tty: "/dev/pts/5".into(),
        session: "$0".into(),
        window: "@0".into(),
        pane: "%0".into(),
        pane_active: true,
        ..TmuxPane::default()
    };
    let client = TmuxClient {
        pid: 51,
        tty: "/dev/pts/2".into(),
        session: "$0".into(),
        window: "@0".into(),
        ..TmuxClient::default()
    };
    let view =
        TmuxView { server: 90, socket: "/s".into(), panes: vec![pane], clients: vec![client] };
    world.facts.servers.insert(90, MuxView::Tmux(view));
    let child = |tty: &u64| TerminalChild { tty: *tty, window_id: None };
    world.facts.children.insert(90, beside.iter().map(child).collect());
    world
}

#[test]
fn a_pane_behind_a_popup_is_not_known_to_be_in_view() {
    let in_view = |beside: &[u64]| {
        let mut world = in_tmux(beside);
        let location = find(&mut world);
        view(&mut world, &location)
    };
    assert_eq!(in_view(&[PTS0 + 5]), InView::Yes);
    assert_eq!(in_view(&[PTS0 + 5, 0]), InView::Yes, "a command without a terminal");
    let popup = InView::Unknown("may show a popup of tmux in front");
    assert_eq!(in_view(&[PTS0 + 5, PTS0 + 6]), popup);
}

#[test]
fn a_client_that_shows_the_whole_window_wins() {
    let candidates = |parts: [bool; 2]| {
        let mut world = in_tmux(&[PTS0 + 5]);
        for (pid, tty, ppid, comm) in [(52, PTS0 + 3, 81, "tmux: client"), (81, 0, 1, "st")] {
            let id = ProcessId { pid, start: 1 };
            let comm = comm.into();
            let process = Process { id, ppid, comm, state: 'S', leader: pid, tty, image: 0 };
            world.facts.processes.insert(pid, Some(process));
        }
        world.change_windows(|rows| {
            let second = WindowRow { con_id: 2, xid: Some(2), pid: Some(81), ..rows[0].clone() };
            rows.push(WindowRow { visible: true, ..second });
        });
        let Some(MuxView::Tmux(tmux)) = world.facts.servers.get_mut(&90) else { panic!() };
        let second = TmuxClient { pid: 52, tty: "/dev/pts/3".into(), ..tmux.clients[0].clone() };
        tmux.clients.push(second);
        tmux.clients.iter_mut().zip(parts).for_each(|(client, part)| client.shows_part = part);
        find(&mut world).candidates().to_vec()
    };
    assert_eq!(candidates([false, false]), [2], "the one on the screen");
    assert_eq!(candidates([false, true]), [1]);
    assert_eq!(candidates([true, true]), [2]);
}

#[test]
fn a_pane_in_copy_mode_is_not_in_view() {
    let mut world = in_tmux(&[PTS0 + 5]);
    let Some(MuxView::Tmux(tmux)) = world.facts.servers.get_mut(&90) else { panic!() };
    tmux.panes[0].in_mode = true;
    let location = find(&mut world);
    let InView::No(what) = view(&mut world, &location) else { panic!() };
    assert!(what.contains("copy mode"), "{what}");
}

#[test]
fn a_popup_is_shown_by_the_client_of_its_session_or_by_the_only_one() {
    let popup_of = |number: &str| {
        let mut world = in_tmux(&[]);
        let id = ProcessId { pid: 100, start: 1 };
        let tty = PTS0 + 6;
        let comm = "claude".into();
        let popup = Process { id, ppid: 90, comm, state: 'S', leader: 100, tty, image: 0 };
        world.facts.processes.insert(100, Some(popup));
        if let Some(MuxView::Tmux(view)) = world.facts.servers.get_mut(&90) {
            view.panes[0].pid = 7;
        }
        set(&mut world, 100, "TMUX", &format!("/s,90,{number}"));
        find(&mut world).candidates().to_vec()
    };
    assert_eq!(popup_of("0"), [1]);
    // It was opened by a command from outside, while another session was used last.
    assert_eq!(popup_of("4"), [1]);
}

/// A session in one of two terminals of a process that shows the window 1 and hides the window 2;
/// `windows` are the `WINDOWID`s of its own terminal and of the other one.
fn beside_hidden(windows: [Option<u64>; 2]) -> World {
    let mut world =
        world(&[(100, 80, PTS0 + 1, "claude"), (80, 1, 0, "xfce4-terminal")], &[(1, 80, "a")]);
    let child = |(tty, window_id)| TerminalChild { tty, window_id };
    let children = [PTS0 + 1, PTS0 + 2].into_iter().zip(windows).map(child);
    world.facts.children.insert(80, children.collect());
    if let Some(id) = windows[0] {
        set(&mut world, 100, "WINDOWID", &id.to_string());
    }
    let hidden = HiddenWindow { xid: 2, title: "Terminal".into(), was_shown: true };
    world.facts.hidden.insert(80, vec![hidden]);
    world
}

#[test]
fn a_window_that_its_program_hides_is_not_replaced_by_the_one_it_shows() {
    let nowhere = |world: &mut World| {
        let found = find(world);
        (found.place.candidates == 0, found.place.how)
    };
    let (is_hidden, how) = nowhere(&mut beside_hidden([Some(2), Some(1)]));
    assert!(is_hidden && how.contains("a window that it does not show now"), "{how}");
    assert_eq!(find(&mut beside_hidden([Some(1), Some(2)])).candidates(), [1]);
    // VTE sets no WINDOWID: either. A title tells.
    let mut silent = beside_hidden([None, None]);
    let (is_hidden, how) = nowhere(&mut silent);
    assert!(is_hidden && how.contains("may have it in a window"), "{how}");
    silent.facts.sessions.insert(100, Some("✳ Fix it".into()));
    silent.change_windows(|rows| rows[0].title = "✳ Fix it".into());
    assert_eq!(find(&mut silent).candidates(), [1]);
    silent.change_windows(|rows| rows[0].title = "bash".into());
    silent.facts.hidden.get_mut(&80).unwrap()[0].title = "✳ Fix it".into();
    let (is_hidden, how) = nowhere(&mut silent);
    assert!(is_hidden && how.contains("has it in a window"), "{how}");
    // What a toolkit never showed is no window of a terminal.
    let mut helper = beside_hidden([None, None]);
    helper.facts.hidden.get_mut(&80).unwrap()[0].was_shown = false;
    assert_eq!(find(&mut helper).candidates(), [1]);
    // Of a drop-down that is rolled up, a dialog may be all that is shown.
    let mut dialog = beside_hidden([None, None]);
    dialog.change_windows(|rows| rows[0].secondary = true);
    assert!(nowhere(&mut dialog).0);
    dialog.facts.hidden.get_mut(&80).unwrap()[0].was_shown = false;
    assert!(!nowhere(&mut dialog).0);
    dialog.change_windows(|rows| rows[0].transient_for = Some(2));
    assert!(nowhere(&mut dialog).0, "a dialog of the hidden window");
}

#[test]
fn what_floats_over_a_window_covers_it() {
    let in_view = |floats: bool, workspace: &str, area: Area| {
        let processes = [(100, 80, PTS0 + 1, "claude"), (80, 1, 0, "xterm"), (70, 1, 0, "gimp")];
        let mut world = world(&processes, &[(1, 80, "a"), (2, 70, workspace)]);
        world.change_windows(|rows| {
            rows[0].area = Area { x: 0, y: 20, width: 600, height: 400 };
            rows[0].floating = !floats;
            (rows[1].area, rows[1].floating, rows[1].visible) = (area, true, true);
        });
        let location = find(&mut world);
        view(&mut world, &location)
    };
    let all = Area { x: 0, y: 0, width: 1280, height: 800 };
    assert_eq!(in_view(true, "a", all), InView::No("is covered by a floating window"));
    assert_eq!(in_view(true, "b", all), InView::Yes);
    let partly = InView::Unknown("is partly covered by a floating window");
    assert_eq!(in_view(true, "a", Area { width: 300, ..all }), partly);
    assert_eq!(in_view(true, "a", Area { width: 150, ..all }), InView::Yes);
    assert_eq!(in_view(false, "a", all), InView::Yes, "it is in front of others that float");
}

#[test]
fn a_window_that_floats_off_the_screen_is_not_in_view() {
    let in_view = |off_screen| {
        let mut world =
            world(&[(100, 80, PTS0 + 1, "claude"), (80, 1, 0, "foot")], &[(1, 80, "a")]);
        world.change_windows(|rows| (rows[0].floating, rows[0].off_screen) = (true, off_screen));
        let location = find(&mut world);
        view(&mut world, &location)
    };
    assert_eq!((in_view(0), in_view(20)), (InView::Yes, InView::Yes));
    assert_eq!(in_view(50), InView::Unknown("is partly off the screen"));
    assert_eq!(in_view(100), InView::No("is off the screen"));
}

#[test]
fn a_session_that_was_suspended_is_not_in_view() {
    let in_view = |pid, state, is_in_foreground| {
        let processes = [
            (100, 95, PTS0 + 2, "claude"),
            (95, 90, PTS0 + 1, "su"),
            (90, 80, PTS0 + 1, "bash"),
            (80, 1, 0, "xterm"),
        ];
        let mut world = world(&processes, &[(1, 80, "a")]);
        world.facts.processes.get_mut(&pid).unwrap().as_mut().unwrap().state = state;
        world.facts.foreground.insert(pid, is_in_foreground);
        world.facts.children.insert(95, Vec::new());
        let location = find(&mut world);
        view(&mut world, &location)
    };
    let InView::No(what) = in_view(100, 'T', false) else { panic!() };
    assert!(what.contains("suspended"), "{what}");
    assert!(matches!(in_view(95, 'T', false), InView::No(_)), "what passes its terminal on");
    assert_eq!(in_view(100, 'T', true), InView::Yes, "stopped by a debugger");
    assert_eq!(in_view(100, 'S', false), InView::Yes, "it runs in the background and writes");
    assert_eq!(in_view(80, 'T', false), InView::Yes, "a terminal that was stopped");
}

#[test]
fn a_terminal_that_another_process_took_away_is_shown_there() {
    let processes = [
        (100, 90, PTS0 + 9, "claude"),
        (90, 80, PTS0 + 1, "bash"),
        (80, 1, 0, "xterm"),
        (70, 60, PTS0 + 2, "reptyr"),
        (60, 1, 0, "st"),
    ];
    let windows = [(1, 80, "a"), (2, 60, "b")];
    let candidates = |holds, owner| {
        let mut world = world(&processes, &windows);
        world.facts.parent_holds.insert(100, holds);
        world.facts.pty_owners.insert(100, owner);
        find(&mut world).candidates().to_vec()
    };
    assert_eq!(candidates(Some(false), Some(70)), [2]);
    // It passes the terminal on, an ancestor of it does, or it cannot be read who does.
    assert_eq!(candidates(Some(true), Some(90)), [1]);
    assert_eq!(candidates(Some(false), Some(80)), [1]);
    assert_eq!((candidates(None, Some(70)), candidates(Some(false), None)), (vec![1], vec![1]));
    // Two that show each other's terminal are no way out.
    let mut circle = world(&processes, &windows);
    circle.facts.processes.get_mut(&70).unwrap().as_mut().unwrap().ppid = 90;
    circle.facts.parent_holds = [(100, Some(false)), (70, Some(false))].into();
    circle.facts.pty_owners = [(100, Some(70)), (70, Some(100))].into();
    find(&mut circle);
}

#[test]
fn a_dialog_of_another_window_is_not_the_terminal() {
    let processes = [(100, 80, PTS0 + 1, "claude"), (80, 1, 0, "yakuake")];
    let mut yakuake = world(&processes, &[(1, 80, "a"), (2, 80, "b")]);
    yakuake.change_windows(|rows| {
        rows.iter_mut().for_each(|row| row.secondary = true);
        // The drop-down belongs to a window that is never shown, the dialog to the drop-down.
        (rows[0].transient_for, rows[1].transient_for) = (Some(9), Some(1));
    });
    assert_eq!(find(&mut yakuake).candidates(), [1]);
    yakuake.change_windows(|rows| rows[1].transient_for = Some(9));
    assert_eq!(find(&mut yakuake).candidates(), [1, 2]);
}
