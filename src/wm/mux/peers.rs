//! Unix sockets: where a process listens, and which processes are connected to it.
//!
//! `/proc/net/unix` names the listening sockets. Who is at the other end of a connection only the
//! kernel's socket diagnostics tell (sock_diag(7), `UDIAG_SHOW_PEER`), asked over netlink.

use super::generic::{Door, Plain, Viewer};
use crate::proc::files::Reader;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};
use std::collections::{HashMap, HashSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Flag of a listening socket in `/proc/net/unix` (`__SO_ACCEPTCON`).
const LISTENING: &str = "00010000";

/// Paths on which a process listens.
pub fn listening(reader: &Reader, pid: u32) -> Vec<PathBuf> {
    let inodes = reader.sockets(pid);
    let table = table(&reader.root);
    parse_listening(&table).into_iter().filter(|(i, _)| inodes.contains(i)).map(|l| l.1).collect()
}

/// `/proc/net/unix`. Names are any bytes, and most are those of other programs.
fn table(root: &Path) -> String {
    let table = std::fs::read(root.join("net/unix")).unwrap_or_default();
    String::from_utf8_lossy(&table).into_owned()
}

/// Listening sockets of `/proc/net/unix`: inode and path.
fn parse_listening(table: &str) -> Vec<(u64, PathBuf)> {
    // Num RefCount Protocol Flags Type St Inode Path
    let row = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        let flags = fields.nth(3)?;
        let inode = fields.nth(2)?.parse().ok()?;
        let path = line.split_once(&format!(" {inode} ")).map(|(_, path)| PathBuf::from(path))?;
        (flags == LISTENING && path.is_absolute()).then_some((inode, path))
    };
    table.lines().skip(1).filter_map(row).collect()
}

/// What such a server shows, and to whom.
pub fn view(reader: &Reader, server: u32, name: String) -> Plain {
    let clients = viewers(reader, server);
    let panes = Plain::panes(reader, server, "");
    let door = if panes.len() > 1 { Door::Mixed } else { Door::Single };
    Plain { name, clients, panes, door }
}

/// The processes connected to a server that have the same name as it.
pub fn viewers(reader: &Reader, server: u32) -> Vec<Viewer> {
    let Some(name) = (reader.process)(server).map(|process| process.comm) else {
        return Vec::new();
    };
    let own: HashSet<u64> = reader.sockets(server).into_iter().collect();
    let Ok(peers) = peers() else { return Vec::new() };
    let theirs: HashSet<u64> =
        peers.iter().filter(|(inode, _)| own.contains(inode)).map(|(_, peer)| *peer).collect();
    let mut viewers = Vec::new();
    for pid in reader.pids() {
        let same_name = (reader.process)(pid).is_some_and(|process| process.comm == name);
        if pid != server
            && same_name
            && reader.sockets(pid).iter().any(|inode| theirs.contains(inode))
            && let Some(terminal) = reader.terminal(pid)
        {
            let activity = activity(reader, pid);
            viewers.push(Viewer { pid, terminal: Some(terminal), activity });
        }
    }
    viewers
}

/// When the terminal of a process was last read from: what `w` calls idle time.
pub fn activity(reader: &Reader, pid: u32) -> i64 {
    std::fs::metadata(reader.root.join(format!("{pid}/fd/0"))).map_or(0, |data| data.atime())
}

/// All connected unix sockets: inode to inode of the other end.
fn peers() -> rustix::io::Result<HashMap<u64, u64>> {
    let socket = rustix::net::socket_with(
        AddressFamily::NETLINK,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        Some(netlink::SOCK_DIAG),
    )?;
    let kernel = netlink::SocketAddrNetlink::new(0, 0);
    rustix::net::sendto(&socket, &request(), SendFlags::empty(), &kernel)?;
    let mut peers = HashMap::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        // The kernel answers a dump at once; there is nothing to wait for.
        let (length, _) = rustix::net::recv(&socket, buffer.as_mut_slice(), RecvFlags::DONTWAIT)?;
        if length == 0 || !read(&buffer[..length], &mut peers) {
            return Ok(peers);
        }
    }
}

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLMSG_DONE: u16 = 3;
const NLMSG_ERROR: u16 = 2;
const UNIX_DIAG_PEER: u16 = 2;

/// `struct nlmsghdr` and `struct unix_diag_req`: all sockets, with their peers.
fn request() -> Vec<u8> {
    const NLM_F_REQUEST_DUMP: u16 = 0x301;
    const UDIAG_SHOW_PEER: u32 = 4;
    let mut out = Vec::with_capacity(40);
    out.extend_from_slice(&40u32.to_ne_bytes());
    out.extend_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    out.extend_from_slice(&NLM_F_REQUEST_DUMP.to_ne_bytes());
    out.extend_from_slice(&1u32.to_ne_bytes());
    out.extend_from_slice(&0u32.to_ne_bytes());
    out.extend_from_slice(&[1, 0, 0, 0]); // AF_UNIX
    out.extend_from_slice(&u32::MAX.to_ne_bytes()); // in any state
    out.extend_from_slice(&0u32.to_ne_bytes()); // any inode
    out.extend_from_slice(&UDIAG_SHOW_PEER.to_ne_bytes());
    out.extend_from_slice(&[0xff; 8]); // no cookie
    out
}

/// Reads one datagram of the answer; false when it was the last.
fn read(mut bytes: &[u8], peers: &mut HashMap<u64, u64>) -> bool {
    while bytes.len() >= 16 {
        let length = u32_at(bytes, 0) as usize;
        let kind = u16_at(bytes, 4);
        if matches!(kind, NLMSG_DONE | NLMSG_ERROR) || length < 16 || length > bytes.len() {
            return false;
        }
        let message = &bytes[16..length];
        if kind == SOCK_DIAG_BY_FAMILY && message.len() >= 16 {
            let inode = u32_at(message, 4);
            let mut attributes = &message[16..];
            while attributes.len() >= 4 {
                let size = usize::from(u16_at(attributes, 0));
                if size < 4 || size > attributes.len() {
                    break;
                }
                if u16_at(attributes, 2) == UNIX_DIAG_PEER && size >= 8 {
                    peers.insert(u64::from(inode), u64::from(u32_at(attributes, 4)));
                }
                attributes = attributes.get(size.next_multiple_of(4)..).unwrap_or_default();
            }
        }
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    true
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_ne_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_sockets_of_the_table() {
        let table = "Num       RefCount Protocol Flags    Type St Inode Path\n\
            0000000000000000: 00000002 00000000 00010000 0001 01 11843 /tmp/tmux-0/my sock\n\
            0000000000000000: 00000002 00000000 00000000 0001 01 11844 /tmp/x\n\
            0000000000000000: 00000002 00000000 00010000 0001 01 11845 @abstract\n\
            0000000000000000: 00000003 00000000 00000000 0001 03 11846\n";
        assert_eq!(parse_listening(table), [(11843, PathBuf::from("/tmp/tmux-0/my sock"))]);
    }

    #[test]
    fn a_name_that_is_no_text_hides_no_other() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("net")).unwrap();
        let rows: [&[u8]; 3] = [
            b"Num       RefCount Protocol Flags    Type St Inode Path\n",
            b"0: 00000002 00000000 00010000 0001 01 11 @\xff\n",
            b"0: 00000002 00000000 00010000 0001 01 12 /tmp/ours\n",
        ];
        std::fs::write(dir.path().join("net/unix"), rows.concat()).unwrap();
        assert_eq!(parse_listening(&table(dir.path())), [(12, PathBuf::from("/tmp/ours"))]);
    }

    #[test]
    fn the_kernel_tells_both_ends_of_a_connection() {
        let (a, b) = std::os::unix::net::UnixStream::pair().unwrap();
        let inode = |end| rustix::fs::fstat(end).unwrap().st_ino;
        let peers = peers().unwrap();
        assert_eq!(peers.get(&inode(&a)), Some(&inode(&b)));
        assert_eq!(peers.get(&inode(&b)), Some(&inode(&a)));
    }
}
