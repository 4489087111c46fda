//! Starting a session as its user would by hand: a worktree, tmux or a terminal, Claude Code. Blocking; the
//! environment is that of the caller.
//!
//! | file | job |
//! |---|---|
//! | [`command`] | the command line of Claude Code, and what tmux makes of words; pure |
//! | [`claude`] | which program Claude Code is, and what its version knows |
//! | [`git`] | worktrees: making one, judging whether one can go, removing it |
//! | [`tmux`] | a tmux session of its own |
//! | [`terminal`] | a window of its own |
//! | [`background`] | Claude Code's own background |
//! | [`run`] | runs a program that may hang |
//! | [`process`] | what `/proc` tells of what was started |

pub mod background;
pub mod claude;
pub mod command;
pub mod git;
pub mod process;
pub mod run;
pub mod terminal;
pub mod tmux;

use std::hash::{BuildHasher, RandomState};

/// Why something could not be done: one line each, cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFault {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl StartFault {
    /// Without a hint.
    pub fn new(message: impl Into<String>) -> StartFault {
        StartFault { message: message.into(), hint: None }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> StartFault {
        self.hint = Some(hint.into());
        self
    }
}

/// Variables with which a session marks what it starts. Claude Code behaves otherwise below another one.
pub const OF_A_SESSION: &[&str] = &[
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CODE_CHILD_SESSION",
    "CLAUDE_CODE_SSE_PORT",
    "CLAUDE_PROJECT_DIR",
    "AI_AGENT",
];

/// A new session id: a random UUID (RFC 9562, version 4).
pub fn new_session_id() -> String {
    // The standard library seeds each map with random keys; so this needs no other source.
    let random = |salt: u8| u128::from(RandomState::new().hash_one((std::process::id(), salt)));
    let bits = random(0) << 64 | random(1);
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let (a, rest) = hex.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    format!("{a}-{b}-{c}-{d}-{e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_and_differ() {
        let ids: Vec<String> = (0..100).map(|_| new_session_id()).collect();
        for id in &ids {
            let parts: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(id.as_bytes()[14], b'4');
            assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
        }
        let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }
}
