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
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Value,
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
    let Some(message) = record.message.filter(|_| is_shown) else { return Vec::new() };
    let mut lines = Vec::new();
    let blocks = match message.content {
        Value::String(text) => vec![serde_json::json!({ "type": "text", "text": text })],
        Value::Array(blocks) => blocks,
        _ => Vec::new(),
    };
    for block in blocks {
        let text = block.get("text").and_then(Value::as_str).unwrap_or_default();
        match (record.kind.as_str(), block.get("type").and_then(Value::as_str)) {
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
