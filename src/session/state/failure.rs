//! Why a turn ended before its work was done.

use crate::session::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a turn ended before its work was done: a limit, or an error of the API. The prompt is free, but
/// nothing is finished. Texts are clean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A limit or an error.
    pub kind: FailureKind,
    /// What stands in the way, in a few words: `session limit`, `API error 529`.
    pub what: String,
    /// What Claude Code wrote about it, in one short line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// When a limit is lifted, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<Timestamp>,
    /// When a limit is lifted, as Claude Code wrote it: `7pm (Europe/Berlin)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets: Option<String>,
    /// Whether the session goes on by itself once the limit is lifted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
}

/// The kinds of [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// A usage limit was reached; it is lifted in time.
    Limit,
    /// The API refused the request or did not answer; also any word of a newer vmuxd.
    #[serde(other)]
    Error,
}

impl Failure {
    /// Whether it is a usage limit.
    pub fn is_limit(&self) -> bool {
        self.kind == FailureKind::Limit
    }

    /// What a session does that ended so, in a word: `stopped` at a limit, `failed` by an error.
    pub fn word(&self) -> &'static str {
        match self.kind {
            FailureKind::Limit => "stopped",
            FailureKind::Error => "failed",
        }
    }

    /// Why, and until when: `session limit, resets 7pm (Europe/Berlin)`.
    pub fn phrase(&self) -> String {
        let mut phrase = self.what.clone();
        let known = self.resets_at.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string());
        if let Some(resets) = self.resets.clone().or(known) {
            phrase.push_str(&format!(", resets {resets}"));
        }
        if self.continues {
            phrase.push_str(", then goes on by itself");
        }
        phrase
    }
}

/// A limit, for tests.
#[cfg(test)]
pub(crate) fn sample() -> Failure {
    Failure {
        kind: FailureKind::Limit,
        what: "session limit".to_owned(),
        text: "You've hit your session limit · resets 7pm (Europe/Berlin)".to_owned(),
        resets_at: None,
        resets: Some("7pm (Europe/Berlin)".to_owned()),
        continues: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_why_and_until_when() {
        let mut failure = sample();
        assert_eq!(failure.phrase(), "session limit, resets 7pm (Europe/Berlin)");
        assert_eq!((failure.word(), failure.is_limit()), ("stopped", true));
        failure.resets_at = chrono::DateTime::from_timestamp(1_795_190_400, 0);
        (failure.resets, failure.continues) = (None, true);
        let phrase = "session limit, resets 2026-11-20 16:00 UTC, then goes on by itself";
        assert_eq!(failure.phrase(), phrase);
        let newer: FailureKind = serde_json::from_str("\"of a newer vmuxd\"").unwrap();
        assert_eq!(newer, FailureKind::Error);
    }
}
