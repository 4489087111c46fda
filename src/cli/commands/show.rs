//! `vmux show`: all that is known of one session.

use crate::cli::args::Question;
use crate::cli::commands::list::pretty;
use crate::cli::connect::Link;
use crate::cli::error::Result;
use crate::cli::find::one;
use crate::cli::show::details::sheet;
use crate::cli::terminal::{Output, print, print_lines};

/// Run it.
pub fn run(args: &Question, link: &Link, output: &Output) -> Result {
    let sessions = link.sessions()?;
    let session = one(&args.query.join(" "), &sessions, output.home.as_deref())?;
    if args.json {
        return print(&pretty(session, output.terminal)?);
    }
    print_lines(&sheet(session, chrono::Utc::now(), output.frame()))
}
