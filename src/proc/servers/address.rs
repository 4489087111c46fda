//! Where a server is reached: its addresses, and a URL. Pure.

use super::listeners::Listener;
use super::naming::speaks_http;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::collections::BTreeSet;

/// Options with which a server speaks TLS.
const TLS_OPTIONS: &[&str] = &[
    "--https",
    "--experimental-https",
    "--ssl",
    "--ssl-keyfile",
    "--ssl-certfile",
    "--certfile",
    "--ssl-key",
    "--ssl-cert",
    "--cert",
];

/// The addresses on which these sockets listen, each once and in order.
pub fn addresses<'a>(listeners: impl Iterator<Item = &'a Listener>) -> Vec<IpAddr> {
    let mut found = BTreeSet::new();
    for listener in listeners {
        found.insert(listener.address);
        if listener.is_dual {
            found.insert(Ipv4Addr::UNSPECIFIED.into());
        }
    }
    found.into_iter().collect()
}

/// The URL at which a program of this machine reaches the server; none if it does not speak HTTP. Its
/// name and the arguments of its processes say whether it does.
pub fn url(port: u16, addresses: &[IpAddr], name: &str, argvs: &[Vec<String>]) -> Option<String> {
    if !speaks_http(name) {
        return None;
    }
    let is_tls = |it: &String| TLS_OPTIONS.contains(&it.split('=').next().unwrap_or_default());
    let scheme = if argvs.iter().flatten().any(is_tls) { "https" } else { "http" };
    Some(format!("{scheme}://{}:{port}/", host(addresses)))
}

/// `localhost` means both loopback addresses: a server that listens on one of them is reached for
/// certain only at that one.
fn host(addresses: &[IpAddr]) -> String {
    let takes =
        |loopback: IpAddr, any: IpAddr| addresses.iter().any(|it| *it == loopback || *it == any);
    let v4 = takes(Ipv4Addr::LOCALHOST.into(), Ipv4Addr::UNSPECIFIED.into());
    let v6 = takes(Ipv6Addr::LOCALHOST.into(), Ipv6Addr::UNSPECIFIED.into());
    match (v4, v6, addresses.first()) {
        (true, true, _) => "localhost".to_owned(),
        (true, false, _) => "127.0.0.1".to_owned(),
        (false, true, _) => "[::1]".to_owned(),
        (false, false, Some(IpAddr::V6(address))) => format!("[{address}]"),
        (false, false, Some(address)) => address.to_string(),
        (false, false, None) => "localhost".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(listeners: &[(&str, bool)], told: &[&str], expected: &str) {
        let listener = |&(address, is_dual): &(&str, bool)| Listener {
            inode: 1,
            address: address.parse().unwrap(),
            port: 3000,
            is_dual,
            uid: 0,
            backlog: 0,
        };
        let listeners: Vec<Listener> = listeners.iter().map(listener).collect();
        let addresses = addresses(listeners.iter());
        let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        assert_eq!(texts, told);
        assert_eq!(url(3000, &addresses, "vite", &[]).unwrap(), expected);
    }

    #[test]
    fn the_url_names_what_is_listened_on() {
        check(&[("127.0.0.1", false)], &["127.0.0.1"], "http://127.0.0.1:3000/");
        check(&[("::1", false)], &["::1"], "http://[::1]:3000/");
        check(&[("::", true)], &["0.0.0.0", "::"], "http://localhost:3000/");
        check(&[("::", false)], &["::"], "http://[::1]:3000/");
        let both = [("::1", false), ("127.0.0.1", false), ("::1", false)];
        check(&both, &["127.0.0.1", "::1"], "http://localhost:3000/");
        check(&[("192.168.7.9", false)], &["192.168.7.9"], "http://192.168.7.9:3000/");
        check(&[("fe80::7", false)], &["fe80::7"], "http://[fe80::7]:3000/");
    }

    #[test]
    fn what_speaks_no_http_has_no_url() {
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
        assert_eq!(url(6379, &loopback, "redis-server", &[]), None);
        let argv = ["uvicorn", "app:app", "--ssl-keyfile=k"].map(str::to_owned).to_vec();
        let found = url(8443, &loopback, "uvicorn app:app", &[argv]);
        assert_eq!(found.as_deref(), Some("https://127.0.0.1:8443/"));
    }
}
