//! A `vmux web` that serves, and one request to it.

use crate::support::world::daemon::wait;
use crate::support::world::{DEADLINE, World, readable};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

/// A `vmux web`. Dropping it ends it.
pub struct Server {
    child: Child,
    pub port: u16,
    pub token: String,
}

/// An answer: status, headers in lower case, body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Server {
    /// Starts it on a free port, or on this one, and waits until it listens.
    pub fn start(world: &World, port: u16) -> Server {
        let mut command = world.vmux();
        command.args(["web", "--no-start", "--listen", &format!("127.0.0.1:{port}")]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        assert!(readable(&*stdout), "vmux web does not say where it is");
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().and_then(|it| it.parse().ok());
        let port = port.unwrap_or_else(|| panic!("vmux web says {line:?}"));
        let token = std::fs::read_to_string(world.home().join(".vmux/web-token")).unwrap();
        Server { child, port, token: token.trim().to_owned() }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The link that signs a browser in.
    pub fn link(&self) -> String {
        format!("{}/#token={}", self.base(), self.token)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// What these bytes are answered, up to the end of the connection.
    pub fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // It may be refused before it is sent whole.
        let _ = stream.write_all(request);
        let mut told = Vec::new();
        let _ = stream.read_to_end(&mut told);
        parse(&told)
    }

    /// A request with these headers besides Host.
    pub fn ask(&self, line: &str, headers: &[&str], body: &str) -> Answer {
        self.raw(&self.request(line, headers, body))
    }

    /// The bytes of such a request.
    pub fn request(&self, line: &str, headers: &[&str], body: &str) -> Vec<u8> {
        let mut text = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|it| it.starts_with("Host:")) {
            text.push_str(&format!("Host: 127.0.0.1:{}\r\n", self.port));
        }
        headers.iter().for_each(|it| text.push_str(&format!("{it}\r\n")));
        if !body.is_empty() {
            text.push_str("Content-Type: application/json\r\n");
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        text.push_str(body);
        text.into_bytes()
    }

    /// `Authorization: Bearer …`
    pub fn bearer(&self) -> String {
        format!("Authorization: Bearer {}", self.token)
    }

    /// A request with the token.
    pub fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), &[&self.bearer()], "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(&format!("POST {path}"), &[&self.bearer()], &body.to_string())
    }

    /// Opens the event stream.
    pub fn events(&self, headers: &[&str]) -> Events {
        let mut stream = self.connect();
        let bearer = self.bearer();
        let headers: Vec<&str> = headers.iter().copied().chain([bearer.as_str()]).collect();
        stream.write_all(&self.request("GET /api/events", &headers, "")).unwrap();
        Events { reader: BufReader::new(stream) }
    }

    /// SIGTERM, and its end.
    pub fn stop(mut self) -> i32 {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        wait(&mut self.child).code().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An event stream.
pub struct Events {
    pub reader: BufReader<TcpStream>,
}

impl Events {
    /// The next event: its id, and its data.
    pub fn next(&mut self) -> (Option<String>, Value) {
        let mut id = None;
        loop {
            let mut line = String::new();
            assert!(self.reader.read_line(&mut line).unwrap() > 0, "the stream has ended");
            if let Some(text) = line.strip_prefix("id: ") {
                id = Some(text.trim().to_owned());
            }
            if let Some(text) = line.strip_prefix("data: ") {
                return (id, serde_json::from_str(text).unwrap());
            }
        }
    }

    /// The next event of this kind.
    pub fn until(&mut self, kind: &str) -> (Option<String>, Value) {
        loop {
            let (id, event) = self.next();
            if event["event"] == kind {
                return (id, event);
            }
        }
    }
}

fn parse(told: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(told);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|it| it.split(' ').nth(1)).and_then(|it| it.parse().ok());
    let headers = lines.filter_map(|it| it.split_once(": "));
    Answer {
        status: status.unwrap_or(0),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        body: body.to_owned(),
    }
}
