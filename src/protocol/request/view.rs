//! Requests for what is shown of sessions. vmuxd renders the table and the lines of bars, so that a
//! client that runs for a millisecond need not read all that is known of every session.

use serde::{Deserialize, Serialize};

/// Arguments of `table`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableRequest {
    /// The columns from left to right, by the names that `vmux list --columns` takes; if there are
    /// none, the usual ones.
    pub columns: Vec<String>,
    /// How wide a line may be, in columns of the terminal; without it nothing is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// How many lines there may be. With it the last line tells how many sessions are in which state;
    /// without it all sessions are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
    /// The directory that is shown as `~`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// Whether the text has colours (ECMA-48).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub colour: bool,
    /// Whether it has ASCII characters only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ascii: bool,
    /// Whether sessions that wait for a permission come before those that ask something.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub permissions_first: bool,
}

/// Arguments of `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusRequest {
    /// The format, by the name that `vmux status --format` takes; not a template. `plain` if absent.
    pub format: String,
    /// How a click calls vmux: a word of a shell. `vmux` if absent.
    pub program: String,
    /// The longest title of a session, in columns. 24 if absent.
    pub title: usize,
    /// Whether sessions that wait for a permission come before those that ask something.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub permissions_first: bool,
}

impl Default for StatusRequest {
    fn default() -> StatusRequest {
        StatusRequest {
            format: "plain".to_owned(),
            program: "vmux".to_owned(),
            title: 24,
            permissions_first: false,
        }
    }
}

/// Arguments of `peek`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeekRequest {
    /// Words that mean one session. If several match equally well, the request is refused
    /// (`ambiguous`).
    pub query: String,
    /// How many lines at most; 100 if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<u32>,
    /// Only from there. Without it the screen, or the transcript if the terminal cannot be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PeekSource>,
}

/// Where the lines of `peek` come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeekSource {
    /// What the terminal shows.
    Screen,
    /// What was said.
    Transcript,
    /// The last message of Claude alone, whole.
    Message,
}
