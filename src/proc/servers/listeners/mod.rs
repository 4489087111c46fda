//! The listening TCP sockets of this network namespace (sock_diag(7), `linux/inet_diag.h`).
//!
//! One dump takes some 15 µs however many connections there are, because the kernel keeps listening
//! sockets apart; `/proc/net/tcp` lists them all and takes a hundred times as long. Both address
//! families are asked for at once: the kernel goes through its whole table for each request. That table
//! has 256 KiB and more, and after a pause it takes 70 µs and displaces what is in the cache, so it is
//! not gone through while [`counters`] say that nothing has changed.
//! Multipath TCP is not asked for: a dump of it takes 0.7 ms, and what listens with it has a TCP socket
//! too, with the inode that the descriptor of the process has (Linux 5.8 and later).

pub mod counters;

use crate::proc::inet_diag::{self, ROW};
use crate::proc::sock_diag::{self, SockDiag, u32_at};
use counters::{CounterFiles, TcpCounters};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

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

/// After this long all are listed, whatever the counters say: they tell nothing of a socket that closes
/// while another one of somebody else begins to listen.
const LISTED_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// So many sockets are asked about one by one; more are sooner listed.
const MAX_ASKED: usize = 16;

/// The listening sockets, from time to time: listed anew only if something may have changed.
pub struct Listening {
    uid: u32,
    files: Option<CounterFiles>,
    /// What the last list was, when that was, and what the counters were then.
    listed: Option<(Vec<Listener>, Instant, TcpCounters)>,
}

impl Listening {
    /// Nothing is known yet. Of the sockets of user `uid` every change is told at once; of those of others,
    /// one that closes while another one opens, later.
    pub fn new(uid: u32) -> Listening {
        Listening { uid, files: None, listed: None }
    }

    /// All listening sockets, as with [`listeners`].
    pub fn read(&mut self, now: Instant) -> rustix::io::Result<Vec<Listener>> {
        self.files = self.files.take().or_else(CounterFiles::open);
        // Before the list, so that what begins to listen meanwhile is counted the next time.
        let counters = self.files.as_ref().and_then(CounterFiles::read);
        if let Some((known, at, before)) = &self.listed
            && counters.as_ref() == Some(before)
            && now - *at < LISTED_AGAIN_AFTER
            && self.all_listen(known)
        {
            return Ok(known.clone());
        }
        let found = listeners()?;
        self.listed = counters.map(|counters| (found.clone(), now, counters));
        Ok(found)
    }

    /// Whether the sockets of the user are all as they were.
    fn all_listen(&self, known: &[Listener]) -> bool {
        let own = || known.iter().filter(|it| it.uid == self.uid);
        let mut connection = KERNEL.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kernel) = connection.as_mut() else { return false };
        own().count() <= MAX_ASKED && own().all(|it| is_as_before(kernel, it))
    }
}

fn is_as_before(kernel: &mut SockDiag, known: &Listener) -> bool {
    let mut found = None;
    let request = inet_diag::listener_request(known.address, known.port);
    let answer = kernel.get(&request, |row| found = parse_row(row));
    answer.is_ok() && found.as_ref() == Some(known)
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

    /// Other tests open sockets meanwhile, so only what must be seen can be told.
    #[test]
    fn what_was_listed_is_right_until_something_changes() {
        let uid = rustix::process::geteuid().as_raw();
        let mut listening = Listening::new(uid);
        let inode = |it: &TcpListener| rustix::fs::fstat(it).unwrap().st_ino;
        let mut sees = |socket: &TcpListener| {
            listening.read(Instant::now()).unwrap().iter().any(|it| it.inode == inode(socket))
        };
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(sees(&first) && sees(&first));
        let port = first.local_addr().unwrap().port();
        // One closes and another one takes its place: as many as before.
        drop(first);
        let second = TcpListener::bind(("127.0.0.1", port)).unwrap();
        assert!(sees(&second) && sees(&second));
        let third = TcpListener::bind("[::1]:0").unwrap();
        assert!(sees(&third) && sees(&second));
    }

    #[test]
    fn one_socket_is_asked_for() {
        listeners().unwrap();
        for address in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
            let socket = TcpListener::bind(address).unwrap();
            let mut known = of(&socket).unwrap();
            let mut kernel = SockDiag::open().unwrap();
            assert!(is_as_before(&mut kernel, &known), "{known:?}");
            known.backlog = 1;
            assert!(!is_as_before(&mut kernel, &known));
            known.backlog = 0;
            drop(socket);
            assert!(!is_as_before(&mut kernel, &known), "{known:?}");
        }
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
