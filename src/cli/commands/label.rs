//! `vmux label`: sets or removes the label of a session.

use crate::cli::args::LabelArgs;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::cli::find::find_one;
use crate::cli::terminal::{Output, print, print_note, print_session};
use crate::client::connect::Endpoint;
use crate::protocol::request::{LabelRequest, Request};
use crate::protocol::response::Response;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::sanitize::clean;
use crate::show::phrases;

/// Runs the command.
pub fn run(args: &LabelArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let label = args.text.join(" ");
    if label.trim() == "-" {
        // Elsewhere this means standard input, or the one before.
        return Err(
            CliError::usage("\"-\" is no label").hint("`vmux label SESSION --clear` takes it away")
        );
    }
    let sessions = endpoint.sessions()?;
    let session = find_one(&args.query, &sessions, output)?;
    let Some(session_id) = session.session_id.clone() else {
        let text = format!("process {} has no session id yet", session.pid);
        return Err(CliError::new(FAILED, text)
            .hint("answer its first dialog, then label it: labels belong to a session id"));
    };
    let host = session.host.map(|it| it.to_string());
    let session_id = session_id.to_string();
    let request = LabelRequest { session_id, label: label.clone(), host };
    let response = endpoint.ask(&Request::Label(request))?;
    let others = called(&label, session.key(), &sessions);
    if args.json {
        let mut session = session.clone();
        session.label = Some(label.trim()).filter(|it| !it.is_empty()).map(Into::into);
        let note = response.note.clone().or(others);
        return print_session(Some(&session), &Response { note, ..Response::done() }, output);
    }
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
    if let Some(note) = others {
        print(&format!("note: {note}\n"))?;
    }
    print_note(&response)
}

/// That other sessions have the label too: a query for it then means several.
fn called(label: &str, key: SessionKey, sessions: &[SessionInfo]) -> Option<String> {
    let label = label.trim();
    let same = |it: &&SessionInfo| it.key() != key && it.label.as_deref() == Some(label);
    let pids: Vec<String> = sessions.iter().filter(same).map(|it| it.pid.to_string()).collect();
    let label = clean(label, 200);
    match pids.len() {
        0 => None,
        1 => Some(format!("pid {} is called \"{label}\" too", pids[0])),
        _ => Some(format!("pids {} are called \"{label}\" too", pids.join(", "))),
    }
}
