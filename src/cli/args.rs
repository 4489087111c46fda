//! The command line of `vmux`: what clap needs to know, and the help.

use super::terminal::Colour;
use clap::{Args, Parser, Subcommand};

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
