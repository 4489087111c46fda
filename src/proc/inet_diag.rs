//! What the kernel's diagnostics of TCP and UDP sockets are asked and answer with (sock_diag(7),
//! `linux/inet_diag.h`). Pure; [`super::sock_diag`] speaks with the kernel.

use super::sock_diag::u32_at;
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

/// `struct inet_diag_req_v2`: all sockets of this family and protocol in these states, a bit each.
pub fn request(family: u8, protocol: u8, states: u32) -> Vec<u8> {
    let mut out = vec![family, protocol, 0, 0];
    out.extend_from_slice(&states.to_ne_bytes());
    // `struct inet_diag_sockid`: any ports, addresses and interface, and no cookie.
    out.extend_from_slice(&[0; 40]);
    out.extend_from_slice(&[0xff; 8]);
    out
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
