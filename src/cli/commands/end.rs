//! `vmux end`: ends a session, and removes its worktree if nothing in it would be lost.

use crate::cli::args::options::start::EndArgs;
use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::find::find_one;
use crate::cli::find::here::Here;
use crate::cli::json::pretty;
use crate::cli::terminal::question::confirmed;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::ClientError;
use crate::client::follow::Follower;
use crate::client::start::git::{self, Removable};
use crate::client::start::process::is_ending;
use crate::config::rights::send::Door;
use crate::protocol::request::{EndRequest, Request, SendRequest};
use crate::protocol::response::Code;
use crate::session::info::SessionInfo;
use crate::session::query::filter::is_in;
use crate::session::query::name::is_whole;
use crate::session::sanitize::clean;
use crate::session::state::StateName;
use crate::show::phrases;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

/// The longest query that an error quotes, in characters.
const MAX_SHOWN: usize = 60;

/// How long a session may take to leave.
const LEAVES_WITHIN: Duration = Duration::from_secs(5);

/// Runs the command.
pub fn run(args: &EndArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let sessions = endpoint.sessions()?;
    let query = args.query.join(" ");
    let session = find_one(&query, &sessions, output)?;
    if let Some(host) = session.host {
        let error = format!("{} runs on {host}", phrases::title(session));
        return Err(
            CliError::new(FAILED, error).hint(format!("call `vmux end` there: `ssh {host}`"))
        );
    }
    if args.yes {
        check_whole(&query, session, output)?;
    }
    let worktree = args.worktree.then(|| removable(session, Some(endpoint))).transpose()?;
    if !args.yes && !is_wanted(session, worktree.as_ref(), output)? {
        return Err(CliError::new(NO_MATCH, "nothing was done"));
    }
    if !leaves(session, endpoint) {
        endpoint.ask(&Request::End(EndRequest { pid: session.pid, start: session.start }))?;
    }
    let title = phrases::title(session);
    let shown = |path: &Path| phrases::directory(&path.to_string_lossy(), output.home.as_deref());
    let mut removed = None;
    if worktree.is_some() {
        // It may have written something as it ended.
        let removal = removable(session, None).and_then(|it| {
            git::remove(&it)?;
            Ok(it)
        });
        let stays = |error: CliError| {
            let message = format!("{title} has ended; its worktree stays: {}", error.message);
            CliError { message, ..error }
        };
        removed = Some(removal.map_err(stays)?);
    }
    if args.json {
        let path = removed.as_ref().map(|it| it.path.to_string_lossy().into_owned());
        let value = json!({ "session": session, "removed_worktree": path });
        return print(&pretty(&value, output.terminal)?);
    }
    print(&format!("{title} has ended\n"))?;
    match removed {
        None => Ok(()),
        Some(Removable { path, branch, .. }) => {
            let stays = branch.map(|it| format!("; the branch {it} stays")).unwrap_or_default();
            print(&format!("removed {}{stays}\n", shown(&path)))
        }
    }
}

/// Has a session with a free prompt leave by `/exit`, as a user does, where the configuration lets vmux
/// type; false if it runs on.
fn leaves(session: &SessionInfo, endpoint: &Endpoint) -> bool {
    let may_type = load(endpoint).send.allow.contains(&Door::User);
    let is_free = session.state == StateName::Idle;
    if !may_type || !is_free || is_in_worktree_of_claude(Path::new(&session.cwd)) {
        return false;
    }
    let (query, text) = (session.key().to_string(), "/exit".to_owned());
    let request = SendRequest { query, text, queue: false, door: Some("vmux end".to_owned()) };
    match endpoint.ask(&Request::Send(request)) {
        Ok(_) => {}
        // A screen that is gone does not show that it was submitted.
        Err(ClientError::Refused { response, .. }) if response.code == Some(Code::NotSubmitted) => {
        }
        Err(_) => return false,
    }
    let deadline = Instant::now() + LEAVES_WITHIN;
    let mut follower = Follower::new(endpoint);
    while Instant::now() < deadline {
        let runs = |all: &[SessionInfo]| all.iter().any(|it| it.key() == session.key());
        if follower.sessions().is_some_and(|it| !runs(it)) {
            return true;
        }
        if follower.wait(&[], Some(deadline)).is_err() {
            break;
        }
    }
    false
}

/// Whether `cwd` is in a worktree where Claude Code makes its own (`claude --worktree`; `vmux new` makes some
/// there, too). At `/exit` it removes its own with all that git ignores in it, and asks nothing; at SIGTERM it
/// leaves it (2.1.332).
fn is_in_worktree_of_claude(cwd: &Path) -> bool {
    let names: Vec<_> = cwd.iter().collect();
    names.windows(3).any(|three| three[..2] == [".claude", "worktrees"])
}

/// `--yes` asks nothing, so the words must be a whole name: `web` must not end `web-2` when `web` has ended
/// already. A path is whole by itself.
fn check_whole(query: &str, session: &SessionInfo, output: &Output) -> CliResult {
    let title = phrases::title(session);
    let is_path = Here::of_process(output.home.as_deref()).path(query).is_some();
    if is_path || is_whole(query, &title, session) {
        return Ok(());
    }
    let shown = clean(query, MAX_SHOWN);
    let error = format!("no session is called \"{shown}\"; {title} (pid {}) is close", session.pid);
    Err(CliError::new(NO_MATCH, error).hint("with --yes, say its whole name or its pid"))
}

/// The worktree that a session is in, if it may be removed. `endpoint`: the vmuxd of whose sessions no other
/// may be in it.
fn removable(session: &SessionInfo, endpoint: Option<&Endpoint>) -> CliResult<Removable> {
    let worktree = git::removable(Path::new(&session.cwd))?;
    // Asked after git, which takes its time: one that has just ended is not listed any more.
    let sessions = endpoint.map(Endpoint::sessions).transpose()?.unwrap_or_default();
    let path = worktree.path.to_string_lossy().into_owned();
    let is_other = |it: &&SessionInfo| {
        let is_here = it.host.is_none() && it.key() != session.key() && is_in(&it.cwd, &path);
        // vmuxd lists it until its last thread has ended.
        is_here && !is_ending(it.key().process)
    };
    if let Some(other) = sessions.iter().find(is_other) {
        let error = format!("{} is in this worktree, too", phrases::title(other));
        return Err(CliError::new(FAILED, error).hint("end it first"));
    }
    Ok(worktree)
}

/// Asks the user, on a terminal.
fn is_wanted(
    session: &SessionInfo,
    worktree: Option<&Removable>,
    output: &Output,
) -> CliResult<bool> {
    let home = output.home.as_deref();
    let cwd = phrases::directory(&session.cwd, home);
    let and = match worktree {
        Some(it) => format!(
            " and remove the worktree {}",
            phrases::directory(&it.path.to_string_lossy(), home)
        ),
        None => String::new(),
    };
    let title = phrases::title(session);
    let question = format!("End {title} (pid {}, {cwd}){and}?", session.pid);
    let unasked = CliError::usage("there is no terminal to ask on").hint("--yes asks nothing");
    confirmed(&question, unasked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worktree_of_claude_is_below_its_folder() {
        let is_in = |cwd: &str| is_in_worktree_of_claude(Path::new(cwd));
        assert!(is_in("/src/web/.claude/worktrees/one"));
        assert!(is_in("/src/web/.claude/worktrees/one/lib"));
        assert!(!is_in("/src/web"));
        assert!(!is_in("/src/web-worktrees/one"), "made by hand");
        assert!(!is_in("/src/web/.claude/worktrees"), "the folder itself");
        assert!(!is_in("/src/web/.claude/skills/worktrees/one"));
    }
}
