//! `vmux completions` and `vmux man`: what packages of vmux contain.

use crate::cli::args::Cli;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::cli::terminal::print;
use crate::client::error::plain;
use crate::config::EXAMPLE;
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

/// The manual pages that are not made from the help: those of the other programs.
const PAGES: [(&str, &str); 3] = [
    ("vmuxd.1", include_str!("../../../dist/man/vmuxd.1")),
    ("vmux-picker.1", include_str!("../../../dist/man/vmux-picker.1")),
    ("vmux-push.1", include_str!("../../../dist/man/vmux-push.1")),
];

/// Writes manual pages for all programs, for each command of `vmux` and for the configuration into
/// `directory`.
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
    for (name, page) in PAGES {
        fs::write(directory.join(name), page).map_err(failed)?;
    }
    fs::write(directory.join("vmux-config.5"), config_page(EXAMPLE)).map_err(failed)
}

/// The manual page of the configuration: the example, which explains every key.
fn config_page(example: &str) -> String {
    // A line that begins with a dot or a quote would be a request (groff(7)).
    let line = |line: &str| format!("\\&{}\n", line.replace('\\', "\\e").replace('-', "\\-"));
    let example: String = example.lines().map(line).collect();
    format!(
        ".TH VMUX-CONFIG 5 \"\" \"vmux\" \"File Formats\"\n\
         .SH NAME\n\
         vmux\\-config \\- the configuration of vmux, ~/.vmux/config.toml\n\
         .SH DESCRIPTION\n\
         The file is optional, and so is every key in it. This is the example that\n\
         .B vmux config example\n\
         prints: every key, its default, and what it does.\n\
         .PP\n.nf\n{example}.fi\n\
         .SH SEE ALSO\n.BR vmux\\-config (1),\n.BR vmuxd (1)\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_the_example_is_a_request() {
        let page = config_page(".TH x\n'y\na-b\\c");
        assert!(page.contains("\n\\&.TH x\n\\&'y\n\\&a\\-b\\ec\n.fi\n"), "{page}");
    }
}
