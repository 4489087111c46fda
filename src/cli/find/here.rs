//! Words that are paths, from where the user is.

use std::path::{Component, Path, PathBuf};

/// Where the user is, which words that are paths depend on.
#[derive(Debug, Clone, Default)]
pub struct Here {
    directory: Option<PathBuf>,
    home: Option<PathBuf>,
}

impl Here {
    /// Where this process is.
    pub fn of_process(home: Option<&str>) -> Here {
        Here { directory: std::env::current_dir().ok(), home: home.map(PathBuf::from) }
    }

    /// In this directory, for tests.
    #[cfg(test)]
    pub fn at(directory: &str, home: &str) -> Here {
        Here { directory: Some(directory.into()), home: Some(home.into()) }
    }

    /// Whether this is the user's home.
    pub fn is_home(&self, path: &Path) -> bool {
        self.home.as_deref() == Some(path)
    }

    /// The absolute path that `words` are, if they are one: `.`, `../x`, `~`, `~/x`, `/x`.
    pub fn path(&self, words: &str) -> Option<String> {
        let words = words.trim();
        let begins = |dots: &str| words == dots || words.starts_with(&format!("{dots}/"));
        let is_path = words.starts_with('/') || ["~", ".", ".."].into_iter().any(begins);
        is_path.then(|| self.directory(words))
    }

    /// `text` as an absolute path without `.` and `..`.
    pub fn directory(&self, text: &str) -> String {
        let home = self.home.as_deref();
        let path = match (text.strip_prefix('~'), home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                home.join(rest.trim_start_matches('/'))
            }
            _ => self.directory.as_deref().unwrap_or(Path::new("/")).join(text),
        };
        let mut absolute = PathBuf::new();
        for part in path.components() {
            match part {
                Component::ParentDir => drop(absolute.pop()),
                Component::CurDir => {}
                part => absolute.push(part),
            }
        }
        absolute.to_string_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_be_a_path() {
        let here = Here::at("/home/u/src/web", "/home/u");
        for (words, path) in [
            (".", Some("/home/u/src/web")),
            ("..", Some("/home/u/src")),
            ("./a/../b", Some("/home/u/src/web/b")),
            ("~", Some("/home/u")),
            ("~/src/api/", Some("/home/u/src/api")),
            ("/srv", Some("/srv")),
            ("../../../../../..", Some("/")),
            ("~other", None),
            (".env", None),
            ("web", None),
            ("src/web", None),
            ("", None),
        ] {
            assert_eq!(here.path(words).as_deref(), path, "{words}");
        }
        assert_eq!(here.directory("src"), "/home/u/src/web/src");
    }
}
