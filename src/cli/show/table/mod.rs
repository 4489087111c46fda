//! The table of `vmux list`: as much as fits the width, the most urgent session first.

mod cell;
pub mod hosts;
pub mod listing;
pub mod servers;
pub mod template;

use super::paint::{Paint, Tone, mark};
use super::phrases;
use super::width::{columns, cut, cut_left, pad};
use crate::config::column::Column;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::query::order::{self, Order};
use std::array;
use std::borrow::Cow;

/// What the table must fit into.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Columns of the terminal; `None`: nothing is cut.
    pub width: Option<usize>,
    /// The user's home, shown as `~`.
    pub home: Option<&'a str>,
    /// Colours and characters.
    pub paint: Paint,
    /// Which columns a table has, from left to right.
    pub columns: &'a [Column],
}

/// How many bytes a line with its colours rarely exceeds.
const LINE_CAPACITY: usize = 256;

/// Spaces between two columns.
const GAP: usize = 2;

/// A column with its cells.
struct Filled {
    column: Column,
    head: &'static str,
    /// If it had to be narrower than this, it is left out.
    least: usize,
    /// 0: it is left out.
    width: usize,
    cells: Vec<String>,
}

/// How narrow the columns may become before any of them is left out, one after the other.
const LIMITS: &[(Column, usize)] = &[
    (Column::Last, 24),
    (Column::Prompt, 24),
    (Column::Task, 24),
    (Column::Name, 20),
    (Column::Id, 8),
    (Column::Tmux, 12),
    (Column::Model, 12),
    (Column::Directory, 24),
    (Column::Session, 20),
    (Column::Label, 20),
    (Column::Branch, 14),
    (Column::Last, 12),
    (Column::Prompt, 12),
    (Column::Task, 12),
    (Column::State, 44),
    (Column::Name, 8),
    (Column::Directory, 12),
    (Column::Branch, 8),
    (Column::Workspace, 6),
    (Column::Host, 8),
    (Column::Session, 10),
    (Column::Label, 10),
    (Column::State, 30),
];

/// What is left out if that is not enough, the first first. What a session waits for is kept longest.
const DISPENSABLE: &[Column] = &[
    Column::Last,
    Column::Output,
    Column::Servers,
    Column::Version,
    Column::Kind,
    Column::Mode,
    Column::Id,
    Column::Tmux,
    Column::Model,
    Column::Prompt,
    Column::Task,
    Column::Name,
    Column::Context,
    Column::Branch,
    Column::Pid,
    Column::Workspace,
    Column::Label,
    Column::Host,
];

/// The lines of the table, with the head first. Each session is one line.
pub fn table(sessions: &[SessionInfo], order: Order, now: Timestamp, frame: Frame) -> Vec<String> {
    lines(&rows(sessions, order), now, frame)
}

/// When a clock of the table changes next.
pub fn next_tick(sessions: &[SessionInfo], now: Timestamp) -> Option<Timestamp> {
    sessions.iter().map(|it| phrases::next_tick(phrases::since(it), now)).min()
}

/// The sessions in the order of the table.
pub fn rows(sessions: &[SessionInfo], order: Order) -> Vec<&SessionInfo> {
    with_teams(order::sorted(sessions, order))
}

/// The head of the table, and a line for each of these sessions.
pub fn lines(sessions: &[&SessionInfo], now: Timestamp, frame: Frame) -> Vec<String> {
    if sessions.is_empty() {
        return nothing(frame);
    }
    let mut columns = fill(sessions, now, frame);
    if let Some(width) = frame.width {
        squeeze(&mut columns, width);
    }
    let mut lines = vec![line(&columns, None, frame)];
    lines.extend(sessions.iter().enumerate().map(|it| line(&columns, Some(it), frame)));
    frame.paint.in_glyphs(lines)
}

/// Teammates behind the lead of their team, where that is listed.
pub fn with_teams(sorted: Vec<&SessionInfo>) -> Vec<&SessionInfo> {
    let lead = |it: &SessionInfo| it.details.parent_pid.filter(|_| it.details.agent_name.is_some());
    let is_led = |it: &&SessionInfo| {
        lead(it).is_some_and(|lead| {
            lead != it.pid && sorted.iter().any(|of| (of.pid, of.host) == (lead, it.host))
        })
    };
    if !sorted.iter().any(is_led) {
        return sorted;
    }
    let (led, mut rows): (Vec<_>, Vec<_>) = sorted.iter().copied().partition(|it| is_led(it));
    for mate in led.into_iter().rev() {
        let at = rows.iter().position(|it| (Some(it.pid), it.host) == (lead(mate), mate.host));
        rows.insert(at.map_or(rows.len(), |at| at + 1), mate);
    }
    rows
}

fn nothing(frame: Frame) -> Vec<String> {
    let width = frame.width.unwrap_or(usize::MAX);
    let hint = cut(phrases::NO_SESSION_HINT, width);
    vec![cut(phrases::NO_SESSION, width), frame.paint.paint(Tone::Dim, &hint)]
}

fn fill(sessions: &[&SessionInfo], now: Timestamp, frame: Frame) -> Vec<Filled> {
    let filled = |&column: &Column| {
        let (head, least) = cell::head(column);
        let cells: Vec<String> =
            sessions.iter().map(|it| cell::cell(column, it, now, frame.home)).collect();
        let widest = cells.iter().map(|cell| columns_of(cell, column)).max().unwrap_or(0);
        let is_empty = cells.iter().all(String::is_empty);
        let width = if is_empty { 0 } else { widest.max(head.len()) };
        Filled { column, head, least, width, cells }
    };
    frame.columns.iter().map(filled).collect()
}

/// The width of a cell. A state has its mark and a space in front.
fn columns_of(cell: &str, column: Column) -> usize {
    columns(cell) + if column == Column::State { 2 } else { 0 }
}

/// Makes the columns narrower until they fit: first the long texts, then whole columns, the least
/// needed first. What a session waits for is kept longest.
fn squeeze(columns: &mut [Filled], width: usize) {
    for &(column, limit) in LIMITS {
        shrink(columns, column, limit, width);
    }
    for &column in DISPENSABLE {
        leave_out(columns, column, width);
    }
    leave_out(columns, Column::Directory, width);
    for (column, limit) in [(Column::State, 18), (Column::Session, 8)] {
        shrink(columns, column, limit, width);
    }
    leave_out(columns, Column::Session, width);
    leave_out(columns, Column::For, width);
    shrink(columns, Column::State, 0, width);
    // Room that a removed column has left is given to what was cut most.
    for wanted in [Column::State, Column::Session, Column::Directory, Column::Last] {
        let spare = width.saturating_sub(total(columns));
        let Some(it) = columns.iter_mut().find(|it| it.column == wanted) else { continue };
        let widest = it.cells.iter().map(|cell| columns_of(cell, wanted)).max();
        let missing = widest.unwrap_or(0).saturating_sub(it.width);
        if it.width >= it.least {
            it.width += spare.min(missing);
        }
    }
}

/// Leaves a column out if there is not enough room; of the last one that there is, a part is shown.
fn leave_out(columns: &mut [Filled], column: Column, width: usize) {
    if total(columns) <= width {
        return;
    }
    let shown = columns.iter().filter(|it| it.width > 0).count();
    let Some(it) = columns.iter_mut().find(|it| it.column == column) else { return };
    it.width = if shown > 1 { 0 } else { it.width.min(width) };
}

fn shrink(columns: &mut [Filled], column: Column, limit: usize, width: usize) {
    let excess = total(columns).saturating_sub(width);
    if excess == 0 {
        return;
    }
    let Some(it) = columns.iter_mut().find(|it| it.column == column) else { return };
    it.width -= excess.min(it.width.saturating_sub(limit));
}

fn total(columns: &[Filled]) -> usize {
    let shown = columns.iter().filter(|it| it.width > 0);
    shown.map(|it| it.width + GAP).sum::<usize>().saturating_sub(GAP)
}

impl Filled {
    /// A cell, cut to `room` columns. Of a directory the end says more than the beginning.
    fn fit(&self, row: usize, room: usize) -> Cow<'_, str> {
        let cell = &self.cells[row];
        match columns(cell) <= room {
            true => cell.into(),
            false if self.column == Column::Directory => cut_left(cell, room).into(),
            false => cut(cell, room).into(),
        }
    }
}

/// One line: the head, or a session.
fn line(columns: &[Filled], row: Option<(usize, &&SessionInfo)>, frame: Frame) -> String {
    let mut out = String::with_capacity(LINE_CAPACITY);
    let mut gap = 0;
    for it in columns.iter().filter(|it| it.width > 0) {
        let cell = match row {
            None => cut(it.head, it.width).into(),
            Some((row, _)) => it.fit(row, it.width.saturating_sub(columns_of("", it.column))),
        };
        let taken = match row {
            None => cell.len(),
            Some(_) => columns_of(&cell, it.column),
        };
        if taken > 0 {
            out.extend(std::iter::repeat_n(' ', gap));
            gap = 0;
            match row {
                None => out.push_str(&frame.paint.paint(Tone::Dim, &cell)),
                Some((_, session)) => {
                    out.push_str(&paint(it.column, session, &cell, frame.paint));
                }
            }
        }
        gap += GAP + it.width.saturating_sub(taken);
    }
    out
}

fn paint<'a>(column: Column, session: &SessionInfo, cell: &'a str, paint: Paint) -> Cow<'a, str> {
    let (mark, tone) = mark(session);
    match column {
        Column::State => {
            let (head, tail) = cell.split_once("  ").map_or((cell, ""), |it| it);
            let detail = if tail.is_empty() { String::new() } else { format!("  {tail}") };
            format!("{} {}{detail}", paint.paint(tone, mark), paint.paint(tone, head)).into()
        }
        _ if !paint.colour => cell.into(),
        Column::Session if !phrases::name(session).is_empty() => {
            paint.paint(Tone::Bold, cell).into()
        }
        Column::Last => paint.paint(Tone::Dim, cell).into(),
        _ => cell.into(),
    }
}

/// A line for each session, for a list of candidates: `api-fix  needs permission  ~/src/api  pid 4711`.
pub fn candidates<'a>(
    sessions: impl IntoIterator<Item = &'a SessionInfo>,
    home: Option<&str>,
) -> Vec<String> {
    let cells = |it: &SessionInfo| {
        let directory = cut_left(&phrases::directory(&it.cwd, home), 40);
        [cut(&phrases::title(it), 30), cut(&phrases::state(it), 40), directory]
    };
    let rows: Vec<_> = sessions.into_iter().map(|it| (cells(it), it.pid)).collect();
    let widths: [usize; 3] =
        array::from_fn(|at| rows.iter().map(|(cells, _)| columns(&cells[at])).max().unwrap_or(0));
    let line = |(cells, pid): &([String; 3], u32)| {
        let padded: [String; 3] = array::from_fn(|at| pad(&cells[at], widths[at]));
        format!("{}  pid {pid}", padded.join("  "))
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
