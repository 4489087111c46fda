//! What may stand at the cursor.

use super::slot::{Part, Slot, find, hint, takes_value};
use super::{Answer, Candidate};
use crate::cli::launcher;
use crate::config::column::Column;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::query::order::{self, Order};
use crate::session::query::{self, Found};
use crate::show::phrases;
use crate::show::status::format::FORMATS;
use crate::show::status::template;
use crate::show::table::template as row_template;
use clap::{Arg, Command};
use std::collections::BTreeSet;

/// What candidates depend on besides the command line.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The time.
    pub now: Timestamp,
    /// The user's home.
    pub home: Option<&'a str>,
    /// Which of the sessions that wait comes first.
    pub order: Order,
    /// The templates of `vmux new`.
    pub templates: &'a [String],
}

/// What may stand at the cursor, after the words `before`, in the word `current`. `sessions` is called
/// only if it matters which ones there are.
pub fn complete(
    root: &Command,
    before: &[String],
    current: &str,
    sessions: impl FnOnce() -> Vec<SessionInfo>,
    world: World,
) -> Answer {
    let slot = find(root, before, current);
    let words = |mut words: Vec<Candidate>| {
        for word in &mut words {
            word.text.insert_str(0, &slot.prefix);
        }
        Answer::Words(words)
    };
    match &slot.part {
        Part::Nothing => words(Vec::new()),
        Part::Command => words(commands(slot.command)),
        Part::Option => words(options(slot.command, before)),
        Part::Positional(arg, _) if arg.is_trailing_var_arg_set() => match before.last() {
            Some(last) if last.starts_with('-') => Answer::Commands,
            _ => Answer::Files,
        },
        Part::Positional(arg, _) if arg.get_id() == "query" && is_path(current) => {
            Answer::Directories
        }
        Part::Positional(arg, earlier) if arg.get_id() == "query" => {
            // With these, each argument is a query of its own.
            let is_alone = before.iter().any(|it| it == "--any" || it == "--all");
            let earlier = if is_alone { &[][..] } else { earlier };
            words(queries(&sessions(), earlier, world))
        }
        Part::Positional(arg, _) => hint(arg).unwrap_or_else(|| words(values(arg))),
        Part::Value(arg) => {
            let begun = &current[slot.prefix.len().min(current.len())..];
            match arg.get_id().as_str() {
                "format" if begun.contains('{') => words(names(slot.command, begun)),
                "format" if slot.command.get_name() == "status" => {
                    words(FORMATS.iter().map(|(name, _)| Candidate::word(*name)).collect())
                }
                "launcher" => words(launcher::names().map(Candidate::word).collect()),
                "columns" => words(unlisted(&slot, Column::names().map(Candidate::word).collect())),
                "template" => words(world.templates.iter().map(Candidate::word).collect()),
                "host" => words(unlisted(&slot, hosts(&sessions()))),
                _ => hint(arg).unwrap_or_else(|| words(unlisted(&slot, values(arg)))),
            }
        }
    }
}

/// The answer narrowed to what was typed, for a shell that does not do it.
pub fn narrowed(answer: Answer, current: &str) -> Answer {
    match answer {
        Answer::Words(mut words) => {
            words.retain(|it| it.text.starts_with(current));
            Answer::Words(words)
        }
        other => other,
    }
}

fn commands(command: &Command) -> Vec<Candidate> {
    let shown = command.get_subcommands().filter(|it| !it.is_hide_set());
    let candidate = |it: &Command| Candidate {
        text: it.get_name().to_owned(),
        help: it.get_about().map(ToString::to_string).unwrap_or_default(),
    };
    shown.map(candidate).collect()
}

/// The options, without those that were given and can be given once only.
fn options(command: &Command, before: &[String]) -> Vec<Candidate> {
    let is_given = |arg: &Arg, long: &str| {
        !matches!(arg.get_action(), clap::ArgAction::Append)
            && before.iter().any(|it| it.strip_prefix("--") == Some(long))
    };
    let shown = command.get_arguments().filter(|it| !it.is_hide_set());
    let candidate = |arg: &Arg| {
        let long = arg.get_long().filter(|long| !is_given(arg, long))?;
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        Some(Candidate { text: format!("--{long}"), help })
    };
    shown.filter_map(candidate).collect()
}

fn values(arg: &Arg) -> Vec<Candidate> {
    if !takes_value(arg) {
        return Vec::new();
    }
    let values = arg.get_possible_values();
    let shown = values.iter().filter(|it| !it.is_hide_set());
    let candidate = |it: &clap::builder::PossibleValue| Candidate {
        text: it.get_name().to_owned(),
        help: it.get_help().map(ToString::to_string).unwrap_or_default(),
    };
    shown.map(candidate).collect()
}

/// Without the values that the list with commas has already.
fn unlisted(slot: &Slot, mut words: Vec<Candidate>) -> Vec<Candidate> {
    let list = slot.prefix.rsplit('=').next().unwrap_or_default();
    let given: BTreeSet<&str> = list.trim_start_matches('+').split(',').collect();
    words.retain(|it| !given.contains(it.text.as_str()));
    words
}

/// Templates that go on with a name.
fn names(command: &Command, begun: &str) -> Vec<Candidate> {
    let Some(brace) = begun.rfind('{') else { return Vec::new() };
    // What is closed or is a brace itself is complete.
    if begun[brace..].contains('}') || begun[..brace].ends_with('{') {
        return Vec::new();
    }
    let of = |name: &str| Candidate::word(format!("{}{{{name}}}", &begun[..brace]));
    match command.get_name() {
        "list" => row_template::names().map(of).collect(),
        _ => template::NAMES.iter().map(|name| of(name)).collect(),
    }
}

/// Words that mean a session each, the most urgent first. After `earlier` words of the same query, what
/// is missing of them.
fn queries(sessions: &[SessionInfo], earlier: &[String], world: World) -> Vec<Candidate> {
    let earlier: String = earlier.iter().map(|word| format!("{word} ")).collect();
    let candidate = |session: &&SessionInfo| {
        let query = query(session, sessions);
        let rest = query.strip_prefix(&earlier).filter(|it| !it.is_empty())?;
        let clock = phrases::clock(phrases::since(session), world.now);
        let directory = phrases::directory(&session.cwd, world.home);
        let help = format!("{} {clock}  {directory}", phrases::state(session));
        Some(Candidate { text: rest.to_owned(), help })
    };
    order::sorted(sessions, world.order).iter().filter_map(candidate).collect()
}

/// What means this session only: its title, if no other session is called so and it is no option and no
/// number; else its process.
fn query(session: &SessionInfo, sessions: &[SessionInfo]) -> String {
    let title = phrases::title(session);
    let is_plain = !title.starts_with('-')
        && !is_path(&title)
        && !title.chars().all(|c| c.is_ascii_digit())
        && !title.ends_with('…');
    let means_it = || match query::find(&title, sessions) {
        Found::One(index) => sessions[index].key() == session.key(),
        _ => false,
    };
    match (is_plain && means_it(), session.host) {
        (true, _) => title,
        (false, None) => session.pid.to_string(),
        (false, Some(host)) => format!("{host}:{}", session.pid),
    }
}

fn is_path(word: &str) -> bool {
    word.starts_with(['/', '~']) || word.starts_with("./") || word.starts_with("..")
}

fn hosts(sessions: &[SessionInfo]) -> Vec<Candidate> {
    let named: BTreeSet<&str> = sessions.iter().filter_map(|it| Some(it.host?.as_str())).collect();
    let local = Candidate { text: "local".to_owned(), help: "this machine".to_owned() };
    [local].into_iter().chain(named.into_iter().map(Candidate::word)).collect()
}

#[cfg(test)]
#[path = "candidates_tests.rs"]
mod tests;
