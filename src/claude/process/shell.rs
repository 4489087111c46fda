//! What the children of a session are: shells of tools, hooks, something else. Pure.
//!
//! Measured on 1.0.128, 2.0.77, 2.1.75 and 2.1.332: the shell of a Bash call is a child of the
//! session, leads a session of its own without a terminal, and its arguments end in
//! `eval 'COMMAND' < /dev/null && pwd -P >| FILE`. A hook is a child whose environment has
//! `CLAUDE_PROJECT_DIR`, which the shell of a tool has not; before 2.1.75 it keeps the session's
//! terminal.

use crate::session::process::{Child, ProcessId};

/// Longest command that is compared, in characters without white space and quotes.
const MAX_SCRIPT_CHARS: usize = 1024;

/// What Claude Code adds to a command: behind it, or (before 2.1.100) before its first pipe.
const STANDARD_INPUT: &str = "</dev/null";

/// What a child of a session is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChildKind {
    /// Runs a Bash call; which one, if its arguments say so.
    Tool(Option<Script>),
    /// Runs a hook.
    Hook,
    /// An MCP server, housekeeping, a child of a tool.
    Other,
}

/// A command without white space, quotes, backslashes and redirections from nowhere, so that it is the
/// same in a tool call and in the arguments of the shell that runs it, however it is quoted there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script(String);

impl Script {
    /// The script of a command.
    pub(crate) fn of_command(command: &str) -> Script {
        Script(bare(command))
    }

    /// The script that the arguments of a tool's shell evaluate; none if they are not those of one.
    pub(crate) fn of_arguments(argv: &[String]) -> Option<Script> {
        let text = argv.iter().find(|word| word.contains("shell-snapshots/"))?;
        let (_, rest) = text.split_once("&& eval ")?;
        let (command, _) = rest.rsplit_once("&& pwd ")?;
        Some(Script(bare(command)))
    }
}

impl std::fmt::Display for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn bare(text: &str) -> String {
    let matters = |c: &char| !c.is_whitespace() && !matches!(c, '\'' | '"' | '\\');
    let bare: String = text.chars().filter(matters).collect();
    let bare = bare.replace(STANDARD_INPUT, "");
    bare.chars().take(MAX_SCRIPT_CHARS).collect()
}

/// What a child of `session` is. `argv` and `is_hook` read its arguments and whether its environment
/// is that of a hook; they are called only where they decide.
pub(crate) fn classify(
    session: ProcessId,
    child: &Child,
    argv: impl FnOnce() -> Vec<String>,
    is_hook: impl FnOnce() -> bool,
) -> ChildKind {
    if child.process.ppid != session.pid {
        return ChildKind::Other;
    }
    let leads = child.process.leader == child.process.id.pid && child.process.tty == 0;
    let argv = argv();
    match Script::of_arguments(&argv) {
        Some(script) => ChildKind::Tool(Some(script)),
        // It makes the snapshot of the user's shell.
        None if argv.iter().any(|word| word.contains("SNAPSHOT_FILE=")) => ChildKind::Other,
        None if is_hook() => ChildKind::Hook,
        None if leads => ChildKind::Tool(None),
        None => ChildKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::{candidate, time};
    use crate::session::process::Process;

    fn child(leader: u32, tty: u64, ppid: u32) -> Child {
        let process = candidate(50).process;
        Child { process: Process { leader, tty, ppid, ..process }, born: time(0) }
    }

    fn kind(child: &Child, script: &str, is_hook: bool) -> ChildKind {
        let argv = || vec!["/bin/bash".to_owned(), "-c".to_owned(), script.to_owned()];
        classify(candidate(44).process.id, child, argv, || is_hook)
    }

    #[test]
    fn tells_tools_from_hooks_and_the_rest() {
        let tool = "source /h/.claude/shell-snapshots/s.sh && eval 'sleep 6' \\< /dev/null && pwd -P >| /tmp/c";
        let leads = child(50, 0, 44);
        let stays = child(44, 34816, 44);
        assert_eq!(kind(&leads, tool, false), ChildKind::Tool(Some(Script::of_command("sleep 6"))));
        assert_eq!(kind(&leads, "cat >/dev/null", true), ChildKind::Hook);
        assert_eq!(kind(&stays, "cat >/dev/null", true), ChildKind::Hook);
        assert_eq!(kind(&leads, "", false), ChildKind::Tool(None), "its arguments cannot be read");
        assert_eq!(kind(&stays, "npm view x", false), ChildKind::Other);
        assert_eq!(kind(&leads, "SNAPSHOT_FILE=/x\n…", false), ChildKind::Other);
        assert_eq!(kind(&child(50, 0, 60), tool, false), ChildKind::Other, "a child of a tool");
    }

    #[test]
    fn a_command_is_the_same_however_it_is_quoted() {
        let start = "source /h/shell-snapshots/s.sh 2>/dev/null || true && eval ";
        for (command, quoted) in [
            ("sleep 3 | cat", "'sleep 3 | cat' < /dev/null"),
            ("echo \"it's $HOME\"; sleep 3", "'echo \"it'\"'\"'s $HOME\"; sleep 3' < /dev/null"),
            ("echo \"it's $HOME\"", "\"echo \\\"it's \\$HOME\\\"\" \\< /dev/null"),
            ("sleep 3 < /dev/null", "'sleep 3 < /dev/null'"),
            ("cat <<'EOF'\nx && pwd y\nEOF", "'cat <<'\"'\"'EOF'\"'\"'\nx && pwd y\nEOF'"),
            ("sleep 3", "'sleep 3' \\< /dev/null"),
            ("grep -r foo . | head; x", "'grep -r foo . < /dev/null | head ; x'"),
        ] {
            let argv = [format!("{start}{quoted} && pwd -P >| /tmp/claude-1-cwd")];
            assert_eq!(Script::of_arguments(&argv), Some(Script::of_command(command)));
        }
        let six = Script::of_arguments(&[format!("{start}'sleep 6' && pwd -P >| /x")]).unwrap();
        assert_ne!(six, Script::of_command("sleep 60"));
        let long = "x ".repeat(10_000);
        let shell = Script::of_arguments(&[format!("{start}'{long}' && pwd -P >| /x")]).unwrap();
        assert_eq!(shell, Script::of_command(&long));
        assert_eq!(Script::of_arguments(&["eval 'x'".to_owned()]), None);
        assert_eq!(Script::of_arguments(&[]), None);
    }
}
