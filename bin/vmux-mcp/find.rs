//! The session that a tool call means: by the words of a query, or the caller's own.

use crate::caller::Caller;
use crate::failure::Failure;
use vmux::session::info::SessionInfo;
use vmux::session::query::{self, Found};
use vmux::session::sanitize::clean;
use vmux::session::title::title;

/// What a call writes to mean its own session.
pub const OWN: &str = "self";

/// The longest words that are looked for, in characters. What they might mean takes time that grows
/// with the square of it.
const MAX_WORDS: usize = 200;

/// How many candidates an error names.
const MAX_CANDIDATES: usize = 5;

/// The one session that `words` mean. Several are an error, so that nothing is done to a wrong one.
pub fn session<'a>(
    words: &str,
    caller: &Caller,
    sessions: &'a [SessionInfo],
) -> Result<&'a SessionInfo, Failure> {
    if words == OWN {
        return caller.own(sessions).ok_or_else(|| {
            Failure::new("vmux does not see the session that calls")
                .hint("is it of another user or in a container? name a session by its words")
        });
    }
    let quoted = clean(words, 80);
    if words.chars().count() > MAX_WORDS {
        return Err(Failure::new(format!("no session matches \"{quoted}\""))
            .hint(format!("words that mean a session have at most {MAX_WORDS} characters")));
    }
    let named = |indices: &[usize]| {
        let named = indices.iter().filter_map(|&index| sessions.get(index)).take(MAX_CANDIDATES);
        named.map(|it| format!("{} ({})", it.key(), title(it, 40))).collect::<Vec<_>>().join(", ")
    };
    match query::find(words, sessions) {
        Found::One(index) => sessions.get(index).ok_or_else(|| Failure::new("no such session")),
        Found::Several(found) => {
            let more = found.len().saturating_sub(MAX_CANDIDATES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            Err(Failure::new(format!("\"{quoted}\" means {} sessions", found.len()))
                .hint(format!("name one of them: {}{more}", named(&found))))
        }
        Found::None { closest, unknown_host } => {
            let failure = Failure::new(query::no_match(&quoted, unknown_host));
            Err(match closest.is_empty() {
                true => failure.hint("list_sessions lists them"),
                false => failure.hint(format!("was one of these meant? {}", named(&closest))),
            })
        }
    }
}
