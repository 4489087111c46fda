//! TCP connections and UDP sockets of this network namespace, with the inode by which a process
//! holds each.
//!
//! The kernel's socket diagnostics tell (sock_diag(7)). Where they are missing, `/proc/net` does
//! (proc_pid_net(5)).

use super::inet_diag::{self, AF_INET, AF_INET6, ROW, TCP, UDP};
use super::sock_diag::SockDiag;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// The state of a connection that is open at both ends, `TCP_ESTABLISHED`, as a bit and as
/// `/proc/net/tcp` writes it. A UDP socket without a peer is in the state `TCP_CLOSE`.
const ESTABLISHED: u32 = 1 << 1;
const ESTABLISHED_HEX: &str = "01";

/// A socket of the internet protocols. Addresses are as IPv4 where they are IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InetSocket {
    /// Its inode, as `/proc/PID/fd` names it.
    pub inode: u64,
    /// Its own address and port.
    pub local: SocketAddr,
    /// Those of its peer; port 0 if it has none.
    pub peer: SocketAddr,
}

/// All established TCP connections. `root` is `/proc`.
pub fn connections(root: &Path) -> Vec<InetSocket> {
    sockets(TCP, ESTABLISHED, || {
        let mut found = table(root, "tcp", Some(ESTABLISHED_HEX));
        found.extend(table(root, "tcp6", Some(ESTABLISHED_HEX)));
        found
    })
}

/// All UDP sockets. `root` is `/proc`.
pub fn udp(root: &Path) -> Vec<InetSocket> {
    sockets(UDP, u32::MAX, || {
        let mut found = table(root, "udp", None);
        found.extend(table(root, "udp6", None));
        found
    })
}

fn sockets(
    protocol: u8,
    states: u32,
    fallback: impl FnOnce() -> Vec<InetSocket>,
) -> Vec<InetSocket> {
    let Ok(mut kernel) = SockDiag::open() else { return fallback() };
    let mut found = Vec::new();
    for family in [AF_INET, AF_INET6] {
        let request = inet_diag::request(family, protocol, states);
        let told = kernel.dump(&request, |row| found.extend(parse_row(row)));
        // A kernel without IPv6 has no diagnostics of it.
        if told.is_err() && family == AF_INET {
            return fallback();
        }
    }
    found
}

/// Reads `struct inet_diag_msg`: family and state, then ports and addresses in network order.
pub fn parse_row(row: &[u8]) -> Option<InetSocket> {
    let row = row.get(..ROW)?;
    let end = |port: usize, address: usize| {
        let port = u16::from_be_bytes(row.get(port..port + 2)?.try_into().ok()?);
        Some(SocketAddr::new(inet_diag::address(row, address)?, port))
    };
    let inode = inet_diag::inode(row);
    Some(InetSocket { inode, local: end(4, 8)?, peer: end(6, 24)? })
}

fn table(root: &Path, name: &str, state: Option<&str>) -> Vec<InetSocket> {
    let text = std::fs::read_to_string(root.join("net").join(name)).unwrap_or_default();
    text.lines().skip(1).filter_map(|line| parse_line(line, state)).collect()
}

/// A row of `/proc/net/tcp` and its like: `sl local_address rem_address st … inode`; only in this
/// state, if one is given.
fn parse_line(line: &str, state: Option<&str>) -> Option<InetSocket> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [_, local, peer, st, _, _, _, _, _, inode, ..] = fields.as_slice() else { return None };
    if state.is_some_and(|state| state != *st) {
        return None;
    }
    let inode = inode.parse().ok()?;
    Some(InetSocket { inode, local: parse_end(local)?, peer: parse_end(peer)? })
}

/// `0100007F:0016`: words of the address in the machine's byte order, then the port.
fn parse_end(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| u32::from_str_radix(address.get(at..at + 8)?, 16).ok();
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?.to_ne_bytes())),
        32 => {
            let mut bytes = [0; 16];
            for (index, chunk) in bytes.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(index * 8)?.to_ne_bytes());
            }
            IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical()
        }
        _ => return None,
    };
    Some(SocketAddr::new(address, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::fd::AsFd;

    fn inode(socket: impl AsFd) -> u64 {
        rustix::fs::fstat(socket).unwrap().st_ino
    }

    #[test]
    fn the_kernel_and_proc_tell_the_same_of_a_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let expected = InetSocket {
            inode: inode(&stream),
            local: stream.local_addr().unwrap(),
            peer: stream.peer_addr().unwrap(),
        };
        let root = Path::new("/proc");
        assert!(connections(root).contains(&expected));
        let mut listed = table(root, "tcp", Some(ESTABLISHED_HEX));
        listed.extend(table(root, "tcp6", Some(ESTABLISHED_HEX)));
        assert!(listed.contains(&expected));
    }

    #[test]
    fn a_mapped_address_is_told_as_ipv4() {
        // Where there is no IPv6 there are no such addresses.
        let Ok(listener) = TcpListener::bind("[::]:0") else { return };
        let port = listener.local_addr().unwrap().port();
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        let peer = stream.local_addr().unwrap();
        let local = stream.peer_addr().unwrap();
        let expected = InetSocket { inode: inode(&accepted), local, peer };
        assert!(connections(Path::new("/proc")).contains(&expected));
        assert!(table(Path::new("/proc"), "tcp6", None).contains(&expected));
    }

    #[test]
    fn where_udp_is_received() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let (own, local) = (inode(&socket), socket.local_addr().unwrap());
        for listed in [udp(Path::new("/proc")), table(Path::new("/proc"), "udp", None)] {
            assert!(listed.iter().any(|it| it.inode == own && it.local == local), "{listed:?}");
        }
    }

    #[test]
    fn rows_that_are_cut_or_odd_are_no_sockets() {
        let row = [AF_INET; ROW];
        assert!(parse_row(&row).is_some());
        for end in 0..ROW {
            assert_eq!(parse_row(&row[..end]), None);
        }
        assert_eq!(parse_row(&[9; ROW]), None);
        for line in ["", "0: x y 01 1 2 3 4 5 6", "0: 0100007F:16", "0: é:0016 0:0 01 1 2 3 4 5 6"]
        {
            assert_eq!(parse_line(line, None), None, "{line}");
        }
    }
}
