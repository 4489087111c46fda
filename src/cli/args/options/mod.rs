//! The options of the commands.

pub mod answer;
pub mod doctor;
pub mod extras;
pub mod hosts;
pub mod list;
pub mod mcp;
pub mod servers;
pub mod settings;
pub mod start;
pub mod web;

use crate::show::status::format::{FORMATS, Format};
use crate::show::status::template::{self, TemplateError};
use crate::show::status::{Summary, escape::Escape};
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::time::Duration;

/// Options of `vmux` without a command, which is `vmux list`.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct PlainListArgs {
    /// Print the sessions as a JSON array
    #[arg(long)]
    pub json: bool,
    /// Keep the list up to date; on a terminal it is a picker
    #[arg(long, short)]
    pub watch: bool,
}

/// Parses a number. Rust's own words for what is none ("invalid digit found in string") are no help.
pub fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("a number from 0 to {}", u32::MAX))
}

/// Options of `label`.
#[derive(Debug, Args)]
pub struct LabelArgs {
    /// The session; quote it if it has several words
    pub query: String,
    /// Its label; several words need no quotes
    #[arg(required_unless_present = "clear")]
    pub text: Vec<String>,
    /// Take its label away
    #[arg(long, conflicts_with = "text")]
    pub clear: bool,
    /// Print the session as JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `status`.
#[derive(Debug, Default, Args)]
pub struct StatusArgs {
    /// For which bar, or a template of your own
    ///
    /// Without it the template of the configuration, else plain.
    #[arg(long, short, value_parser = format)]
    pub format: Option<Format>,
    /// Print again whenever the line changes, until nobody reads it
    #[arg(long)]
    pub follow: bool,
    /// How a template's values are escaped
    #[arg(long, value_enum, value_name = "BAR", default_value_t)]
    pub escape: Escape,
    /// Merge the blocks of another status_command after ours (i3bar only; it follows)
    #[arg(long, requires = "command")]
    pub wrap: bool,
    /// The status_command to wrap, with its arguments
    #[arg(requires = "wrap", trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<OsString>,
}

/// Parses the name of a format, or a template.
fn format(text: &str) -> Result<Format, String> {
    if let Some((_, format)) = FORMATS.iter().find(|(name, _)| *name == text) {
        return Ok(format.clone());
    }
    if !text.contains('{') {
        let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        return Err(format!("one of {}, or a template with names in braces", names.join(", ")));
    }
    let filled = template::render(text, &Summary::default(), Escape::None);
    checked(filled, template::NAMES.iter().copied())?;
    Ok(Format::Template(text.to_owned()))
}

/// What is wrong with a template, with the `names` that there are.
pub fn checked<'a>(
    filled: Result<String, TemplateError>,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), String> {
    match filled {
        Ok(_) => Ok(()),
        Err(error @ TemplateError::UnknownName(_)) => {
            Err(format!("{error}; there are {}", names.collect::<Vec<_>>().join(", ")))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Options of `switch`.
#[derive(Debug, Default, Args)]
pub struct SwitchArgs {
    /// The session, a directory (`.` is this one), or the number of one that waits; without it you choose
    #[arg(conflicts_with_all = ["next", "previous", "back", "pick", "menu"])]
    pub query: Vec<String>,
    /// To the session that has waited longest; again to the next one
    #[arg(long, conflicts_with_all = ["previous", "back", "pick", "menu"])]
    pub next: bool,
    /// As --next, the other way round
    #[arg(long, conflicts_with_all = ["back", "pick", "menu"])]
    pub previous: bool,
    /// To where you were before the last switch
    #[arg(long, conflicts_with_all = ["pick", "menu"])]
    pub back: bool,
    /// Choose from the list
    #[arg(long)]
    pub pick: bool,
    /// As --pick; then choose whether to go there, or what to answer if it asks for a permission
    #[arg(long, conflicts_with = "pick")]
    pub menu: bool,
    /// Choose with this: rofi, fuzzel, wofi, tofi, bemenu, dmenu, fzf, or a command like dmenu
    #[arg(long, value_name = "COMMAND")]
    pub launcher: Option<String>,
    /// Attach a detached tmux session in a new terminal
    #[arg(long)]
    pub attach: bool,
    /// Print the session as JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `show`, `why` and `ack`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The session
    #[arg(required = true)]
    pub query: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `peek`.
#[derive(Debug, Args)]
pub struct PeekArgs {
    /// The session
    #[arg(required = true)]
    pub query: Vec<String>,
    /// The last so many lines
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 100, value_parser = number)]
    pub lines: u32,
    /// Only what its terminal shows
    #[arg(long, conflicts_with = "transcript")]
    pub screen: bool,
    /// Only what was said
    #[arg(long)]
    pub transcript: bool,
    /// Show it again whenever it changes
    #[arg(long, short)]
    pub follow: bool,
    /// Print JSON: where the lines come from, and the lines
    #[arg(long)]
    pub json: bool,
}

/// Options of `snooze`.
#[derive(Debug, Args)]
pub struct SnoozeArgs {
    /// The session; a last word such as 10m or 1h30m says for how long
    #[arg(required = true, value_name = "QUERY")]
    pub query: Vec<String>,
    /// For how long, instead of the last word; without a time as long as the button of a notification
    #[arg(long = "for", value_parser = duration, value_name = "TIME")]
    pub time: Option<Duration>,
    /// Until its state changes; with a time, whichever comes first
    #[arg(long)]
    pub until_change: bool,
    /// Take it up again
    #[arg(long, conflicts_with_all = ["until_change", "time"])]
    pub end: bool,
    /// Print the session as JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `wait`.
#[derive(Debug, Args)]
pub struct WaitArgs {
    /// The session; without it, any that waits or comes into the state
    pub query: Vec<String>,
    /// Each argument is a query of its own, which may mean several sessions; one of them is enough
    #[arg(long, conflicts_with = "all")]
    pub any: bool,
    /// Each argument is a query of its own; until each of them has been in the state. Without a query,
    /// every session there is now
    #[arg(long)]
    pub all: bool,
    /// Print the session as JSON
    #[arg(long)]
    pub json: bool,
    /// Which state (can be repeated, or a list with commas)
    #[arg(long, value_enum, value_name = "STATE", value_delimiter = ',')]
    #[arg(default_values_t = [Until::NeedsInput, Until::Idle])]
    pub until: Vec<Until>,
    /// Give up after so long: 30s, 5m, 1h30m
    #[arg(long, value_parser = duration)]
    pub timeout: Option<Duration>,
}

/// What to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Until {
    /// It waits for the user.
    // The second spelling is that of JSON.
    #[value(alias = "needs_input")]
    NeedsInput,
    /// Its prompt is free.
    Idle,
    /// It has ended.
    Gone,
    /// A turn is running.
    Working,
}

/// Parses a time such as `90` (seconds), `30s`, `5m`, `1h30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a time such as 30s, 5m or 1h30m".to_owned();
    let mut seconds: u64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, unit) = rest.split_at(digits);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let factor = match unit.chars().next() {
            None | Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 86_400,
            Some(_) => return Err(wrong()),
        };
        let more = number.checked_mul(factor).and_then(|it| seconds.checked_add(it));
        seconds = more.filter(|&it| it < 1 << 32).ok_or_else(wrong)?;
        rest = unit.get(1..).unwrap_or_default();
    }
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_may_be_spelled_as_in_json() {
        for text in ["needs-input", "needs_input"] {
            assert_eq!(Until::from_str(text, false), Ok(Until::NeedsInput));
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, seconds) in
            [("90", 90), ("30s", 30), ("5m", 300), ("1h30m", 5400), ("1d", 86_400)]
        {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "-1", "5x", "1.5h", "99999999999999999999d", "9999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
