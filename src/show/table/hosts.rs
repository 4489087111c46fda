//! The table of `vmux hosts`: which are up, since when, and what is in the way of the others.

use super::Frame;
use crate::session::Timestamp;
use crate::session::sanitize::clean;
use crate::session::state::host::{HostInfo, HostState};
use crate::show::paint::Tone;
use crate::show::phrases::clock;
use crate::show::width::{columns, cut, pad};

const HEADS: [&str; 7] = ["HOST", "STATE", "FOR", "VERSION", "ROUND TRIP", "CLOCK", "SESSIONS"];

/// The longest text of a cell, in characters.
const MAX_CELL: usize = 63;

/// The longest line about a fault, in characters.
const MAX_FAULT: usize = 400;

/// Clocks that differ by less are not worth a word, in milliseconds.
const CLOCK_TOLERANCE: u64 = 2000;

/// The lines of the table; below it, what is in the way of hosts that are down, and what to do.
pub fn host_lines(hosts: &[HostInfo], now: Timestamp, frame: Frame) -> Vec<String> {
    let paint = frame.paint;
    if hosts.is_empty() {
        let hint = "`vmux hosts add NAME` adds one that ssh reaches as NAME";
        let none = "no other host is in the configuration";
        return vec![none.to_owned(), paint.paint(Tone::Dim, hint)];
    }
    let rows: Vec<[String; 7]> = hosts.iter().map(|it| row(it, now)).collect();
    let width = |at: usize| {
        let cells = rows.iter().map(|row| columns(&row[at]));
        cells.chain([columns(HEADS[at])]).max().unwrap_or_default()
    };
    let line = |cells: &[String]| {
        let cells = cells.iter().enumerate().map(|(at, cell)| pad(cell, width(at)));
        let line = cells.collect::<Vec<_>>().join("  ");
        let line = line.trim_end();
        frame.width.map_or_else(|| line.to_owned(), |width| cut(line, width))
    };
    let mut lines = vec![paint.paint(Tone::Dim, &line(&HEADS.map(str::to_owned)))];
    for (host, row) in hosts.iter().zip(&rows) {
        let tone = match host.state {
            HostState::Up => Tone::Plain,
            HostState::Down => Tone::Wrong,
            _ => Tone::Dim,
        };
        lines.push(paint.paint(tone, &line(row)));
    }
    for host in hosts {
        let Some(fault) = &host.fault else { continue };
        lines.push(format!("{}: {}", host.name, clean(&fault.says, MAX_FAULT)));
        if let Some(hint) = &fault.hint {
            lines.push(paint.paint(Tone::Dim, &format!("  {}", clean(hint, MAX_FAULT))));
        }
    }
    paint.in_glyphs(lines)
}

/// One line about a host that came or went.
pub fn host_line(host: &HostInfo, time: &str) -> String {
    let fault = host.fault.as_ref().map(|it| format!(": {}", clean(&it.says, MAX_FAULT)));
    format!("{time}  {}  {}{}", host.name, host.state.word(), fault.unwrap_or_default())
}

fn row(host: &HostInfo, now: Timestamp) -> [String; 7] {
    let is_up = host.state == HostState::Up;
    let trip = host.round_trip_ms.filter(|_| is_up).map(|it| format!("{it} ms"));
    [
        host.name.to_string(),
        host.state.word().to_owned(),
        clock(host.since, now),
        host.version.as_deref().map(|it| clean(it, MAX_CELL)).unwrap_or_default(),
        trip.unwrap_or_default(),
        host.clock_ahead_ms.filter(|_| is_up).map(difference).unwrap_or_default(),
        host.sessions.to_string(),
    ]
}

/// How far a clock is ahead, in words: `same`, `10m ahead`, `3s behind`.
fn difference(ahead: i64) -> String {
    let by = ahead.unsigned_abs();
    let side = if ahead < 0 { "behind" } else { "ahead" };
    match by / 1000 {
        _ if by <= CLOCK_TOLERANCE => "same".to_owned(),
        seconds @ ..120 => format!("{seconds}s {side}"),
        seconds @ ..7200 => format!("{}m {side}", seconds / 60),
        seconds => format!("{}h {side}", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Glyphs;
    use crate::session::key::HostName;
    use crate::session::state::host::{HostFault, HostFaultKind};
    use crate::show::paint::Paint;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn the_faults_stand_below_the_table() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let up = HostInfo {
            name: HostName::new("gpu").unwrap(),
            state: HostState::Up,
            since: now - TimeDelta::minutes(4),
            ssh: "gpu".to_owned(),
            version: Some("1.2\u{1b}[0m".to_owned()),
            round_trip_ms: Some(12),
            clock_ahead_ms: Some(-600_000),
            sessions: 3,
            fault: None,
            retry_at: None,
        };
        let fault = HostFault {
            kind: HostFaultKind::Refused,
            says: "nothing\u{7} listens".to_owned(),
            hint: Some("is it on?".to_owned()),
        };
        let name = HostName::new("box").unwrap();
        let down = HostInfo { name, state: HostState::Down, fault: Some(fault), ..up.clone() };
        let paint = Paint { colour: false, glyphs: Glyphs::Unicode };
        let frame = Frame { width: None, home: None, paint, columns: &[] };
        let lines = host_lines(&[down.clone(), up], now, frame);
        let expected = [
            "HOST  STATE  FOR  VERSION   ROUND TRIP  CLOCK       SESSIONS",
            "box   down   4m   1.2 [0m                           3",
            "gpu   up     4m   1.2 [0m   12 ms       10m behind  3",
            "box: nothing listens",
            "  is it on?",
        ];
        let spaced = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(lines.iter().map(|it| spaced(it)).collect::<Vec<_>>(), expected.map(spaced));
        assert_eq!(host_line(&down, "12:00"), "12:00  box  down: nothing listens");
        assert_eq!(host_lines(&[], now, frame).len(), 2);
        assert_eq!(
            [0, 2500, 3_600_000, -90_000_000].map(difference),
            ["same", "2s ahead", "60m ahead", "25h behind"]
        );
    }
}
