//! What can be read as `vmux://…`: the sessions, each one of them, and the servers.

use crate::tools::{Call, Outcome, servers, sessions};
use crate::view::MAX_TITLE;
use rmcp::model::Resource;
use vmux::session::info::SessionInfo;
use vmux::session::query::filter::Filter;
use vmux::session::query::order::{self, Order};
use vmux::session::sanitize::clean;
use vmux::session::title::title;

const SESSIONS: &str = "vmux://sessions";
const SERVERS: &str = "vmux://servers";
const SESSION: &str = "vmux://session/";

/// How many sessions are offered by name, and how many stand in `vmux://sessions`.
const MAX_SESSIONS: usize = 50;

const JSON: &str = "application/json";

/// What is offered: both lists, then a session each, the most urgent first. There is no template for
/// sessions: Claude Code 2.1.332 offers one, but attaches nothing that is made from it, without a word
/// (`findings/claude-template-resource-is-not-attached.sh`).
pub fn list(sessions: &[SessionInfo]) -> Vec<Resource> {
    let lists = [
        (SESSIONS, "sessions", "The Claude Code sessions of this user"),
        (SERVERS, "servers", "The dev servers that sessions run"),
    ];
    let lists = lists.into_iter().map(|(uri, name, description)| {
        Resource::new(uri, name).with_description(description).with_mime_type(JSON)
    });
    let each = order::sorted(sessions, Order::Longest).into_iter().take(MAX_SESSIONS).map(|it| {
        Resource::new(format!("{SESSION}{}", it.key()), title(it, MAX_TITLE))
            .with_description(format!("Claude Code session in {}", clean(&it.cwd, 100)))
            .with_mime_type(JSON)
    });
    lists.chain(each).collect()
}

/// What is at `uri`; `None` if there is nothing of that name.
pub fn read(call: &Call, uri: &str) -> Option<Outcome> {
    match uri {
        SESSIONS => Some(call.endpoint.sessions().map_err(Into::into).map(|sessions| {
            let own = call.caller.own(&sessions);
            sessions::listing(&sessions, &Filter::default(), MAX_SESSIONS, own)
        })),
        SERVERS => Some(servers::listing(call, None)),
        _ => {
            let words = uri.strip_prefix(SESSION).filter(|it| !it.is_empty())?;
            Some(sessions::session(call, &decoded(words)))
        }
    }
}

/// Text with its `%20` resolved (RFC 3986, 2.1). What is no such sequence stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits =
            after.get(..2).filter(|it| first == b'%' && it.iter().all(u8::is_ascii_hexdigit));
        let code = digits.and_then(|it| u8::from_str_radix(str::from_utf8(it).ok()?, 16).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn words_in_a_uri_may_be_encoded() {
        for (text, is) in [
            ("4711:86301", "4711:86301"),
            ("my%20api", "my api"),
            ("%c3%A9%", "é%"),
            ("%zz%4", "%zz%4"),
        ] {
            assert_eq!(decoded(text), is);
        }
    }
}
