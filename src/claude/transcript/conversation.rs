//! The end of a conversation as plain text, for people: what was said, and which tools were called.

use super::message::is_local;
use super::tool;
use crate::session::sanitize::{clean, harmless};
use crate::system::files::{open_regular, read_at};
use serde::Deserialize;
use serde_json::Value;
use std::io;
use std::path::Path;

/// How much of the end of a transcript is read, in bytes.
const MAX_READ: u64 = 1024 * 1024;

/// Longest line, in characters.
const MAX_LINE: usize = 2000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    is_sidechain: bool,
    #[serde(default)]
    is_meta: bool,
    #[serde(default)]
    is_compact_summary: bool,
    #[serde(default)]
    timestamp: String,
    message: Option<Message>,
    attachment: Option<Attachment>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Value,
}

/// What is added to a conversation: among others a prompt that was typed while Claude worked
/// (`queued_command`, 2.1.119 and later).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    #[serde(rename = "type", default)]
    kind: String,
    /// `prompt`, or `task-notification`, which nobody typed.
    #[serde(default)]
    command_mode: String,
    #[serde(default)]
    prompt: Value,
}

impl Attachment {
    fn typed(self) -> Option<Value> {
        let is_typed = self.kind == "queued_command" && self.command_mode == "prompt";
        is_typed.then_some(self.prompt)
    }
}

/// The last `count` lines of the conversation in this transcript. Prompts begin with `> `, calls of
/// tools with `● `; a blank line is between two messages. May block on a disk.
pub fn last_lines(path: &Path, count: usize) -> io::Result<Vec<String>> {
    read_end(path).map(|end| lines_of(&end, count))
}

/// The lines of what Claude said last in the conversation in this transcript; none if it has said
/// nothing. May block on a disk.
pub fn last_message(path: &Path) -> io::Result<Vec<String>> {
    read_end(path).map(|end| message_of(&end))
}

/// A call of a tool that has no result yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedCall {
    /// Its id.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// What it is called with.
    pub input: Value,
}

/// The calls at the end of the conversation in this transcript that have no result yet. May block on a
/// disk.
pub fn open_calls(path: &Path) -> io::Result<Vec<AskedCall>> {
    read_end(path).map(|end| open_calls_of(&end))
}

/// The calls without a result since the user's last words in these lines of a transcript. Pure.
///
/// The order of the lines is not that of the records: 2.1.119 wrote the first prompt of a conversation
/// behind the calls that followed from it. So their times count, which all have the same form.
fn open_calls_of(transcript: &[u8]) -> Vec<AskedCall> {
    let mut calls: Vec<(String, AskedCall)> = Vec::new();
    let mut last_words = String::new();
    for line in transcript.split(|byte| *byte == b'\n') {
        let Ok(record) = serde_json::from_slice::<Record>(line) else { continue };
        let Some(message) = record.message.filter(|_| !record.is_sidechain) else { continue };
        let Value::Array(blocks) = message.content else {
            // Words of the user end what was before.
            last_words = last_words.max(record.timestamp);
            continue;
        };
        for block in blocks {
            let text = |name: &str| block.get(name).and_then(Value::as_str).unwrap_or_default();
            match text("type") {
                "tool_use" => {
                    let (id, tool) = (text("id").to_owned(), text("name").to_owned());
                    let input = block.get("input").cloned().unwrap_or_default();
                    calls.push((record.timestamp.clone(), AskedCall { id, tool, input }));
                }
                "tool_result" => calls.retain(|it| it.1.id != text("tool_use_id")),
                _ => {}
            }
        }
    }
    calls.into_iter().filter(|it| it.0 >= last_words).map(|it| it.1).collect()
}

/// The last lines of a transcript, whole.
fn read_end(path: &Path) -> io::Result<Vec<u8>> {
    let (file, _) = open_regular(path)?;
    let length = file.metadata()?.len();
    let start = length.saturating_sub(MAX_READ);
    let mut bytes = read_at(&file, start, usize::try_from(length - start).unwrap_or(usize::MAX))?;
    // The first line is a piece of one, unless the file was read whole.
    if let Some(end) = bytes.iter().position(|byte| *byte == b'\n').filter(|_| start > 0) {
        bytes.drain(..=end);
    }
    Ok(bytes)
}

/// The lines of the last message of Claude in these lines of a transcript. Pure.
fn message_of(transcript: &[u8]) -> Vec<String> {
    let records = transcript.rsplit(|byte| *byte == b'\n');
    let texts = records.filter_map(|line| {
        let mut record = serde_json::from_slice::<Record>(line).ok()?;
        let blocks = record.message.as_mut()?.content.as_array_mut()?;
        blocks.retain(|it| it.get("type").and_then(Value::as_str) == Some("text"));
        (record.kind == "assistant").then(|| message(record)).filter(|it| !it.is_empty())
    });
    texts.into_iter().next().unwrap_or_default()
}

/// The last `count` lines of the conversation in these lines of a transcript. Pure.
pub(crate) fn lines_of(transcript: &[u8], count: usize) -> Vec<String> {
    // From the end, until there is enough.
    let mut messages: Vec<Vec<String>> = Vec::new();
    let mut total = 0;
    for line in transcript.rsplit(|byte| *byte == b'\n') {
        // The blank line before the first message is not shown.
        if total > count {
            break;
        }
        let Ok(record) = serde_json::from_slice::<Record>(line) else { continue };
        let message = message(record);
        if !message.is_empty() {
            total += message.len() + usize::from(!messages.is_empty());
            messages.push(message);
        }
    }
    messages.reverse();
    let lines = messages.join(&String::new());
    let surplus = lines.len().saturating_sub(count);
    lines.into_iter().skip(surplus).collect()
}

fn message(record: Record) -> Vec<String> {
    let is_shown = !record.is_sidechain && !record.is_meta && !record.is_compact_summary;
    let (kind, content) = match record.attachment.and_then(Attachment::typed) {
        Some(prompt) => ("user", Some(prompt)),
        None => (record.kind.as_str(), record.message.map(|message| message.content)),
    };
    let Some(content) = content.filter(|_| is_shown) else { return Vec::new() };
    let mut lines = Vec::new();
    let blocks = match content {
        Value::String(text) => vec![serde_json::json!({ "type": "text", "text": text })],
        Value::Array(blocks) => blocks,
        _ => Vec::new(),
    };
    for block in blocks {
        let text = block.get("text").and_then(Value::as_str).unwrap_or_default();
        match (kind, block.get("type").and_then(Value::as_str)) {
            ("user", Some("text")) if !is_local(text) => {
                lines.extend(text_lines(text).map(|line| format!("> {line}")));
            }
            ("assistant", Some("text")) => lines.extend(text_lines(text)),
            ("assistant", Some("tool_use")) => lines.extend(call(&block)),
            _ => {}
        }
    }
    lines
}

fn call(block: &Value) -> Option<String> {
    // A name that is no text is none; an input of null is none, either.
    let name = match block.get("name") {
        Some(name) => name.as_str()?,
        None => "",
    };
    let input = block.get("input").filter(|it| !it.is_null()).map(Value::to_string);
    Some(format!("● {}", clean(&tool::describe(name, input.as_deref(), None), MAX_LINE)))
}

/// The lines of a text, without what could control a terminal.
fn text_lines(text: &str) -> impl Iterator<Item = String> {
    text.trim().lines().map(|line| {
        let line: String = line.trim_end().chars().take(MAX_LINE).collect();
        harmless(&line.replace('\t', "    "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSCRIPT: &str = r#"{"type":"user","message":{"role":"user","content":"Fix the\nlogin"}}
{"type":"user","isMeta":true,"message":{"content":"Caveat: x"}}
{"type":"user","message":{"content":"<command-name>/model</command-name>"}}
not json
{"type":"assistant","message":{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"I look\u001b[31m at\tit.\n\nThen:"},{"type":"tool_use","name":"Bash","input":{"command":"cargo test\nls"}}]}}
{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"x","content":"ok"}]}}
{"type":"assistant","isSidechain":true,"message":{"content":[{"type":"text","text":"an agent"}]}}
{"type":"assistant","message":{"content":[{"type":"text","text":"Done."}]}}
{"type":"assistant","message":7}
"#;

    #[test]
    fn a_prompt_that_was_typed_while_claude_worked_is_shown() {
        let record = |mode: &str, prompt: &str| {
            format!(
                r#"{{"type":"attachment","isSidechain":false,"attachment":{{"type":"queued_command",
                "prompt":{prompt},"commandMode":"{mode}","origin":{{"kind":"human"}}}}}}"#
            )
            .replace('\n', "")
        };
        let lines = |record: String| lines_of(record.as_bytes(), 9);
        assert_eq!(lines(record("prompt", r#""second""#)), ["> second"]);
        let blocks = r#"[{"type":"text","text":"a"},{"type":"image"}]"#;
        assert_eq!(lines(record("prompt", blocks)), ["> a"]);
        let note = r#""<task-notification>\n<task-id>b1""#;
        assert_eq!(lines(record("task-notification", note)), Vec::<String>::new());
    }

    #[test]
    fn what_was_said_is_told_plainly() {
        let all = lines_of(TRANSCRIPT.as_bytes(), 100);
        let expected = [
            "> Fix the",
            "> login",
            "",
            "I look\u{fffd}[31m at    it.",
            "",
            "Then:",
            "● Bash: cargo test ls",
            "",
            "Done.",
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn the_last_message_is_what_claude_said() {
        assert_eq!(message_of(TRANSCRIPT.as_bytes()), ["Done."]);
        let first = TRANSCRIPT.lines().take(7).collect::<Vec<_>>().join("\n");
        let said = ["I look\u{fffd}[31m at    it.", "", "Then:"];
        assert_eq!(message_of(first.as_bytes()), said);
        assert!(message_of(b"{\"type\":\"user\"}\nx").is_empty());
    }

    #[test]
    fn calls_are_open_until_they_have_a_result() {
        let call = |id: &str, second: u32| {
            let block = serde_json::json!({"type": "tool_use", "id": id, "name": "Bash", "input": {"command": id}});
            let at = format!("2026-11-28T21:00:{second:02}.000Z");
            serde_json::json!({"type": "assistant", "timestamp": at, "message": {"content": [block]}})
                .to_string()
        };
        let result =
            r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"a"}]}}"#;
        let ids = |lines: &[&str]| {
            let calls = open_calls_of(lines.join("\n").as_bytes());
            calls.into_iter().map(|it| it.id).collect::<Vec<_>>()
        };
        let (a, b) = (call("a", 3), call("b", 4));
        assert_eq!(ids(&[&a, &b, "half {", result]), ["b"]);
        let words = |second: u32| {
            let at = format!("2026-11-28T21:00:{second:02}.000Z");
            serde_json::json!({"type": "user", "timestamp": at, "message": {"content": "go on"}})
                .to_string()
        };
        assert_eq!(ids(&[&a, &words(5)]), [""; 0]);
        // A prompt that is written late.
        assert_eq!(ids(&[&a, &b, &words(2)]), ["a", "b"]);
        let expected = AskedCall {
            id: "b".into(),
            tool: "Bash".into(),
            input: serde_json::json!({"command": "b"}),
        };
        assert_eq!(open_calls_of(b.as_bytes()), [expected]);
    }

    #[test]
    fn never_more_than_was_asked_for() {
        for count in 0..9 {
            let last = lines_of(TRANSCRIPT.as_bytes(), count);
            assert_eq!(last.len(), count);
            assert_eq!(last.last().map(String::as_str), (count > 0).then_some("Done."));
        }
    }

    #[test]
    fn a_record_that_began_before_what_is_read_is_left_out() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let long = format!(
            "{{\"type\":\"assistant\",\"message\":{{\"content\":\"{}\"}}}}\n",
            "x".repeat(MAX_READ as usize)
        );
        std::fs::write(file.path(), long + TRANSCRIPT).unwrap();
        assert_eq!(last_lines(file.path(), 1).unwrap(), ["Done."]);
        assert_eq!(last_lines(file.path(), 100).unwrap().len(), 9);
        std::fs::write(file.path(), "").unwrap();
        assert!(last_lines(file.path(), 5).unwrap().is_empty());
        assert!(last_lines(Path::new("/nonexistent"), 5).is_err());
        assert!(last_lines(Path::new("/dev/null"), 5).is_err());
    }
}
