//! Names for new sessions: what can be one, and which session has it already. Pure.

use super::{Fields, Fit, Query};
use crate::session::info::SessionInfo;

/// How many characters a name has.
pub const LENGTH: std::ops::RangeInclusive<usize> = 3..=40;

/// Words that commands take for something else than a name, or that would be misread as such.
const RESERVED: &[&str] = &[
    "all",
    "allow",
    "always",
    "any",
    "back",
    "check",
    "deny",
    "ended",
    "gone",
    "help",
    "idle",
    "new",
    "next",
    "none",
    "null",
    "previous",
    "unknown",
    "waiting",
    "working",
    "needs_input",
    "needs-input",
    "finished",
];

/// Why a word cannot be the name of a new session, as a clause for the user.
///
/// A name consists of 3 to 40 letters, digits, `-`, `_` and `.` of ASCII, so that it is a word in every
/// shell, in tmux, as a branch of git and in a query. It begins with a letter or a digit (no option, no
/// hidden file), it is no number (that is a pid, or a place in the list), and it has no `..` and no dot
/// at its end, which git does not take.
pub fn check(name: &str) -> Result<(), String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !LENGTH.contains(&name.chars().count()) || !name.chars().all(is_allowed) {
        return Err(format!(
            "a name has {} to {} characters: letters, digits, -, _ and .",
            LENGTH.start(),
            LENGTH.end()
        ));
    }
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err("a name begins with a letter or a digit".to_owned());
    }
    if name.chars().all(|c| c.is_ascii_digit()) {
        return Err("a number means a process, or a place in the list".to_owned());
    }
    if name.contains("..") || name.ends_with('.') || name.to_lowercase().ends_with(".lock") {
        return Err("a name has no two dots in a row, no dot and no .lock at its end".to_owned());
    }
    if RESERVED.contains(&name.to_lowercase().as_str()) {
        return Err(format!("\"{name}\" means something else to vmux"));
    }
    Ok(())
}

/// The session of this machine that has this name already, as its label or as its own name. Case does not
/// matter, as in queries.
pub fn holder<'a>(
    name: &str,
    sessions: impl Iterator<Item = &'a SessionInfo>,
) -> Option<&'a SessionInfo> {
    let is_it = |it: &&SessionInfo| {
        let named = it.label.as_deref().or(it.details.name.as_deref());
        it.host.is_none() && named.is_some_and(|named| named.eq_ignore_ascii_case(name))
    };
    sessions.filter(is_it).min_by_key(|it| it.key())
}

/// A name made of the last part of a directory: `My App!` → `My-App`. None if too little is left of it.
pub fn from_directory(last_part: &str) -> Option<String> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '.' { c } else { '-' };
    let text: String = last_part.chars().map(plain).collect();
    let mut words = text.split('-').filter(|it| !it.is_empty()).collect::<Vec<_>>().join("-");
    words.truncate(LENGTH.end() - 4);
    let name = words.trim_matches(['.', '-', '_']);
    check(name).is_ok().then(|| name.to_owned())
}

/// Whether `query` is the whole label, session id or pid of this session, or the whole `title` under which
/// lists show it. For what is done unasked: a part of a name may fit another session once the one that was
/// meant is gone.
pub fn is_whole(query: &str, title: &str, session: &SessionInfo) -> bool {
    let phrase = Query::new(query).phrase;
    let is_title = !phrase.is_empty() && phrase == Query::new(title).phrase;
    is_title || Fields::of(session).fit(&phrase) == Some(Fit::Itself)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;

    #[test]
    fn a_name_is_a_word_everywhere() {
        for name in ["web", "fix-1204", "a_b.c", "7b1", &"x".repeat(40)] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        let long = "x".repeat(41);
        for name in [
            "", "ab", &long, "a b c", "a/b/c", "a:b", "été", "-abc", ".abc", "_abc", "4711",
            "a..b", "abc.", "abc.lock", "ALL", "next", "a\nbc", "$(x)", "a;b", "#{x}",
        ] {
            assert!(check(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_label_hides_the_name_and_another_host_is_no_obstacle() {
        let mut sessions = [sample(1, StateName::Idle, 1), sample(2, StateName::Idle, 1)];
        sessions[0].label = Some("Web".into());
        sessions[0].details.name = Some("docs".into());
        sessions[1].details.name = Some("web".into());
        let pid =
            |name: &str, sessions: &[SessionInfo]| holder(name, sessions.iter()).map(|it| it.pid);
        assert_eq!(pid("web", &sessions), Some(1));
        assert_eq!(pid("docs", &sessions), None);
        sessions[0].host = crate::session::key::HostName::new("gpu").ok();
        assert_eq!(pid("WEB", &sessions), Some(2));
    }

    #[test]
    fn a_part_of_a_name_is_not_whole() {
        let mut session = sample(4711, StateName::Idle, 1);
        session.label = Some("Web-2".into());
        session.session_id = Some("0a1b2c3d-0000".into());
        for query in ["web-2", " WEB-2 ", "4711", "0a1b2c3d-0000"] {
            assert!(is_whole(query, "Web-2", &session), "{query}");
        }
        for query in ["", " ", "web", "2", "w2", "471", "0a1b2c3d", &session.cwd] {
            assert!(!is_whole(query, "Web-2", &session), "{query}");
        }
        // Without a label it is the title that lists show.
        session.label = None;
        assert!(is_whole("api", "api", &session) && !is_whole("", "", &session));
    }

    #[test]
    fn a_directory_gives_a_name_if_enough_of_it_is_left() {
        let of = |text| from_directory(text);
        assert_eq!(of("my app (old)").as_deref(), Some("my-app-old"));
        assert_eq!(of(".config").as_deref(), Some("config"));
        let long = "y".repeat(80);
        assert_eq!(of(&long).map(|it| it.len()), Some(36));
        for text in ["", "/", "ab", "été", "4711", "all"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
