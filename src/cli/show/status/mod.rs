//! The line of a status bar: who waits, for what, how long; and how many do what.

pub mod escape;
pub mod format;
pub mod template;

use super::human;
use super::width::cut;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::query::order::{self, Priority};

/// A bar has little room: columns of what a session waits for.
const DETAIL: usize = 40;

/// Sessions named in a tooltip.
pub const TOOLTIP: usize = 10;

/// LEFT-TO-RIGHT MARK of Unicode Annex 9. Bars that draw with pango heed it; it shows nothing.
pub const MARK: char = '\u{200E}';

/// What a bar says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Whether vmuxd answers; if not, nothing else is known.
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
    /// How many are in a state that cannot be known.
    pub unknown: usize,
    /// Those that want the user, the most urgent first; at most as many as a tooltip shows.
    pub first: Vec<Entry>,
}

/// One session that wants the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its process.
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

/// How a summary is to be taken, from calm to alarming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
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

impl Mood {
    /// The word for a CSS class.
    pub fn word(self) -> &'static str {
        match self {
            Mood::Offline => "offline",
            Mood::Empty => "empty",
            Mood::Idle => "idle",
            Mood::Working => "working",
            Mood::Unseen => "finished",
            Mood::Failed => "failed",
            Mood::Waiting => "waiting",
        }
    }
}

impl Summary {
    /// Of `sessions`, none when vmuxd does not answer; titles get so many columns.
    pub fn of(sessions: Option<&[SessionInfo]>, now: Timestamp, title: usize) -> Summary {
        let Some(sessions) = sessions else { return Summary::default() };
        let count = |wanted: &[Priority]| {
            sessions.iter().filter(|it| wanted.contains(&order::priority(it))).count()
        };
        let wanted = order::sorted(sessions).into_iter().filter(|it| order::wants_attention(it));
        Summary {
            connected: true,
            waiting: count(&[Priority::Permission, Priority::Asks]),
            failed: count(&[Priority::Failed]),
            unseen: count(&[Priority::Unseen]),
            working: count(&[Priority::Working]),
            idle: count(&[Priority::Idle]),
            unknown: count(&[Priority::Unknown]),
            first: wanted.take(TOOLTIP).map(|it| Entry::of(it, now, title)).collect(),
        }
    }

    /// How it is to be taken.
    pub fn mood(&self) -> Mood {
        match self {
            _ if !self.connected => Mood::Offline,
            _ if self.waiting > 0 => Mood::Waiting,
            _ if self.failed > 0 => Mood::Failed,
            _ if self.unseen > 0 => Mood::Unseen,
            _ if self.working > 0 => Mood::Working,
            _ if self.idle + self.unknown > 0 => Mood::Idle,
            _ => Mood::Empty,
        }
    }

    /// Whether somebody waits.
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
            (self.unknown, "unknown"),
        ];
        let some = counts.iter().filter(|(number, _)| *number > 0);
        some.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>().join(" ")
    }

    /// `api-fix: Bash: git push · 4m`; empty when nobody wants the user.
    pub fn headline(&self) -> String {
        self.first.first().map(Entry::line).unwrap_or_default()
    }

    /// Headline and counts; empty without sessions.
    pub fn text(&self) -> String {
        match (self.connected, self.headline(), self.counts()) {
            (false, ..) => "vmux: no daemon".to_owned(),
            (_, headline, counts) if headline.is_empty() => counts,
            (_, headline, counts) => format!("{headline} | {counts}"),
        }
    }

    /// Where there is no room for more: the first of the counts.
    pub fn short(&self) -> String {
        let counts = self.counts();
        match self.connected {
            false => "vmux: no daemon".to_owned(),
            true => counts.split(' ').take(2).collect::<Vec<_>>().join(" "),
        }
    }

    /// A line for each session that wants the user, then the counts.
    pub fn tooltip(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.first.iter().map(Entry::line).collect();
        match (self.connected, self.counts()) {
            (false, _) => lines.push("vmuxd does not answer".to_owned()),
            (_, counts) if counts.is_empty() => lines.push("no sessions".to_owned()),
            (_, counts) => lines.push(counts),
        }
        lines
    }
}

impl Entry {
    fn of(session: &SessionInfo, now: Timestamp, title: usize) -> Entry {
        Entry {
            key: session.key(),
            title: cut(&human::title(session), title),
            doing: human::doing(session),
            detail: cut(&human::detail(session), DETAIL),
            clock: human::clock(human::since(session), now),
        }
    }

    /// What it waits for, else what it does.
    pub fn reason(&self) -> &str {
        if self.detail.is_empty() { self.doing } else { &self.detail }
    }

    fn line(&self) -> String {
        format!("{}: {} · {}", closed(&self.title), closed(self.reason()), self.clock)
    }
}

/// A text that reads from right to left, closed by a mark, so that what follows stays where it is.
fn closed(text: &str) -> String {
    let right_to_left = |c| {
        matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
            | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
    };
    if text.contains(right_to_left) { format!("{text}{MARK}") } else { text.to_owned() }
}

/// When one of the first `clocks` clocks of the summary will next read otherwise.
pub fn next_tick(sessions: &[SessionInfo], now: Timestamp, clocks: usize) -> Option<Timestamp> {
    let wanted = order::sorted(sessions).into_iter().filter(|it| order::wants_attention(it));
    wanted.take(clocks).map(|it| human::next_tick(human::since(it), now)).min()
}
