//! The options of `vmux hosts`.

use clap::{Args, Subcommand};

/// Options of `hosts`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HostsArgs {
    /// What to do; without it they are listed
    #[command(subcommand)]
    pub action: Option<HostsAction>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print a line whenever one comes or goes
    #[arg(long)]
    pub follow: bool,
}

/// What to do with hosts.
#[derive(Debug, Subcommand)]
pub enum HostsAction {
    /// Add one to the configuration
    Add {
        /// Its name: letters, digits, `-`, `_` and `.`
        name: String,
        /// What ssh is given, if that is not the name
        #[arg(long, value_name = "DESTINATION", allow_hyphen_values = true)]
        ssh: Option<String>,
        /// Where vmux is there, if not in PATH, ~/.cargo/bin or ~/.local/bin
        #[arg(long, value_name = "PATH", allow_hyphen_values = true)]
        program: Option<String>,
    },
    /// Take one out of the configuration
    Remove {
        /// Its name
        name: String,
    },
    /// Try one, and say step by step what works
    Check {
        /// Its name, or that of a host that is not in the configuration yet
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// What the help says below the options.
pub const HELP: &str = "\
Examples:
  vmux hosts add gpu                      reached as `ssh gpu`; ~/.ssh/config says how
  vmux hosts add box --ssh me@10.0.0.7
  vmux hosts check gpu                    what works, and what does not
  vmux list --host gpu                    its sessions
  vmux label gpu:api release              HOST:QUERY means a session of that host

Exit codes:
  0  done
  1  there is no such host, or the check found that something does not work
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  the configuration cannot be changed";
