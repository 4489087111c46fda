//! Which file imports which, read from the source: `use` declarations and paths that begin with
//! `crate` or `super`. Tests at the end of a file do not count.

use std::collections::{BTreeMap, BTreeSet};

/// Module path (`daemon::hub`) → the modules that its file imports.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// The import graph of these sources: (path below the repository, text).
pub fn graph(sources: &[(String, String)]) -> Graph {
    let modules: BTreeSet<String> = sources.iter().map(|(path, _)| module(path)).collect();
    let mut graph = Graph::new();
    for (path, text) in sources {
        let own = module(path);
        let imports = graph.entry(own.clone()).or_default();
        for imported in paths(&super::code(text)) {
            if let Some(target) = resolve(&own, &imported, &modules)
                && target != own
            {
                imports.insert(target);
            }
        }
    }
    graph
}

/// The circles of a graph: each a set of modules that all reach one another. A file that uses what
/// the `mod.rs` of its own folder defines makes no circle by that: the two are one thing in parts.
pub fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|from| (from.as_str(), reachable(graph, from))).collect();
    let mut circles = BTreeSet::new();
    for (from, reach) in &reached {
        let leads_back = |to: &str| reached.get(to).is_some_and(|reach| reach.contains(from));
        let circle: Vec<String> =
            reach.iter().filter(|to| leads_back(to)).map(|to| (*to).to_owned()).collect();
        if !circle.is_empty() {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reachable<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(module) = open.pop() {
        for to in graph.get(&module).into_iter().flatten() {
            if !is_own_folder(&module, to) && seen.insert(to.as_str()) {
                open.push(to.clone());
            }
        }
    }
    seen
}

fn is_own_folder(child: &str, parent: &str) -> bool {
    child.rsplit_once("::").is_some_and(|(folder, _)| folder == parent)
}

/// `src/daemon/hub/mod.rs` → `daemon::hub`; the root of the library is the empty path, that of a program
/// in a folder of its own is `bin::vmux-mcp`.
fn module(path: &str) -> String {
    let path = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").or(path.strip_suffix("/main")).unwrap_or(path);
    if path == "lib" { String::new() } else { path.replace('/', "::") }
}

/// The module in which `path`, written in the module `own`, ends.
fn resolve(own: &str, path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut base: Vec<&str> = own.split("::").filter(|it| !it.is_empty()).collect();
    let mut rest: Vec<&str> = path.split("::").collect();
    match rest.first().copied()? {
        "crate" => {
            base.truncate(if own.starts_with("bin::") { 2 } else { 0 });
            rest.remove(0);
        }
        "vmux" if own.starts_with("bin::") => {
            base.clear();
            rest.remove(0);
        }
        "super" => {
            while rest.first() == Some(&"super") {
                base.pop();
                rest.remove(0);
            }
        }
        "self" => {
            rest.remove(0);
        }
        first => {
            let child = [base.as_slice(), &[first]].concat().join("::");
            if !modules.contains(&child) {
                return None;
            }
        }
    }
    let full = [base, rest].concat();
    (1..=full.len()).rev().map(|length| full[..length].join("::")).find(|it| modules.contains(it))
}

/// Every path that this code names: those of `use` declarations, spread out, and those in between
/// that begin with `crate` or `super`.
fn paths<'a>(lines: &(impl Iterator<Item = (usize, &'a str)> + Clone)) -> Vec<String> {
    let text: String = lines.clone().map(|(_, line)| format!("{line}\n")).collect();
    // A visibility names a module without importing it.
    let text = text.replace("pub(in crate::", "pub(in ");
    let mut found = Vec::new();
    let mut between = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("use ") {
        between.push_str(before);
        let starts = before.trim_end_matches(' ').ends_with('\n')
            || before.trim_end().ends_with("pub")
            || before.trim_end().ends_with(')')
            || before.is_empty();
        match after.split_once(';') {
            Some((tree, after)) if starts => {
                spread("", tree, &mut found);
                rest = after;
            }
            _ => rest = after,
        }
    }
    between.push_str(rest);
    for start in ["crate::", "super::"] {
        for (at, _) in between.match_indices(start) {
            let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            if !between[..at].ends_with(is_path) {
                let path = between[at..].split(|c| !is_path(c)).next().unwrap_or_default();
                found.push(path.trim_end_matches(':').to_owned());
            }
        }
    }
    found
}

/// `a::{b, c::{d, e}}` → `a::b`, `a::c::d`, `a::c::e`.
fn spread(prefix: &str, tree: &str, found: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((head, body)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        found.push(format!("{prefix}{path}"));
        return;
    };
    let prefix = format!("{prefix}{}", head.trim());
    let body = body.rsplit_once('}').map_or(body, |(body, _)| body);
    let (mut depth, mut start) = (0, 0);
    for (at, c) in body.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                spread(&prefix, &body[start..at], found);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !body[start..].trim().is_empty() {
        spread(&prefix, &body[start..], found);
    }
}

#[test]
fn a_circle_is_found() {
    let source = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let sources = [
        source("src/lib.rs", "pub mod a;\n"),
        source("src/a/mod.rs", "pub mod b;\nuse b::{B, C as D};\n"),
        source("src/a/b.rs", "use super::A;\nuse super::c::{self, Thing};\n"),
        source("src/a/c.rs", "fn f() { crate::a::b::g() }\n"),
        source("src/a/d.rs", "use super::b::B;\n#[cfg(test)]\nuse crate::a::c;\n"),
        source("bin/p/main.rs", "mod a;\nuse vmux::a::b::B;\n"),
        source("bin/p/a.rs", "use crate::a::A;\nuse vmux::a::d;\n"),
    ];
    let graph = graph(&sources);
    assert_eq!(graph["a::b"], ["a", "a::c"].map(str::to_owned).into());
    assert_eq!(graph["a::d"], ["a::b".to_owned()].into());
    assert_eq!(graph["bin::p"], ["a::b".to_owned()].into());
    assert_eq!(graph["bin::p::a"], ["a::d".to_owned()].into());
    assert_eq!(circles(&graph), [["a::b", "a::c"].map(str::to_owned).to_vec()]);
}
