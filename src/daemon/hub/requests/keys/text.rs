//! Whether a text may be sent to a session. Pure.

use crate::config::rights::send::Door;
use crate::session::info::SessionInfo;
use crate::session::sanitize::is_invisible;
use crate::session::state::StateName;
use unicode_width::UnicodeWidthChar;

/// The longest text, in bytes: a request has to hold it.
const MAX_TEXT: usize = 50_000;

/// The text as it is typed; what is wrong with it, as a clause, and what to do.
pub fn check_text(text: &str, door: Door) -> Result<&str, (String, &'static str)> {
    // The end of a bracketed paste, for one, is a control sequence: what follows it would be keys.
    let is_harmful = |it: char| it.is_control() && !matches!(it, '\n' | '\t');
    let text = text.trim_end();
    let is_seen = |it: char| !it.is_whitespace() && !is_invisible(it) && it.width() != Some(0);
    if !text.contains(is_seen) {
        return Err(("there is no text to send".to_owned(), "say what to send, or - for stdin"));
    }
    if text.len() > MAX_TEXT {
        let why = format!("a text has at most {MAX_TEXT} bytes");
        return Err((why, "write it into a file, and send the name of the file"));
    }
    if text.contains(is_harmful) {
        let why = "the text has control characters".to_owned();
        return Err((why, "line breaks and tabs are the only ones that may be sent"));
    }
    // 2.1.332 takes them out, shows what is left, and waits for another Enter.
    if let Some(mark) = text.chars().find(|it| is_direction(*it)) {
        let why =
            format!("the text has characters that cannot be seen, such as U+{:04X}", mark as u32);
        return Err((why, "leave the marks of direction out: Claude Code does not take them"));
    }
    // It could not be told from a dialog on the screen.
    let is_of_dialog = |it: &str| {
        let it = it.trim();
        it == "1. Yes" || it.starts_with("Enter to select") || it.starts_with("Esc to cancel")
    };
    if text.lines().any(is_of_dialog) {
        let why = "a line of the text looks like one of a dialog".to_owned();
        return Err((why, "put other words before it"));
    }
    // Those run at once, without a permission.
    if door != Door::User && text.starts_with(['/', '!', '#']) {
        let why = "a text that begins with /, ! or # is a command of Claude Code".to_owned();
        return Err((why, "only the user may send one"));
    }
    Ok(text)
}

/// Whether a character does nothing but change the direction of others (Unicode Standard Annex 9).
fn is_direction(it: char) -> bool {
    matches!(it, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a session in this state takes a text; why not, and what to do.
pub fn check_state(session: &SessionInfo, queue: bool) -> Result<(), (&'static str, &'static str)> {
    if session.suspended {
        return Err(("it is suspended", "`fg` in its terminal continues it"));
    }
    match session.state {
        StateName::Idle => Ok(()),
        StateName::Working if queue => Ok(()),
        StateName::Working => {
            Err(("it works", "`--queue` has it take the text up when it has time"))
        }
        StateName::NeedsInput => Err(("it waits for an answer", "`vmux pending`, or go there")),
        _ => Err(("it is not known what it does", "`vmux why` tells more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;

    #[test]
    fn a_text_is_no_key() {
        assert_eq!(check_text("one\ntwo\t \n", Door::Mcp), Ok("one\ntwo"));
        let unseen = ["", " \n", "\u{301}\u{302}", "\u{200b} \u{200d}"];
        let harmful = ["a\u{1b}[201~\r1", "a\rb", "a\u{9b}", "\u{3}", "a\u{202e}b", "a\u{200f}"];
        for wrong in unseen.into_iter().chain(harmful) {
            assert!(check_text(wrong, Door::User).is_err(), "{wrong:?}");
        }
        for text in ["שלום", "می\u{200c}خواهم", "e\u{301}", "👨\u{200d}👩"] {
            assert_eq!(check_text(text, Door::Mcp), Ok(text));
        }
        assert!(check_text(&"x".repeat(MAX_TEXT + 1), Door::User).is_err());
        assert!(check_text("so:\n  1. Yes", Door::User).is_err());
        assert_eq!(check_text("/compact", Door::User), Ok("/compact"));
        for command in ["/compact", "!ls", "# remember"] {
            assert!(check_text(command, Door::Hosts).is_err());
        }
    }

    #[test]
    fn only_a_free_session_takes_one() {
        let mut session = sample(1, StateName::Idle, 1);
        assert_eq!(check_state(&session, false), Ok(()));
        session.state = StateName::Working;
        assert!(check_state(&session, false).is_err());
        assert_eq!(check_state(&session, true), Ok(()));
        for state in [StateName::NeedsInput, StateName::Unknown] {
            session.state = state;
            assert!(check_state(&session, true).is_err());
        }
        session.state = StateName::Idle;
        session.suspended = true;
        assert!(check_state(&session, true).is_err());
    }
}
