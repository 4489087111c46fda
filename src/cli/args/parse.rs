//! Parses the command line: `help` as a command, and the nearest command for a typing error.

use super::Cli;
use super::groups::command;
use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue};
use std::ffi::OsString;

/// Parses the command line of this process. If it is wrong, or asks for help, prints that and exits.
pub fn parse_or_exit() -> Cli {
    let arguments = with_help_option(std::env::args_os().collect());
    parse(arguments).unwrap_or_else(|error| with_best_suggestion(error).exit())
}

fn parse(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let mut command = command();
    let mut matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
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
/// A word that is like no command may mean a session.
fn with_best_suggestion(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    let typed = typed.clone();
    let mut similar = match error.remove(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::Strings(names)) => names,
        Some(ContextValue::String(name)) => vec![name],
        _ => Vec::new(),
    };
    // Another name of a command is not worth a suggestion.
    let root = command();
    similar.retain(|it| root.get_subcommands().any(|command| command.get_name() == it));
    let distance = |name: &String| match name.starts_with(&typed) {
        true => 0,
        false => strsim::osa_distance(&typed, name),
    };
    // A letter that is wrong, missing or too much, in a long word two.
    let most = 1 + typed.chars().count() / 5;
    let least = similar.iter().map(distance).min().filter(|least| *least <= most);
    let nearest: Vec<String> =
        similar.iter().filter(|it| Some(distance(it)) == least).cloned().collect();
    match nearest.is_empty() {
        false => {
            error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(nearest));
        }
        true if is_plain(&typed) => {
            let tip = format!(
                "if it means a session, `vmux switch {typed}` goes there, and `vmux list {typed}` \
                 looks for it"
            );
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        }
        true => {}
    }
    error
}

/// Whether a word can be shown in a command line as it is.
fn is_plain(word: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "._/:@~-".contains(it);
    word.len() <= 40 && word.chars().all(is_plain)
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
            let error = parse(vec!["vmux".into(), typed.into()]).err().unwrap();
            let text = with_best_suggestion(error).to_string();
            let tip = text.lines().find(|it| it.contains("tip:")).unwrap();
            assert!(tip.ends_with(&format!("exists: {suggested}")), "{tip}");
        }
        for (typed, tip) in [("api", Some("`vmux switch api`")), ("a\u{1b}[2Jb c", None)] {
            let error = parse(vec!["vmux".into(), typed.into()]).err().unwrap();
            let text = with_best_suggestion(error).to_string();
            let shown = text.lines().find(|it| it.contains("tip:"));
            assert_eq!(shown.is_some(), tip.is_some(), "{text}");
            assert!(shown.is_none_or(|it| it.contains(tip.unwrap())), "{text}");
        }
    }
}
