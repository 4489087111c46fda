//! `vmux hook`: what the installed hooks call. It sends the event to vmuxd without waiting for an
//! answer. With `--answer` it asks vmuxd for the answer to a permission prompt, waits for it, and prints
//! it. It never fails and starts nothing; without vmuxd it ends at once.

use crate::cli::hooks::decision::{explained, spoken};
use crate::client::dial::other_socket;
use crate::client::own_start;
use crate::protocol::frame::{MAX_REQUEST, encode};
use crate::protocol::prompt::{AskOutcome, Decision, harmless_value};
use crate::protocol::request::{AskRequest, HookRequest, PromptRequest, Request};
use crate::protocol::response::Response;
use crate::protocol::socket::Paths;
use crate::system::connect::connect_unix;
use serde::Deserialize;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
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

/// How long vmuxd may take to say that it knows the prompt, and that it has heard of the answer.
const REPLY_TIMEOUT: Duration = Duration::from_secs(2);

/// The same where the dialog can be used meanwhile: on a busy machine vmuxd may take its time.
const REPLY_TIMEOUT_BESIDE_DIALOG: Duration = Duration::from_secs(60);

/// The longest line that vmuxd sends, in bytes.
const MAX_LINE: u64 = 1024 * 1024;

/// What is read of it.
#[derive(Deserialize)]
pub struct Payload {
    session_id: String,
    hook_event_name: String,
    tool_name: Option<String>,
    #[serde(default)]
    tool_input: Value,
    agent_id: Option<String>,
    #[serde(default)]
    cwd: String,
    permission_suggestions: Option<Value>,
}

/// Runs the command; with `answers`, it waits for the answer to a prompt. Errors are ignored, so that
/// the session that called it notices nothing.
pub fn run(answers: bool) {
    let _ = tell(answers);
}

fn tell(answers: bool) -> Option<()> {
    let mut text = Vec::new();
    std::io::stdin().lock().take(MAX_PAYLOAD).read_to_end(&mut text).ok()?;
    let payload: Payload = serde_json::from_slice(&text).ok()?;
    drop(text);
    let pid = std::env::var("CLAUDE_PID").ok().and_then(|it| it.parse().ok());
    let report = report(&payload, pid);
    let paths = Paths::from_environment().ok()?;
    if answers && payload.hook_event_name == "PermissionRequest" {
        let id = std::process::id();
        let request = ask_request(&payload, report.clone(), (id, own_start()?))?;
        let entrypoint = std::env::var("CLAUDE_CODE_ENTRYPOINT").ok();
        let patience = patience(&payload, entrypoint.as_deref());
        match wait_for_answer(&paths, &Request::Ask(Box::new(request)), patience) {
            Asked::Answer { prompt, decision, _connection } => {
                return answer(&paths, prompt, &payload, &decision);
            }
            Asked::Over => return None,
            // A hook that waits would do harm there, or vmuxd is older. It learns of the prompt all the same.
            Asked::Refused => {}
        }
    }
    connect(&paths)?.write_all(&encode(&Request::Hook(report))).ok()
}

fn connect(paths: &Paths) -> Option<UnixStream> {
    let dial = |socket: &Path| connect_unix(socket, SEND_TIMEOUT).ok();
    dial(&paths.socket).or_else(|| dial(&other_socket(paths)?))
}

/// How long vmuxd may take to take the question. A subagent, and a session that is none of a terminal, shows
/// no dialog before the hook has ended.
fn patience(payload: &Payload, entrypoint: Option<&str>) -> Duration {
    match (&payload.agent_id, entrypoint) {
        (None, Some("cli")) => REPLY_TIMEOUT_BESIDE_DIALOG,
        _ => REPLY_TIMEOUT,
    }
}

/// What a hook tells of its payload.
pub fn report(payload: &Payload, pid: Option<u32>) -> HookRequest {
    let event = payload.hook_event_name.as_str();
    // The second and third tell that the call of the first is over.
    let names_call = matches!(event, "PermissionRequest" | "PostToolUse" | "PostToolUseFailure");
    HookRequest {
        session_id: payload.session_id.clone(),
        event: event.to_owned(),
        tool: payload.tool_name.clone(),
        input: names_call.then(|| short(&payload.tool_input)),
        pid,
        agent: payload.agent_id.clone(),
    }
}

/// What a hook that waits asks; `hook` is its own process. `None` if even the shortest form is too long
/// for vmuxd.
pub fn ask_request(payload: &Payload, report: HookRequest, hook: (u32, u64)) -> Option<AskRequest> {
    let mut request = AskRequest {
        report,
        input: harmless_value(payload.tool_input.clone()),
        cut: false,
        cwd: payload.cwd.clone(),
        always: explained(payload.permission_suggestions.as_ref()),
        hook_pid: hook.0,
        hook_start: hook.1,
    };
    let is_too_long =
        |request: &AskRequest| encode(&Request::Ask(Box::new(request.clone()))).len() > MAX_REQUEST;
    let mut limit = MAX_REQUEST / 2;
    while is_too_long(&request) && limit > 64 {
        request.cut = true;
        request.input = cut(harmless_value(payload.tool_input.clone()), limit);
        limit /= 2;
    }
    if is_too_long(&request) {
        let bytes = payload.tool_input.to_string().len();
        request.input = Value::String(format!("… ({bytes} bytes, too many to be shown)"));
    }
    (!is_too_long(&request)).then_some(request)
}

/// The same with long texts cut; where one is, it says so.
fn cut(value: Value, limit: usize) -> Value {
    match value {
        Value::String(text) => match text.char_indices().nth(limit) {
            None => Value::String(text),
            Some((end, _)) => {
                let missing = text[end..].chars().count();
                Value::String(format!("{}… ({missing} more characters)", &text[..end]))
            }
        },
        Value::Array(values) => values.into_iter().map(|it| cut(it, limit)).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, it)| (name, cut(it, limit))).collect())
        }
        other => other,
    }
}

/// What came of asking.
enum Asked {
    /// The prompt has an answer. Once the connection ends, vmuxd takes the hook for ended.
    Answer { prompt: String, decision: Decision, _connection: BufReader<UnixStream> },
    /// There will be none.
    Over,
    /// vmuxd does not take the question.
    Refused,
}

/// Asks, and waits until vmuxd knows the answer, ends the prompt, or is gone; for so long until it has taken
/// the question.
fn wait_for_answer(paths: &Paths, request: &Request, patience: Duration) -> Asked {
    let wait = || {
        let mut stream = connect(paths)?;
        stream.write_all(&encode(request)).ok()?;
        stream.set_read_timeout(Some(patience)).ok()?;
        let mut lines = BufReader::new(stream);
        let begun: Response = serde_json::from_slice(&line(&mut lines)?).ok()?;
        let Some(prompt) = begun.prompt.filter(|_| begun.ok) else { return Some(Asked::Refused) };
        lines.get_ref().set_read_timeout(None).ok()?;
        match serde_json::from_slice(&line(&mut lines)?).ok()? {
            AskOutcome::Decided(decision) => {
                Some(Asked::Answer { prompt, decision, _connection: lines })
            }
            AskOutcome::Over | AskOutcome::Unknown => None,
        }
    };
    wait().unwrap_or(Asked::Over)
}

/// The next line; `None` if there is no more, or not in time.
fn line(lines: &mut BufReader<UnixStream>) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    lines.take(MAX_LINE).read_until(b'\n', &mut line).ok()?;
    line.ends_with(b"\n").then_some(line)
}

/// Prints the answer for Claude Code, and tells vmuxd that this is done.
fn answer(paths: &Paths, prompt: String, payload: &Payload, decision: &Decision) -> Option<()> {
    let suggestions = payload.permission_suggestions.as_ref();
    let tool = payload.tool_name.as_deref().unwrap_or_default();
    let text = spoken(tool, &payload.tool_input, suggestions, decision)?.to_string();
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).ok()?;
    let mut stream = connect(paths)?;
    stream.write_all(&encode(&Request::Answered(PromptRequest { prompt }))).ok()?;
    stream.set_read_timeout(Some(REPLY_TIMEOUT)).ok()?;
    line(&mut BufReader::new(stream)).map(drop)
}

/// The input of a tool with its long members cut or left out: only what a call is about matters.
fn short(input: &Value) -> String {
    let Value::Object(members) = input else { return "{}".to_owned() };
    let cut = |(name, value): (&String, &Value)| match value {
        Value::String(text) => {
            let text: String = text.chars().take(MAX_MEMBER_CHARS).collect();
            Some((name.clone(), Value::String(text)))
        }
        other => {
            (other.to_string().len() <= MAX_MEMBER_CHARS).then(|| (name.clone(), other.clone()))
        }
    };
    let members = members.iter().take(MAX_MEMBERS).filter_map(cut);
    Value::Object(members.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_input_of_a_tool_is_cut() {
        let input = json!({"command": "x".repeat(100_000), "n": 1, "big": ["y".repeat(9000)]});
        let short: Value = serde_json::from_str(&short(&input)).unwrap();
        assert_eq!(short["command"].as_str().unwrap().len(), MAX_MEMBER_CHARS);
        assert_eq!((&short["n"], &short["big"]), (&Value::from(1), &Value::Null));
        assert_eq!(super::short(&Value::from(7)), "{}");
    }

    fn asked(input: Value) -> AskRequest {
        let payload = json!({"session_id": "s", "hook_event_name": "PermissionRequest",
            "tool_name": "Bash", "tool_input": input});
        let payload: Payload = serde_json::from_value(payload).unwrap();
        let report = report(&payload, Some(7));
        ask_request(&payload, report, (8, 9)).unwrap()
    }

    #[test]
    fn only_beside_a_dialog_a_slow_vmuxd_is_waited_for() {
        let payload = |agent: Value| -> Payload {
            let payload = json!({"session_id": "s", "hook_event_name": "PermissionRequest", "agent_id": agent});
            serde_json::from_value(payload).unwrap()
        };
        let main = payload(Value::Null);
        assert_eq!(patience(&main, Some("cli")), REPLY_TIMEOUT_BESIDE_DIALOG);
        for (payload, entrypoint) in
            [(&main, None), (&main, Some("sdk-cli")), (&payload(json!("a1")), Some("cli"))]
        {
            assert_eq!(patience(payload, entrypoint), REPLY_TIMEOUT);
        }
    }

    #[test]
    fn what_is_asked_is_whole_or_says_what_is_missing() {
        let request = asked(json!({"command": "a\u{1b}[2Jb\nc"}));
        assert_eq!((request.input, request.cut), (json!({"command": "a\\u{1b}[2Jb\nc"}), false));
        let request = asked(json!({"content": "x".repeat(MAX_REQUEST), "file_path": "/a"}));
        let content = request.input["content"].as_str().unwrap();
        assert!(request.cut && content.ends_with(" more characters)"), "{content}");
        assert_eq!(request.input["file_path"], "/a");
        let many: Vec<String> = (0..20_000).map(|it| format!("item {it}")).collect();
        let request = asked(json!({ "many": many }));
        assert!(request.cut && request.input.as_str().is_some_and(|it| it.contains("bytes")));
    }
}
