//! `vmux show`: all that is known of one session.

use crate::cli::args::Question;
use crate::cli::error::Result;
use crate::cli::find::one;
use crate::cli::show::details::sheet;
use crate::cli::show::json::pretty;
use crate::cli::terminal::{Output, print, print_lines};
use crate::client::connect::Endpoint;

/// Run it.
pub fn run(args: &Question, endpoint: &Endpoint, output: &Output) -> Result {
    let sessions = endpoint.sessions()?;
    let session = one(&args.query.join(" "), &sessions, output.home.as_deref())?;
    if args.json {
        return print(&pretty(session, output.terminal)?);
    }
    print_lines(&sheet(session, chrono::Utc::now(), output.frame()))
}
