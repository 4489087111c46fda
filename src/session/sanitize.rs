//! Cleaning text that is not trusted: transcripts, titles, labels, paths.

/// One line of at most `limit` characters without anything that controls a terminal or a bar.
///
/// Control characters and line breaks become single spaces; bidirectional formatting, zero-width
/// and other invisible format characters, and private-use and non-characters vanish; runs of white
/// space become one space. A text that had to be cut ends in `…`.
pub fn clean(text: &str, limit: usize) -> String {
    match text.as_bytes().get(..=limit) {
        None if is_clean(text.as_bytes()) => return text.to_owned(),
        Some(start) if is_clean(start) => {
            return format!("{}…", &text[..limit.saturating_sub(1)]);
        }
        _ => {}
    }
    let mut out = String::new();
    let mut length = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = true;
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        if gap && length > 0 {
            out.push(' ');
            length += 1;
        }
        gap = false;
        if length >= limit {
            while length >= limit.max(1) {
                out.pop();
                length -= 1;
            }
            out.push('…');
            return out;
        }
        out.push(c);
        length += 1;
    }
    out
}

/// How long a text is at least that [`clean`] has cut, in [`after_cleaned`], in characters.
const MIN_CUT: usize = 80;

/// What follows in `text` after the beginning that was cleaned to `cleaned`; nothing if that was cut.
/// `None` if the text begins otherwise.
pub fn after_cleaned<'a>(text: &'a str, cleaned: &str) -> Option<&'a str> {
    let start = cleaned.strip_suffix('…').filter(|start| start.chars().count() >= MIN_CUT);
    let is_gap = |c: char| c.is_whitespace() || c.is_control();
    let mut rest = text;
    for expected in start.unwrap_or(cleaned).chars() {
        rest = rest.trim_start_matches(is_invisible);
        let next = rest.chars().next()?;
        if expected == ' ' && is_gap(next) {
            rest = rest.trim_start_matches(is_gap);
        } else if next == expected {
            rest = &rest[next.len_utf8()..];
        } else {
            return None;
        }
    }
    Some(if start.is_some() { "" } else { rest })
}

/// Whether a text is printable ASCII with single spaces, so that nothing is to be removed or folded.
/// Nearly every text is, and most have been cleaned before.
fn is_clean(text: &[u8]) -> bool {
    let mut gap = true;
    for &byte in text {
        if !matches!(byte, b' '..=b'~') || (gap && byte == b' ') {
            return false;
        }
        gap = byte == b' ';
    }
    !gap || text.is_empty()
}

/// The same text with `\u{fffd}` in place of everything that controls a terminal or a bar. For paths,
/// in which nothing else may change.
pub fn harmless(text: &str) -> String {
    let harmless =
        |c: char| if c.is_control() || is_line_end(c) || is_invisible(c) { '\u{fffd}' } else { c };
    text.chars().map(harmless).collect()
}

/// The same text with `\u{1b}` in place of everything that controls a terminal or a bar, so that it
/// shows what is there. Line breaks and tabs stay. For what a user is to judge before allowing it.
pub fn spelled_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let is_kept = matches!(c, '\n' | '\t');
        match !is_kept && (c.is_control() || is_line_end(c) || is_invisible(c)) {
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
    out
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Characters that change how others are shown, or that are invisible.
///
/// The bidirectional controls of Unicode Annex 9, zero-width characters, variation tags, interlinear
/// annotations, private use and non-characters. U+200D and U+FE0F stay: emoji need them.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}' | '\u{E000}'..='\u{F8FF}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Skips an operating system command of a terminal (a link, a title) from behind its `ESC ]`, up to BEL
/// or ST, or all that is left.
pub fn skip_command(characters: &mut std::str::Chars) {
    let mut before = None;
    let _ = characters.find(|it| {
        let is_end = *it == '\u{7}' || (before == Some('\u{1b}') && *it == '\\');
        before = Some(*it);
        is_end
    });
}

#[cfg(test)]
mod tests {
    use super::{after_cleaned, clean, harmless, spelled_out};

    #[test]
    fn what_follows_a_cleaned_beginning() {
        for text in ["Fix  it", "Fix\u{a0}it", "Fi\u{200b}x \n it"] {
            let whole = format!("{text} - all");
            assert_eq!(after_cleaned(&whole, &clean(text, 40)), Some(" - all"), "{text}");
        }
        assert_eq!(
            (after_cleaned("Fixit", "Fix it"), after_cleaned("Fix", "Fix it")),
            (None, None)
        );
        let long = "Fix it and ".repeat(20);
        assert_eq!(after_cleaned(&long, &clean(&long, 120)), Some(""));
        assert_eq!(after_cleaned("Fix it", "Fix…"), None, "a text may end so");
    }

    #[test]
    fn what_cannot_be_seen_is_spelled_out() {
        assert_eq!(spelled_out("a\tb\nc é"), "a\tb\nc é");
        assert_eq!(
            spelled_out("rm\u{1b}[1A\r\u{202e}x\u{2028}"),
            r"rm\u{1b}[1A\u{d}\u{202e}x\u{2028}"
        );
        let once = spelled_out("\u{7}");
        assert_eq!(spelled_out(&once), once);
    }

    #[test]
    fn a_path_stays_a_path() {
        assert_eq!(harmless("/a  b/ü\u{200d}"), "/a  b/ü\u{200d}");
        assert_eq!(
            harmless("/a\n\u{1b}[31m\u{202e}\u{2028}"),
            "/a\u{fffd}\u{fffd}[31m\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn keeps_plain_text() {
        assert_eq!(clean("fix the bug", 80), "fix the bug");
    }

    #[test]
    fn strips_escapes_and_bidi() {
        assert_eq!(clean("a\u{1b}[31mred\u{202e}evil\u{2066}\u{7}b", 80), "a [31mredevil b");
        assert_eq!(clean("\u{9b}31m", 80), "31m");
    }

    #[test]
    fn folds_white_space_and_line_breaks() {
        assert_eq!(clean("  one\n\n two\tthree \u{2028}four ", 80), "one two three four");
    }

    #[test]
    fn cuts_at_the_limit_with_an_ellipsis() {
        assert_eq!(clean("abcdef", 6), "abcdef");
        assert_eq!(clean("abcdefg", 6), "abcde…");
        assert_eq!(clean("日本語日本語", 4), "日本語…");
        assert_eq!(clean("abc def", 4), "abc…");
        assert_eq!(clean("abc def", 5), "abc …");
        assert_eq!(clean("abc  ", 3), "abc");
        assert_eq!(["", "a", "é"].map(|text| clean(text, 0)), ["", "…", "…"]);
    }
}
