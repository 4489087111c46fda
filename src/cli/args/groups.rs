//! The commands of `vmux` in groups, for the help and the manual: clap itself lists them in one block.

use super::Cli;
use clap::{Command, CommandFactory};
use std::fmt::Write;

/// What belongs together, in the order in which somebody new needs it. Hidden commands are in none.
const GROUPS: [(&str, &[&str]); 7] = [
    ("See what sessions do", &["list", "show", "why", "peek", "pending", "wait", "events"]),
    ("Go to one, name it, set it aside", &["switch", "label", "ack", "snooze"]),
    ("Answer and write, without going there", &["allow", "deny", "answer", "send"]),
    ("Start and end sessions", &["new", "end", "restore"]),
    ("Servers that sessions run, other machines", &["servers", "hosts"]),
    ("Bars, launchers, browsers, Claude Code", &["status", "rofi", "web", "mcp", "hooks"]),
    ("Set-up", &["doctor", "config", "extras", "completions", "man", "version", "stop"]),
];

/// The command line of `vmux` as clap wants it, with the commands of its help in groups.
pub fn command() -> Command {
    let command = Cli::command();
    let template = template(&command);
    command.help_template(template)
}

/// The commands of `root` in their groups.
pub fn groups(root: &Command) -> impl Iterator<Item = (&'static str, Vec<&Command>)> {
    let named = |names: &[&str]| names.iter().filter_map(|it| root.find_subcommand(it)).collect();
    GROUPS.iter().map(move |(title, names)| (*title, named(names)))
}

/// The help of `root` as a template of clap's, with the groups where clap has its block.
fn template(root: &Command) -> String {
    let (header, name) = (root.get_styles().get_header(), root.get_styles().get_literal());
    let widest = root.get_subcommands().filter(|it| !it.is_hide_set());
    let widest = widest.map(|it| it.get_name().len()).max().unwrap_or_default();
    let mut commands = String::new();
    for (title, group) in groups(root) {
        let _ = writeln!(commands, "{header}{title}:{header:#}");
        for command in group {
            let names = [command.get_name()].into_iter().chain(command.get_visible_aliases());
            let word = names.collect::<Vec<_>>().join(", ");
            let about = command.get_about().unwrap_or_default();
            let _ =
                writeln!(commands, "  {name}{word}{name:#}{:1$}  {about}", "", widest - word.len());
        }
        commands.push('\n');
    }
    format!(
        "{{before-help}}{{about-with-newline}}\n\
         {{usage-heading}} {{usage}}\n\n{commands}\
         {header}Options:{header:#}\n{{options}}{{after-help}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_one_group() {
        let root = Cli::command();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        let shown = root.get_subcommands().filter(|it| !it.is_hide_set());
        let mut shown: Vec<&str> = shown.map(Command::get_name).collect();
        grouped.sort_unstable();
        shown.sort_unstable();
        assert_eq!(grouped, shown);
    }

    #[test]
    fn the_help_has_the_groups_and_nothing_that_clap_takes_for_a_tag() {
        let help = command().render_long_help().to_string();
        assert!(
            help.contains("\nStart and end sessions:\n  new          Start a session"),
            "{help}"
        );
        assert!(help.contains("\n\nOptions:\n      --json\n"), "{help}");
        assert!(!help.contains("Commands:"), "{help}");
        for (_, group) in groups(&Cli::command()) {
            for command in group {
                let about = command.get_about().map(ToString::to_string).unwrap_or_default();
                assert!(!about.is_empty() && !about.contains('{'), "{}", command.get_name());
                assert!(help.contains(&about) && about.len() <= 65, "{about}");
            }
        }
    }
}
