//! The terminal in which vmux shows something new: the user's own. No request can name one, because it
//! is a program that vmux starts.

use super::programs::find_in_path;
use std::path::Path;

/// Terminals that are looked for, the preferred first.
const KNOWN: &[&str] =
    &["i3-sensible-terminal", "x-terminal-emulator", "foot", "alacritty", "xterm"];

/// Terminals that take a program and its arguments behind another option than `-e`: theirs wants one string,
/// or is gone. Each was tried (docs/start.md).
const OPTIONS: &[(&str, &str)] = &[
    ("gnome-terminal", "--"),
    ("mate-terminal", "--"),
    ("terminator", "-x"),
    ("xfce4-terminal", "-x"),
];

/// The configured one, else `$TERMINAL`, else the first that is installed; empty if there is none.
/// Searches `PATH`, which may block on a disk.
pub fn choose(configured: Vec<String>) -> Vec<String> {
    if !configured.is_empty() {
        return configured;
    }
    let is_installed = |name: &str| find_in_path(name).is_some();
    let mut words = of_words(std::env::var("TERMINAL").ok().as_deref(), is_installed);
    if let [program] = &words[..] {
        // `x-terminal-emulator` is a link to the terminal itself, or to a script that knows `-e`.
        let path = find_in_path(program).and_then(|path| path.canonicalize().ok());
        words.push(option(path.as_deref().unwrap_or(Path::new(program))).to_owned());
    }
    words
}

/// What comes before the program that this terminal is to run.
fn option(terminal: &Path) -> &'static str {
    let name = terminal.file_name().and_then(|it| it.to_str());
    OPTIONS.iter().find(|(known, _)| Some(*known) == name).map_or("-e", |(_, option)| option)
}

/// The words of the terminal's command line; of a program alone, no option is among them yet.
fn of_words(named: Option<&str>, is_installed: impl Fn(&str) -> bool) -> Vec<String> {
    let named = named.filter(|words| !words.trim().is_empty());
    let program = named.or_else(|| KNOWN.iter().copied().find(|name| is_installed(name)));
    program.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_own_comes_before_what_is_installed() {
        assert_eq!(of_words(Some("kitty"), |_| true), ["kitty"]);
        assert_eq!(of_words(Some("gnome-terminal --wait --"), |_| true).len(), 3);
        assert_eq!(of_words(Some(" "), |name| name == "xterm"), ["xterm"]);
        assert!(of_words(None, |_| false).is_empty());
        assert_eq!(choose(vec!["foot".to_owned()]), ["foot"]);
    }

    #[test]
    fn a_terminal_is_told_what_to_run_in_its_own_way() {
        for (terminal, expected) in [
            ("/usr/bin/terminator", "-x"),
            ("xfce4-terminal", "-x"),
            ("/usr/bin/gnome-terminal", "--"),
            ("/usr/bin/gnome-terminal.wrapper", "-e"),
            ("konsole", "-e"),
        ] {
            assert_eq!(option(Path::new(terminal)), expected, "{terminal}");
        }
    }
}
