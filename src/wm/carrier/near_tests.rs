//! Tables as they were seen on a host with several ssh and mosh-client.

use super::*;

const HERE: &str = "10.99.0.1 40001 10.99.0.2 22";

fn connection(text: &str) -> Connection {
    Connection::parse(text).unwrap()
}

fn ssh(text: &str) -> Transport {
    Transport::Ssh { connection: connection(text), terminals: 1 }
}

fn program(pid: u32, sockets: &[u64]) -> Program {
    let sockets = sockets.to_vec();
    Program { pid, has_terminal: true, is_suspended: false, sockets, mosh: None }
}

/// The connection [`HERE`] has the inode 1, the one with the next port the inode 2.
fn tables(programs: Vec<Program>) -> Tables {
    let socket = |inode, text| {
        let Connection { client, server } = connection(text);
        InetSocket { inode, local: client, peer: server }
    };
    let connections = vec![socket(1, HERE), socket(2, "10.99.0.1 40002 10.99.0.2 22")];
    Tables { connections, programs, ..Tables::default() }
}

fn find(tables: &Tables) -> Holder {
    holder(&ssh(HERE), tables, None)
}

fn is_unknown(found: &Holder, words: &str) -> bool {
    matches!(found, Holder::Unknown(why) if why.contains(words))
}

#[test]
fn the_ssh_that_holds_the_connection() {
    let tables = tables(vec![program(7, &[1]), program(8, &[2, 9])]);
    assert_eq!(find(&tables), Holder::Process(7, Confidence::Certain));
    let other = holder(&ssh("10.99.0.1 40003 10.99.0.2 22"), &tables, None);
    assert!(is_unknown(&other, "no connection of this host"), "{other:?}");
    let unheld = Tables { programs: vec![program(8, &[2])], ..tables };
    assert!(is_unknown(&find(&unheld), "held by no ssh"));
}

#[test]
fn one_without_a_terminal_or_that_is_suspended_shows_nothing() {
    let mut tables = tables(vec![program(7, &[1])]);
    tables.programs[0].is_suspended = true;
    assert!(is_unknown(&find(&tables), "suspended"));
    tables.programs[0].has_terminal = false;
    assert!(is_unknown(&find(&tables), "no terminal"));
}

/// A master (pid 7) that listens, and two others that use its connection.
fn shared() -> Tables {
    let programs = vec![program(7, &[1, 50, 51, 52]), program(9, &[61]), program(8, &[62])];
    let mut tables = tables(programs);
    tables.programs.push(program(10, &[2]));
    tables.unix_listeners.insert(50);
    tables.unix_peers = Some([(51, 61), (61, 51), (52, 62), (62, 52)].into());
    tables
}

#[test]
fn of_those_that_share_a_connection_it_is_one() {
    let Holder::OneOf(pids, why) = find(&shared()) else { panic!("not several") };
    assert_eq!(pids, [7, 8, 9]);
    assert!(why.contains("share"));
    let untold = Tables { unix_peers: None, ..shared() };
    assert!(is_unknown(&find(&untold), "does not tell"));
}

#[test]
fn the_only_window_of_a_shared_connection_is_it() {
    // The master went into the background, without a terminal (`ControlPersist`).
    let mut tables = shared();
    tables.programs[0].has_terminal = false;
    tables.programs.remove(2);
    assert_eq!(find(&tables), Holder::Process(9, Confidence::Certain));
}

#[test]
fn more_terminals_there_than_here_are_not_guessed_between() {
    let tables = tables(vec![program(7, &[1])]);
    let transport = Transport::Ssh { connection: connection(HERE), terminals: 2 };
    let found = holder(&transport, &tables, None);
    assert!(is_unknown(&found, "several terminals"), "{found:?}");
}

#[test]
fn what_the_network_rewrites_is_learned_from_the_stream() {
    let tables = tables(vec![program(7, &[1]), program(8, &[2])]);
    let stream = |port: u16| StreamPath {
        here: connection("10.99.0.1 40002 10.99.0.2 22"),
        there: connection(&format!("192.168.0.9 {port} 192.168.0.2 22")),
    };
    let there = ssh("192.168.0.9 40001 192.168.0.2 22");
    let found = holder(&there, &tables, Some(stream(40002)));
    assert_eq!(found, Holder::Process(7, Confidence::Probable));
    assert!(is_unknown(&holder(&there, &tables, Some(stream(9))), "rewrites ports"));
    assert!(is_unknown(&holder(&there, &tables, None), "no connection"));
    assert_eq!(connection_of(7, &tables), Some(connection(HERE)));
    assert_eq!(connection_of(99, &tables), None);
}

#[test]
fn mosh_is_known_by_address_and_port() {
    let client =
        |pid, server: &str| Program { mosh: Some(server.parse().unwrap()), ..program(pid, &[]) };
    let programs = vec![client(7, "10.99.0.2:60001"), client(8, "10.99.0.3:60001")];
    let mut tables = Tables { programs, ..Tables::default() };
    let mosh = |server: &str| Transport::Mosh { server: server.parse().unwrap() };
    let found = holder(&mosh("10.99.0.3:60001"), &tables, None);
    assert_eq!(found, Holder::Process(8, Confidence::Certain));
    assert!(is_unknown(&holder(&mosh("10.99.0.3:60002"), &tables, None), "mosh-client"));
    assert!(is_unknown(&holder(&mosh("0.0.0.0:60001"), &tables, None), "mosh-client"));
    tables.programs.push(client(9, "10.99.0.3:60001"));
    assert!(matches!(holder(&mosh("10.99.0.3:60001"), &tables, None), Holder::OneOf(..)));
    assert!(is_unknown(&holder(&Transport::Other, &tables, None), "does not know"));
}
