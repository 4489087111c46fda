//! `vmux list`: every session, those that wait on top.

use crate::cli::args::List;
use crate::cli::commands::watch;
use crate::cli::connect::Link;
use crate::cli::error::{Complaint, FAILED, Result};
use crate::cli::show::table::table;
use crate::cli::terminal::{Output, print, print_lines};
use crate::session::query::order;
use serde::Serialize;
use std::mem::ManuallyDrop;

/// Run it.
pub fn run(args: &List, link: &Link, output: &Output) -> Result {
    if args.watch {
        return watch::run(args, link, output);
    }
    // Freed with the process: one by one, a thousand strings take a tenth of the time of it all.
    let sessions = ManuallyDrop::new(link.sessions()?);
    if args.json {
        return print(&pretty(&order::sorted(&sessions), output.terminal)?);
    }
    print_lines(&table(&sessions, chrono::Utc::now(), output.frame()))
}

/// `value` as JSON with a line break; for a person's eyes with indentation.
pub fn pretty<T: Serialize + ?Sized>(value: &T, indented: bool) -> Result<String> {
    let text = match indented {
        true => serde_json::to_string_pretty(value),
        false => serde_json::to_string(value),
    };
    text.map(|text| text + "\n").map_err(|error| Complaint::new(FAILED, error.to_string()))
}
