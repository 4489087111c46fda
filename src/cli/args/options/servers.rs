//! The options of `vmux servers`.

use super::duration;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Options of `servers`.
#[derive(Debug, Args)]
#[command(subcommand_precedence_over_arg = true)]
pub struct ServersArgs {
    /// What to do instead of listing them
    #[command(subcommand)]
    pub action: Option<ServersAction>,
    /// A port, a pid, a word of a server's name or directory, or its session
    pub query: Vec<String>,
    /// Those of this host, after a fresh look there; `local` is this machine
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Only those of the session that asks, else of this directory
    #[arg(long, conflicts_with = "host")]
    pub here: bool,
    /// Also ports that only serve another one: inspectors, hot reloading, admin interfaces
    #[arg(long, short)]
    pub all: bool,
    /// Print the URL of the one that is meant
    #[arg(long, conflicts_with_all = ["json", "status", "follow", "write"])]
    pub url: bool,
    /// Print whether it is active, inactive, stale or not answering; the exit code says it too
    #[arg(long, conflicts_with_all = ["follow", "wait", "write"])]
    pub status: bool,
    /// Wait until one listens
    #[arg(long, conflicts_with_all = ["follow", "write"])]
    pub wait: bool,
    /// Give up after so long: 30s, 5m
    #[arg(long, value_parser = duration, requires = "wait")]
    pub timeout: Option<Duration>,
    /// Print what begins and ends to listen, a line each
    #[arg(long, short, conflicts_with_all = ["write", "timeout"])]
    pub follow: bool,
    /// Print a port on which nothing listens, and which nobody else was given for a minute
    #[arg(long, value_name = "FROM-TO", num_args = 0..=1, value_parser = range)]
    #[arg(default_missing_value = "3000-9999")]
    #[arg(conflicts_with_all = ["here", "all", "url", "status", "wait", "follow", "write"])]
    pub free: Option<(u16, u16)>,
    /// Keep them in this file, as .dev-ports.json, as long as one listens
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What to do with a server.
#[derive(Debug, Subcommand)]
pub enum ServersAction {
    /// End one: its whole family of processes is asked to (SIGTERM)
    Stop {
        /// Its port or its pid
        #[arg(value_parser = port_or_pid)]
        server: u32,
        /// The host that it runs on
        #[arg(long, value_name = "HOST")]
        host: Option<String>,
        /// Do not ask first
        #[arg(long, short)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Parses what `stop` ends. A name is refused: several servers may have it.
fn port_or_pid(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "a port or a pid, as `vmux servers` shows them".to_owned())
}

/// Parses `4000-5000`.
fn range(text: &str) -> Result<(u16, u16), String> {
    let wrong = || "two ports from 1 to 65535, the smaller first: 4000-5000".to_owned();
    let (from, to) = text.split_once('-').ok_or_else(wrong)?;
    let port = |text: &str| text.trim().parse::<u16>().ok().filter(|it| *it > 0);
    match (port(from), port(to)) {
        (Some(from), Some(to)) if from <= to => Ok((from, to)),
        _ => Err(wrong()),
    }
}

/// What the help says below the options.
pub const HELP: &str = "\
Examples:
  vmux servers                        what listens for which session
  vmux servers 3000                   who has port 3000
  vmux servers --here --url           the URL of the server of this session, or of this directory
  npm run dev & vmux servers --here --wait vite --timeout 30s
  vmux servers --status 8000          active, inactive, stale, not answering
  PORT=$(vmux servers --free)         a free port
  vmux servers stop 3000              end it, with all of its processes
  vmux servers --host gpu             those of another host, and how to reach them from here

docs/servers.md has more.

Exit codes:
  0  done; with --status: it is active
  1  no server matches, several do, time is up, or it was not to be ended
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  servers cannot be seen, it has not ended, or something that was needed failed
  7  with --status: it is stale
  8  with --status: it does not answer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_two_ports_in_order() {
        assert_eq!(range("4000-5000"), Ok((4000, 5000)));
        assert_eq!(range("80-80"), Ok((80, 80)));
        for wrong in ["", "4000", "5000-4000", "0-9", "1-65536", "a-b", "1-2-3", "-"] {
            assert!(range(wrong).is_err(), "{wrong}");
        }
    }
}
