//! What is offered at many places of a command line.

use super::*;
use crate::cli::args::Cli;
use crate::session::info::sample;
use crate::session::key::HostName;
use crate::session::state::{ReasonKind, StateName};
use clap::CommandFactory;

fn house() -> Vec<SessionInfo> {
    let labels = [
        "api fix",
        "it's \"x\" $(y)",
        "host:one",
        "--json",
        "日本 語",
        "api",
        "twice",
        "twice",
        "3",
    ];
    let mut house: Vec<SessionInfo> =
        (100..).zip(labels).map(|(pid, _)| sample(pid, StateName::Idle, 2)).collect();
    for (session, label) in house.iter_mut().zip(labels) {
        session.label = Some(label.into());
    }
    house[0].state = StateName::NeedsInput;
    house[0].reason = Some(ReasonKind::Permission);
    house[5].host = HostName::new("laptop").ok();
    house
}

/// What is offered after these words, the last of which is at the cursor.
fn offered(line: &[&str]) -> Answer {
    let mut root = Cli::command();
    root.build();
    let (current, before) = line.split_last().unwrap();
    let before: Vec<String> = before.iter().map(|it| (*it).to_owned()).collect();
    let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let templates = ["review".to_owned()];
    let (home, order) = (Some("/home/u"), Order::Longest);
    let world = World { now, home, order, templates: &templates };
    complete(&root, &before, current, house, world)
}

fn words(line: &[&str]) -> Vec<String> {
    match offered(line) {
        Answer::Words(words) => words.into_iter().map(|it| it.text).collect(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn has(line: &[&str], expected: &[&str]) {
    let words = words(line);
    for word in expected {
        assert!(words.iter().any(|it| it == word), "{line:?}: no {word} in {words:?}");
    }
}

#[test]
fn commands_options_and_values() {
    has(&["l"], &["list", "label", "status", "completions"]);
    assert!(!words(&[""]).iter().any(|it| it == "hook" || it == "complete"));
    has(&["list", "--"], &["--state", "--waiting", "--color", "--no-start"]);
    assert!(!words(&["list", "--waiting", "--"]).contains(&"--waiting".to_owned()));
    has(&["list", "--sort", ""], &["urgency", "pid"]);
    has(&["list", "--sort=u"], &["--sort=urgency"]);
    has(&["list", "--state", "idle,w"], &["idle,working", "idle,needs-input"]);
    assert!(!words(&["list", "--state", "idle,"]).contains(&"idle,idle".to_owned()));
    has(&["list", "--columns", "+pid,"], &["+pid,state"]);
    has(&["list", "--columns=+"], &["--columns=+pid"]);
    has(&["list", "--group", ""], &["dir", "repo"]);
    has(&["new", "--template", ""], &["review"]);
    has(&["list", "--host", ""], &["local", "laptop"]);
    has(&["status", "--format", ""], &["i3bar", "waybar"]);
    has(&["status", "-f", "{wait"], &["{waiting}"]);
    has(&["list", "-f", "{pid} {ti"], &["{pid} {title}"]);
    assert_eq!(words(&["list", "-f", "{pid}"]), [""; 0]);
    has(&["wait", "--until", "idle,"], &["idle,gone"]);
    has(&["switch", "--launcher", ""], &["rofi", "fzf"]);
    has(&["completions", ""], &["bash", "zsh", "fish"]);
    has(&["hooks", ""], &["install", "remove", "status"]);
    has(&["--color", ""], &["never"]);
}

#[test]
fn files_and_programs_are_left_to_the_shell() {
    assert_eq!(offered(&["config", "check", ""]), Answer::Files);
    assert_eq!(offered(&["list", "--dir", ""]), Answer::Directories);
    assert_eq!(offered(&["switch", "~/s"]), Answer::Directories);
    assert_eq!(offered(&["status", "--wrap", ""]), Answer::Commands);
    assert_eq!(offered(&["status", "--wrap", "i3status", "-c"]), Answer::Files);
}

#[test]
fn a_query_is_a_title_or_what_else_means_the_session_only() {
    let queries = words(&["switch", ""]);
    // No option, no number, no title that two have, and with its host what is elsewhere.
    let expected =
        ["api fix", "it's \"x\" $(y)", "host:one", "103", "日本 語", "106", "107", "108", "api"];
    assert_eq!(queries, expected);
    for session in house() {
        let text = query(&session, &house());
        let Found::One(index) = query::find(&text, &house()) else { panic!("{text}") };
        assert_eq!(house()[index].key(), session.key(), "{text}");
    }
    for command in ["show", "why", "ack", "label", "wait", "list"] {
        assert_eq!(words(&[command, ""]), expected, "{command}");
    }
    assert_eq!(words(&["label", "api", ""]), [""; 0]);
}

#[test]
fn words_of_one_query_go_on_and_with_any_each_is_a_query() {
    assert_eq!(words(&["switch", "api", ""]), ["fix"]);
    assert_eq!(words(&["switch", "it's", ""]), ["\"x\" $(y)"]);
    assert_eq!(words(&["wait", "--any", "api", ""]).len(), 9);
    assert_eq!(words(&["switch", "--", "api", "f"]), ["fix"]);
}

#[test]
fn the_help_of_a_query_is_its_state() {
    let Answer::Words(words) = offered(&["switch", "a"]) else { panic!() };
    assert_eq!(words[0].help, "needs permission 2m  ~/src/vmux");
    let narrow = narrowed(Answer::Words(words), "api");
    let Answer::Words(words) = narrow else { panic!() };
    assert_eq!(words.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["api fix", "api"]);
}
