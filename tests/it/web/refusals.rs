//! What `vmux web` refuses: everything that is not meant for it, and whoever shows no key.

use super::server::Server;
use crate::support::world::{World, until, write_whole};
use serde_json::json;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

const PATHS: &[&str] = &[
    "/api/sessions",
    "/api/events",
    "/api/servers",
    "/api/pending",
    "/api/peek/1",
    "/api/why/1",
    "/metrics",
];

const ACTS: &[&str] = &["/api/switch", "/api/label", "/api/ack", "/api/answer", "/api/send"];

#[test]
fn without_a_key_nothing_is_shown() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "busy"}));
    let _daemon = world.open();
    let server = Server::start(&world, 0);
    let wrong = format!("Authorization: Bearer {}", "0".repeat(40));
    let signed = server.ask("POST /sign-in", &[], &json!({"token": server.token}).to_string());
    assert_eq!(signed.status, 200, "{signed:?}");
    let cookie = signed.header("set-cookie").unwrap();
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let cookie = format!("Cookie: other=1; {}", cookie.split(';').next().unwrap());
    let key = format!("X-Vmux-Key: {}", signed.json()["key"].as_str().unwrap());
    // Another server of this host may be sent the cookie; without the key of the page it is worth nothing.
    for keys in [
        &[][..],
        &[wrong.as_str()],
        &["Authorization: Bearer "],
        &[cookie.as_str()],
        &[key.as_str()],
    ] {
        for path in PATHS {
            let answer = server.ask(&format!("GET {path}"), keys, "");
            assert_eq!(answer.status, 401, "{path} {keys:?} {answer:?}");
            assert_eq!(answer.json()["error"], "this browser is not signed in");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert_eq!(answer.body.lines().count(), 1);
        }
        for path in ACTS {
            let answer = server.ask(&format!("POST {path}"), keys, "{}");
            assert_eq!(answer.status, 401, "{path} {keys:?} {answer:?}");
        }
        let health = server.ask("GET /health", keys, "").json();
        assert_eq!(health.as_object().unwrap().len(), 1, "{health}");
    }
    assert_eq!(server.ask("GET /api/sessions", &[&cookie, &key], "").status, 200);
    let query = format!("GET /api/sessions?key={}", signed.json()["key"].as_str().unwrap());
    assert_eq!(server.ask(&query, &[&cookie], "").status, 200);
    for token in ["", "x", &"0".repeat(40)] {
        let answer = server.ask("POST /sign-in", &[], &json!({"token": token}).to_string());
        assert_eq!((answer.status, answer.header("set-cookie")), (401, None));
    }
    for name in ["web-token", "web-cookie"] {
        let mode = world.home().join(".vmux").join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The page itself tells nothing.
    let page = server.ask("GET /", &[], "");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe") && !page.body.contains("session-of-100"));
}

#[test]
fn a_name_or_a_page_of_somebody_else_is_refused() {
    let world = World::new();
    let _daemon = world.open();
    let server = Server::start(&world, 0);
    let bearer = server.bearer();
    let own = format!("127.0.0.1:{}", server.port);
    let check = |headers: &[&str], expected: u16| {
        let headers: Vec<&str> = headers.iter().copied().chain([bearer.as_str()]).collect();
        for line in ["GET /api/sessions", "GET /health", "GET /", "POST /sign-in"] {
            let answer = server.ask(line, &headers, "");
            let is_refused = answer.status == 403;
            assert_eq!(is_refused, expected == 403, "{line} {headers:?} {answer:?}");
        }
    };
    check(&[], 200);
    check(&["Host: evil.example"], 403);
    check(&["Host: localhost.evil.example"], 403);
    check(&["Host: "], 403);
    check(&["Host: localhost", "Host: evil.example"], 403);
    check(&["Host: evil.example", "Host: localhost"], 403);
    check(&["Host: vmux.localhost"], 200);
    check(&[&format!("Origin: http://{own}")], 200);
    for origin in ["null", "http://evil.example", "http://127.0.0.1:3000", "http://localhost"] {
        check(&[&format!("Origin: {origin}")], 403);
    }
    for site in ["cross-site", "same-site"] {
        check(&[&format!("Sec-Fetch-Site: {site}"), "Sec-Fetch-Mode: no-cors"], 403);
    }
    // A link of another site leads here.
    check(&["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"], 200);
    let answer = server.raw(format!("GET /api/sessions HTTP/1.0\r\n{bearer}\r\n\r\n").as_bytes());
    assert_eq!(answer.status, 403, "without a name: {answer:?}");
    for (name, status) in [("evil.example", 403), ("localhost", 200)] {
        let line = format!("GET http://{name}/api/sessions HTTP/1.1\r\nHost: localhost\r\n");
        let answer = server.raw(format!("{line}Connection: close\r\n{bearer}\r\n\r\n").as_bytes());
        assert_eq!(answer.status, status, "{name}: {answer:?}");
    }
}

#[test]
fn wrong_methods_paths_and_bodies_are_told_in_one_line() {
    let world = World::new();
    let _daemon = world.open();
    let server = Server::start(&world, 0);
    let bearer = server.bearer();
    let check = |line: &str, body: &str, expected: u16| {
        let answer = server.ask(line, &[&bearer], body);
        assert_eq!(answer.status, expected, "{line}: {answer:?}");
        assert_eq!(answer.body.lines().count(), 1, "{answer:?}");
        let told = answer.json();
        assert!(told["error"].is_string() && told["hint"].is_string(), "{line}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    };
    for path in PATHS {
        check(&format!("DELETE {path}"), "", 405);
        check(&format!("POST {path}"), "{}", 405);
    }
    for path in ACTS {
        check(&format!("GET {path}"), "", 405);
        check(&format!("POST {path}"), "{", 400);
        check(&format!("POST {path}"), "[]", 422);
        check(&format!("POST {path}"), &format!("\"{}\"", "x".repeat(70_000)), 413);
    }
    for path in
        ["/x", "/api", "/api/", "/api/session", "/page/", "/page/../main.rs", "/page/%2e%2e", "//"]
    {
        check(&format!("GET {path}"), "", 404);
    }
    check("GET /page/%ff", "", 400);
    check("GET /api/why/zzz", "", 404);
    check("GET /api/peek/zzz", "", 404);
    check("GET /api/peek/x?lines=many", "", 400);
    check("GET /api/peek/x?from=space", "", 400);
    check("POST /api/switch", r#"{"query": "x"}"#, 403);
    let form = ["Content-Type: application/x-www-form-urlencoded", bearer.as_str()];
    assert_eq!(server.ask("POST /api/ack", &form, "").status, 415);
    // What is no HTTP at all.
    for bytes in [&b"\x16\x03\x01\x00\xa5\x01"[..], b"GET\r\n\r\n", b"\0\0\0\0\r\n\r\n"] {
        let answer = server.raw(bytes);
        assert!(matches!(answer.status, 0 | 400), "{bytes:?}: {answer:?}");
    }
    let many: String = (0..200).map(|it| format!("X-{it}: y\r\n")).collect();
    let answer = server.raw(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n").as_bytes());
    assert_eq!(answer.status, 431);
    let long = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "y".repeat(100_000));
    assert_eq!(server.raw(long.as_bytes()).status, 431);
    assert_eq!(server.get("/api/sessions").status, 200);
    // One that has asked, and shuts down its side, is answered.
    let mut stream = server.connect();
    stream.write_all(&server.request("GET /health", &[&bearer], "")).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).unwrap();
    assert!(told.contains("\"sessions\":0"), "{told}");
}

#[test]
fn a_right_is_there_while_the_configuration_has_it() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, json!({"status": "idle"}));
    let daemon = world.open();
    daemon.session(100);
    let server = Server::start(&world, 0);
    // What `vmux` would say to do about it is said here, too.
    let said = world.vmux().args(["why", "zzz", "--json"]).output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&said.stderr).unwrap();
    let told = server.get("/api/why/zzz").json();
    assert!(said["hint"].is_string(), "{said}");
    assert_eq!((&told["error"], &told["hint"]), (&said["error"], &said["hint"]));
    let label = json!({"session_id": "session-of-100", "label": "from afar"});
    let config = world.home().join(".vmux/config.toml");
    let refused = server.post("/api/label", &label);
    assert_eq!(refused.status, 403, "{refused:?}");
    assert_eq!(refused.json()["error"], "the configuration does not allow the web to label");
    write_whole(&config, "[web]\nallow = [\"label\"]\n");
    assert_eq!(server.post("/api/label", &label).status, 200);
    assert_eq!(daemon.session(100).label.as_deref(), Some("from afar"));
    let prompt = json!({"prompt": "k", "answer": "always"});
    assert_eq!(server.post("/api/answer", &prompt).status, 403);
    write_whole(&config, "[web]\nallow = [\"answer\", \"labell\"]\n");
    let faulty = server.post("/api/answer", &prompt);
    assert_eq!(faulty.status, 403);
    let error = faulty.json()["error"].to_string();
    assert!(error.contains("nothing is allowed") && error.contains("web.allow"), "{error}");
    write_whole(&config, "[web]\nallow = [\"answer\"]\n");
    let over = server.post("/api/answer", &prompt);
    assert_eq!((over.status, &over.json()["code"]), (410, &json!("over")), "{over:?}");
    assert_eq!(server.post("/api/label", &label).status, 403);
    // A button on the phone shows no key but its own token.
    let pressed = json!({"token": "x".repeat(32), "allow": true}).to_string();
    let once = |body: &str| server.ask("POST /api/answer-once", &[], body);
    let over = once(&pressed);
    assert_eq!((over.status, &over.json()["code"]), (410, &json!("over")), "{over:?}");
    assert_eq!(once("{}").status, 422);
    // Texts have a right of their own, for which vmuxd asks.
    let text = json!({"query": "100", "text": "go on"});
    let refused = server.post("/api/send", &text);
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (403, &json!("not_allowed")),
        "{refused:?}"
    );
    write_whole(&config, "[send]\nallow = [\"web\"]\n");
    assert_eq!(once(&pressed).status, 403);
    assert_eq!(server.events(&[]).next().1["allow"], json!(["send"]));
    write_whole(&config, "[web]\nallow = [\"send\"]\n");
    assert_eq!(server.events(&[]).next().1["allow"], json!(["send"]));
    // The session is in no pane of tmux.
    until("the configuration in vmuxd", || server.post("/api/send", &text).status == 409);
}

#[test]
fn it_listens_beyond_this_machine_only_on_purpose() {
    let world = World::new();
    let output = world.vmux().args(["web", "--listen", "0.0.0.0:0"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("can be reached from other machines"), "{said}");
    assert!(!world.home().join(".vmux/web-token").exists());
    let _daemon = world.open();
    let server = Server::start(&world, 0);
    let second = world.vmux().args(["web"]).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(4));
    assert!(said.contains(&format!("vmux web runs already: {}", server.base())), "{said}");
    let shown = world.vmux().args(["web", "--qr"]).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains(&format!("{}\n", server.link())), "{shown}");
    assert_eq!(server.stop(), 0);
}
