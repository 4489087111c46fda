//! What the title of a window says of the session in it. Pure.
//!
//! A title counts only if it is Claude's own: any program can have a title that equals a session's
//! name. Claude Code puts a glyph before it, `✳ Fix the build`, and terminals and multiplexers may
//! put words around that: `Tilix: ✳ Fix the build`, `work:1:claude - "✳ Fix the build"`.

pub mod in_multiplexers;

use super::snapshot::{MissingFact, Snapshot};
use crate::session::sanitize::after_cleaned;
use in_multiplexers::{is_below, titled_below};

/// Set to something, it keeps Claude Code from setting titles.
const TITLES_OFF: &str = "CLAUDE_CODE_DISABLE_TERMINAL_TITLE";

/// The title of a session that has no name yet.
const DEFAULT_TITLE: &str = "Claude Code";

/// What the window of a terminal is called while a process in it is in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedTitle<'a> {
    /// It contains Claude's title of this session.
    Session(&'a str),
    /// It contains exactly this, which a multiplexer sets; it contains a title of Claude's.
    Exact(&'a str),
    /// It is not known.
    Unknown,
}

impl<'a> ExpectedTitle<'a> {
    /// Of a session with this title; none if other sessions may have the same one.
    pub fn of_session(title: Option<&'a str>) -> Self {
        match title.map(without_glyph).filter(|title| !title.is_empty()) {
            Some(title) if title != DEFAULT_TITLE => ExpectedTitle::Session(title),
            _ => ExpectedTitle::Unknown,
        }
    }

    /// Of a client of tmux that gives its terminal this title.
    pub fn of_client(title: &'a str) -> Self {
        let exact = is_claudes(title).then(|| title.trim());
        exact.map_or(ExpectedTitle::Unknown, ExpectedTitle::Exact)
    }

    /// Whether a window with this title fits.
    pub fn fits(self, window: &str) -> bool {
        match self {
            ExpectedTitle::Session(title) => shows(window, title),
            ExpectedTitle::Exact(title) => window.contains(title),
            ExpectedTitle::Unknown => false,
        }
    }
}

/// A spinner, or the star that Claude Code shows at rest.
fn is_glyph(c: char) -> bool {
    matches!(c, '\u{2733}' | '\u{25D0}'..='\u{25D3}' | '\u{2800}'..='\u{28FF}')
}

/// What follows each glyph that begins a title of Claude's.
fn claudes_titles(window: &str) -> impl Iterator<Item = &str> {
    let begins = |at: usize| {
        let before = window[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '[' | '('))
    };
    window.char_indices().filter(move |(at, c)| is_glyph(*c) && begins(*at)).filter_map(
        |(at, glyph)| window[at + glyph.len_utf8()..].strip_prefix([' ', '\u{FE0E}', '\u{FE0F}']),
    )
}

/// Whether a window has a title of Claude's.
pub fn is_claudes(window: &str) -> bool {
    claudes_titles(window).next().is_some()
}

/// Whether a window has Claude's title of the session that is called `title`.
pub fn shows(window: &str, title: &str) -> bool {
    let ends = |rest: &str| {
        let rest = rest.trim_end();
        let separators = ["\"", "'", "]", ")", " - ", " — ", " – ", " | ", " ["];
        rest.is_empty() || separators.iter().any(|separator| rest.starts_with(separator))
    };
    claudes_titles(window).any(|shown| after_cleaned(shown.trim_start(), title).is_some_and(ends))
}

/// A title without what Claude Code puts before it.
pub fn without_glyph(title: &str) -> &str {
    title.trim_start_matches(|c| is_glyph(c) || c == ' ').trim()
}

/// What the title of a window says about whether a session is in view in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is.
    Yes,
    /// Another session is.
    Another,
    /// The title says nothing.
    Unknown,
}

/// Whether the title of a window of `owner` says that the session `pid` is in view.
pub fn shown(snapshot: Snapshot, window: &str, owner: u32, pid: u32) -> Result<Shown, MissingFact> {
    if !is_claudes(window) {
        return Ok(Shown::Unknown);
    }
    if names(snapshot, window, pid)? {
        return Ok(Shown::Yes);
    }
    match named_in(snapshot, window).as_slice() {
        [(only, _)] if *only != pid => return Ok(Shown::Another),
        [_, ..] => return Ok(Shown::Unknown),
        [] => {}
    }
    // A session without a name of its own is still the one in view if there is no other.
    let is_default = shows(window, DEFAULT_TITLE);
    match titled_below(snapshot, owner)? {
        (1, 0) if is_default && is_below(snapshot, pid, owner)? => Ok(Shown::Yes),
        _ => Ok(Shown::Unknown),
    }
}

/// Whether a title is that of the session `pid` and of no other, and was not left by one that ended.
pub fn names(snapshot: Snapshot, title: &str, pid: u32) -> Result<bool, MissingFact> {
    match named_in(snapshot, title).as_slice() {
        [(only, name)] if *only == pid => {
            Ok(sets_titles(snapshot, pid)? && !may_be_left(snapshot, name, pid)?)
        }
        _ => Ok(false),
    }
}

/// The sessions whose title a window has, with this title. If one title begins with another, the
/// longer one counts.
fn named_in<'a>(snapshot: Snapshot<'a>, window: &str) -> Vec<(u32, &'a str)> {
    let mut named = Vec::new();
    for (pid, title) in &snapshot.facts.sessions {
        if let ExpectedTitle::Session(title) = ExpectedTitle::of_session(title.as_deref())
            && shows(window, title)
        {
            named.push((*pid, title));
        }
    }
    let longest = named.iter().map(|(_, title)| title.len()).max();
    named.retain(|(_, title)| Some(title.len()) == longest);
    named
}

/// Whether a window has the title of a session that is called `title`, and of no other name.
pub fn is_titled(snapshot: Snapshot, window: &str, title: &str) -> bool {
    shows(window, title) && named_in(snapshot, window).iter().all(|(_, named)| *named == title)
}

/// Whether a terminal may have this title from a session that has ended: not if the session `pid`
/// runs in the only such terminal.
pub fn may_be_left(snapshot: Snapshot, title: &str, pid: u32) -> Result<bool, MissingFact> {
    let Some(terminals) = snapshot.facts.ended_titles.get(title) else { return Ok(false) };
    let own = snapshot.process(pid)?.map_or(0, |process| process.tty);
    Ok(terminals.iter().any(|terminal| *terminal == 0 || *terminal != own))
}

/// Whether a session sets the title of its terminal, as far as its environment tells.
pub fn sets_titles(snapshot: Snapshot, pid: u32) -> Result<bool, MissingFact> {
    Ok(snapshot.var(pid, TITLES_OFF)?.is_none_or(str::is_empty))
}

/// Whether a window has the `title` that its terminal tells. A spinner may have turned meanwhile.
pub fn is_told(title: &str, window: &str) -> bool {
    let title = without_glyph(title);
    // konsole puts its name behind it.
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with(" \u{2014} ");
    !title.is_empty() && without_glyph(window).strip_prefix(title).is_some_and(is_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_claudes_only_with_its_glyph() {
        for title in ["✳ Fix it", "◐ Fix it", "⠂ Fix it", "Tilix: ✳ Fix it", "Terminal - ✳ Fix it"]
        {
            assert!(shows(title, "Fix it") && is_claudes(title), "{title}");
        }
        for title in ["work:1:claude - \"✳ Fix it\" ", "✳ Fix it - Konsole", "[✳ Fix it]"] {
            assert!(shows(title, "Fix it"), "{title}");
        }
        for title in ["Fix it", "✳Fix it", "a✳ Fix it", "vim Fix it", "✳ Fix it again", "✳", ""]
        {
            assert!(!shows(title, "Fix it"), "{title}");
        }
        for title in ["✳ Fix  it ", "✳  Fix\u{a0}it", "✳ Fi\u{200b}x it - Konsole"] {
            assert!(shows(title, "Fix it"), "{title}: what cleaning changes");
        }
        assert!(!shows("✳ Fixit", "Fix it") && !shows("✳ Fix", "Fix it"));
        let long = "Fix it and ".repeat(20);
        let cut = crate::session::sanitize::clean(&long, 120);
        assert!(cut.ends_with('…') && shows(&format!("✳ {long}"), &cut));
        assert!(!shows("✳ Fix it and all", "Fix it…"), "a name may end so");
        assert!(!is_claudes("work") && !is_claudes("✳"));
        assert_eq!(without_glyph("✳ Fix it"), "Fix it");
    }

    #[test]
    fn a_title_of_many_sessions_is_expected_of_none() {
        for title in [None, Some(""), Some("✳ Claude Code"), Some("Claude Code")] {
            assert_eq!(ExpectedTitle::of_session(title), ExpectedTitle::Unknown);
        }
        assert!(ExpectedTitle::of_session(Some("a")).fits("✳ a"));
        assert_eq!(ExpectedTitle::of_client("work"), ExpectedTitle::Unknown);
        assert!(ExpectedTitle::of_client("w:1 \"✳ a\" ").fits("xfce - w:1 \"✳ a\""));
    }
}
