//! The ladder, rung by rung.

use super::evidence::{Activity, ToolShell, Trust};
use super::*;
use crate::claude::debug_log::parse::DebugTurn;
use crate::claude::process::terminal_title::Title;
use crate::claude::session_file::parse::{self, SessionFile};
use crate::claude::testing::time;
use crate::claude::transcript::record::{AnswerEnd, TurnEvent};
use crate::claude::transcript::tool::ToolCall;
use crate::claude::transcript::turn::Turn;
use crate::session::hook::HookReport;
use crate::session::state::StateName;

/// Evidence of a native session that began at `time(0)`, looked at a minute later.
pub(super) fn evidence<'a>() -> Evidence<'a> {
    Evidence {
        now: time(60_000),
        started_at: time(0),
        interactive: true,
        never_asks: false,
        runs_once: false,
        file: SessionFileEvidence::Absent,
        writes_file: None,
        main: TranscriptEvidence::Nothing,
        agents: Vec::new(),
        agents_seen: false,
        agents_quiet_at: None,
        shells: Vec::new(),
        hooks: Vec::new(),
        has_children: false,
        hook_ran_at: None,
        shows_stop_hooks: true,
        shows_user_commands: true,
        polls_at_prompt: false,
        background: 0,
        ran: &[],
        answered: &[],
        mode: None,
        trust: Trust::Unknown,
        log: None,
        title: None,
        screen: None,
        hook: None,
        requests: &[],
        cwd: None,
        held: None,
        idle_seen: None,
        status_before: None,
        freed_at: None,
        message_held_at: None,
        opened_by_user: None,
        activity: None,
        key_written: None,
        team_lead: None,
        team_is_active: None,
        mate_is_active: None,
        shared: false,
        may_be_shared: false,
        written_elsewhere: None,
        submitted: None,
    }
}

/// A process that has slept for so many seconds.
pub(super) fn quiet_for(seconds: i64) -> Activity {
    let quiet_for = chrono::TimeDelta::seconds(seconds);
    let rests_for = quiet_for;
    Activity { quiet_for, rests_for, has_started: true, ..Activity::default() }
}

/// Shells of tools that do not say what they run.
pub(super) fn shells(born: &[Timestamp]) -> Vec<ToolShell> {
    born.iter().map(|born| ToolShell { born: *born, script: None }).collect()
}

pub(super) fn tool(name: &str, at: i64) -> ToolCall {
    ToolCall {
        id: format!("{name}{at}"),
        name: name.to_owned(),
        description: format!("{name}: x"),
        script: None,
        at: time(at),
    }
}

/// A turn that a prompt began at `time(1000)` and in which these tools are open.
pub(super) fn open(tools: &[(&str, i64)]) -> Turn {
    let mut turn = Turn::default();
    turn.step(&TurnEvent::Prompt, time(1000));
    for (name, at) in tools {
        let tools = vec![tool(name, *at)];
        turn.step(&TurnEvent::Answer { tools, end: AnswerEnd::Open }, time(*at));
    }
    turn
}

pub(super) fn ended() -> Turn {
    let mut turn = open(&[]);
    turn.step(&TurnEvent::Answer { tools: Vec::new(), end: AnswerEnd::Turn }, time(5000));
    turn
}

pub(super) fn file(status: &str, waiting_for: &str) -> SessionFile {
    let json = format!(
        r#"{{"startedAt":1795190400500,"status":"{status}","waitingFor":"{waiting_for}","statusUpdatedAt":1795190450000}}"#
    );
    parse::parse(json.as_bytes()).unwrap()
}

/// `working`, `needs_input:permission` …
pub(super) fn says(e: &Evidence<'_>) -> String {
    let decision = decide(e);
    let winners = decision.claims.iter().filter(|claim| claim.outcome == Outcome::Won).count();
    let known = decision.verdict.state.name() != StateName::Unknown;
    assert_eq!(winners, usize::from(known), "{:?}", decision.claims);
    assert!(decision.verdict.since <= e.now);
    match decision.verdict.state.reason() {
        Some(reason) => format!("needs_input:{}", reason.kind.word()),
        None => decision.verdict.state.name().word().to_owned(),
    }
}

#[test]
fn the_status_decides() {
    let bash = open(&[("Bash", 2000)]);
    let question = open(&[("AskUserQuestion", 2000)]);
    let plan = open(&[("ExitPlanMode", 2000)]);
    let idle = ended();
    let asked = open(&[]);
    let cases: &[(&str, &str, &Turn, &str)] = &[
        ("busy", "", &idle, "working"),
        ("idle", "", &bash, "idle"),
        ("idle", "permission prompt", &bash, "idle"),
        ("shell", "", &idle, "idle"),
        ("waiting", "permission prompt", &bash, "needs_input:permission"),
        ("waiting", "permission prompt", &plan, "needs_input:plan"),
        ("waiting", "permission prompt", &question, "needs_input:question"),
        ("waiting", "permission prompt", &idle, "needs_input:permission"),
        ("waiting", "approve Bash", &bash, "needs_input:permission"),
        ("waiting", "approve AskUserQuestion", &idle, "needs_input:question"),
        ("waiting", "approve ExitPlanMode", &idle, "needs_input:plan"),
        ("waiting", "input needed", &question, "needs_input:question"),
        ("waiting", "input needed", &bash, "needs_input:elicitation"),
        ("waiting", "sandbox request", &bash, "needs_input:permission"),
        ("waiting", "dialog open", &bash, "needs_input:dialog"),
        ("waiting", "dialog open", &asked, "needs_input:dialog"),
        ("waiting", "dialog open", &idle, "idle"),
        ("waiting", "something new", &idle, "needs_input:other"),
        ("waiting", "", &idle, "needs_input:other"),
    ];
    for (status, waiting_for, turn, want) in cases {
        let file = file(status, waiting_for);
        let e = Evidence {
            file: SessionFileEvidence::Says(&file),
            main: TranscriptEvidence::Turn(turn, time(5000)),
            ..evidence()
        };
        assert_eq!(says(&e), *want, "{status} {waiting_for}");
        let decision = decide(&e);
        assert_eq!(decision.verdict.since, time(50_000), "since comes from the file");
        assert_eq!(decision.verdict.confidence, Confidence::Certain);
    }
}

#[test]
fn a_menu_after_an_escape_is_no_wait() {
    // Esc before the first byte leaves the request open for ever (docs/facts.md T10).
    let turn = open(&[]);
    let file = file("waiting", "dialog open");
    let e = Evidence {
        file: SessionFileEvidence::Says(&file),
        main: TranscriptEvidence::Turn(&turn, time(5000)),
        ..evidence()
    };
    assert_eq!(says(&e), "needs_input:dialog");
    let seen_idle = Evidence { idle_seen: Some(time(9000)), ..e };
    assert_eq!(says(&seen_idle), "idle");
}

#[test]
fn the_command_of_a_menu_may_be_written_a_little_after_the_session_file() {
    let mut turn = Turn::default();
    turn.step(&TurnEvent::Prompt, time(5000));
    let held =
        Verdict { state: State::Working, since: time(20_000), confidence: Confidence::Certain };
    let mut file = file("waiting", "dialog open");
    file.written = Some(time(50_200));
    let at = |millis, file: &SessionFile| {
        says(&Evidence {
            file: SessionFileEvidence::Says(file),
            main: TranscriptEvidence::Turn(&turn, time(5000)),
            held: Some(&held),
            opened_by_user: Some(false),
            now: time(millis),
            ..evidence()
        })
    };
    assert_eq!(
        (at(50_450, &file), at(50_501, &file)),
        ("working".into(), "needs_input:dialog".into())
    );
    file.written = Some(time(90_000));
    assert_eq!(at(90_001, &file), "needs_input:dialog", "it was written again");
}

#[test]
fn what_is_not_known_keeps_the_last_state() {
    let held =
        Verdict { state: State::Working, since: time(20_000), confidence: Confidence::Certain };
    let unknown = file("compacting", "");
    for file in [SessionFileEvidence::Says(&unknown), SessionFileEvidence::Torn] {
        let e = Evidence { file, held: Some(&held), ..evidence() };
        let decision = decide(&e);
        assert_eq!(decision.verdict.state, State::Working);
        assert_eq!(decision.verdict.since, time(20_000));
        assert_eq!(decision.verdict.confidence, Confidence::Probable);
    }
    let torn =
        decide(&Evidence { file: SessionFileEvidence::Torn, held: Some(&held), ..evidence() });
    assert_eq!(torn.look_again_at, Some(time(60_030)));
    let turn = ended();
    let e = Evidence {
        file: SessionFileEvidence::Says(&unknown),
        main: TranscriptEvidence::Turn(&turn, time(5000)),
        ..evidence()
    };
    assert_eq!(says(&e), "idle", "nothing to keep: the transcript decides");
}

#[test]
fn dialogs_of_the_start() {
    let young = time(500);
    let check = |e: Evidence<'_>, want: &str| assert_eq!(says(&e), want);
    let new = || Evidence { writes_file: Some(true), ..evidence() };
    check(Evidence { now: young, ..new() }, "unknown");
    check(new(), "needs_input:trust");
    check(Evidence { trust: Trust::Missing, ..new() }, "needs_input:trust");
    check(Evidence { trust: Trust::Given, ..new() }, "needs_input:dialog");
    check(Evidence { trust: Trust::Given, now: time(2000), ..new() }, "unknown");
    check(Evidence { interactive: false, ..new() }, "idle");
    check(Evidence { interactive: false, runs_once: true, ..new() }, "working");
    let main = TranscriptEvidence::Ambiguous;
    check(Evidence { main, interactive: false, runs_once: true, ..new() }, "working");
    // Versions without session files.
    let old = || Evidence { writes_file: Some(false), ..evidence() };
    check(old(), "idle");
    check(Evidence { trust: Trust::Given, ..old() }, "idle");
    check(Evidence { trust: Trust::Missing, ..old() }, "needs_input:trust");
    check(Evidence { trust: Trust::NotKept, ..old() }, "unknown");
    check(Evidence { trust: Trust::NotKept, ..new() }, "needs_input:trust");
    check(Evidence { main: TranscriptEvidence::Ambiguous, ..old() }, "unknown");
    // Once it had a file it is past its start.
    let gone = SessionFileEvidence::Vanished(time(2000));
    check(Evidence { file: gone, trust: Trust::Missing, now: time(9000), ..new() }, "idle");
    // As `config-linked` where no screen is read: the transcript is elsewhere as well.
    let state = needs(ReasonKind::Permission, None);
    let held = Verdict { state, since: time(1500), confidence: Confidence::Certain };
    let swapped = Evidence { file: gone, held: Some(&held), now: time(90_000), ..new() };
    check(swapped, "needs_input:permission");
}

/// On SIGTERM it removes its file, and its command has ended: that is no permission that is asked for.
#[test]
fn a_session_that_ends_asks_nothing() {
    let turn = open(&[("Bash", 1000)]);
    let main = TranscriptEvidence::Turn(&turn, time(1000));
    let held =
        Verdict { state: State::Working, since: time(1000), confidence: Confidence::Certain };
    let file = SessionFileEvidence::Vanished(time(9000));
    let at = |now| Evidence { file, main, held: Some(&held), now: time(now), ..evidence() };
    let ends = decide(&at(9400));
    assert_eq!(ends.verdict.state, State::Working);
    assert_eq!(ends.look_again_at, Some(time(10_000)));
    assert_eq!(says(&at(10_000)), "needs_input:permission", "it goes on without its file");
}

#[test]
fn tools_run_or_ask() {
    let at = 30_000;
    let check = |names: &[&str], ago: i64, shell: bool, mode: Option<&str>, want: &str| {
        let tools: Vec<(&str, i64)> = names.iter().map(|name| (*name, at)).collect();
        let turn = open(&tools);
        let shells = if shell { shells(&[time(at + 50)]) } else { Vec::new() };
        let main = TranscriptEvidence::Turn(&turn, time(at));
        let e = Evidence { now: time(at + ago), main, shells, mode, ..evidence() };
        assert_eq!(says(&e), want, "{names:?} after {ago} ms, shell {shell}, {mode:?}");
    };
    check(&["Bash"], 300, false, None, "working");
    check(&["Bash"], 900, false, None, "needs_input:permission");
    check(&["Bash"], 900, true, None, "working");
    check(&["Bash"], 900, false, Some("bypassPermissions"), "working");
    check(&["Bash", "Bash"], 900, true, None, "working");
    check(&["Edit"], 1000, false, None, "working");
    check(&["Edit"], 2000, false, None, "needs_input:permission");
    check(&["Edit"], 2000, false, Some("acceptEdits"), "working");
    check(&["WebFetch"], 1000, false, None, "working");
    check(&["WebFetch"], 5000, false, None, "unknown");
    check(&["mcp__a__b"], 5000, false, None, "unknown");
    check(&["Task"], 1000, false, None, "working");
    check(&["Task"], 9000, false, None, "unknown");
    check(&["Task"], 9000, true, None, "working");
    check(&["TodoWrite"], 9000, false, None, "working");
    check(&["AskUserQuestion"], 10, true, None, "needs_input:question");
    check(&["ExitPlanMode"], 10, false, Some("plan"), "needs_input:plan");
    // Calls of one message come one after the other.
    check(&["Bash", "AskUserQuestion"], 9000, true, None, "working");
    check(&["Bash", "AskUserQuestion"], 9000, false, None, "needs_input:permission");
    check(&["AskUserQuestion", "Bash"], 9000, false, None, "needs_input:question");
    check(&["mcp__a__b", "Bash"], 9000, false, None, "unknown");
    check(&["TodoWrite", "Bash"], 9000, false, None, "needs_input:permission");
}

#[test]
fn a_shell_that_has_just_ended_is_no_question() {
    let turn = open(&[("Bash", 2000)]);
    let ran = ["Bash2000".to_owned()];
    let main = TranscriptEvidence::Turn(&turn, time(2000));
    let asks = Evidence { main, ..evidence() };
    assert_eq!(says(&asks), "needs_input:permission");
    assert_eq!(decide(&asks).look_again_at, Some(time(60_200)), "for nothing tells of an approval");
    assert_eq!(says(&Evidence { main, ran: &ran, ..evidence() }), "working");
}

#[test]
fn subagents_go_on_when_the_turn_is_over() {
    let main_turn = ended();
    let main = TranscriptEvidence::Turn(&main_turn, time(5000));
    let thinks = open(&[]);
    let asks = open(&[("Bash", 8000)]);
    let e = |agents| Evidence { main, agents, agents_seen: true, ..evidence() };
    assert_eq!(says(&e(vec![])), "idle");
    assert_eq!(says(&e(vec![&thinks])), "working");
    assert_eq!(says(&e(vec![&thinks, &asks])), "needs_input:permission");
    let running = Evidence { shells: shells(&[time(8100)]), ..e(vec![&asks]) };
    assert_eq!(says(&running), "working");
}

#[test]
fn half_a_message_is_the_last_one_after_a_while() {
    let mut turn = open(&[]);
    turn.step(&TurnEvent::Answer { tools: Vec::new(), end: AnswerEnd::OpenText }, time(58_500));
    let main = TranscriptEvidence::Turn(&turn, time(58_600));
    let e = Evidence { main, ..evidence() };
    assert_eq!(says(&e), "working");
    assert_eq!(decide(&e).look_again_at, Some(time(60_600)));
    let later = Evidence { now: time(60_600), ..e };
    assert_eq!(says(&later), "idle");
    assert_eq!(decide(&later).verdict.since, time(58_500));
}

#[test]
fn silence_proves_nothing_until_no_answer_can_come() {
    let turn = open(&[]);
    let main = TranscriptEvidence::Turn(&turn, time(1000));
    let minutes = |minutes: i64| Evidence { main, now: time(minutes * 60_000), ..evidence() };
    assert_eq!(says(&minutes(10)), "working");
    assert_eq!(says(&minutes(20)), "unknown");
    assert_eq!(decide(&minutes(10)).look_again_at, Some(time(1000 + 15 * 60_000)));
}

#[test]
fn busy_beside_a_background_shell_is_a_free_prompt_where_there_is_no_word_for_it() {
    let turn = ended();
    let of_version = |version: &str| {
        let json = format!(
            r#"{{"status":"busy","statusUpdatedAt":{},"version":"{version}"}}"#,
            time(1000).timestamp_millis()
        );
        parse::parse(json.as_bytes()).unwrap()
    };
    let (old, new) = (of_version("2.1.119"), of_version("2.1.150"));
    let main = TranscriptEvidence::Turn(&turn, time(5000));
    let shell = shells(&[time(3000)]);
    let e = || Evidence { main, background: 1, shells: shell.clone(), ..evidence() };
    let old_file = SessionFileEvidence::Says(&old);
    assert!(needs_children(&Evidence { file: old_file, ..e() }));
    let idle = decide(&Evidence { file: old_file, ..e() });
    assert_eq!((idle.verdict.state, idle.verdict.since), (State::Idle, time(5000)));
    assert_eq!(says(&Evidence { file: SessionFileEvidence::Says(&new), ..e() }), "working");
    assert_eq!(says(&Evidence { file: old_file, background: 0, ..e() }), "working");
    let hooked = Evidence { file: old_file, hooks: vec![time(5000)], ..e() };
    assert_eq!(says(&hooked), "working", "a stop hook");
    let two = Evidence { file: old_file, shells: shells(&[time(3000), time(5000)]), ..e() };
    assert_eq!(says(&two), "working", "a shell that nothing is known of");
    let soon = decide(&Evidence { file: old_file, now: time(5500), ..e() });
    assert_eq!(soon.verdict.state, State::Working, "the file may be late");
    assert_eq!(soon.look_again_at, Some(time(6000)));
}

#[test]
fn titles_fill_in_but_never_overrule_a_status() {
    let turn = open(&[]);
    let main = TranscriptEvidence::Turn(&turn, time(1000));
    let seen = |text: &str, before| Title::new(text, time(9000), before);
    let spins = Title::new("◐ Claude Code", time(8000), None);
    let (star, late) = (seen("✳ Claude Code", Some(&spins)), seen("✳ Claude Code", None));
    let (dots, vim) = (seen("⠂ x", None), seen("vim", None));
    let title = |title| Evidence { main, title: Some(title), ..evidence() };
    assert_eq!(says(&title(&star)), "idle", "it changed after the request was sent");
    assert_eq!(says(&title(&late)), "working", "it may be that of before the prompt");
    assert_eq!(says(&title(&spins)), "working");
    assert_eq!(says(&title(&vim)), "working");
    let over = ended();
    let compacts = Evidence { main: TranscriptEvidence::Turn(&over, time(5000)), ..title(&dots) };
    assert_eq!(says(&compacts), "working", "it spins four seconds after the turn");
    let tools = open(&[("WebFetch", 2000)]);
    let unsure = Evidence { main: TranscriptEvidence::Turn(&tools, time(2000)), ..title(&dots) };
    assert_eq!(says(&unsure), "working");
    let file = file("busy", "");
    assert_eq!(
        says(&Evidence { file: SessionFileEvidence::Says(&file), ..title(&star) }),
        "working"
    );
}

#[test]
fn hooks_fill_in_what_is_open() {
    let hook = |event: &str, at: i64| HookReport {
        event: event.to_owned(),
        tool: Some("WebFetch".to_owned()),
        input: None,
        session_id: String::new(),
        at: time(at),
    };
    let turn = open(&[("WebFetch", 2000)]);
    let main = TranscriptEvidence::Turn(&turn, time(2000));
    let asks = hook("PermissionRequest", 2100);
    assert_eq!(says(&Evidence { main, hook: Some(&asks), ..evidence() }), "needs_input:permission");
    let old = hook("PermissionRequest", 1100);
    assert_eq!(says(&Evidence { main, hook: Some(&old), ..evidence() }), "unknown");
    let idle = file("idle", "");
    let prompt = hook("UserPromptSubmit", 59_900);
    let e = Evidence { file: SessionFileEvidence::Says(&idle), hook: Some(&prompt), ..evidence() };
    assert_eq!(says(&e), "working", "the hook is a moment ahead of the file");
    assert_eq!(says(&Evidence { now: time(65_000), ..e }), "idle");
}

#[test]
fn the_debug_log_tells_who_asks() {
    let turn = open(&[("WebFetch", 2000)]);
    let main = TranscriptEvidence::Turn(&turn, time(2000));
    let quiet = DebugTurn { last: Some(time(3000)), ..DebugTurn::default() };
    let asked = DebugTurn { asked: Some(("WebFetch".to_owned(), time(2100))), ..quiet.clone() };
    assert_eq!(says(&Evidence { main, log: Some(&asked), ..evidence() }), "needs_input:permission");
    assert_eq!(says(&Evidence { main, log: Some(&quiet), ..evidence() }), "working");
    let idle = ended();
    let compacting = DebugTurn { compacting: Some(time(50_000)), ..quiet.clone() };
    let main = TranscriptEvidence::Turn(&idle, time(5000));
    assert_eq!(says(&Evidence { main, log: Some(&compacting), ..evidence() }), "working");
    let setup = DebugTurn { setup_open: true, ..quiet };
    assert_eq!(says(&Evidence { log: Some(&setup), ..evidence() }), "needs_input:trust");
}

/// As `permission-in-a-row` on 2.0.77 outside tmux: the line about the first call is read after its result.
#[test]
fn a_question_in_the_log_is_not_that_about_the_next_call() {
    let mut turn = open(&[("Bash", 7849), ("Bash", 7850)]);
    let first = turn.open[0].id.clone();
    turn.step(&TurnEvent::Results(vec![first]), time(12_083));
    let told = |now, asked| {
        let log =
            DebugTurn { asked: Some(("Bash".to_owned(), time(asked))), ..DebugTurn::default() };
        let main = TranscriptEvidence::Turn(&turn, time(12_083));
        let e = Evidence { main, log: Some(&log), now: time(now), ..evidence() };
        let verdict = decide(&e).verdict;
        (verdict.state.name().word(), verdict.since)
    };
    assert_eq!(told(12_690, 9250).0, "working");
    assert_eq!(told(12_690, 12_600), ("needs_input", time(12_083)));
    assert_eq!(told(16_100, 9250), ("needs_input", time(12_083)));
}

#[test]
fn silence_of_the_debug_log_does_not_overrule_what_processes_show() {
    let log = DebugTurn { last: Some(time(3000)), ..DebugTurn::default() };
    let bash = open(&[("Bash", 2000)]);
    let main = TranscriptEvidence::Turn(&bash, time(2000));
    let e = Evidence { main, log: Some(&log), ..evidence() };
    assert_eq!(says(&e), "needs_input:permission", "the line may be on its way");
    // A program that is asked in place of the user leaves no line.
    let web = open(&[("WebFetch", 2000)]);
    let main = TranscriptEvidence::Turn(&web, time(2000));
    let host = Evidence { main, interactive: false, log: Some(&log), ..evidence() };
    assert_eq!(says(&host), "unknown");
    assert_eq!(says(&Evidence { interactive: true, ..host }), "working");
    // The set-up screens are passed at once if they have nothing to ask.
    let passing = DebugTurn { setup_open: true, last: Some(time(59_950)), ..log.clone() };
    assert_eq!(says(&Evidence { log: Some(&passing), ..evidence() }), "idle");
}

#[test]
fn the_debug_log_changes_neither_since_nor_when_to_look_again() {
    let log = DebugTurn { last: Some(time(2000)), ..DebugTurn::default() };
    let web = open(&[("WebFetch", 2000)]);
    let main = TranscriptEvidence::Turn(&web, time(2000));
    let soon = Evidence { main, log: Some(&log), now: time(3600), ..evidence() };
    assert_eq!(says(&soon), "unknown");
    assert_eq!(decide(&soon).look_again_at, Some(time(6000)), "by then the log would show it");
    let late = decide(&Evidence { now: time(6000), ..soon });
    assert_eq!((late.verdict.state, late.verdict.since), (State::Working, time(1000)));
    let bash = open(&[("Bash", 2000)]);
    let main = TranscriptEvidence::Turn(&bash, time(2000));
    let asked = DebugTurn { asked: Some(("Bash".to_owned(), time(2900))), ..log };
    let asks = decide(&Evidence { main, log: Some(&asked), ..evidence() });
    assert_eq!(asks.verdict.state.name(), StateName::NeedsInput);
    assert_eq!(asks.verdict.since, time(2000), "as without the log");
    assert_eq!(asks.look_again_at, Some(time(60_200)), "nothing tells of an approval");
}

#[test]
fn nothing_begins_in_the_future_and_what_has_begun_does_not_begin_again() {
    let first = Since::of(time(99_000), None, time(60_000));
    assert_eq!(first.shown, time(60_000));
    let next = Since::of(time(99_000), Some(first), time(65_000));
    assert_eq!(next.shown, time(60_000), "nothing has changed");
    let later = Since::of(time(99_000), Some(next), time(120_000));
    assert_eq!(later.shown, time(60_000));
    assert_eq!(Since::of(time(99_000), Some(first), time(50_000)).shown, time(50_000));
    assert_eq!(Since::of(time(98_000), Some(first), time(70_000)).shown, time(70_000));
    assert_eq!(Since::of(time(1000), Some(first), time(70_000)).shown, time(1000));
    // Written while it was being looked at.
    assert_eq!(Since::of(time(70_005), Some(first), time(70_000)).shown, time(70_005));
}

#[test]
fn work_that_1_0_does_not_write_down_is_unknown() {
    let turn = ended();
    let main = TranscriptEvidence::Turn(&turn, time(5000));
    let busy = |millis| {
        let busy_for = chrono::TimeDelta::milliseconds(millis);
        Some(Activity { busy_for, has_started: true, ..Activity::default() })
    };
    let e = |now, activity, shows_stop_hooks| Evidence {
        now: time(now),
        main,
        activity,
        shows_stop_hooks,
        ..evidence()
    };
    assert_eq!(says(&e(20_000, busy(600), false)), "unknown");
    assert_eq!(says(&e(20_000, busy(600), true)), "idle");
    assert_eq!(says(&e(20_000, busy(0), false)), "idle");
    assert_eq!(says(&e(5600, busy(600), false)), "idle", "it draws the last words");
}
