//! Does what a plan says, step by step. What fails takes back what it made.

use super::interrupt::Interrupt;
use super::plan::Plan;
use super::ready::{Awaited, Seen};
use super::steps::Steps;
use crate::cli::error::{CliError, CliResult, FAILED};
use crate::client::connect::Endpoint;
use crate::client::start::claude::Claude;
use crate::client::start::command::{Wanted, arguments};
use crate::client::start::git::{self, Worktree};
use crate::client::start::tmux::{self, TmuxPlace};
use crate::client::start::{StartFault, background, terminal};
use crate::config::StartPlace;
use crate::protocol::request::{LabelRequest, Request};
use crate::session::info::SessionInfo;
use crate::session::info::start::StepName;
use crate::session::sanitize::clean;
use crate::show::phrases;
use std::process::Child;

/// What a start has made so far.
#[derive(Default)]
struct Made {
    worktree: Option<Worktree>,
    tmux: Option<TmuxPlace>,
    terminal: Option<Child>,
    /// The beginning of the id that Claude Code chose.
    id: Option<String>,
    labelled: bool,
}

/// What a start depends on.
struct Context<'a> {
    plan: &'a Plan,
    endpoint: &'a Endpoint,
    home: Option<&'a str>,
    interrupt: &'a Interrupt,
}

/// Begins it; returns the session as it is once it runs, and is ready if that is waited for.
pub fn begin(
    plan: &Plan,
    endpoint: &Endpoint,
    steps: &mut Steps,
    home: Option<&str>,
) -> CliResult<Seen> {
    let mut made = Made::default();
    let mut at = StepName::Directory;
    let interrupt = Interrupt::begin();
    let context = Context { plan, endpoint, home, interrupt };
    let result = go(&context, steps, &mut made, &mut at);
    interrupt.end();
    result.map_err(|mut error| {
        steps.failed(at, &error.message);
        let stays = take_back(plan, made, endpoint);
        error.lines.extend(stays.into_iter().map(|it| clean(&it, 300)));
        error
    })
}

fn go(context: &Context, steps: &mut Steps, made: &mut Made, at: &mut StepName) -> CliResult<Seen> {
    let Context { plan, endpoint, home, interrupt } = *context;
    // Before anything is made, everything that is needed must be there.
    let claude = Claude::find(plan.claude.as_deref(), std::env::home_dir().as_deref())?;
    if plan.place == StartPlace::Background && !claude.knows_background() {
        let version = claude.version_text();
        return Err(CliError::new(FAILED, format!("Claude Code {version} has no background"))
            .hint("`--in tmux` starts it detached"));
    }
    let shown = |path: &std::path::Path| phrases::directory(&path.to_string_lossy(), home);
    steps.done(StepName::Directory, &shown(&plan.dir))?;
    let mut dir = plan.dir.clone();
    if let Some(branch) = &plan.worktree {
        *at = StepName::Worktree;
        let worktree = git::add(&plan.dir, &plan.name, branch)?;
        dir.clone_from(&worktree.path);
        let is_there = if worktree.is_new { "" } else { ", which was there" };
        let says = format!("{} on {branch}{is_there}", shown(&worktree.path));
        made.worktree = Some(worktree).filter(|it| it.is_new);
        steps.done(StepName::Worktree, &says)?;
    }
    interrupt.check()?;
    *at = StepName::Place;
    let before = match plan.place {
        StartPlace::Window => endpoint.sessions()?.iter().map(SessionInfo::key).collect(),
        _ => Vec::new(),
    };
    let wanted = Wanted {
        // One that is taken up again keeps the name and the label that it has.
        name: Some(plan.name.clone()).filter(|_| claude.knows_name() && !plan.is_resumed),
        session_id: plan.session_id.clone(),
        is_resumed: plan.is_resumed,
        arguments: plan.arguments.clone(),
        prompt: plan.prompt.clone(),
    };
    let says = place(plan, &claude, &wanted, &dir, made)?;
    label(plan, endpoint, made);
    steps.done(StepName::Place, &says)?;
    *at = StepName::Runs;
    let awaited = Awaited {
        session_id: plan.session_id.clone().or_else(|| made.id.clone()),
        pid: made.tmux.as_ref().map(|it| it.pid),
        dir,
        before,
        has_prompt: plan.prompt.is_some(),
        may_be_unknown: plan.place == StartPlace::Window,
        tells_state: claude.tells_state(),
    };
    let (tmux, terminal) = (made.tmux.as_ref(), made.terminal.as_mut());
    let session = awaited.run(endpoint, tmux, terminal, || interrupt.check())?;
    if let Some(tmux) = &made.tmux {
        tmux.settle();
    }
    // From now on it is the user's: a fault takes nothing back.
    *made = Made::default();
    let version = session.details.version.as_deref().map(str::to_owned);
    let version = version.unwrap_or_else(|| claude.version_text());
    steps.done(StepName::Runs, &format!("Claude Code {version}, pid {}", session.pid))?;
    Ok(Seen { session, awaited })
}

/// The label is there before vmuxd sees the session, which takes some tenths of a second to begin. A fault of
/// it is no obstacle.
fn label(plan: &Plan, endpoint: &Endpoint, made: &mut Made) {
    let Some(session_id) = plan.session_id.clone().filter(|_| !plan.is_resumed) else { return };
    let request = LabelRequest { session_id, label: plan.name.clone(), host: None };
    made.labelled = endpoint.ask(&Request::Label(request)).is_ok();
}

/// Makes its place, with Claude Code in it; says where that is.
fn place(
    plan: &Plan,
    claude: &Claude,
    wanted: &Wanted,
    dir: &std::path::Path,
    made: &mut Made,
) -> CliResult<String> {
    let words = arguments(wanted);
    let program = claude.program.display().to_string();
    let mut shown: Vec<String> = vec![program];
    shown.extend(words.iter().map(|it| it.to_string_lossy().into_owned()));
    if let Some(dir) = &plan.config_dir {
        shown.splice(0..0, ["/usr/bin/env".to_owned(), format!("CLAUDE_CONFIG_DIR={dir}")]);
    }
    match plan.place {
        StartPlace::Tmux => {
            let tmux = tmux::make(&plan.name, dir, &shown)?;
            let mut says = format!("tmux session {}", tmux.name);
            let attach = tmux.attach_command();
            made.tmux = Some(tmux);
            if plan.workspace.is_some() {
                made.terminal = Some(terminal::open(&plan.terminal, &attach, dir)?);
                says.push_str(", in a window");
            }
            Ok(says)
        }
        StartPlace::Window => {
            made.terminal = Some(terminal::open(&plan.terminal, &shown, dir)?);
            Ok(format!("a window of {}", clean(&plan.terminal[0], 40)))
        }
        StartPlace::Background => {
            let id = background::start(&claude.program, &words, dir)?;
            let says = format!("the background, as {id}");
            made.id = Some(id);
            Ok(says)
        }
    }
}

/// Takes back what was made; says what stays.
fn take_back(plan: &Plan, made: Made, endpoint: &Endpoint) -> Vec<String> {
    let mut stays = Vec::new();
    if let Some(tmux) = &made.tmux
        && let Err(error) = tmux.kill()
        && !error.contains("can't find session")
        && !error.contains("no server running")
    {
        stays.push(format!("the tmux session {} stays: {error}", tmux.name));
    }
    if let Some(mut terminal) = made.terminal
        && matches!(terminal.try_wait(), Ok(None))
    {
        // It is the child of this process: no other one has its pid.
        let _ = terminal.kill();
        let _ = terminal.wait();
    }
    if let Some(id) = &made.id {
        stays.push(format!("the session in the background stays: `claude stop {id}` ends it"));
    } else if let Some(worktree) = &made.worktree {
        stays.extend(git::take_back(worktree).err());
    }
    if made.labelled
        && let Some(session_id) = plan.session_id.clone()
    {
        let request = LabelRequest { session_id, label: String::new(), host: None };
        let _ = endpoint.ask(&Request::Label(request));
    }
    stays
}

impl From<StartFault> for CliError {
    fn from(fault: StartFault) -> CliError {
        CliError { hint: fault.hint, ..CliError::new(FAILED, fault.message) }
    }
}
