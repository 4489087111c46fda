//! The options of `vmux servers`.

use clap::Args;

/// Options of `servers`.
#[derive(Debug, Args)]
pub struct ServersArgs {
    /// A port, a pid, a word of a server's name or directory, or its session
    pub query: Vec<String>,
    /// Also ports that only serve another one: inspectors, hot reloading, admin interfaces
    #[arg(long, short)]
    pub all: bool,
    /// Print the servers as a JSON array
    #[arg(long)]
    pub json: bool,
}

/// What the help says below the options.
pub const HELP: &str = "\
Examples:
  vmux servers                   what listens for which session
  vmux servers api               the servers of the session that is meant by \"api\"
  vmux servers 3000              who has port 3000

docs/servers.md has more.

Exit codes:
  0  done
  1  no server matches
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  servers cannot be seen, or something that was needed failed";
