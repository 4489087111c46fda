//! The names under which this program may be asked for. A page of another site that has its name lead to
//! 127.0.0.1 (DNS rebinding) asks for that name. Pure.

use core::net::IpAddr;

/// Whether a request for `host` (a name or an address, maybe with a port) is meant for this program:
/// every address is, `localhost` and what is below it, and the host of `url`.
pub fn is_ours(host: &str, url: Option<&str>) -> bool {
    let name = without_port(host);
    let bare = name.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(name);
    let name = name.to_ascii_lowercase();
    let own = url.and_then(authority).map(|it| without_port(it).to_ascii_lowercase());
    bare.parse::<IpAddr>().is_ok()
        || name == "localhost"
        || name.ends_with(".localhost")
        || own.is_some_and(|it| it == name)
}

/// Whether `origin` is that of a page which this program has served for `host`.
pub fn is_same_origin(origin: &str, host: &str) -> bool {
    authority(origin).is_some_and(|it| it.eq_ignore_ascii_case(host))
}

/// The host of a URL, with its port.
fn authority(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    rest.split('/').next()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_somebody_else_is_not_ours() {
        for host in [
            "127.0.0.1:8689",
            "[::1]:8689",
            "192.168.1.7",
            "localhost",
            "LOCALHOST:1",
            "vmux.localhost:8689",
            "desk.example",
            "desk.example:443",
            "Desk.Example",
        ] {
            assert!(is_ours(host, Some("https://desk.example/vmux")), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8689",
            "localhost.evil.example",
            "desk.example",
            "127.0.0.1.evil.example",
            "localhost:80:evil",
            "desk.example.evil",
        ] {
            assert!(!is_ours(host, None), "{host}");
        }
    }

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        assert!(is_same_origin("http://127.0.0.1:8689", "127.0.0.1:8689"));
        assert!(is_same_origin("https://desk.example", "Desk.example"));
        for origin in [
            "null",
            "",
            "http://127.0.0.1:3000",
            "http://127.0.0.1",
            "file://",
            "http://127.0.0.1:8689.evil",
            "ftp://127.0.0.1:8689",
        ] {
            assert!(!is_same_origin(origin, "127.0.0.1:8689"), "{origin}");
        }
    }
}
