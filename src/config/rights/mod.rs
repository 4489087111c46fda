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
use web::WebRight;

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
    /// Send a message to a session. `"mcp"` in `[send]` means the same.
    Send,
}

impl Right {
    /// Those that `[mcp]` may name, by their words.
    pub const NAMES: &[(&str, Right)] = &[
        ("answer", Right::Answer),
        ("label", Right::Label),
        ("switch", Right::Switch),
        ("new", Right::New),
        ("send", Right::Send),
    ];

    /// What in the configuration allows it: `allow = ["answer"] in [mcp]`.
    pub fn setting(self) -> String {
        let word = Right::NAMES.iter().find(|(_, it)| *it == self).map_or("", |it| it.0);
        format!("allow = [\"{word}\"] in [mcp]")
    }
}

impl Config {
    /// Writes down who may send texts in one place, whichever section says it.
    pub(in crate::config) fn join_doors(&mut self) {
        let mcp = self.mcp.allow.contains(&Right::Send).then_some(Door::Mcp);
        let web = self.web.allow.contains(&WebRight::Send).then_some(Door::Web);
        for door in [mcp, web].into_iter().flatten() {
            if !self.send.allow.contains(&door) {
                self.send.allow.push(door);
            }
        }
    }

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
    use super::send::Door;
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
        assert_eq!(settings, ["allow = [\"new\"] in [mcp]", "allow = [\"send\"] in [mcp]"]);
        let text = "[mcp]\nallow = [\"send\"]\n[web]\nallow = [\"send\"]\n";
        let (config, _) = Config::parse(text, None).unwrap();
        assert_eq!(config.send.allow, [Door::Mcp, Door::Web]);
        assert_eq!(config.rights_of_sessions(), [Right::Send]);
        for wrong in ["[\"everything\"]", "\"answer\"", "true", "[1]"] {
            let error = allow(&format!("\n[mcp]\nallow = {wrong}\n")).unwrap_err();
            let fault = error.faults[0].to_string();
            let expected =
                "line 3: mcp.allow: must be an array of \"answer\", \"label\", \"switch\", \"new\"";
            assert!(fault.starts_with(expected), "{fault}");
        }
    }
}
