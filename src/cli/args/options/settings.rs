//! The options of the commands that read or change a settings file: `hooks` and `config`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Options of `hooks`.
#[derive(Debug, Args)]
pub struct HooksArgs {
    /// What to do
    #[command(subcommand)]
    pub action: HooksAction,
    /// The settings, instead of those in CLAUDE_CONFIG_DIR or ~/.claude
    #[arg(long, global = true, value_name = "PATH")]
    pub settings: Option<PathBuf>,
    /// Print JSON
    // A global option of the same id would set that of `vmux` alone, too.
    #[arg(id = "hooks_json", long = "json", global = true)]
    pub json: bool,
}

/// What to do with the configuration.
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigAction {
    /// Tell every error in it, and every key that means nothing
    Check {
        /// Another file than vmux's own
        file: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a configuration with every key, its default and what it does
    Example,
}

/// What to do with the hooks.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum HooksAction {
    /// Add them; a backup is kept beside the file
    Install {
        /// Also the event PermissionRequest: old versions of Claude Code then drop all settings
        #[arg(long)]
        permission_request: bool,
        /// Also wait there for `vmux answer`; the dialog can be used meanwhile
        #[arg(long)]
        answer: bool,
    },
    /// Take them away
    Remove,
    /// Show which are there
    Status,
}
