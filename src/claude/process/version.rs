//! Which version of Claude Code a process runs, and what that version writes.

use crate::claude::input::{self, json};
use crate::claude::process;
use crate::session::process::Candidate;
use std::path::Path;

/// Largest `package.json` that is read.
const MAX_PACKAGE_BYTES: u64 = 256 * 1024;

/// Whether a version writes `sessions/<pid>.json`. None between 2.1.50, which does not, and
/// 2.1.75, which does: versions in between were not run.
pub(crate) fn writes_session_file(version: &str) -> Option<bool> {
    let version = numbers(version)?;
    if version >= (2, 1, 75) {
        Some(true)
    } else if version <= (2, 1, 50) {
        Some(false)
    } else {
        None
    }
}

/// Whether a version that writes session files has the status `shell`: 2.1.119 has not, 2.1.150 has.
pub(crate) fn says_shell(version: &str) -> bool {
    numbers(version).is_none_or(|version| version >= (2, 1, 150))
}

/// Whether a version writes `sessions/<pid>.<hash>.key` before any dialog of the start: 2.1.329 does.
/// None for older ones, which were not all run.
pub(crate) fn writes_key(version: &str) -> Option<bool> {
    (numbers(version)? >= (2, 1, 329)).then_some(true)
}

/// Whether a version trusts a linked worktree with its repository: 2.1.100 does, 2.0.77 asks. None
/// between the two.
pub(crate) fn trusts_worktrees(version: &str) -> Option<bool> {
    match numbers(version)? {
        version if version >= (2, 1, 100) => Some(true),
        version if version <= (2, 0, 77) => Some(false),
        _ => None,
    }
}

/// Whether `waitingFor` has a word of its own, `input needed`, while a question is on the screen:
/// 2.1.220 has.
pub(crate) fn says_input_needed(version: &str) -> bool {
    numbers(version).is_some_and(|version| version >= (2, 1, 220))
}

/// Whether the session file says that a dialog is open which Claude Code opens by itself when a turn has
/// ended: 2.1.332 does, 2.1.220 does not. Those in between were not run.
pub(crate) fn says_own_dialogs(version: &str) -> bool {
    numbers(version).is_some_and(|version| version >= (2, 1, 332))
}

/// Whether a version shows that the hooks of a turn's end run: 1.0.128 shows a free prompt.
pub(crate) fn shows_stop_hooks(version: &str) -> bool {
    numbers(version).is_none_or(|version| version >= (2, 0, 0))
}

/// Whether a version shows that a `!` command of the user runs: 2.0.77 shows a free prompt.
pub(crate) fn shows_user_commands(version: &str) -> bool {
    numbers(version).is_none_or(|version| version >= (2, 1, 0))
}

/// Whether a version uses a little processor time in each second at a free prompt: 1.0.128 does (2 to 8
/// ticks), and none at all in a dialog of its start. 1.0.60 and 1.0.100 use none at the prompt either.
pub(crate) fn polls_at_prompt(version: &str) -> bool {
    numbers(version).is_some_and(|version| ((1, 0, 128)..(2, 0, 0)).contains(&version))
}

/// Whether a version may write the transcripts of subagents beside the session's: 2.0.77 does, 2.1.20
/// has a directory for them.
pub(crate) fn keeps_agents_beside(version: &str) -> bool {
    numbers(version).is_none_or(|version| version < (2, 1, 20))
}

/// Whether a version makes an empty transcript at its start, with or without a terminal.
pub(crate) fn makes_empty_transcript(version: &str) -> bool {
    numbers(version).is_some_and(|version| ((2, 0, 0)..(2, 1, 0)).contains(&version))
}

/// The version of a process by its executable: in the path (`…/versions/2.1.329`,
/// `…/claude-code-2.1.3/bin/claude`), or in the `package.json` of the package it is part of. Of node
/// builds that have overwritten their arguments the shell tells that started them.
pub(crate) fn of_process(subject: &Candidate) -> Option<String> {
    let exe = subject.exe.as_deref();
    let script = subject.argv.iter().skip(1).find(|word| word.ends_with("/cli.js")).map(Path::new);
    [exe, script]
        .into_iter()
        .flatten()
        .find_map(|path| in_path(path).or_else(|| in_package(subject, path)))
        .or_else(|| of_command(subject))
}

/// The version of the command that a shell ran: shells put its path into the environment as `_` (bash(1),
/// zshparam(1)). A session within another one may have inherited it; a package that was replaced
/// since is not the one that runs.
fn of_command(subject: &Candidate) -> Option<String> {
    let inherits = subject.env.get("CLAUDECODE").is_some();
    if inherits || subject.root != Path::new("/") {
        return None;
    }
    let script = std::fs::canonicalize(subject.env.get("_")?).ok()?;
    let package = script.parent().filter(|_| script.ends_with("cli.js"))?.join("package.json");
    let installed = input::stamp(&package)?.modified_millis();
    let version = read_package(&package)?;
    (installed < subject.started_at.timestamp_millis()).then_some(version)
}

fn in_path(path: &Path) -> Option<String> {
    let text = path.to_string_lossy();
    let text = text.strip_suffix(" (deleted)").unwrap_or(&text);
    let mut parts = text.rsplit('/');
    let name = parts.next().filter(|name| process::is_version(name));
    name.map(str::to_owned).or_else(|| {
        let (_, rest) = text.split_once("claude-code-")?;
        let version = rest.split('/').next()?;
        process::is_version(version).then(|| version.to_owned())
    })
}

fn in_package(subject: &Candidate, path: &Path) -> Option<String> {
    let folders = path.ancestors().skip(1).take(2);
    let mut packages = folders.map(|folder| folder.join("package.json"));
    packages.find_map(|package| read_package(&super::config_dir::below(&subject.root, &package)))
}

fn read_package(path: &Path) -> Option<String> {
    let text = String::from_utf8(input::read_small(path, MAX_PACKAGE_BYTES).ok()?).ok()?;
    let [name, version] = json::pick(&text, &["name", "version"])?;
    if !json::text(name)?.starts_with("@anthropic-ai/claude-code") {
        return None;
    }
    json::text(version).filter(|version| process::is_version(version)).map(|v| v.into_owned())
}

fn numbers(version: &str) -> Option<(u32, u32, u32)> {
    let mut parts = version.split(['.', '-', '+']).map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::candidate;

    #[test]
    fn knows_what_a_version_writes() {
        for (version, want) in [
            ("1.0.128", Some(false)),
            ("2.1.50", Some(false)),
            ("2.1.60", None),
            ("2.1.75", Some(true)),
            ("2.1.329", Some(true)),
            ("3.0.0-beta.1", Some(true)),
            ("x", None),
        ] {
            assert_eq!(writes_session_file(version), want, "{version}");
        }
    }

    #[test]
    fn knows_how_versions_differ() {
        assert_eq!(
            ["2.0.77", "2.1.50", "2.1.100"].map(trusts_worktrees),
            [Some(false), None, Some(true)]
        );
        assert_eq!(["2.1.161", "2.1.220", "x"].map(says_input_needed), [false, true, false]);
        assert_eq!(["2.1.220", "2.1.332"].map(says_own_dialogs), [false, true]);
        assert_eq!(
            ["2.1.220", "2.1.329", "2.1.332"].map(writes_key),
            [None, Some(true), Some(true)]
        );
        assert_eq!(["1.0.128", "2.0.77", "x"].map(shows_stop_hooks), [false, true, true]);
        let versions = ["1.0.100", "1.0.128", "2.0.77", "x"];
        assert_eq!(versions.map(polls_at_prompt), [false, true, false, false]);
        let versions = ["1.0.128", "2.0.77", "2.1.20", "x"];
        assert_eq!(versions.map(makes_empty_transcript), [false, true, false, false]);
    }

    #[test]
    fn the_shell_names_the_command_of_a_node_build() {
        let dir = tempfile::tempdir().unwrap();
        let package = |name: &str| {
            let text = format!(r#"{{"name":"{name}","version":"2.1.75"}}"#);
            std::fs::write(dir.path().join("package.json"), text).unwrap();
        };
        let link = dir.path().join("claude");
        std::fs::write(dir.path().join("cli.js"), "").unwrap();
        std::os::unix::fs::symlink("cli.js", &link).unwrap();
        let link = link.to_str().unwrap();
        package("@anthropic-ai/claude-code");
        let mut subject = candidate(1);
        subject.exe = Some("/usr/bin/node".into());
        subject.started_at = chrono::Utc::now() + chrono::TimeDelta::seconds(60);
        subject.env = [("_", link)].into_iter().collect();
        assert_eq!(of_process(&subject).as_deref(), Some("2.1.75"));
        let older = Candidate { started_at: crate::claude::testing::time(0), ..subject.clone() };
        assert_eq!(of_process(&older), None, "it was installed since");
        let env = [("_", link), ("CLAUDECODE", "1")].into_iter().collect();
        let nested = Candidate { env, ..subject.clone() };
        assert_eq!(of_process(&nested), None);
        package("other");
        assert_eq!(of_process(&subject), None);
        subject.env = [("_", "/nowhere")].into_iter().collect();
        assert_eq!(of_process(&subject), None);
    }

    #[test]
    fn finds_the_version_of_a_process() {
        let mut subject = candidate(1);
        assert_eq!(of_process(&subject).as_deref(), Some("2.1.329"));
        subject.exe = Some("/nix/store/abc-claude-code-2.1.3/bin/.claude-wrapped".into());
        assert_eq!(of_process(&subject).as_deref(), Some("2.1.3"));
        subject.exe = Some("/usr/bin/node".into());
        assert_eq!(of_process(&subject), None);
        let dir = tempfile::tempdir().unwrap();
        let package = dir.path().join("claude-code");
        std::fs::create_dir_all(package.join("bin")).unwrap();
        let content = r#"{"name":"@anthropic-ai/claude-code","version":"2.1.100"}"#;
        std::fs::write(package.join("package.json"), content).unwrap();
        subject.exe = Some(package.join("bin/claude.exe").into());
        assert_eq!(of_process(&subject).as_deref(), Some("2.1.100"));
        subject.exe = Some("/usr/bin/node".into());
        let script = package.join("cli.js").to_string_lossy().into_owned();
        subject.argv = vec![subject.argv[0].clone(), script].into();
        assert_eq!(of_process(&subject).as_deref(), Some("2.1.100"));
    }
}
