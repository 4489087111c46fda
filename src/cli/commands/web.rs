//! `vmux web`: a program of its own, so that what serves browsers is no part of this one.

use crate::cli::commands::become_sibling;
use crate::cli::error::CliError;

/// Becomes `vmux-web`, which gets this command line; returns only if it cannot be started.
pub fn start() -> CliError {
    become_sibling("vmux-web")
}
