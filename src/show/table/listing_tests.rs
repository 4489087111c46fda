//! Lists of many sessions on small screens.

use super::*;
use crate::session::info::sample;
use crate::session::query::sort::{SortKey, sort};
use crate::session::state::{ReasonKind, StateName};
use crate::show::paint::Paint;

fn noon() -> Timestamp {
    chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// Two that wait, one that finished, two that work, `idle` that are idle, in three directories.
fn house(idle: u32) -> Vec<SessionInfo> {
    let states = [
        StateName::NeedsInput,
        StateName::NeedsInput,
        StateName::Idle,
        StateName::Working,
        StateName::Working,
    ];
    let states = states.into_iter().chain((0..idle).map(|_| StateName::Idle));
    let mut house: Vec<SessionInfo> =
        (1..).zip(states).map(|(pid, state)| sample(pid, state, 60 - i64::from(pid))).collect();
    for (at, session) in house.iter_mut().enumerate() {
        session.cwd = format!("/home/u/src/{}", ["web", "api", "docs"][at % 3]).into();
        session.details.name = Some(format!("task {}", session.pid).into());
        session.git_branch = None;
    }
    house[0].reason = Some(ReasonKind::Permission);
    house[2].unseen = true;
    house
}

fn frame(width: usize) -> Frame<'static> {
    Frame {
        width: Some(width),
        home: Some("/home/u"),
        paint: Paint::NONE,
        columns: Column::DEFAULT,
    }
}

fn show(house: &[SessionInfo], by: Option<GroupBy>, rows: Option<usize>, width: usize) -> String {
    let mut sessions: Vec<&SessionInfo> = house.iter().collect();
    sort(&mut sessions, SortKey::Urgency, Order::Longest, false);
    let heading = |it: &SessionInfo| {
        let repo = |_: &SessionInfo| Some("/home/u/src".to_owned());
        by.map_or(String::new(), |by| heading(it, by, Some("/home/u"), repo))
    };
    let extent = Extent { of: house.len(), rows, order: Order::Longest };
    listing(&group(sessions, heading), extent, noon(), frame(width)).join("\n")
}

#[test]
fn on_a_terminal_there_are_totals_and_in_a_pipe_there_are_none() {
    insta::assert_snapshot!(show(&house(1), None, Some(24), 80), @r"
    STATE               FOR  SESSION  DIRECTORY
    ● needs permission  59m  task 1   ~/src/web
    ● needs input       58m  task 2   ~/src/api
    ✓ finished          57m  task 3   ~/src/docs
    ◐ working           56m  task 4   ~/src/web
    ◐ working           55m  task 5   ~/src/api
    ○ idle              54m  task 6   ~/src/docs
    6 sessions: 2 wait, 1 finished, 2 work, 1 idle
");
    assert!(!show(&house(1), None, None, 80).contains("sessions"));
}

#[test]
fn a_list_that_is_too_long_keeps_those_that_wait() {
    insta::assert_snapshot!(show(&house(35), None, Some(6), 60), @r"
    STATE               FOR  SESSION  DIRECTORY
    ● needs permission  59m  task 1   ~/src/web
    ● needs input       58m  task 2   ~/src/api
    ✓ finished          57m  task 3   ~/src/docs
    ◐ working           56m  task 4   ~/src/web
    … 36 more (--all) of 40: 2 wait, 1 finished, 2 work, 35 idle
");
}

#[test]
fn groups_have_headings_and_the_one_with_the_most_urgent_session_comes_first() {
    insta::assert_snapshot!(show(&house(2), Some(GroupBy::Directory), None, 80), @r"
    STATE               FOR  SESSION  DIRECTORY
    ~/src/web
    ● needs permission  59m  task 1   ~/src/web
    ◐ working           56m  task 4   ~/src/web
    ○ idle              53m  task 7   ~/src/web
    ~/src/api
    ● needs input       58m  task 2   ~/src/api
    ◐ working           55m  task 5   ~/src/api
    ~/src/docs
    ✓ finished          57m  task 3   ~/src/docs
    ○ idle              54m  task 6   ~/src/docs
");
    let repo = show(&house(2), Some(GroupBy::Repo), None, 80);
    assert!(repo.lines().nth(1) == Some("~/src"), "{repo}");
}

#[test]
fn a_list_in_groups_is_cut_with_its_headings() {
    insta::assert_snapshot!(show(&house(35), Some(GroupBy::Directory), Some(8), 80), @r"
    STATE               FOR  SESSION  DIRECTORY
    ~/src/web
    ● needs permission  59m  task 1   ~/src/web
    ~/src/api
    ● needs input       58m  task 2   ~/src/api
    ~/src/docs
    ✓ finished          57m  task 3   ~/src/docs
    … 37 more (--all) of 40 sessions: 2 wait, 1 finished, 2 work, 35 idle
");
}

#[test]
fn no_list_is_higher_than_the_screen_or_wider() {
    let house = house(20);
    for rows in 3..40 {
        for by in [None, Some(GroupBy::Directory), Some(GroupBy::Host), Some(GroupBy::Workspace)] {
            let shown = show(&house, by, Some(rows), 40);
            let least = if by.is_some() { 4 } else { 3 };
            assert!(shown.lines().count() <= rows.max(least), "{rows} {by:?}\n{shown}");
            let widest = shown.lines().map(crate::show::width::columns).max();
            assert!(widest <= Some(40), "{shown}");
            assert!(shown.contains("task 1"), "{rows}\n{shown}");
        }
    }
}

#[test]
fn whatever_the_order_those_that_wait_stay() {
    let house = house(20);
    let mut sessions: Vec<&SessionInfo> = house.iter().collect();
    sort(&mut sessions, SortKey::Pid, Order::Longest, true);
    let extent = Extent { of: 25, rows: Some(5), order: Order::Longest };
    let groups = group(sessions, |_| String::new());
    let shown = listing(&groups, extent, noon(), frame(80));
    let starts: Vec<&str> = shown[1..4].iter().map(|it| &it[it.len() - 12..]).collect();
    assert_eq!(shown.len(), 5, "{shown:?}");
    assert!(shown[3].contains("task 1") && shown[2].contains("task 2"), "{starts:?}");
}

#[test]
fn a_filter_that_leaves_nothing_says_so() {
    let extent = Extent { of: 1, rows: None, order: Order::Longest };
    assert_eq!(listing(&[], extent, noon(), frame(80)), ["none of 1 session matches"]);
    let none = Extent { of: 0, ..extent };
    assert!(listing(&[], none, noon(), frame(80))[0].starts_with("no Claude Code session"));
}

#[test]
fn one_waits_and_two_wait() {
    let house = house(0);
    let all: Vec<&SessionInfo> = house.iter().collect();
    assert_eq!(last_line(&all, 0, 5, true), "5 sessions: 2 wait, 1 finished, 2 work");
    assert_eq!(last_line(&all[..1], 0, 5, true), "1 of 5 sessions: 1 waits");
    assert_eq!(last_line(&all[3..4], 0, 1, true), "1 session: 1 works");
    let narrow = last_line(&all, 3, 5, false);
    assert_eq!(narrow, "… 3 more (--all) of 5: 2 wait, 1 finished, 2 work");
}
