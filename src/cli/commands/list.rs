//! `vmux list`: every session, those that wait on top.

use crate::cli::args::List;
use crate::cli::commands::watch;
use crate::cli::error::Result;
use crate::cli::show::json::pretty;
use crate::cli::show::table::table;
use crate::cli::terminal::{Output, print, print_lines};
use crate::client::connect::Endpoint;
use crate::session::query::order;
use std::mem::ManuallyDrop;

/// Run it.
pub fn run(args: &List, endpoint: &Endpoint, output: &Output) -> Result {
    if args.watch {
        return watch::run(args, endpoint, output);
    }
    // Freed with the process: one by one, a thousand strings take a tenth of the time of it all.
    let sessions = ManuallyDrop::new(endpoint.sessions()?);
    if args.json {
        return print(&pretty(&order::sorted(&sessions), output.terminal)?);
    }
    print_lines(&table(&sessions, chrono::Utc::now(), output.frame()))
}
