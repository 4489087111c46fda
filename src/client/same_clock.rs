//! Whether a vmuxd reads the same `CLOCK_BOOTTIME` as this process: a time namespace of its own, as a
//! container may have, shifts that clock (time_namespaces(7)).

use crate::proc::namespaces::namespace;
use rustix::net::sockopt::socket_peercred;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// Whether the process at the other end of this socket does. No, too, if that cannot be known.
pub fn shares_boottime(socket: &impl AsFd) -> bool {
    let peer = socket_peercred(socket).map(|it| it.pid.as_raw_nonzero().to_string());
    let of = |process: &str| namespace(Path::new("/proc"), process, "time");
    let peer = peer.map_err(io::Error::from).and_then(|pid| of(&pid));
    is_shared(of("self"), peer)
}

/// The same from the time namespaces of both.
fn is_shared(own: io::Result<PathBuf>, peer: io::Result<PathBuf>) -> bool {
    match own {
        Ok(own) => peer.is_ok_and(|peer| peer == own),
        // A kernel without them.
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_process_shares_its_clock_with_itself_and_with_no_stranger() {
        assert!(shares_boottime(&UnixStream::pair().unwrap().0));
        let namespace = |number: u32| Ok(PathBuf::from(format!("time:[{number}]")));
        let error = |kind: io::ErrorKind| Err(io::Error::from(kind));
        assert!(!is_shared(namespace(1), namespace(2)));
        assert!(!is_shared(namespace(1), error(io::ErrorKind::PermissionDenied)));
        assert!(is_shared(error(io::ErrorKind::NotFound), error(io::ErrorKind::NotFound)));
        assert!(!is_shared(error(io::ErrorKind::PermissionDenied), namespace(1)));
    }
}
