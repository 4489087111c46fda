//! The file in which projects write down where their servers listen, `.dev-ports.json`.

use crate::session::info::server::ServerInfo;
use serde_json::{Value, json};

/// Whether a file with this text is one that names servers, as [`dev_ports`] writes it, or empty.
pub fn is_dev_ports(text: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(text) else { return text.is_empty() };
    let has_port = |it: &Value| it.get("port").is_some_and(Value::is_u64);
    let is_nested = |it: &serde_json::Map<_, _>| !it.is_empty() && it.values().all(has_port);
    has_port(&value) || value.as_object().is_some_and(is_nested)
}

/// The servers as projects write them into `.dev-ports.json`: one flat, several by their names.
pub fn dev_ports(servers: &[ServerInfo]) -> String {
    let host = |it: &ServerInfo| {
        let url = it.url.as_deref().and_then(|url| url.split("://").nth(1)).unwrap_or_default();
        url.rsplit_once(':').map_or("localhost", |(host, _)| host).to_owned()
    };
    let value = match servers {
        [it] => json!({
            "port": it.port, "host": host(it), "url": it.url, "timestamp": it.started_at,
            "process_id": it.pid,
        }),
        several => {
            let mut object = serde_json::Map::new();
            for it in several {
                let key = match object.contains_key(&it.name) {
                    true => format!("{} {}", it.name, it.port),
                    false => it.name.clone(),
                };
                let value = json!({
                    "port": it.port, "host": host(it), "pid": it.pid, "started_at": it.started_at,
                    "url": it.url,
                });
                object.insert(key, value);
            }
            object.into()
        }
    };
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_known_again_and_nothing_else_is() {
        let server = |port: u16, name: &str| -> ServerInfo {
            serde_json::from_value(json!({
                "port": port, "addresses": ["127.0.0.1"], "name": name, "pid": 1, "cwd": "/",
                "started_at": "2026-11-20T16:00:00Z", "by": "process",
                "url": format!("http://127.0.0.1:{port}/"),
            }))
            .unwrap()
        };
        let (web, api, other) = (server(3000, "vite"), server(8000, "api"), server(8001, "api"));
        let one = dev_ports(std::slice::from_ref(&web));
        let value: Value = serde_json::from_str(&one).unwrap();
        assert_eq!((&value["port"], &value["host"]), (&json!(3000), &json!("127.0.0.1")));
        let all = dev_ports(&[web, api, other]);
        let value: Value = serde_json::from_str(&all).unwrap();
        assert_eq!(
            (&value["api"]["port"], &value["api 8001"]["port"]),
            (&json!(8000), &json!(8001))
        );
        assert!(is_dev_ports(one.as_bytes()) && is_dev_ports(all.as_bytes()) && is_dev_ports(b""));
        for other in
            ["{}", "[]", "{", "{\"port\": {\"web\": 1}}", "{\"name\": \"x\", \"port\": \"3\"}"]
        {
            assert!(!is_dev_ports(other.as_bytes()), "{other}");
        }
    }
}
