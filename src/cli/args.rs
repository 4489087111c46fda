//! The command line of `vmux`: what clap needs to know, and the help.

use super::show::status::Summary;
use super::show::status::escape::Escape;
use super::show::status::format::{FORMATS, Format};
use super::show::status::template::{self, UnknownName};
use super::terminal::Colour;
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  no session matches, several do, or what was waited for did not happen
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  vmuxd refused, or something that was needed failed";

const EXAMPLES: &str = "\
Examples:
  vmux                          every session, those that wait on top
  vmux switch api               to the session that is meant by \"api\"
  vmux switch --next            to the one that has waited longest, again to the next one
  vmux label 4711 release       call the session of process 4711 \"release\"
  vmux list --json | jq '.[0]'  the most urgent session

Exit codes:
  0  done
  1  no session matches, several do, or what was waited for did not happen
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  vmuxd refused, or something that was needed failed

Environment:
  VMUX_NO_START  if set, vmuxd is never started
  VMUX_SOCKET    the socket of vmuxd
  VMUX_HOME      where labels and configuration are kept, instead of ~/.vmux
  NO_COLOR, CLICOLOR, CLICOLOR_FORCE, COLUMNS  are honoured";

const STATUS: &str = "\
Formats:
  i3bar        one block; with --follow a whole status_command, with clicks
  i3blocks     for 1.4 and 1.5, with format=json
  polybar      a custom/script module
  waybar       a custom module with return-type json
  i3status-rs  a custom block with json = true
  tmux         in status-right
  json, plain  for scripts
  TEMPLATE     any text with names in braces: waiting unseen working idle unknown total text
               short counts state longest.title longest.reason longest.detail longest.doing
               longest.clock longest.pid; {{ and }} are braces

Examples:
  status_command vmux status --format i3bar --wrap i3status
  vmux status --format '{waiting} {longest.title} {longest.clock}' --escape pango

docs/bars.md has a recipe for each bar.";

/// Show which Claude Code session waits for you, and go there
///
/// Without a command it is `vmux list`. A QUERY is any words that mean a session: its label, name,
/// directory, git branch, workspace, session id or pid. An exact match is better than a prefix,
/// that better than the start of a word, than a substring, than letters in order.
#[derive(Debug, Parser)]
#[command(name = "vmux", version, after_long_help = EXAMPLES, max_term_width = 100)]
#[command(propagate_version = false, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of `list`, for `vmux` alone
    #[command(flatten)]
    pub list: List,
    /// Options of every command
    #[command(flatten)]
    pub global: Global,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// When to colour
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub color: Colour,
    /// Do not start vmuxd when none runs
    #[arg(long, global = true)]
    pub no_start: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List every session, those that wait on top
    #[command(after_long_help = EXIT_CODES)]
    List(List),
    /// Give a session a label, or take it away
    #[command(after_long_help = EXIT_CODES)]
    Label(Label),
    /// Print a line for a status bar
    #[command(after_long_help = STATUS)]
    Status(Status),
    /// End vmuxd
    #[command(after_long_help = EXIT_CODES)]
    Stop,
}

/// Options of `list`.
#[derive(Debug, Clone, Default, Args)]
pub struct List {
    /// Print the sessions as a JSON array
    ///
    /// The fields are those of docs/protocol.md; new ones may come, none is renamed or removed.
    #[arg(long)]
    pub json: bool,
    /// Keep the list up to date until q or Ctrl-C
    #[arg(long, short)]
    pub watch: bool,
}

/// Options of `label`.
#[derive(Debug, Args)]
pub struct Label {
    /// The session
    pub query: String,
    /// Its label; several words need no quotes
    #[arg(required_unless_present = "clear")]
    pub text: Vec<String>,
    /// Take its label away
    #[arg(long, conflicts_with = "text")]
    pub clear: bool,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// For which bar, or a template of your own
    #[arg(long, short, value_parser = format, default_value = "plain")]
    pub format: Format,
    /// Print again whenever the line changes, until nobody reads it
    #[arg(long)]
    pub follow: bool,
    /// How a template's values are escaped
    #[arg(long, value_enum, value_name = "BAR", default_value_t)]
    pub escape: Escape,
    /// Merge the blocks of another status_command after ours (i3bar only)
    #[arg(long, num_args = 1.., value_name = "COMMAND", allow_hyphen_values = true)]
    pub wrap: Vec<OsString>,
}

/// A name of a format, or a template.
fn format(text: &str) -> Result<Format, String> {
    if let Some((_, format)) = FORMATS.iter().find(|(name, _)| *name == text) {
        return Ok(format.clone());
    }
    if !text.contains('{') {
        let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        return Err(format!("one of {}, or a template with names in braces", names.join(", ")));
    }
    match template::render(text, &Summary::default(), Escape::None) {
        Ok(_) => Ok(Format::Template(text.to_owned())),
        Err(UnknownName(name)) => {
            Err(format!("there is no {{{name}}}; there are {}", template::NAMES.join(", ")))
        }
    }
}
