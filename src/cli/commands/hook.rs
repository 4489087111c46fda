//! `vmux hook`: what the installed hooks call. It sends the event to vmuxd without waiting for an
//! answer. It never fails, prints nothing and starts nothing.

use crate::client::dial::other_socket;
use crate::protocol::frame::encode;
use crate::protocol::request::{HookRequest, Request};
use crate::protocol::socket::Paths;
use crate::system::connect::connect_unix;
use serde::Deserialize;
use serde_json::Value;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

/// The longest payload that is read, in bytes. A payload may contain a whole file.
const MAX_PAYLOAD: u64 = 8 * 1024 * 1024;

/// Longest member of a tool's input that is told, in characters.
const MAX_MEMBER_CHARS: usize = 2048;

/// Most members of a tool's input that are told.
const MAX_MEMBERS: usize = 16;

/// How long a vmuxd that is suspended or overloaded may hold up Claude Code, once to connect and once
/// to write.
const SEND_TIMEOUT: Duration = Duration::from_millis(50);

/// What is read of it.
#[derive(Deserialize)]
struct Payload {
    session_id: String,
    hook_event_name: String,
    tool_name: Option<String>,
    #[serde(default)]
    tool_input: Value,
}

/// Runs the command. Errors are ignored, so that the session that called it notices nothing.
pub fn run() {
    let _ = tell();
}

fn tell() -> Option<()> {
    let mut text = Vec::new();
    std::io::stdin().lock().take(MAX_PAYLOAD).read_to_end(&mut text).ok()?;
    let payload: Payload = serde_json::from_slice(&text).ok()?;
    let is_request = payload.hook_event_name == "PermissionRequest";
    let pid = std::env::var("CLAUDE_PID").ok().and_then(|it| it.parse().ok());
    let request = Request::Hook(HookRequest {
        session_id: payload.session_id,
        event: payload.hook_event_name,
        tool: payload.tool_name,
        input: is_request.then(|| short(payload.tool_input)),
        pid,
    });
    let paths = Paths::from_environment().ok()?;
    let dial = |socket: &Path| connect_unix(socket, SEND_TIMEOUT).ok();
    let mut stream = dial(&paths.socket).or_else(|| dial(&other_socket(&paths)?))?;
    stream.write_all(&encode(&request)).ok()
}

/// The input of a tool with its long members cut or left out: only what a call is about matters.
fn short(input: Value) -> String {
    let Value::Object(members) = input else { return "{}".to_owned() };
    let cut = |(name, value): (String, Value)| match value {
        Value::String(text) => {
            let text: String = text.chars().take(MAX_MEMBER_CHARS).collect();
            Some((name, Value::String(text)))
        }
        other => (other.to_string().len() <= MAX_MEMBER_CHARS).then_some((name, other)),
    };
    let members = members.into_iter().take(MAX_MEMBERS).filter_map(cut);
    Value::Object(members.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_of_a_tool_is_cut() {
        let input =
            serde_json::json!({"command": "x".repeat(100_000), "n": 1, "big": ["y".repeat(9000)]});
        let short: Value = serde_json::from_str(&short(input)).unwrap();
        assert_eq!(short["command"].as_str().unwrap().len(), MAX_MEMBER_CHARS);
        assert_eq!((&short["n"], &short["big"]), (&Value::from(1), &Value::Null));
        assert_eq!(super::short(Value::from(7)), "{}");
    }
}
