//! `vmux mcp`: becomes the MCP server for a Claude Code session, or registers it with Claude Code.

use crate::cli::args::options::mcp::{McpAction, McpArgs, McpScope};
use crate::cli::commands::doctor::deadline::output as run_program;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::shell::word;
use crate::cli::terminal::print;
use crate::client::error::plain;
use crate::session::sanitize::clean;
use crate::system::programs::{find_in_path, sibling};
use serde_json::json;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The name under which Claude Code knows the server: its prompts are `/vmux:who`.
const NAME: &str = "vmux";

/// How long claude may take: `claude mcp get` starts the server to see whether it answers.
const CLAUDE_WITHIN: Duration = Duration::from_secs(45);

/// The most lines of claude's that are shown.
const MAX_LINES: usize = 20;

/// What claude said, and whether it did what it was asked.
struct Said {
    is_done: bool,
    lines: Vec<String>,
}

/// Runs the command.
pub fn run(args: &McpArgs) -> CliResult {
    match &args.action {
        None => Err(serve()),
        Some(McpAction::Install { scope, print: true }) => {
            print(&format!("{}\n", command_line(*scope, &own_program()?)))
        }
        Some(McpAction::Install { scope, print: false }) => install(*scope),
        Some(McpAction::Remove { scope }) => {
            let said = claude(&["mcp", "remove", "-s", scope.word(), NAME])?;
            match said.is_done {
                true => print(&said.text()),
                false => Err(said.error(NO_MATCH, "it was not removed").hint(
                    "`vmux mcp status` names the scope that has it, and --scope removes it there",
                )),
            }
        }
        Some(McpAction::Status) => {
            let said = claude(&["mcp", "get", NAME])?;
            match said.is_done {
                true => print(&said.text()),
                false => Err(said
                    .error(NO_MATCH, "vmux is not registered with Claude Code here")
                    .hint("`vmux mcp install` registers it")),
            }
        }
    }
}

/// Becomes the server; returns only if it cannot be started.
fn serve() -> CliError {
    let program = sibling("vmux-mcp");
    let error = Command::new(&program).exec();
    let program = clean(&program.to_string_lossy(), 200);
    CliError::new(FAILED, format!("{program}: {}", plain(&error)))
        .hint("vmux-mcp belongs beside vmux: install vmux again")
}

/// Registers the server; one that is registered already, such as by an older vmux, is replaced.
fn install(scope: McpScope) -> CliResult {
    let program = own_program()?;
    let server = server(&program);
    let add = ["mcp", "add-json", "-s", scope.word(), NAME, server.as_str()];
    let by_hand = || command_line(scope, &program);
    let mut said = claude(&add).map_err(|error| match find_in_path("claude") {
        None => error.lines(vec![by_hand()]),
        Some(_) => error,
    })?;
    if !said.is_done && claude(&["mcp", "remove", "-s", scope.word(), NAME])?.is_done {
        said = claude(&add)?;
    }
    match said.is_done {
        true => {
            let next = "Sessions that begin from now on have its tools; `vmux mcp status` looks.";
            print(&format!("{}{next}\n", said.text()))
        }
        false => Err(said.error(FAILED, "claude did not register it")),
    }
}

/// What Claude Code is to start, in the form of `claude mcp add-json`.
fn server(program: &str) -> String {
    json!({ "type": "stdio", "command": program, "args": ["mcp"] }).to_string()
}

/// The command that registers the server, for a shell.
fn command_line(scope: McpScope, program: &str) -> String {
    let server = server(program);
    let server = word(Path::new(&server)).unwrap_or_default();
    format!("claude mcp add-json -s {} {NAME} {server}", scope.word())
}

/// This program by its path, because the PATH of Claude Code may differ.
fn own_program() -> CliResult<String> {
    let exe = std::env::current_exe().ok();
    let program = exe.and_then(|it| it.to_str().map(str::to_owned));
    program.ok_or_else(|| CliError::new(FAILED, "vmux cannot tell where it is installed"))
}

fn claude(arguments: &[&str]) -> CliResult<Said> {
    if find_in_path("claude").is_none() {
        return Err(CliError::new(FAILED, "claude is not in PATH")
            .hint("run this where it is: `vmux mcp install --print` prints the command"));
    }
    let output = run_program("claude", arguments, CLAUDE_WITHIN)
        .map_err(|error| CliError::new(FAILED, format!("claude: {error}")))?;
    let text = [output.stdout, output.stderr].concat();
    let lines = String::from_utf8_lossy(&text);
    let lines = lines.lines().map(|line| clean(line, 200)).filter(|line| !line.is_empty());
    Ok(Said { is_done: output.status.success(), lines: lines.take(MAX_LINES).collect() })
}

impl Said {
    fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn error(self, code: u8, message: &str) -> CliError {
        CliError::new(code, message).lines(self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_can_run_the_command_that_is_printed() {
        assert_eq!(
            command_line(McpScope::User, "/opt/it's/vmux"),
            "claude mcp add-json -s user vmux \
             '{\"type\":\"stdio\",\"command\":\"/opt/it'\\''s/vmux\",\"args\":[\"mcp\"]}'"
        );
    }
}
