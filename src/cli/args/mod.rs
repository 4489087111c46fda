//! The command line of `vmux`: what clap needs to know, and the help.

pub mod complete;
pub mod extras;
pub mod fast;
mod help;
pub mod list;
pub mod options;

use super::terminal::Colour;
use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser, Subcommand};
pub use extras::{ExtrasAction, ExtrasArgs, Shell};
use help::{EXAMPLES, EXIT_CODES, LIST, ROFI, SNOOZE, STATUS, SWITCH, WAIT};
pub use list::ListArgs;
pub use options::{
    ConfigAction, HooksAction, HooksArgs, InspectArgs, LabelArgs, PeekArgs, PlainListArgs,
    SnoozeArgs, StatusArgs, SwitchArgs, Until, WaitArgs,
};
use std::ffi::OsString;
use std::path::PathBuf;

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
    Ack {
        /// The session
        #[arg(required = true)]
        query: Vec<String>,
    },
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
    /// Print the versions of vmux and vmuxd, and what is wrong with vmuxd
    #[command(after_long_help = EXIT_CODES)]
    Version {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// End vmuxd
    #[command(after_long_help = EXIT_CODES)]
    Stop,
    /// Tell vmuxd what a hook was told
    #[command(hide = true)]
    Hook,
    /// Print the completions of a shell
    ///
    /// They offer the sessions of the running vmuxd wherever a session is named. `vmux extras`
    /// installs them.
    #[command(after_long_help = EXIT_CODES)]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Write the manual pages into a directory
    #[command(after_long_help = EXIT_CODES)]
    Man {
        /// Where to
        #[arg(value_hint = clap::ValueHint::DirPath)]
        directory: PathBuf,
    },
    /// Install completions, manual pages and the systemd unit for this user, or take them away
    ///
    /// They go into $XDG_DATA_HOME, which is ~/.local/share. Files that vmux did not write, or that
    /// were changed since, are left alone.
    #[command(after_long_help = EXIT_CODES)]
    Extras(ExtrasArgs),
    /// Tell a shell what may stand at the cursor
    #[command(hide = true)]
    Complete {
        /// Which shell
        shell: Shell,
        /// What was typed
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        typed: Vec<OsString>,
    },
}

/// Parses the command line of this process. If it is wrong, or asks for help, prints that and exits.
pub fn parse_or_exit() -> Cli {
    let arguments = with_help_option(std::env::args_os().collect());
    Cli::try_parse_from(arguments).unwrap_or_else(|error| with_best_suggestion(error).exit())
}

/// `vmux help COMMAND` is `vmux COMMAND --help`. clap's own `help` would add a copy of every command to
/// the completions and the manual.
fn with_help_option(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|it| it == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

/// Of several similar commands, only the nearest ones are suggested: nobody who types `lst` means `stop`.
fn with_best_suggestion(mut error: clap::Error) -> clap::Error {
    let typed = error.get(ContextKind::InvalidSubcommand);
    let similar = error.get(ContextKind::SuggestedSubcommand);
    if let (Some(ContextValue::String(typed)), Some(ContextValue::Strings(names))) =
        (typed, similar)
    {
        let distance = |name: &String| strsim::osa_distance(typed, name);
        let least = names.iter().map(distance).min();
        let nearest = names.iter().filter(|it| Some(distance(it)) == least).cloned().collect();
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(nearest));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_a_command_too() {
        for (typed, meant) in [
            (&["vmux", "help"][..], &["vmux", "--help"][..]),
            (&["vmux", "help", "switch"], &["vmux", "switch", "--help"]),
            (&["vmux", "label", "help", "x"], &["vmux", "label", "help", "x"]),
            (&["vmux"], &["vmux"]),
        ] {
            let arguments = typed.iter().map(OsString::from).collect();
            assert_eq!(with_help_option(arguments), meant);
        }
    }

    #[test]
    fn only_the_nearest_command_is_suggested() {
        for (typed, suggested) in [("lst", "'list'"), ("listt", "'list'"), ("labl", "'label'")] {
            let error = Cli::try_parse_from(["vmux", typed]).err().unwrap();
            let text = with_best_suggestion(error).to_string();
            let tip = text.lines().find(|it| it.contains("tip:")).unwrap();
            assert!(tip.ends_with(&format!("exists: {suggested}")), "{tip}");
        }
    }
}
