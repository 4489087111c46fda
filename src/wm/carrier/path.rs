//! What the network between two hosts rewrites in a connection, learned from one that both ends see.
//! Pure.

use crate::session::place::carrier::Connection;
use crate::session::state::Confidence;
use core::net::SocketAddr;

/// One connection as its two ends see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamPath {
    /// As it is here, where ssh runs.
    pub here: Connection,
    /// As it is there, where sshd runs.
    pub there: Connection,
}

/// A connection as this host sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Translated {
    /// Both ends.
    pub connection: Connection,
    /// Whether addresses had to be replaced: a port that another machine behind the same router uses too
    /// would then be taken for one of this host.
    pub confidence: Confidence,
}

/// How this host sees a connection that sshd sees as `there`; `None` if the network between rewrites
/// ports, and nothing tells which. Without a connection that both ends see, none is rewritten.
pub fn translate(there: Connection, stream: Option<StreamPath>) -> Option<Translated> {
    let as_is = Translated { connection: there, confidence: Confidence::Certain };
    let Some(stream) = stream else { return Some(as_is) };
    let same_way =
        there.client.ip() == stream.there.client.ip() && there.server == stream.there.server;
    if !same_way || stream.here == stream.there {
        return Some(as_is);
    }
    if stream.here.client.port() != stream.there.client.port() {
        return None;
    }
    let client = SocketAddr::new(stream.here.client.ip(), there.client.port());
    let connection = Connection { client, server: stream.here.server };
    Some(Translated { connection, confidence: Confidence::Probable })
}

/// Where this host reaches a mosh-server that receives at `there`.
pub fn translate_server(there: SocketAddr, stream: Option<StreamPath>) -> SocketAddr {
    match stream {
        // mosh-server receives at any address, or at the one that sshd has.
        Some(stream) if there.ip().is_unspecified() || there.ip() == stream.there.server.ip() => {
            SocketAddr::new(stream.here.server.ip(), there.port())
        }
        _ => there,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(text: &str) -> Connection {
        Connection::parse(text).unwrap()
    }

    #[test]
    fn a_connection_that_nothing_rewrites_is_the_same_at_both_ends() {
        let there = connection("10.99.0.1 40001 10.99.0.2 22");
        let as_is = Some(Translated { connection: there, confidence: Confidence::Certain });
        assert_eq!(translate(there, None), as_is);
        let stream = connection("10.99.0.1 40009 10.99.0.2 22");
        assert_eq!(translate(there, Some(StreamPath { here: stream, there: stream })), as_is);
    }

    #[test]
    fn addresses_are_replaced_where_the_port_is_kept() {
        let stream = StreamPath {
            here: connection("10.99.0.1 40009 10.99.0.254 2222"),
            there: connection("10.99.0.254 40009 10.99.0.2 22"),
        };
        let found = translate(connection("10.99.0.254 40001 10.99.0.2 22"), Some(stream)).unwrap();
        assert_eq!(found.connection, connection("10.99.0.1 40001 10.99.0.254 2222"));
        assert_eq!(found.confidence, Confidence::Probable);
        // Another way to the same host, such as a VPN, is rewritten by nothing that is known.
        let other = connection("192.168.7.1 40001 10.99.0.2 22");
        assert_eq!(translate(other, Some(stream)).unwrap().connection, other);
    }

    #[test]
    fn rewritten_ports_tell_nothing() {
        let stream = StreamPath {
            here: connection("10.99.0.1 40009 10.99.0.254 2222"),
            there: connection("10.99.0.254 61009 10.99.0.2 22"),
        };
        assert_eq!(translate(connection("10.99.0.254 40001 10.99.0.2 22"), Some(stream)), None);
    }

    #[test]
    fn the_address_of_mosh_follows_that_of_sshd() {
        let stream = StreamPath {
            here: connection("10.99.0.1 40009 10.99.0.254 2222"),
            there: connection("10.99.0.254 40009 10.99.0.2 22"),
        };
        let server = |text: &str| text.parse::<SocketAddr>().unwrap();
        for there in ["10.99.0.2:60001", "0.0.0.0:60001", "[::]:60001"] {
            let here = translate_server(server(there), Some(stream));
            assert_eq!(here, server("10.99.0.254:60001"));
            assert_eq!(translate_server(server(there), None), server(there));
        }
    }
}
