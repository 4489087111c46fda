//! Editors with several windows of one process: the folder that each has open is in its title. Pure.
//!
//! VS Code and those that are made of it say `FILE - FOLDER - Visual Studio Code`, or without a
//! file; the IDEs of JetBrains and Zed say `FOLDER – FILE`. Their terminals run below a process of
//! their own, and nothing else ties them to a window.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What `WM_CLASS` or `app_id` begins with, in lower case: made of VS Code.
const LIKE_CODE: &[&str] =
    &["code", "vscodium", "codium", "cursor", "windsurf", "positron", "trae", "antigravity"];

/// The same of editors whose title begins with the folder.
const FOLDER_FIRST: &[&str] = &["jetbrains-", "dev.zed.zed", "zed"];

/// What separates the parts of a title.
const SEPARATORS: &[&str] = &[" - ", " – ", " — "];

fn begins_with_any(class: &str, names: &[&str]) -> bool {
    let class = class.to_lowercase();
    names.iter().any(|name| class.starts_with(name))
}

/// Whether windows of this class have the folder in their title.
pub fn is_editor(class: &str) -> bool {
    begins_with_any(class, LIKE_CODE) || begins_with_any(class, FOLDER_FIRST)
}

/// The only one of these windows, given as class and title, that has the folder `dir` open, or the
/// innermost folder around it that any of them has. `home` and what is around it do not count.
pub fn window_of_folder<'a>(
    windows: impl Iterator<Item = (&'a str, &'a str)>,
    dir: &Path,
    home: Option<&Path>,
) -> Option<usize> {
    let folders: Vec<Option<&str>> =
        windows.map(|(class, title)| folder_in_title(class, title)).collect();
    let inside_home = |dir: &&Path| home.is_none_or(|home| !home.starts_with(dir));
    for dir in dir.ancestors().take_while(inside_home) {
        let name = dir.file_name().and_then(OsStr::to_str)?;
        let mut with = folders.iter().enumerate().filter(|(_, folder)| **folder == Some(name));
        match (with.next(), with.next()) {
            (None, _) => {}
            (Some((index, _)), None) => return Some(index),
            (Some(_), Some(_)) => return None,
        }
    }
    None
}

/// The only one of these windows that has the name of one of these folders in its title.
pub fn window_with<'a>(
    windows: impl Iterator<Item = (&'a str, &'a str)>,
    folders: &[PathBuf],
) -> Option<usize> {
    let has_name =
        |folder: &str| folders.iter().any(|it| it.file_name() == Some(OsStr::new(folder)));
    let fits = |(class, title)| folder_in_title(class, title).is_some_and(has_name);
    let mut fitting = windows.enumerate().filter(|(_, window)| fits(*window));
    match (fitting.next(), fitting.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

/// The name of the folder in the title of an editor's window.
fn folder_in_title<'a>(class: &str, title: &'a str) -> Option<&'a str> {
    let mut parts = vec![title];
    for separator in SEPARATORS {
        parts = parts.iter().flat_map(|part| part.split(separator)).collect();
    }
    let folder = match begins_with_any(class, FOLDER_FIRST) {
        true => parts.first()?,
        // The last part is the program.
        false => parts.len().checked_sub(2).and_then(|index| parts.get(index))?,
    };
    let folder = folder.trim().trim_start_matches(['●', '*']).trim();
    // `api (Workspace)`, `api [SSH: host]`
    let end = folder.find([' ', '(', '[']).filter(|at| folder[*at..].contains(['(', '[']));
    let folder = folder[..end.unwrap_or(folder.len())].trim();
    (!folder.is_empty()).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(titles: &[(&str, &str)], dir: &str) -> Option<usize> {
        window_of_folder(titles.iter().copied(), Path::new(dir), Some(Path::new("/home/me")))
    }

    #[test]
    fn the_window_with_the_folder() {
        let code = [
            ("Code", "main.rs - api - Visual Studio Code"),
            ("Code", "● index.ts - web (Workspace) - Visual Studio Code"),
            ("Code", "Welcome - Visual Studio Code"),
        ];
        assert_eq!(find(&code, "/home/me/src/api"), Some(0));
        assert_eq!(find(&code, "/home/me/src/web/lib/deep"), Some(1));
        assert_eq!(find(&code, "/home/me/src/other"), None);
        let zed = [("dev.zed.Zed", "api — main.rs"), ("dev.zed.Zed", "web — api")];
        assert_eq!(find(&zed, "/home/me/api"), Some(0));
        let idea = [("jetbrains-idea", "web – Main.kt"), ("jetbrains-idea", "api [x] – B.kt")];
        assert_eq!(find(&idea, "/home/me/api"), Some(1));
    }

    #[test]
    fn the_only_window_with_one_of_some_folders() {
        let code = [
            ("Code", "main.rs - api - Visual Studio Code"),
            ("Code", "a.rs - web - Visual Studio Code"),
            ("Code", "b.rs - web - Visual Studio Code"),
        ];
        let with = |folders: &[&str]| {
            let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
            window_with(code.iter().copied(), &folders)
        };
        assert_eq!(with(&["/home/me/src/api"]), Some(0));
        assert_eq!(with(&["/home/me/lib", "/home/me/src/api"]), Some(0));
        assert_eq!(with(&["/home/me/web"]), None);
        assert_eq!(with(&["/home/me/api/deep"]), None);
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn a_folder_of_two_windows_and_one_around_home_decide_nothing() {
        let twice = [("code-oss", "a - api - Code - OSS"), ("code", "b - api - VSCodium")];
        assert_eq!(find(&[twice[1], twice[1]], "/home/me/api"), None);
        let home = [("code", "a - me - VSCodium"), ("code", "b - home - VSCodium")];
        assert_eq!(find(&home, "/home/me/api"), None);
        // A file that is called like the folder.
        let file = [("code", "api - web - VSCodium"), ("code", "b - lib - VSCodium")];
        assert_eq!(find(&file, "/home/me/api"), None);
        assert!(!is_editor("xterm") && !is_editor("") && is_editor("Cursor"));
    }
}
