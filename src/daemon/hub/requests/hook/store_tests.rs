//! Tests of the store of prompts: no answer reaches another prompt than the one that it names.

use super::end::{End, Refusal};
use super::store::PromptStore;
use crate::protocol::prompt::{Choice, Decision, UserAnswer};
use crate::protocol::request::{AskRequest, HookRequest};
use crate::session::Timestamp;
use crate::session::key::SessionKey;
use crate::session::state::StateName;
use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ALLOW: UserAnswer = UserAnswer::Allow { accept_edits: false };
const DENY: UserAnswer = UserAnswer::Deny { message: None };

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

fn session(pid: u32) -> SessionKey {
    SessionKey::local(pid, 1)
}

fn asked(hook: u32, tool: &str, input: Value) -> AskRequest {
    AskRequest {
        report: HookRequest {
            session_id: "s".to_owned(),
            event: "PermissionRequest".to_owned(),
            tool: Some(tool.to_owned()),
            input: Some(input.to_string()),
            pid: Some(7),
            agent: None,
        },
        input,
        cut: false,
        cwd: "/p".to_owned(),
        always: Vec::new(),
        hook_pid: hook,
        hook_start: 1,
    }
}

fn ask(store: &mut PromptStore, pid: u32, hook: u32, command: &str, now: Timestamp) -> String {
    let asked = asked(hook, "Bash", json!({ "command": command }));
    store.ask(asked, session(pid), now).unwrap().0
}

#[test]
fn the_only_prompt_of_a_session_needs_no_name() {
    let mut store = PromptStore::new(1);
    let answer = |store: &mut PromptStore, id: Option<&str>| {
        store.answer(Some(session(7)), id, &ALLOW).map(|it| it.0)
    };
    assert_eq!(answer(&mut store, None), Err(Refusal::NotWaiting));
    let first = ask(&mut store, 7, 100, "a", at(0));
    let second = ask(&mut store, 7, 101, "b", at(0));
    assert_ne!(first, second);
    assert_eq!(answer(&mut store, None), Err(Refusal::Several));
    assert_eq!(answer(&mut store, Some("nothing")), Err(Refusal::Unknown));
    assert_eq!(answer(&mut store, Some(&first)), Ok(first.clone()));
    assert_eq!(answer(&mut store, Some(&first)), Err(Refusal::BeingAnswered));
    assert_eq!(store.answered(&second), None, "its hook was told nothing");
    assert_eq!(store.answered(&first).unwrap().end, End::Answered);
    assert_eq!(answer(&mut store, Some(&first)), Err(Refusal::Over(End::Answered)));
    assert_eq!(answer(&mut store, None), Ok(second));
    // A prompt of one session is not a prompt of another.
    let third = ask(&mut store, 8, 102, "c", at(0));
    assert_eq!(answer(&mut store, Some(&third)), Err(Refusal::Unknown));
}

#[test]
fn a_prompt_ends_with_its_hook_its_session_its_wait_its_call_and_its_conversation() {
    let mut store = PromptStore::new(1);
    let ends = |store: &PromptStore, id: &str| store.open_prompts().all(|it| it.id != id);
    let id = ask(&mut store, 7, 100, "a", at(10));
    assert_eq!(store.session_is(session(7), StateName::Working, at(9)), [], "the state before");
    assert_eq!(store.session_is(session(7), StateName::NeedsInput, at(11)), []);
    assert_eq!(store.session_is(session(7), StateName::Unknown, at(12)), []);
    assert_eq!(store.session_is(session(8), StateName::Working, at(12)), []);
    let ended = store.session_is(session(7), StateName::Working, at(12));
    assert_eq!((ended[0].end, ended[0].prompt.id.as_str()), (End::AnsweredElsewhere, &*id));
    assert!(ends(&store, &id) && store.knows(&id));

    let id = ask(&mut store, 7, 100, "a", at(20));
    let state = |_| Some(StateName::Working);
    assert_eq!(store.review(state, at(49)), [], "the files of the session may be late");
    assert_eq!(store.review(|_| Some(StateName::NeedsInput), at(50)), []);
    assert_eq!(store.review(state, at(51)).len(), 1);
    assert!(ends(&store, &id));
    ask(&mut store, 7, 100, "a", at(20));
    assert_eq!(store.review(state, at(50)), []);
    assert_eq!(store.review(state, at(51)).len(), 1, "it was never seen to wait");
    ask(&mut store, 7, 100, "a", at(20));
    assert_eq!(store.session_is(session(7), StateName::NeedsInput, at(21)), []);
    assert_eq!(store.review(state, at(22)), []);
    assert_eq!(store.review(state, at(23)).len(), 1, "it waited, and does no longer");

    let id = ask(&mut store, 7, 100, "a", at(30));
    let call = json!({"command": "a"}).to_string();
    let call = Some(call.as_str());
    assert_eq!(store.call_ended(session(7), Some("Read"), call), []);
    assert_eq!(store.call_ended(session(7), Some("Bash"), Some("{}")), []);
    assert_eq!(store.call_ended(session(7), Some("Bash"), call).len(), 1);
    assert!(ends(&store, &id));

    let id = ask(&mut store, 7, 100, "a", at(40));
    assert_eq!(store.hook_ended(&id).unwrap().end, End::HookEnded);
    assert_eq!(store.hook_ended(&id), None);

    ask(&mut store, 7, 100, "a", at(50));
    let mut other = asked(101, "Bash", json!({"command": "a"}));
    other.report.session_id = "another".to_owned();
    let (_, replaced) = store.ask(other, session(7), at(51)).unwrap();
    assert_eq!(replaced[0].end, End::Replaced);
    assert_eq!(store.session_ended(session(7)).len(), 1);
    assert_eq!(store.open_prompts().count(), 0);
}

#[test]
fn an_answer_that_was_sent_is_not_taken_for_one_in_the_terminal() {
    let mut store = PromptStore::new(1);
    let id = ask(&mut store, 7, 100, "a", at(0));
    store.answer(None, Some(&id), &ALLOW).unwrap();
    // The dialog vanishes before the hook has told that it is done.
    assert_eq!(store.session_is(session(7), StateName::Working, at(1)), []);
    assert_eq!(store.review(|_| Some(StateName::Working), at(9)), []);
    let ended = store.hook_ended(&id).unwrap();
    assert_eq!((ended.end, ended.decision.is_some()), (End::HookEnded, true));
}

#[test]
fn an_answer_must_fit_its_prompt_and_one_that_does_not_changes_nothing() {
    let mut store = PromptStore::new(1);
    let option = |label: &str| json!({ "label": label });
    let one = json!({"question": "?", "options": [option("a"), option("b")]});
    let many = json!({"question": "!", "options": [option("a"), option("b")], "multiSelect": true});
    let questions = |questions: &[&Value]| json!({ "questions": questions });
    let reply = |words: &[&str]| UserAnswer::Reply(words.iter().map(|it| (*it).into()).collect());
    let options = |options: &[usize]| Choice::Options(options.to_vec());
    let chosen =
        |choices: Vec<Choice>| Decision::Allow { always: false, accept_edits: false, choices };
    let edits = UserAnswer::Allow { accept_edits: true };
    let long = UserAnswer::Deny { message: Some("x".repeat(9000)) };
    let words = Choice::Text("the second one".to_owned());
    let (ask, plan) = ("AskUserQuestion", "ExitPlanMode");
    let mut check = |tool: &str, input: &Value, answer: UserAnswer, expected: Option<Decision>| {
        let asked = asked(1, tool, input.clone());
        let (id, _) = store.ask(asked, session(7), at(0)).unwrap();
        let got = store.answer(None, Some(&id), &answer);
        match expected {
            Some(decision) => assert_eq!(got, Ok((id.clone(), decision)), "{answer:?}"),
            None => {
                assert!(matches!(got, Err(Refusal::Unfit(..))), "{answer:?}: {got:?}");
                assert!(store.answer(None, Some(&id), &DENY).is_ok(), "it can still be answered");
            }
        }
        store.hook_ended(&id);
    };
    let first = questions(&[&one]);
    check(ask, &first, reply(&["2"]), Some(chosen(vec![options(&[1])])));
    check(ask, &first, reply(&["the", "second one"]), Some(chosen(vec![words])));
    for wrong in [&["0"][..], &["3"], &["1,2"], &["1", "2"], &[","][..0], &[""]] {
        check(ask, &first, reply(wrong), None);
    }
    check(ask, &first, ALLOW, None);
    check(ask, &first, UserAnswer::Always, None);
    let both = questions(&[&one, &many]);
    let two = vec![options(&[0]), options(&[1, 0])];
    check(ask, &both, reply(&["1", "2, 1,2"]), Some(chosen(two)));
    check(ask, &both, reply(&["1"]), None);
    check(ask, &json!({"questions": 7}), reply(&["1"]), None);
    check(plan, &json!({}), ALLOW, Some(chosen(Vec::new())));
    let accepted = Decision::Allow { always: false, accept_edits: true, choices: Vec::new() };
    check(plan, &json!({}), edits.clone(), Some(accepted));
    check(plan, &json!({}), UserAnswer::Always, None);
    check(plan, &json!({}), reply(&["yes"]), None);
    check("Bash", &json!({}), edits, None);
    check("Bash", &json!({}), UserAnswer::Always, None);
    check("Bash", &json!({}), reply(&["allow", "it"]), None);
    check("Bash", &json!({}), reply(&["1"]), None);
    check("Bash", &json!({}), long, None);
    check("Bash", &json!({}), DENY, Some(Decision::Deny { message: None }));
}

#[test]
fn the_number_of_prompts_is_bounded() {
    let mut store = PromptStore::new(1);
    let mut open = 0;
    for number in 0..1000 {
        let asked = asked(number, "Bash", json!({}));
        open += usize::from(store.ask(asked, session(number % 20), at(0)).is_some());
    }
    assert_eq!((open, store.open_prompts().count()), (256, 256));
    let mut store = PromptStore::new(1);
    let asks = (0..100).filter_map(|it| store.ask(asked(it, "Bash", json!({})), session(7), at(0)));
    assert_eq!(asks.count(), 32);
}

#[test]
fn ids_differ_from_those_of_another_vmuxd_and_are_no_numbers() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let mut store = PromptStore::new(seed);
        for hook in 0..20 {
            let id = ask(&mut store, hook, 5, "same", at(0));
            assert!(id.len() == 7 && id.starts_with(|c: char| c.is_ascii_lowercase()), "{id}");
            assert!(seen.insert(id), "an id twice");
        }
    }
}

#[test]
fn a_prompt_is_shown_in_a_line_only_if_that_is_all_of_it() {
    let call = |tool: &str, input: Value| {
        let mut store = PromptStore::new(1);
        store.ask(asked(1, tool, input), session(7), at(0)).unwrap();
        store.brief(session(7)).unwrap().call
    };
    let whole = Some("Bash: git push".to_owned());
    let told = json!({"command": "git push", "description": "Push"});
    assert_eq!(call("Bash", told), whole);
    let told = json!({"command": "ls", "timeout": 5});
    assert_eq!(call("Bash", told).as_deref(), Some("Bash: command: ls; timeout: 5"));
    for hidden in ["a\nb", "a  b", "a\u{202e}b ", &"x".repeat(400)] {
        let is_shown = call("Bash", json!({"command": hidden}));
        assert!(is_shown.is_none_or(|it| it.contains("\\u{202e}")), "{hidden:?}");
    }
    assert_eq!(call("AskUserQuestion", json!({"questions": []})), None);
    assert_eq!(call("Bash", json!(7)), None);
    let mut store = PromptStore::new(1);
    let first = ask(&mut store, 7, 100, "a", at(0));
    ask(&mut store, 7, 101, "b", at(0));
    assert_eq!(store.brief(session(7)), None, "which one?");
    store.hook_ended(&first);
    assert!(store.brief(session(7)).is_some());
    store.answer(Some(session(7)), None, &ALLOW).unwrap();
    assert_eq!(store.brief(session(7)), None, "it has its answer");
}

/// One thing that happens while users look at prompts and answer them.
#[derive(Debug, Clone)]
enum Step {
    Asks {
        pid: u32,
    },
    Ends {
        which: usize,
    },
    Waits {
        pid: u32,
        state: StateName,
    },
    /// A user looks at a session, and remembers the prompt there.
    Looks {
        which: usize,
    },
    /// A user answers the prompt that was seen last.
    Answers {
        allow: bool,
        by_session: bool,
    },
    PassesOn {
        which: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let state = prop_oneof![Just(StateName::Working), Just(StateName::NeedsInput)];
    prop_oneof![
        4 => (0..3u32).prop_map(|pid| Step::Asks { pid }),
        2 => (0..8usize).prop_map(|which| Step::Ends { which }),
        1 => (0..3u32, state).prop_map(|(pid, state)| Step::Waits { pid, state }),
        4 => (0..8usize).prop_map(|which| Step::Looks { which }),
        4 => (any::<bool>(), any::<bool>())
            .prop_map(|(allow, by_session)| Step::Answers { allow, by_session }),
        3 => (0..8usize).prop_map(|which| Step::PassesOn { which }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Prompts change while answers arrive. What a hook is told is what the user said to the command
    /// that this hook asked about, and it is told once.
    #[test]
    fn no_answer_reaches_another_prompt(steps in prop::collection::vec(step(), 1..60)) {
        let mut store = PromptStore::new(9);
        // What each hook asked, by the id of its prompt: its command and session.
        let mut hooks: BTreeMap<String, (String, u32)> = BTreeMap::new();
        let mut told: BTreeMap<String, Decision> = BTreeMap::new();
        let mut seen: Option<(String, String, u32)> = None;
        for (number, step) in steps.into_iter().enumerate() {
            let now = at(number as i64);
            let nth = |store: &PromptStore, which: usize| {
                let ids: Vec<String> = store.open_prompts().map(|it| it.id.clone()).collect();
                (!ids.is_empty()).then(|| ids[which % ids.len()].clone())
            };
            match step {
                Step::Asks { pid } => {
                    let command = format!("command {number}");
                    let id = ask(&mut store, pid, number as u32, &command, now);
                    prop_assert!(hooks.insert(id, (command, pid)).is_none());
                }
                Step::Ends { which } => {
                    if let Some(id) = nth(&store, which) {
                        store.hook_ended(&id);
                    }
                }
                Step::Waits { pid, state } => {
                    store.session_is(session(pid), state, now);
                }
                Step::Looks { which } => {
                    seen = store.open_prompts().nth(which).map(|it| {
                        let command = it.input["command"].as_str().unwrap().to_owned();
                        (it.id.clone(), command, it.session.process.pid)
                    });
                }
                Step::Answers { allow, by_session } => {
                    let Some((id, command, pid)) = &seen else { continue };
                    let answer = if allow { ALLOW } else { DENY };
                    let of = by_session.then(|| session(*pid));
                    let was_open = store.open_prompts().any(|it| it.id == *id);
                    match store.answer(of, Some(id), &answer) {
                        Ok((told_id, decision)) => {
                            prop_assert!(was_open);
                            prop_assert_eq!(&hooks[&told_id], &(command.clone(), *pid));
                            let is_allowed = matches!(decision, Decision::Allow { .. });
                            prop_assert_eq!(is_allowed, allow);
                            prop_assert!(told.insert(told_id, decision).is_none(), "told twice");
                        }
                        Err(Refusal::BeingAnswered) => prop_assert!(told.contains_key(id)),
                        Err(Refusal::Over(_)) => prop_assert!(!was_open),
                        Err(other) => prop_assert!(false, "{:?}", other),
                    }
                }
                Step::PassesOn { which } => {
                    let Some(id) = nth(&store, which) else { continue };
                    let ended = store.answered(&id);
                    prop_assert_eq!(ended.and_then(|it| it.decision), told.get(&id).cloned());
                }
            }
        }
    }
}
