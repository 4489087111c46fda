//! Every format, calm and urgent, and with hostile texts.

use super::super::next_tick;
use super::*;
use crate::session::Timestamp;
use crate::session::info::{SessionInfo, sample};
use crate::session::query::order::Order;
use crate::session::state::{ReasonKind, StateName};
use serde_json::Value;

const LOOK: RenderOptions = RenderOptions { program: "vmux", escape: Escape::None, title: 24 };

fn noon() -> Timestamp {
    chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn samples() -> Vec<SessionInfo> {
    let mut one = sample(11, StateName::NeedsInput, 4);
    one.reason = Some(ReasonKind::Permission);
    one.detail = Some("Bash: git push".into());
    one.label = Some("api-fix".into());
    let mut two = sample(12, StateName::NeedsInput, 125);
    two.reason = Some(ReasonKind::Question);
    vec![sample(13, StateName::Working, 1), two, one, sample(14, StateName::Idle, 9)]
}

fn line(format: Format, sessions: Option<&[SessionInfo]>) -> String {
    render(&format, &Summary::of(sessions, noon(), 24, Order::Permissions), LOOK).unwrap()
}

fn urgent(format: Format) -> String {
    line(format, Some(&samples()))
}

#[test]
fn plain() {
    let text = "api-fix: Bash: git push · 4m | 2 waiting 1 working 1 idle";
    assert_eq!(urgent(Format::Plain), text);
    assert_eq!(line(Format::Plain, Some(&samples()[..1])), "1 working");
    assert_eq!(line(Format::Plain, Some(&[])), "no sessions");
    assert_eq!(line(Format::Plain, None), "vmux: no daemon");
}

#[test]
fn a_finished_session_is_named_but_not_urgent() {
    let mut session = sample(1, StateName::Idle, 3);
    session.unseen = true;
    let sessions = [session];
    let summary = Summary::of(Some(&sessions), noon(), 24, Order::Permissions);
    assert_eq!(summary.text(), "vmux: finished · 3m | 1 finished");
    assert!(!summary.urgent());
}

#[test]
fn i3bar() {
    insta::assert_snapshot!(urgent(Format::I3bar), @r#"{"full_text":"api-fix: Bash: git push · 4m | 2 waiting 1 working 1 idle","short_text":"2 waiting","name":"vmux","instance":"status","urgent":true,"markup":"none"}"#);
    insta::assert_snapshot!(line(Format::I3bar, None), @r##"{"full_text":"vmux: no daemon","short_text":"vmux: no daemon","name":"vmux","instance":"status","urgent":false,"markup":"none","color":"#969896"}"##);
}

#[test]
fn i3blocks() {
    insta::assert_snapshot!(urgent(Format::I3blocks), @r#"{"full_text":"api-fix: Bash: git push · 4m | 2 waiting 1 working 1 idle","short_text":"2 waiting","urgent":"true"}"#);
    insta::assert_snapshot!(line(Format::I3blocks, None), @r##"{"full_text":"vmux: no daemon","short_text":"vmux: no daemon","color":"#969896","urgent":"false"}"##);
}

#[test]
fn polybar() {
    insta::assert_snapshot!(urgent(Format::Polybar), @r"%{A5:vmux switch --next:}%{A4:vmux switch --previous:}%{A3:vmux switch --menu:}%{A2:vmux switch --back:}%{A1:vmux switch --next:}%{F#f0c674}%{u#f0c674}%{+u}api-fix: Bash: git push · 4m | 2 waiting 1 working 1 idle%{-u}%{u-}%{F-}%{A}%{A}%{A}%{A}%{A}");
    assert_eq!(line(Format::Polybar, Some(&[])), "");
}

#[test]
fn waybar() {
    insta::assert_snapshot!(urgent(Format::Waybar), @r#"{"text":"api-fix: Bash: git push · 4m | 2 waiting 1 working 1 idle","alt":"waiting","tooltip":"api-fix: Bash: git push · 4m\nvmux: asks a question · 2h 5m\n2 waiting 1 working 1 idle","class":["waiting"],"percentage":2}"#);
}

#[test]
fn i3status_rs() {
    insta::assert_snapshot!(urgent(Format::I3statusRs), @r#"{"state":"Critical","text":"api-fix: Bash: git push · 4m | 2 waiting 1 working 1 idle","short_text":"2 waiting"}"#);
}

#[test]
fn tmux() {
    insta::assert_snapshot!(urgent(Format::Tmux), @r"#[fg=black,bg=yellow]api-fix: Bash: git push · 4m | 2 waiting 1 working 1 idle#[default]");
}

#[test]
fn json() {
    insta::assert_snapshot!(urgent(Format::Json), @r#"{"text":"api-fix: Bash: git push · 4m | 2 waiting 1 working 1 idle","short":"2 waiting","state":"waiting","urgent":true,"connected":true,"waiting":2,"failed":0,"unseen":0,"working":1,"idle":1,"snoozed":0,"unknown":0,"hosts_down":0,"hosts_down_names":[],"servers":0,"longest":{"pid":11,"start":0,"title":"api-fix","doing":"needs permission","detail":"Bash: git push","reason":"Bash: git push","clock":"4m"},"sessions":[{"pid":11,"start":0,"title":"api-fix","doing":"needs permission","detail":"Bash: git push","reason":"Bash: git push","clock":"4m"},{"pid":12,"start":0,"title":"vmux","doing":"asks a question","detail":"","reason":"asks a question","clock":"2h 5m"}]}"#);
}

/// What a session could say to steer a bar; every format must show it and do nothing of it.
fn hostile() -> Vec<SessionInfo> {
    let mut session = sample(1, StateName::NeedsInput, 1);
    session.label = Some("<b>&\"%{A1:x:}\u{202e}".into());
    session.detail = Some("#[bg=red]#(x) \\\" \u{1b}[31m\n},{'".into());
    vec![session]
}

#[test]
fn hostile_texts_do_not_steer_any_bar() {
    for (name, format) in FORMATS {
        let line = line(format.clone(), Some(&hostile()));
        assert!(!line.contains(['\n', '\u{1b}', '\u{202e}']), "{name}: {line}");
    }
    for format in [Format::I3bar, Format::Waybar, Format::I3statusRs, Format::Json] {
        let line = line(format, Some(&hostile()));
        serde_json::from_str::<Value>(&line).unwrap();
    }
    let waybar: Value = serde_json::from_str(&line(Format::Waybar, Some(&hostile()))).unwrap();
    assert!(!waybar["text"].as_str().unwrap().contains(['<', '>', '"', '\'']), "{waybar}");
    assert!(!waybar["tooltip"].as_str().unwrap().contains('<'), "{waybar}");
    let polybar = line(Format::Polybar, Some(&hostile()));
    assert_eq!(polybar.matches("%{A1:").count(), 1, "{polybar}");
    let tmux = line(Format::Tmux, Some(&hostile()));
    assert_eq!(tmux.replace("##", "").matches('#').count(), 2, "{tmux}");
    let i3blocks = line(Format::I3blocks, Some(&hostile()));
    serde_json::from_str::<Value>(&i3blocks).unwrap();
    assert!(!i3blocks.contains('\\'), "{i3blocks}");
}

#[test]
fn a_text_from_right_to_left_leaves_the_clock_at_its_place() {
    let mut session = sample(1, StateName::NeedsInput, 4);
    session.detail = Some("שלום".into());
    let text = line(Format::Plain, Some(&[session.clone()]));
    assert_eq!(text, "vmux: שלום\u{200e} · 4m | 1 waiting");
    for format in [Format::Polybar, Format::Tmux] {
        assert!(!line(format, Some(&[session.clone()])).contains('\u{200e}'));
    }
}

#[test]
fn the_line_stays_as_it_is_until_the_next_tick() {
    let sessions = samples();
    let tick = next_tick(&sessions, noon(), 10, Order::Permissions).unwrap();
    let at = |now| {
        render(&Format::Waybar, &Summary::of(Some(&sessions), now, 24, Order::Permissions), LOOK)
            .unwrap()
    };
    assert_eq!(at(noon()), at(tick - chrono::TimeDelta::milliseconds(1)));
    assert_ne!(at(noon()), at(tick));
    assert_eq!(next_tick(&samples()[..1], noon(), 10, Order::Permissions), None);
}

#[test]
fn an_update_of_i3bar_has_our_block_first() {
    let others = vec![i3bar_text("load \"1\"")];
    let update = i3bar_update("{\"full_text\":\"x\"}", &others);
    assert_eq!(update, r#",[{"full_text":"x"},{"full_text":"load \"1\""}]"#);
}
