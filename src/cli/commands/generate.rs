//! `vmux completions` and `vmux man`: what packages of vmux contain.

use crate::cli::args::groups::groups;
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
    let pages = pages()?;
    fs::create_dir_all(directory).map_err(|error| {
        let text = format!("making {}: {}", directory.display(), plain(&error));
        CliError::new(FAILED, text).hint("name a directory that can be made or is writable")
    })?;
    for (name, page) in pages {
        fs::write(directory.join(name), page).map_err(|error| {
            let text = format!("writing to {}: {}", directory.display(), plain(&error));
            CliError::new(FAILED, text).hint("name a directory that is writable")
        })?;
    }
    Ok(())
}

/// The manual pages, by the names of their files.
pub fn pages() -> CliResult<Vec<(String, String)>> {
    let mut root = Cli::command();
    root.build();
    let mut pages = Vec::new();
    add_pages(&root, true, &mut pages).map_err(|error| CliError::new(FAILED, plain(&error)))?;
    pages.extend(PAGES.map(|(name, page)| (name.to_owned(), page.to_owned())));
    pages.push(("vmux-config.5".to_owned(), config_page(EXAMPLE)));
    Ok(pages)
}

/// The pages of a command and of the commands in it. Hidden commands need none.
fn add_pages(
    command: &clap::Command,
    is_root: bool,
    pages: &mut Vec<(String, String)>,
) -> io::Result<()> {
    let man = clap_mangen::Man::new(command.clone()).manual("vmux");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if is_root {
        page.extend(b".SH COMMANDS\n");
        for (title, group) in groups(command) {
            page.extend(format!(".SS {title}\n").bytes());
            group.iter().for_each(|it| page.extend(item(it).bytes()));
        }
    } else if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    if command.get_arguments().any(|it| !it.is_hide_set()) {
        man.render_options_section(&mut page)?;
    }
    if let Some(text) = command.get_after_long_help() {
        page.extend(sections(&text.to_string()).bytes());
    }
    pages.push((man.get_filename(), String::from_utf8_lossy(&page).into_owned()));
    for inner in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        add_pages(inner, false, pages)?;
    }
    Ok(())
}

/// A command in the list of commands: its page, and what it does.
fn item(command: &clap::Command) -> String {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    format!(".TP\n.BR vmux\\-{} (1)\n{}", command.get_name(), line(&about))
}

/// What the help says below the options, as sections of a manual page. A line without indentation that
/// ends with a colon is the title of one.
fn sections(help: &str) -> String {
    let mut text = String::new();
    for block in help.split("\n\n") {
        let (first, rest) = block.split_once('\n').unwrap_or((block, ""));
        let title = first.strip_suffix(':').filter(|_| !rest.is_empty());
        let (title, lines) = match title {
            Some(title) => (title, rest),
            None => ("Notes", block),
        };
        let title = match title.starts_with("Exit codes") {
            true => "EXIT STATUS".to_owned(),
            false => title.to_uppercase(),
        };
        text.push_str(&format!(".SH {title}\n.nf\n"));
        lines.lines().for_each(|it| text.push_str(&line(it)));
        text.push_str(".fi\n");
    }
    text
}

/// A line of text as roff. One that begins with a dot or a quote would be a request (groff(7)).
fn line(line: &str) -> String {
    format!("\\&{}\n", line.replace('\\', "\\e").replace('-', "\\-"))
}

/// The manual page of the configuration: the example, which explains every key.
fn config_page(example: &str) -> String {
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
