//! Sending to servers that do, refuse, fail and hang.

use super::*;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

/// Answers one request with `answer` and hands over what was asked.
fn server(answer: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, asked) = channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        sender.send(request_of(&mut stream)).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
    });
    (url, asked)
}

/// Head and body of one request.
fn request_of(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    let is_whole = |text: &[u8]| {
        let text = String::from_utf8_lossy(text).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
        let length = head.lines().find_map(|it| it.strip_prefix("content-length: ")).unwrap();
        body.len() == length.parse::<usize>().unwrap()
    };
    while !is_whole(&text) {
        stream.read_exact(&mut byte).unwrap();
        text.push(byte[0]);
    }
    String::from_utf8(text).unwrap()
}

fn push(kind: &str, url: &str, more: &str) -> PushConfig {
    let text = format!("[notify.push]\nkind = \"{kind}\"\nurl = \"{url}\"\n{more}\n");
    crate::config::Config::parse(&text, None).unwrap().0.notify.push.unwrap()
}

fn message() -> PushMessage {
    PushMessage {
        trigger: Trigger::NeedsInput,
        title: "api ü needs permission".to_owned(),
        text: "vmux · main".to_owned(),
        link: Some("https://desk.example/#session=7:9".to_owned()),
        token: None,
    }
}

#[test]
fn ntfy_has_buttons_where_they_can_come_back() {
    let (url, asked) = server(OK);
    let page = |allow: &str| format!("[web]\nurl = \"https://desk.example\"\nallow = [{allow}]");
    let more = |allow: &str| format!("details = true\nbuttons = true\n{}", page(allow));
    let url = format!("{url}/my-topic");
    assert!(!push("ntfy", &url, &more("")).buttons);
    assert!(!push("ntfy", &url, "details = true\nbuttons = true").buttons);
    let push = push("ntfy", &url, &more("\"answer\""));
    assert!(push.buttons);
    let message = PushMessage { token: Some("abc".to_owned()), ..message() };
    assert_eq!(send(&push, &message, SEND_TIMEOUT), Ok(()));
    let asked = asked.recv().unwrap();
    let body: Value = serde_json::from_str(asked.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let [allow, deny] = &body["actions"].as_array().unwrap()[..] else { panic!("{body}") };
    assert_eq!(allow["url"], "https://desk.example/api/answer-once");
    assert_eq!(allow["body"], r#"{"token":"abc","allow":true}"#);
    assert_eq!((&deny["label"], &deny["method"]), (&json!("Deny"), &json!("POST")));
}

fn token_file(text: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    std::fs::write(&path, text).unwrap();
    let line = format!("token_file = \"{}\"", path.display());
    (dir, line)
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

#[test]
fn ntfy_is_told_the_topic_in_the_body() {
    let (url, asked) = server(OK);
    let (_dir, token) = token_file("tk_secret\n");
    let push = push("ntfy", &format!("{url}/my-topic"), &format!("{token}\npriority = 4"));
    assert_eq!(send(&push, &message(), SEND_TIMEOUT), Ok(()));
    let asked = asked.recv().unwrap();
    assert!(asked.starts_with("POST / HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains("authorization: bearer tk_secret\r\n"), "{asked}");
    let body: Value = serde_json::from_str(asked.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let expected = json!({"topic": "my-topic", "title": "api ü needs permission",
        "message": "vmux · main", "priority": 4, "tags": ["question"],
        "click": "https://desk.example/#session=7:9"});
    assert_eq!(body, expected);
}

#[test]
fn gotify_has_a_path_for_messages() {
    let (url, asked) = server(OK);
    let (_dir, token) = token_file("abc");
    let push = push("gotify", &format!("{url}/gotify/"), &token);
    assert_eq!(send(&push, &message(), SEND_TIMEOUT), Ok(()));
    let asked = asked.recv().unwrap();
    assert!(asked.starts_with("POST /gotify/message HTTP/1.1\r\n"), "{asked}");
    let body: Value = serde_json::from_str(asked.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let link = "https://desk.example/#session=7:9";
    assert_eq!(body["extras"], json!({"client::notification": {"click": {"url": link}}}));
}

fn refused(answer: &'static str, sent: Delivery, words: &str) {
    let (url, _asked) = server(answer);
    let (_dir, token) = token_file("tk_secret");
    let failure = send(&push("ntfy", &format!("{url}/my-topic"), &token), &message(), SEND_TIMEOUT);
    let failure = failure.unwrap_err();
    assert_eq!(failure.sent, sent, "{failure:?}");
    assert!(failure.problem.contains(words), "{failure:?}");
    assert!(!failure.problem.contains("secret") && !failure.problem.contains("my-topic"));
}

#[test]
fn what_a_server_refuses_is_told_without_the_secrets() {
    refused("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n", Delivery::Refused, "refuses the token");
    refused("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n", Delivery::Refused, "HTTP 404");
    refused("HTTP/1.1 429 No\r\ncontent-length: 0\r\n\r\n", Delivery::Again, "HTTP 429");
    refused("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", Delivery::Again, "HTTP 500");
    let moved = "HTTP/1.1 302 No\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    refused(moved, Delivery::Refused, "has moved");
    refused("\x00\x01nonsense", Delivery::Again, "");
    refused("", Delivery::Again, "");
}

#[test]
fn a_server_that_hangs_or_is_not_there_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/t", listener.local_addr().unwrap());
    let failure = send(&push("ntfy", &url, ""), &message(), Duration::from_millis(200));
    let failure = failure.unwrap_err();
    assert_eq!(failure.sent, Delivery::Again);
    assert!(failure.problem.ends_with("it does not answer"), "{failure:?}");
    drop(listener);
    let failure = send(&push("ntfy", &url, ""), &message(), SEND_TIMEOUT).unwrap_err();
    assert!(failure.problem.contains("refused"), "{failure:?}");
}

#[test]
fn no_failure_quotes_the_topic() {
    for url in ["http://127.0.0.1:99999/hunter2", "http://[/hunter2", "https://127.0.0.1:1/hunter2"]
    {
        for kind in ["ntfy", "gotify"] {
            let failure = send(&push(kind, url, "token_env = \"HOME\""), &message(), SEND_TIMEOUT);
            let failure = failure.unwrap_err();
            assert!(!failure.problem.contains("hunter2"), "{failure:?}");
        }
    }
}

#[test]
fn a_token_that_is_none_is_told_before_anything_is_sent() {
    let check = |more: &str, words: &str| {
        let failure = send(&push("ntfy", "http://127.0.0.1:1/t", more), &message(), SEND_TIMEOUT);
        let failure = failure.unwrap_err();
        assert!(
            failure.problem.contains(words) && failure.sent == Delivery::Refused,
            "{failure:?}"
        );
    };
    check("token_env = \"VMUX_NO_SUCH_VARIABLE\"", "the environment variable of token_env");
    check("token_file = \"/nowhere/token\"", "cannot read /nowhere/token");
    check("token_file = \"/tmp\"", "not a regular file");
    for text in ["", "\n", "a b", "a\r\nX-Evil: 1", "\u{e9}"] {
        let (_dir, token) = token_file(text);
        check(&token, "the token is empty, or not");
    }
}
