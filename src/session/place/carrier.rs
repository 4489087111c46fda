//! What carries the terminal of a session to a user at another host. It goes over the wire.

use core::net::SocketAddr;
use serde::{Deserialize, Serialize};

/// How many carriers of one session are told: a tmux session has few clients.
pub const MAX_CARRIERS: usize = 64;

/// A network connection that shows a session's terminal to a user at another host.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Carrier {
    /// The connection.
    #[serde(flatten)]
    pub transport: Transport,
    /// Pid of the multiplexer's client in between, the innermost one; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<u32>,
    /// Whether the session is in view there, as far as multiplexers tell.
    pub in_view: bool,
    /// The tmux session that the client shows instead; absent if it shows the right one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
}

/// A network connection, as the host at which it ends sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Transport {
    /// A connection of ssh.
    Ssh {
        /// Both ends.
        #[serde(flatten)]
        connection: Connection,
        /// How many terminals the connection carries; 0 if that is not known.
        #[serde(default)]
        terminals: u32,
    },
    /// A mosh-server.
    Mosh {
        /// Where it receives.
        server: SocketAddr,
    },
    /// One that a newer vmuxd knows.
    #[serde(other)]
    Other,
}

/// Both ends of a TCP connection between an ssh and an sshd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Connection {
    /// The end of ssh.
    pub client: SocketAddr,
    /// The end of sshd.
    pub server: SocketAddr,
}

/// What carries one session, and what carries the question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Carriers {
    /// What carries the session, the likeliest first. Empty if it is shown at no other host.
    pub carriers: Vec<Carrier>,
    /// The connection over which the client of this vmuxd runs that asks, if it runs over one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_over: Option<Connection>,
    /// The tmux session that can be attached, if no client shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detached: Option<DetachedTmux>,
}

/// A tmux session without a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetachedTmux {
    /// Path of the program tmux.
    pub program: String,
    /// Path of the server's socket.
    pub socket: String,
    /// Its id: `$1`.
    pub session_id: String,
    /// Its name, cleaned.
    pub session: String,
}

impl Connection {
    /// What `SSH_CONNECTION` says (ssh(1)): address and port of the client, then of the server.
    pub fn parse(variable: &str) -> Option<Connection> {
        let mut words = variable.split_ascii_whitespace();
        let mut end = || {
            // The zone of a link-local address differs between the two hosts.
            let address = words.next()?.split('%').next()?.parse().ok()?;
            Some(SocketAddr::new(address, words.next()?.parse().ok()?))
        };
        let connection = Connection { client: end()?, server: end()? };
        words.next().is_none().then_some(connection)
    }

    /// The same with IPv4 addresses that were mapped into IPv6 written as IPv4.
    pub fn canonical(self) -> Connection {
        Connection { client: canonical(self.client), server: canonical(self.server) }
    }
}

/// An address without a zone, and as IPv4 where it is one.
pub fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_variable_of_sshd_is_read() {
        let told = Connection::parse("10.99.0.1 40404 10.99.0.2 22").unwrap();
        assert_eq!(
            told,
            Connection { client: address("10.99.0.1:40404"), server: address("10.99.0.2:22") }
        );
        let told = Connection::parse("fe80::1%eth0 1 fe80::2%wlan3 22").unwrap();
        assert_eq!(
            told,
            Connection { client: address("[fe80::1]:1"), server: address("[fe80::2]:22") }
        );
        for text in ["", "10.0.0.1 1 10.0.0.2", "UNKNOWN 65535 UNKNOWN 65535", "::1 99999 ::1 2"] {
            assert_eq!(Connection::parse(text), None, "{text}");
        }
        assert_eq!(Connection::parse("10.0.0.1 1 10.0.0.2 22 7"), None);
    }

    #[test]
    fn the_words_on_the_wire_stay() {
        let connection = Connection::parse("10.99.0.1 40404 10.99.0.2 22").unwrap();
        let carrier = Carrier {
            transport: Transport::Ssh { connection, terminals: 2 },
            by: Some(7),
            in_view: true,
            shows: None,
        };
        let ends = r#""client":"10.99.0.1:40404","server":"10.99.0.2:22""#;
        let text = format!(r#"{{"kind":"ssh",{ends},"terminals":2,"by":7,"in_view":true}}"#);
        assert_eq!(serde_json::to_string(&carrier).unwrap(), text);
        assert_eq!(serde_json::from_str::<Carrier>(&text).unwrap(), carrier);
        let newer = r#"{"kind":"quic","in_view":false}"#;
        assert_eq!(serde_json::from_str::<Carrier>(newer).unwrap().transport, Transport::Other);
    }
}
