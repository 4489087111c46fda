//! The options of `vmux extras`, `vmux completions` and `vmux complete`.

use clap::{Args, ValueEnum};

/// Options of `extras`.
#[derive(Debug, Args)]
pub struct ExtrasArgs {
    /// What to do
    pub action: ExtrasAction,
    /// Only say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What to do with completions, manual pages and the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExtrasAction {
    /// Write them.
    Install,
    /// Take them away.
    Remove,
    /// Show which are there.
    Status,
}

/// The shells that have completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// For `complete`: the line up to the cursor, and what of it is to be replaced.
    Bash,
    /// For `complete`: the words before the cursor, and the word at the cursor.
    Fish,
    /// As for fish.
    Zsh,
}
