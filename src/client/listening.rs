//! Who listens on a port of this machine, whether or not it is a server of a session.

use crate::proc::servers::listeners::{Listener, listeners};

/// What listens on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listening {
    /// Nothing.
    Nothing,
    /// A program of this user.
    Own,
    /// A program of the user with this id.
    OtherUser(u32),
}

/// What listens on this port. `None` if the kernel does not tell, as in a sandbox.
pub fn listening_on(port: u16) -> Option<Listening> {
    Some(judge(&listeners().ok()?, port, rustix::process::geteuid().as_raw()))
}

fn judge(listeners: &[Listener], port: u16, user: u32) -> Listening {
    let mut users = listeners.iter().filter(|it| it.port == port).map(|it| it.uid);
    match users.next() {
        None => Listening::Nothing,
        Some(first) if first == user || users.any(|it| it == user) => Listening::Own,
        Some(other) => Listening::OtherUser(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    #[test]
    fn the_own_program_comes_before_that_of_another_user() {
        let listener = |(port, uid): &(u16, u32)| Listener {
            inode: 1,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: *port,
            is_dual: false,
            uid: *uid,
            backlog: 0,
        };
        let all: Vec<Listener> =
            [(80, 0), (3000, 0), (3000, 1000), (4000, 1000)].iter().map(listener).collect();
        let of = |port| judge(&all, port, 1000);
        assert_eq!((of(80), of(3000)), (Listening::OtherUser(0), Listening::Own));
        assert_eq!((of(4000), of(5000)), (Listening::Own, Listening::Nothing));
    }
}
