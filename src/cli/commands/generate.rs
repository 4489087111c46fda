//! `vmux completions` and `vmux man`: what packages of vmux contain.

use crate::cli::args::{Cli, Shell};
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::cli::terminal::print;
use crate::client::error::plain;
use crate::config::EXAMPLE;
use clap::CommandFactory;
use std::path::Path;
use std::{fs, io};

/// Prints the completions of a shell.
pub fn completions(shell: Shell) -> CliResult {
    print(completion(shell))
}

/// The completions of a shell.
pub fn completion(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("../../../dist/completions/vmux.bash"),
        Shell::Fish => include_str!("../../../dist/completions/vmux.fish"),
        Shell::Zsh => include_str!("../../../dist/completions/vmux.zsh"),
    }
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
    for (name, page) in pages()? {
        fs::write(directory.join(name), page).map_err(|error| {
            let text = format!("writing to {}: {}", directory.display(), plain(&error));
            CliError::new(FAILED, text).hint("name a directory that exists and is writable")
        })?;
    }
    Ok(())
}

/// The manual pages, by the names of their files.
pub fn pages() -> CliResult<Vec<(String, String)>> {
    let mut root = Cli::command();
    root.build();
    let mut pages = Vec::new();
    add_pages(&root, &mut pages).map_err(|error| CliError::new(FAILED, plain(&error)))?;
    pages.extend(PAGES.map(|(name, page)| (name.to_owned(), page.to_owned())));
    pages.push(("vmux-config.5".to_owned(), config_page(EXAMPLE)));
    Ok(pages)
}

/// The pages of a command and of the commands in it. Hidden commands need none.
fn add_pages(command: &clap::Command, pages: &mut Vec<(String, String)>) -> io::Result<()> {
    let man = clap_mangen::Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page)?;
    pages.push((man.get_filename(), String::from_utf8_lossy(&page).into_owned()));
    for inner in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        add_pages(inner, pages)?;
    }
    Ok(())
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
