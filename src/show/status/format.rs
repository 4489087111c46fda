//! A summary in the format of each bar: one line, without a line break.

use super::escape::{Escape, escape, json, polybar_action};
use super::template::{TemplateError, render as fill};
use super::{MAX_TOOLTIP_SESSIONS, StatusClass, Summary};
use serde_json::json as object;

/// The format of a bar.
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
    /// A template of the user's.
    Template(String),
}

/// The names of the formats.
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
            Format::Waybar | Format::Json => MAX_TOOLTIP_SESSIONS,
            _ => 1,
        }
    }
}

/// What a line depends on beside the summary.
#[derive(Debug, Clone, Copy)]
pub struct RenderOptions<'a> {
    /// How a click calls vmux: a word of a shell.
    pub program: &'a str,
    /// How the values of a template are escaped.
    pub escape: Escape,
    /// The longest title of a session, in columns.
    pub title: usize,
}

/// Colours for bars that do not have their own.
const WAITING: &str = "#f0c674";
const FAILED: &str = "#cc6666";
const FINISHED: &str = "#b5bd68";
const FAINT: &str = "#969896";

/// The line in that format.
pub fn render(
    format: &Format,
    summary: &Summary,
    options: RenderOptions,
) -> Result<String, TemplateError> {
    Ok(match format {
        Format::I3bar => i3bar(summary),
        Format::I3blocks => i3blocks(summary),
        Format::Polybar => polybar(summary, options.program),
        Format::Waybar => waybar(summary),
        Format::I3statusRs => i3status_rs(summary),
        Format::Tmux => tmux(summary),
        Format::Json => everything(summary),
        Format::Plain if summary.class() == StatusClass::Empty => "no sessions".to_owned(),
        Format::Plain => summary.text(),
        Format::Template(template) => return fill(template, summary, options.escape),
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

/// Written by hand, because 1.4 reads neither escapes nor `true`.
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

/// An empty line hides the module. Left and the wheel go to sessions that wait, right offers the list.
fn polybar(summary: &Summary, program: &str) -> String {
    let text = escape(&summary.text(), Escape::Polybar);
    if text.is_empty() {
        return text;
    }
    let text = match (summary.class(), colour(summary)) {
        (StatusClass::Waiting, Some(colour)) => {
            format!("%{{F{colour}}}%{{u{colour}}}%{{+u}}{text}%{{-u}}%{{u-}}%{{F-}}")
        }
        (_, Some(colour)) => format!("%{{F{colour}}}{text}%{{F-}}"),
        (_, None) => text,
    };
    let program = polybar_action(program);
    let actions = [(1, "--next"), (2, "--back"), (3, "--menu"), (4, "--previous"), (5, "--next")];
    let click =
        |text, (button, flag)| format!("%{{A{button}:{program} switch {flag}:}}{text}%{{A}}");
    actions.into_iter().fold(text, click)
}

fn waybar(summary: &Summary) -> String {
    let lines: Vec<String> =
        summary.tooltip().iter().map(|line| escape(line, Escape::Pango)).collect();
    let word = summary.class().word();
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
    let state = match summary.class() {
        StatusClass::Waiting => "Critical",
        StatusClass::Failed => "Warning",
        StatusClass::Unseen => "Good",
        StatusClass::Working => "Info",
        StatusClass::Offline | StatusClass::Empty | StatusClass::Idle => "Idle",
    };
    object!({ "state": state, "text": summary.text(), "short_text": summary.short() }).to_string()
}

fn tmux(summary: &Summary) -> String {
    let text = escape(&summary.text(), Escape::Tmux);
    match summary.class() {
        StatusClass::Empty => text,
        StatusClass::Waiting => format!("#[fg=black,bg=yellow]{text}#[default]"),
        StatusClass::Failed => format!("#[fg=red]{text}#[default]"),
        StatusClass::Unseen => format!("#[fg=green]{text}#[default]"),
        StatusClass::Offline => format!("#[dim]{text}#[default]"),
        StatusClass::Working | StatusClass::Idle => text,
    }
}

fn everything(summary: &Summary) -> String {
    let sessions: Vec<_> = summary
        .first
        .iter()
        .map(|it| {
            let mut session = object!({
                "pid": it.key.process.pid, "start": it.key.process.start, "title": it.title,
                "doing": it.doing, "detail": it.detail, "reason": it.reason(),
                "clock": it.clock,
            });
            if let Some(host) = it.key.host {
                session["host"] = host.as_str().into();
            }
            session
        })
        .collect();
    object!({
        "text": summary.text(),
        "short": summary.short(),
        "state": summary.class().word(),
        "urgent": summary.urgent(),
        "connected": summary.connected,
        "waiting": summary.waiting,
        "failed": summary.failed,
        "unseen": summary.unseen,
        "working": summary.working,
        "idle": summary.idle,
        "snoozed": summary.snoozed,
        "unknown": summary.unknown,
        "hosts_down": summary.hosts_down.len(),
        "hosts_down_names": summary.hosts_down.clone(),
        "servers": summary.server_count,
        "longest": sessions.first(),
        "sessions": sessions,
    })
    .to_string()
}

fn colour(summary: &Summary) -> Option<&'static str> {
    match summary.class() {
        StatusClass::Waiting => Some(WAITING),
        StatusClass::Failed => Some(FAILED),
        StatusClass::Unseen => Some(FINISHED),
        StatusClass::Offline => Some(FAINT),
        StatusClass::Working | StatusClass::Idle | StatusClass::Empty => None,
    }
}

/// A whole update of the i3bar protocol: the block of vmux, and the blocks of a wrapped command.
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
