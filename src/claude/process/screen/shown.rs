//! What a screen shows of what its session does: work, a free prompt, or what it asks. Pure.
//!
//! Read from the end of the screen upwards. Where the box for prompts is drawn there is no dialog,
//! whatever stands above it: a conversation may quote one.

use super::{Screen, is_numbered, is_option, is_rule};
use crate::session::state::ReasonKind;

/// How many rows with text are read, from the end.
const MAX_READ: usize = 45;

/// How many rows the options of a dialog, and what stands below them, have.
const OPTION_ROWS: usize = 14;

/// How many rows there are at most between a question and its options, and below.
const QUESTION_ROWS: usize = 20;

/// How many rows there are at most from the spinner to the box: a list of tasks may stand between.
const SPINNER_ROWS: usize = 21;

/// How many rows there are below the box for prompts, a list aside.
const ROWS_BELOW: usize = 3;

/// How many rules are looked at, from the end, for those of the box for prompts.
const MAX_EDGES: usize = 8;

/// The title of the dialog that asks whether the message of another session may come in (2.1.332).
pub(super) const HELD_MESSAGE: &str = "Held message from another session";

/// Dialogs that Claude Code opens by itself over a prompt that is free: a part of the text, and of an option.
const OWN_DIALOGS: [(&str, &str); 3] = [
    ("on the Anthropic API this session", "1. Got it, thanks!"),
    ("LSP Plugin Recommendation", "1. Yes, install"),
    ("LSP plugin recommendation", "1. Yes, install"),
];

/// What a screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It works.
    Work,
    /// The box for prompts, and no work.
    Prompt,
    /// A dialog of the work or of the start.
    Asks(ReasonKind),
    /// A dialog of the work is due, of which nothing is shown until the user has stopped typing.
    HeldBack,
    /// A menu; the session or the user has opened it.
    Menu,
}

/// What a screen shows; `None` if nothing that is known.
pub fn shown(screen: &Screen) -> Option<Shown> {
    let texts = screen.texts();
    let rows = with_text(&texts);
    let rows = last(&rows, MAX_READ);
    let Some((upper, lower)) = find_box(&texts) else {
        let works = || works(last(rows, SPINNER_ROWS), last(rows, ROWS_BELOW));
        // What Claude Code offers by itself while it works stands in the way of nothing.
        let stands = |kind: &ReasonKind| *kind != ReasonKind::Dialog || !works();
        let kind = asked(rows).filter(stands);
        return kind
            .map(Shown::Asks)
            .or_else(|| works().then_some(Shown::Work))
            .or_else(|| is_menu(rows).then_some(Shown::Menu));
    };
    // The words are the same for a question (2.1.75, 2.1.119).
    if texts[..upper].last().is_some_and(|it| it.trim() == "Waiting for permission…") {
        return Some(Shown::HeldBack);
    }
    let (above, below) = (with_text(&texts[..upper]), with_text(&texts[lower + 1..]));
    if works(last(&above, SPINNER_ROWS), &below) {
        return Some(Shown::Work);
    }
    // What runs in the background may ask, and is shown elsewhere.
    let has_agents = last(&below, ROWS_BELOW).iter().any(|row| row.contains(" local agent"));
    (!has_agents).then_some(Shown::Prompt)
}

/// The rows that have text, without the sides of frames.
fn with_text(texts: &[String]) -> Vec<&str> {
    texts.iter().map(|it| without_frame(it)).filter(|it| !it.trim().is_empty()).collect()
}

/// The kind of dialog at the end of the screen, if it is none that the user has opened.
fn asked(rows: &[&str]) -> Option<ReasonKind> {
    let end = last(rows, OPTION_ROWS);
    let any = |rows: &[&str], words: &[&str]| {
        rows.iter().any(|row| words.iter().any(|word| row.contains(word)))
    };
    let can_leave = any(end, &["Enter to", "Esc to", "Return to"]);
    if any(rows, &["trust this folder", "trust the files", "Quick safety check"]) && can_leave {
        return Some(ReasonKind::Trust);
    }
    let of_server = |row: &&str| {
        row.contains("MCP server ")
            && [" requests", " needs", " wants"].iter().any(|word| row.contains(word))
    };
    let is_form = rows.iter().any(|row| of_server(row) || row.contains("Elicitation:"));
    if is_form && (can_leave || any(end, &["Accept", "Decline"])) {
        return Some(ReasonKind::Elicitation);
    }
    if any(rows, &[HELD_MESSAGE]) && any(end, &["❯ Deny", "❯ Deliver this message"]) {
        return Some(ReasonKind::Permission);
    }
    let near = last(rows, QUESTION_ROWS);
    let has_options = end.iter().any(|row| is_first_option(row));
    if !has_options || any(rows, &["custom API key"]) {
        return None;
    }
    if OWN_DIALOGS.iter().any(|(title, option)| any(near, &[title]) && any(end, &[option])) {
        return Some(ReasonKind::Dialog);
    }
    if any(rows, &["Would you like to proceed?", "Ready to code?"]) {
        return Some(ReasonKind::Plan);
    }
    let of_question = ["Submit answers", "Type something", "Chat about this", "Enter to select"];
    if any(end, &of_question) && !any(end, &["to search"]) {
        return Some(ReasonKind::Question);
    }
    let is_permission = near.iter().any(|row| row.contains("Do you want to"))
        && near.iter().any(|row| row.trim_end().ends_with('?'));
    (is_permission && any(end, &["Yes"])).then_some(ReasonKind::Permission)
}

/// Whether a spinner turns, or a key would interrupt, which the rows `below` the box for prompts tell.
/// What models and tools say is indented, so that a row of Claude Code's own begins at the left.
fn works(rows: &[&str], below: &[&str]) -> bool {
    if below.iter().any(|row| row.contains("esc to inter")) {
        return true;
    }
    // What an answer follows is a prompt that quotes one: a spinner stands below all that was said.
    let is_said = |row: &&&str| row.starts_with(['●', '⏺']);
    let marked = rows.iter().rev().take_while(|row| !is_said(row)).find_map(|row| {
        let mut characters = row.chars();
        let is_star = "✢✳✶✻✽·∗*+".contains(characters.next()?);
        let words = characters.as_str().strip_prefix(' ')?.trim_end();
        // 1.0.128 heads what was thought in the same way.
        (is_star && !words.is_empty() && words != "Thinking…").then_some(words)
    });
    marked.is_some_and(|words| {
        let spins = words.split_once('…').is_some_and(|(verb, rest)| {
            !verb.contains(". ") && (rest.is_empty() || rest.starts_with([' ', '(']))
        });
        let is_key_there = words.contains("(esc to inter");
        let waits_for = words.strip_prefix("Waiting for ").unwrap_or_default();
        let others = ["background agent", "dynamic workflow"];
        spins
            || is_key_there
            || waits_for.starts_with("team lead")
            || others.iter().any(|other| waits_for.contains(other))
    })
}

fn is_menu(rows: &[&str]) -> bool {
    // Old versions leave the dialogs of the start above the first banner.
    let banner = rows.iter().rposition(|row| row.contains("Claude Code v"));
    let rows = last(&rows[banner.map_or(0, |it| it + 1)..], 9);
    let leads = ["Enter to ", "Return to ", "Esc to ", "Make auto mode your default"];
    let is_chosen = |row: &&str| row.trim_start().strip_prefix("❯ ").is_some_and(is_option);
    let has_chosen = rows.iter().any(is_chosen);
    // Of one that was left by a killed session the shell has written over the option that was chosen.
    let is_left = !has_chosen && rows.iter().any(|row| is_numbered(row.trim_start()));
    has_chosen || (!is_left && rows.iter().any(|row| leads.iter().any(|it| row.contains(it))))
}

fn is_first_option(row: &str) -> bool {
    row.trim_start().trim_start_matches(['❯', '>']).trim_start().starts_with("1. ")
}

/// The upper and the lower edge of the box for prompts, if no dialog is below it. The box is between
/// two rules, or in a frame (1.0.128). A status line of the user may have rules of its own.
fn find_box(texts: &[String]) -> Option<(usize, usize)> {
    let is_edge = |row: &str| is_rule(row) || is_rule(&row.replace(['╭', '╮', '╰', '╯'], "─"));
    let edges: Vec<usize> = (0..texts.len()).rev().filter(|it| is_edge(&texts[*it])).collect();
    let pairs = edges.iter().zip(edges.iter().skip(1)).map(|(lower, upper)| (*upper, *lower));
    let is_box = |&(upper, _): &(usize, usize)| is_first_of_box(&texts[upper + 1]);
    let (upper, lower) = pairs.take(MAX_EDGES).find(is_box)?;
    let is_free = !texts[lower + 1..].iter().any(|row| is_of_dialog(row));
    is_free.then_some((upper, lower))
}

/// Whether a row begins as the box does. What a dialog quotes is indented.
fn is_first_of_box(row: &str) -> bool {
    let row = row.strip_prefix('│').map_or(row, |it| it.trim_start_matches(' '));
    let mut characters = row.chars();
    let is_mark = characters.next().is_some_and(|it| matches!(it, '❯' | '>' | '!' | '#'));
    is_mark && !is_numbered(without_frame(characters.as_str()).trim())
}

/// Whether a row below a box belongs to a dialog: the box is quoted, or left of an earlier session.
fn is_of_dialog(row: &str) -> bool {
    let option = without_frame(row).trim_start().strip_prefix(['❯', '>']);
    option.is_some_and(|it| is_numbered(it.trim_start()))
        || ["Esc to cancel", "Enter to confirm", "Enter to select"]
            .iter()
            .any(|it| row.contains(it))
}

/// A row without the sides of the frame that 1.0.128 draws.
fn without_frame(row: &str) -> &str {
    let row = row.trim_end_matches(['│', ' ']);
    row.strip_prefix('│').unwrap_or(row)
}

fn last<'a, 'b>(rows: &'a [&'b str], count: usize) -> &'a [&'b str] {
    &rows[rows.len().saturating_sub(count)..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn read(path: &Path) -> Option<Shown> {
        shown(&Screen::parse(&std::fs::read_to_string(path).unwrap()))
    }

    #[test]
    fn what_real_versions_show() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/claude");
        let mut count = 0;
        for version in ["1.0.128", "2.0.77", "2.1.75", "2.1.119", "2.1.220", "2.1.332"] {
            for entry in std::fs::read_dir(root.join("shown").join(version)).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap();
                let expected = match name.split('-').next().unwrap() {
                    "work" => Shown::Work,
                    "prompt" => Shown::Prompt,
                    "menu" => Shown::Menu,
                    "permission" => Shown::Asks(ReasonKind::Permission),
                    "plan" => Shown::Asks(ReasonKind::Plan),
                    "question" => Shown::Asks(ReasonKind::Question),
                    "trust" => Shown::Asks(ReasonKind::Trust),
                    "dialog" => Shown::Asks(ReasonKind::Dialog),
                    "elicitation" => Shown::Asks(ReasonKind::Elicitation),
                    other => panic!("{other}: what is that?"),
                };
                assert_eq!(read(&path), Some(expected), "{version} {name}");
                count += 1;
            }
        }
        assert!(count > 50, "{count} screens");
        let with_colours = root.join("screens");
        for version in ["2.0.77", "2.1.119", "2.1.332"] {
            let screen =
                |name: &str| read(&with_colours.join(version).join(format!("{name}.ansi")));
            for name in ["fresh", "typed", "after-turn", "pasted-long", "bash-mode"] {
                assert_eq!(screen(name), Some(Shown::Prompt), "{version} {name}");
            }
            for name in ["working", "working-typed", "working-queued"] {
                assert_eq!(screen(name), Some(Shown::Work), "{version} {name}");
            }
            for name in ["bash", "tall", "wide", "write", "web", "edit"] {
                let permission = Some(Shown::Asks(ReasonKind::Permission));
                assert_eq!(screen(name), permission, "{version} {name}");
            }
            assert_eq!(screen("q"), Some(Shown::Asks(ReasonKind::Question)), "{version}");
        }
    }

    /// The end of a conversation in which `above` stands, with a box that holds `words`.
    fn conversation(above: &str, words: &str, below: &str) -> String {
        let rule = "─".repeat(40);
        format!("● It says:\n{above}\n{rule}\n{words}\n{rule}\n{below}\n")
    }

    const QUOTED: &str = "  Do you want to proceed?\n  ❯ 1. Yes\n    2. No\n\n  Esc to cancel\n";

    #[test]
    fn words_above_and_in_the_box_are_those_of_a_conversation() {
        let box_of = |above: &str, words: &str, below: &str| {
            shown(&Screen::parse(&conversation(above, words, below)))
        };
        let prompt = Some(Shown::Prompt);
        assert_eq!(box_of("  press esc to interrupt\n", "❯ ", "  ? for shortcuts"), prompt);
        assert_eq!(box_of("", "❯ what is esc to interrupt", "  ? for shortcuts"), prompt);
        assert_eq!(box_of("  Waiting for permission…\n", "❯ ", "  ? for shortcuts"), prompt);
        assert_eq!(box_of("  Waiting for team lead\n", "❯ ", "  ? for shortcuts"), prompt);
        assert_eq!(box_of(QUOTED, "# remember", "  # to memorize"), prompt);
        let status_line = format!("  {}\n  my status\n  {0}", "─".repeat(30));
        assert_eq!(box_of(QUOTED, "❯ ", &status_line), prompt);
        let long = format!("❯ one{}", "\n  and more".repeat(30));
        let works = box_of("✻ Sewing… (esc to interrupt)\n", &long, "  ? for shortcuts");
        assert_eq!(works, Some(Shown::Work));
        let queued = box_of("  Waiting for permission…", "❯ x", "  manual mode on");
        assert_eq!(queued, Some(Shown::HeldBack));
    }

    #[test]
    fn a_box_that_a_dialog_quotes_does_not_hide_it() {
        let rule = "─".repeat(40);
        for mark in ["   ❯ x", "❯ x"] {
            let screen = format!(
                "● Bash\n{rule}\n Bash command\n\n   cat\n   {rule}\n{mark}\n   {rule}\n{QUOTED}"
            );
            let permission = Some(Shown::Asks(ReasonKind::Permission));
            assert_eq!(shown(&Screen::parse(&screen)), permission, "{mark}");
        }
        let trust = format!(
            "{rule}\n❯ \n{rule}\n  ? for shortcuts\n$ claude\n{rule}\n Accessing workspace:\n\n \
             Quick safety check\n\n ❯ No, exit\n   Yes, I trust this folder\n\n \
             Enter to confirm · Esc to cancel\n"
        );
        let left = shown(&Screen::parse(&trust));
        assert_eq!(left, Some(Shown::Asks(ReasonKind::Trust)), "of an earlier session");
    }

    /// As `leftover-dialog` on 2.1.220: killed, and the shell has gone on where the cursor was.
    #[test]
    fn what_is_left_of_a_dialog_is_no_menu() {
        let left = "   Run it\n This command requires approval\n Do you want to proceed?\n Killedes\n\
                    bash-5.2$  and don’t ask again for: perl *\n   3. No\n \
                    Esc to cancel · Tab to amend · ctrl+e to explain\n";
        assert_eq!(shown(&Screen::parse(left)), None);
        let code = " Paste code here if prompted >\n\n Esc to cancel\n";
        assert_eq!(shown(&Screen::parse(code)), Some(Shown::Menu));
    }

    #[test]
    fn a_conversation_may_quote_a_dialog_or_a_spinner() {
        let rule = "─".repeat(40);
        let screen = format!("● It says:\n{QUOTED}  ✻ Thinking… (3s)\n{rule}\n❯ \n{rule}\n");
        assert_eq!(shown(&Screen::parse(&screen)), Some(Shown::Prompt));
        let prompt = format!("> why?\n✻ Thinking… (3s)\n● Well.\n{rule}\n> \n{rule}\n");
        assert_eq!(shown(&Screen::parse(&prompt)), Some(Shown::Prompt), "in a prompt of 2.1.75");
        let asks = format!("● It says:\n{rule}\n Bash command\n  ls\n{QUOTED}");
        let permission = Some(Shown::Asks(ReasonKind::Permission));
        assert_eq!(shown(&Screen::parse(&asks)), permission);
        for other in ["", "$ claude\n", "bash-5.2$ \n", "~\n~\n\"notes\" 3L\n"] {
            assert_eq!(shown(&Screen::parse(other)), None, "{other:?}");
        }
    }
}
