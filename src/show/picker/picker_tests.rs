//! What each key does, and what is drawn then.

use super::*;
use crate::config::column::Column;
use crate::protocol::response::Peek;
use crate::session::Timestamp;
use crate::session::info::{PromptBrief, sample};
use crate::session::state::{ReasonKind, StateName};
use crate::show::paint::Paint;
use crate::show::table::Frame;

const HEIGHT: usize = 6;

fn noon() -> Timestamp {
    chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// In the order of the table: 1 asks, 2 and 3 are idle.
fn three() -> Vec<SessionInfo> {
    let mut asks = sample(1, StateName::NeedsInput, 4);
    asks.reason = Some(ReasonKind::Question);
    asks.label = Some("api".into());
    let mut two = sample(2, StateName::Idle, 9);
    two.cwd = "/home/u/src/shop".into();
    vec![sample(3, StateName::Idle, 5), two, asks]
}

fn draw(picker: &mut Picker, sessions: &[SessionInfo]) -> String {
    picker.arrange(sessions, HEIGHT);
    let frame = Frame {
        width: Some(60),
        home: Some("/home/u"),
        paint: Paint::NONE,
        columns: Column::DEFAULT,
    };
    let lines = picker.draw(Some(sessions), noon(), frame, HEIGHT);
    assert!(lines.len() == HEIGHT, "{lines:?}");
    lines.join("\n").replace("\u{1b}[7m", "[").replace("\u{1b}[0m", "]")
}

/// Types these inputs; what the last one leads to.
fn type_in(picker: &mut Picker, inputs: &[Input], sessions: &[SessionInfo]) -> Option<Action> {
    inputs.iter().map(|it| picker.input(*it, sessions, HEIGHT)).last().flatten()
}

fn typed(text: &str) -> Vec<Input> {
    text.chars().map(Input::Char).collect()
}

fn goes_to(pid: u32) -> Option<Action> {
    Some(switch(|it| it.query = Some(sample(pid, StateName::Idle, 0).key().to_string())))
}

#[test]
fn the_first_row_is_selected_whichever_it_is_until_another_one_is() {
    let mut sessions = three();
    let mut picker = Picker::default();
    insta::assert_snapshot!(draw(&mut picker, &sessions), @r"
    STATE              FOR  SESSION  DIRECTORY   BRANCH
    [● asks a question  4m   api      ~/src/vmux  main           ]
    ○ idle             9m   shop     ~/src/shop  main
    ○ idle             5m   vmux     ~/src/vmux  main

    1 waiting, 2 idle  Enter go there  / filter  ? keys  q leave
    ");
    assert_eq!(type_in(&mut picker, &[Input::Enter], &sessions), goes_to(1));
    sessions.retain(|it| it.pid != 1);
    assert_eq!(type_in(&mut picker, &[Input::Enter], &sessions), goes_to(2));
    type_in(&mut picker, &typed("j"), &sessions);
    // It stays selected where it comes to stand, and when it goes, what stands there then.
    assert_eq!(type_in(&mut picker, &[Input::Enter], &three()), goes_to(3));
    let rest: Vec<SessionInfo> = three().into_iter().filter(|it| it.pid != 3).collect();
    assert_eq!(type_in(&mut picker, &[Input::Enter], &rest), goes_to(2));
    assert_eq!(type_in(&mut picker, &[Input::Enter], &[]), None);
}

#[test]
fn the_selection_is_kept_in_view() {
    let sessions: Vec<_> = (1..=9).map(|pid| sample(pid, StateName::Idle, 0)).collect();
    let mut picker = Picker::default();
    let first = |picker: &mut Picker| {
        picker.arrange(&sessions, HEIGHT);
        (picker.top, picker.row)
    };
    let steps = [
        (Input::Last, (5, 8)),
        (Input::Move(-3), (5, 5)),
        (Input::Char('k'), (4, 4)),
        (Input::Page(-1), (1, 1)),
        (Input::Move(isize::MIN), (0, 0)),
        (Input::Page(1), (0, 3)),
        (Input::Char('G'), (5, 8)),
        (Input::Char('g'), (0, 0)),
    ];
    for (input, expected) in steps {
        type_in(&mut picker, &[input], &sessions);
        assert_eq!(first(&mut picker), expected, "{input:?}");
    }
}

#[test]
fn a_filter_leaves_what_has_all_of_its_words() {
    let sessions = three();
    let mut picker = Picker::default();
    type_in(&mut picker, &typed("/SHOP main"), &sessions);
    insta::assert_snapshot!(draw(&mut picker, &sessions), @r"
    STATE   FOR  SESSION  DIRECTORY   BRANCH
    [○ idle  9m   shop     ~/src/shop  main                      ]



    /SHOP main█
    ");
    assert_eq!(type_in(&mut picker, &[Input::Enter, Input::Enter], &sessions), goes_to(2));
    let left = draw(&mut picker, &sessions);
    assert!(left.ends_with("1 of 3 with \"SHOP main\"  ? keys  q leave"), "{left}");
    type_in(&mut picker, &[Input::Escape], &sessions);
    type_in(&mut picker, &typed("/zz"), &sessions);
    assert!(draw(&mut picker, &sessions).starts_with("no session has these words\n"));
    assert_eq!(type_in(&mut picker, &[Input::Enter, Input::Enter], &sessions), None);
    // Escape shows all again, and only then leaves.
    assert_eq!(type_in(&mut picker, &[Input::Escape], &sessions), None);
    assert_eq!(type_in(&mut picker, &[Input::Enter], &sessions), goes_to(1));
    assert_eq!(type_in(&mut picker, &[Input::Escape], &sessions), Some(Action::Quit));
}

#[test]
fn a_label_is_typed_over_the_old_one() {
    let sessions = three();
    let mut picker = Picker::default();
    let label = |text: &str| {
        let session_id = sessions[2].session_id.as_ref().unwrap().to_string();
        let request = LabelRequest { session_id, label: text.to_owned(), host: None };
        Some(Action::Ask(Request::Label(request)))
    };
    type_in(&mut picker, &typed("lq "), &sessions);
    assert!(draw(&mut picker, &sessions).ends_with("label: apiq █"));
    assert_eq!(type_in(&mut picker, &[Input::Enter], &sessions), label("apiq"));
    type_in(&mut picker, &typed("l"), &sessions);
    let inputs = [Input::DeleteLine, Input::Enter];
    assert_eq!(type_in(&mut picker, &inputs, &sessions), label(""));
    type_in(&mut picker, &typed("l"), &sessions);
    assert_eq!(type_in(&mut picker, &[Input::Escape, Input::Enter], &sessions), goes_to(1));
    let mut young = three();
    young[2].session_id = None;
    type_in(&mut picker, &typed("l"), &young);
    assert!(draw(&mut picker, &young).contains("answer its first dialog"));
}

#[test]
fn clicks_select_and_go() {
    let sessions = three();
    let mut picker = Picker::default();
    assert_eq!(type_in(&mut picker, &[Input::Click(2)], &sessions), None);
    assert_eq!(type_in(&mut picker, &[Input::Click(2)], &sessions), goes_to(2));
    for elsewhere in [0, 4, 5, usize::MAX] {
        assert_eq!(type_in(&mut picker, &[Input::Click(elsewhere)], &sessions), None);
    }
    assert_eq!(type_in(&mut picker, &[Input::Enter], &sessions), goes_to(2));
}

#[test]
fn pages_come_and_go_and_answers_are_told_until_the_next_key() {
    let sessions = three();
    let mut picker = Picker::default();
    for (key, shown, leave) in [('?', "go to the selected session", 'x'), ('p', "waits for", 'p')] {
        type_in(&mut picker, &typed(&key.to_string()), &sessions);
        let mut one = sessions.clone();
        one[2].detail = Some("Which one?".into());
        assert!(draw(&mut picker, &one).contains(shown), "{}", draw(&mut picker, &one));
        type_in(&mut picker, &typed(&leave.to_string()), &sessions);
        assert!(draw(&mut picker, &sessions).starts_with("STATE"));
    }
    let query = sessions[2].key().to_string();
    let snooze = SnoozeRequest { query: query.clone(), ..SnoozeRequest::default() };
    let snooze = Action::Ask(Request::Snooze(snooze));
    assert_eq!(type_in(&mut picker, &typed("s"), &sessions), Some(snooze));
    let ack = Action::Ask(Request::Ack(QueryRequest { query }));
    assert_eq!(type_in(&mut picker, &typed("a"), &sessions), Some(ack));
    picker.answered(Err("no such\u{1b}\nwindow".to_owned()));
    assert!(draw(&mut picker, &sessions).ends_with("no such window"));
    type_in(&mut picker, &typed("j"), &sessions);
    assert!(draw(&mut picker, &sessions).ends_with("q leave"));
    let note = Some("attached".to_owned());
    picker.answered(Ok(Response { note, ..Response::done() }));
    assert!(draw(&mut picker, &sessions).ends_with("attached"));
    for inputs in [typed("q"), typed("?q"), typed("pqq"), vec![Input::Interrupt]] {
        let mut picker = Picker::default();
        assert_eq!(type_in(&mut picker, &inputs, &sessions), Some(Action::Quit));
    }
}

#[test]
fn the_smallest_terminals_show_something() {
    let frame = Frame {
        width: Some(1),
        home: None,
        paint: Paint { colour: true, ..Paint::NONE },
        columns: Column::DEFAULT,
    };
    for height in 0..4 {
        let mut picker = Picker::default();
        picker.arrange(&three(), height);
        assert!(picker.draw(Some(&three()), noon(), frame, height).len() <= height.max(1));
        assert_eq!(picker.draw(None, noon(), frame, height).len(), 1);
    }
}

#[test]
fn a_peek_shows_what_the_selected_session_shows() {
    let sessions = three();
    let mut picker = Picker::default();
    let asked = |pid: u32| {
        let query = sample(pid, StateName::Idle, 0).key().to_string();
        Some(Action::Ask(Request::Peek(PeekRequest { query, lines: Some(6), from: None })))
    };
    assert_eq!(picker.peek(&sessions, HEIGHT), None);
    assert_eq!(type_in(&mut picker, &typed("p"), &sessions), asked(1));
    let lines = ["one", "two\u{1b}[1m", "three"].map(str::to_owned).to_vec();
    let peek = Some(Peek { from: "tmux pane %1".to_owned(), lines });
    let session = Some(Box::new(sessions[2].clone()));
    picker.answered(Ok(Response { peek, session, ..Response::done() }));
    let drawn = draw(&mut picker, &sessions);
    assert!(drawn.contains("api  asks a question for 4m"), "{drawn}");
    assert!(drawn.contains("\ntwo\u{fffd}[1m\nthree\n"), "{drawn}");
    // Of another session it is not known yet.
    assert_eq!(type_in(&mut picker, &typed("j"), &sessions), asked(2));
    assert!(!draw(&mut picker, &sessions).contains("three"));
    type_in(&mut picker, &typed("p"), &sessions);
    assert_eq!(picker.peek(&sessions, HEIGHT), None);
}

#[test]
fn the_prompt_that_the_details_showed_is_answered_and_no_other() {
    let prompt = |id: &str, call: Option<&str>| {
        let (id, call) = (id.to_owned(), call.map(str::to_owned));
        Some(Box::new(PromptBrief { id, call, token: None }))
    };
    let mut sessions = three();
    sessions[2].prompt = prompt("kaaaaaa", Some("Bash: git push origin main && echo a long line"));
    let mut picker = Picker::default();
    let answers = |picker: &mut Picker, key: &str, sessions: &[SessionInfo]| match type_in(
        picker,
        &typed(key),
        sessions,
    ) {
        Some(Action::Ask(Request::Answer(args))) => args.prompt.map(|it| (it, args.answer)),
        _ => None,
    };
    assert_eq!(answers(&mut picker, "y", &sessions), None, "only in the details");
    type_in(&mut picker, &typed("p"), &sessions);
    let drawn = draw(&mut picker, &sessions);
    assert!(drawn.starts_with("asks: Bash: git push origin main && echo a long line\n"), "{drawn}");
    assert!(drawn.contains("y allow  d deny"), "{drawn}");
    let allow = UserAnswer::Allow { accept_edits: false };
    let first = "kaaaaaa".to_owned();
    assert_eq!(answers(&mut picker, "y", &sessions), Some((first.clone(), allow)));
    let deny = UserAnswer::Deny { message: None };
    assert_eq!(answers(&mut picker, "d", &sessions), Some((first, deny)));
    // Another one has taken its place.
    sessions[2].prompt = prompt("kbbbbbb", Some("Bash: rm -rf /"));
    assert!(!draw(&mut picker, &sessions).contains("allow"));
    assert_eq!(answers(&mut picker, "y", &sessions), None);
    type_in(&mut picker, &typed("pp"), &sessions);
    assert_eq!(answers(&mut picker, "d", &sessions).map(|it| it.0).as_deref(), Some("kbbbbbb"));
    // Nobody can judge what is not shown whole.
    sessions[2].prompt = prompt("kbbbbbb", None);
    assert_eq!(answers(&mut picker, "y", &sessions), None);
}

#[test]
fn in_a_narrow_terminal_the_help_is_whole_and_the_key_to_it_is_told() {
    let sessions: Vec<_> = (1..=9).map(|pid| sample(pid, StateName::Idle, 0)).collect();
    let draw = |width, keys: &str| {
        let mut picker = Picker::default();
        type_in(&mut picker, &typed(keys), &sessions);
        picker.arrange(&sessions, 20);
        let (home, paint) = (Some("/home/u"), Paint::NONE);
        let frame = Frame { width: Some(width), home, paint, columns: Column::DEFAULT };
        picker.draw(Some(&sessions), noon(), frame, 20)
    };
    assert_eq!(draw(40, "").last().unwrap(), "9 idle  ? keys  q leave");
    assert_eq!(draw(20, "").last().unwrap(), "9 idle  ? keys");
    assert_eq!(draw(10, "").last().unwrap(), "9 idle");
    let help = draw(60, "?");
    assert!(help.iter().all(|it| !it.contains('…')), "{help:?}");
}
