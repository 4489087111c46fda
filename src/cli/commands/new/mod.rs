//! `vmux new`: starts a session. It is done here, not by vmuxd, so that it is as if the user had done it by
//! hand: with the environment, the tmux and the display of this terminal.
//!
//! | file | job |
//! |---|---|
//! | [`plan`] | what is to be done |
//! | [`begin`] | does it, and takes back what fails |
//! | [`interrupt`] | notes Ctrl-C meanwhile |
//! | [`ready`] | waits for the session |
//! | [`running`] | one of the name runs already: what does not hold for it |
//! | [`steps`] | says how far it is |

pub mod begin;
pub mod interrupt;
pub mod plan;
pub mod ready;
pub mod running;
pub mod steps;

use crate::cli::args::SwitchArgs;
use crate::cli::args::options::start::NewArgs;
use crate::cli::commands::switch;
use crate::cli::error::{ASKS, CliError, CliResult, ENDED, FAILED, NO_MATCH};
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print, say_note};
use crate::client::Client;
use crate::client::connect::Endpoint;
use crate::client::error::ClientError;
use crate::client::start::{new_session_id, terminal};
use crate::config::fault::Warning;
use crate::config::{Config, StartPlace};
use crate::protocol::request::{NewRequest, Request, ReserveRequest};
use crate::protocol::response::Code;
use crate::session::info::SessionInfo;
use crate::session::info::start::StepName;
use crate::session::sanitize::clean;
use crate::show::phrases;
use plan::Plan;
use ready::StartOutcome;
use serde_json::json;
use std::path::Path;
use std::time::Instant;
use steps::Steps;

/// How many names are tried that a directory gives: `web`, `web-2` …
const MAX_NAMES: u32 = 50;

/// Whether a name could be had.
enum Reserved {
    /// It is kept for the session that is about to begin, as long as this connection stays.
    Yes(Client),
    /// A session has it, which may be unknown.
    Taken(Option<Box<SessionInfo>>, String),
}

/// Runs the command.
pub fn run(args: &NewArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    if args.check {
        return check(args, endpoint, output);
    }
    if let Some(host) = &args.host {
        return elsewhere(args, host, endpoint, output);
    }
    let config = match Config::load(&endpoint.paths.config()) {
        Ok((config, warnings)) => {
            say_template_warnings(args.template.as_deref(), &warnings);
            config
        }
        Err(_) if args.template.is_some() => {
            let error = "the configuration has errors, so no template is known";
            return Err(CliError::new(FAILED, error).hint("`vmux config check` names them"));
        }
        Err(_) => Config::default(),
    };
    let (mut plan, is_named) = plan::plan(args, &config)?;
    let is_own_id = plan.place != StartPlace::Background;
    plan.session_id = is_own_id.then(new_session_id);
    let base = plan.name.clone();
    let mut number = 1;
    let _held = loop {
        match reserve(&plan, false, endpoint)? {
            Reserved::Yes(held) => break held,
            Reserved::Taken(Some(session), why) if is_named => {
                return go_to(&session, why, args, &plan, endpoint, output);
            }
            Reserved::Taken(_, why) if is_named || number >= MAX_NAMES => {
                return Err(CliError::new(NO_MATCH, why).hint("choose another name"));
            }
            Reserved::Taken(..) => {
                number += 1;
                let is_worktree_named = plan.worktree.as_ref() == Some(&plan.name);
                plan.name = format!("{base}-{number}");
                if is_worktree_named && args.worktree.as_deref().unwrap_or_default().is_empty() {
                    plan.worktree = Some(plan.name.clone());
                }
            }
        }
    };
    start(&plan, args.json, args.timeout.map(|it| Instant::now() + it), endpoint, output)
}

/// Says which keys of the template have no effect: a start with half of it is easily overlooked.
fn say_template_warnings(template: Option<&str>, warnings: &[Warning]) {
    let Some(template) = template else { return };
    let table = format!("new.{template}.");
    for warning in warnings.iter().filter(|it| it.key.starts_with(&table)) {
        say_note(Some(&format!("in the configuration, {warning}")));
    }
}

/// Goes to the one that runs under the name, and says what that did not do.
fn go_to(
    session: &SessionInfo,
    why: String,
    args: &NewArgs,
    plan: &Plan,
    endpoint: &Endpoint,
    output: &Output,
) -> CliResult {
    let resolved = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if args.dir.is_some() && !running::is_in(Path::new(&session.cwd), &resolved(&plan.dir)) {
        let dir = phrases::directory(&session.cwd, output.home.as_deref());
        return Err(CliError::new(NO_MATCH, format!("{why}, in {}", clean(&dir, 200)))
            .hint("choose another name; without --dir it goes there"));
    }
    let unused = running::unused(args);
    if !unused.is_empty() {
        say_note(Some(&format!("{why}; not used: {}", unused.join(", "))));
    }
    let query = vec![session.key().to_string()];
    // One that is detached is to be seen, too, where there is a display for it.
    let attach = terminal::has_display();
    let args = SwitchArgs { query, json: args.json, attach, ..SwitchArgs::default() };
    switch::run(&args, endpoint, output)
}

/// Starts what is planned, under a name that is reserved.
pub fn start(
    plan: &Plan,
    is_json: bool,
    deadline: Option<Instant>,
    endpoint: &Endpoint,
    output: &Output,
) -> CliResult {
    let of = 3 + u32::from(plan.worktree.is_some()) + u32::from(plan.waits);
    let mut steps = Steps::new(endpoint, &plan.name, plan.session_id.as_deref(), is_json, of);
    let seen = begin::begin(plan, endpoint, &mut steps, output.home.as_deref())?;
    if let Some(workspace) = &plan.workspace {
        ready::put_on(&seen.session, workspace, endpoint)?;
    }
    let finish = |session: &SessionInfo| match is_json {
        true => print(&pretty(&json!({ "session": session }), false)?),
        false => Ok(()),
    };
    if !plan.waits {
        finish(&seen.session)?;
        let is_detached = plan.place == StartPlace::Tmux && plan.workspace.is_none();
        return match is_detached && !is_json {
            true => print(&format!("`vmux switch --attach {}` shows it\n", plan.name)),
            false => Ok(()),
        };
    }
    match seen.ready(endpoint, deadline)? {
        StartOutcome::Free(session) => {
            steps.done(StepName::Ready, "its prompt is free")?;
            finish(&session)
        }
        StartOutcome::Asks(session) => {
            let (state, detail) = (phrases::state(&session), phrases::detail(&session));
            let says = if detail.is_empty() { state } else { format!("{state}: {detail}") };
            steps.asks(&says)?;
            finish(&session)?;
            Err(CliError::new(ASKS, ""))
        }
        StartOutcome::Ended => {
            steps.failed(StepName::Ready, "it has ended");
            Err(CliError::new(ENDED, "it has ended"))
        }
    }
}

/// Reserves the name, and the session id if there is one.
fn reserve(plan: &Plan, check: bool, endpoint: &Endpoint) -> CliResult<Reserved> {
    let (name, session_id) = (plan.name.clone(), plan.session_id.clone());
    taken(endpoint, ReserveRequest { name, session_id, check, hold: !check })
}

fn taken(endpoint: &Endpoint, request: ReserveRequest) -> CliResult<Reserved> {
    match endpoint.ask_and_stay(&Request::Reserve(request)) {
        Ok((_, held)) => Ok(Reserved::Yes(held)),
        Err(ClientError::Refused { response, .. }) if response.code == Some(Code::Taken) => {
            let why = clean(response.error.as_deref().unwrap_or_default(), 200);
            Ok(Reserved::Taken(response.session, why))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reserves a name for a session that is taken up again, as long as the connection stays; else why one has
/// the name, or runs already.
pub fn reserve_again(
    name: &str,
    session_id: &str,
    endpoint: &Endpoint,
) -> CliResult<Result<Client, String>> {
    let (name, session_id) = (name.to_owned(), Some(session_id.to_owned()));
    Ok(match taken(endpoint, ReserveRequest { name, session_id, check: false, hold: true })? {
        Reserved::Yes(held) => Ok(held),
        Reserved::Taken(_, why) => Err(why),
    })
}

fn check(args: &NewArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let name = args.name.clone().unwrap_or_default();
    let shown = clean(&name, 60);
    let why = match crate::session::query::name::check(&name) {
        Err(why) => Some(format!("\"{shown}\" cannot be a name: {why}")),
        Ok(()) => {
            let request = ReserveRequest { name, check: true, ..ReserveRequest::default() };
            match taken(endpoint, request)? {
                Reserved::Yes(_) => None,
                Reserved::Taken(_, why) => Some(why),
            }
        }
    };
    if args.json {
        let value = json!({ "name": shown, "free": why.is_none(), "why": why });
        print(&pretty(&value, output.terminal)?)?;
        return if why.is_none() { Ok(()) } else { Err(CliError::new(NO_MATCH, "")) };
    }
    match why {
        None => print(&format!("{shown} can be had\n")),
        Some(why) => Err(CliError::new(NO_MATCH, why)),
    }
}

/// On another host its vmux does it. The steps are shown once it is done.
fn elsewhere(args: &NewArgs, host: &str, endpoint: &Endpoint, output: &Output) -> CliResult {
    let Some(name) = args.name.clone() else {
        return Err(CliError::usage("on another host a session needs a name"));
    };
    let dir = args.dir.as_ref().map(|it| it.to_string_lossy().into_owned());
    let request = NewRequest {
        name: name.clone(),
        host: Some(host.to_owned()),
        template: args.template.clone(),
        dir,
        worktree: args.worktree.clone(),
        prompt: args.prompt.clone(),
        place: args.place.map(|it| StartPlace::from(it).word().to_owned()),
        args: args.args.clone(),
    };
    let asked = endpoint.ask(&Request::New(Box::new(request)));
    let steps = match &asked {
        Ok(response) => response.steps.as_deref(),
        Err(ClientError::Refused { response, .. }) => response.steps.as_deref(),
        Err(_) => None,
    };
    steps.unwrap_or_default().iter().try_for_each(|step| steps::show(step, args.json))?;
    let response = asked?;
    if args.json {
        let value = json!({ "session": response.session });
        return print(&pretty(&value, output.terminal)?);
    }
    let (name, host) = (clean(&name, 40), clean(host, 63));
    match response.ok {
        true => print(&format!("{name} runs on {host}: `vmux switch {host}:{name}`\n")),
        false => Err(CliError::new(FAILED, "")),
    }
}
