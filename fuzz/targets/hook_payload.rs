//! What Claude Code gives to a hook: what is asked of vmuxd, shown to people, and answered.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use vmux::cli::commands::hook::{Payload, ask_request, report};
use vmux::cli::hooks::decision::{explained, spoken};
use vmux::protocol::frame::{MAX_REQUEST, decode, encode};
use vmux::protocol::prompt::{Choice, Decision, harmless_value};
use vmux::protocol::request::Request;

fuzz_target!(|data: &[u8]| {
    let Ok(payload) = serde_json::from_slice::<Payload>(data) else { return };
    let value: Value = serde_json::from_slice(data).expect("a payload is JSON");
    let Some(asked) = ask_request(&payload, report(&payload, Some(7)), (8, 9)) else { return };
    assert!(is_harmless(&asked.input), "{}", asked.input);
    assert_eq!(harmless_value(asked.input.clone()), asked.input, "twice is once");
    assert!(asked.always.iter().all(|it| !it.chars().any(char::is_control)));
    let frame = encode(&Request::Ask(asked.clone().into()));
    assert!(frame.len() <= MAX_REQUEST);
    assert_eq!(decode(&frame), Ok(Request::Ask(asked.into())));
    let suggestions = value.get("permission_suggestions");
    let tool = value.get("tool_name").and_then(Value::as_str).unwrap_or_default();
    let input = value.get("tool_input").unwrap_or(&Value::Null);
    let _ = explained(suggestions);
    for choices in [vec![], vec![Choice::Options(vec![0, 7])], vec![Choice::Text("x".to_owned())]] {
        for (always, accept_edits) in [(false, false), (true, false), (false, true)] {
            let yes = Decision::Allow { always, accept_edits, choices: choices.clone() };
            let said = spoken(tool, input, suggestions, &yes);
            let said = said.map(|it| it["hookSpecificOutput"]["decision"]["behavior"].clone());
            assert!(said.is_none_or(|it| it == "allow"));
        }
    }
});

/// Whether nothing in it controls a terminal.
fn is_harmless(value: &Value) -> bool {
    let text = |text: &str| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    match value {
        Value::String(it) => text(it),
        Value::Array(all) => all.iter().all(is_harmless),
        Value::Object(all) => all.iter().all(|(name, it)| text(name) && is_harmless(it)),
        _ => true,
    }
}
