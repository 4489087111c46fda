//! `vmux switch`: go to a session.

use crate::cli::args::SwitchArgs;
use crate::cli::commands::answer::say_told;
use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, NO_MATCH};
use crate::cli::find::for_vmuxd;
use crate::cli::launcher;
use crate::cli::notify;
use crate::cli::terminal::{Output, print_note, print_session};
use crate::client::connect::Endpoint;
use crate::config::SwitchConfig;
use crate::protocol::prompt::UserAnswer;
use crate::protocol::request::{AnswerRequest, Request, SwitchRequest};
use crate::session::info::SessionInfo;
use crate::session::query::{number, order};
use crate::session::sanitize::clean;
use crate::show::{menu_lines, phrases};
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
    if let Some(number) = number::number(&words) {
        request.number = Some(number);
    } else if !words.trim().is_empty() {
        request.query = Some(for_vmuxd(&words, endpoint, output, true)?);
    } else if args.menu {
        match menu(args, endpoint, output)? {
            Chosen::Session(query) => request.query = Some(query),
            Chosen::Answer(request) => {
                let answer = request.answer.clone();
                return say_told(&answer, &endpoint.ask(&Request::Answer(request))?);
            }
        }
    } else if args.pick || !(args.next || args.previous || args.back) {
        let config = load(endpoint).switch;
        request.query = Some(pick(args, &config, endpoint, output)?.key().to_string());
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

/// What was chosen in the menu.
enum Chosen {
    /// To go to this one: a query that means only its process.
    Session(String),
    /// To answer its prompt.
    Answer(AnswerRequest),
}

/// Lets the user choose a session, and what to do if its prompt can be shown whole.
fn menu(args: &SwitchArgs, endpoint: &Endpoint, output: &Output) -> CliResult<Chosen> {
    let config = load(endpoint).switch;
    let session = pick(args, &config, endpoint, output)?;
    let Some((prompt, call)) = shown_prompt(&session) else {
        return Ok(Chosen::Session(session.key().to_string()));
    };
    let asked = format!("{}: {}", phrases::title(&session), clean(call, 400));
    let lines = ["Go there", "Allow", "Deny"].map(|word| format!("{word:<8}  {asked}"));
    let answer = match launcher::pick(&lines, &launcher_words(args, &config)?)? {
        1 => UserAnswer::Allow { accept_edits: false },
        2 => UserAnswer::Deny { message: None },
        _ => return Ok(Chosen::Session(session.key().to_string())),
    };
    let (prompt, door) = (Some(prompt.to_owned()), Some("vmux switch --menu".to_owned()));
    Ok(Chosen::Answer(AnswerRequest { query: None, prompt, answer, door }))
}

/// The prompt of a session that can be answered here, and its whole call.
fn shown_prompt(session: &SessionInfo) -> Option<(&str, &str)> {
    let prompt = session.prompt.as_deref().filter(|_| session.host.is_none())?;
    Some((&prompt.id, prompt.call.as_deref()?))
}

/// Lets the user choose a session.
fn pick(
    args: &SwitchArgs,
    config: &SwitchConfig,
    endpoint: &Endpoint,
    output: &Output,
) -> CliResult<SessionInfo> {
    let sessions = endpoint.sessions()?;
    let sorted = order::sorted(&sessions, config.order);
    if sorted.is_empty() {
        return Err(CliError::no_session());
    }
    let lines = menu_lines::lines(&sorted, Utc::now(), output.home.as_deref());
    let index = launcher::pick(&lines, &launcher_words(args, config)?)?;
    let chosen = sorted.get(index).ok_or_else(|| CliError::new(NO_MATCH, ""))?;
    Ok((*chosen).clone())
}

/// The launcher that the user wants, with its arguments; empty: one that is installed.
fn launcher_words(args: &SwitchArgs, config: &SwitchConfig) -> CliResult<Vec<String>> {
    match (&args.launcher, std::env::var("VMUX_LAUNCHER").ok()) {
        (Some(named), _) => words(named),
        (None, Some(named)) if !named.trim().is_empty() => words(&named),
        (None, _) => Ok(config.launcher.clone()),
    }
}

/// The words of a command, split as a shell splits them; nothing else of it is interpreted.
fn words(command: &str) -> CliResult<Vec<String>> {
    shlex::split(command).ok_or_else(|| {
        let command = clean(command, 200);
        CliError::usage(format!("the launcher `{command}` has a quote that is not closed"))
    })
}
