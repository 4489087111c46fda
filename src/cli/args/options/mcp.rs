//! The options of `vmux mcp`.

use clap::{Args, Subcommand, ValueEnum};

/// Options of `mcp`.
#[derive(Debug, Args)]
pub struct McpArgs {
    /// What to do; without it, serve a Claude Code session on standard input and output
    #[command(subcommand)]
    pub action: Option<McpAction>,
}

/// What to do with the MCP server.
#[derive(Debug, Subcommand)]
pub enum McpAction {
    /// Register it with Claude Code, as `claude mcp add-json` does
    Install {
        /// For which projects
        #[arg(long, short, value_enum, default_value_t)]
        scope: McpScope,
        /// Only print the command that registers it
        #[arg(long)]
        print: bool,
    },
    /// Take it away from Claude Code
    Remove {
        /// For which projects
        #[arg(long, short, value_enum, default_value_t)]
        scope: McpScope,
    },
    /// Show what Claude Code says of it
    Status,
}

/// For which projects Claude Code starts the server: the scopes of `claude mcp`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum McpScope {
    /// All of yours
    #[default]
    User,
    /// The one in this directory, for you
    Local,
    /// The one in this directory, for all who work on it: .mcp.json
    Project,
}

impl McpScope {
    /// The word of `claude mcp`.
    pub fn word(self) -> &'static str {
        match self {
            McpScope::User => "user",
            McpScope::Local => "local",
            McpScope::Project => "project",
        }
    }
}

/// What the help says below the options.
pub const HELP: &str = "\
Examples:
  vmux mcp install                   every session of yours gets vmux's tools from now on
  vmux mcp install --scope project   those in this directory, for all who work on it
  vmux mcp install --print           the command, to run it where claude is
  vmux mcp status

Tools:
  list_sessions, get_session, session_status   which sessions there are, what each does and why
  wait_for_session                             until one has finished, needs input, or has ended
  peek_session                                 what one shows, marked as another session's words
  servers, free_port                           the servers that sessions run, a port for one more
  check_name                                   whether a new session can have a name
  new_session, answer, label, switch,
  send_message                                 these act: only if `allow` in [mcp] names them

The server itself is vmux-mcp, a program beside vmux. docs/mcp.md has the whole of it.

Exit codes:
  0  done
  1  it is not registered
  2  the command line makes no sense
  4  claude is not in PATH, or refused";
