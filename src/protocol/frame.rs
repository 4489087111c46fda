//! Framing: one JSON object per line, of bounded length.

use super::request::{BootTime, Request};
use super::response::{Code, Response};
use crate::session::sanitize::clean;
use serde::Serialize;

/// The longest line that a client may send, in bytes.
pub const MAX_REQUEST: usize = 64 * 1024;

/// The longest line that a client must accept, in bytes: the full state of some thousand sessions.
pub const MAX_RESPONSE: usize = 64 * 1024 * 1024;

/// How much of what is wrong with a line is told, in characters; it quotes the line.
const MAX_ERROR: usize = 300;

/// The frame of `message`: its JSON and a line break, to be written with one call.
///
/// Unbuffered serialisation onto a socket costs a system call per token; a frame costs one.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    // All keys of these messages are strings, so serialising cannot fail. If it ever did, every reader
    // can cope with an empty object.
    let mut frame = serde_json::to_vec(message).unwrap_or_else(|_| b"{}".to_vec());
    frame.push(b'\n');
    frame
}

/// The request in a line, or the refusal that says in one line what is wrong with it.
pub fn decode(line: &[u8]) -> Result<Request, Box<Response>> {
    decode_timed(line).map(|it| it.0)
}

/// The same, and until when the request may be carried out, if there is such a time.
pub fn decode_timed(line: &[u8]) -> Result<(Request, Option<BootTime>), Box<Response>> {
    #[derive(serde::Deserialize)]
    struct Outline {
        action: String,
        args: Option<serde_json::Value>,
        until: Option<BootTime>,
    }
    let refuse = |error: String| Box::new(Response::refused(Code::BadRequest, error));
    let outline: Outline = serde_json::from_slice(line).map_err(|error| {
        refuse(format!("not a request: {}", clean(&error.to_string(), MAX_ERROR)))
            .hint_boxed("a request is one line such as {\"action\":\"list\"}")
    })?;
    if !Request::ACTIONS.contains(&outline.action.as_str()) {
        let action = clean(&outline.action, 40);
        return Err(refuse(format!("unknown action \"{action}\""))
            .hint_boxed(&format!("known actions: {}", Request::ACTIONS.join(", "))));
    }
    let args = match outline.args {
        None | Some(serde_json::Value::Null) => serde_json::json!({}),
        Some(args) => args,
    };
    let whole = serde_json::json!({ "action": outline.action, "args": args });
    let request = serde_json::from_value(whole).map_err(|error| {
        let error = clean(&error.to_string(), MAX_ERROR);
        refuse(format!("bad arguments for {}: {error}", outline.action))
    })?;
    Ok((request, outline.until))
}

impl Response {
    fn hint_boxed(self: Box<Self>, hint: &str) -> Box<Self> {
        Box::new(self.hint(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::*;
    use super::*;

    fn check(line: &str, expected: Request) {
        assert_eq!(decode(line.as_bytes()), Ok(expected), "{line}");
    }

    #[test]
    fn arguments_may_be_left_out_where_none_are_needed() {
        check(r#"{"action":"list"}"#, Request::List(Nothing {}));
        check(r#"{"action":"list","args":null}"#, Request::List(Nothing {}));
        check(r#"{"action":"list","args":{}}"#, Request::List(Nothing {}));
    }

    #[test]
    fn unknown_fields_and_arguments_are_ignored() {
        check(r#"{"x":1,"action":"list","args":{"y":[2]}}"#, Request::List(Nothing {}));
        check(
            r#"{"action":"label","args":{"session_id":"a","label":"b","colour":"red"}}"#,
            Request::Label(LabelRequest { session_id: "a".into(), label: "b".into(), host: None }),
        );
    }

    #[test]
    fn an_unknown_action_is_told_the_known_ones() {
        let refusal = decode(br#"{"action":"dance"}"#).unwrap_err();
        assert_eq!(refusal.code, Some(Code::BadRequest));
        assert!(refusal.hint.unwrap().contains("list, switch, label, stop"));
    }

    #[test]
    fn garbage_is_refused_in_one_line() {
        for line in
            ["", "x", "[]", "{}", r#"{"action":1}"#, r#"{"action":"label"}"#, "{\"a\":\"\\u"]
        {
            let refusal = decode(line.as_bytes()).unwrap_err();
            assert!(!refusal.ok && !refusal.error.unwrap().contains('\n'), "{line}");
        }
        let line = br#"{"action":"peek","args":{"query":"a","from":"of\u001b[2J\ntwo"}}"#;
        let error = decode(line).unwrap_err().error.unwrap();
        assert!(error.contains("unknown variant") && !error.contains(['\n', '\u{1b}']), "{error}");
    }
}
