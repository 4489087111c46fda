//! Entry points for the fuzzers in `fuzz/` into private parts of this room. They are built for
//! fuzzing and for tests only.
//!
//! An entry point panics when what was read breaks a promise.

#![allow(clippy::unwrap_used, reason = "a fuzzer stops at a panic")]

use super::config_files::{history, team};
use super::debug_log::parse::DebugTurn;
use super::input::json;
use super::input::long_line::LongLine;
use super::process::shell::Script;
use super::process::teammate;
use super::session_file::parse;
use super::transcript::conversation;
use super::transcript::fold::Fold;
use super::transcript::tail::{Lines, Tail};
use crate::session::sanitize::{clean, harmless};
use std::fs;
use std::io::Write;

/// Lines, as a first read hands them out.
#[derive(Default)]
struct CollectedLines(Vec<Vec<u8>>);

impl Lines for CollectedLines {
    fn line(&mut self, line: &[u8]) {
        self.0.push(line.to_owned());
    }

    fn restart(&mut self) {
        self.0.clear();
    }

    fn is_enough(&self, _: u64) -> bool {
        false
    }
}

/// A transcript, whole and in pieces whose size the first byte gives; also as a debug log.
pub fn transcript(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let mut whole: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    whole.pop();
    let dir = tempfile_dir();
    let path = dir.join("t.jsonl");
    let (mut tail, mut seen) = (Tail::default(), CollectedLines::default());
    let mut file = fs::File::create(&path).unwrap();
    for piece in bytes.chunks((usize::from(*first) + 1).max(bytes.len() / 16)) {
        file.write_all(piece).unwrap();
        tail.look(&path, &mut seen);
    }
    assert_eq!(seen.0, whole, "every whole line, once");
    for line in conversation::lines_of(bytes, 50) {
        assert_eq!(harmless(&line), line, "what is shown is harmless");
    }
    for side in [false, true] {
        let mut fold = Fold::new(side);
        for line in &whole {
            fold.take(line);
        }
        let facts = &fold.facts;
        if let Some(failure) = &fold.turn().failure {
            for text in [&failure.what, &failure.text].into_iter().chain(&failure.resets) {
                assert_eq!(&clean(text, 4096), text, "what is kept is clean");
            }
        }
        let texts = [&facts.said, &facts.prompt, &facts.first_prompt, &facts.task];
        for text in texts.into_iter().flatten().chain(facts.title.iter().map(|(text, _)| text)) {
            assert_eq!(clean(text, 4096), text.as_str(), "what is kept is clean");
        }
    }
    let mut log = DebugTurn::default();
    for line in String::from_utf8_lossy(bytes).lines() {
        log.take(line.trim());
    }
}

/// A session file, whole and cut where the first two bytes say.
pub fn session_file(data: &[u8]) {
    let Some((first, bytes)) = data.split_first_chunk::<2>() else { return };
    if let Ok(file) = parse::parse(bytes) {
        let id = file.session_id.unwrap_or_default();
        assert!(!id.contains(['/', '.', '\0']), "an id can be part of a file name");
        assert!(file.cwd.is_none_or(|cwd| cwd.is_absolute()));
        // A part of an object is never taken for one.
        let end = usize::from(u16::from_le_bytes(*first)) % bytes.len().max(1);
        let part = bytes.get(..end).unwrap_or_default();
        let rest = bytes.get(end..).unwrap_or_default();
        if rest.iter().any(|byte| !byte.is_ascii_whitespace()) {
            assert!(parse::parse(part).is_err(), "a torn file is torn");
        }
    }
}

/// A line with its long strings cut, in pieces and whole. The first two bytes give the size of the
/// pieces and the longest string.
pub fn long_line(data: &[u8]) {
    let Some(([size, longest], line)) = data.split_first_chunk::<2>() else { return };
    let kept = |size: usize| {
        let mut long = LongLine::within(usize::from(*longest), line.len());
        line.chunks(size).for_each(|piece| long.take(piece));
        long.end().unwrap()
    };
    let whole = kept(line.len().max(1));
    assert_eq!(kept(usize::from(*size) + 1), whole, "however it comes");
    let Ok(text) = std::str::from_utf8(line) else { return };
    let names = ["type", "message"];
    let kept = std::str::from_utf8(&whole).unwrap();
    if let (true, Some(before)) = (*longest > 64, json::pick(text, &names)) {
        let after = json::pick(kept, &names).unwrap();
        for (before, after) in before.into_iter().zip(after) {
            let short = before.filter(|it| it.len() < usize::from(*longest));
            assert!(short.is_none() || short == after, "what is short stays");
        }
    }
}

/// The history of prompts, a team's file, and the arguments of a tool's shell.
pub fn config_files(data: &[u8]) {
    let opened = chrono::DateTime::from_timestamp_millis(1_795_190_400_000).unwrap();
    let id = "11111111-1111-4111-8111-111111111111";
    let typed = history::typed(data, id, opened, opened);
    assert!(
        typed.is_none() || history::last_submission(data, id).is_some(),
        "a command was submitted"
    );
    if let Some(team) = team::parse(data) {
        assert!(team.active.len() <= team.mates, "those at work are teammates");
    }
    let argv: Vec<String> =
        data.split(|byte| *byte == 0).map(|it| String::from_utf8_lossy(it).into_owned()).collect();
    if let Some(script) = Script::of_arguments(&argv) {
        assert!(!script.to_string().contains(char::is_whitespace));
    }
    if let Some(mate) = teammate::teammate(&argv, None) {
        assert!(!mate.lead.contains('/'), "an id can be part of a file name");
    }
}

/// In memory, one for each process.
fn tempfile_dir() -> std::path::PathBuf {
    let dir = std::path::PathBuf::from(format!("/dev/shm/vmux-fuzz.{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    dir
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_the_fuzzers_begin_with_keeps_its_promises() {
        super::transcript(b"\x03{\"type\":\"user\"}\n\n{\"type\":\"custom-title\",\"customTitle\":\"a\\u001b\"}\nrest");
        super::config_files(b"claude\0--agent-name\0b\0--parent-session-id\0../x");
        super::config_files(b"source /shell-snapshots/x && eval 'a b' < /dev/null && pwd -P");
        super::config_files(b"{\"leadSessionId\":\"x\",\"members\":[{\"isActive\":true}]}");
        super::long_line(b"\x03\x50{\"type\":\"user\",\"message\":\"\\\"x\\u00e9\"}");
        super::session_file(b"\x09\x00{\"pid\":1,\"sessionId\":\"../../..\",\"cwd\":\"x\"}");
    }
}
