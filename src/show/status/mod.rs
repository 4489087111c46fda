//! The content of a status bar: which session waits for what and for how long, and how many are in which
//! state.

pub mod escape;
pub mod format;
pub mod template;

use super::phrases;
use super::width::cut;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::{HostName, SessionKey};
use crate::session::query::order::{self, Order, Priority};
use crate::session::state::host::{HostInfo, HostState};
use std::borrow::Borrow;

/// The longest text about what a session waits for, in columns. A bar has little room.
const MAX_DETAIL: usize = 40;

/// How many sessions a tooltip names.
pub const MAX_TOOLTIP_SESSIONS: usize = 10;

/// LEFT-TO-RIGHT MARK of Unicode Annex 9. It is invisible; bars that draw with pango obey it.
pub const LEFT_TO_RIGHT_MARK: char = '\u{200E}';

/// What a bar shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Whether vmuxd answers. If not, nothing else is known.
    pub connected: bool,
    /// How many wait for the user.
    pub waiting: usize,
    /// How many stopped before their work was done, unseen.
    pub failed: usize,
    /// How many finished unseen.
    pub unseen: usize,
    /// How many work.
    pub working: usize,
    /// How many are idle.
    pub idle: usize,
    /// How many the user has set aside.
    pub snoozed: usize,
    /// How many are in a state that cannot be known.
    pub unknown: usize,
    /// The other hosts that are out of reach.
    pub hosts_down: Vec<HostName>,
    /// The sessions that want attention, the most urgent first; at most [`MAX_TOOLTIP_SESSIONS`].
    pub first: Vec<StatusSession>,
    /// How many servers the sessions run.
    pub server_count: usize,
    /// A line for each of the first servers.
    pub servers: Vec<String>,
}

/// A session that wants attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSession {
    pub key: SessionKey,
    /// Label, name or directory.
    pub title: String,
    /// `needs permission`, `finished` …
    pub doing: &'static str,
    /// What it is about: `Bash: git push`; may be empty.
    pub detail: String,
    /// For how long: `4m`.
    pub clock: String,
}

/// The class of a summary, which decides its colour; the last one is the most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusClass {
    /// vmuxd does not answer.
    Offline,
    /// There are no sessions.
    Empty,
    /// All of them are idle.
    Idle,
    /// Some work.
    Working,
    /// One finished unseen.
    Unseen,
    /// One stopped before its work was done, unseen.
    Failed,
    /// One waits for the user.
    Waiting,
}

impl StatusClass {
    /// The word for it in formats, templates and CSS.
    pub fn word(self) -> &'static str {
        match self {
            StatusClass::Offline => "offline",
            StatusClass::Empty => "empty",
            StatusClass::Idle => "idle",
            StatusClass::Working => "working",
            StatusClass::Unseen => "finished",
            StatusClass::Failed => "failed",
            StatusClass::Waiting => "waiting",
        }
    }
}

impl Summary {
    /// The summary of `sessions` (`None`: vmuxd does not answer). Titles have at most `title` columns.
    pub fn of<S: Borrow<SessionInfo>>(
        sessions: Option<&[S]>,
        now: Timestamp,
        title: usize,
        order: Order,
    ) -> Summary {
        let Some(sessions) = sessions else { return Summary::default() };
        let count = |wanted: &[Priority]| {
            sessions.iter().filter(|it| wanted.contains(&order::priority((*it).borrow()))).count()
        };
        let wanted = order::wanted(sessions, order).into_iter();
        Summary {
            connected: true,
            waiting: count(&[Priority::Permission, Priority::Asks]),
            failed: count(&[Priority::Failed]),
            unseen: count(&[Priority::Unseen]),
            working: count(&[Priority::Working]),
            idle: count(&[Priority::Idle]),
            snoozed: count(&[Priority::Snoozed]),
            unknown: count(&[Priority::Unknown]),
            hosts_down: Vec::new(),
            server_count: sessions.iter().map(|it| it.borrow().servers.len()).sum(),
            first: wanted
                .take(MAX_TOOLTIP_SESSIONS)
                .map(|it| StatusSession::of(it, now, title))
                .collect(),
            servers: sessions
                .iter()
                .map(Borrow::borrow)
                .flat_map(|session: &SessionInfo| {
                    session.servers.iter().map(move |it| (session, it))
                })
                .take(MAX_TOOLTIP_SESSIONS)
                .map(|(session, it)| {
                    format!("{}: {}", cut(&phrases::title(session), title), phrases::server(it))
                })
                .collect(),
        }
    }

    /// The same, with those of these hosts that are out of reach.
    pub fn with_hosts(self, hosts: &[HostInfo]) -> Summary {
        let down = hosts.iter().filter(|it| it.state == HostState::Down);
        Summary { hosts_down: down.map(|it| it.name).collect(), ..self }
    }

    /// The class of the most urgent session.
    pub fn class(&self) -> StatusClass {
        match self {
            _ if !self.connected => StatusClass::Offline,
            _ if self.waiting > 0 => StatusClass::Waiting,
            _ if self.failed > 0 => StatusClass::Failed,
            _ if self.unseen > 0 => StatusClass::Unseen,
            _ if self.working > 0 => StatusClass::Working,
            _ if self.idle + self.snoozed + self.unknown > 0 => StatusClass::Idle,
            _ => StatusClass::Empty,
        }
    }

    /// Whether a session waits for the user.
    pub fn urgent(&self) -> bool {
        self.waiting > 0
    }

    /// `2 waiting 1 finished 3 working`; empty without sessions.
    pub fn counts(&self) -> String {
        let counts = [
            (self.waiting, "waiting"),
            (self.failed, "stopped"),
            (self.unseen, "finished"),
            (self.working, "working"),
            (self.idle, "idle"),
            (self.snoozed, "snoozed"),
            (self.unknown, "unknown"),
        ];
        let some = counts.iter().filter(|(number, _)| *number > 0);
        some.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>().join(" ")
    }

    /// `api-fix: Bash: git push · 4m`; empty if no session wants attention.
    pub fn headline(&self) -> String {
        self.first.first().map(StatusSession::line).unwrap_or_default()
    }

    /// Headline and counts; empty without sessions.
    pub fn text(&self) -> String {
        match (self.connected, self.headline(), self.counts()) {
            (false, ..) => "vmux: no daemon".to_owned(),
            (_, headline, counts) if headline.is_empty() => counts,
            (_, headline, counts) => format!("{headline} | {counts}"),
        }
    }

    /// For bars without more room: the first of the counts.
    pub fn short(&self) -> String {
        let counts = self.counts();
        match self.connected {
            false => "vmux: no daemon".to_owned(),
            true => counts.split(' ').take(2).collect::<Vec<_>>().join(" "),
        }
    }

    /// A line for each session that wants attention, then the counts, then the servers.
    pub fn tooltip(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.first.iter().map(StatusSession::line).collect();
        match (self.connected, self.counts()) {
            (false, _) => lines.push("vmuxd does not answer".to_owned()),
            (_, counts) if counts.is_empty() => lines.push("no sessions".to_owned()),
            (_, counts) => lines.push(counts),
        }
        lines.extend(self.servers.iter().cloned());
        lines
    }
}

impl StatusSession {
    fn of(session: &SessionInfo, now: Timestamp, title: usize) -> StatusSession {
        StatusSession {
            key: session.key(),
            title: cut(&phrases::title(session), title),
            doing: phrases::doing(session),
            detail: cut(&phrases::detail(session), MAX_DETAIL),
            clock: phrases::clock(phrases::since(session), now),
        }
    }

    /// What it waits for, else what it does.
    pub fn reason(&self) -> &str {
        if self.detail.is_empty() { self.doing } else { &self.detail }
    }

    fn line(&self) -> String {
        format!("{}: {} · {}", with_mark(&self.title), with_mark(self.reason()), self.clock)
    }
}

/// Adds a mark to a text that reads from right to left, so that what follows stays in its place.
fn with_mark(text: &str) -> String {
    let right_to_left = |c| {
        matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
            | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
    };
    if text.contains(right_to_left) {
        format!("{text}{LEFT_TO_RIGHT_MARK}")
    } else {
        text.to_owned()
    }
}

/// When one of the first `clocks` clocks of the summary changes next.
pub fn next_tick<S: Borrow<SessionInfo>>(
    sessions: &[S],
    now: Timestamp,
    clocks: usize,
    order: Order,
) -> Option<Timestamp> {
    let wanted = order::wanted(sessions, order).into_iter();
    wanted.take(clocks).map(|it| phrases::next_tick(phrases::since(it), now)).min()
}
