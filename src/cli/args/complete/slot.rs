//! Where the cursor is in a command line.

use clap::{Arg, ArgAction, Command, ValueHint};

/// What the word at the cursor is.
#[derive(Debug, Clone)]
pub struct Slot<'a> {
    /// The command that the words before it name.
    pub command: &'a Command,
    /// What is being typed.
    pub part: Part<'a>,
    /// What of the word stands before that: `--format=`, `state,`.
    pub prefix: String,
    /// Whether only positional arguments may follow.
    pub only_positionals: bool,
}

/// The kinds of words.
#[derive(Debug, Clone)]
pub enum Part<'a> {
    /// A command; if there is none, a positional argument.
    Command,
    /// The name of an option.
    Option,
    /// The value of an option.
    Value(&'a Arg),
    /// A positional argument, after these.
    Positional(&'a Arg, Vec<String>),
    /// Nothing that could be completed.
    Nothing,
}

/// Where the cursor is: after the words `before` (without the name of the program), in the word `current`.
/// `root` was built ([`Command::build`]).
pub fn find<'a>(root: &'a Command, before: &[String], current: &str) -> Slot<'a> {
    let mut command = root;
    let mut positionals: Vec<String> = Vec::new();
    let mut pending: Option<&Arg> = None;
    let mut only_positionals = false;
    for word in before {
        if pending.take().is_some() {
            continue;
        }
        if only_positionals {
            positionals.push(word.clone());
        } else if word == "--" {
            only_positionals = true;
        } else if let Some(option) = word.strip_prefix("--") {
            let is_whole = !option.contains('=');
            pending = long(command, option).filter(|it| takes_value(it) && is_whole);
        } else if word.starts_with('-') && word.len() > 1 {
            let last = word.chars().last();
            pending = command.get_arguments().find(|it| it.get_short() == last);
            pending = pending.filter(|it| takes_value(it));
        } else if let Some(inner) = command.find_subcommand(word).filter(|_| positionals.is_empty())
        {
            command = inner;
        } else {
            positionals.push(word.clone());
            only_positionals = positional(command, &positionals[..positionals.len() - 1])
                .is_some_and(Arg::is_trailing_var_arg_set);
        }
    }
    let slot =
        |part, prefix: &str| Slot { command, part, prefix: prefix.to_owned(), only_positionals };
    if let Some(arg) = pending {
        return slot(Part::Value(arg), listed(arg, current));
    }
    if !only_positionals && current.starts_with('-') {
        return match current.strip_prefix("--").and_then(|it| it.split_once('=')) {
            None => slot(Part::Option, ""),
            Some((name, value)) => match long(command, name).filter(|it| takes_value(it)) {
                Some(arg) => {
                    let begun = current.len() - value.len() + listed(arg, value).len();
                    slot(Part::Value(arg), &current[..begun])
                }
                None => slot(Part::Nothing, ""),
            },
        };
    }
    if command.has_subcommands() && positionals.is_empty() {
        return slot(Part::Command, "");
    }
    match positional(command, &positionals) {
        Some(arg) => slot(Part::Positional(arg, positionals), ""),
        None => slot(Part::Nothing, ""),
    }
}

fn long<'a>(command: &'a Command, option: &str) -> Option<&'a Arg> {
    let name = option.split('=').next();
    command.get_arguments().find(|it| it.get_long() == name)
}

/// The positional argument that comes after these.
fn positional<'a>(command: &'a Command, before: &[String]) -> Option<&'a Arg> {
    let mut last = None;
    for (at, arg) in command.get_positionals().enumerate() {
        if at == before.len() {
            return Some(arg);
        }
        last = Some(arg);
    }
    last.filter(|it| matches!(it.get_action(), ArgAction::Append))
}

/// Whether an option has a value.
pub fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

/// Of a list with commas, all but the last value; of another value nothing.
fn listed<'v>(arg: &Arg, value: &'v str) -> &'v str {
    let is_list = arg.get_value_delimiter().is_some() || arg.get_id() == "columns";
    match value.rfind(',').filter(|_| is_list) {
        Some(comma) => &value[..=comma],
        None if arg.get_id() == "columns" && value.starts_with('+') => "+",
        None => "",
    }
}

/// What kind of path a value is, if it is one.
pub fn hint(arg: &Arg) -> Option<super::Answer> {
    match arg.get_value_hint() {
        ValueHint::DirPath => Some(super::Answer::Directories),
        ValueHint::AnyPath | ValueHint::FilePath | ValueHint::ExecutablePath => {
            Some(super::Answer::Files)
        }
        ValueHint::CommandName | ValueHint::CommandString | ValueHint::CommandWithArguments => {
            Some(super::Answer::Commands)
        }
        _ => None,
    }
}
