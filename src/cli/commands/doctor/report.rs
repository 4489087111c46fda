//! Findings as a page and as JSON. Pure.

use crate::protocol::VERSION;
use crate::protocol::finding::{Finding, Severity};
use crate::session::sanitize::clean;
use crate::show::paint::{Paint, Tone};
use crate::show::width::{columns, pad};
use serde::Serialize;

/// The widest text, in columns: longer lines are hard to read.
const MAX_WIDTH: usize = 100;

/// The narrowest text; a terminal that is narrower breaks the lines itself.
const MIN_TEXT: usize = 20;

/// Columns of the topic.
const TOPIC: usize = 14;

/// The longest text of a finding.
const MAX_TEXT: usize = 1000;

/// What `vmux doctor --json` prints.
#[derive(Debug, Serialize)]
pub struct DoctorReport<'a> {
    /// The version of this vmux.
    vmux: &'static str,
    /// How many findings are problems.
    problems: usize,
    findings: &'a [Finding],
}

impl<'a> DoctorReport<'a> {
    /// The report of these findings.
    pub fn new(findings: &'a [Finding]) -> DoctorReport<'a> {
        DoctorReport { vmux: VERSION, problems: count(findings, Severity::Problem), findings }
    }
}

/// The page: a line or more for each finding, by topic, and a summary.
pub fn lines(findings: &[Finding], width: Option<usize>, paint: Paint) -> Vec<String> {
    let width = width.unwrap_or(MAX_WIDTH).min(MAX_WIDTH);
    let text_width = width.saturating_sub(TOPIC + 3).max(MIN_TEXT);
    let mut lines = Vec::new();
    let mut topic = "";
    for finding in findings {
        let (mark, tone) = match finding.severity {
            Severity::Ok => ("✓", Tone::Good),
            Severity::Note | Severity::Other => ("·", Tone::Plain),
            Severity::Problem => ("✗", Tone::Wrong),
        };
        let is_new = finding.topic != topic;
        topic = &finding.topic;
        let named = if is_new { clean(topic, TOPIC - 1) } else { String::new() };
        let mut head = format!(
            "{} {} ",
            paint.paint(Tone::Bold, &pad(&named, TOPIC)),
            paint.paint(tone, mark)
        );
        let indent = " ".repeat(TOPIC + 3);
        for line in wrap(&clean(&finding.says, MAX_TEXT), text_width) {
            let is_wrong = finding.severity == Severity::Problem;
            let line = paint.paint(if is_wrong { Tone::Wrong } else { Tone::Plain }, &line);
            lines.push(format!("{head}{line}"));
            head.clone_from(&indent);
        }
        let mut head = format!("{indent}→ ");
        for line in finding.hint.iter().flat_map(|it| wrap(&clean(it, MAX_TEXT), text_width - 2)) {
            lines.push(format!("{head}{line}"));
            head = format!("{indent}  ");
        }
    }
    lines.push(String::new());
    lines.push(summary(findings, paint));
    paint.in_glyphs(lines)
}

fn summary(findings: &[Finding], paint: Paint) -> String {
    match count(findings, Severity::Problem) {
        0 => paint.paint(Tone::Good, "No problem was found."),
        1 => paint.paint(Tone::Wrong, "1 problem: what to do is below it, after the arrow."),
        many => {
            let text = format!("{many} problems: what to do is below each, after the arrow.");
            paint.paint(Tone::Wrong, &text)
        }
    }
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|it| it.severity == severity).count()
}

/// Breaks `text` at spaces into lines of at most `width` columns; a longer word has a line of its own.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        match line.is_empty() {
            true => line.push_str(word),
            false if columns(line) + 1 + columns(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            false => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_each_topic_once_and_breaks_lines() {
        let findings = [
            Finding::ok("vmuxd", "vmux 0.1.0 and vmuxd 0.1.0"),
            Finding::problem(
                "vmuxd",
                "its program was\u{1b}[31m replaced",
                "`vmux stop`, then vmux",
            ),
            Finding::note("desktop", "none"),
        ];
        insta::assert_snapshot!(lines(&findings, Some(40), Paint::NONE).join("\n"), @r"
        vmuxd          ✓ vmux 0.1.0 and vmuxd
                         0.1.0
                       ✗ its program was [31m
                         replaced
                         → `vmux stop`, then
                           vmux
        desktop        · none

        1 problem: what to do is below it, after the arrow.
        ");
        for width in [0, 10, 60, 200] {
            assert!(lines(&findings, Some(width), Paint::NONE).len() >= 6);
        }
    }

    #[test]
    fn programs_get_the_number_of_problems() {
        let findings = [Finding::ok("a", "b"), Finding::problem("a", "c", "d")];
        let json = serde_json::to_value(DoctorReport::new(&findings)).unwrap();
        assert_eq!(json["problems"], 1);
        assert_eq!(json["findings"][1]["severity"], "problem");
        assert_eq!(json["findings"][0].get("hint"), None);
    }
}
