//! However a transcript reaches the disk, it says the same.

use super::turn::{Phase, Turn, TurnOutcome};
use super::*;
use crate::claude::testing::time;
use proptest::prelude::*;
use std::fs;
use std::io::Write;
use std::path::Path;

/// A line of a transcript: one of many kinds, `step` × 250 ms after the beginning. What is written closer
/// together than 0.2 s may count in the order in which it was written (`MAX_RESTART_LEAD`).
fn line(kind: u8, step: usize, id: u8) -> String {
    let at = time(step as i64 * 250).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let user = |content: &str| {
        format!(
            r#"{{"type":"user","timestamp":"{at}","message":{{"role":"user","content":{content}}}}}"#
        )
    };
    let answer = |content: &str, stop: &str| {
        format!(
            r#"{{"type":"assistant","timestamp":"{at}","message":{{"model":"m","content":[{content}],"stop_reason":{stop},"usage":{{"input_tokens":{step}}}}}}}"#
        )
    };
    match kind % 11 {
        0 => user(&format!("\"prompt {step}\"")),
        1 => answer(&format!(r#"{{"type":"text","text":"answer {step}"}}"#), "\"end_turn\""),
        2 | 3 => {
            let call = format!(
                r#"{{"type":"tool_use","id":"t{id}","name":"Bash","input":{{"command":"c{id}"}}}}"#
            );
            answer(&call, "\"tool_use\"")
        }
        4 | 5 => {
            user(&format!(r#"[{{"type":"tool_result","tool_use_id":"t{id}","content":"ok"}}]"#))
        }
        6 => user("\"[Request interrupted by user]\""),
        7 => format!(r#"{{"type":"system","subtype":"turn_duration","timestamp":"{at}"}}"#),
        8 => format!(
            r#"{{"type":"api-request","querySource":"repl_main_thread","timestamp":"{at}"}}"#
        ),
        9 => r#"{"type":"permission-mode","permissionMode":"plan","x":[[[[{"#.to_owned(),
        _ => answer(r#"{"type":"text","text":"half"}"#, "null"),
    }
}

fn fold(lines: &[String]) -> Fold {
    let mut fold = Fold::new(false);
    for line in lines {
        fold.take(line.as_bytes());
    }
    fold
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn a_conversation_that_a_print_began_starts_with_the_queue() {
    let dir = tempfile::tempdir().unwrap();
    let queue = r#"{"type":"queue-operation","operation":"dequeue","timestamp":"2026-11-20T10:00:00Z","sessionId":"x"}"#;
    let begun = |name: &str, lines: &[&str]| {
        let path = dir.path().join(name);
        append(&path, (lines.join("\n") + "\n").as_bytes());
        let mut transcript = Transcript::new(path.as_path().into(), false);
        transcript.look();
        transcript.begun_by_print().map(|at| at.to_rfc3339())
    };
    let prompt = line(0, 3, 0);
    let at = Some("2026-11-20T10:00:00+00:00".to_owned());
    assert_eq!(begun("print", &[queue, &prompt]), at);
    assert_eq!(begun("typed", &[&prompt, queue]), None);
    let snapshot = r#"{"type":"file-history-snapshot","messageId":"m"}"#;
    assert_eq!(begun("snapshot", &[snapshot, &prompt, queue]), None);
    let filler = format!("{{\"type\":\"x\",\"y\":\"{}\"}}", "z".repeat(1 << 20));
    assert_eq!(begun("long", &[&prompt, &filler, &filler, &filler, &filler, queue, &prompt]), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_chunking_gives_the_same_state(
        kinds in prop::collection::vec((0u8..11, 0u8..4), 1..120),
        cuts in prop::collection::vec(1usize..900, 1..60),
        crlf in any::<bool>(),
    ) {
        let lines: Vec<String> =
            kinds.iter().enumerate().map(|(step, (kind, id))| line(*kind, step, *id)).collect();
        let end = if crlf { "\r\n" } else { "\n" };
        let bytes = lines.iter().map(|line| format!("{line}{end}")).collect::<String>().into_bytes();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.jsonl");
        let mut transcript = Transcript::new(path.as_path().into(), false);
        let mut rest = bytes.as_slice();
        let mut cuts = cuts.iter().cycle();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            append(&path, piece);
            transcript.look();
            rest = after;
        }
        let whole = fold(&lines);
        prop_assert_eq!(transcript.fold().turn(), whole.turn());
        prop_assert_eq!(&transcript.fold().facts, &whole.facts);
    }

    #[test]
    fn swapped_lines_give_the_state_of_their_times(
        kinds in prop::collection::vec((0u8..11, 0u8..4), 1..80),
        swaps in prop::collection::vec(0usize..79, 0..20),
    ) {
        let mut lines: Vec<String> =
            kinds.iter().enumerate().map(|(step, (kind, id))| line(*kind, step, *id)).collect();
        // A line without a time follows its predecessor, so it may not be swapped.
        lines.retain(|line| line.contains("timestamp"));
        let sorted = fold(&lines);
        // Disjoint pairs: no line moves further than a flush does.
        let mut last = None;
        let mut swaps = swaps;
        swaps.sort_unstable();
        for swap in swaps {
            if swap + 1 < lines.len() && last.is_none_or(|last| swap > last + 1) {
                lines.swap(swap, swap + 1);
                last = Some(swap);
            }
        }
        let swapped = fold(&lines);
        prop_assert_eq!(swapped.turn(), sorted.turn());
    }

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut fold = Fold::new(false);
        for line in bytes.split(|byte| *byte == b'\n') {
            fold.take(line);
        }
        prop_assert_eq!(fold.turn(), &Turn::default());
    }
}

#[test]
fn hostile_lines_mean_nothing() {
    let deep =
        format!(r#"{{"type":"user","message":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    let deep_content = format!(
        r#"{{"type":"assistant","timestamp":"2026-11-20T16:00:00Z","message":{{"content":{}{},"stop_reason":null}}}}"#,
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    for line in [
        "",
        "null",
        "[]",
        r#"{"type":7,"message":{}}"#,
        r#"{"type":"user"}"#,
        r#"{"type":"user","message":7}"#,
        r#"{"type":"system","subtype":["turn_duration"]}"#,
        r#"{"type":"of a newer version","message":{"content":"x"}}"#,
        &deep,
    ] {
        assert_eq!(fold(&[line.to_owned()]).turn(), &Turn::default(), "{:.60}", line);
    }
    fold(&[deep_content]);
}

#[test]
fn duplicate_keys_count_as_javascript_counts_them() {
    let prompt = r#"{"type":"summary","type":"user","timestamp":"x","timestamp":"2026-11-20T16:00:01Z","message":{"content":"go"}}"#;
    let fold = fold(&[prompt.to_owned()]);
    assert!(fold.turn().is_running());
    assert_eq!(fold.turn().since, Some(time(1000)));
}

#[test]
fn a_clock_that_was_set_does_not_hold_a_turn() {
    // The prompt came from the future; the lines after it are what happened.
    let prompt = line(0, 10_000, 0);
    let answer = line(1, 1, 0);
    let fold = fold(&[prompt, answer]);
    assert!(!fold.turn().is_running());
}

#[test]
fn lines_without_a_time_follow_their_predecessor() {
    let mut answer = line(1, 2, 0);
    answer = answer.replace("\"timestamp\"", "\"when\"");
    let fold = fold(&[line(0, 1, 0), answer]);
    assert!(!fold.turn().is_running());
}

#[test]
fn a_request_written_after_its_answer_is_over() {
    let fold = fold(&[line(0, 1, 0), line(1, 5, 0), line(8, 2, 0)]);
    assert!(!fold.turn().is_running());
    let fold = super::Fold::clone(&fold);
    let mut late = fold;
    late.take(line(8, 9, 0).as_bytes());
    assert!(late.turn().is_running(), "a new request begins a turn");
}

#[test]
fn other_zones_are_the_same_instants() {
    let utc = line(0, 5, 0);
    let zoned = line(1, 6, 0).replace("2026-11-20T16:00:01.500Z", "2026-11-20T18:00:01.500+02:00");
    assert!(zoned.contains("+02:00"));
    assert!(!fold(&[utc, zoned]).turn().is_running());
}

#[test]
fn invalid_utf8_costs_a_character_not_the_line() {
    let mut bytes = line(0, 1, 0).replace("prompt", "prom?pt").into_bytes();
    let position = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[position] = 0xff;
    let mut fold = Fold::new(false);
    fold.take(&bytes);
    assert_eq!(fold.facts.prompt.as_deref(), Some("prom\u{fffd}pt 1"));
}

#[test]
fn what_a_mistyped_command_puts_out_is_no_prompt() {
    let at = "2026-11-20T16:00:02Z";
    let user = |id: &str, parent: &str, rest: &str, text: &str| {
        format!(
            r#"{{"type":"user","uuid":"{id}","parentUuid":"{parent}","timestamp":"{at}"{rest},"message":{{"content":"{text}"}}}}"#
        )
    };
    let meta = r#","isMeta":true"#;
    let ended = [line(0, 1, 0), line(1, 5, 0)];
    for caveat in [
        "<local-command-caveat>Caveat: The messages below",
        "Caveat: The messages below were generated by the user while running local commands.",
    ] {
        let mut lines = ended.to_vec();
        lines.push(user("c", "p", meta, caveat));
        lines.push(user("o", "c", "", "Unknown slash command: foobar"));
        let typo = fold(&lines);
        assert!(!typo.turn().is_running(), "{caveat}");
        assert_eq!(typo.facts.prompt.as_deref(), Some("prompt 1"));
        let output = lines.pop().unwrap();
        lines.push(output.replace("16:00:02Z", "16:00:02.016Z"));
        assert!(!fold(&lines).turn().is_running(), "written a moment later");
        // A prompt that follows, and one that is typed later.
        lines.push(user("x", "o", "", "go on"));
        assert!(fold(&lines).turn().is_running());
        let later = user("l", "c", "", "go on").replace("16:00:02Z", "16:00:09Z");
        let lines = [ended.to_vec(), vec![user("c", "p", meta, caveat), later]].concat();
        assert!(fold(&lines).turn().is_running());
    }
}

/// As `pipe-tools` on 2.1.75.
#[test]
fn compact_through_a_pipe_is_taken_out_of_the_queue() {
    let queue = |operation: &str, step: i64, content: &str| {
        let at = time(step * 200).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        format!(
            r#"{{"type":"queue-operation","operation":"{operation}","timestamp":"{at}"{content}}}"#
        )
    };
    let compact = queue("enqueue", 3, r#","content":"/compact briefly""#);
    let taken = queue("dequeue", 4, "");
    let at = |lines: &[&String]| {
        let lines: Vec<String> = lines.iter().map(|it| (*it).clone()).collect();
        fold(&lines).facts.compact_at
    };
    assert_eq!(at(&[&compact]), None);
    assert_eq!(at(&[&compact, &taken]), Some(time(800)));
    assert_eq!(at(&[&compact, &taken, &queue("dequeue", 9, "")]), Some(time(800)));
    let other = queue("enqueue", 3, r#","content":"/compactly""#);
    assert_eq!(at(&[&other, &taken]), None);
}

#[test]
fn a_queued_prompt_is_answered_next_where_nothing_else_tells() {
    let queued = |version: &str| {
        let queue = r#"{"type":"queue-operation","operation":"enqueue","timestamp":"2026-11-20T16:00:00.500Z","content":"and then"}"#;
        let prompt = line(0, 1, 0).replacen('{', &format!(r#"{{"version":"{version}","#), 1);
        fold(&[prompt, queue.to_owned(), line(1, 5, 0)])
    };
    let mut old = queued("2.0.77");
    assert!(old.turn().is_running(), "its answer is due");
    old.take(line(1, 9, 0).as_bytes());
    assert!(!old.turn().is_running());
    assert!(!queued("2.1.332").turn().is_running());
    let report =
        r#"{"type":"queue-operation","operation":"enqueue","content":"<task-notification>"}"#;
    let mut fold = super::Fold::new(false);
    fold.take(report.as_bytes());
    assert_eq!(fold.turn(), &Turn::default());
}

#[test]
fn a_turn_that_failed_says_why_until_the_next_one() {
    let failed = |text: &str, more: &str| {
        format!(
            r#"{{"type":"assistant","timestamp":"2026-11-20T16:00:03Z","isApiErrorMessage":true{more},"message":{{"model":"<synthetic>","stop_reason":"stop_sequence","content":[{{"type":"text","text":"{text}"}}]}}}}"#
        )
    };
    let limit = failed(
        "You've hit your session limit · resets 8pm (UTC)",
        r#","apiError":"usage_limit_reached","error":"rate_limit","apiErrorStatus":429,"quotaLimits":{"status":"rejected","resetsAt":1795190460}"#,
    );
    let mut it = fold(&[line(0, 1, 0), limit]);
    let failure = it.turn().failure.clone().unwrap();
    assert_eq!((failure.what.as_str(), failure.resets_at), ("session limit", Some(time(60_000))));
    assert!(!failure.continues && !it.turn().is_running());
    let notice = |text: &str| {
        format!(
            r#"{{"type":"system","subtype":"informational","timestamp":"2026-11-20T16:00:04Z","content":"{text}"}}"#
        )
    };
    it.take(notice("Usage limit reached · set to continue automatically at 8pm").as_bytes());
    assert!(it.turn().failure.as_ref().unwrap().continues);
    it.take(notice("Automatic continue cancelled").as_bytes());
    assert!(!it.turn().failure.as_ref().unwrap().continues);
    let held = notice("Held peer message — from uds:/tmp/cc-socks/168.sock; preview: «x»");
    it.take(held.as_bytes());
    assert_eq!(it.facts.message_held_at, Some(time(4000)));
    it.take(line(0, 50, 0).as_bytes());
    assert_eq!(it.turn().failure, None);
    let error = fold(&[line(0, 1, 0), failed("API Error: 500 x", r#","apiErrorStatus":500"#)]);
    assert_eq!(error.turn().failure.as_ref().unwrap().what, "API error 500");
    // What Claude Code says itself without an error is an answer.
    let said = failed("No response requested.", "").replace("true", "false");
    assert_eq!(fold(&[line(0, 1, 0), said]).turn().failure, None);
}

/// As `plan-approve` on 2.1.75: the conversation that carries out a plan begins with the plan's refusal.
#[test]
fn a_plan_that_is_carried_out_was_not_interrupted() {
    let user = |at: &str, content: &str| {
        format!(
            r#"{{"type":"user","timestamp":"2026-11-20T16:00:{at}Z","message":{{"role":"user","content":{content}}}}}"#
        )
    };
    let lines = [
        user(
            "46.742",
            r#"[{"type":"tool_result","tool_use_id":"a","is_error":true,"content":"x"}]"#,
        ),
        user("46.743", r#"[{"type":"text","text":"[Request interrupted by user for tool use]"}]"#),
        user("46.730", r#""Implement the following plan:""#),
    ];
    assert_eq!(fold(&lines).turn().phase, Phase::Request);
    let left = [&lines[2], &lines[0], &lines[1]].map(Clone::clone);
    assert_eq!(fold(&left).turn().phase, Phase::Over(TurnOutcome::Interrupted));
}
