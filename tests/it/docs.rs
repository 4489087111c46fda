//! The documents hold together: links lead somewhere, what is named exists, lines are short.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Numbered facts, in headings such as `### T5 Transcript order`.
const FACTS: &[&str] = &["docs/facts.md", "docs/facts-windows.md"];

/// Where documents are.
const FOLDERS: &[&str] = &["", "docs", "benches/peers", "lab"];

/// Folders of the repository whose files are named in documents.
const TOPS: &[&str] = &["src", "tests", "docs", "benches", "fuzz", "testdata", "nix", "lab", ".ci"];

/// Made by programs.
const MADE: &[&str] = &["fuzz/artifacts"];

/// Longest line of prose; tables and code may be longer.
const WIDTH: usize = 100;

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for (name, text) in documents() {
        let dir = root().join(Path::new(&name).parent().unwrap());
        for target in prose(&text).flat_map(|(_, line)| line.split("](").skip(1)) {
            let target = target.split(')').next().unwrap_or_default();
            let (path, section) = target.split_once('#').unwrap_or((target, ""));
            if path.contains("://") {
                continue;
            }
            let file = if path.is_empty() { root().join(&name) } else { dir.join(path) };
            let known = section.is_empty()
                || fs::read_to_string(&file).is_ok_and(|text| anchors(&text).contains(section));
            if !file.exists() || !known {
                broken.push(format!("{name}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "these lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn every_fact_that_is_cited_exists() {
    let mut broken = Vec::new();
    let mut cited = 0;
    let sources = crate::tidy::sources();
    for facts in FACTS {
        let text = fs::read_to_string(root().join(facts)).unwrap();
        let numbers: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("### ")?.split(' ').next()).collect();
        let known: BTreeSet<&str> = numbers.iter().copied().collect();
        assert_eq!(known.len(), numbers.len(), "{facts} has a number twice");
        for (path, source) in sources.iter().chain(&documents()) {
            for after in source.split(facts).skip(1) {
                for number in citations(after) {
                    cited += 1;
                    if !known.contains(number.as_str()) {
                        broken.push(format!("{path}: {facts} {number}"));
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "these facts do not exist:\n{}", broken.join("\n"));
    assert!(cited > 10, "the citations were not found");
}

#[test]
fn every_file_and_module_that_is_named_exists() {
    let mut broken = Vec::new();
    let mut named = 0;
    let is_top = |name: &str| TOPS.contains(&name) && root().join(name).is_dir();
    for (name, text) in documents() {
        for (number, line) in prose(&text) {
            // What stands between backquotes is every second piece.
            for span in line.split('`').skip(1).step_by(2) {
                let word = span.split(' ').next().unwrap_or_default();
                let exists = match (word.split_once('/'), word.split_once("::")) {
                    _ if word.contains(['<', '*', '…', '[']) || MADE.contains(&word) => continue,
                    (Some((top, _)), _) if is_top(top) => root().join(word).exists(),
                    (_, Some((top, _))) if root().join("src").join(top).is_dir() => module(word),
                    _ => continue,
                };
                named += 1;
                if !exists {
                    broken.push(format!("{name}:{number}: {word}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "these do not exist:\n{}", broken.join("\n"));
    assert!(named > 20, "the names were not found");
}

#[test]
fn lines_of_prose_are_short() {
    let mut long = Vec::new();
    for (name, text) in documents() {
        for (number, line) in prose(&text) {
            let is_table = line.starts_with('|');
            if line.chars().count() > WIDTH && !is_table && line.contains(' ') {
                long.push(format!("{name}:{number}"));
            }
        }
    }
    assert!(long.is_empty(), "more than {WIDTH} columns:\n{}", long.join("\n"));
}

/// Whether a path such as `daemon::watch::inotify` names a file, a folder or something in one.
fn module(path: &str) -> bool {
    let names: Vec<&str> = path.split("::").collect();
    let is_there = |names: &[&str]| {
        let path = root().join("src").join(names.join("/"));
        path.is_dir() || path.with_extension("rs").is_file()
    };
    is_there(&names) || is_there(&names[..names.len() - 1])
}

/// The numbers at the beginning of a text: ` T9, R1). Pure.` cites two. A line break of a comment
/// may come first.
fn citations(text: &str) -> Vec<String> {
    let text: String = text.chars().take(60).collect();
    let words = text.split_whitespace().skip_while(|word| word.starts_with("//"));
    let mut found = Vec::new();
    for word in words {
        let number = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let (letter, digits) = number.split_at(number.len().min(1));
        let is_number = letter.chars().all(|c| c.is_ascii_uppercase())
            && !digits.is_empty()
            && digits.chars().all(|c| c.is_ascii_digit());
        if !is_number {
            break;
        }
        found.push(number.to_owned());
        if !word.ends_with(',') {
            break;
        }
    }
    found
}

/// The anchors that a renderer makes of the headings: lower case, words joined by `-`.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter_map(|(_, line)| line.strip_prefix('#'));
    headings
        .map(|heading| {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            let kept =
                heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// The lines with their numbers, without blocks of code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    text.lines().enumerate().map(|(index, line)| (index + 1, line)).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// Every document for people: its path below the repository, and its text.
fn documents() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = Path::new(folder).join(entry.unwrap().file_name());
            if path.extension().is_some_and(|it| it == "md") {
                let text = fs::read_to_string(root().join(&path)).unwrap();
                found.push((path.display().to_string(), text));
            }
        }
    }
    assert!(found.len() > 10, "the documents were not found");
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
