//! Reads what [`super::near`] looks at: the sockets of this host, and the user's ssh and mosh-client.

use super::near::{Program, Tables};
use crate::proc::{ProcFiles, inet_sockets, unix_sockets};
use crate::session::place::carrier::canonical;
use std::net::{IpAddr, SocketAddr};

/// Reads everything: some milliseconds, most of them for the names of all processes.
pub fn read(proc: &ProcFiles) -> Tables {
    let root = proc.root().path();
    // Programs first: a connection that ends meanwhile is then held by nothing.
    let programs = proc.pids().into_iter().filter_map(|pid| program(proc, pid)).collect();
    Tables {
        programs,
        connections: inet_sockets::connections(root),
        unix_peers: unix_sockets::peers().ok(),
        unix_listeners: unix_sockets::all_listeners(root),
    }
}

fn program(proc: &ProcFiles, pid: u32) -> Option<Program> {
    let process = proc.process(pid)?;
    let is_mosh = process.comm == "mosh-client";
    if !(is_mosh || process.comm == "ssh") || process.state == 'Z' || !proc.is_own(pid) {
        return None;
    }
    Some(Program {
        pid,
        has_terminal: process.tty != 0,
        is_suspended: process.state == 'T',
        sockets: proc.sockets(pid),
        mosh: is_mosh.then(|| mosh_server(&proc.argv(pid))).flatten(),
    })
}

/// Where a mosh-client sends to: its last two arguments are an address and a port (mosh-client(1)).
/// Its environment holds a key, and is not read.
fn mosh_server(argv: &[String]) -> Option<SocketAddr> {
    let [.., address, port] = argv else { return None };
    let address: IpAddr = address.parse().ok()?;
    Some(canonical(SocketAddr::new(address, port.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_mosh_client_sends_to() {
        let argv = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let told = mosh_server(&argv("mosh-client -# far -- bash | 10.99.0.2 60001"));
        assert_eq!(told, Some("10.99.0.2:60001".parse().unwrap()));
        for text in ["mosh-client", "mosh-client -c", "mosh-client 10.99.0.2 99999", "x ::1 y"] {
            assert_eq!(mosh_server(&argv(text)), None, "{text}");
        }
    }
}
