//! What the kernel's diagnostics of TCP and UDP sockets are asked and answer with (sock_diag(7),
//! `linux/inet_diag.h`). Pure; [`super::sock_diag`] speaks with the kernel.

use super::sock_diag::{Request, u32_at};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Numbers of the address families.
pub const AF_INET: u8 = 2;
pub const AF_INET6: u8 = 10;

/// Numbers of the protocols.
pub const TCP: u8 = 6;
pub const UDP: u8 = 17;

/// Bytes of `struct inet_diag_msg`, which the attributes follow, and where in it the inode is.
pub const ROW: usize = 72;
const INODE: usize = 68;

/// `TCPDIAG_GETSOCK`, which is older than the messages of one family: the kernel goes through its
/// sockets once for IPv4 and IPv6.
const TCP_OF_BOTH_FAMILIES: u16 = 18;

/// `struct inet_diag_sockid`: any ports, addresses and interface, and no cookie.
const ANY_SOCKET: [u8; 48] = {
    let mut id = [0; 48];
    let mut at = 40;
    while at < id.len() {
        id[at] = 0xff;
        at += 1;
    }
    id
};

/// `struct inet_diag_req_v2`: all sockets of this family and protocol in these states, a bit each.
pub fn request(family: u8, protocol: u8, states: u32) -> Request {
    let head = [&[family, protocol, 0, 0][..], &states.to_ne_bytes()].concat();
    Request::of_family([&head[..], &ANY_SOCKET].concat())
}

/// `struct inet_diag_req`: all TCP sockets of both families in these states, a bit each.
pub fn tcp_request(states: u32) -> Request {
    let head = [0; 4];
    let body = [&head[..], &ANY_SOCKET, &states.to_ne_bytes(), &[0; 4]].concat();
    Request { kind: TCP_OF_BOTH_FAMILIES, body }
}

/// The address at `at` in a row, as IPv4 where it is one. `None` if the row is cut, or of another
/// address family.
pub fn address(row: &[u8], at: usize) -> Option<IpAddr> {
    let bytes: [u8; 16] = row.get(at..at + 16)?.try_into().ok()?;
    match *row.first()? {
        AF_INET => Some(IpAddr::V4(Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]))),
        AF_INET6 => Some(Ipv6Addr::from(bytes).to_canonical()),
        _ => None,
    }
}

/// The inode of a row's socket; 0 if no process holds it.
pub fn inode(row: &[u8]) -> u64 {
    u64::from(u32_at(row, INODE))
}
