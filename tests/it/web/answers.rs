//! What `vmux web` answers: sessions, events, health, over TCP, a Unix socket and TLS.

use super::server::{Events, Server};
use crate::support::world::{World, ago, until};
use serde_json::json;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

fn waits() -> serde_json::Value {
    let since = ago(61_000).timestamp_millis();
    json!({"status": "waiting", "waitingFor": "permission prompt", "statusUpdatedAt": since})
}

fn busy() -> serde_json::Value {
    json!({"status": "busy", "statusUpdatedAt": ago(0).timestamp_millis()})
}

/// Reads on until the session is in this state; the id of the last event.
fn until_state(events: &mut Events, pid: u32, state: &str) -> String {
    loop {
        let (id, event) = events.until("session");
        if event["session"]["pid"] == pid && event["session"]["state"] == state {
            return id.unwrap();
        }
    }
}

#[test]
fn events_begin_with_the_state_and_go_on_where_they_broke_off() {
    let world = World::new();
    let process = world.claude(100).live();
    world.session_file(&process, busy());
    let daemon = world.open();
    let server = Server::start(&world, 0);
    let mut events = server.events(&[]);
    let (id, hello) = events.next();
    assert_eq!((id, &hello["event"], &hello["allow"]), (None, &json!("hello"), &json!([])));
    let (first, state) = events.next();
    assert_eq!((&state["event"], &state["sessions"][0]["pid"]), (&json!("state"), &json!(100)));
    let listed = server.get("/api/sessions").json();
    assert_eq!(listed["sessions"], state["sessions"]);
    world.session_file(&process, waits());
    let id = until_state(&mut events, 100, "needs_input");
    // One who has had all gets nothing again, and one who missed something gets that.
    let mut resumed = server.events(&[&format!("Last-Event-ID: {id}")]);
    let mut missed = server.events(&[&format!("Last-Event-ID: {}", first.unwrap())]);
    let mut lost = server.events(&["Last-Event-ID: 0-7"]);
    assert_eq!(resumed.next().1["event"], "hello");
    assert_eq!(missed.next().1["event"], "hello");
    assert_eq!(until_state(&mut missed, 100, "needs_input"), id);
    assert_eq!(lost.until("state").1["sessions"][0]["state"], "needs_input");
    world.session_file(&process, busy());
    let next = until_state(&mut events, 100, "working");
    assert_eq!(until_state(&mut resumed, 100, "working"), next);
    assert_eq!(until_state(&mut missed, 100, "working"), next);
    // vmuxd goes and comes back.
    drop(daemon);
    events.until("away");
    let unwell = server.get("/health");
    assert_eq!((unwell.status, &unwell.json()["vmuxd"]), (503, &json!(null)));
    assert_eq!(server.get("/api/sessions").status, 503);
    let _daemon = world.open();
    assert_eq!(events.until("state").1["sessions"][0]["pid"], 100);
}

#[test]
fn a_unix_socket_is_for_its_user() {
    let world = World::new();
    let _daemon = world.open();
    let socket = world.path("web.sock");
    let mut command = world.vmux();
    command.args(["web", "--no-start", "--unix"]).arg(&socket);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("the socket", || UnixStream::connect(&socket).is_ok());
    assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let mut stream = UnixStream::connect(&socket).unwrap();
    stream
        .write_all(b"GET /api/sessions HTTP/1.1\r\nHost: x.localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("HTTP/1.1 401 "), "{told}");
    child.kill().unwrap();
    child.wait().unwrap();
    // The socket of a dead one is in nobody's way, another file is.
    std::fs::remove_file(&socket).unwrap();
    std::fs::write(&socket, "mine").unwrap();
    let mut command = world.vmux();
    let output = command.args(["web", "--no-start", "--unix"]).arg(&socket).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(std::fs::read_to_string(&socket).unwrap(), "mine");
}

#[test]
fn with_a_certificate_it_speaks_https() {
    let world = World::new();
    let daemon = world.open();
    let (certificate, key) = (world.path("cert.pem"), world.path("key.pem"));
    let mut openssl = world.command("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    // rustls takes no certificate of an authority for that of a server.
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    openssl.args(["-nodes", "-days", "2", "-subj", "/CN=vmux", "-addext"]);
    openssl
        .arg("subjectAltName=IP:127.0.0.1")
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate);
    assert!(openssl.output().unwrap().status.success());
    let tls = ["--tls-cert", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let server = Server::start_with(&world, "127.0.0.1:0", &tls);
    let root = Certificate::from_pem(&std::fs::read(&certificate).unwrap()).unwrap();
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[root])).build();
    let config = ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let url = format!("https://127.0.0.1:{}", server.port);
    assert_eq!(agent.get(format!("{url}/api/sessions")).call().unwrap().status(), 401);
    let body = json!({"token": server.token}).to_string();
    let sign_in = agent.post(format!("{url}/sign-in")).header("Content-Type", "application/json");
    let cookie = sign_in.send(body).unwrap().headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    // One that speaks no TLS gets nothing, and is in nobody's way.
    assert_eq!(server.get("/api/sessions").status, 0);
    // Whether all is well with vmuxd depends on what runs beside it; without one it is not.
    drop(daemon);
    assert_eq!(agent.get(format!("{url}/health")).call().unwrap().status(), 503);
    drop(server);
    let swapped = ["--tls-cert", key.to_str().unwrap(), "--tls-key", certificate.to_str().unwrap()];
    let output = world.vmux().args(["web", "--no-start"]).args(swapped).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("there is no certificate in it"), "{said}");
}
