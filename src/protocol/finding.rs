//! What `vmux doctor` finds: one thing that was looked at, how it is, and what to do about it. Both
//! vmux and vmuxd find such things.

use serde::{Deserialize, Serialize};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about, in a word: `vmuxd`, `desktop`, `limits`.
    pub topic: String,
    /// How it is.
    pub severity: Severity,
    /// What was found, in one line.
    pub says: String,
    /// What to do about it, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// How a thing is that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Not wrong, but it may explain something.
    Note,
    /// Wrong: something does not work that the user may expect to.
    Problem,
    /// A word of a newer vmuxd.
    #[serde(other)]
    Other,
}

impl Finding {
    /// `topic` is as it should be.
    pub fn ok(topic: &str, says: impl Into<String>) -> Finding {
        Finding { topic: topic.to_owned(), severity: Severity::Ok, says: says.into(), hint: None }
    }

    /// Something that may explain what the user sees.
    pub fn note(topic: &str, says: impl Into<String>) -> Finding {
        Finding { severity: Severity::Note, ..Finding::ok(topic, says) }
    }

    /// Something is wrong, and this is what to do about it.
    pub fn problem(topic: &str, says: impl Into<String>, hint: impl Into<String>) -> Finding {
        Finding { severity: Severity::Problem, ..Finding::ok(topic, says).hint(hint) }
    }

    /// Adds what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Finding {
        self.hint = Some(hint.into());
        self
    }
}
