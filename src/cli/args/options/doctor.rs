//! The options of `doctor`, and its help.

use clap::Args;

/// What follows the options in its help.
pub const HELP: &str = "\
Examples:
  vmux doctor                 everything: vmuxd, the desktop, terminals, hooks, limits
  vmux doctor 4711            why process 4711 is, or is not, a session, and where it is shown
  vmux doctor api             the same for the session that is meant by \"api\"
  vmux doctor --json | jq '.findings[] | select(.severity == \"problem\")'

Exit codes:
  0  there is no problem; notes are none
  1  there are problems, each is printed with what to do; or no session matches, or several do
  2  the command line makes no sense
  3  a session was named, and vmuxd cannot be reached
  4  the session that was named runs on another machine";

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// A process by its pid, or a session: whether it is one, and why not, step by step
    pub query: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
