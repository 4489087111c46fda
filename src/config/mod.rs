//! The configuration: `config.toml`. Every key is optional.
//!
//! | file | job |
//! |---|---|
//! | [`mod@column`] | the columns of a list, by name; pure |
//! | [`decode`] | text → [`Config`], faults and warnings; pure |
//! | [`edit`] | adding and removing a host in the text; pure |
//! | [`section`] | one table of the file: typed keys, lines, unknown keys; pure |
//! | [`value`] | reading values: durations, choices, hours; pure |
//! | [`glob`] | patterns of labels and directories; pure |
//! | [`hosts`] | other machines, and how ssh reaches them; pure |
//! | [`rights`] | what others than the user may do; pure |
//! | [`mod@file`] | reading the file: bounded, and only a regular one |
//!
//! A wrong value is a [`fault::Fault`] that names line, key and what is allowed; then nothing of
//! the file is used. An unknown key is a [`fault::Warning`], and the rest is used.

pub mod column;
pub mod decode;
pub mod edit;
pub mod fault;
pub mod file;
pub mod glob;
pub mod hosts;
pub mod rights;
pub mod section;
pub mod value;

pub use fault::{ConfigError, Warning};

use crate::session::query::order::Order;
use column::Column;
pub use decode::start::{StartConfig, StartPlace, Template};
use glob::{DirectoryGlob, LabelGlob};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use value::QuietHours;

/// An example with every key, its default and what it does: what `vmux config example` prints.
pub const EXAMPLE: &str = include_str!("example.toml");

/// The content of `config.toml`, with defaults for what is absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Time between two scans of `/proc`. `vmuxd --interval` overrides it.
    pub interval: Duration,
    /// How `switch` offers and attaches sessions.
    pub switch: SwitchConfig,
    /// How lists look.
    pub list: ListConfig,
    pub wm: WindowManagerConfig,
    /// What `vmux status` shows.
    pub status: StatusConfig,
    /// Notifications.
    pub notify: NotifyConfig,
    /// Other machines whose sessions are shown.
    pub hosts: hosts::HostConfigs,
    /// What sessions may do through `vmux mcp`.
    pub mcp: rights::McpConfig,
    /// How sessions are started.
    pub start: StartConfig,
    /// Answering prompts.
    pub answer: rights::send::AnswerConfig,
    /// Sending texts to sessions.
    pub send: rights::send::SendConfig,
    /// What `vmux web` does.
    pub web: rights::web::WebConfig,
}

/// `[switch]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SwitchConfig {
    /// Program and arguments of the launcher that offers the sessions; empty: the first one found.
    pub launcher: Vec<String>,
    /// Program and arguments of the terminal in which a detached tmux session is attached; empty:
    /// `$TERMINAL` or one that is installed, and only on request (`switch --attach`).
    pub attach: Vec<String>,
    /// Whether vmux may change the title of a terminal for a moment to find its window.
    pub title_probe: bool,
    /// Which of the sessions that wait comes first: for `switch --next`, in lists and in bars.
    pub order: Order,
}

/// `[list]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListConfig {
    /// The columns of a list; empty: those of [`Column::DEFAULT`].
    pub columns: Vec<Column>,
    /// Whether marks other than ASCII are shown; `None`: if the terminal's locale has them.
    pub glyphs: Option<Glyphs>,
}

/// Which characters a list on a terminal consists of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Glyphs {
    /// All of them.
    #[default]
    Unicode,
    /// Those of ASCII, for fonts and locales that have no others.
    Ascii,
}

/// `[wm]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowManagerConfig {
    /// The IPC socket of i3 or sway; `None`: vmuxd finds it.
    pub socket: Option<PathBuf>,
    /// Whether the window of a waiting session gets the urgency hint.
    pub urgency_hint: bool,
}

/// `[status]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusConfig {
    /// The template that is used if `vmux status` is called without `--format`.
    pub template: Option<String>,
    /// The longest title shown, in columns.
    pub title_length: usize,
}

/// `[notify]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyConfig {
    /// Whether there are desktop notifications.
    pub desktop: bool,
    /// What the desktop shows.
    pub on: Vec<Trigger>,
    /// How long a wait or an end must have lasted to be shown.
    pub after: Duration,
    /// How long a session may work without a sign of life; zero: for ever.
    pub stalled_after: Duration,
    /// How long another host must be out of reach to count as gone.
    pub host_after: Duration,
    /// How long `snooze` sets a session aside where no time is given.
    pub snooze: Duration,
    /// After how long a session that still waits is shown again; zero: never.
    pub remind_after: Duration,
    /// When nothing is shown or sent.
    pub quiet_hours: Option<QuietHours>,
    /// Exceptions. The first that matches decides.
    pub rules: Vec<NotifyRule>,
    /// Messages to the phone.
    pub push: Option<PushConfig>,
}

/// How long something must last at least before the user is notified: what is over at once does not
/// disturb, and the texts are complete by then.
pub const MIN_ALERT_DELAY: Duration = Duration::from_millis(300);

/// What the user can be notified of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Trigger {
    /// A session begins to wait for the user.
    NeedsInput,
    /// A session has finished its work, and the user has not looked at it since.
    Finished,
    /// A session works, and has given no sign of life for as long as the user has set.
    Stalled,
    /// Another host is out of reach, or can be reached again.
    Host,
}

/// How much a desktop notification demands attention: the levels of the Desktop Notifications
/// Specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Shown in passing.
    Low,
    /// The default.
    Normal,
    /// Stays until the user closes it.
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

/// One `[[notify.rule]]`. Of `state`, `label` and `directory`, all that are given must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotifyRule {
    /// Matches this trigger only.
    pub state: Option<Trigger>,
    /// Matches sessions with such a label, or without a label and with such a name.
    pub label: Option<LabelGlob>,
    /// Matches sessions in such a directory or below it.
    pub directory: Option<DirectoryGlob>,
    /// If it matches, the user is not notified.
    pub mute: bool,
    /// If it matches, the urgency on the desktop.
    pub urgency: Option<Urgency>,
    /// If it matches, the only channel that is used.
    pub only: Option<Channel>,
}

/// `[notify.push]`. Its [`fmt::Debug`] shows no address: an ntfy topic is as good as a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushConfig {
    /// Which API the server has.
    pub kind: PushKind,
    /// ntfy: with the topic; Gotify: without `/message`.
    pub url: String,
    /// The file that holds the token.
    pub token_file: Option<PathBuf>,
    /// The environment variable of vmuxd that holds the token.
    pub token_env: Option<String>,
    /// What is sent.
    pub on: Vec<Trigger>,
    /// How long it must have lasted, without a look at the session, to be sent.
    pub after: Duration,
    /// 1 to 5 for ntfy, 0 to 10 for Gotify; `None`: the server's default.
    pub priority: Option<u8>,
    /// Whether the message includes what the session asks or did.
    pub details: bool,
    /// Whether a permission has buttons that answer it.
    pub buttons: bool,
    /// The URL of the page (`web.url`), to which a message links.
    pub page: Option<String>,
}

/// The servers that vmux can send to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PushKind {
    /// ntfy: <https://ntfy.sh>, or a server of the user's.
    Ntfy,
    /// <https://gotify.net>.
    Gotify,
}

impl fmt::Debug for PushConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushConfig").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            interval: Duration::from_secs(5),
            switch: SwitchConfig::default(),
            list: ListConfig::default(),
            wm: WindowManagerConfig::default(),
            status: StatusConfig::default(),
            notify: NotifyConfig::default(),
            hosts: hosts::HostConfigs::new(),
            mcp: rights::McpConfig::default(),
            start: StartConfig::default(),
            answer: rights::send::AnswerConfig::default(),
            send: rights::send::SendConfig::default(),
            web: rights::web::WebConfig::default(),
        }
    }
}

impl Default for StatusConfig {
    fn default() -> StatusConfig {
        StatusConfig { template: None, title_length: 24 }
    }
}

impl Default for NotifyConfig {
    fn default() -> NotifyConfig {
        NotifyConfig {
            desktop: false,
            on: vec![Trigger::NeedsInput, Trigger::Finished, Trigger::Stalled],
            after: MIN_ALERT_DELAY,
            stalled_after: Duration::ZERO,
            host_after: Duration::from_secs(10 * 60),
            snooze: Duration::from_secs(10 * 60),
            remind_after: Duration::ZERO,
            quiet_hours: None,
            rules: Vec::new(),
            push: None,
        }
    }
}

impl Trigger {
    /// The word in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Trigger::NeedsInput => "needs_input",
            Trigger::Finished => "finished",
            Trigger::Stalled => "stalled",
            Trigger::Host => "host",
        }
    }
}
