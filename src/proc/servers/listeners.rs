//! The listening TCP sockets of this network namespace (sock_diag(7), `linux/inet_diag.h`).
//!
//! One dump takes some 15 µs however many connections there are, because the kernel keeps listening
//! sockets apart; `/proc/net/tcp` lists them all and takes a hundred times as long. Both address
//! families are asked for at once: the kernel goes through its whole table for each request.
//! Multipath TCP is not asked for: a dump of it takes 0.7 ms, and what listens with it has a TCP socket
//! too, with the inode that the descriptor of the process has (Linux 5.8 and later).

use crate::proc::inet_diag::{self, ROW};
use crate::proc::sock_diag::{self, SockDiag, u32_at};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// The state of a listening socket, `TCP_LISTEN`, as a bit.
const LISTEN: u32 = 1 << 10;

/// An attribute of the answer: whether a socket on an IPv6 address takes IPv6 only.
const INET_DIAG_SKV6ONLY: u16 = 11;

/// A listening socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its inode, by which a descriptor names it.
    pub inode: u64,
    /// The address; an IPv4 address in the form of an IPv6 address is told as IPv4.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// Whether it listens on `::` and takes IPv4, too.
    pub is_dual: bool,
    /// The user who made it.
    pub uid: u32,
    /// How many connections wait to be accepted.
    pub backlog: u32,
}

/// The connection to the kernel, once there is one: to open it anew takes a third as long as the answer.
static KERNEL: Mutex<Option<SockDiag>> = Mutex::new(None);

/// All listening sockets, of every user. The error is that of the kernel, or of a sandbox that refuses
/// netlink.
pub fn listeners() -> rustix::io::Result<Vec<Listener>> {
    let mut connection = KERNEL.lock().unwrap_or_else(PoisonError::into_inner);
    // It is put back only after an answer that was read to its end.
    let mut kernel = connection.take().map_or_else(SockDiag::open, Ok)?;
    let mut found = Vec::new();
    kernel.dump(&inet_diag::tcp_request(LISTEN), |row| found.extend(parse_row(row)))?;
    *connection = Some(kernel);
    found.retain(|it| it.inode != 0);
    Ok(found)
}

/// Listening sockets by their port.
pub type ByPort<'a> = HashMap<u16, Vec<&'a Listener>>;

/// These sockets by their port, in the same order.
pub fn by_port(listeners: &[Listener]) -> ByPort<'_> {
    let mut found = ByPort::new();
    for listener in listeners {
        found.entry(listener.port).or_default().push(listener);
    }
    found
}

/// A row of the answer; `None` if it is not whole, or of another address family.
pub fn parse_row(row: &[u8]) -> Option<Listener> {
    let attributes = row.get(ROW..)?;
    let port = u16::from_be_bytes([row[4], row[5]]);
    let address = inet_diag::address(row, 8)?;
    let takes_v6_only = sock_diag::attribute(attributes, INET_DIAG_SKV6ONLY);
    let takes_v6_only = takes_v6_only.and_then(|it| it.first()).is_some_and(|it| *it != 0);
    let is_any_v6 = address == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    Some(Listener {
        inode: inet_diag::inode(row),
        address,
        port,
        is_dual: is_any_v6 && !takes_v6_only,
        uid: u32_at(row, 64),
        backlog: u32_at(row, 56),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::inet_diag::AF_INET6;
    use std::net::{Ipv4Addr, TcpListener};
    use std::os::fd::AsFd;

    fn of(socket: impl AsFd) -> Option<Listener> {
        let inode = rustix::fs::fstat(socket).unwrap().st_ino;
        listeners().unwrap().into_iter().find(|it| it.inode == inode)
    }

    #[test]
    fn the_kernel_tells_address_port_and_what_waits() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let told = of(&socket).unwrap();
        assert_eq!((told.address, told.port), ("127.0.0.1".parse().unwrap(), port));
        assert_eq!((told.uid, told.backlog), (rustix::process::geteuid().as_raw(), 0));
        let _waits = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        assert_eq!(of(&socket).unwrap().backlog, 1);
        assert!(!told.is_dual);
    }

    #[test]
    fn a_socket_of_multipath_tcp_is_found_once() {
        use rustix::net::{AddressFamily, Protocol, SocketType, bind, listen, socket};
        let mptcp = std::num::NonZeroU32::new(262).map(Protocol::from_raw);
        // Not every kernel has it.
        let Ok(own) = socket(AddressFamily::INET, SocketType::STREAM, mptcp) else { return };
        bind(&own, &std::net::SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        listen(&own, 1).unwrap();
        let inode = rustix::fs::fstat(&own).unwrap().st_ino;
        let told = listeners().unwrap();
        assert_eq!(told.iter().filter(|it| it.inode == inode).count(), 1, "{told:?}");
    }

    #[test]
    fn a_row_that_is_cut_is_none() {
        let mut row = vec![0; 72];
        row[0] = AF_INET6;
        (row[4], row[5]) = (0x1f, 0x90);
        row[64..68].copy_from_slice(&7_u32.to_ne_bytes());
        row[68..72].copy_from_slice(&99_u32.to_ne_bytes());
        for length in 0..72 {
            assert_eq!(parse_row(&row[..length]), None);
        }
        let told = parse_row(&row).unwrap();
        assert_eq!((told.inode, told.port, told.uid), (99, 8080, 7));
        assert!(told.is_dual);
        row.extend([5, 0, 11, 0, 1, 0, 0, 0]);
        assert!(!parse_row(&row).unwrap().is_dual);
        // 127.0.0.1 as Java has it.
        row[18..24].copy_from_slice(&[0xff, 0xff, 127, 0, 0, 1]);
        assert_eq!(parse_row(&row).unwrap().address, IpAddr::V4(Ipv4Addr::LOCALHOST));
        row[0] = 1;
        assert_eq!(parse_row(&row), None);
    }
}
