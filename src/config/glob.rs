//! Patterns of labels and directories: `*` matches any characters, `?` matches one. Pure.

use std::path::Path;

/// A pattern of labels. Case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelGlob(String);

/// A pattern of directories. It also matches everything below a directory that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryGlob(String);

impl LabelGlob {
    /// The pattern as it stands in the configuration.
    pub fn new(pattern: &str) -> LabelGlob {
        LabelGlob(pattern.to_lowercase())
    }

    /// Whether the pattern matches `label`.
    pub fn matches(&self, label: &str) -> bool {
        matches(&self.0, &label.to_lowercase())
    }
}

impl DirectoryGlob {
    /// The pattern as it stands in the configuration: `~` is `home`. `None` if it is not absolute.
    pub fn new(pattern: &str, home: Option<&Path>) -> Option<DirectoryGlob> {
        let pattern = expand(pattern, home)?;
        let trimmed = pattern.trim_end_matches('/');
        Some(DirectoryGlob(trimmed.to_owned()))
    }

    /// Whether the pattern matches `directory` or one above it.
    pub fn matches(&self, directory: &str) -> bool {
        let mut rest = directory.trim_end_matches('/');
        loop {
            if matches(&self.0, rest) {
                return true;
            }
            match rest.rfind('/') {
                Some(at) => rest = &rest[..at],
                None => return false,
            }
        }
    }
}

/// A path in which `~` is `home`; `None` if it is not absolute, or there is no home.
pub fn expand(path: &str, home: Option<&Path>) -> Option<String> {
    let in_home = match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
        _ => return path.starts_with('/').then(|| path.to_owned()),
    };
    let home = home?.to_str()?.trim_end_matches('/');
    Some(format!("{home}{in_home}"))
}

/// Without recursion: after a mismatch, only the last `*` takes one more character.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("*b*b*", "abab", true),
            ("?", "é", true),
            ("a?", "a", false),
            ("*a*a*a*a*a*a*a*a*b", &"a".repeat(2000), false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text:.20}");
        }
    }

    #[test]
    fn case_does_not_matter_in_a_label() {
        assert!(LabelGlob::new("Batch*").matches("batch 7"));
    }

    #[test]
    fn a_directory_and_all_below_it() {
        let check = |pattern: &str, directory: &str, expected: bool| {
            let glob = DirectoryGlob::new(pattern, Some(Path::new("/home/u"))).unwrap();
            assert_eq!(glob.matches(directory), expected, "{pattern} {directory}");
        };
        check("~/src", "/home/u/src", true);
        check("~/src/", "/home/u/src/a/b", true);
        check("~/src", "/home/u/srcs", false);
        check("/*/tmp", "/var/tmp/x", true);
        check("~", "/home/u", true);
        check("/", "/anything", true);
        assert_eq!(DirectoryGlob::new("src", Some(Path::new("/h"))), None);
        assert_eq!(DirectoryGlob::new("~/src", None), None);
        assert_eq!(DirectoryGlob::new("~other/src", Some(Path::new("/h"))), None);
    }
}
