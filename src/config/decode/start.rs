//! `[start]` and `[new.NAME]`: how sessions are started, and templates of them. Pure.

use crate::config::glob::expand;
use crate::config::section::Section;
use crate::config::value;
use crate::session::query::name;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The most templates.
const MAX_TEMPLATES: usize = 100;

/// `[start]`, and the templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartConfig {
    /// The program Claude Code; `None`: the one in `PATH`.
    pub claude: Option<PathBuf>,
    /// Where a session begins if it is not said.
    pub place: Option<StartPlace>,
    /// Whether vmux on other hosts, which reach this one by `vmux relay`, may start sessions here.
    pub from_hosts: bool,
    /// The templates, by name.
    pub templates: BTreeMap<String, Template>,
}

/// Where a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StartPlace {
    /// In a tmux session of its own.
    Tmux,
    /// In a terminal window of its own.
    Window,
    /// In Claude Code's own background.
    Background,
}

impl StartPlace {
    /// All, with the word for each.
    pub const WORDS: &[(&str, StartPlace)] = &[
        ("tmux", StartPlace::Tmux),
        ("window", StartPlace::Window),
        ("background", StartPlace::Background),
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, it)| *it == self).map_or("", |(word, _)| word)
    }
}

/// One `[new.NAME]`: what `vmux new` takes from it where its command line says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// The directory.
    pub dir: Option<PathBuf>,
    /// More arguments for Claude Code.
    pub args: Vec<String>,
    /// The first prompt.
    pub prompt: Option<String>,
    /// Where it begins.
    pub place: Option<StartPlace>,
    /// Whether it has a worktree of its own.
    pub worktree: bool,
    /// The workspace for its window.
    pub workspace: Option<String>,
}

/// Reads both.
pub(super) fn start(start: Section, new: Section, home: Option<&Path>) -> StartConfig {
    let path = "an absolute path or one in ~";
    let config = StartConfig {
        claude: start.get("claude", path, |it| expand(it.as_str()?, home).map(PathBuf::from)),
        place: place(&start),
        from_hosts: start.get("from_hosts", "true or false", value::boolean).unwrap_or(false),
        templates: templates(&new, home),
    };
    start.finish();
    config
}

fn templates(new: &Section, home: Option<&Path>) -> BTreeMap<String, Template> {
    let tables = new.tables();
    if tables.len() > MAX_TEMPLATES {
        new.fault("", format!("at most {MAX_TEMPLATES} templates"));
        return BTreeMap::new();
    }
    let read = |(key, table): (String, Section)| {
        let template = template(table, home);
        match name::check(&key) {
            Ok(()) => Some((key, template)),
            Err(why) => {
                new.fault(&key, why);
                None
            }
        }
    };
    tables.into_iter().filter_map(read).collect()
}

fn template(section: Section, home: Option<&Path>) -> Template {
    let directory = "an absolute path or one in ~";
    let template = Template {
        dir: section.get("dir", directory, |it| expand(it.as_str()?, home).map(PathBuf::from)),
        args: section.get("args", "an array of texts", texts).unwrap_or_default(),
        prompt: section.get("prompt", "a text", |it| value::text(it).filter(|it| is_plain(it))),
        place: place(&section),
        worktree: section.get("worktree", "true or false", value::boolean).unwrap_or(false),
        workspace: section.get("workspace", "the name of a workspace", value::text),
    };
    section.finish();
    template
}

fn place(section: &Section) -> Option<StartPlace> {
    let allowed = "\"tmux\", \"window\" or \"background\"";
    section.get("in", allowed, |it| value::one_of(it, StartPlace::WORDS))
}

fn texts(value: &toml::de::DeValue) -> Option<Vec<String>> {
    let text = |it: &toml::Spanned<toml::de::DeValue>| {
        it.get_ref().as_str().filter(|it| is_plain(it)).map(str::to_owned)
    };
    value.as_array()?.iter().map(text).collect()
}

fn is_plain(text: &str) -> bool {
    !text.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_template_says_what_the_command_line_does_not() {
        let text = "[start]\nin = \"window\"\nfrom_hosts = true\n\
                    [new.review]\ndir = \"~/src\"\nargs = [\"--model\", \"x\"]\nprompt = \"Go;\"\n\
                    in = \"tmux\"\nworktree = true\nworkspace = \"3:web\"\n[new.bare]\n";
        let (config, warnings) = Config::parse(text, Some(Path::new("/home/u"))).unwrap();
        assert!(warnings.is_empty());
        let start = config.start;
        assert_eq!((start.place, start.from_hosts), (Some(StartPlace::Window), true));
        let review = &start.templates["review"];
        assert_eq!(review.dir.as_deref(), Some(Path::new("/home/u/src")));
        assert_eq!(review.args, ["--model", "x"]);
        assert!(review.worktree && review.place == Some(StartPlace::Tmux));
        assert_eq!(start.templates["bare"], Template::default());
        assert_eq!(StartPlace::Background.word(), "background");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, word) in [
            ("[new.a]", 1, "3 to 40"),
            ("[new.next]", 1, "something else"),
            ("[new.web]\ndir = \"src\"", 2, "absolute"),
            ("[new.web]\nargs = \"-x\"", 2, "array"),
            ("[new.web]\nin = \"screen\"", 2, "tmux"),
            ("[new]\nweb = 1", 2, "table"),
            ("[start]\nclaude = \"claude\"", 2, "absolute"),
        ] {
            let fault = Config::parse(text, None).unwrap_err().faults.remove(0);
            assert!(fault.line == line && fault.problem.contains(word), "{text}: {fault}");
        }
    }
}
