//! The kernel's socket tables, asked for over netlink (sock_diag(7)).
//!
//! This file speaks netlink; what a request asks for and what a row means is known to the file of
//! each address family ([`super::unix_sockets`], [`super::inet_diag`]).

use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};

const SOCK_DIAG_BY_FAMILY: u16 = 20;

/// Numbers below this are of netlink itself (`NLMSG_MIN_TYPE`); an answer's rows have the number of
/// what was asked.
const FIRST_OF_FAMILIES: u16 = 16;
const NLMSG_DONE: u16 = 3;
const NLMSG_ERROR: u16 = 2;
const NLM_F_REQUEST_DUMP: u16 = 0x301;

/// The largest number of an error (`MAX_ERRNO` of the kernel).
const MAX_ERRNO: i32 = 4095;

/// Bytes of `struct nlmsghdr`.
const HEADER: usize = 16;

/// The most bytes of one datagram of an answer; the kernel makes them smaller.
const MAX_DATAGRAM: usize = 64 * 1024;

/// What the kernel is asked.
pub struct Request {
    /// The number of the message.
    pub kind: u16,
    /// The structure that belongs to it.
    pub body: Vec<u8>,
}

impl Request {
    /// For sockets of one address family, with the structure of that family (`struct unix_diag_req`,
    /// `struct inet_diag_req_v2`).
    pub fn of_family(body: Vec<u8>) -> Request {
        Request { kind: SOCK_DIAG_BY_FAMILY, body }
    }
}

/// A connection to the kernel's socket diagnostics.
pub struct SockDiag {
    socket: OwnedFd,
    buffer: Vec<u8>,
}

impl SockDiag {
    /// Connects. The error is that of the kernel, or of a sandbox that refuses netlink.
    pub fn open() -> rustix::io::Result<SockDiag> {
        let socket = rustix::net::socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        )?;
        Ok(SockDiag { socket, buffer: Vec::with_capacity(MAX_DATAGRAM) })
    }

    /// Asks for all sockets that match `request`, and hands each row to `each`: the family's answer
    /// structure with its attributes. After an error, nothing else can be asked here.
    pub fn dump(
        &mut self,
        request: &Request,
        mut each: impl FnMut(&[u8]),
    ) -> rustix::io::Result<()> {
        let kernel = netlink::SocketAddrNetlink::new(0, 0);
        rustix::net::sendto(&self.socket, &message(request), SendFlags::empty(), &kernel)?;
        loop {
            self.buffer.clear();
            // The kernel has the answer to a dump ready at once; there is nothing to wait for.
            let rest = spare_capacity(&mut self.buffer);
            let (length, _) = rustix::net::recv(&self.socket, rest, RecvFlags::DONTWAIT)?;
            if length == 0 || !rows(&self.buffer, &mut each)? {
                return Ok(());
            }
        }
    }
}

/// A netlink message: header and request.
fn message(request: &Request) -> Vec<u8> {
    let length = HEADER + request.body.len();
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_ne_bytes());
    out.extend_from_slice(&request.kind.to_ne_bytes());
    out.extend_from_slice(&NLM_F_REQUEST_DUMP.to_ne_bytes());
    out.extend_from_slice(&1u32.to_ne_bytes()); // sequence number
    out.extend_from_slice(&0u32.to_ne_bytes()); // to the kernel
    out.extend_from_slice(&request.body);
    out
}

/// Hands on the rows of one datagram of the answer; false if it is the last datagram. The error is
/// that of the kernel, such as that it has no diagnostics of the family.
pub fn rows(mut bytes: &[u8], each: &mut impl FnMut(&[u8])) -> rustix::io::Result<bool> {
    while bytes.len() >= HEADER {
        let length = u32_at(bytes, 0) as usize;
        let kind = u16_at(bytes, 4);
        if kind == NLMSG_ERROR {
            // `struct nlmsgerr` begins with the number of the error, negative.
            let code = u32_at(bytes, HEADER).cast_signed().checked_neg().unwrap_or(i32::MAX);
            return Err(Errno::from_raw_os_error(code.clamp(1, MAX_ERRNO)));
        }
        if kind == NLMSG_DONE || length < HEADER || length > bytes.len() {
            return Ok(false);
        }
        if kind >= FIRST_OF_FAMILIES {
            each(&bytes[HEADER..length]);
        }
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(true)
}

/// The value of one attribute (`struct nlattr`) of a row; `attributes` are the bytes after the
/// family's answer structure.
pub fn attribute(mut attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    while attributes.len() >= 4 {
        let size = usize::from(u16_at(attributes, 0));
        if size < 4 || size > attributes.len() {
            return None;
        }
        if u16_at(attributes, 2) == wanted {
            return Some(&attributes[4..size]);
        }
        attributes = attributes.get(size.next_multiple_of(4)..).unwrap_or_default();
    }
    None
}

/// A number in native byte order; 0 beyond the end.
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_ne_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_cut_or_lies_about_its_lengths_is_read_as_far_as_it_is_whole() {
        let message = |body: &[u8]| message(&Request::of_family(body.to_vec()));
        let mut answer = message(&[1; 20]);
        answer.extend(message(&[2; 20]));
        for end in 0..=answer.len() {
            let mut count = 0;
            let goes_on = rows(&answer[..end], &mut |row: &[u8]| {
                assert_eq!(row.len(), 20);
                count += 1;
            });
            assert!(goes_on.is_ok());
            assert_eq!(count, end / 36);
        }
        let mut refusal = message(&(-2_i32).to_ne_bytes());
        refusal[4] = 2;
        assert_eq!(rows(&refusal, &mut |_: &[u8]| {}), Err(Errno::NOENT));
        let mut attributes = vec![8, 0, 7, 0, 1, 2, 3, 4];
        attributes.extend([200, 0, 9, 0]);
        assert_eq!(attribute(&attributes, 7), Some(&[1, 2, 3, 4][..]));
        assert_eq!(attribute(&attributes, 9), None);
        assert_eq!(attribute(&[0, 0, 0, 0], 0), None);
    }
}
