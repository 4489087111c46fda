//! Which process of the near host shows a session of the far one: right, one of several, or unknown, and
//! never a wrong one.

use super::{carrier, carriers, window};
use crate::support::ssh::{Host, Network, ROUTER};
use crate::support::world::{eventually, until};
use vmux::proc::{ProcFiles, ProcRoot};
use vmux::session::place::carrier::{Carrier, Transport};
use vmux::session::state::Confidence;
use vmux::wm::carrier::near::{self, Holder};
use vmux::wm::carrier::path::StreamPath;
use vmux::wm::carrier::tables;

/// What makes near reach far through the router, as the host `router`.
pub fn through_router(near: &Host) {
    near.configure_ssh(&format!(
        "Host router\nHostName {ROUTER}\nPort 2222\nHostKeyAlias far\nHost *"
    ));
}

const SHARED: &str = "ControlMaster auto\nControlPath ~/.ssh/shared-%C";

/// What is found for a carrier, as marks: `one`; `one|two` for one of several; `?` if it is not known.
fn found(host: &Host, carrier: &Carrier, stream: Option<StreamPath>) -> String {
    let transport = carrier.transport.clone();
    host.as_user(move || {
        let tables = tables::read(&ProcFiles::new(ProcRoot::new("/proc")));
        match near::holder(&transport, &tables, stream) {
            Holder::Process(pid, Confidence::Certain) => mark(pid),
            Holder::Process(pid, _) => format!("{}, probably", mark(pid)),
            Holder::OneOf(pids, _) => {
                let mut marks: Vec<String> = pids.into_iter().map(mark).collect();
                marks.sort();
                marks.join("|")
            }
            Holder::Unknown(_) => "?".to_owned(),
        }
    })
}

/// The mark in the environment of a process.
fn mark(pid: u32) -> String {
    let env = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    let mut marks = env.split(|it| *it == 0).filter_map(|it| it.strip_prefix(b"LC_MARK="));
    let mark = marks.next_back().map(|it| String::from_utf8_lossy(it).into_owned());
    mark.unwrap_or_else(|| format!("no mark: {pid}"))
}

/// Two hosts, windows of that mark to sessions of the same name, over `ssh`.
fn with_windows<const N: usize>(network: &Network, ssh: &str, names: [&str; N]) -> [Carrier; N] {
    let (near, far) = (network.host("near"), network.host("far"));
    far.start_vmuxd();
    names.map(|name| {
        window(near, name, &format!("{ssh} '{}'", far.session_line(name)));
        // One after the other: the first becomes the master of a shared connection.
        far.session(name);
        carrier(far, name)
    })
}

#[test]
fn three_plain_ssh_are_told_apart() {
    let network = Network::with_sshd(&["near", "far"]);
    let names = ["one", "two", "three"];
    let told = with_windows(&network, "ssh -t far", names);
    for (name, carrier) in names.iter().zip(&told) {
        assert_eq!(found(network.host("near"), carrier, None), *name);
    }
}

#[test]
fn each_client_of_a_tmux_that_was_attached_again_is_found() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    far.start_vmuxd();
    let line = far.session_line("work");
    window(near, "first", &format!("ssh -t far \"tmux -f /dev/null new -s w '{line}'\""));
    far.session("work");
    assert_eq!(found(near, &carrier(far, "work"), None), "first");
    // The session keeps the variables of the connection that it was born over.
    far.run(&["tmux", "detach-client", "-s", "w"]);
    until("the end of the client", || carriers(far, "work").carriers.is_empty());
    window(near, "second", "ssh -t far tmux attach -t w");
    window(near, "third", "ssh -t far tmux attach -t w");
    let told = eventually("two clients", || {
        Some(carriers(far, "work").carriers).filter(|it| it.len() == 2)
    });
    let mut marks: Vec<String> = told.iter().map(|it| found(near, it, None)).collect();
    marks.sort();
    assert_eq!(marks, ["second", "third"]);
}

#[test]
fn windows_that_share_a_connection_are_one_of_them() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    near.configure_ssh(&format!("{SHARED}\nControlPersist 600"));
    let names = ["one", "two", "three"];
    let told = with_windows(&network, "ssh -t far", names);
    for carrier in &told {
        assert_eq!(found(near, carrier, None), "one|three|two");
    }
    let Transport::Ssh { terminals, .. } = carrier(far, "one").transport else { panic!() };
    assert_eq!(terminals, 3);
    // The last one that is left is it; the master is a process in the background.
    for name in ["one", "three"] {
        end(far, name);
    }
    until("one window", || found(near, &carrier(far, "two"), None) == "two");
}

#[test]
fn a_master_whose_own_shell_has_ended_still_counts() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    near.configure_ssh(SHARED);
    with_windows(&network, "ssh -t far", ["one", "two"]);
    end(far, "one");
    until("one terminal", || {
        matches!(carrier(far, "two").transport, Transport::Ssh { terminals: 1, .. })
    });
    assert_eq!(found(near, &carrier(far, "two"), None), "one|two");
}

#[test]
fn what_comes_through_another_host_is_not_guessed() {
    let network = Network::with_sshd(&["near", "far", "jump"]);
    let told = with_windows(&network, "ssh -t -J jump far", ["one", "two"]);
    for carrier in &told {
        assert_eq!(found(network.host("near"), carrier, None), "?");
    }
    // A window to the host in between does not mislead.
    window(network.host("near"), "jump", "ssh -t jump");
    assert_eq!(found(network.host("near"), &told[0], None), "?");
}

/// A router that hides the far host behind a port of its own address.
pub fn rewrite(network: &Network, source: &str) {
    let rules = format!(
        "echo 1 >/proc/sys/net/ipv4/ip_forward && nft -f - <<'END'\n\
         table ip nat {{\n\
           chain pre {{ type nat hook prerouting priority dstnat;\n\
             ip daddr {ROUTER} tcp dport 2222 dnat to 10.99.0.2:22\n\
             ip daddr {ROUTER} udp dport 60000-61000 dnat to 10.99.0.2\n\
           }}\n\
           chain post {{ type nat hook postrouting priority srcnat;\n {source}\n }}\n\
         }}\nEND"
    );
    crate::support::desk::need("nft");
    let mut shell = network.bridge().root(&["bash", "-c", &rules]);
    let output = shell.output().unwrap();
    assert!(output.status.success(), "addresses cannot be rewritten here: {output:?}");
}

/// How both ends see the connection of the window with this mark.
fn stream(network: &Network, carrier: &Carrier, wanted: &'static str) -> StreamPath {
    let Transport::Ssh { connection, .. } = carrier.transport else { panic!() };
    let here = network.host("near").as_user(move || {
        let tables = tables::read(&ProcFiles::new(ProcRoot::new("/proc")));
        let program = tables.programs.iter().find(|it| mark(it.pid) == wanted).unwrap();
        near::connection_of(program.pid, &tables).unwrap()
    });
    StreamPath { here, there: connection }
}

#[test]
fn rewritten_addresses_are_learned_from_a_stream() {
    let network = Network::with_sshd(&["near", "far"]);
    rewrite(&network, "masquerade");
    let near = network.host("near");
    through_router(near);
    let [one, two] = with_windows(&network, "ssh -t router", ["one", "two"]);
    assert_eq!(found(near, &two, None), "?");
    let stream = stream(&network, &one, "one");
    assert_ne!(stream.here, stream.there);
    assert_eq!(found(near, &two, Some(stream)), "two, probably");
    assert_eq!(found(near, &one, Some(stream)), "one, probably");
}

#[test]
fn rewritten_ports_are_not_guessed() {
    let network = Network::with_sshd(&["near", "far"]);
    rewrite(&network, &format!("ip protocol tcp snat to {ROUTER}:20000-20999"));
    let near = network.host("near");
    through_router(near);
    let [one, two] = with_windows(&network, "ssh -t router", ["one", "two"]);
    let stream = stream(&network, &one, "one");
    for carrier in [&one, &two] {
        assert_eq!(found(near, carrier, None), "?");
        assert_eq!(found(near, carrier, Some(stream)), "?");
    }
}

#[test]
fn two_mosh_to_two_hosts_with_the_same_port_are_told_apart() {
    let network = Network::with_sshd(&["near", "far", "other"]);
    let near = network.host("near");
    let hosts = ["far", "other"].map(|name| network.host(name));
    for host in hosts {
        host.start_vmuxd();
        for place in ["one", "two"] {
            let line = host.session_line(place);
            let mark = format!("{}-{place}", host.name());
            window(near, &mark, &format!("mosh {} -- bash -c '{line}'", host.name()));
        }
    }
    let mut ports = Vec::new();
    for host in hosts {
        for place in ["one", "two"] {
            let carrier = carrier(host, place);
            assert_eq!(found(near, &carrier, None), format!("{}-{place}", host.name()));
            let Transport::Mosh { server } = carrier.transport else { panic!("{carrier:?}") };
            ports.push(server.port());
        }
    }
    ports.sort();
    assert_eq!(ports, [60001, 60001, 60002, 60002]);
}

#[test]
fn an_ssh_that_was_suspended_in_its_shell_shows_nothing() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    far.start_vmuxd();
    window(near, "one", "bash --norc -i");
    let keys = |keys: &[&str]| {
        near.run(&[&["tmux", "send-keys", "-t", "windows:1"], keys].concat());
    };
    keys(&[&format!("ssh -t far '{}'", far.session_line("one")), "Enter"]);
    let carrier = carrier(far, "one");
    assert_eq!(found(near, &carrier, None), "one");
    // The escape of ssh(1) for ^Z, at the beginning of a line.
    keys(&["Enter", "~", "C-z"]);
    until("the ssh to be suspended", || found(near, &carrier, None) == "?");
    keys(&["fg", "Enter"]);
    until("the ssh to go on", || found(near, &carrier, None) == "one");
}

#[test]
fn a_port_that_another_window_has_now_leads_nowhere() {
    let network = Network::with_sshd(&["near", "far"]);
    let (near, far) = (network.host("near"), network.host("far"));
    far.start_vmuxd();
    // All connections of this host have one port, one after the other.
    let settings = "cd /proc/sys/net/ipv4; echo 40000 40000 >ip_local_port_range; \
                    echo 1 >tcp_tw_reuse";
    assert!(near.root(&["sh", "-ec", settings]).status().unwrap().success());
    let line = far.session_line("born");
    near.run(&["ssh", "far", &format!("tmux -f /dev/null new-session -d -s w '{line}'")]);
    let line = far.session_line("now");
    // The port may not be free at once.
    window(near, "now", &format!("bash -c 'until ssh -t far \"{line}\"; do sleep 0.1; done'"));
    let now = carrier(far, "now");
    let Transport::Ssh { connection, .. } = now.transport else { panic!("{now:?}") };
    assert_eq!(connection.client.port(), 40000);
    assert_eq!(found(near, &now, None), "now");
    // The session in tmux has inherited the same port, and no connection carries it.
    let environ = format!("/proc/{}/environ", far.session("born")["pid"]);
    let inherited = far.run(&["grep", "-ao", "SSH_CONNECTION=[0-9. ]*", &environ]);
    assert!(inherited.contains(" 40000 "), "{inherited}");
    assert!(carriers(far, "born").carriers.is_empty());
}

/// Ends the session of `host` in this directory, and with it its terminal.
fn end(host: &Host, name: &str) {
    let pid = host.session(name)["pid"].to_string();
    host.run(&["kill", "-9", &pid]);
}
