//! The options of `doctor`, and its help.

use clap::Args;

/// What follows the options in its help.
pub const HELP: &str = "\
Examples:
  vmux doctor                 everything: vmuxd, the desktop, terminals, hooks, limits
  vmux doctor 4711            why process 4711 is, or is not, a session, and where it is shown
  vmux doctor --json | jq '.findings[] | select(.severity == \"problem\")'

Exit codes:
  0  there is no problem; notes are none
  1  there are problems: each is printed with what to do
  2  the command line makes no sense";

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// A process: whether it is a session, and why not, step by step
    pub pid: Option<u32>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
