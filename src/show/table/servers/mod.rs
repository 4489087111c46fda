//! The table of `vmux servers`, and which servers a query means.
//!
//! | file | job |
//! |---|---|
//! | [`changes`] | what has changed between two looks |
//! | [`dev_ports`] | the file in which projects write down their servers |

pub mod changes;
pub mod dev_ports;

use super::Frame;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::info::server::{ServerInfo, ServerProblemKind};
use crate::session::query;
use crate::session::sanitize::clean;
use crate::session::state::Confidence;
use crate::show::paint::Tone;
use crate::show::phrases;
use crate::show::width::{columns, cut, cut_left, pad};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The heads of the columns.
const HEADS: [&str; 7] = ["PORT", "ADDRESS", "SERVER", "SESSION", "DIRECTORY", "UP", "PID"];

/// Which of them is cut first, and down to how many columns.
const LIMITS: [(usize, usize); 6] = [(4, 20), (2, 24), (3, 16), (4, 10), (2, 12), (3, 8)];

/// Spaces between two columns.
const GAP: usize = 2;

/// The servers that a query means: all without one, those with this port or pid, else those of which it
/// is a part of the name or directory, and those of the sessions that it means.
pub fn matching(query: &str, servers: &[ServerInfo], sessions: &[SessionInfo]) -> Vec<ServerInfo> {
    let words = query.trim().to_lowercase();
    if words.is_empty() {
        return servers.to_vec();
    }
    if let Ok(number) = words.parse::<u32>() {
        let is_port = |it: &&ServerInfo| u32::from(it.port) == number;
        let is_pid = |it: &&ServerInfo| {
            it.pid == number
                || it.holders.contains(&number)
                || it.session.is_some_and(|key| key.process.pid == number)
        };
        let found: Vec<ServerInfo> = servers.iter().filter(is_port).cloned().collect();
        return match found.is_empty() {
            false => found,
            true => servers.iter().filter(is_pid).cloned().collect(),
        };
    }
    let keys: Vec<_> =
        query::matching(query, sessions).into_iter().map(|it| sessions[it].key()).collect();
    let is_meant = |it: &&ServerInfo| {
        title(it).to_lowercase().contains(&words)
            || it.cwd.to_lowercase().contains(&words)
            || it.session.is_some_and(|key| keys.contains(&key))
    };
    servers.iter().filter(is_meant).cloned().collect()
}

/// The lines of the table, with the head first. `is_asked_for`: these are meant and not all of them, so
/// their URL and how they were attributed are told too.
pub fn lines(
    servers: &[ServerInfo],
    sessions: &[SessionInfo],
    is_asked_for: bool,
    now: Timestamp,
    frame: Frame,
) -> Vec<String> {
    let paint = frame.paint;
    if servers.is_empty() {
        return vec!["no session runs a server".to_owned()];
    }
    let rows: Vec<[String; 7]> =
        servers.iter().map(|it| cells(it, sessions, now, frame.home)).collect();
    let mut widths: [usize; 7] = std::array::from_fn(|at| {
        rows.iter().map(|row| columns(&row[at])).max().unwrap_or(0).max(HEADS[at].len())
    });
    for (column, limit) in LIMITS {
        let total: usize = widths.iter().map(|it| it + GAP).sum();
        let excess = frame.width.map_or(0, |width| total.saturating_sub(width + GAP));
        widths[column] -= excess.min(widths[column].saturating_sub(limit));
    }
    let join = |row: &[String; 7]| {
        let fit = |at: usize| match at {
            4 => cut_left(&row[at], widths[at]),
            _ => cut(&row[at], widths[at]),
        };
        let cells: Vec<String> = (0..7).map(|at| pad(&fit(at), widths[at])).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let width = frame.width.unwrap_or(usize::MAX);
    let head = cut(&join(&HEADS.map(str::to_owned)), width);
    let mut lines = vec![paint.paint(Tone::Dim, &head)];
    for (server, row) in servers.iter().zip(&rows) {
        let line = cut(&join(row), width);
        lines.push(if server.auxiliary { paint.paint(Tone::Dim, &line) } else { line });
        let tunnel = server.tunnel.iter().map(|it| format!("  from here: {}", clean(it, 300)));
        let details = details(server, sessions).into_iter().filter(|_| is_asked_for);
        for says in tunnel.chain(details) {
            lines.push(paint.paint(Tone::Dim, &cut(&says, width)));
        }
        for problem in &server.problems {
            let says = format!("  {}: {}", problem.kind.phrase(), clean(&problem.says, 300));
            lines.push(paint.paint(Tone::Wrong, &cut(&says, width)));
        }
    }
    paint.in_glyphs(lines)
}

fn cells(
    server: &ServerInfo,
    sessions: &[SessionInfo],
    now: Timestamp,
    home: Option<&str>,
) -> [String; 7] {
    [
        server.port.to_string(),
        address(&server.addresses),
        title(server),
        owner(server, sessions),
        phrases::directory(&server.cwd, home),
        phrases::clock(server.started_at, now),
        server.pid.to_string(),
    ]
}

/// Its URL, and to which session it belongs and why.
fn details(server: &ServerInfo, sessions: &[SessionInfo]) -> Vec<String> {
    let url = server.url.iter().map(|it| format!("  {}", clean(it, 200)));
    let owner = owner(server, sessions);
    let belongs = match (owner.as_str(), server.confidence) {
        ("-", _) => "belongs to one of several sessions".to_owned(),
        (_, Confidence::Certain) => format!("belongs to {owner}"),
        _ => format!("probably belongs to {}", owner.trim_end_matches('?')),
    };
    url.chain([format!("  {belongs}: {}", server.by.phrase())]).collect()
}

/// Its name, and what its project calls it: `uvicorn app:app (backend)`.
fn title(server: &ServerInfo) -> String {
    let name = clean(&server.name, 60);
    match &server.alias {
        Some(alias) => format!("{name} ({})", clean(alias, 40)),
        None => name,
    }
}

/// The title of the session, with a question mark if it is only probable; of one that has ended the
/// beginning of its id.
pub fn owner(server: &ServerInfo, sessions: &[SessionInfo]) -> String {
    let session = sessions.iter().find(|it| Some(it.key()) == server.session);
    let title = match (session, &server.session_id) {
        (Some(session), _) => phrases::title(session),
        (None, Some(id)) => format!("({})", clean(id, 8).trim_end_matches('…')),
        (None, None) => "-".to_owned(),
    };
    let title = match server.host {
        Some(host) => format!("{host}:{title}"),
        None => title,
    };
    match server.confidence {
        _ if server.session.is_none() && server.session_id.is_none() => title,
        Confidence::Certain => title,
        Confidence::Probable | Confidence::Low => format!("{title}?"),
    }
}

/// On what it listens, in a word if there is one.
pub fn address(addresses: &[IpAddr]) -> String {
    let has = |address: IpAddr| addresses.contains(&address);
    let any = (has(Ipv4Addr::UNSPECIFIED.into()), has(Ipv6Addr::UNSPECIFIED.into()));
    let loopback = (has(Ipv4Addr::LOCALHOST.into()), has(Ipv6Addr::LOCALHOST.into()));
    match (any, loopback) {
        ((true, true), _) => "all".to_owned(),
        ((true, false), (_, false)) => "all IPv4".to_owned(),
        ((false, true), (false, _)) => "all IPv6".to_owned(),
        (_, (true, true)) if addresses.len() == 2 => "both".to_owned(),
        _ => {
            let text = |it: &IpAddr| match it {
                IpAddr::V4(it) => it.to_string(),
                IpAddr::V6(it) => format!("[{it}]"),
            };
            addresses.iter().map(text).collect::<Vec<_>>().join(" ")
        }
    }
}

/// A line for each server, for a list of candidates: `3000  next dev  web  ~/src/web  pid 4711`.
pub fn candidates(
    servers: &[ServerInfo],
    sessions: &[SessionInfo],
    home: Option<&str>,
) -> Vec<String> {
    let line = |it: &ServerInfo| {
        let name = clean(&it.name, 60);
        let directory = cut_left(&phrases::directory(&it.cwd, home), 40);
        format!("{}  {name}  {}  {directory}  pid {}", it.port, owner(it, sessions), it.pid)
    };
    servers.iter().map(line).collect()
}

/// What holds of these servers, the worst of them: `active`, `inactive`, `stale`, `not_answering`.
pub fn status(servers: &[ServerInfo]) -> &'static str {
    let any = |kind| servers.iter().any(|it| it.has(kind));
    match () {
        () if servers.is_empty() => "inactive",
        () if any(ServerProblemKind::NotAnswering) => "not_answering",
        () if any(ServerProblemKind::Stale) => "stale",
        () => "active",
    }
}
