//! The command line of Claude Code, and how words pass through tmux. Pure.

use std::ffi::OsString;

/// What a session is started with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its name, for versions that know one.
    pub name: Option<String>,
    /// The id that it is to have.
    pub session_id: Option<String>,
    /// Whether the session of this id is to be taken up again.
    pub is_resumed: bool,
    /// More arguments.
    pub arguments: Vec<String>,
    /// Its first prompt.
    pub prompt: Option<String>,
}

/// The arguments of Claude Code.
///
/// The prompt stands behind `--`, where it can be no option, and no value of an option that takes several. A
/// prompt of one word ends in a space, for the first word may be a subcommand even there.
pub fn arguments(wanted: &Wanted) -> Vec<OsString> {
    let mut words: Vec<String> = Vec::new();
    let id = wanted.session_id.clone();
    let option = if wanted.is_resumed { "--resume" } else { "--session-id" };
    words.extend(id.into_iter().flat_map(|id| [option.to_owned(), id]));
    words.extend(wanted.name.clone().into_iter().flat_map(|name| ["--name".to_owned(), name]));
    words.extend(wanted.arguments.iter().cloned());
    if let Some(prompt) = &wanted.prompt {
        let is_word = !prompt.contains(char::is_whitespace);
        words
            .extend(["--".to_owned(), if is_word { format!("{prompt} ") } else { prompt.clone() }]);
    }
    words.into_iter().map(OsString::from).collect()
}

/// Why a session cannot begin with an argument of the user's, and what to do instead: it contradicts what a
/// start with an id of its own is. Claude Code would refuse it, or begin something that is no session of
/// this start. Source: `claude --help` of 2.1.332, and what it says.
pub fn unfit(arguments: &[String]) -> Option<(String, &'static str)> {
    let options = || arguments.iter().map(String::as_str).take_while(|it| *it != "--");
    let is_forked = options().any(|it| it == "--fork-session");
    options().find_map(|it| {
        let name = it.split('=').next().unwrap_or(it);
        let (why, hint) = match name {
            "--session-id" => {
                ("vmux chooses the session id", "leave it out; `vmux new --json` tells the id")
            }
            "-p" | "--print" => {
                ("it prints and ends, and has no prompt", "call `claude -p` by itself")
            }
            "--bg" | "--background" => {
                ("it begins another session in the background", "`--in background` does that")
            }
            "-r" | "--resume" | "-c" | "--continue" if !is_forked => (
                "a conversation that is continued has its own id",
                "add `--fork-session`; `vmux restore` continues what was cut off",
            ),
            _ => return None,
        };
        Some((format!("{name} does not go with `vmux new`: {why}"), hint))
    })
}

/// A word as tmux has to be given it: it takes a `;` at the end of an argument for the end of a command.
/// Source: tmux(1), COMMAND PARSING AND EXECUTION.
pub fn tmux_word(word: &str) -> String {
    match word.strip_suffix(';') {
        Some(rest) => format!("{rest}\\;"),
        None => word.to_owned(),
    }
}

/// The name of the tmux session of a session: tmux puts `_` for the characters that its targets need.
pub fn tmux_name(name: &str) -> String {
    name.replace(['.', ':'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(wanted: &Wanted) -> String {
        let words: Vec<String> = arguments(wanted).iter().map(|it| format!("{it:?}")).collect();
        words.join(" ").replace('"', "'")
    }

    #[test]
    fn a_prompt_is_no_option_and_no_subcommand() {
        let mut wanted = Wanted {
            name: Some("web".to_owned()),
            session_id: Some("id".to_owned()),
            arguments: vec!["--allowedTools".to_owned(), "Read".to_owned()],
            prompt: Some("-fix it".to_owned()),
            ..Wanted::default()
        };
        assert_eq!(
            line(&wanted),
            "'--session-id' 'id' '--name' 'web' '--allowedTools' 'Read' '--' '-fix it'"
        );
        wanted = Wanted { prompt: Some("update".to_owned()), is_resumed: true, ..wanted };
        wanted.arguments.clear();
        assert_eq!(line(&wanted), "'--resume' 'id' '--name' 'web' '--' 'update '");
        assert_eq!(line(&Wanted::default()), "");
    }

    #[test]
    fn what_contradicts_a_start_is_refused() {
        let why = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            unfit(&words).map(|it| it.0.split(' ').next().unwrap_or_default().to_owned())
        };
        for (line, option) in [
            ("--model opus --session-id x", "--session-id"),
            ("--session-id=x", "--session-id"),
            ("-p", "-p"),
            ("--resume x", "--resume"),
            ("-c", "-c"),
            ("--bg", "--bg"),
        ] {
            assert_eq!(why(line).as_deref(), Some(option), "{line}");
        }
        for line in
            ["", "--model opus", "--resume x --fork-session", "-- -p", "--permission-mode plan"]
        {
            assert_eq!(why(line), None, "{line}");
        }
    }

    #[test]
    fn tmux_gets_words_whole() {
        for (word, given) in
            [("x", "x"), ("x;", "x\\;"), (";", "\\;"), ("x\\;", "x\\\\;"), ("a;b", "a;b")]
        {
            assert_eq!(tmux_word(word), given);
        }
        assert_eq!(tmux_name("a.b-c"), "a_b-c");
    }
}
