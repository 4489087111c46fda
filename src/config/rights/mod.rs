//! What others than the user may do. This file has `[mcp]`: the sessions that use `vmux mcp`. Pure.
//!
//! | file | job |
//! |---|---|
//! | [`send`] | who may have keys pressed in a session's terminal |
//! | [`web`] | where `vmux web` listens, and what a browser may do |

pub mod send;
pub mod web;

use super::Config;
use crate::config::section::Section;
use crate::config::value;
use send::Door;

/// Something that acts on another session, or on the user's screen. Nothing of it is allowed unless the
/// configuration says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Answer what another session asks.
    Answer,
    /// Give a session a label.
    Label,
    /// Bring the user to a session.
    Switch,
    /// Start a session.
    New,
    /// Send a message to a session. `[send]` says who may, not `[mcp]`.
    Send,
}

impl Right {
    /// Those that `[mcp]` may name, by their words.
    pub const NAMES: &[(&str, Right)] = &[
        ("answer", Right::Answer),
        ("label", Right::Label),
        ("switch", Right::Switch),
        ("new", Right::New),
    ];

    /// What in the configuration allows it: `allow = ["answer"] in [mcp]`.
    pub fn setting(self) -> String {
        match Right::NAMES.iter().find(|(_, it)| *it == self) {
            Some((word, _)) => format!("allow = [\"{word}\"] in [mcp]"),
            None => format!("allow = [\"{}\"] in [send]", Door::Mcp.word()),
        }
    }
}

impl Config {
    /// What sessions may do through `vmux mcp`, each right once.
    pub fn rights_of_sessions(&self) -> Vec<Right> {
        let sends = self.send.allow.contains(&Door::Mcp).then_some(Right::Send);
        let mut rights: Vec<Right> = self.mcp.allow.iter().copied().chain(sends).collect();
        rights.sort_unstable();
        rights.dedup();
        rights
    }
}

/// `[mcp]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct McpConfig {
    /// What is allowed beyond reading.
    pub allow: Vec<Right>,
}

/// Reads `[mcp]`.
pub(in crate::config) fn mcp(section: Section) -> McpConfig {
    let config = McpConfig { allow: allow(&section, Right::NAMES) };
    section.finish();
    config
}

/// The key `allow`: any of these rights.
fn allow<T: Copy>(section: &Section, rights: &[(&str, T)]) -> Vec<T> {
    let names: Vec<String> = rights.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let allowed = format!("an array of {}", names.join(", "));
    section.get("allow", &allowed, |it| value::some_of(it, rights)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Right;
    use crate::config::Config;

    #[test]
    fn nothing_is_allowed_that_is_not_named() {
        let allow = |text: &str| Config::parse(text, None).map(|(config, _)| config.mcp.allow);
        assert_eq!(allow(""), Ok(vec![]));
        assert_eq!(allow("[mcp]\n"), Ok(vec![]));
        let two = allow("[mcp]\nallow = [\"answer\", \"label\"]\n");
        assert_eq!(two, Ok(vec![Right::Answer, Right::Label]));
        let text = "[mcp]\nallow = [\"new\", \"new\"]\n[send]\nallow = [\"user\", \"mcp\"]\n";
        let (config, _) = Config::parse(text, None).unwrap();
        assert_eq!(config.rights_of_sessions(), [Right::New, Right::Send]);
        let settings = [Right::New, Right::Send].map(Right::setting);
        assert_eq!(settings, ["allow = [\"new\"] in [mcp]", "allow = [\"mcp\"] in [send]"]);
        for wrong in ["[\"everything\"]", "\"answer\"", "true", "[1]"] {
            let error = allow(&format!("\n[mcp]\nallow = {wrong}\n")).unwrap_err();
            let fault = error.faults[0].to_string();
            let expected =
                "line 3: mcp.allow: must be an array of \"answer\", \"label\", \"switch\", \"new\"";
            assert!(fault.starts_with(expected), "{fault}");
        }
    }
}
