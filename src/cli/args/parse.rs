//! Parses the command line: `help` as a command, and the nearest command for a typing error.

use super::Cli;
use clap::Parser;
use clap::error::{ContextKind, ContextValue};
use std::ffi::OsString;

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
