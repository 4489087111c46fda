//! All details of one session.

use super::paint::{Tone, mark};
use super::phrases;
use super::table::Frame;
use super::width::{columns, cut, pad};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::place::Place;
use crate::session::sanitize::clean;
use crate::session::shared::{SharedPath, Text};
use crate::session::state::Confidence;
use crate::session::state::failure::Failure;
use crate::session::state::snooze::Snooze;

/// Columns for the names of the fields.
const NAME_WIDTH: usize = 12;

/// The lines of `vmux show`.
pub fn detail_lines(session: &SessionInfo, now: Timestamp, frame: Frame) -> Vec<String> {
    let (sign, tone) = mark(session);
    let paint = frame.paint;
    let title = paint.paint(Tone::Bold, &phrases::title(session));
    let state = paint.paint(tone, &phrases::state(session));
    let clock = phrases::clock(phrases::since(session), now);
    let head = format!("{} {title}  {state} for {clock}", paint.paint(tone, sign));
    let mut lines = vec![head];
    let room = frame.width.map_or(usize::MAX, |width| width.saturating_sub(NAME_WIDTH + 4).max(8));
    for (name, value) in fields(session, frame.home) {
        let value = clean(&value, 2000);
        if !value.is_empty() {
            let name = paint.paint(Tone::Dim, &pad(name, NAME_WIDTH));
            lines.push(format!("  {name}  {}", cut(&value, room)));
        }
    }
    if let Some(width) = frame.width
        && !paint.colour
        && columns(&lines[0]) > width
    {
        lines[0] = cut(&lines[0], width);
    }
    paint.in_glyphs(lines)
}

fn fields(session: &SessionInfo, home: Option<&str>) -> Vec<(&'static str, String)> {
    let some = |text: &Option<Text>| text.as_deref().unwrap_or_default().to_owned();
    let details = &session.details;
    let number = |number: u32| if number == 0 { String::new() } else { number.to_string() };
    let name = |named: bool| if named { "name" } else { "title" };
    let path = |path: &Option<SharedPath>| {
        path.as_ref().map(|it| phrases::directory(&it.to_string_lossy(), home)).unwrap_or_default()
    };
    vec![
        ("waits for", some(&session.detail)),
        ("stopped", session.failure().map(Failure::phrase).unwrap_or_default()),
        ("it says", session.failure().map(|it| it.text.clone()).unwrap_or_default()),
        ("since", utc(session.since)),
        ("snoozed", session.snoozed.map(snooze).unwrap_or_default()),
        ("host", session.host.map(|it| it.to_string()).unwrap_or_default()),
        ("unreachable", session.stale_since.map(utc).unwrap_or_default()),
        ("silent since", session.stalled_since.map(utc).unwrap_or_default()),
        ("label", some(&session.label)),
        (name(details.named_by_user), some(&details.name)),
        ("directory", phrases::directory(&session.cwd, home)),
        ("branch", some(&session.git_branch)),
        ("preview", session.preview.to_string()),
        ("last prompt", some(&details.last_prompt)),
        ("task", some(&details.task)),
        ("shells", number(details.background_shells)),
        ("subagents", number(details.subagents)),
        ("servers", session.servers.iter().map(phrases::server).collect::<Vec<_>>().join(", ")),
        ("model", some(&details.model)),
        ("permissions", some(&details.permission_mode)),
        ("context", details.context_tokens.map(tokens).unwrap_or_default()),
        ("workspace", some(&session.workspace)),
        ("window", session.place.as_deref().map(window).unwrap_or_default()),
        ("tmux", session.place.as_deref().map(pane).unwrap_or_default()),
        ("kind", some(&details.kind)),
        ("version", some(&details.version)),
        ("pid", session.pid.to_string()),
        ("parent", details.parent_pid.map(|it| it.to_string()).unwrap_or_default()),
        ("agent", some(&details.agent_name)),
        ("team", some(&details.team)),
        ("session id", some(&session.session_id)),
        ("transcript", path(&details.transcript)),
        ("config", path(&details.config_dir)),
    ]
}

fn utc(time: Timestamp) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn snooze(snooze: Snooze) -> String {
    match (snooze.until, snooze.state_since) {
        (Some(until), None) => format!("until {}", utc(until)),
        (Some(until), Some(_)) => format!("until {}, or until it changes", utc(until)),
        (None, _) => "until it changes".to_owned(),
    }
}

fn tokens(number: u64) -> String {
    if number < 1000 { format!("{number} tokens") } else { format!("{}k tokens", number / 1000) }
}

fn window(place: &Place) -> String {
    let sure = match place.confidence {
        Confidence::Certain => "",
        Confidence::Probable => ", probably",
        Confidence::Low => ", perhaps",
    };
    let output = place.output.as_ref().map(|it| format!(" on {it}")).unwrap_or_default();
    match (&place.window, place.candidates) {
        (Some(window), _) => format!("{}{output} ({}{sure})", window.con_id, place.how),
        (None, 0) => format!("none ({})", place.how),
        (None, many) => format!("one of {many}{output} ({})", place.how),
    }
}

fn pane(place: &Place) -> String {
    let Some(pane) = &place.pane else { return String::new() };
    let client = match &pane.client_tty {
        Some(tty) => format!("shown on {tty}"),
        None => "detached".to_owned(),
    };
    format!("{} {} {} ({client})", pane.session, pane.window_id, pane.pane_id)
}

#[cfg(test)]
mod tests {
    use super::super::paint::Paint;
    use super::*;
    use crate::config::column::Column;
    use crate::session::info::sample;
    use crate::session::place::Window;
    use crate::session::state::{ReasonKind, StateName};

    #[test]
    fn a_session_in_full() {
        let mut session = sample(4711, StateName::NeedsInput, 4);
        session.reason = Some(ReasonKind::Permission);
        session.detail = Some("Bash: git push".into());
        session.preview = "evil\u{1b}[2J".into();
        session.details.context_tokens = Some(81_234);
        session.place = Some(Box::new(Place {
            workspace: Some("3".into()),
            output: Some("DP-1".into()),
            window: Some(Window { con_id: 94, xid: Some(7), pid: 12, focused: false }),
            candidates: 1,
            pane: None,
            how: "the only window of xterm (pid 12)".into(),
            confidence: Confidence::Certain,
        }));
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let frame = Frame {
            width: Some(70),
            home: Some("/home/u"),
            paint: Paint::NONE,
            columns: Column::DEFAULT,
        };
        insta::assert_snapshot!(detail_lines(&session, now, frame).join("\n"), @r"
    ● vmux  needs permission for 4m
      waits for     Bash: git push
      since         2027-01-15 07:56:00 UTC
      directory     ~/src/vmux
      branch        main
      preview       evil [2J
      context       81k tokens
      window        94 on DP-1 (the only window of xterm (pid 12))
      pid           4711
      session id    00001267-0000-4000-8000-000000000000
");
    }
}
