//! What was read of the screen of one session, over time. Pure.

use super::prompt_box::squeezed;
use super::shown::{HELD_MESSAGE, Shown, shown};
use super::{Screen, is_rule};
use crate::session::Timestamp;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// How many rows a dialog has at least.
const MIN_DIALOG_ROWS: usize = 7;

/// Words that are shorter may stand in any dialog.
const MIN_WORDS: usize = 8;

/// How many characters of a call are compared: descriptions are cut.
const MAX_WORDS: usize = 60;

/// How the dialog begins in which a command in the sandbox asks for the network, without blanks: up to
/// 2.1.332, and in a form of it that stands in the executable of 2.1.332.
const NETWORK_TITLES: [&str; 2] =
    ["Networkrequestoutsideofsandbox", "Allownetworkrequestoutsideofsandbox"];

/// What one look at a screen has found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// What it shows; `None` if nothing that is known.
    pub shown: Option<Shown>,
    /// The text of the dialog that it shows, without blanks.
    pub dialog: Option<Arc<str>>,
    /// Whether the beginning of the dialog is above the screen.
    pub is_dialog_cut: bool,
    /// A hash of all that stands on it.
    pub print: u64,
    /// Whether another program than the session draws there, or has.
    pub is_of_another: bool,
    /// Whether the cursor is shown, so that the session cannot have drawn anything yet.
    pub has_cursor: bool,
}

impl Look {
    /// What a screen shows.
    pub fn at(screen: &Screen) -> Look {
        let shown = shown(screen);
        let is_dialog = matches!(shown, Some(Shown::Asks(_)));
        let dialog = is_dialog.then(|| dialog_text(screen));
        let is_dialog_cut = dialog.as_ref().is_some_and(|(_, is_whole)| !is_whole);
        let dialog = dialog.map(|(text, _)| text.into());
        Look { shown, dialog, is_dialog_cut, print: print(screen), ..Look::default() }
    }

    /// A screen on which another program draws; `has_cursor`: with the cursor.
    pub fn at_another(screen: &Screen, has_cursor: bool) -> Look {
        Look { print: print(screen), is_of_another: true, has_cursor, ..Look::default() }
    }

    /// Whether both have found the same, as far as it matters.
    fn is_like(&self, other: &Look) -> bool {
        self.shown == other.shown && self.dialog == other.dialog
    }
}

fn print(screen: &Screen) -> u64 {
    let mut hasher = DefaultHasher::new();
    screen.texts().hash(&mut hasher);
    hasher.finish()
}

/// The text below the last rule that has a dialog below it, or the top of the last box (1.0.128): a rule
/// with a few rows below it is between options. And whether there is one: the dialog may be taller than the
/// screen.
fn dialog_text(screen: &Screen) -> (String, bool) {
    let texts = screen.texts();
    let is_top = |(at, row): &(usize, &String)| {
        let begins = is_rule(row) || row.starts_with("╭─");
        begins && texts.len() - at > MIN_DIALOG_ROWS
    };
    let top = texts.iter().enumerate().rev().find(is_top).map(|(at, _)| at + 1);
    let rows = texts[top.unwrap_or(0)..].iter().filter(|row| !is_rule(row));
    (rows.map(|row| without_frame(row)).collect(), top.is_some())
}

/// A text without blanks, and without what may be the frame of a dialog or of a command in it.
fn without_frame(text: &str) -> String {
    squeezed(&text.replace('│', " "))
}

/// What the last look at a screen found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenScreen {
    /// What it showed when it was last read; nothing if it never could be.
    pub look: Look,
    /// The screen was not read before this time.
    pub at: Timestamp,
    /// When it was last tried; later than `at` if it could not be read.
    pub tried: Timestamp,
    /// Whether it can be read.
    pub is_readable: bool,
    /// Since when each look has found the same.
    pub since: Timestamp,
    /// Since when nothing has moved on it.
    pub still_since: Timestamp,
    /// Whether it has shown a free prompt or work: the start is over.
    pub has_begun: bool,
}

impl SeenScreen {
    /// After a look that was begun at `at`; `read` is `None` if the screen could not be read. A terminal
    /// that is slow once does not take back what was seen just before.
    pub fn after(before: Option<&SeenScreen>, read: Option<Look>, at: Timestamp) -> SeenScreen {
        if let (None, Some(before)) = (&read, before) {
            return SeenScreen { tried: at, is_readable: false, ..before.clone() };
        }
        let is_readable = read.is_some();
        let look = read.unwrap_or_default();
        let same = before.filter(|it| it.look.is_like(&look));
        let still = before.filter(|it| it.look.print == look.print);
        let begins = matches!(look.shown, Some(Shown::Prompt | Shown::Work));
        SeenScreen {
            is_readable,
            at,
            tried: at,
            since: same.map_or(at, |it| it.since),
            still_since: still.map_or(at, |it| it.still_since),
            has_begun: begins || before.is_some_and(|it| it.has_begun),
            look,
        }
    }

    /// The host that a command in Claude Code's sandbox wants to reach, if the dialog on the screen asks for
    /// that.
    pub fn network_request(&self) -> Option<&str> {
        let dialog = self.look.dialog.as_deref()?;
        let body = NETWORK_TITLES.iter().find_map(|title| dialog.strip_prefix(title))?;
        let (_, host) = body.split_once("Host:")?;
        host.split('╌').next()?.split("Doyouwant").next()
    }

    /// Whether the dialog on the screen asks whether the message of another session may come in; none if it
    /// shows no dialog, or not how it begins.
    pub fn holds_message(&self) -> Option<bool> {
        let dialog = self.look.dialog.as_deref().filter(|_| !self.look.is_dialog_cut)?;
        Some(dialog.starts_with(squeezed(HELD_MESSAGE).as_str()))
    }

    /// Whether the dialog on the screen shows these words; none if that cannot be told.
    pub fn shows(&self, words: &str) -> Option<bool> {
        let words = without_frame(words.trim_end_matches('…'));
        let words: String = words.chars().take(MAX_WORDS).collect();
        let dialog = self.look.dialog.as_ref()?;
        match dialog.contains(&words) {
            _ if words.chars().count() < MIN_WORDS => None,
            false if self.look.is_dialog_cut => None,
            is_shown => Some(is_shown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::time;

    #[test]
    fn the_same_keeps_its_time_and_a_start_is_over_once() {
        let look = |before, shown, at| {
            SeenScreen::after(before, Some(Look { shown, ..Look::default() }), time(at))
        };
        let menu = look(None, Some(Shown::Menu), 100);
        let again = look(Some(&menu), Some(Shown::Menu), 300);
        assert_eq!((again.since, again.at, again.has_begun), (time(100), time(300), false));
        let prompt = look(Some(&again), Some(Shown::Prompt), 500);
        assert_eq!((prompt.since, prompt.has_begun), (time(500), true));
        let unread = SeenScreen::after(Some(&prompt), None, time(700));
        assert_eq!((unread.is_readable, unread.at, unread.tried), (false, time(500), time(700)));
        assert_eq!((unread.look.shown, unread.has_begun), (Some(Shown::Prompt), true));
        let again = look(Some(&unread), Some(Shown::Prompt), 800);
        assert_eq!((again.is_readable, again.since, again.tried), (true, time(500), time(800)));
        assert_eq!(look(Some(&unread), None, 900).since, time(900), "it can be read again");
    }

    #[test]
    fn a_command_in_the_sandbox_asks_for_a_host() {
        let seen =
            |text: &str| SeenScreen::after(None, Some(Look::at(&Screen::parse(text))), time(0));
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/claude/shown");
        for version in ["2.1.75", "2.1.119", "2.1.220", "2.1.332"] {
            let path = format!("{folder}/{version}/permission-network.txt");
            let seen = seen(&std::fs::read_to_string(path).unwrap());
            assert_eq!(seen.network_request(), Some("pages.example"), "{version}");
        }
        let path = format!("{folder}/2.1.332/permission-1.txt");
        assert_eq!(seen(&std::fs::read_to_string(path).unwrap()).network_request(), None);
    }

    #[test]
    fn a_message_of_another_session_is_held() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/claude/shown/2.1.332");
        let seen = |name: &str| {
            let text = std::fs::read_to_string(format!("{folder}/{name}.txt")).unwrap();
            SeenScreen::after(None, Some(Look::at(&Screen::parse(&text))), time(0))
        };
        assert_eq!(seen("permission-message").holds_message(), Some(true));
        assert_eq!(seen("permission-1").holds_message(), Some(false));
        assert_eq!(seen("work-1").holds_message(), None);
    }

    #[test]
    fn the_words_of_a_call_stand_in_its_dialog() {
        let rule = "─".repeat(40);
        let screen = format!(
            "● print 1 is what it said, and long\n{rule}\n Bash command\n\n   perl -e 'print\n   2'\n   Run it\n\n \
             Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel\n"
        );
        let seen = SeenScreen::after(None, Some(Look::at(&Screen::parse(&screen))), time(0));
        assert_eq!(seen.shows("perl -e 'print 2'"), Some(true));
        assert_eq!(seen.shows("perl -e 'print …"), Some(true));
        assert_eq!(seen.shows("perl │ -e 'print"), Some(true), "it is taken for a frame");
        assert_eq!(seen.shows("print 1 is what it said"), Some(false), "that is above");
        assert_eq!(seen.shows("ls"), None, "it may stand anywhere");
        // Of a dialog that is taller than the screen the end is there.
        let (_, end) = screen.split_once("perl").unwrap();
        let cut = SeenScreen::after(None, Some(Look::at(&Screen::parse(end))), time(0));
        assert_eq!(cut.shows("perl -e 'print 2'"), None);
        assert_eq!((cut.shows("-e 'print 2'"), cut.holds_message()), (Some(true), None));
    }

    #[test]
    fn each_version_begins_its_dialogs_with_a_rule_or_a_box() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/claude/shown");
        for version in ["1.0.128", "2.0.77", "2.1.75", "2.1.119", "2.1.220", "2.1.332"] {
            let text = std::fs::read_to_string(format!("{folder}/{version}/permission-1.txt"));
            let look = Look::at(&Screen::parse(&text.unwrap()));
            assert!(!look.is_dialog_cut, "{version}");
            assert!(look.dialog.unwrap().starts_with("Bashcommand"), "{version}");
        }
    }
}
