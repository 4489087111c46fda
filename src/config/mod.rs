//! What the user wants: `config.toml`, every key of which is optional.
//!
//! | file | job |
//! |---|---|
//! | [`decode`] | text → [`Config`], faults and warnings; pure |
//! | [`section`] | one table of the file: typed keys, lines, unknown keys; pure |
//! | [`value`] | what a value may be: durations, choices, hours; pure |
//! | [`glob`] | patterns of labels and directories; pure |
//! | [`mod@file`] | reading it, bounded, whatever is at its path |
//!
//! A wrong value is a [`fault::Fault`] that names line, key and what is allowed; then nothing of
//! the file is used. A key that vmux does not know is a [`fault::Warning`] and nothing more.

pub mod decode;
pub mod fault;
pub mod file;
pub mod glob;
pub mod section;
pub mod value;

pub use decode::topic;
pub use fault::{ConfigError, Warning};

use glob::{DirectoryGlob, LabelGlob};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use value::QuietHours;

/// The example with every key, its default and what it does: `vmux config example`.
pub const EXAMPLE: &str = include_str!("example.toml");

/// The configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// How often to scan `/proc`; `vmuxd --interval` comes first.
    pub interval: Duration,
    /// How `switch` picks and attaches.
    pub switch: Switch,
    /// The window manager.
    pub wm: Wm,
    /// What `vmux status` shows.
    pub status: Status,
    /// Notifications.
    pub notify: Notify,
}

/// `[switch]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switch {
    /// Program and arguments of the launcher that picks a session; empty: the first one found.
    pub launcher: Vec<String>,
    /// The terminal in which a detached tmux session is attached; empty: `$TERMINAL` or one that is
    /// installed, and only where the user asks for it.
    pub attach: Vec<String>,
    /// Whether the title of a terminal may be changed for a moment to find its window.
    pub title_probe: bool,
}

/// `[wm]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wm {
    /// The IPC socket of i3 or sway; none: found by itself.
    pub socket: Option<PathBuf>,
    /// Whether the window of a waiting session gets the urgency hint.
    pub urgency_hint: bool,
}

/// `[status]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// A template of the user's own, used when no format is asked for.
    pub template: Option<String>,
    /// The longest title shown, in columns.
    pub title_length: usize,
}

/// `[notify]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// Whether there are desktop notifications.
    pub desktop: bool,
    /// What for.
    pub on: Vec<Occasion>,
    /// How long "Snooze" lasts.
    pub snooze: Duration,
    /// After how long a session that still waits is told again; zero: never.
    pub remind_after: Duration,
    /// When to be silent.
    pub quiet_hours: Option<QuietHours>,
    /// Exceptions; the first that matches decides.
    pub rules: Vec<Rule>,
    /// To the phone.
    pub push: Option<Push>,
}

/// What a notification may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Occasion {
    /// A session begins to wait for the user.
    NeedsInput,
    /// A session finished its work, and nobody looked.
    Finished,
}

/// How loud a desktop notification is; the levels of the Desktop Notifications Specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// In passing.
    Low,
    /// As usual.
    Normal,
    /// Stays until it is dealt with.
    Critical,
}

/// Where a notification goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The desktop.
    Desktop,
    /// The phone.
    Push,
}

/// One `[[notify.rule]]`: all that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// For this occasion only.
    pub state: Option<Occasion>,
    /// For sessions with such a label, or such a name where there is no label.
    pub label: Option<LabelGlob>,
    /// For sessions in such a directory or below it.
    pub directory: Option<DirectoryGlob>,
    /// Then nothing is told.
    pub mute: bool,
    /// Then as loud as this.
    pub urgency: Option<Urgency>,
    /// Then only there.
    pub only: Option<Channel>,
}

/// `[notify.push]`. Its [`fmt::Debug`] shows no address: an ntfy topic is as good as a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// What the server is.
    pub kind: PushKind,
    /// ntfy: with the topic; Gotify: without `/message`.
    pub url: String,
    /// The file that holds the token.
    pub token_file: Option<PathBuf>,
    /// The environment variable of vmuxd that holds the token.
    pub token_env: Option<String>,
    /// What for.
    pub on: Vec<Occasion>,
    /// Only if it lasted so long and nobody looked.
    pub after: Duration,
    /// 1 to 5 for ntfy, 0 to 10 for Gotify; none: the server's default.
    pub priority: Option<u8>,
    /// Whether the message tells what the session asks or did, or only that it does.
    pub details: bool,
}

/// The servers that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PushKind {
    /// <https://ntfy.sh> or one's own.
    Ntfy,
    /// <https://gotify.net>.
    Gotify,
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Push").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            interval: Duration::from_secs(5),
            switch: Switch::default(),
            wm: Wm::default(),
            status: Status::default(),
            notify: Notify::default(),
        }
    }
}

impl Default for Status {
    fn default() -> Status {
        Status { template: None, title_length: 24 }
    }
}

impl Default for Notify {
    fn default() -> Notify {
        Notify {
            desktop: false,
            on: vec![Occasion::NeedsInput, Occasion::Finished],
            snooze: Duration::from_secs(10 * 60),
            remind_after: Duration::ZERO,
            quiet_hours: None,
            rules: Vec::new(),
            push: None,
        }
    }
}

impl Occasion {
    /// The word in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Occasion::NeedsInput => "needs_input",
            Occasion::Finished => "finished",
        }
    }
}
