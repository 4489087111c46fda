//! The terminal in which vmux shows something new: the user's own. No request can name one, because it
//! is a program that vmux starts.

use super::programs::find_in_path;

/// Terminals that run what follows `-e`, the preferred first.
const KNOWN: &[&str] =
    &["i3-sensible-terminal", "x-terminal-emulator", "foot", "alacritty", "xterm"];

/// The configured one, else `$TERMINAL`, else the first that is installed; empty if there is none.
/// Searches `PATH`, which may block on a disk.
pub fn choose(configured: Vec<String>) -> Vec<String> {
    if !configured.is_empty() {
        return configured;
    }
    let is_installed = |name: &str| find_in_path(name).is_some();
    of_words(std::env::var("TERMINAL").ok().as_deref(), is_installed)
}

fn of_words(named: Option<&str>, is_installed: impl Fn(&str) -> bool) -> Vec<String> {
    let named = named.filter(|words| !words.trim().is_empty());
    let program = named.or_else(|| KNOWN.iter().copied().find(|name| is_installed(name)));
    let mut words: Vec<String> =
        program.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if words.len() == 1 {
        words.push("-e".to_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_own_comes_before_what_is_installed() {
        assert_eq!(of_words(Some("kitty"), |_| true), ["kitty", "-e"]);
        assert_eq!(of_words(Some("gnome-terminal --wait --"), |_| true).len(), 3);
        assert_eq!(of_words(Some(" "), |name| name == "xterm"), ["xterm", "-e"]);
        assert!(of_words(None, |_| false).is_empty());
        assert_eq!(choose(vec!["foot".to_owned()]), ["foot"]);
    }
}
