//! Ancestries as they were seen below a real sshd, tmux and mosh-server.

use super::*;
use crate::session::process::{Environment, ProcessId};
use crate::wm::locate::snapshot::{ProcessFacts, WindowTable};
use crate::wm::mux::tmux;
use std::path::Path;

const FIRST: &str = "10.99.0.1 40001 10.99.0.2 22";
const SECOND: &str = "10.99.0.1 40002 10.99.0.2 22";

/// Facts about processes, each with its name and parent. All are on one terminal but the first.
fn facts(processes: &[(u32, &str, u32)]) -> ProcessFacts {
    let mut facts = ProcessFacts::default();
    for (pid, comm, ppid) in processes {
        let process = Process {
            id: ProcessId { pid: *pid, start: 1 },
            ppid: *ppid,
            comm: (*comm).into(),
            state: 'S',
            leader: *pid,
            tty: 34816,
            image: 0,
        };
        facts.processes.insert(*pid, Some(process));
        facts.argv.insert(*pid, vec![(*comm).to_owned()]);
        facts.env.insert(*pid, Environment::default());
    }
    facts
}

fn set_env(facts: &mut ProcessFacts, pid: u32, connection: &str) {
    facts.env.insert(pid, [("SSH_CONNECTION", connection)].into_iter().collect());
}

fn find(facts: &ProcessFacts, pid: u32) -> Vec<CarrierRoute> {
    let windows = WindowTable::default();
    let snapshot = Snapshot { windows: &windows, facts, wants_tabs: false, may_probe: false };
    carriers(snapshot, pid).unwrap()
}

fn ssh(connection: &str, terminals: u32) -> Transport {
    Transport::Ssh { connection: Connection::parse(connection).unwrap(), terminals }
}

#[test]
fn the_direct_child_of_sshd_tells_the_connection() {
    for name in ["sshd", "sshd-session"] {
        let mut facts = facts(&[(10, name, 1), (20, "bash", 10), (30, "claude", 20)]);
        set_env(&mut facts, 20, FIRST);
        // Of anything below, the variable is not believed.
        set_env(&mut facts, 30, SECOND);
        facts.argv.insert(10, vec![format!("{name}: dev@pts/0,pts/1")]);
        let [found] = &find(&facts, 30)[..] else { panic!("not one") };
        assert_eq!(found.carrier.transport, ssh(FIRST, 2));
        assert!(found.carrier.in_view && found.route.is_empty());
    }
    let mut unset = facts(&[(10, "sshd", 1), (20, "bash", 10), (30, "claude", 20)]);
    set_env(&mut unset, 30, SECOND);
    assert_eq!(find(&unset, 30), []);
    assert_eq!(find(&facts(&[(20, "xterm", 1), (30, "claude", 20)]), 30), []);
    let mut gone = facts(&[]);
    gone.processes.insert(30, None);
    assert_eq!(find(&gone, 30), []);
}

#[test]
fn the_terminals_of_a_title_are_counted() {
    for (title, count) in [
        ("sshd: dev@pts/0", 1),
        ("sshd: a@b@pts/0,pts/12", 2),
        ("sshd: dev@notty", 0),
        ("sshd: dev [priv]", 0),
        ("/usr/sbin/sshd -D", 0),
    ] {
        assert_eq!(terminals(title), count, "{title}");
    }
}

#[test]
fn mosh_is_known_by_its_port_and_hides_the_ssh_that_began_it() {
    let mut facts = facts(&[(10, "mosh-server", 1), (20, "bash", 10), (30, "claude", 20)]);
    set_env(&mut facts, 20, FIRST);
    let server = "10.99.0.2:60001".parse().unwrap();
    facts.udp.insert(10, vec![server]);
    assert_eq!(find(&facts, 30)[0].carrier.transport, Transport::Mosh { server });
    // It is not known which of two.
    facts.udp.insert(10, vec![server, "10.99.0.2:60002".parse().unwrap()]);
    assert_eq!(find(&facts, 30), []);
}

/// A session in a pane of tmux (pid 50), born below the second connection, which has ended.
fn in_tmux(clients: &str) -> ProcessFacts {
    let mut facts = facts(&[
        (50, "tmux: server", 1),
        (60, "bash", 50),
        (70, "claude", 60),
        (10, "sshd", 1),
        (11, "tmux: client", 10),
        (20, "sshd", 1),
        (21, "bash", 20),
        (22, "tmux: client", 21),
    ]);
    set_env(&mut facts, 60, SECOND);
    set_env(&mut facts, 11, FIRST);
    set_env(&mut facts, 21, SECOND);
    set_tmux(&mut facts, "10", clients);
    facts
}

/// `flags`: whether its pane is the active one, and in a mode.
fn set_tmux(facts: &mut ProcessFacts, flags: &str, clients: &str) {
    let panes = format!("P\t50\t60\t/dev/pts/3\t$0\t@1\t%2\t{flags}\twork\tt\n");
    let view = tmux::parse(&format!("{panes}{clients}"), 50, Path::new("/s")).unwrap();
    facts.servers.insert(50, MuxView::Tmux(view));
}

#[test]
fn each_client_of_tmux_has_its_own_carrier() {
    let facts = in_tmux(
        "C\t11\t/dev/pts/1\t$0\t@1\t100\t0\t0\twork\t\n\
         C\t22\t/dev/pts/2\t$0\t@7\t200\t0\t0\twork\t\n",
    );
    let found = find(&facts, 70);
    let brief: Vec<_> = found
        .iter()
        .map(|it| (it.carrier.transport.clone(), it.carrier.by, it.carrier.in_view))
        .collect();
    // The one that has it in view comes first, although the other was used last.
    assert_eq!(brief, [(ssh(FIRST, 0), Some(11), true), (ssh(SECOND, 0), Some(22), false)]);
    assert!(matches!(&found[1].route[..], [Step::TmuxPane(step)] if step.pane.pane_id == "%2"));
}

#[test]
fn a_pane_in_copy_mode_is_not_in_view() {
    let clients = "C\t11\t/dev/pts/1\t$0\t@1\t100\t0\t0\twork\t\n";
    let mut facts = in_tmux(clients);
    assert!(find(&facts, 70)[0].carrier.in_view);
    set_tmux(&mut facts, "11", clients);
    assert!(!find(&facts, 70)[0].carrier.in_view);
}

#[test]
fn a_client_of_another_session_can_be_switched() {
    let facts = in_tmux("C\t11\t/dev/pts/1\t$4\t@9\t100\t0\t0\tmail\t\n");
    let [found] = &find(&facts, 70)[..] else { panic!("not one") };
    assert_eq!(found.carrier.shows.as_deref(), Some("mail"));
    assert!(
        matches!(&found.route[..], [Step::TmuxClient(step)] if step.client_tty == "/dev/pts/1")
    );
}

#[test]
fn nothing_carries_what_no_client_shows() {
    assert_eq!(find(&in_tmux(""), 70), []);
    let mut suspended = in_tmux("C\t11\t/dev/pts/1\t$0\t@1\t100\t0\t0\twork\t\n");
    suspended.processes.get_mut(&11).unwrap().as_mut().unwrap().state = 'T';
    assert_eq!(find(&suspended, 70), []);
}

#[test]
fn a_process_that_left_its_ancestry_is_found_by_its_session_leader() {
    let mut facts = facts(&[(10, "sshd", 1), (20, "bash", 10), (30, "claude", 1)]);
    set_env(&mut facts, 20, FIRST);
    facts.processes.get_mut(&30).unwrap().as_mut().unwrap().leader = 20;
    assert_eq!(find(&facts, 30)[0].carrier.transport, ssh(FIRST, 0));
}

#[test]
fn a_popup_is_carried_by_the_client_that_shows_it() {
    let one = "C\t11\t/dev/pts/1\t$0\t@1\t100\t0\t0\twork\t\n";
    let mut facts = in_tmux(one);
    let popup = facts.processes[&70].clone().map(|it| Process { ppid: 50, tty: 34825, ..it });
    facts.processes.insert(70, popup);
    let [found] = &find(&facts, 70)[..] else { panic!("not one") };
    assert_eq!(found.carrier.transport, ssh(FIRST, 0));
    assert!(found.carrier.in_view && found.route == [Step::TmuxPopup]);
    // It is not known which of two clients of one session.
    set_tmux(&mut facts, "10", &format!("{one}C\t22\t/dev/pts/2\t$0\t@7\t200\t0\t0\twork\t\n"));
    assert_eq!(find(&facts, 70), []);
}
