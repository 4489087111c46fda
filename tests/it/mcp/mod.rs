//! `vmux mcp`, spoken to as Claude Code does: JSON-RPC on standard input and output, with a real vmuxd
//! or one of recorded answers.

mod acts;
mod bounds;
mod command;
mod every_tool;
mod protocol;
mod tools;

use crate::support::world::{DEADLINE, until};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// The newest protocol with a handshake, and the one without.
const WITH_HANDSHAKE: &str = "2025-11-25";
const WITHOUT_HANDSHAKE: &str = "2026-07-28";

/// A running server. Every line that it prints must be JSON.
struct Mcp {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Messages that came while another one was waited for.
    told: VecDeque<Value>,
    next_id: u64,
    /// What each request has in `_meta`.
    meta: Value,
}

impl Mcp {
    /// Starts it, without a word.
    fn start(mut command: Command) -> Mcp {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let stdin = child.stdin.take();
        let (told, meta) = (VecDeque::new(), Value::Null);
        Mcp { child, stdin, lines, told, next_id: 1, meta }
    }

    /// Starts it, and shakes hands as Claude Code 2.1.197 does.
    fn open(command: Command) -> Mcp {
        let mut mcp = Mcp::start(command);
        let result = mcp.ask("initialize", initialize());
        assert_eq!(result["protocolVersion"], WITH_HANDSHAKE);
        mcp.notify("notifications/initialized", json!({}));
        mcp
    }

    /// Sends a line as it is.
    fn send(&mut self, line: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line).unwrap();
        stdin.write_all(b"\n").unwrap();
        stdin.flush().unwrap();
    }

    fn notify(&mut self, method: &str, params: Value) {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.send(message.to_string().as_bytes());
    }

    /// Sends a request, and returns its id.
    fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        for (name, value) in self.meta.as_object().into_iter().flatten() {
            params["_meta"][name] = value.clone();
        }
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(message.to_string().as_bytes());
        id
    }

    /// The next message.
    fn next(&mut self) -> Value {
        let line = self.lines.recv_timeout(DEADLINE).expect("a message");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// The response to the request `id`.
    fn response(&mut self, id: u64) -> Value {
        self.first(|it| it["id"] == id)
    }

    /// The notification `method`.
    fn notification(&mut self, method: &str) -> Value {
        self.first(|it| it["method"] == method)
    }

    /// The first such message that was not asked for yet.
    fn first(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.told.iter().position(&is_it) {
            return self.told.remove(at).unwrap();
        }
        loop {
            let message = self.next();
            if is_it(&message) {
                return message;
            }
            self.told.push_back(message);
        }
    }

    /// The result of a request.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        let response = self.response(id);
        assert!(response["error"].is_null(), "{response}");
        response["result"].clone()
    }

    /// What a tool returns, which is the same as text and as structure.
    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.ask("tools/call", json!({ "name": tool, "arguments": arguments }));
        assert_eq!(result["isError"], false, "{tool}: {:.500}", result.to_string());
        let text: Value =
            serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, result["structuredContent"]);
        text
    }

    /// What a tool says that fails.
    fn fail(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.ask("tools/call", json!({ "name": tool, "arguments": arguments }));
        assert_eq!(result["isError"], true, "{tool}: {:.500}", result.to_string());
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// The names of the tools.
    fn tools(&mut self) -> Vec<String> {
        let tools = self.ask("tools/list", json!({}))["tools"].as_array().unwrap().clone();
        tools.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Closes its standard input, and waits for its end.
    fn close(mut self) -> i32 {
        self.stdin = None;
        let mut code = None;
        until("the end of the server", || {
            code = self.child.try_wait().unwrap().map(|it| it.code().unwrap_or(-1));
            code.is_some()
        });
        code.unwrap()
    }
}

impl Drop for Mcp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn initialize() -> Value {
    json!({
        "protocolVersion": WITH_HANDSHAKE,
        "capabilities": { "roots": {}, "elicitation": {} },
        "clientInfo": { "name": "claude-code", "version": "2.1.197" },
    })
}

/// What a client without a handshake says in each request.
fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": WITHOUT_HANDSHAKE,
        "io.modelcontextprotocol/clientInfo": { "name": "claude-code", "version": "2.1.332" },
        "io.modelcontextprotocol/clientCapabilities": { "roots": {} },
    })
}
