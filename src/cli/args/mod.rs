//! The command line of `vmux`: what clap needs to know, and the help.

pub mod doctor;
pub mod fast;
pub mod json;
pub mod list;
pub mod options;
pub mod parse;

use super::terminal::Colour;
use clap::{Args, Parser, Subcommand};
pub use doctor::DoctorArgs;
pub use list::ListArgs;
pub use options::{
    ConfigAction, HooksAction, HooksArgs, InspectArgs, LabelArgs, PeekArgs, PlainListArgs,
    SnoozeArgs, StatusArgs, SwitchArgs, Until, WaitArgs,
};
use std::ffi::OsString;
use std::path::PathBuf;

/// The exit codes of most commands, as text to be composed.
macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0  done
  1  no session matches, several do, what was waited for did not happen, or the answer is no
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  vmuxd refused, or something that was needed failed
  5  switch went to where the session is shown, but it is not in view, or may not be"
    };
}

const EXIT_CODES: &str = exit_codes!();

const EXAMPLES: &str = concat!(
    "\
Examples:
  vmux                          every session, those that wait on top
  vmux switch api               to the session that is meant by \"api\"
  vmux switch --next            to the one that has waited longest, again to the next one
  vmux label 4711 release       call the session of process 4711 \"release\"
  vmux list --json | jq '.[0]'  the most urgent session

",
    exit_codes!(),
    "\n\n\
Environment:
  VMUX_NO_START  if set, vmuxd is never started
  VMUX_SOCKET    the socket of vmuxd
  VMUX_HOME      where labels and configuration are kept, instead of ~/.vmux
  VMUX_LAUNCHER  what offers the list for `vmux switch --pick`
  NO_COLOR, CLICOLOR, CLICOLOR_FORCE, COLUMNS  are honoured"
);

const LIST: &str = concat!(
    "\
Keys of --sort:
  urgency              those that wait first, as `switch --next` goes (the default)
  for                  the longest in its state first
  started              the newest first
  session, directory   by name
  workspace            by number, then by name
  context              the fullest first
  pid                  the smallest first

Names in braces: the columns, and title state reason detail doing clock since cwd key transcript;
state and context are as in JSON; {{ and }} are braces

Examples:
  vmux list api
  vmux list . --columns +pid,model
  vmux list --state idle,finished --sort for --group repo
  vmux list --waiting --format '{clock} {title}: {detail}'

docs/list.md has the columns, and list.columns of the configuration.

",
    exit_codes!()
);

const STATUS: &str = "\
Formats:
  i3bar        one block; with --follow a whole status_command, with clicks
  i3blocks     for 1.4 and 1.5, with format=json
  polybar      a custom/script module
  waybar       a custom module with return-type json
  i3status-rs  a custom block with json = true
  tmux         in status-right
  json, plain  for scripts
  TEMPLATE     any text with names in braces: waiting failed unseen working idle snoozed unknown total
               text short counts state longest.title longest.reason longest.detail longest.doing
               longest.clock longest.pid; {{ and }} are braces

Examples:
  status_command vmux status --format i3bar --wrap i3status
  vmux status --format '{waiting} {longest.title} {longest.clock}' --escape pango

docs/bars.md has a recipe for each bar.";

const SWITCH: &str = "\
Examples:
  vmux switch api            to the session that is meant by \"api\"; of several the one that waits longest
  vmux switch --next         to the one that has waited longest, again to the next one
  vmux switch --back         to where you were before
  vmux switch --pick         choose with rofi, fuzzel, wofi, tofi, bemenu, dmenu or fzf
  bindsym $mod+n exec --no-startup-id vmux switch --next       for i3 and sway

Exit codes:
  0  you are there
  1  no session matches, nobody waits, or nothing was chosen
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  it has no window, or the window manager did not do it";

const WAIT: &str = "\
Examples:
  vmux wait api && notify-send 'api is done, or asks'
  vmux wait api --until gone --timeout 1h

Exit codes:
  0  it is in that state
  1  no session matches, several do, it ended, or time is up
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  vmuxd failed
  6  it is idle, but its turn ended at a usage limit or in an API error: nothing is finished";

const SNOOZE: &str = concat!(
    "\
Examples:
  vmux snooze api              for 10 minutes (notify.snooze in the configuration)
  vmux snooze api 1h           for an hour, whatever it does
  vmux snooze api --until-change
  vmux snooze api --end

",
    exit_codes!()
);

const ROFI: &str = "\
Example:
  rofi -show vmux -modi 'vmux:vmux rofi' -show-icons";

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
    pub list: PlainListArgs,
    /// Options of every command
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct GlobalArgs {
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
    /// List sessions, those that wait on top
    ///
    /// On a terminal that has fewer lines than the list, those that need you least are left out.
    #[command(after_long_help = LIST)]
    List(ListArgs),
    /// Go to a session
    #[command(after_long_help = SWITCH)]
    Switch(SwitchArgs),
    /// Give a session a label, or take it away
    #[command(after_long_help = EXIT_CODES)]
    Label(LabelArgs),
    /// Show all that is known of one session
    #[command(after_long_help = EXIT_CODES)]
    Show(InspectArgs),
    /// Show how a session's state was decided
    #[command(after_long_help = EXIT_CODES)]
    Why(InspectArgs),
    /// Print what a session shows now, or what was said last in it
    ///
    /// tmux, zellij and kitty are asked for the text of its pane. Otherwise the end of the conversation
    /// is printed: prompts behind `> `, calls of tools behind `● `.
    #[command(after_long_help = EXIT_CODES)]
    Peek(PeekArgs),
    /// Mark a finished session as seen
    #[command(after_long_help = EXIT_CODES)]
    Ack(InspectArgs),
    /// Set a session aside for a while
    ///
    /// It does not count as waiting then: not in bars, notifications, `switch --next`.
    #[command(after_long_help = SNOOZE)]
    Snooze(SnoozeArgs),
    /// Print a line for a status bar
    #[command(after_long_help = STATUS)]
    Status(StatusArgs),
    /// Print what happens, one JSON object per line
    ///
    /// The first line is the full state, then comes every change: docs/protocol.md.
    #[command(after_long_help = EXIT_CODES)]
    Events,
    /// Wait until a session is in a state
    #[command(after_long_help = WAIT)]
    Wait(WaitArgs),
    /// Offer the sessions in rofi's script mode
    #[command(after_long_help = ROFI)]
    Rofi {
        /// The row that was chosen; rofi gives it, and the environment says more
        #[arg(hide = true, allow_hyphen_values = true)]
        row: Vec<OsString>,
    },
    /// Add hooks to Claude Code's settings, or take them away
    ///
    /// They tell vmuxd a moment sooner. vmux is right without them.
    #[command(after_long_help = EXIT_CODES)]
    Hooks(HooksArgs),
    /// Check the configuration, or show what could be in it
    #[command(after_long_help = EXIT_CODES)]
    Config {
        /// What to do
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Check what vmux sees, and say why something is not there
    ///
    /// It never starts vmuxd, and waits for nothing longer than a few seconds.
    #[command(after_long_help = doctor::HELP)]
    Doctor(DoctorArgs),
    /// Print the versions of vmux and vmuxd, and what is wrong with vmuxd
    #[command(after_long_help = EXIT_CODES)]
    Version {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// End vmuxd
    #[command(after_long_help = EXIT_CODES)]
    Stop {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell vmuxd what a hook was told
    #[command(hide = true)]
    Hook,
    /// Print the completions of a shell
    #[command(hide = true)]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write manual pages
    #[command(hide = true)]
    Man {
        /// Where to
        directory: PathBuf,
    },
}
