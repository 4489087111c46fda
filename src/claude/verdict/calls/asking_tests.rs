//! Which of several calls a dialog is about, and since when.
// The calls are used again further down.
#![allow(clippy::cloned_ref_to_slice_refs)]

use super::running;
use crate::claude::debug_log::parse::DebugTurn;
use crate::claude::process::screen::Screen;
use crate::claude::process::screen::seen::{Look, SeenScreen};
use crate::claude::process::screen::shown::Shown;
use crate::claude::process::shell::Script;
use crate::claude::process::terminal_title::Title;
use crate::claude::session_file::parse;
use crate::claude::testing::time;
use crate::claude::transcript::record::{AnswerEnd, TurnEvent};
use crate::claude::transcript::tool::ToolCall;
use crate::claude::transcript::turn::Turn;
use crate::claude::verdict::evidence::{Activity, ToolShell, Trust};
use crate::claude::verdict::ladder_tests::{
    ended, evidence, file, open, quiet_for, says, shells, tool,
};
use crate::claude::verdict::*;
use crate::session::hook::HookReport;
use crate::session::state::StateName;

/// A session file that says since `time(at)` that a dialog is open.
fn waiting(waits_for: &str, at: i64, version: &str) -> parse::SessionFile {
    let at = time(at).timestamp_millis();
    let json = format!(
        r#"{{"status":"waiting","waitingFor":"{waits_for}","statusUpdatedAt":{at},"version":"{version}","startedAt":1795190400500}}"#
    );
    parse::parse(json.as_bytes()).unwrap()
}

/// A Bash call.
fn bash(command: &str, at: i64) -> ToolCall {
    let description = format!("Bash: {command}");
    ToolCall { description, script: Some(Script::of_command(command)), ..tool("Bash", at) }
}

/// A turn with these open calls of one message.
fn calls(calls: &[ToolCall]) -> Turn {
    let mut turn = open(&[]);
    for call in calls {
        let answer = TurnEvent::Answer { tools: vec![call.clone()], end: AnswerEnd::Open };
        turn.step(&answer, call.at);
    }
    turn
}

fn shell(command: &str, born: i64) -> ToolShell {
    ToolShell { born: time(born), script: Some(Script::of_command(command)) }
}

/// The reason and the detail of a wait.
fn asks(e: &Evidence<'_>) -> String {
    let decision = decide(e);
    match decision.verdict.state.reason() {
        Some(reason) => {
            format!("{}: {}", reason.kind.word(), reason.detail.as_deref().unwrap_or("-"))
        }
        None => format!("{:?}", decision.verdict.state.name()),
    }
}

/// What a permission prompt is said to be about, that opened at 50 000, a second later.
fn prompt(main: &[ToolCall], agents: &[&[ToolCall]], running: &[ToolShell]) -> String {
    let file = waiting("permission prompt", 50_000, "2.1.332");
    let (main, over) = (calls(main), ended());
    let agents: Vec<Turn> = agents.iter().map(|agent| calls(agent)).collect();
    let main = if main.open.is_empty() { &over } else { &main };
    asks(&Evidence {
        now: time(51_000),
        file: SessionFileEvidence::Says(&file),
        main: TranscriptEvidence::Turn(main, time(50_000)),
        agents: agents.iter().collect(),
        shells: running.to_vec(),
        ..evidence()
    })
}

/// A process that has been quiet for so many seconds.
fn activity(quiet: i64, has_started: bool) -> Activity {
    let quiet_for = chrono::TimeDelta::seconds(quiet);
    let busy_for = chrono::TimeDelta::seconds(i64::from(quiet == 0));
    Activity { quiet_for, busy_for, has_started, ..Activity::default() }
}

#[test]
fn what_is_queued_behind_a_permission_is_not_asked_yet() {
    let ask = bash("perl -e 'print 5'", 49_900);
    let plan = tool("ExitPlanMode", 49_900);
    let question = tool("AskUserQuestion", 49_900);
    let named = "permission: Bash: perl -e 'print 5'";
    assert_eq!(prompt(&[ask.clone(), plan.clone()], &[], &[]), named);
    assert_eq!(prompt(&[ask.clone(), question.clone()], &[], &[]), named);
    // A question on the screen has a word of its own, so this one is queued.
    assert_eq!(prompt(std::slice::from_ref(&question), &[&[ask.clone()]], &[]), named);
    assert_eq!(prompt(&[plan.clone(), ask.clone()], &[], &[]), "plan: ExitPlanMode: x");
    assert_eq!(prompt(&[plan], &[&[ask]], &[]), "other: -", "nothing tells which came first");
    assert_eq!(prompt(&[question], &[], &[]), "permission: -", "its call is not written yet");
}

#[test]
fn of_several_calls_the_one_that_can_only_be_it_is_named() {
    let ask = bash("perl -e 'print 222'", 49_900);
    let named = "permission: Bash: perl -e 'print 222'";
    let long = bash("python3 x.py", 47_000);
    let runs = shell("python3 x.py", 47_100);
    assert_eq!(prompt(&[], &[&[long.clone()], &[ask.clone()]], &[runs]), named);
    // Not running, not asking: a hook stands before it, and it may ask now.
    assert_eq!(prompt(&[], &[&[long], &[ask.clone()]], &[]), "permission: Bash");
    let older = tool("mcp__a__b", 20_000);
    assert_eq!(prompt(&[], &[&[older.clone()], &[ask.clone()]], &[]), named, "it has run for long");
    let beside = tool("mcp__a__b", 49_800);
    assert_eq!(prompt(&[beside, ask.clone()], &[], &[]), "permission: -");
    let twice = [bash("make", 49_900), bash("make", 49_950)];
    assert_eq!(prompt(&twice, &[], &[]), "permission: Bash: make");
    let [one, two] = [tool("mcp__a__b", 49_900), tool("mcp__a__b", 49_800)];
    let two = ToolCall { description: "a b: 2".to_owned(), ..two };
    assert_eq!(prompt(&[], &[&[one], &[two]], &[]), "permission: a b");
    assert_eq!(
        prompt(&[ask.clone(), bash("x", 49_900)], &[], &[]),
        named,
        "the first of a message"
    );
    let reads = tool("Read", 49_900);
    assert_eq!(prompt(&[reads, ask], &[], &[]), "permission: -", "it may be over in a moment");
    assert_eq!(prompt(&[tool("Read", 49_000), bash("x", 49_000)], &[], &[]), "permission: Read: x");
    assert_eq!(prompt(&[], &[&[older]], &[]), "permission: -", "the one that asks is not written");
    assert_eq!(prompt(&[], &[], &[]), "permission: -");
}

#[test]
fn a_command_of_the_user_is_not_the_call_of_an_agent() {
    let file = waiting("permission prompt", 50_000, "2.1.332");
    let over = ended();
    let (one, two) =
        (calls(&[bash("perl -e 'print 11'", 49_900)]), calls(&[tool("Write", 50_900)]));
    let e = |shell| Evidence {
        now: time(53_000),
        file: SessionFileEvidence::Says(&file),
        main: TranscriptEvidence::Turn(&over, time(50_000)),
        agents: vec![&one, &two],
        shells: vec![shell],
        ..evidence()
    };
    // `! until-file bang`, played on 2.1.332: its shell is born after the call.
    let bang = e(shell("until-file bang", 50_250));
    assert_eq!(asks(&bang), "permission: -", "it may be what a hook has made of the call");
    assert!(running(&bang).is_empty(), "the call has not run for that");
    let unnamed = e(ToolShell { script: None, ..shell("", 50_250) });
    assert_eq!(running(&unnamed).len(), 1);
}

#[test]
fn of_agents_that_ask_one_after_the_other_the_first_is_on_the_screen() {
    let file = waiting("permission prompt", 50_000, "2.1.332");
    let over = ended();
    let (first, second) = (bash("print 1", 49_900), bash("print 2", 51_200));
    let e = |agents| Evidence {
        file: SessionFileEvidence::Says(&file),
        main: TranscriptEvidence::Turn(&over, time(50_000)),
        agents,
        ..evidence()
    };
    let (one, two) = (calls(&[first.clone()]), calls(&[second]));
    assert_eq!(asks(&e(vec![&one, &two])), "permission: Bash: print 1");
    assert_eq!(decide(&e(vec![&one, &two])).verdict.since, time(50_000));
    // It is allowed, and runs or is over: then the second is asked about.
    let running = Evidence { shells: vec![shell("print 1", 55_000)], ..e(vec![&one, &two]) };
    let decision = decide(&running);
    assert_eq!(asks(&running), "permission: Bash: print 2");
    assert_eq!(
        (decision.verdict.since, decision.calls.as_slice()),
        (time(55_000), ["Bash51200".to_owned()].as_slice())
    );
    let mut answered = one.clone();
    answered.step(&TurnEvent::Results(vec![first.id]), time(55_500));
    assert_eq!(decide(&e(vec![&answered, &two])).verdict.since, time(55_500));
}

#[test]
fn hooks_name_the_call_that_asks() {
    let request = |command: &str, at: i64| HookReport {
        event: "PermissionRequest".to_owned(),
        tool: Some("Bash".to_owned()),
        input: Some(format!(r#"{{"command":"{command}"}}"#)),
        session_id: String::new(),
        at: time(at),
    };
    let file = waiting("permission prompt", 50_000, "2.1.332");
    let over = ended();
    let turns = [calls(&[bash("a", 49_000)]), calls(&[bash("b", 49_900)])];
    let check = |requests: &[HookReport], want: &str| {
        let e = Evidence {
            now: time(51_000),
            file: SessionFileEvidence::Says(&file),
            main: TranscriptEvidence::Turn(&over, time(50_000)),
            agents: turns.iter().collect(),
            requests,
            ..evidence()
        };
        assert_eq!(asks(&e), want);
    };
    check(&[], "permission: Bash");
    check(&[request("b", 50_000)], "permission: Bash: b");
    check(&[request("a", 49_900), request("b", 50_100)], "permission: Bash: a");
    check(&[request("b", 50_100)], "permission: Bash");
    // The dialogs of agents come in the order in which their hooks end, not begin.
    check(&[request("a", 49_900), request("b", 49_950)], "permission: Bash");
    check(&[request("b", 30_000)], "permission: Bash");
    check(&[request("c", 50_000)], "permission: Bash");
}

#[test]
fn the_dialog_names_the_call_that_asks() {
    let screen = |words: &str, at| {
        let rule = "─".repeat(40);
        let text = format!(
            "{rule}\n Bash command\n\n   {words}\n   Run it\n\n Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel\n"
        );
        SeenScreen::after(None, Some(Look::at(&Screen::parse(&text))), time(at))
    };
    let file = waiting("permission prompt", 50_000, "2.1.332");
    let over = ended();
    let check = |commands: [&str; 2], screen: &SeenScreen| {
        let turns = commands.map(|it| calls(&[bash(it, 49_900)]));
        asks(&Evidence {
            now: time(51_000),
            file: SessionFileEvidence::Says(&file),
            main: TranscriptEvidence::Turn(&over, time(50_000)),
            agents: turns.iter().collect(),
            screen: Some(screen),
            ..evidence()
        })
    };
    let two = ["make install", "cargo publish"];
    assert_eq!(check(two, &screen("cargo publish", 50_500)), "permission: Bash: cargo publish");
    assert_eq!(check(two, &screen("cargo publish", 49_000)), "permission: Bash", "it is old");
    assert_eq!(check(two, &screen("rm -rf target", 50_500)), "permission: Bash");
    let of_one_message = |shown: &str, at| {
        let turn = calls(&[bash(two[0], 49_900), bash(two[1], 49_950)]);
        let (file, screen) = (SessionFileEvidence::Says(&file), screen(shown, at));
        let main = TranscriptEvidence::Turn(&turn, time(50_000));
        asks(&Evidence { file, main, screen: Some(&screen), now: time(51_000), ..evidence() })
    };
    let first = "permission: Bash: make install";
    assert_eq!(of_one_message("make install", 50_500), first);
    assert_eq!(of_one_message("cargo publish", 49_950), first, "it was read before");
    let second = "permission: Bash: cargo publish";
    assert_eq!(of_one_message("cargo publish", 50_500), second, "the first has run");
    assert_eq!(of_one_message("rm -rf target", 50_500), "permission: -", "it is not written");
    assert_eq!(
        check(["ls", "cargo publish"], &screen("cargo publish", 50_500)),
        "permission: Bash"
    );
}

#[test]
fn older_versions_have_one_word_for_all_dialogs() {
    let question = calls(&[tool("AskUserQuestion", 49_900)]);
    let both = calls(&[bash("x", 49_900), tool("AskUserQuestion", 49_900)]);
    let file = waiting("permission prompt", 50_000, "2.1.150");
    let e = |turn| Evidence {
        file: SessionFileEvidence::Says(&file),
        main: TranscriptEvidence::Turn(turn, time(50_000)),
        ..evidence()
    };
    assert_eq!(asks(&e(&question)), "question: AskUserQuestion: x");
    assert_eq!(asks(&e(&both)), "permission: Bash: x");
    let named = waiting("approve Bash", 50_000, "2.1.119");
    let edit = calls(&[tool("Edit", 49_900), bash("x", 49_900)]);
    let named = Evidence { file: SessionFileEvidence::Says(&named), ..e(&edit) };
    assert_eq!(asks(&named), "permission: Bash: x");
    let unwritten = waiting("approve mcp__lab__ask", 50_000, "2.1.119");
    let unwritten = Evidence { file: SessionFileEvidence::Says(&unwritten), ..e(&edit) };
    assert_eq!(asks(&unwritten), "permission: lab ask");
}

#[test]
fn a_question_and_a_form_are_told_apart() {
    let file = waiting("input needed", 50_000, "2.1.332");
    let check = |open: &[ToolCall], want: &str| {
        let turn = calls(open);
        let main = TranscriptEvidence::Turn(&turn, time(50_000));
        let e = Evidence { file: SessionFileEvidence::Says(&file), main, ..evidence() };
        assert_eq!(asks(&e), want);
    };
    check(&[tool("AskUserQuestion", 49_900), bash("x", 49_950)], "question: AskUserQuestion: x");
    check(&[tool("mcp__a__b", 49_900)], "elicitation: mcp__a__b: x");
    check(&[tool("mcp__a__b", 49_900), tool("mcp__c__d", 49_900)], "elicitation: -");
    check(&[tool("mcp__a__b", 49_900), tool("AskUserQuestion", 49_900)], "other: -");
    check(&[bash("x", 49_900)], "elicitation: -");
    check(&[], "question: -");
    // Nothing of the first turn is written yet.
    let (turn, busy) = (Turn::default(), parse::SessionStatus::Busy);
    let main = TranscriptEvidence::Turn(&turn, time(50_000));
    let e = Evidence { file: SessionFileEvidence::Says(&file), main, ..evidence() };
    assert_eq!(asks(&Evidence { status_before: Some(&busy), ..e }), "question: -");
    // The result of the first question is not written yet, nor is the second one.
    let turn = calls(&[tool("AskUserQuestion", 49_000)]);
    let main = TranscriptEvidence::Turn(&turn, time(50_000));
    let answered = [turn.open[0].id.clone()];
    let e = Evidence { file: SessionFileEvidence::Says(&file), main, ..evidence() };
    assert_eq!(asks(&Evidence { answered: &answered, ..e }), "question: -");
}

/// As `quick-answers` at a load of 14: the result of a call that was allowed is written 0.8 s after the
/// next dialog has opened.
#[test]
fn a_call_that_was_answered_is_not_the_next_to_ask() {
    let (first, second) = (bash("print 1", 49_000), bash("print 2", 49_010));
    let first_id = first.id.clone();
    let file = waiting("permission prompt", 50_000, "2.1.332");
    let check = |open: &[ToolCall], answered: &[String], want: &str| {
        let turn = calls(open);
        let main = TranscriptEvidence::Turn(&turn, time(50_000));
        let file = SessionFileEvidence::Says(&file);
        let e = Evidence { file, main, answered, now: time(50_300), ..evidence() };
        assert_eq!(asks(&e), want);
    };
    let both = [first.clone(), second];
    check(&both, &[], "permission: Bash: print 1");
    check(&both, &[first_id.clone()], "permission: Bash: print 2");
    check(&[first], &[first_id], "permission: -");
}

/// As `dialog-peer-works`: the notice of a message of another session is written after its dialog opens.
#[test]
fn the_only_call_is_looked_for_where_it_is_old() {
    let file = waiting("permission prompt", 50_000, "2.1.332");
    let needs = |at: i64| {
        let turn = calls(&[bash("until-file long", at)]);
        let main = TranscriptEvidence::Turn(&turn, time(at));
        let file = SessionFileEvidence::Says(&file);
        needs_children(&Evidence { file, main, ..evidence() })
    };
    assert!(needs(40_000) && !needs(49_800));
}

#[test]
fn a_wait_whose_call_is_over_is_what_it_was() {
    let over = ended();
    let check = |waits_for: &str, kind: ReasonKind, since: i64| {
        let file = waiting(waits_for, 50_000, "2.1.332");
        let state = needs(kind, Some("it".to_owned()));
        let held = Verdict { state, since: time(since), confidence: Confidence::Certain };
        asks(&Evidence {
            file: SessionFileEvidence::Says(&file),
            main: TranscriptEvidence::Turn(&over, time(55_000)),
            held: Some(&held),
            ..evidence()
        })
    };
    let question = |since| check("input needed", ReasonKind::Question, since);
    assert_eq!(question(50_000), "question: it");
    assert_eq!(question(40_000), "elicitation: -", "it was another one");
    assert_eq!(check("permission prompt", ReasonKind::Plan, 50_000), "plan: it");
    assert_eq!(check("permission prompt", ReasonKind::Elicitation, 50_000), "permission: -");
}

/// As `disk-full` on 2.1.220: the result of the command before was not written, nor is what asks.
#[test]
fn a_call_before_a_free_prompt_is_over() {
    let file = waiting("permission prompt", 50_000, "2.1.220");
    let turn = calls(&[bash("before", 30_000)]);
    let main = TranscriptEvidence::Turn(&turn, time(30_000));
    let check = |idle_seen: Option<i64>, want: &str| {
        let file = SessionFileEvidence::Says(&file);
        let e = Evidence { file, main, idle_seen: idle_seen.map(time), ..evidence() };
        assert_eq!(asks(&e), want);
    };
    check(None, "permission: Bash: before");
    check(Some(20_000), "permission: Bash: before");
    check(Some(40_000), "permission: -");
}

/// As `private-asks`: neither prompts nor conversations are kept.
#[test]
fn where_nothing_is_written_the_screen_tells_what_is_asked() {
    let written = open(&[]);
    let check = |waits_for: &str, shown: Option<ReasonKind>| {
        let file = waiting(waits_for, 50_000, "2.1.332");
        let shown = shown.map(|kind| Look { shown: Some(Shown::Asks(kind)), ..Look::default() });
        let screen = SeenScreen::after(None, shown, time(59_900));
        let file = SessionFileEvidence::Says(&file);
        let e = |main, now| Evidence { now, main, file, screen: Some(&screen), ..evidence() };
        let nothing = e(TranscriptEvidence::Nothing, time(60_000));
        // The same where the call alone is not written, for longer than they take.
        let main = TranscriptEvidence::Turn(&written, time(49_000));
        let late = e(main, time(60_000));
        assert_eq!(asks(&late), asks(&nothing));
        let soon = e(main, time(50_200));
        assert_eq!(decide(&soon).screen_due.is_some(), waits_for == "input needed");
        let is_read = [nothing, late].iter().all(|e| decide(e).screen_due.is_some());
        (asks(&e(main, time(60_000))), is_read)
    };
    assert_eq!(check("permission prompt", None), ("permission: -".to_owned(), true));
    let plan = Some(ReasonKind::Plan);
    assert_eq!(check("permission prompt", plan), ("plan: -".to_owned(), true));
    assert_eq!(check("input needed", None), ("question: -".to_owned(), true));
    let form = Some(ReasonKind::Elicitation);
    assert_eq!(check("input needed", form).0, "elicitation: -");
    let other = Some(ReasonKind::Permission);
    assert_eq!(check("input needed", other).0, "question: -", "it is not drawn yet");
}

#[test]
fn a_shell_vouches_for_its_own_call_alone() {
    // Without a status: an allowed command runs, then the one behind it asks.
    let pair = [bash("sleep 6", 40_000), bash("perl -e 'print 3'", 40_080)];
    let mut turn = calls(&pair);
    fn e(turn: &Turn, now: i64, shells: Vec<ToolShell>) -> Evidence<'_> {
        let main = TranscriptEvidence::Turn(turn, time(40_080));
        Evidence { now: time(now), main, shells, ..evidence() }
    }
    let runs = vec![shell("sleep 6", 40_100)];
    assert_eq!(says(&e(&turn, 45_000, runs.clone())), "working");
    let running = calls::running(&e(&turn, 45_000, runs)).join(" ");
    assert_eq!(running, "Bash40000", "not its sibling");
    turn.step(&TurnEvent::Results(vec!["Bash40000".to_owned()]), time(46_200));
    assert_eq!(says(&e(&turn, 46_500, Vec::new())), "working", "it comes to its turn");
    let asked = e(&turn, 47_000, Vec::new());
    assert_eq!(asks(&asked), "permission: Bash: perl -e 'print 3'");
    assert_eq!(decide(&asked).verdict.since, time(46_200));
    assert_eq!(says(&e(&turn, 47_000, vec![shell("perl -e 'print 3'", 46_900)])), "working");
    // A shell that does not say what it runs vouches for the first.
    let both = calls(&pair);
    assert_eq!(says(&e(&both, 47_000, shells(&[time(40_100)]))), "working");
    let other = vec![shell("npm run dev", 39_000)];
    assert_eq!(says(&e(&both, 47_000, other)), "needs_input:permission", "of an earlier call");
}

#[test]
fn one_agent_that_asks_waits_beside_one_that_runs() {
    let over = ended();
    let (runs, asks_too) = (calls(&[bash("a", 40_000)]), calls(&[bash("b", 40_000)]));
    let e = Evidence {
        main: TranscriptEvidence::Turn(&over, time(5000)),
        agents: vec![&runs, &asks_too],
        shells: vec![shell("a", 40_100)],
        ..evidence()
    };
    assert_eq!(asks(&e), "permission: Bash: b");
    // What waits behind a subagent in one message has not begun.
    let behind = calls(&[tool("Task", 40_000), bash("x", 40_000)]);
    let works = open(&[]);
    let e = Evidence {
        main: TranscriptEvidence::Turn(&behind, time(40_000)),
        agents: vec![&works],
        ..evidence()
    };
    assert_eq!(says(&e), "working");
}

#[test]
fn beside_an_agent_a_call_that_may_be_about_to_run_is_not_named() {
    let file = waiting("permission prompt", 50_000, "2.1.332");
    let runs = calls(&[bash("until-file main", 49_800)]);
    let (unwritten, asks_it) = (open(&[]), calls(&[bash("ask", 49_950)]));
    let e = |now, agent, shells| Evidence {
        now: time(now),
        file: SessionFileEvidence::Says(&file),
        main: TranscriptEvidence::Turn(&runs, time(49_800)),
        agents: vec![agent],
        shells,
        ..evidence()
    };
    assert_eq!(asks(&e(50_020, &unwritten, Vec::new())), "permission: -");
    assert!(
        decide(&e(50_020, &unwritten, Vec::new())).look_again_at.is_some(),
        "it is looked at again"
    );
    assert_eq!(
        asks(&e(50_020, &unwritten, vec![shell("until-file main", 49_900)])),
        "permission: -"
    );
    let both = e(50_220, &asks_it, vec![shell("until-file main", 49_900)]);
    assert_eq!(asks(&both), "permission: Bash: ask");
    // No shell has come, and no other call was written.
    assert_eq!(asks(&e(50_600, &unwritten, Vec::new())), "permission: Bash: until-file main");
    // The turn waits for its agent: nobody else can ask.
    let over = ended();
    let alone = Evidence {
        main: TranscriptEvidence::Turn(&over, time(49_000)),
        ..e(50_020, &asks_it, Vec::new())
    };
    assert_eq!(asks(&alone), "permission: Bash: ask");
}

#[test]
fn hooks_hold_a_call_up_before_it_asks() {
    let turn = calls(&[bash("x", 40_000)]);
    let e = |now, hooks, hook_ran_at| Evidence {
        now: time(now),
        main: TranscriptEvidence::Turn(&turn, time(40_000)),
        hooks,
        hook_ran_at,
        ..evidence()
    };
    assert_eq!(says(&e(43_000, vec![time(40_050)], None)), "working");
    assert_eq!(says(&e(43_000, Vec::new(), Some(time(42_800)))), "working");
    assert_eq!(says(&e(43_600, Vec::new(), Some(time(42_800)))), "needs_input:permission");
    assert_eq!(says(&e(43_000, vec![time(30_000)], None)), "needs_input:permission", "another's");
    let edit = calls(&[tool("Edit", 40_000)]);
    let edits = |hooks| Evidence {
        main: TranscriptEvidence::Turn(&edit, time(40_000)),
        ..e(43_000, hooks, None)
    };
    assert_eq!(says(&edits(vec![time(40_050)])), "working");
    assert_eq!(says(&edits(Vec::new())), "needs_input:permission");
}

#[test]
fn a_process_at_work_does_not_ask() {
    let turn = calls(&[bash("x", 40_000)]);
    let e = |now, is_quiet: bool| Evidence {
        now: time(now),
        main: TranscriptEvidence::Turn(&turn, time(40_000)),
        activity: Some(activity(is_quiet.into(), true)),
        ..evidence()
    };
    assert_eq!(says(&e(41_000, false)), "working");
    assert!(decide(&e(41_000, false)).look_again_at.is_some());
    assert_eq!(says(&e(41_000, true)), "needs_input:permission");
    assert_eq!(says(&e(46_000, false)), "needs_input:permission");
    assert_eq!(says(&Evidence { never_asks: true, ..e(46_000, true) }), "working");
}

/// As `queue-hook-lingers` on 2.1.75 outside tmux: a hook of the dialog runs as long as the dialog is open.
#[test]
fn a_hook_beside_which_the_session_sleeps_is_that_of_its_dialog() {
    let turn = calls(&[bash("make", 50_000)]);
    let e = |activity| Evidence {
        now: time(58_000),
        main: TranscriptEvidence::Turn(&turn, time(50_000)),
        hooks: vec![time(50_200)],
        activity,
        ..evidence()
    };
    assert_eq!(says(&e(Some(quiet_for(5)))), "needs_input:permission");
    assert_eq!(says(&e(Some(quiet_for(1)))), "working", "a hook before the call");
    assert_eq!(says(&e(None)), "working");
    assert_eq!(says(&Evidence { interactive: false, ..e(Some(quiet_for(5))) }), "working");
}

#[test]
fn a_hook_of_the_end_and_a_command_of_the_user_are_work() {
    let turn = ended();
    let e = |hooks, shells| Evidence {
        now: time(8000),
        main: TranscriptEvidence::Turn(&turn, time(5000)),
        hooks,
        shells,
        ..evidence()
    };
    let hooked = e(vec![time(5020)], Vec::new());
    assert!(needs_children(&hooked));
    assert_eq!(says(&hooked), "working");
    assert_eq!(
        says(&Evidence { shows_stop_hooks: false, ..hooked }),
        "idle",
        "as its screen shows"
    );
    assert_eq!(says(&e(vec![time(1000)], Vec::new())), "idle");
    assert_eq!(says(&e(Vec::new(), vec![shell("make", 6000)])), "working");
    assert_eq!(
        says(&e(Vec::new(), vec![shell("npm run dev", 2000)])),
        "idle",
        "a background shell"
    );
}

#[test]
fn dialogs_that_claude_code_opens_by_itself_are_waits() {
    let dialog = waiting("dialog open", 50_000, "2.1.332");
    let dialog = SessionFileEvidence::Says(&dialog);
    let idle = ended();
    let menu =
        Evidence { file: dialog, main: TranscriptEvidence::Turn(&idle, time(5000)), ..evidence() };
    assert_eq!(says(&menu), "idle");
    // From busy to a dialog, with no free prompt between.
    let busy = SessionStatus::Busy;
    let in_turn = Evidence { status_before: Some(&busy), ..menu };
    assert_eq!(says(&in_turn), "needs_input:dialog");
    assert_eq!(says(&Evidence { opened_by_user: Some(true), ..in_turn }), "idle");
    // An offer of the start, and a menu as early.
    let early = waiting("dialog open", 2500, "2.1.332");
    let early = SessionFileEvidence::Says(&early);
    let offer = Evidence { file: early, ..evidence() };
    assert_eq!(says(&offer), "needs_input:dialog");
    assert_eq!(says(&Evidence { opened_by_user: Some(false), ..offer }), "needs_input:dialog");
    let early_menu = Evidence { file: early, opened_by_user: Some(true), ..evidence() };
    assert_eq!(says(&early_menu), "idle");
    let late = Evidence { file: dialog, ..evidence() };
    assert_eq!(says(&late), "idle", "long after the start");
    // As `private-asks`: it has worked, and keeps no transcript.
    let used = Evidence { file: early, freed_at: Some(time(1500)), ..evidence() };
    assert_eq!(says(&used), "idle", "a menu of a session that was used");
    // A menu over a turn that runs on.
    let running = open(&[]);
    let over = Evidence {
        file: dialog,
        main: TranscriptEvidence::Turn(&running, time(49_000)),
        opened_by_user: Some(true),
        ..evidence()
    };
    assert_eq!(says(&over), "working");
}

/// As `dialog-spent` on 2.1.332: 8 ms after the prompt became free, 81 ms after the last word.
#[test]
fn a_dialog_at_the_end_of_a_turn_is_a_wait() {
    let file = waiting("dialog open", 50_000, "2.1.332");
    let over = |event, at| {
        let mut turn = open(&[]);
        turn.step(&event, time(at));
        turn
    };
    let answer = || TurnEvent::Answer { tools: Vec::new(), end: AnswerEnd::Turn };
    let (answered, hooked) = (over(answer(), 49_919), over(answer(), 40_000));
    let left = over(TurnEvent::Interrupted, 49_919);
    let e = |turn, freed: Option<i64>, opened_by_user| Evidence {
        file: SessionFileEvidence::Says(&file),
        main: TranscriptEvidence::Turn(turn, time(49_950)),
        status_before: Some(&SessionStatus::Idle),
        freed_at: freed.map(time),
        opened_by_user: Some(opened_by_user),
        ..evidence()
    };
    assert_eq!(says(&e(&answered, None, false)), "needs_input:dialog");
    assert_eq!(says(&e(&hooked, Some(49_992), false)), "needs_input:dialog", "after a Stop hook");
    assert_eq!(says(&e(&hooked, Some(49_600), false)), "idle", "by a key");
    assert_eq!(says(&e(&answered, Some(49_992), true)), "idle");
    assert_eq!(says(&e(&left, Some(49_992), false)), "idle", "Esc once more opens a menu");
}

#[test]
fn a_dialog_is_not_told_while_its_command_may_be_written_any_moment() {
    let file = waiting("dialog open", 50_000, "2.1.332");
    let (idle, busy) = (ended(), SessionStatus::Busy);
    let works =
        Verdict { state: State::Working, since: time(49_900), confidence: Confidence::Certain };
    let e = |now, opened_by_user, held| Evidence {
        now: time(now),
        file: SessionFileEvidence::Says(&file),
        main: TranscriptEvidence::Turn(&idle, time(5000)),
        status_before: Some(&busy),
        opened_by_user: Some(opened_by_user),
        held,
        ..evidence()
    };
    let decision = decide(&e(50_005, false, Some(&works)));
    assert_eq!((&decision.verdict, decision.look_again_at), (&works, Some(time(50_055))));
    assert_eq!(says(&e(50_005, false, None)), "idle", "as the transcript says");
    assert_eq!(says(&e(50_010, true, None)), "idle");
    let last = decide(&e(50_290, false, Some(&works)));
    assert_eq!((&last.verdict, last.look_again_at), (&works, Some(time(50_300))));
    assert_eq!(says(&e(50_300, false, None)), "needs_input:dialog");
}

#[test]
fn what_opens_while_all_calls_run_is_a_menu() {
    let file = waiting("dialog open", 50_000, "2.1.220");
    let (runs, busy) = (calls(&[bash("make", 49_000)]), SessionStatus::Busy);
    let e = |shells| Evidence {
        now: time(51_000),
        file: SessionFileEvidence::Says(&file),
        main: TranscriptEvidence::Turn(&runs, time(49_000)),
        status_before: Some(&busy),
        opened_by_user: Some(false),
        shells,
        ..evidence()
    };
    assert!(needs_children(&e(Vec::new())));
    assert_eq!(says(&e(vec![shell("make", 49_100)])), "working");
    assert_eq!(says(&e(Vec::new())), "needs_input:dialog", "it stands in the way of the call");
}

#[test]
fn the_choice_after_a_limit_is_a_wait() {
    let error = |text: &str| crate::session::state::failure::Failure {
        kind: crate::session::state::failure::FailureKind::Limit,
        what: "session limit".to_owned(),
        text: text.to_owned(),
        resets_at: None,
        resets: Some("7pm".to_owned()),
        continues: false,
    };
    let mut turn = open(&[]);
    let failed = AnswerEnd::Failed(error("You've hit your limit").into());
    turn.step(&TurnEvent::Answer { tools: Vec::new(), end: failed }, time(49_700));
    let dialog = waiting("dialog open", 50_000, "2.1.332");
    let e = Evidence {
        file: SessionFileEvidence::Says(&dialog),
        main: TranscriptEvidence::Turn(&turn, time(49_800)),
        ..evidence()
    };
    assert_eq!(asks(&e), "dialog: You've hit your limit");
    assert_eq!(says(&Evidence { opened_by_user: Some(true), ..e }), "idle");
    let later = waiting("dialog open", 58_000, "2.1.332");
    let later = Evidence {
        file: SessionFileEvidence::Says(&later),
        main: TranscriptEvidence::Turn(&turn, time(49_800)),
        ..evidence()
    };
    assert_eq!(says(&later), "idle", "a menu that the user opened");
}

#[test]
fn a_slow_start_is_no_question() {
    let starved = Some(activity(9, false));
    let works = Some(activity(0, true));
    let waits = Some(activity(2, true));
    let paused = Some(activity(1, true));
    let check = |trust, activity, key_written, want: &str| {
        let e = Evidence { writes_file: Some(true), trust, activity, key_written, ..evidence() };
        assert_eq!(says(&e), want, "{trust:?} {activity:?} {key_written:?}");
    };
    for activity in [starved, works] {
        check(Trust::Given, activity, Some(true), "unknown");
        check(Trust::Missing, activity, None, "unknown");
    }
    check(Trust::Given, waits, Some(false), "unknown");
    check(Trust::Missing, waits, Some(false), "unknown");
    check(Trust::Given, waits, Some(true), "needs_input:dialog");
    let e = |activity, key_written, now| {
        let (trust, now) = (Trust::Given, time(now));
        let writes_file = Some(true);
        says(&Evidence { writes_file, trust, activity, key_written, now, ..evidence() })
    };
    assert_eq!(e(waits, Some(true), 3000), "needs_input:dialog", "the file was due at once");
    assert_eq!(e(waits, None, 3000), "unknown");
    check(Trust::Missing, waits, Some(true), "needs_input:trust");
    check(Trust::Missing, waits, None, "needs_input:trust");
    check(Trust::Missing, paused, None, "unknown");
    check(Trust::Missing, paused, Some(true), "needs_input:trust");
    // Its file is there, its status is not yet.
    let json = br#"{"version":"2.1.332","sessionId":"11111111-1111-4111-8111-111111111111"}"#;
    let early = parse::parse(json).unwrap();
    let file = SessionFileEvidence::Says(&early);
    let e = |activity, now| Evidence { file, activity, now: time(now), ..evidence() };
    assert_eq!(says(&e(None, 700)), "unknown");
    assert_eq!(says(&e(works, 9000)), "unknown");
    assert_eq!(says(&e(waits, 9000)), "idle");
    assert_eq!(says(&e(None, 9000)), "idle");
}

#[test]
fn a_teammate_asks_its_lead_and_the_lead_asks_the_user() {
    let asks_lead = waiting("permission prompt", 50_000, "2.1.332");
    let turn = calls(&[bash("x", 49_900)]);
    let mate = Evidence {
        file: SessionFileEvidence::Says(&asks_lead),
        main: TranscriptEvidence::Turn(&turn, time(50_000)),
        team_lead: Some("lead"),
        ..evidence()
    };
    assert_eq!(says(&mate), "working");
    let without_file = Evidence { file: SessionFileEvidence::Absent, ..mate };
    assert_eq!(says(&without_file), "working");
    let starts = Evidence { writes_file: Some(true), team_lead: Some("lead"), ..evidence() };
    assert_eq!(says(&starts), "unknown", "it never shows a dialog of the start");
    assert_eq!(says(&Evidence { mate_is_active: Some(true), ..starts }), "working");
    let over = ended();
    let lead = Evidence {
        file: SessionFileEvidence::Says(&asks_lead),
        main: TranscriptEvidence::Turn(&over, time(5000)),
        agents: vec![&turn],
        ..evidence()
    };
    assert_eq!(asks(&lead), "permission: Bash: x");
}

#[test]
fn a_lead_whose_team_is_over_is_idle_although_its_file_says_busy() {
    let busy = file("busy", "");
    let mut turn = open(&[]);
    turn.step(&TurnEvent::Answer { tools: Vec::new(), end: AnswerEnd::Turn }, time(55_000));
    let e = |team_is_active| Evidence {
        file: SessionFileEvidence::Says(&busy),
        main: TranscriptEvidence::Turn(&turn, time(55_000)),
        team_is_active,
        ..evidence()
    };
    let idle = decide(&e(Some(false)));
    assert_eq!((idle.verdict.state.name(), idle.verdict.since), (StateName::Idle, time(55_000)));
    assert_eq!(says(&e(Some(true))), "working");
    assert_eq!(says(&e(None)), "working", "it leads no team");
    let hooked = Evidence { hooks: vec![time(55_000)], ..e(Some(false)) };
    assert_eq!(says(&hooked), "working");
    let soon = Evidence { now: time(55_500), ..e(Some(false)) };
    assert_eq!(says(&soon), "working", "the file may be late");
    assert_eq!(decide(&soon).look_again_at, Some(time(56_000)));
}

#[test]
fn of_a_tool_without_a_trace_the_spinner_tells() {
    let turn = calls(&[tool("mcp__a__b", 40_000)]);
    let e = |activity| Evidence {
        main: TranscriptEvidence::Turn(&turn, time(40_000)),
        activity,
        ..evidence()
    };
    assert_eq!(says(&e(Some(activity(0, true)))), "working");
    assert_eq!(says(&e(Some(activity(3, true)))), "needs_input:permission");
    assert_eq!(says(&e(Some(activity(1, true)))), "unknown", "it may get no time");
    assert_eq!(says(&e(Some(Activity::default()))), "unknown", "it is not measured yet");
    assert_eq!(says(&e(None)), "unknown");
    let host = Evidence { interactive: false, ..e(Some(activity(1, true))) };
    assert_eq!(says(&host), "unknown", "it shows no spinner");
    // The debug log tells of a question, but not of its answer.
    let log = DebugTurn {
        asked: Some(("mcp__a__b".to_owned(), time(41_000))),
        last: Some(time(41_000)),
        ..DebugTurn::default()
    };
    let asked = |activity| Evidence { log: Some(&log), ..e(activity) };
    assert_eq!(says(&asked(Some(activity(1, true)))), "needs_input:permission");
    assert_eq!(says(&asked(Some(Activity::default()))), "needs_input:permission");
    assert_eq!(says(&asked(Some(activity(0, true)))), "working");
}

#[test]
fn a_spinner_seen_long_ago_is_stale_once_the_process_sleeps() {
    let turn = ended();
    let title = Title::new("⠂ x", time(9000), None);
    let e = |now, activity| Evidence {
        now: time(now),
        main: TranscriptEvidence::Turn(&turn, time(5000)),
        title: Some(&title),
        activity,
        ..evidence()
    };
    let (sleeps, works) = (Some(activity(1, true)), Some(activity(0, true)));
    assert_eq!(says(&e(9500, sleeps)), "working");
    assert!(decide(&e(9500, sleeps)).look_again_at.is_some());
    assert_eq!(says(&e(11_000, works)), "working");
    assert_eq!(says(&e(11_000, sleeps)), "idle");
    // The transcript's time counts although the title decides.
    let bash = calls(&[bash("x", 10_000)]);
    let asks = Evidence { main: TranscriptEvidence::Turn(&bash, time(10_000)), ..e(10_300, None) };
    assert_eq!(decide(&asks).look_again_at, Some(time(10_700)));
}

#[test]
fn who_slept_when_a_turn_began_does_not_run_it() {
    let turn = calls(&[bash("x", 55_000)]);
    let e = |may_be_shared, quiet| Evidence {
        main: TranscriptEvidence::Turn(&turn, time(55_000)),
        may_be_shared,
        activity: Some(activity(quiet, true)),
        ..evidence()
    };
    // The turn began at 1 000.
    assert_eq!(says(&e(true, 4)), "needs_input:permission", "it was at work since");
    assert_eq!(says(&e(true, 600)), "idle");
    assert_eq!(says(&e(false, 600)), "needs_input:permission");
    let resumed = |quiet| Evidence {
        written_elsewhere: Some(time(55_000)),
        activity: Some(activity(quiet, true)),
        ..evidence()
    };
    assert_eq!(says(&resumed(2)), "unknown");
    assert_eq!(says(&resumed(30)), "idle");
}

#[test]
fn a_skill_that_has_its_own_agent_does_not_ask() {
    let skill = ToolCall { description: "Skill: apart".into(), ..tool("Skill", 40_000) };
    let asked = |began: Option<i64>| {
        let main = calls(&[skill.clone()]);
        let mut agent = calls(&[bash("perl -e 1", 48_000)]);
        agent.began = began.map(time);
        asks(&Evidence {
            now: time(51_000),
            main: TranscriptEvidence::Turn(&main, time(48_000)),
            agents: vec![&agent],
            ..evidence()
        })
    };
    assert_eq!(asked(Some(40_100)), "permission: Bash: perl -e 1");
    assert_eq!(asked(Some(39_000)), "Unknown", "it is an older agent");
}

/// As `dialog-peer-works` on 2.1.332: the dialog is 750 ms later than the notice that a message is held.
#[test]
fn a_message_of_another_session_asks_beside_calls_that_run() {
    let file = waiting("permission prompt", 50_000, "2.1.332");
    let check = |call: (&str, i64), shells, held: i64, screen: Option<&str>| {
        let turn = match call {
            ("Bash", at) => calls(&[bash("make", at)]),
            call => open(&[call]),
        };
        let seen = screen.map(|text| {
            let look = Look::at(&Screen::parse(text));
            SeenScreen::after(None, Some(look), time(50_300))
        });
        let e = Evidence {
            now: time(50_400),
            file: SessionFileEvidence::Says(&file),
            main: TranscriptEvidence::Turn(&turn, time(49_000)),
            message_held_at: Some(time(held)),
            screen: seen.as_ref(),
            shells,
            ..evidence()
        };
        assert!(needs_children(&e));
        asks(&e)
    };
    let message = "permission: Message from another session";
    assert_eq!(check(("Bash", 46_900), vec![shell("make", 46_950)], 49_250, None), message);
    assert_eq!(check(("mcp__lab__wait", 48_800), Vec::new(), 49_920, None), message);
    let other = "permission: mcp__lab__wait: x";
    assert_eq!(
        check(("mcp__lab__wait", 49_800), Vec::new(), 49_250, None),
        "permission: -",
        "either"
    );
    assert_eq!(check(("mcp__lab__wait", 49_800), Vec::new(), 50_200, None), other, "it came later");
    assert_eq!(check(("mcp__lab__wait", 48_800), Vec::new(), 40_000, None), other, "long ago");
    let rule = "─".repeat(40);
    let held = format!(
        "{rule}\n Held message from another session\n\n Another Claude session sent a message:\n\n \
         Message body (this is what will be delivered):\n │ Please look.\n\n \
         ❯ Deny — drop it\n   Deliver this message to Claude\n\n ctrl+x a to always deliver ›\n"
    );
    let call = format!(
        "{rule}\n Tool use\n\n   lab - wait() (MCP)\n\n Do you want to proceed?\n \
         ❯ 1. Yes\n   2. No\n\n Esc to cancel\n"
    );
    assert_eq!(check(("mcp__lab__wait", 49_800), Vec::new(), 49_250, Some(&held)), message);
    assert_eq!(check(("mcp__lab__wait", 48_800), Vec::new(), 49_250, Some(&call)), other);
}
