//! `[answer]` and `[send]`: whether vmux may press keys in a session's terminal, and for whom. Pure.

use crate::config::section::Section;
use crate::config::value;

/// `[answer]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerConfig {
    /// Whether a prompt that no hook waits for may be answered by a key in its terminal.
    pub keys: bool,
}

/// `[send]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SendConfig {
    /// Who may send texts to sessions; empty: no one.
    pub allow: Vec<Door>,
}

/// Where a request comes from that needs a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// The user, with `vmux` or another program on the socket.
    User,
    /// Sessions, through an MCP server of vmux.
    Mcp,
    /// A page of vmux.
    Web,
    /// Other machines, through `vmux relay`.
    Hosts,
}

impl Door {
    /// The words in the configuration.
    pub const WORDS: &'static [(&'static str, Door)] =
        &[("user", Door::User), ("mcp", Door::Mcp), ("web", Door::Web), ("hosts", Door::Hosts)];

    /// The door that a request names with its first word; more may say who it was. What names none of
    /// those with rights of their own is the user's.
    pub fn named(words: Option<&str>) -> Door {
        let word = words.and_then(|it| it.split_whitespace().next());
        let named = Door::WORDS.iter().find(|(it, _)| Some(*it) == word);
        named.map_or(Door::User, |it| it.1)
    }

    /// Its word in the configuration.
    pub fn word(self) -> &'static str {
        Door::WORDS.iter().find(|it| it.1 == self).map_or("user", |it| it.0)
    }
}

/// Reads `[answer]`.
pub fn answer(section: Section) -> AnswerConfig {
    let answer = AnswerConfig {
        keys: section.get("keys", "true or false", value::boolean).unwrap_or_default(),
    };
    section.finish();
    answer
}

/// Reads `[send]`.
pub fn send(section: Section) -> SendConfig {
    let allowed = "an array of \"user\", \"mcp\", \"web\" and \"hosts\"";
    let allow = section.get("allow", allowed, |it| value::some_of(it, Door::WORDS));
    section.finish();
    SendConfig { allow: allow.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::Door;

    #[test]
    fn a_door_may_say_who_came_through_it() {
        let named = |words| Door::named(Some(words));
        assert_eq!([named("mcp"), named("mcp 1f09c2d4"), named(" mcp x")], [Door::Mcp; 3]);
        assert_eq!(
            [named("vmux send"), named("mcpx"), named(""), Door::named(None)],
            [Door::User; 4]
        );
    }
}
