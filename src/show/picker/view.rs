//! What the picker draws: the table with one row selected, and a line below it.

use super::rows::listed;
use super::{Mode, Picker};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::query::order;
use crate::session::sanitize::{clean, harmless};
use crate::session::state::StateName;
use crate::show::details::detail_lines;
use crate::show::paint::Tone;
use crate::show::table::{Frame, lines};
use crate::show::width::{columns, cut, cut_left, pad};

/// The keys, and what they do: it fits into 60 columns.
const KEYS: &[(&str, &str)] = &[
    ("Enter", "go to the selected session"),
    ("↑ ↓  j k", "select; PageUp, PageDown, g and G go further"),
    ("n  b", "go to the next one that waits, and back again"),
    ("/", "show only what has these words; Esc shows all"),
    ("l", "label it; an empty label takes the label away"),
    ("a", "mark it as seen"),
    ("s", "set it aside for a while, or take it up again"),
    ("p", "peek: its details, and what it shows now"),
    ("p, then y d", "allow or deny what it asks, where that is shown"),
    ("click", "select, on the selected one: go there"),
    ("q  Esc", "leave"),
];

/// Columns for the keys.
const KEYS_WIDTH: usize = 12;

/// How many sessions fit between the head of the table and the last line of the screen.
pub fn rows_of(height: usize) -> usize {
    height.saturating_sub(2).max(1)
}

impl Picker {
    /// The lines of the screen, at most `height` of them. [`Picker::arrange`] comes first. `None`
    /// for the sessions: vmuxd is away.
    pub fn draw(
        &self,
        sessions: Option<&[SessionInfo]>,
        now: Timestamp,
        frame: Frame,
        height: usize,
    ) -> Vec<String> {
        let Some(sessions) = sessions else {
            return vec![frame.paint.paint(Tone::Wrong, "vmuxd has ended; waiting for it")];
        };
        let mut drawn = match self.mode {
            Mode::Help => help(frame),
            Mode::Details => match self.session(sessions) {
                Some(session) => self.details(session, now, frame, height),
                None => self.table(sessions, now, frame, height),
            },
            _ => self.table(sessions, now, frame, height),
        };
        let last = self.last_line(sessions, frame);
        drawn.truncate(height.saturating_sub(1));
        if height > 1 {
            drawn.resize(height - 1, String::new());
            drawn.push(last);
        }
        frame.paint.in_glyphs(drawn)
    }

    /// What is known of a session, and below it what it shows: at least half of the screen.
    fn details(
        &self,
        session: &SessionInfo,
        now: Timestamp,
        frame: Frame,
        height: usize,
    ) -> Vec<String> {
        let mut drawn = self.asked(session, frame);
        drawn.extend(detail_lines(session, now, frame));
        let shown = self.peeked.as_ref().filter(|(key, _)| *key == session.key());
        let Some((_, lines)) = shown.filter(|(_, lines)| !lines.is_empty()) else { return drawn };
        let room = height.saturating_sub(1);
        drawn.truncate(room.saturating_sub(lines.len() + 1).max(room / 2));
        let width = frame.width.unwrap_or(usize::MAX);
        drawn.push(frame.paint.paint(Tone::Dim, &"─".repeat(width.min(80))));
        let surplus = lines.len().saturating_sub(room.saturating_sub(drawn.len()));
        drawn.extend(lines.iter().skip(surplus).map(|line| cut(&harmless(line), width)));
        drawn
    }

    /// The call that may be allowed or denied here: whole, on as many lines as it needs.
    fn asked(&self, session: &SessionInfo, frame: Frame) -> Vec<String> {
        let call = self.answerable(session).and_then(|it| it.call.as_deref());
        let Some(call) = call else { return Vec::new() };
        let width = frame.width.unwrap_or(usize::MAX);
        let mut lines = vec![String::new()];
        for c in format!("asks: {}", harmless(call)).chars() {
            let last = lines.last().map_or(0, |it| columns(it));
            if last + columns(c.encode_utf8(&mut [0; 4])) > width && last > 0 {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
        }
        lines.iter().map(|line| frame.paint.paint(Tone::Wrong, line)).collect()
    }

    fn table(
        &self,
        sessions: &[SessionInfo],
        now: Timestamp,
        frame: Frame,
        height: usize,
    ) -> Vec<String> {
        let rows = listed(sessions, &self.filter, self.order);
        if rows.is_empty() && !sessions.is_empty() {
            return vec![frame.paint.paint(Tone::Dim, "no session has these words")];
        }
        let mut all = lines(&rows, now, frame).into_iter();
        let mut drawn: Vec<String> = all.next().into_iter().collect();
        let shown = all.enumerate().skip(self.top).take(rows_of(height));
        drawn.extend(shown.map(|(row, line)| match row == self.row && !rows.is_empty() {
            true => selected(&line, frame.width),
            false => line,
        }));
        drawn
    }

    /// What is typed, what went wrong, or how many sessions there are.
    fn last_line(&self, sessions: &[SessionInfo], frame: Frame) -> String {
        let width = frame.width.unwrap_or(usize::MAX);
        let typed = |prompt: &str, text: &str| {
            let room = width.saturating_sub(columns(prompt) + 1);
            format!("{prompt}{}\u{2588}", cut_left(&clean_typed(text), room))
        };
        match &self.mode {
            Mode::Filter => return typed("/", &self.filter),
            Mode::Label { text, .. } => return typed("label: ", text),
            _ => {}
        }
        if let Some(message) = &self.message {
            let tone = if message.is_error { Tone::Wrong } else { Tone::Plain };
            return frame.paint.paint(tone, &cut(&clean(&message.text, 400), width));
        }
        // The first that fits.
        let hints: &[&str] = match self.mode {
            Mode::Details => match self.session(sessions).and_then(|it| self.answerable(it)) {
                Some(_) => &["y allow  d deny  Enter go there  p back", "y allow  d deny  p back"],
                None => &["Enter go there  p back", "p back"],
            },
            Mode::Help => &["any key goes back"],
            _ => &["Enter go there  / filter  ? keys  q leave", "? keys  q leave", "? keys"],
        };
        let counts = match self.filter.trim() {
            "" => totals(sessions),
            filter => {
                let left = listed(sessions, &self.filter, self.order).len();
                format!("{left} of {} with \"{}\"", sessions.len(), clean(filter, 40))
            }
        };
        let room = width.saturating_sub(columns(&counts) + 2);
        match hints.iter().find(|it| columns(it) <= room) {
            Some(hint) => format!("{counts}  {}", frame.paint.paint(Tone::Dim, hint)),
            None => cut(&counts, width),
        }
    }
}

/// What is typed at the moment: spaces at the end stay.
fn clean_typed(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).collect()
}

/// `3 waiting, 2 working, 5 idle`: what there is none of is not mentioned.
pub fn totals(sessions: &[SessionInfo]) -> String {
    let count = |is: &dyn Fn(&SessionInfo) -> bool| sessions.iter().filter(|it| is(it)).count();
    let failed = |it: &SessionInfo| it.failure().is_some();
    let counts = [
        (count(&order::waits), "waiting"),
        (count(&failed), "stopped or failed"),
        (count(&|it| it.state == StateName::Working), "working"),
        (count(&|it| it.state == StateName::Idle && !failed(it)), "idle"),
        (count(&|it| it.state == StateName::Unknown), "unknown"),
    ];
    let parts = counts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
    parts.join(", ")
}

fn help(frame: Frame) -> Vec<String> {
    let width = frame.width.unwrap_or(usize::MAX);
    let line = |(keys, what): &(&str, &str)| {
        let keys = cut(&pad(keys, KEYS_WIDTH), width);
        let what = cut(what, width.saturating_sub(KEYS_WIDTH));
        format!("{}{what}", frame.paint.paint(Tone::Bold, &keys))
    };
    KEYS.iter().map(line).collect()
}

/// The line in reverse video, over the whole width. Its own colours would end that, so they go.
fn selected(line: &str, width: Option<usize>) -> String {
    let plain = without_colours(line);
    let padded = pad(&plain, width.unwrap_or(0));
    format!("\u{1b}[7m{padded}\u{1b}[0m")
}

/// Removes what `Paint::paint` adds.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, it)| it);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::paint::Paint;

    #[test]
    fn colours_are_taken_out_again() {
        let painted = Paint { colour: true, ..Paint::NONE }.paint(Tone::Waits, "a [m b");
        assert_eq!(without_colours(&format!("{painted} c")), "a [m b c");
    }
}
