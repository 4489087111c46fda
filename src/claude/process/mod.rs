//! Which processes are Claude Code sessions: by executable, name and position of arguments.
//!
//! Pure. Nothing here looks for a substring that a prompt could contain: a prompt is an argument
//! like any other, and only its position tells it apart.

pub mod bun_program;
pub mod config_dir;
pub(crate) mod git;
pub(crate) mod runtime;
pub mod screen;
pub(crate) mod shell;
pub(crate) mod teammate;
pub mod terminal_title;
pub mod version;

use super::session_file::parse::is_session_id;
use crate::session::process::Candidate;
use runtime::is_runtime;
use std::path::Path;

/// What node builds call their process once they run: the name, and the one argument that is left.
const TITLE: &str = "claude";

/// First words that make the process something else than a session (`claude mcp serve`,
/// `claude daemon run`, …). Seen on 2.1.329, and the subcommands that the help of 2.1.332 lists.
const SUBCOMMANDS: &[&str] = &[
    "agents",
    "attach",
    "auth",
    "auto-mode",
    "bg-pty-host",
    "completion",
    "config",
    "daemon",
    "doctor",
    "gateway",
    "import",
    "install",
    "kill",
    "logs",
    "mcp",
    "migrate-installer",
    "plugin",
    "plugins",
    "project",
    "purge",
    "rc",
    "remote-control",
    "respawn",
    "rm",
    "self-update",
    "server",
    "setup-token",
    "stop",
    "ultrareview",
    "uninstall",
    "update",
    "upgrade",
];

/// First options with the same meaning.
const NOT_A_SESSION: &[&str] = &[
    "--bg-pty-host",
    "--chrome-native-host",
    "--claude-in-chrome-mcp",
    "--computer-use-mcp",
    "--daemon-worker",
    "--help",
    "-h",
    "--ripgrep",
    "--version",
    "-v",
];

/// Options without a value that may stand before a subcommand.
const FLAGS: &[&str] = &[
    "--allow-dangerously-skip-permissions",
    "--bare",
    "--dangerously-skip-permissions",
    "--mcp-debug",
    "--safe-mode",
    "--strict-mcp-config",
    "--verbose",
];

/// Options with one value that may stand before a subcommand.
const VALUED: &[&str] = &[
    "--agent",
    "--append-system-prompt",
    "--debug-file",
    "--effort",
    "--fallback-model",
    "--model",
    "--name",
    "-n",
    "--permission-mode",
    "--plugin-dir",
    "--setting-sources",
    "--settings",
    "--system-prompt",
];

/// Whether a process of this name may be a session: the cheap gate of a scan of `/proc`.
///
/// `comm`: the content of `/proc/PID/comm`, any bytes, at most 15. Lets every session through and
/// many other processes too; [`is_session`] decides.
pub fn may_be_claude(comm: &[u8]) -> bool {
    comm.windows(6).any(|window| window == b"claude")
        || comm.starts_with(b"ccd-cli")
        || runtime::may_be_runtime(comm)
        || std::str::from_utf8(comm).is_ok_and(is_version)
}

/// Whether a process is a Claude Code session, or may become one (`claude bg-spare`: its session
/// file tells).
///
/// `argv`: its arguments; node builds overwrite theirs with just `claude`. `exe`: where
/// `/proc/PID/exe` points. `comm`: its name. Helpers of the same executable (ripgrep, the daemon,
/// MCP servers, `claude doctor` …) are not sessions.
pub fn is_session(argv: &[String], exe: Option<&Path>, comm: &str) -> bool {
    if !may_be_claude(comm.as_bytes()) && !exe.is_some_and(is_program_path) {
        return false;
    }
    match words(argv, exe, comm) {
        Some(words) => !is_something_else(&words),
        None => false,
    }
}

/// Whether a process that a session file names may be the one that wrote it. Claude Code may have been
/// renamed, or have replaced itself by another program (execve(2)), which keeps its pid and its start.
pub(crate) fn may_have_session_file(argv: &[String], exe: Option<&Path>, comm: &str) -> bool {
    // Arguments that cannot be read say nothing.
    let is_named = argv.is_empty() || words(argv, exe, comm).is_some();
    let Some(path) = exe else { return is_named };
    is_plausible(path) && (is_named || !is_runtime(base_name(&exe_path(path))))
}

/// The arguments after the program's own name; none if the program is not Claude Code.
///
/// A process title such as `claude bg-spare` (seen on 2.1.329) counts as two words. `comm`: its name.
pub(crate) fn words<'a>(
    argv: &'a [String],
    exe: Option<&Path>,
    comm: &str,
) -> Option<Vec<&'a str>> {
    let (first, rest) = argv.split_first()?;
    let first = base_name(first);
    let (program, title) = first.split_once(' ').unwrap_or((first, ""));
    if is_program(program) {
        if !exe.is_none_or(is_plausible) {
            return None;
        }
        let title = title.split_whitespace();
        return Some(title.chain(rest.iter().map(String::as_str)).collect());
    }
    if !is_runtime(first) {
        return None;
    }
    let script = runtime::script_position(rest)?;
    // A link to the script may have any name.
    if !is_script(&rest[script]) && comm != TITLE {
        return None;
    }
    Some(rest[script + 1..].iter().map(String::as_str).collect())
}

/// The same of a process.
pub(crate) fn words_of(candidate: &Candidate) -> Option<Vec<&str>> {
    words(&candidate.argv, candidate.exe.as_deref(), &candidate.process.comm)
}

/// Whether the process is a pre-started worker of the background daemon: it holds a session only if
/// its session file says so. It is called `claude bg-spare`, or has the socket on which the daemon
/// waits for it (seen on 2.1.332 with `claude agents`; docs/facts.md, P7).
pub(crate) fn is_background_worker(candidate: &Candidate) -> bool {
    let words = words_of(candidate);
    let first = words.and_then(|words| words.first().copied());
    matches!(first, Some("bg-spare" | "--bg-spare"))
        || candidate.env.get("CLAUDE_BG_RENDEZVOUS_SOCK").is_some()
}

/// The session that the arguments name, and the option that names it. Not with `--fork-session`,
/// which begins a new one.
pub(crate) fn named_session(candidate: &Candidate) -> Option<(String, &'static str)> {
    let words = words_of(candidate)?;
    let words = || words.iter().take_while(|word| **word != "--");
    if words().any(|word| *word == "--fork-session") {
        return None;
    }
    let options = [("--resume", "--resume"), ("-r", "--resume"), ("--session-id", "--session-id")];
    options.iter().find_map(|(option, name)| {
        let next = words().skip_while(|word| *word != option).nth(1).copied();
        let joined = words().find_map(|word| word.strip_prefix(option)?.strip_prefix('='));
        let id = next.or(joined).filter(|id| is_session_id(id) && id.contains('-'))?;
        Some((id.to_owned(), *name))
    })
}

/// Whether the arguments after the program's own name are those of something else than a session.
pub(crate) fn is_something_else(words: &[&str]) -> bool {
    if words.first().is_some_and(|first| NOT_A_SESSION.contains(first)) {
        return true;
    }
    let mut rest = words.iter();
    while let Some(&word) = rest.next() {
        if FLAGS.contains(&word) {
            continue;
        }
        if VALUED.contains(&word) {
            rest.next();
            continue;
        }
        return SUBCOMMANDS.contains(&word);
    }
    false
}

/// `claude`, `claude.exe` (npm package of the native build), `.claude-wrapped` (nix), or a version
/// number (the daemon starts its workers as `…/versions/2.1.329`).
fn is_program(name: &str) -> bool {
    let name = name.strip_prefix('.').unwrap_or(name).trim_end_matches('_');
    let name = ["-wrapped", "-unwrapped", ".exe"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name);
    name == "claude" || is_version(name)
}

fn is_program_path(exe: &Path) -> bool {
    is_program(base_name(&exe_path(exe)))
}

/// Whether an executable is that of a runtime, such as node.
pub(crate) fn is_runtime_path(exe: &Path) -> bool {
    is_runtime(base_name(&exe_path(exe)))
}

/// Whether a process that calls itself claude may be it: an executable of that name or under such
/// a directory, or a runtime.
fn is_plausible(exe: &Path) -> bool {
    let path = exe_path(exe);
    let name = base_name(&path);
    is_program(name) || is_runtime(name) || path.contains("/claude") || path.contains("claude-code")
}

/// The path of an executable, also when an update has replaced it since.
fn exe_path(exe: &Path) -> String {
    let path = exe.to_string_lossy();
    path.strip_suffix(" (deleted)").unwrap_or(&path).to_owned()
}

/// `…/bin/claude` or `…/claude-code/cli.js`; not the launcher of the native build
/// (`cli-wrapper.cjs`), whose child is the session.
fn is_script(path: &str) -> bool {
    let name = base_name(path);
    if is_program(name) {
        return true;
    }
    matches!(name, "cli.js" | "cli.mjs" | "cli.cjs") && path.contains("claude")
}

/// Digits and dots with at least two dots, perhaps followed by `-beta.1`.
pub(crate) fn is_version(text: &str) -> bool {
    let number = text.split('-').next().unwrap_or(text);
    let mut parts = 0;
    for part in number.split('.') {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        parts += 1;
    }
    parts >= 3
}

pub(crate) fn base_name(path: &str) -> &str {
    // A title such as `claude bg-spare` has no slash before its first space; a path may have one
    // after it, so the last slash decides in both.
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `line`: executable, name, then the arguments, separated by `|`.
    fn check(line: &str, want: bool) {
        let mut parts = line.split('|').map(str::trim);
        let exe = parts.next().filter(|exe| !exe.is_empty()).map(Path::new);
        let comm = parts.next().unwrap_or_default();
        let argv: Vec<String> = parts.map(str::to_owned).collect();
        assert_eq!(is_session(&argv, exe, comm), want, "{line}");
        if want {
            assert!(may_be_claude(comm.as_bytes()), "the gate refuses {line}");
        }
    }

    #[test]
    fn sessions_are_sessions() {
        for line in [
            "/home/dev/.local/share/claude/versions/2.1.329|claude|claude",
            "/home/dev/.local/share/claude/versions/2.1.329 (deleted)|claude|claude|--continue",
            "/usr/lib/node_modules/@anthropic-ai/claude-code/bin/claude.exe|claude.exe|claude",
            "/usr/bin/node|claude|claude",
            "/usr/bin/node|claude|claude||||",
            "/usr/bin/node|MainThread|node|--no-warnings|/usr/local/bin/claude|--resume|x",
            "/usr/bin/node22|node22|node|--require|/x.js|/opt/@anthropic-ai/claude-code/cli.js",
            "/usr/bin/node|claude|node|/home/dev/tools/agent|--resume|x",
            "/nix/store/a-claude-code-2.1.3/bin/.claude-wrapped|.claude-wrapped|claude|-p|hi",
            "/nix/store/a-claude-code-2.1.3/bin/.claude-unwrapped|.claude-unwrapp|/x/bin/claude",
            "/home/dev/.claude/remote/ccd-cli/2.1.300|2.1.300|/home/dev/.claude/remote/ccd-cli/2.1.300",
            "/v/2.1.329|2.1.329|claude bg-spare|--bg-spare|/tmp/x.sock",
            "|claude|claude|mcp serve",
            "|claude|claude|please run the daemon",
            "|claude|claude|--model|opus|--dangerously-skip-permissions",
            "|claude|claude|-p|doctor the text",
            "|claude|/home/my dir/claude",
        ] {
            check(line, true);
        }
    }

    #[test]
    fn helpers_are_not_sessions() {
        for line in [
            "/home/dev/.local/share/claude/versions/2.1.329|2.1.329|rg|--files|claude",
            "/v/2.1.329|claude|claude|mcp|serve",
            "/v/2.1.329|claude|claude|--verbose|--model|opus|mcp|serve",
            "/v/2.1.329|claude|claude|agents",
            "/v/2.1.329|claude|claude|doctor",
            "/v/2.1.329|claude|claude|--chrome-native-host",
            "/v/2.1.329|claude|/home/dev/.local/bin/claude|daemon|run|--origin|transient",
            "/v/2.1.329|2.1.329|claude bg-pty-host|--bg-pty-host|/tmp/x.sock|--|/v/2.1.329|--bg-spare",
            "/v/2.1.329|claude|claude|update",
            "/usr/bin/node|node|node|/x/claude-code/cli-wrapper.cjs",
            "/usr/bin/node|node|node|-e|claude",
            "/usr/bin/node|claude|node|/home/dev/tools/agent|mcp|serve",
            "/usr/bin/node|node|node|/home/dev/tools/agent",
            "/usr/bin/node|node|npm view @anthropic-ai/claude-code@latest version",
            "/usr/bin/node_exporter|node_exporter|/usr/bin/node_exporter",
            "/usr/bin/dash|claude|/bin/sh|/usr/local/bin/claude",
            "/usr/bin/python3.11|claude|claude",
            "/usr/bin/vim|vim|vim|claude",
            "|claude",
        ] {
            check(line, false);
        }
    }

    #[test]
    fn a_session_file_counts_for_claude_code_only() {
        let may = |exe: &str, argv: &[&str]| {
            let argv: Vec<String> = argv.iter().map(|it| (*it).to_owned()).collect();
            may_have_session_file(
                &argv,
                Some(Path::new(exe)).filter(|it| *it != Path::new("")),
                "x",
            )
        };
        assert!(may("/home/dev/.local/share/claude/versions/2.1.329", &["cc"]));
        assert!(may("/usr/bin/node", &["claude"]) && may("/usr/bin/node", &[]));
        assert!(may("/opt/claude-code-renamed/agent", &["agent"]));
        assert!(may("", &["claude"]) && may("", &[]) && !may("", &["vim"]));
        assert!(!may("/usr/bin/node", &["node", "server.js"]));
        assert!(!may("/usr/bin/sleep", &["claude"]) && !may("/bin/bash", &["-bash"]));
    }

    #[test]
    fn any_bytes_may_be_a_name() {
        assert!(!may_be_claude(&[0xff, 0xfe, 0]));
        assert!(!may_be_claude(b""));
        assert!(may_be_claude(b"\xffclaude"));
        assert!(!may_be_claude(b"2.1"));
        assert!(!may_be_claude(b"..."));
    }
}
