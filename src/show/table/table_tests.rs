//! The table at several widths.

use super::*;
use crate::session::info::sample;
use crate::session::state::{ReasonKind, StateName};

fn noon() -> Timestamp {
    chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn samples() -> Vec<SessionInfo> {
    let mut one = sample(11, StateName::NeedsInput, 4);
    one.reason = Some(ReasonKind::Permission);
    one.detail = Some("Bash: git push origin main".into());
    one.label = Some("api-fix".into());
    one.workspace = Some("3: web".into());
    one.preview = "I will push the branch now and open a pull request".into();
    let mut two = sample(12, StateName::NeedsInput, 125);
    two.reason = Some(ReasonKind::Question);
    two.cwd = "/home/u/src/a-rather-long-directory/with/parts".into();
    let mut three = sample(13, StateName::Idle, 8);
    three.unseen = true;
    three.details.name = Some("日本語の名前".into());
    let mut four = sample(14, StateName::Working, 0);
    four.details.subagents = 2;
    vec![four, three, two, one, sample(15, StateName::Unknown, 5000)]
}

fn at(width: Option<usize>) -> String {
    let frame =
        Frame { width, home: Some("/home/u"), paint: Paint::NONE, columns: Column::DEFAULT };
    table(&samples(), Order::Permissions, noon(), frame).join("\n")
}

#[test]
fn nothing_is_cut_without_a_width() {
    insta::assert_snapshot!(at(None), @r"
    STATE                                           FOR     SESSION       DIRECTORY                                 BRANCH  WS      LAST
    ● needs permission  Bash: git push origin main  4m      api-fix       ~/src/vmux                                main    3: web  I will push the branch now and open a pull request
    ● asks a question                               2h 5m   parts         ~/src/a-rather-long-directory/with/parts  main
    ✓ finished                                      8m      日本語の名前  ~/src/vmux                                main
    ◐ working (2 agents)                            <1m     vmux          ~/src/vmux                                main
    ? unknown                                       3d 11h  vmux          ~/src/vmux                                main
");
}

#[test]
fn at_120_columns() {
    insta::assert_snapshot!(at(Some(120)), @r"
    STATE                                         FOR     SESSION       DIRECTORY               BRANCH  WS      LAST
    ● needs permission  Bash: git push origin m…  4m      api-fix       ~/src/vmux              main    3: web  I will push…
    ● asks a question                             2h 5m   parts         …-directory/with/parts  main
    ✓ finished                                    8m      日本語の名前  ~/src/vmux              main
    ◐ working (2 agents)                          <1m     vmux          ~/src/vmux              main
    ? unknown                                     3d 11h  vmux          ~/src/vmux              main
");
}

#[test]
fn at_80_columns() {
    insta::assert_snapshot!(at(Some(80)), @r"
    STATE                           FOR     SESSION     DIRECTORY     BRANCH  WS
    ● needs permission  Bash: git…  4m      api-fix     ~/src/vmux    main    3: web
    ● asks a question               2h 5m   parts       …/with/parts  main
    ✓ finished                      8m      日本語の…   ~/src/vmux    main
    ◐ working (2 agents)            <1m     vmux        ~/src/vmux    main
    ? unknown                       3d 11h  vmux        ~/src/vmux    main
");
}

#[test]
fn at_60_columns_what_it_waits_for_is_worth_more_than_the_directory() {
    insta::assert_snapshot!(at(Some(60)), @r"
    STATE                                     FOR     SESSION
    ● needs permission  Bash: git push orig…  4m      api-fix
    ● asks a question                         2h 5m   parts
    ✓ finished                                8m      日本語の…
    ◐ working (2 agents)                      <1m     vmux
    ? unknown                                 3d 11h  vmux
");
}

#[test]
fn at_40_columns() {
    insta::assert_snapshot!(at(Some(40)), @r"
    STATE                 FOR     SESSION
    ● needs permission…   4m      api-fix
    ● asks a question     2h 5m   parts
    ✓ finished            8m      日本語の…
    ◐ working (2 agents)  <1m     vmux
    ? unknown             3d 11h  vmux
");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in 0..200 {
        for line in at(Some(width)).lines() {
            assert!(columns(line) <= width.max(2), "{width}: {line}");
        }
    }
}

#[test]
fn an_empty_list_says_what_to_do() {
    let frame = Frame { width: Some(80), home: None, paint: Paint::NONE, columns: Column::DEFAULT };
    insta::assert_snapshot!(table(&[], Order::Permissions, noon(), frame).join("\n"), @r"
    no Claude Code session is running
    start `claude` in a terminal and it appears here
");
}

#[test]
fn colours_change_no_character() {
    let painted = Frame {
        width: Some(100),
        home: None,
        paint: Paint { colour: true, ..Paint::NONE },
        columns: Column::DEFAULT,
    };
    let plain = Frame { paint: Paint::NONE, ..painted };
    let painted = table(&samples(), Order::Permissions, noon(), painted).join("\n");
    assert!(painted.contains("\u{1b}[1;38;5;130m●\u{1b}[0m"));
    let mut stripped = painted;
    for code in ["0", "1", "2", "1;38;5;130", "1;38;5;160", "38;5;28", "38;5;30"] {
        stripped = stripped.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(stripped, table(&samples(), Order::Permissions, noon(), plain).join("\n"));
}

#[test]
fn hostile_texts_stay_in_their_cells() {
    let mut session = sample(1, StateName::NeedsInput, 1);
    session.label = Some("a\nb\u{1b}]0;evil\u{7}".into());
    session.detail = Some("\u{202e}x\r\ny\u{9b}2J".into());
    session.preview = "\u{0}\u{8}p".into();
    session.git_branch = Some("\u{1b}[2J".into());
    session.workspace = Some("\u{1b}c".into());
    session.cwd = "/a\u{1b}[H/b".into();
    let frame = Frame { width: None, home: None, paint: Paint::NONE, columns: Column::DEFAULT };
    let lines = table(&[session], Order::Permissions, noon(), frame);
    assert_eq!(lines.len(), 2);
    assert!(!lines.join("").contains(char::is_control), "{lines:?}");
}

#[test]
fn teammates_follow_their_lead_and_a_limit_is_no_end() {
    let mut lead = sample(20, StateName::Idle, 30);
    lead.unseen = true;
    lead.details.failure = Some(crate::session::state::failure::sample().into());
    let mate = |pid: u32, name: &str, state| {
        let mut mate = sample(pid, state, 1);
        mate.details.name = Some(name.into());
        mate.details.agent_name = Some(name.into());
        mate.details.team = Some("fix-auth".into());
        mate.details.parent_pid = Some(20);
        mate
    };
    let sessions = [
        mate(21, "bob", StateName::Idle),
        sample(30, StateName::Working, 2),
        mate(22, "eve", StateName::Working),
        lead,
    ];
    let frame =
        Frame { width: None, home: Some("/home/u"), paint: Paint::NONE, columns: Column::DEFAULT };
    let table = table(&sessions, Order::Permissions, noon(), frame).join("\n");
    insta::assert_snapshot!(table, @r"
    STATE                                                 FOR  SESSION           DIRECTORY   BRANCH
    ✗ stopped  session limit, resets 7pm (Europe/Berlin)  30m  vmux              ~/src/vmux  main
    ◐ working                                             1m   └ eve (fix-auth)  ~/src/vmux  main
    ○ idle                                                1m   └ bob (fix-auth)  ~/src/vmux  main
    ◐ working                                             2m   vmux              ~/src/vmux  main
");
}

#[test]
fn any_columns_fit_and_one_without_content_is_left_out() {
    let all: Vec<Column> = Column::distinct(Column::NAMES.iter().map(|it| it.1));
    let mut sessions = samples();
    sessions[0].details.model = Some("claude-opus-4-1-20250805".into());
    sessions[1].details.last_prompt = Some("please do the thing with the words".into());
    let one_by_one = all.iter().map(std::slice::from_ref);
    for columns in one_by_one.chain([&all[..], &all[9..], &[Column::Pid, Column::Id][..]]) {
        for width in 0..160 {
            let frame = Frame { width: Some(width), home: None, paint: Paint::NONE, columns };
            for line in table(&sessions, Order::Permissions, noon(), frame) {
                assert!(super::columns(&line) <= width.max(2), "{width} {columns:?}: {line}");
            }
        }
    }
    let columns = &[Column::Pid, Column::Tmux, Column::Model, Column::Session, Column::State];
    let frame = Frame { width: Some(80), home: None, paint: Paint::NONE, columns };
    let shown = table(&sessions, Order::Permissions, noon(), frame).join("\n");
    insta::assert_snapshot!(shown, @r"
    PID  MODEL          SESSION       STATE
    11                  api-fix       ● needs permission  Bash: git push origin main
    12                  parts         ● asks a question
    13                  日本語の名前  ✓ finished
    14   claude-opus-…  vmux          ◐ working (2 agents)
    15                  vmux          ? unknown
");
}
