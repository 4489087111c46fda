//! The command line of `vmux`: what clap needs to know, and the help.

pub mod complete;
pub mod fast;
pub mod groups;
pub mod hang;
mod help;
pub mod json;
pub mod options;
pub mod parse;

use super::terminal::Colour;
use clap::{Args, Parser, Subcommand};
use help::{
    CONFIG, EVENTS, EXAMPLES, EXTRAS, HOOKS, LIST, ROFI, SESSION, SNOOZE, STATUS, STOP, SWITCH,
    VERSION, WAIT, WRITTEN,
};
use options::answer::{
    ANSWER, AllowArgs, AnswerArgs, DenyArgs, PENDING, PendingArgs, SEND, SendArgs,
};
pub use options::doctor::DoctorArgs;
pub use options::extras::{ExtrasAction, ExtrasArgs, Shell};
pub use options::list::ListArgs;
pub use options::servers::ServersArgs;
pub use options::settings::{ConfigAction, HooksAction, HooksArgs};
use options::start::{END, EndArgs, NEW, NewArgs, RESTORE, RestoreArgs};
pub use options::{
    InspectArgs, LabelArgs, PeekArgs, PlainListArgs, SnoozeArgs, StatusArgs, SwitchArgs, Until,
    WaitArgs,
};
use options::{doctor, hosts, mcp, servers, web};
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
    #[command(after_long_help = LIST, visible_alias = "ls")]
    List(ListArgs),
    /// Go to a session
    #[command(after_long_help = SWITCH)]
    Switch(SwitchArgs),
    /// Give a session a label, or take it away
    #[command(after_long_help = SESSION)]
    Label(LabelArgs),
    /// Show all that is known of one session
    #[command(after_long_help = SESSION)]
    Show(InspectArgs),
    /// Show how a session's state was decided
    #[command(after_long_help = SESSION)]
    Why(InspectArgs),
    /// Print what a session shows now, or what was said last in it
    ///
    /// tmux, zellij and kitty are asked for the text of its pane. Otherwise the end of the conversation
    /// is printed: prompts behind `> `, calls of tools behind `● `.
    #[command(after_long_help = SESSION)]
    Peek(PeekArgs),
    /// Print what sessions ask, whole, and how to answer it
    #[command(after_long_help = PENDING)]
    Pending(PendingArgs),
    /// Answer what a session asks: a permission, a question, a plan
    #[command(after_long_help = ANSWER)]
    Answer(AnswerArgs),
    /// Allow what a session asks for, this once
    #[command(after_long_help = ANSWER)]
    Allow(AllowArgs),
    /// Deny what a session asks for
    #[command(after_long_help = ANSWER)]
    Deny(DenyArgs),
    /// Start a session, or go to the one of this name that runs
    ///
    /// In a directory, with a worktree of its own if wanted; in tmux, in a window or in the background.
    #[command(after_long_help = NEW)]
    New(NewArgs),
    /// End a session, and remove its worktree if nothing would be lost
    #[command(after_long_help = END)]
    End(EndArgs),
    /// List the sessions that a reboot has cut off, or start them again
    #[command(after_long_help = RESTORE)]
    Restore(RestoreArgs),
    /// Type a text into the free prompt of a session, and submit it
    ///
    /// It is off until the configuration allows it: `allow = ["user"]` in the section `[send]`.
    #[command(after_long_help = SEND)]
    Send(SendArgs),
    /// Mark a finished session as seen
    #[command(after_long_help = SESSION)]
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
    #[command(after_long_help = EVENTS)]
    Events,
    /// Wait until a session is in a state
    #[command(after_long_help = WAIT)]
    Wait(WaitArgs),
    /// List the servers that sessions run, and what is wrong with them
    ///
    /// Nothing is ever sent to a server: the kernel tells who listens, and vmuxd knows for which session.
    #[command(after_long_help = servers::HELP)]
    Servers(ServersArgs),
    /// Serve the sessions to browsers: a page, events and metrics
    ///
    /// It serves this machine only, unless it is told otherwise, and shows nothing without the token
    /// that it makes when it first starts.
    #[command(after_long_help = web::HELP)]
    Web(web::WebArgs),
    /// Offer the sessions in rofi's script mode
    #[command(after_long_help = ROFI)]
    Rofi {
        /// The row that was chosen; rofi gives it, and the environment says more
        #[arg(hide = true, allow_hyphen_values = true)]
        row: Vec<OsString>,
    },
    /// Show the sessions of other machines too: add, check, remove one
    ///
    /// vmuxd runs vmux there over ssh. Nothing listens on a port, and no password is asked for.
    #[command(after_long_help = hosts::HELP)]
    Hosts(hosts::HostsArgs),
    /// Add hooks to Claude Code's settings, or take them away
    ///
    /// They tell vmuxd a moment sooner. vmux is right without them.
    #[command(after_long_help = HOOKS)]
    Hooks(HooksArgs),
    /// Give Claude Code sessions tools to see each other: an MCP server
    ///
    /// Which sessions there are, what each does, their servers. What acts on other sessions needs the
    /// permission of the configuration.
    #[command(after_long_help = mcp::HELP)]
    Mcp(mcp::McpArgs),
    /// Check the configuration, or show what could be in it
    #[command(after_long_help = CONFIG)]
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
    /// Print the versions of vmux and vmuxd, and the problems of vmuxd
    #[command(after_long_help = VERSION)]
    Version {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// End vmuxd
    #[command(after_long_help = STOP)]
    Stop {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell vmuxd what a hook was told
    #[command(hide = true)]
    Hook {
        /// Wait for the answer to a permission prompt, and print it
        #[arg(long)]
        answer: bool,
    },
    /// Carry the protocol of vmuxd on standard input and output, for the vmuxd of another machine
    ///
    /// That one runs it over ssh: docs/hosts.md.
    #[command(hide = true)]
    Relay,
    /// Become the program that `vmux new` shows in a new window
    #[command(hide = true)]
    InTerminal {
        /// The program and its arguments, as one word
        word: String,
    },
    /// Print the completions of a shell
    ///
    /// They offer the sessions of the running vmuxd wherever a session is named. `vmux extras`
    /// installs them.
    #[command(after_long_help = WRITTEN)]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Write the manual pages into a directory
    #[command(after_long_help = WRITTEN)]
    Man {
        /// Where to
        #[arg(value_hint = clap::ValueHint::DirPath)]
        directory: PathBuf,
    },
    /// Install completions, manual pages and the unit, or remove them
    ///
    /// They go into this user's $XDG_DATA_HOME, which is ~/.local/share; the unit is one of systemd.
    /// Files that vmux did not write, or that were changed since, are left alone.
    #[command(after_long_help = EXTRAS)]
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
