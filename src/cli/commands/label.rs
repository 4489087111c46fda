//! `vmux label`: sets or removes the label of a session.

use crate::cli::args::LabelArgs;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::cli::find::find_one;
use crate::cli::show::phrases;
use crate::cli::terminal::{Output, print, print_note};
use crate::client::connect::Endpoint;
use crate::protocol::request::{LabelRequest, Request};
use crate::session::sanitize::clean;

/// Runs the command.
pub fn run(args: &LabelArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let sessions = endpoint.sessions()?;
    let session = find_one(&args.query, &sessions, output)?;
    let Some(session_id) = session.session_id.clone() else {
        let text = format!("process {} has no session id yet", session.pid);
        return Err(CliError::new(FAILED, text)
            .hint("answer its first dialog, then label it: labels belong to a session id"));
    };
    let label = args.text.join(" ");
    let response =
        endpoint.ask(&Request::Label(LabelRequest { session_id, label: label.clone() }))?;
    let directory = phrases::directory(&session.cwd, output.home.as_deref());
    let text = match (label.trim().is_empty(), &session.label) {
        (false, _) => {
            format!("{directory} (pid {}) is now \"{}\".\n", session.pid, clean(&label, 200))
        }
        (true, Some(old)) => {
            format!("{directory} (pid {}) is no longer \"{}\".\n", session.pid, clean(old, 200))
        }
        (true, None) => format!("{directory} (pid {}) had no label.\n", session.pid),
    };
    print(&text)?;
    print_note(&response)
}
