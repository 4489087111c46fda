//! `vmux completions` and `vmux man`: what packages of vmux contain.

use crate::cli::args::Cli;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::cli::terminal::print;
use crate::client::error::plain;
use clap::CommandFactory;
use clap_complete::Shell;
use std::fs;
use std::path::Path;

/// Prints the completions of a shell.
pub fn completions(shell: Shell) -> CliResult {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "vmux", &mut text);
    print(&String::from_utf8_lossy(&text))
}

/// Writes manual pages for `vmux` and each of its commands into `directory`.
pub fn man(directory: &Path) -> CliResult {
    let failed = |error: std::io::Error| {
        CliError::new(FAILED, format!("writing to {}: {}", directory.display(), plain(&error)))
            .hint("name a directory that exists and is writable")
    };
    clap_mangen::generate_to(Cli::command(), directory).map_err(failed)?;
    // Hidden commands need no page.
    for command in Cli::command().get_subcommands().filter(|it| it.is_hide_set()) {
        let _ = fs::remove_file(directory.join(format!("vmux-{}.1", command.get_name())));
    }
    Ok(())
}
