//! Unix sockets: where a process listens, and which sockets are connected to each other.
//!
//! The kernel's socket diagnostics tell (sock_diag(7)). Where they are missing, `/proc/net/unix` names
//! the listening sockets: any program can write a row of its own there, with a socket whose name has a
//! line break in it.

use super::files::ProcFiles;
use super::sock_diag::{self, Request, SockDiag};
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Flag of a listening socket in `/proc/net/unix` (`__SO_ACCEPTCON`).
const LISTENING: &str = "00010000";

/// Bytes of `struct unix_diag_msg`, which the attributes follow.
const ROW: usize = 16;

const UNIX_DIAG_NAME: u16 = 0;
const UNIX_DIAG_PEER: u16 = 2;
const UDIAG_SHOW_NAME: u32 = 1;
const UDIAG_SHOW_PEER: u32 = 4;

/// The state of a listening socket, `TCP_LISTEN`, as a bit.
const LISTEN: u32 = 1 << 10;

/// Paths on which a process listens; sockets without a file (abstract ones) are left out.
pub fn listening(files: &ProcFiles, pid: u32) -> Vec<PathBuf> {
    let inodes = files.sockets(pid);
    let listening = all_listening(files.root().path()).into_iter();
    listening.filter(|(inode, _)| inodes.contains(inode)).map(|(_, path)| path).collect()
}

/// Inodes of the sockets that listen at `path`.
pub fn listeners(files: &ProcFiles, path: &Path) -> Vec<u64> {
    let listening = all_listening(files.root().path()).into_iter();
    listening.filter(|(_, other)| other == path).map(|(inode, _)| inode).collect()
}

/// Inodes of all sockets that listen at a path, of whatever process.
pub fn all_listeners(root: &Path) -> HashSet<u64> {
    all_listening(root).into_iter().map(|(inode, _)| inode).collect()
}

/// All connected unix sockets: the inode of each → the inode of its peer.
pub fn peers() -> rustix::io::Result<HashMap<u64, u64>> {
    let mut peers = HashMap::new();
    SockDiag::open()?.dump(&request(u32::MAX, UDIAG_SHOW_PEER), |row| {
        let attributes = row.get(ROW..).unwrap_or_default();
        if let Some(peer) = sock_diag::attribute(attributes, UNIX_DIAG_PEER) {
            let inode = sock_diag::u32_at(row, 4);
            peers.insert(u64::from(inode), u64::from(sock_diag::u32_at(peer, 0)));
        }
    })?;
    Ok(peers)
}

/// Every listening socket with a path: its inode and path.
fn all_listening(root: &Path) -> Vec<(u64, PathBuf)> {
    let mut found = Vec::new();
    let take = |row: &[u8]| {
        let attributes = row.get(ROW..).unwrap_or_default();
        let name = sock_diag::attribute(attributes, UNIX_DIAG_NAME).unwrap_or_default();
        // A path ends with NUL; the name of an abstract socket begins with it.
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let path = PathBuf::from(OsStr::from_bytes(name));
        if path.is_absolute() {
            found.push((u64::from(sock_diag::u32_at(row, 4)), path));
        }
    };
    let request = request(LISTEN, UDIAG_SHOW_NAME);
    let told = SockDiag::open().and_then(|mut kernel| kernel.dump(&request, take));
    told.map_or_else(|_| parse_listening(&table(root)), |()| found)
}

/// `struct unix_diag_req`: the sockets in these states, with what `show` says.
fn request(states: u32, show: u32) -> Request {
    let mut out = Vec::with_capacity(24);
    out.extend_from_slice(&[1, 0, 0, 0]); // AF_UNIX
    out.extend_from_slice(&states.to_ne_bytes());
    out.extend_from_slice(&0u32.to_ne_bytes()); // any inode
    out.extend_from_slice(&show.to_ne_bytes());
    out.extend_from_slice(&[0xff; 8]); // no cookie
    Request::of_family(out)
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
    fn a_name_with_a_line_break_is_no_row_of_its_own() {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::{SocketAddr, UnixListener};
        let dir = tempfile::tempdir().unwrap();
        let ours = dir.path().join("our socket");
        let listener = UnixListener::bind(&ours).unwrap();
        let inode = rustix::fs::fstat(&listener).unwrap().st_ino;
        let row = format!("\n0: 00000002 00000000 00010000 0001 01 {inode} /forged");
        let name = SocketAddr::from_abstract_name(row).unwrap();
        let _forger = UnixListener::bind_addr(&name).unwrap();
        let forged = (inode, PathBuf::from("/forged"));
        assert!(parse_listening(&table(Path::new("/proc"))).contains(&forged));
        let all = all_listening(Path::new("/proc"));
        let of_ours: Vec<_> = all.iter().filter(|(other, _)| *other == inode).collect();
        assert_eq!(of_ours, [&(inode, ours)]);
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
