//! The table of `vmux list`: as much as fits the width, the most urgent session first.

use super::paint::{Paint, Tone, mark};
use super::phrases;
use super::width::{columns, cut, cut_left, pad};
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
}

/// How many bytes a line with its colours rarely exceeds.
const LINE_CAPACITY: usize = 256;

/// Spaces between two columns.
const GAP: usize = 2;

/// A column: its head, how narrow it may become, and its cells.
struct Column {
    head: &'static str,
    /// If it had to be narrower than this, it is left out.
    least: usize,
    width: usize,
    cells: Vec<String>,
    /// Whether it is cut at the left, because the end says more than the beginning.
    from_left: bool,
}

/// Indices of the columns.
const STATE: usize = 0;
const SINCE: usize = 1;
const SESSION: usize = 2;
const DIRECTORY: usize = 3;
const BRANCH: usize = 4;
const WORKSPACE: usize = 5;
const PREVIEW: usize = 6;

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
fn with_teams(sorted: Vec<&SessionInfo>) -> Vec<&SessionInfo> {
    let lead = |it: &SessionInfo| it.details.parent_pid.filter(|_| it.details.agent_name.is_some());
    let is_led = |it: &&SessionInfo| {
        lead(it).is_some_and(|lead| lead != it.pid && sorted.iter().any(|it| it.pid == lead))
    };
    if !sorted.iter().any(is_led) {
        return sorted;
    }
    let (led, mut rows): (Vec<_>, Vec<_>) = sorted.iter().copied().partition(|it| is_led(it));
    for mate in led.into_iter().rev() {
        let at = rows.iter().position(|it| Some(it.pid) == lead(mate));
        rows.insert(at.map_or(rows.len(), |at| at + 1), mate);
    }
    rows
}

/// The title; of a teammate with its team.
fn title(session: &SessionInfo) -> String {
    let details = &session.details;
    match (&details.agent_name, &details.team) {
        (Some(_), Some(team)) => {
            let team = crate::session::sanitize::clean(team, 60);
            format!("└ {} ({team})", phrases::title(session))
        }
        (Some(_), None) => format!("└ {}", phrases::title(session)),
        (None, _) => phrases::title(session),
    }
}

fn nothing(frame: Frame) -> Vec<String> {
    let width = frame.width.unwrap_or(usize::MAX);
    let hint = "start `claude` in a terminal and it appears here";
    vec![
        cut("no Claude Code session is running", width),
        frame.paint.paint(Tone::Dim, &cut(hint, width)),
    ]
}

fn fill(sessions: &[&SessionInfo], now: Timestamp, frame: Frame) -> Vec<Column> {
    let cells =
        |cell: &dyn Fn(&SessionInfo) -> String| sessions.iter().map(|it| cell(it)).collect();
    let text =
        |it: &Option<String>| crate::session::sanitize::clean(it.as_deref().unwrap_or(""), 200);
    let state = |it: &SessionInfo| match phrases::detail(it) {
        detail if detail.is_empty() => phrases::state(it),
        detail => format!("{}  {detail}", phrases::state(it)),
    };
    let table: [(&'static str, usize, Vec<String>); 7] = [
        ("STATE", 10, cells(&state)),
        ("FOR", 3, cells(&|it| phrases::clock(phrases::since(it), now))),
        ("SESSION", 8, cells(&title)),
        ("DIRECTORY", 8, cells(&|it| phrases::directory(&it.cwd, frame.home))),
        ("BRANCH", 6, cells(&|it| text(&it.git_branch))),
        ("WS", 2, cells(&|it| text(&it.workspace))),
        ("LAST", 12, cells(&|it| crate::session::sanitize::clean(&it.preview, 200))),
    ];
    let mut columns = Vec::new();
    for (index, (head, least, cells)) in table.into_iter().enumerate() {
        let widest = cells.iter().map(|cell| columns_of(cell, index)).max().unwrap_or(0);
        let width = if widest == 0 { 0 } else { widest.max(head.len()) };
        columns.push(Column { head, least, width, cells, from_left: index == DIRECTORY });
    }
    columns
}

/// The width of a cell. A state has its mark and a space in front.
fn columns_of(cell: &str, column: usize) -> usize {
    columns(cell) + if column == STATE { 2 } else { 0 }
}

/// Makes the columns narrower until they fit: first the long texts, then whole columns, the least
/// needed first. What a session waits for is kept longest.
fn squeeze(columns: &mut [Column], width: usize) {
    let limits = [(PREVIEW, 24), (DIRECTORY, 24), (STATE, 44), (SESSION, 20), (BRANCH, 14)];
    let floors = [(PREVIEW, 12), (DIRECTORY, 12), (BRANCH, 8), (WORKSPACE, 6), (SESSION, 10)];
    for (column, limit) in limits.into_iter().chain(floors).chain([(STATE, 30)]) {
        shrink(columns, column, limit, width);
    }
    for column in [PREVIEW, BRANCH, WORKSPACE] {
        if total(columns) > width {
            columns[column].width = 0;
        }
    }
    for (column, limit) in [(STATE, 18), (DIRECTORY, 8), (SESSION, 8)] {
        shrink(columns, column, limit, width);
    }
    for column in [DIRECTORY, SESSION, SINCE] {
        if total(columns) > width {
            columns[column].width = 0;
        }
    }
    shrink(columns, STATE, 0, width);
    // Room that a removed column has left is given to what was cut most.
    for column in [STATE, SESSION, DIRECTORY, PREVIEW] {
        let spare = width.saturating_sub(total(columns));
        let widest = columns[column].cells.iter().map(|it| columns_of(it, column)).max();
        let wanted = widest.unwrap_or(0).saturating_sub(columns[column].width);
        if columns[column].width >= columns[column].least {
            columns[column].width += spare.min(wanted);
        }
    }
}

fn shrink(columns: &mut [Column], column: usize, limit: usize, width: usize) {
    let excess = total(columns).saturating_sub(width);
    let can = columns[column].width.saturating_sub(limit);
    columns[column].width -= excess.min(can);
}

fn total(columns: &[Column]) -> usize {
    let shown = columns.iter().filter(|it| it.width > 0);
    shown.map(|it| it.width + GAP).sum::<usize>().saturating_sub(GAP)
}

impl Column {
    /// A cell, cut to `room` columns.
    fn fit(&self, row: usize, room: usize) -> Cow<'_, str> {
        let cell = &self.cells[row];
        match columns(cell) <= room {
            true => cell.into(),
            false if self.from_left => cut_left(cell, room).into(),
            false => cut(cell, room).into(),
        }
    }
}

/// One line: the head, or a session.
fn line(columns: &[Column], row: Option<(usize, &&SessionInfo)>, frame: Frame) -> String {
    let mut out = String::with_capacity(LINE_CAPACITY);
    let mut gap = 0;
    for (index, column) in columns.iter().enumerate().filter(|(_, it)| it.width > 0) {
        let cell = match row {
            None => cut(column.head, column.width).into(),
            Some((row, _)) => column.fit(row, column.width.saturating_sub(columns_of("", index))),
        };
        let taken = match row {
            None => cell.len(),
            Some(_) => columns_of(&cell, index),
        };
        if taken > 0 {
            out.extend(std::iter::repeat_n(' ', gap));
            gap = 0;
            match row {
                None => out.push_str(&frame.paint.paint(Tone::Dim, &cell)),
                Some((_, session)) => out.push_str(&paint(index, session, &cell, frame.paint)),
            }
        }
        gap += GAP + column.width.saturating_sub(taken);
    }
    out
}

fn paint<'a>(column: usize, session: &SessionInfo, cell: &'a str, paint: Paint) -> Cow<'a, str> {
    let (mark, tone) = mark(session);
    match column {
        STATE => {
            let (head, tail) = cell.split_once("  ").map_or((cell, ""), |it| it);
            let detail = if tail.is_empty() { String::new() } else { format!("  {tail}") };
            format!("{} {}{detail}", paint.paint(tone, mark), paint.paint(tone, head)).into()
        }
        _ if !paint.colour => cell.into(),
        SESSION if !phrases::name(session).is_empty() => paint.paint(Tone::Bold, cell).into(),
        PREVIEW => paint.paint(Tone::Dim, cell).into(),
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
