//! A summary in the words of each bar: one line, without its line break.

use super::escape::{Escape, escape, json, polybar_action};
use super::template::{UnknownName, render as fill};
use super::{Mood, Summary, TOOLTIP};
use serde_json::json as object;

/// Which bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// i3bar and swaybar: one block of their protocol.
    I3bar,
    /// i3blocks, 1.4 and 1.5, with `format=json`.
    I3blocks,
    /// polybar, a `custom/script` module.
    Polybar,
    /// waybar, a `custom` module with `return-type: json`.
    Waybar,
    /// i3status-rust, a `custom` block with `json = true`.
    I3statusRs,
    /// tmux, in `status-right`.
    Tmux,
    /// Everything, for eww and scripts.
    Json,
    /// Plain text.
    Plain,
    /// The user's own.
    Template(String),
}

/// The names of the formats, and what they are.
pub const FORMATS: &[(&str, Format)] = &[
    ("i3bar", Format::I3bar),
    ("i3blocks", Format::I3blocks),
    ("polybar", Format::Polybar),
    ("waybar", Format::Waybar),
    ("i3status-rs", Format::I3statusRs),
    ("tmux", Format::Tmux),
    ("json", Format::Json),
    ("plain", Format::Plain),
];

impl Format {
    /// How many clocks a line of it shows.
    pub fn clocks(&self) -> usize {
        match self {
            Format::Waybar | Format::Json => TOOLTIP,
            _ => 1,
        }
    }
}

/// What else a line depends on.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// How a click calls vmux.
    pub program: &'a str,
    /// Whose escapes a template's values need.
    pub escape: Escape,
    /// Columns of a session's title.
    pub title: usize,
}

/// Colours where a bar has no notion of its own for them.
const WAITING: &str = "#f0c674";
const FAILED: &str = "#cc6666";
const FINISHED: &str = "#b5bd68";
const FAINT: &str = "#969896";

/// The line.
pub fn render(format: &Format, summary: &Summary, look: Look) -> Result<String, UnknownName> {
    Ok(match format {
        Format::I3bar => i3bar(summary),
        Format::I3blocks => i3blocks(summary),
        Format::Polybar => polybar(summary, look.program),
        Format::Waybar => waybar(summary),
        Format::I3statusRs => i3status_rs(summary),
        Format::Tmux => tmux(summary),
        Format::Json => everything(summary),
        Format::Plain if summary.mood() == Mood::Empty => "no sessions".to_owned(),
        Format::Plain => summary.text(),
        Format::Template(template) => return fill(template, summary, look.escape),
    })
}

fn i3bar(summary: &Summary) -> String {
    let mut block = object!({
        "full_text": summary.text(),
        "short_text": summary.short(),
        "name": "vmux",
        "instance": "status",
        "urgent": summary.urgent(),
        "markup": "none",
    });
    if let Some(colour) = colour(summary).filter(|_| !summary.urgent()) {
        block["color"] = colour.into();
    }
    block.to_string()
}

/// By hand: 1.4 reads neither escapes nor `true`.
fn i3blocks(summary: &Summary) -> String {
    let text = |text: &str| escape(text, Escape::I3blocks);
    let mut line = format!(
        "{{\"full_text\":\"{}\",\"short_text\":\"{}\"",
        text(&summary.text()),
        text(&summary.short())
    );
    if let Some(colour) = colour(summary).filter(|_| !summary.urgent()) {
        line.push_str(&format!(",\"color\":\"{colour}\""));
    }
    let urgent = if summary.urgent() { "true" } else { "false" };
    line.push_str(&format!(",\"urgent\":\"{urgent}\"}}"));
    line
}

/// Empty hides the module. Left and wheel go to who waits, right lets the user pick.
fn polybar(summary: &Summary, program: &str) -> String {
    let text = escape(&summary.text(), Escape::Polybar);
    if text.is_empty() {
        return text;
    }
    let text = match (summary.mood(), colour(summary)) {
        (Mood::Waiting, Some(colour)) => {
            format!("%{{F{colour}}}%{{u{colour}}}%{{+u}}{text}%{{-u}}%{{u-}}%{{F-}}")
        }
        (_, Some(colour)) => format!("%{{F{colour}}}{text}%{{F-}}"),
        (_, None) => text,
    };
    let program = polybar_action(program);
    let actions = [(1, "--next"), (2, "--back"), (3, "--pick"), (4, "--previous"), (5, "--next")];
    let click =
        |text, (button, flag)| format!("%{{A{button}:{program} switch {flag}:}}{text}%{{A}}");
    actions.into_iter().fold(text, click)
}

fn waybar(summary: &Summary) -> String {
    let lines: Vec<String> =
        summary.tooltip().iter().map(|line| escape(line, Escape::Pango)).collect();
    let word = summary.mood().word();
    object!({
        "text": escape(&summary.text(), Escape::Pango),
        "alt": word,
        "tooltip": lines.join("\n"),
        "class": [word],
        "percentage": summary.waiting.min(100),
    })
    .to_string()
}

/// The default format of its custom block escapes pango itself.
fn i3status_rs(summary: &Summary) -> String {
    let state = match summary.mood() {
        Mood::Waiting => "Critical",
        Mood::Failed => "Warning",
        Mood::Unseen => "Good",
        Mood::Working => "Info",
        Mood::Offline | Mood::Empty | Mood::Idle => "Idle",
    };
    object!({ "state": state, "text": summary.text(), "short_text": summary.short() }).to_string()
}

fn tmux(summary: &Summary) -> String {
    let text = escape(&summary.text(), Escape::Tmux);
    match summary.mood() {
        Mood::Empty => text,
        Mood::Waiting => format!("#[fg=black,bg=yellow]{text}#[default]"),
        Mood::Failed => format!("#[fg=red]{text}#[default]"),
        Mood::Unseen => format!("#[fg=green]{text}#[default]"),
        Mood::Offline => format!("#[dim]{text}#[default]"),
        Mood::Working | Mood::Idle => text,
    }
}

fn everything(summary: &Summary) -> String {
    let sessions: Vec<_> = summary
        .first
        .iter()
        .map(|it| {
            object!({
                "pid": it.key.process.pid, "start": it.key.process.start, "title": it.title,
                "doing": it.doing, "detail": it.detail, "reason": it.reason(),
                "clock": it.clock,
            })
        })
        .collect();
    object!({
        "text": summary.text(),
        "short": summary.short(),
        "state": summary.mood().word(),
        "urgent": summary.urgent(),
        "connected": summary.connected,
        "waiting": summary.waiting,
        "failed": summary.failed,
        "unseen": summary.unseen,
        "working": summary.working,
        "idle": summary.idle,
        "unknown": summary.unknown,
        "longest": sessions.first(),
        "sessions": sessions,
    })
    .to_string()
}

fn colour(summary: &Summary) -> Option<&'static str> {
    match summary.mood() {
        Mood::Waiting => Some(WAITING),
        Mood::Failed => Some(FAILED),
        Mood::Unseen => Some(FINISHED),
        Mood::Offline => Some(FAINT),
        Mood::Working | Mood::Idle | Mood::Empty => None,
    }
}

/// A whole update of the i3bar protocol: our block, and the blocks of the bar it is merged into.
pub fn i3bar_update(ours: &str, others: &[String]) -> String {
    let mut blocks = vec![ours];
    blocks.extend(others.iter().map(String::as_str));
    format!(",[{}]", blocks.join(","))
}

/// A block of the i3bar protocol that shows a line of plain text.
pub fn i3bar_text(text: &str) -> String {
    format!("{{\"full_text\":{}}}", json(text))
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
