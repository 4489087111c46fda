//! The dialog that asks for a permission, at the end of the screen: a rule, a title, what is asked for,
//! `Do you want to …?`, numbered options. Pure.
//!
//! It is taken for the dialog of a call only if all of the call is on the screen: a command that only
//! begins in the same way is another one. Dialogs of other tools than these are never recognised:
//! Bash, WebFetch, Write.

use super::prompt_box::squeezed;
use super::{Screen, is_rule};
use serde_json::Value;

/// How many rows there are below the options at most.
const MAX_BELOW: usize = 4;

/// A dialog as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialog {
    /// Its title: `Bash command`.
    pub title: String,
    /// What stands between the title and the question.
    body: Vec<String>,
    /// `Do you want to proceed?`, as the row is.
    question: String,
    /// The row of the first option, which is Yes.
    yes: String,
    /// Whether it says that Esc cancels it.
    pub has_escape: bool,
}

/// Why a screen does not show a dialog, or not the one that is meant: a clause.
pub type Mismatch = &'static str;

/// The dialog at the end of a screen.
pub fn find(screen: &Screen) -> Result<Dialog, Mismatch> {
    let texts = screen.texts();
    let none = "no dialog for a permission is on its screen";
    let (first, last) = options(&texts).ok_or(none)?;
    let below = &texts[last + 1..];
    // A session with a name of its own has a rule with that name below.
    let name = below.iter().rposition(|it| !it.trim().is_empty()).filter(|at| is_rule(&below[*at]));
    let below = &below[..name.unwrap_or(below.len())];
    let is_hint = |row: &String| row.trim().is_empty() || row.contains("Esc to cancel");
    if below.iter().any(|it| is_cut(it)) {
        return Err("the dialog does not fit on its screen");
    }
    if below.len() > MAX_BELOW || !below.iter().all(is_hint) {
        return Err(none);
    }
    let above = &texts[..first];
    let asked = above.iter().rposition(|it| !it.trim().is_empty()).ok_or(none)?;
    let question = above[asked].trim();
    if !question.starts_with("Do you want to ") || !question.ends_with('?') {
        return Err(none);
    }
    let top = above.iter().rposition(|it| is_rule(it)).ok_or("its dialog is not whole")?;
    let head = &above[top + 1..asked];
    let title = head.iter().position(|it| !it.trim().is_empty()).ok_or(none)?;
    if head.iter().any(|it| is_cut(it)) {
        return Err("the dialog does not fit on its screen");
    }
    Ok(Dialog {
        title: head[title].trim().to_owned(),
        body: head[title + 1..].to_vec(),
        question: above[asked].clone(),
        yes: texts[first].clone(),
        has_escape: below.iter().any(|it| it.contains("Esc to cancel"))
            || texts[last].contains("(esc)"),
    })
}

/// The rows of the first and the last option, if the screen ends in `Yes`, perhaps another one, and a
/// last one that is no.
fn options(texts: &[String]) -> Option<(usize, usize)> {
    let is_first = |row: &String| option(row).is_some_and(|it| it.0 == 1);
    let first = texts.iter().rposition(is_first)?;
    let mut last = first;
    let mut numbers = 1;
    for (at, row) in texts.iter().enumerate().skip(first + 1) {
        match option(row) {
            Some((number, _)) if number == numbers + 1 => (numbers, last) = (number, at),
            Some(_) => return None,
            None => {}
        }
    }
    let marked = texts[first..=last].iter().filter(|it| it.trim_start().starts_with('❯')).count();
    let is_yes = option(&texts[first])?.1 == "Yes";
    let no = option(&texts[last])?.1;
    // The third option has the rest of a broken second one beside it.
    let is_no = no == "No"
        || no.starts_with("No  ")
        || no.starts_with("No, ")
        || no.starts_with("Type here to tell Claude");
    (is_yes && is_no && marked == 1 && (2..=3).contains(&numbers)).then_some((first, last))
}

/// The number and the text of an option. 2.1.75 draws `2.Yes, and` where the option is broken into rows.
fn option(row: &str) -> Option<(u32, &str)> {
    let row = row.trim();
    let row = row.strip_prefix('❯').unwrap_or(row).trim_start();
    let (number, text) = row.split_once('.')?;
    Some((number.parse().ok().filter(|it| *it < 10)?, text.trim()))
}

/// `↑ 54 more lines`
fn is_cut(row: &str) -> bool {
    let row = row.trim();
    row.starts_with(['↑', '↓']) && row.contains("more line")
}

impl Dialog {
    /// Whether it is about this call, as far as a person could tell; else why not.
    pub fn check(&self, tool: &str, input: &Value) -> Result<(), Mismatch> {
        let other = "its dialog is about something else";
        let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
        let region = self.region(text("description"));
        let is_it = match tool {
            "Bash" => self.title.starts_with("Bash command") && is_same(&region, text("command")),
            "WebFetch" => {
                self.title == "Fetch" && shows_fetch(&region, text("url"), text("prompt"))
            }
            "Write" => {
                let name = text("file_path").rsplit('/').next().unwrap_or_default();
                let is_title =
                    |it: &&str| self.title == *it || self.title == format!("{it} {name}");
                let is_of_file = ["Create file", "Overwrite file"].iter().any(is_title)
                    && self.question.trim().ends_with(&format!(" {name}?"));
                is_of_file && is_same(&without_numbers(&region), text("content"))
            }
            _ => return Err("the dialog of this tool is not recognised"),
        };
        if is_it { Ok(()) } else { Err(other) }
    }

    /// Rows that must still be there when the key is sent: what is asked for, the question, `1. Yes`.
    pub fn rows(&self) -> Vec<String> {
        let is_drawn = |row: &&String| !row.trim().starts_with("╌╌╌");
        let mut rows: Vec<String> = self.body.iter().filter(is_drawn).cloned().collect();
        rows.retain(|it| !it.trim().is_empty());
        rows.truncate(8);
        rows.extend([self.question.clone(), self.yes.clone()]);
        rows
    }

    /// The rows that show what is asked for: between two dotted rules, else behind a bar, else all up to
    /// the description.
    fn region(&self, description: &str) -> Vec<String> {
        let is_dotted = |row: &String| row.trim().starts_with("╌╌╌");
        let mut dotted = self.body.iter().enumerate().filter(|(_, it)| is_dotted(it));
        if let (Some((from, _)), Some((to, _))) = (dotted.next(), dotted.next()) {
            return without_bars(&self.body[from + 1..to]);
        }
        let barred: Vec<String> =
            self.body.iter().filter(|it| it.trim().starts_with('│')).cloned().collect();
        if !barred.is_empty() {
            return without_bars(&barred);
        }
        let is_end = |row: &String| !description.is_empty() && row.trim() == description.trim();
        self.body.iter().take_while(|it| !is_end(it)).cloned().collect()
    }
}

/// Whether rows show a text, perhaps broken into more rows than it has lines.
fn is_same(rows: &[String], text: &str) -> bool {
    let all = |texts: &mut dyn Iterator<Item = &str>| texts.map(squeezed).collect::<String>();
    let rows: Vec<&str> = rows.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).collect();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    let is_broken = rows.len() != lines.len();
    let is_equal = all(&mut rows.iter().copied()) == all(&mut lines.iter().copied());
    !lines.is_empty() && is_equal && (is_broken || rows == lines)
}

/// The address and what is asked of the page (in two rows; before 2.1.332 as JSON in one), or the
/// address and what the dialog says of it.
fn shows_fetch(rows: &[String], url: &str, prompt: &str) -> bool {
    let named = format!("url: {url}\nprompt: {prompt}");
    let quoted = format!("url: {}, prompt: {}", Value::from(url), Value::from(prompt));
    let rows: Vec<String> = rows
        .iter()
        .filter(|it| !it.trim().starts_with("Claude wants to fetch content from "))
        .cloned()
        .collect();
    [named.as_str(), &quoted, url].into_iter().any(|text| is_same(&rows, text))
}

/// Rows without the bar in front of each, if each has one.
fn without_bars(rows: &[String]) -> Vec<String> {
    let text = |row: &String| Some(row.trim_start().strip_prefix('│')?.to_owned());
    let barred: Option<Vec<String>> = rows.iter().map(text).collect();
    barred.unwrap_or_else(|| rows.to_vec())
}

/// Rows without the numbers of lines, if each has one.
fn without_numbers(rows: &[String]) -> Vec<String> {
    let text = |row: &String| {
        let row = row.trim_start();
        let text = row.trim_start_matches(|it: char| it.is_ascii_digit());
        (text.len() < row.len()).then(|| text.to_owned())
    };
    let numbered: Option<Vec<String>> = rows.iter().map(text).collect();
    numbered.unwrap_or_else(|| rows.to_vec())
}
