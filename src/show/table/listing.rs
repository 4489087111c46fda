//! A whole list on the screen: the table, in groups, with a line of totals, and cut so that those that
//! wait stay in view.

use super::{Frame, lines, nothing};
use crate::config::column::Column;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::query::order::{self, Order, Priority, priority};
use crate::show::paint::Tone;
use crate::show::phrases;
use crate::show::width::{columns, cut};
use std::collections::BTreeSet;

/// What the sessions of a list are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBy {
    Directory,
    /// The repository; a directory outside of one stands for itself.
    Repo,
    Workspace,
    Host,
}

impl GroupBy {
    /// All of them, by name. Where two names mean one, the first is the one that is offered.
    pub const NAMES: &[(&str, GroupBy)] = &[
        ("dir", GroupBy::Directory),
        ("directory", GroupBy::Directory),
        ("repo", GroupBy::Repo),
        ("workspace", GroupBy::Workspace),
        ("ws", GroupBy::Workspace),
        ("host", GroupBy::Host),
    ];

    /// The column that says the same as the headings.
    pub fn column(self) -> Option<Column> {
        match self {
            GroupBy::Directory => Some(Column::Directory),
            GroupBy::Repo => None,
            GroupBy::Workspace => Some(Column::Workspace),
            GroupBy::Host => Some(Column::Host),
        }
    }
}

/// Sessions under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'a> {
    /// Empty where nothing is grouped.
    pub heading: String,
    /// Its sessions, in the order in which they are shown.
    pub sessions: Vec<&'a SessionInfo>,
}

/// Groups sessions by what `heading` says of each. Groups come in the order of their first sessions.
pub fn group<'a>(
    sessions: Vec<&'a SessionInfo>,
    heading: impl Fn(&SessionInfo) -> String,
) -> Vec<Group<'a>> {
    let mut groups: Vec<Group> = Vec::new();
    for session in sessions {
        let heading = heading(session);
        match groups.iter_mut().find(|it| it.heading == heading) {
            Some(group) => group.sessions.push(session),
            None => groups.push(Group { heading, sessions: vec![session] }),
        }
    }
    groups
}

/// The heading of a session's group; `repo` knows the repository of a directory.
pub fn heading(
    session: &SessionInfo,
    by: GroupBy,
    home: Option<&str>,
    repo: impl Fn(&SessionInfo) -> Option<String>,
) -> String {
    let clean = |text: &str| crate::session::sanitize::clean(text, 200);
    match by {
        GroupBy::Directory => phrases::directory(&session.cwd, home),
        GroupBy::Repo => phrases::directory(repo(session).as_deref().unwrap_or(&session.cwd), home),
        GroupBy::Workspace => match &session.workspace {
            Some(workspace) => format!("workspace {}", clean(workspace)),
            None => "no workspace".to_owned(),
        },
        GroupBy::Host => session.host.map_or("this machine".to_owned(), |it| it.to_string()),
    }
}

/// How much of a list is shown.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// How many sessions there are, with those that a filter left out.
    pub of: usize,
    /// Rows of the terminal that may be filled; `None`: everything is shown, without totals.
    pub rows: Option<usize>,
    /// Which of the sessions that wait comes first.
    pub order: Order,
}

/// The lines of the list.
pub fn listing(groups: &[Group], extent: Extent, now: Timestamp, frame: Frame) -> Vec<String> {
    let all: Vec<&SessionInfo> = groups.iter().flat_map(|it| it.sessions.iter().copied()).collect();
    if all.is_empty() && extent.of == 0 {
        return nothing(frame);
    }
    if all.is_empty() {
        let none = format!("none of {} matches", phrases::sessions(extent.of));
        return vec![cut(&none, frame.width.unwrap_or(usize::MAX))];
    }
    let kept = match extent.rows {
        Some(rows) => fit(groups, rows, extent.order),
        None => groups.to_vec(),
    };
    let rows: Vec<&SessionInfo> = kept.iter().flat_map(|it| it.sessions.iter().copied()).collect();
    let mut table = lines(&rows, now, frame).into_iter();
    let mut out: Vec<String> = table.next().into_iter().collect();
    let width = frame.width.unwrap_or(usize::MAX);
    for group in &kept {
        if !group.heading.is_empty() {
            out.push(frame.paint.paint(Tone::Bold, &cut(&group.heading, width)));
        }
        out.extend(table.by_ref().take(group.sessions.len()));
    }
    if extent.rows.is_some() {
        let line = |has_word| last_line(&all, all.len() - rows.len(), extent.of, has_word);
        let whole = Some(line(true)).filter(|it| columns(it) <= width);
        let text = cut(&whole.unwrap_or_else(|| line(false)), width);
        out.push(frame.paint.paint(Tone::Dim, &text));
    }
    frame.paint.in_glyphs(out)
}

/// Leaves out the sessions that need the user least, whatever the order in which they are shown, until
/// the list with its head, headings and totals has at most `rows` lines. At least one stays.
fn fit<'a>(groups: &[Group<'a>], rows: usize, order: Order) -> Vec<Group<'a>> {
    let mut kept = groups.to_vec();
    let height = |groups: &[Group]| {
        let of = |it: &Group| it.sessions.len() + usize::from(!it.heading.is_empty());
        2 + groups.iter().map(of).sum::<usize>()
    };
    let mut urgent: Vec<&SessionInfo> =
        groups.iter().flat_map(|it| it.sessions.iter().copied()).collect();
    urgent.sort_by(|a, b| order::compare(a, b, order));
    // Without headings this many would fit; of thousands of sessions the rest goes at once.
    let mut left_out = urgent.split_off(urgent.len().min(rows.saturating_sub(2).max(1)));
    while height(&kept) > rows {
        let keys: BTreeSet<SessionKey> = left_out.iter().map(|it| it.key()).collect();
        for group in &mut kept {
            group.sessions.retain(|it| !keys.contains(&it.key()));
        }
        kept.retain(|it| !it.sessions.is_empty());
        if urgent.len() <= 1 {
            break;
        }
        left_out = urgent.pop().into_iter().collect();
    }
    kept
}

/// `… 19 more (--all) of 40 sessions: 3 wait, 17 work, 20 idle`; in a narrow terminal without the word
/// `sessions`.
fn last_line(listed: &[&SessionInfo], hidden: usize, of: usize, has_word: bool) -> String {
    let all = if has_word { phrases::sessions(of) } else { of.to_string() };
    let number = match of == listed.len() {
        true => all,
        false => format!("{} of {all}", listed.len()),
    };
    let totals = format!("{number}: {}", totals(listed));
    match hidden {
        0 => totals,
        _ => format!("… {hidden} more (--all) of {totals}"),
    }
}

/// `2 wait, 3 work, 2 idle`: what there is none of is not mentioned.
fn totals(sessions: &[&SessionInfo]) -> String {
    let words = |session: &SessionInfo| match priority(session) {
        Priority::Permission | Priority::Asks => ("wait", "waits"),
        Priority::Failed => ("stopped", "stopped"),
        Priority::Unseen => ("finished", "finished"),
        Priority::Snoozed => ("snoozed", "snoozed"),
        Priority::Working => ("work", "works"),
        Priority::Idle => ("idle", "idle"),
        Priority::Unknown => ("unknown", "unknown"),
    };
    let mut counts: Vec<(&str, &str, usize, Priority)> = Vec::new();
    for session in sessions {
        let (many, one) = words(session);
        match counts.iter_mut().find(|(known, ..)| *known == many) {
            Some((.., count, _)) => *count += 1,
            None => counts.push((many, one, 1, priority(session))),
        }
    }
    counts.sort_by_key(|(.., priority)| *priority);
    let part = |(many, one, count, _): &(&str, &str, usize, Priority)| {
        format!("{count} {}", if *count == 1 { one } else { many })
    };
    counts.iter().map(part).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod tests;
