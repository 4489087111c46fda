//! The options of `vmux new`, `vmux end` and `vmux restore`.

use super::duration;
use crate::config::StartPlace;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// What the help of `vmux new` says below its options.
pub const NEW: &str = "\
Examples:
  vmux new                            in this directory, called as it is
  vmux new web --dir ~/src/web        again: to the one that runs
  vmux new fix-1204 --worktree --prompt 'Fix issue 1204' --wait
  vmux new api --in window --workspace 3
  vmux new --template review          [new.review] of the configuration
  vmux new docs -- --model opus       what follows goes to Claude Code as it is
  vmux new --check web                whether the name can be had

A name has 3 to 40 letters, digits, -, _ and . and begins with a letter or a digit. What fails takes
back what it made. docs/start.md has more.

Exit codes:
  0    it runs; with --wait its prompt is free; with --check the name can be had
  1    the name cannot be had, or with --wait time is up
  2    the command line makes no sense
  3    vmuxd cannot be reached
  4    it could not be started
  5    it runs already and was gone to, but is not in view, or may not be
  10   with --wait: it asks for something
  11   with --wait: it has ended
  130  Ctrl-C has stopped it; what was made is taken back";

/// What the help of `vmux end` says below its options.
pub const END: &str = "\
Examples:
  vmux end web                 asks, then ends it as a closed terminal would
  vmux end web --worktree      and removes its worktree, if nothing in it would be lost
  vmux end web --yes           without asking, for scripts

The conversation stays: `claude --resume` and `vmux restore --ended` take it up again. A worktree with
changes that are not committed, or with commits that are only there, is left alone, and so is the session.

Exit codes:
  0  it has ended
  1  no session matches, several do, or you said no
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  it did not end, or its worktree would lose something";

/// What the help of `vmux restore` says below its options.
pub const RESTORE: &str = "\
Examples:
  vmux restore                 the sessions that were cut off: by a reboot, or with tmux
  vmux restore --all           starts all of them again, each in tmux
  vmux restore web docs        only these
  vmux restore --ended         also those that you have ended

Each begins with `claude --resume` in its directory, under its name. One that runs is not started again.

Exit codes:
  0  they are listed, or run
  1  none is there, or none matches
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  one of them could not be started";

/// Options of `new`.
#[derive(Debug, Clone, Default, Args)]
pub struct NewArgs {
    /// Its name; without it the directory's
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Only say whether the name can be had
    #[arg(long, requires = "name", conflicts_with_all = ["dir", "worktree", "prompt", "place", "wait", "args"])]
    pub check: bool,
    /// Its directory; without it this one
    #[arg(long, short, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
    /// In a worktree of its own, on this branch; without one on a branch called as the session
    #[arg(long, short, value_name = "BRANCH", num_args = 0..=1, default_missing_value = "")]
    pub worktree: Option<String>,
    /// Its first prompt
    #[arg(long, short, value_name = "TEXT", allow_hyphen_values = true)]
    pub prompt: Option<String>,
    /// Where; without it what the configuration says, else tmux if it is installed, else a window
    #[arg(id = "place", long = "in", value_enum, value_name = "PLACE")]
    pub place: Option<PlaceName>,
    /// On this host of the configuration, whose own has to allow it
    #[arg(long, value_name = "HOST", conflicts_with_all = ["workspace", "wait"])]
    pub host: Option<String>,
    /// With a window on this workspace
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<String>,
    /// What a template of the configuration says, where the command line says nothing
    #[arg(long, short, value_name = "TEMPLATE")]
    pub template: Option<String>,
    /// Wait until its prompt is free, or it asks for something
    #[arg(long)]
    pub wait: bool,
    /// With --wait: give up after so long, such as 90s or 10m
    #[arg(long, value_parser = duration, requires = "wait")]
    pub timeout: Option<Duration>,
    /// Print each step as a line of JSON, and then the session
    #[arg(long)]
    pub json: bool,
    /// More arguments for Claude Code
    #[arg(last = true, value_name = "CLAUDE ARGS", allow_hyphen_values = true)]
    pub args: Vec<String>,
}

/// Where a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlaceName {
    /// In a tmux session of its own.
    Tmux,
    /// In a terminal window of its own.
    Window,
    /// In Claude Code's background (`claude --bg`).
    Background,
}

impl From<PlaceName> for StartPlace {
    fn from(name: PlaceName) -> StartPlace {
        match name {
            PlaceName::Tmux => StartPlace::Tmux,
            PlaceName::Window => StartPlace::Window,
            PlaceName::Background => StartPlace::Background,
        }
    }
}

/// Options of `end`.
#[derive(Debug, Clone, Default, Args)]
pub struct EndArgs {
    /// The session
    #[arg(required = true)]
    pub query: Vec<String>,
    /// Also remove the worktree of git that it is in, if nothing would be lost
    #[arg(long)]
    pub worktree: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Print JSON: the session, and what was removed
    #[arg(long)]
    pub json: bool,
}

/// Options of `restore`.
#[derive(Debug, Clone, Default, Args)]
pub struct RestoreArgs {
    /// Which: names, ids, or directories
    #[arg(value_name = "NAME", conflicts_with = "all")]
    pub names: Vec<String>,
    /// Start all that are listed
    #[arg(long)]
    pub all: bool,
    /// Those that you have ended, too
    #[arg(long)]
    pub ended: bool,
    /// Where; without it what the configuration says, else tmux if it is installed, else a window
    #[arg(id = "place", long = "in", value_enum, value_name = "PLACE")]
    pub place: Option<PlaceName>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
