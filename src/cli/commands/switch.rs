//! `vmux switch`: go to a session.

use crate::cli::args::Switch;
use crate::cli::commands::config::load;
use crate::cli::error::{Complaint, NO_MATCH, Result};
use crate::cli::launcher;
use crate::cli::notify;
use crate::cli::show::choice;
use crate::cli::terminal::{Output, print_note};
use crate::client::connect::Endpoint;
use crate::protocol::request::{Request, SwitchRequest};
use crate::session::query::order;
use chrono::Utc;

/// Run it; bound to a key there is no terminal, so what went wrong is told by a notification too.
pub fn run(args: &Switch, endpoint: &Endpoint, output: &Output) -> Result {
    go(args, endpoint, output).inspect_err(notify::if_unseen)
}

fn go(args: &Switch, endpoint: &Endpoint, output: &Output) -> Result {
    let mut request = SwitchRequest {
        next: args.next,
        previous: args.previous,
        back: args.back,
        attach: args.attach,
        ..SwitchRequest::default()
    };
    let words = args.query.join(" ");
    if !words.trim().is_empty() {
        request.query = Some(words);
    } else if args.pick || !(args.next || args.previous || args.back) {
        request.query = Some(pick(args, endpoint, output)?);
    }
    print_note(&endpoint.ask(&Request::Switch(request))?)
}

/// Let the user choose; the process of the choice as a query that means nothing else.
fn pick(args: &Switch, endpoint: &Endpoint, output: &Output) -> Result<String> {
    let sessions = endpoint.sessions()?;
    let sorted = order::sorted(&sessions);
    if sorted.is_empty() {
        return Err(Complaint::new(NO_MATCH, "no Claude Code session is running"));
    }
    let lines = choice::lines(&sorted, Utc::now(), output.home.as_deref());
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let wanted = match (&args.launcher, std::env::var("VMUX_LAUNCHER").ok()) {
        (Some(named), _) => words(named.clone()),
        (None, Some(named)) if !named.trim().is_empty() => words(named),
        (None, _) => load(endpoint).switch.launcher,
    };
    let index = launcher::pick(&lines, &wanted)?;
    let chosen = sorted.get(index).ok_or_else(|| Complaint::new(NO_MATCH, ""))?;
    Ok(chosen.key().to_string())
}
