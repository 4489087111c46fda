//! `vmux switch`: go to a session.

use crate::cli::args::SwitchArgs;
use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, LIST_HINT, NO_MATCH};
use crate::cli::find::{for_vmuxd, target};
use crate::cli::launcher;
use crate::cli::notify;
use crate::cli::terminal::{Output, print_note, print_session};
use crate::client::connect::Endpoint;
use crate::protocol::request::{Request, SwitchRequest};
use crate::session::query::order;
use crate::session::sanitize::clean;
use crate::show::menu_lines;
use chrono::Utc;

/// Runs the command. A key binding has no terminal, so errors are also shown as a notification.
pub fn run(args: &SwitchArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    go(args, endpoint, output).inspect_err(notify::if_unseen)
}

fn go(args: &SwitchArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let mut request = SwitchRequest {
        next: args.next,
        previous: args.previous,
        back: args.back,
        attach: args.attach,
        ..SwitchRequest::default()
    };
    let words = args.query.join(" ");
    if !words.trim().is_empty() {
        request.query = Some(named(&words, endpoint, output)?);
    } else if args.pick || !(args.next || args.previous || args.back) {
        request.query = Some(pick(args, endpoint, output)?);
    }
    let response = endpoint.ask(&Request::Switch(request))?;
    if args.json {
        return print_session(response.session.as_deref(), &response, output);
    }
    if let Some(note) = &response.note {
        notify::note_if_unseen(&clean(note, 400));
    }
    print_note(&response)
}

/// The query for vmuxd: of a number or a path the process that it means.
fn named(words: &str, endpoint: &Endpoint, output: &Output) -> CliResult<String> {
    let Some(number) = target::number(words) else {
        return for_vmuxd(words, endpoint, output, true);
    };
    let sessions = endpoint.sessions()?;
    match target::numbered(number, &sessions, load(endpoint).switch.order) {
        Ok(key) => Ok(key.to_string()),
        Err(0) => Err(CliError::new(NO_MATCH, "no session waits").hint(LIST_HINT)),
        Err(count) => {
            let message = match count {
                1 => format!("there is no number {number}: one session waits"),
                _ => format!("there is no number {number}: {count} sessions wait"),
            };
            Err(CliError::new(NO_MATCH, message).hint(LIST_HINT))
        }
    }
}

/// Lets the user choose. Returns a query that means only the chosen process.
fn pick(args: &SwitchArgs, endpoint: &Endpoint, output: &Output) -> CliResult<String> {
    let sessions = endpoint.sessions()?;
    let config = load(endpoint).switch;
    let sorted = order::sorted(&sessions, config.order);
    if sorted.is_empty() {
        return Err(CliError::new(NO_MATCH, "no Claude Code session is running"));
    }
    let lines = menu_lines::lines(&sorted, Utc::now(), output.home.as_deref());
    let wanted = match (&args.launcher, std::env::var("VMUX_LAUNCHER").ok()) {
        (Some(named), _) => words(named)?,
        (None, Some(named)) if !named.trim().is_empty() => words(&named)?,
        (None, _) => config.launcher,
    };
    let index = launcher::pick(&lines, &wanted)?;
    let chosen = sorted.get(index).ok_or_else(|| CliError::new(NO_MATCH, ""))?;
    Ok(chosen.key().to_string())
}

/// The words of a command, split as a shell splits them; nothing else of it is interpreted.
fn words(command: &str) -> CliResult<Vec<String>> {
    shlex::split(command).ok_or_else(|| {
        let command = clean(command, 200);
        CliError::usage(format!("the launcher `{command}` has a quote that is not closed"))
    })
}
