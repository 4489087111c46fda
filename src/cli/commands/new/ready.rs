//! Waits until a session that was started runs, and until its prompt is free or it asks for something.

use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::terminal::say;
use crate::client::connect::Endpoint;
use crate::client::error::{ClientError, plain};
use crate::client::follow::Follower;
use crate::client::start::process;
use crate::client::start::tmux::TmuxPlace;
use crate::protocol::request::{MoveRequest, Request};
use crate::protocol::response::Code;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::{Confidence, StateName};
use crate::show::phrases;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

/// How long a session may take until vmuxd sees it. Claude Code takes one second, on a busy machine five.
const RUNS_WITHIN: Duration = Duration::from_secs(60);

/// A program that lives for so long has not ended at once, though nothing tells that it has begun. A wrong
/// option ends 2.1.332 within half a second, 1.0.128 on a busy machine after nine.
const LIVES: Duration = Duration::from_secs(20);

/// How long a terminal that hands over to its server may take until that runs the program.
const HANDED_OVER_WITHIN: Duration = Duration::from_millis(2500);

/// How long a terminal may take to open its window.
const SHOWN_WITHIN: Duration = Duration::from_secs(8);

/// After so long, a prompt that is taken for free without a sign of it counts as free.
const BELIEVED_AFTER: Duration = Duration::from_secs(30);

/// Between two looks whether its program still runs. vmuxd tells by itself of a session that has begun.
const PAUSE: Duration = Duration::from_millis(150);

/// How often vmuxd is asked to look for new processes: one that has written nothing yet is not told.
const SEARCH_INTERVAL: Duration = Duration::from_millis(700);

/// How the session that was started can be told from others.
pub struct Awaited {
    /// Its id, or the beginning of it.
    pub session_id: Option<String>,
    /// The first process of its pane.
    pub pid: Option<u32>,
    /// Its directory.
    pub dir: PathBuf,
    /// The sessions that were there before.
    pub before: Vec<SessionKey>,
    /// Whether it was given a prompt: then it is not ready before that was answered.
    pub has_prompt: bool,
    /// Whether it may be one whose id is not known: old versions say nowhere which session a
    /// process is, before the first prompt.
    pub may_be_unknown: bool,
    /// Whether its version says in a file when its prompt is free (2.1.75 does).
    pub tells_state: bool,
}

/// A session that runs.
pub struct Seen {
    /// The session.
    pub session: SessionInfo,
    /// How it was found.
    pub awaited: Awaited,
}

/// What became of a session that was waited for.
pub enum StartOutcome {
    /// Its prompt is free.
    Free(SessionInfo),
    /// It asks for something.
    Asks(SessionInfo),
    /// It has ended.
    Ended,
}

impl Awaited {
    /// The session, if it is among these.
    fn find<'a>(&self, sessions: &'a [SessionInfo]) -> Option<&'a SessionInfo> {
        let id = self.session_id.as_deref();
        let has_id = |it: &&SessionInfo| {
            it.session_id.as_deref().zip(id).is_some_and(|(own, id)| own.starts_with(id))
        };
        let has_pid = |it: &&SessionInfo| Some(it.pid) == self.pid;
        let is_new_there = |it: &&SessionInfo| {
            let is_unknown = it.session_id.is_none() && self.may_be_unknown;
            is_unknown && Path::new(&it.cwd) == self.dir && !self.before.contains(&it.key())
        };
        let local = || sessions.iter().filter(|it| it.host.is_none());
        let found = local().find(has_id).or_else(|| local().find(has_pid));
        found.or_else(|| local().find(is_new_there))
    }

    /// Whether a session that is listed has taken its arguments. One that has asks, or has written its file;
    /// versions without such a file take keys then.
    fn has_begun(&self, session: &SessionInfo) -> bool {
        session.state == StateName::NeedsInput
            || has_session_file(session)
            || (!self.tells_state && process::reads_keys(session.pid))
    }

    /// Whether something runs that is to become the session, or is it. While a process begins its arguments
    /// cannot be read for a moment.
    fn is_underway(&self) -> bool {
        let Some(id) = self.session_id.as_deref() else { return true };
        (0..2).any(|look| {
            std::thread::sleep(PAUSE * look);
            process::is_anywhere(id)
        })
    }

    /// Waits until it runs. An error: its program ended at once, vmuxd does not see it, or `go_on` says no.
    pub fn run(
        &self,
        endpoint: &Endpoint,
        tmux: Option<&TmuxPlace>,
        mut terminal: Option<&mut Child>,
        go_on: impl Fn() -> CliResult,
    ) -> CliResult<SessionInfo> {
        let (begun, mut follower) = (Instant::now(), Follower::new(endpoint));
        let mut terminal_gone = None;
        let mut next_search = begun + PAUSE;
        loop {
            go_on()?;
            if let Some(said) = tmux.filter(|it| it.has_ended()).and_then(TmuxPlace::last_words) {
                return Err(ended(&said));
            }
            let status = terminal.as_mut().and_then(|it| it.try_wait().ok().flatten());
            // A terminal that hands over to its server ends at once, and with success.
            if let Some(status) = status.filter(|it| !it.success()) {
                let error = format!("Claude Code or its terminal ended at once: {status}");
                let hint = "does the terminal reach the display? by hand, `claude` says more";
                return Err(CliError::new(FAILED, error).hint(hint));
            }
            let searched = match Instant::now() >= next_search {
                true => {
                    next_search = Instant::now() + SEARCH_INTERVAL;
                    Some(endpoint.sessions()?)
                }
                false => None,
            };
            let sessions = searched.as_deref().or(follower.sessions()).unwrap_or_default();
            if let Some(session) = self.find(sessions) {
                if self.has_begun(session) || begun.elapsed() >= LIVES {
                    return Ok(session.clone());
                }
            } else if status.is_some() {
                let gone = *terminal_gone.get_or_insert_with(Instant::now);
                if gone.elapsed() >= HANDED_OVER_WITHIN && !self.is_underway() {
                    return Err(ended("").hint("run `claude` there by hand to see why"));
                }
            }
            if begun.elapsed() >= RUNS_WITHIN {
                return Err(CliError::new(FAILED, "it was started, but vmuxd does not see it")
                    .hint("`vmux doctor PID` says why"));
            }
            let woken = follower.wait(&[], Some(Instant::now() + PAUSE)).unwrap_or_default();
            if woken.reader_gone {
                // It goes on without anybody who reads what it says.
                std::thread::sleep(PAUSE);
            }
        }
    }
}

/// Moves its window to a workspace, as soon as there is one. That this fails is told, and is no fault: the
/// session runs.
pub fn put_on(session: &SessionInfo, workspace: &str, endpoint: &Endpoint) -> CliResult {
    let (pid, start) = (session.pid, session.start);
    let request = Request::Move(MoveRequest { pid, start, workspace: workspace.to_owned() });
    let begun = Instant::now();
    let error = loop {
        match endpoint.ask(&request) {
            Ok(_) => return Ok(()),
            Err(ClientError::Refused { response, .. })
                if response.code == Some(Code::NoWindow) && begun.elapsed() < SHOWN_WITHIN =>
            {
                std::thread::sleep(PAUSE);
            }
            Err(error) => break CliError::from(error),
        }
    };
    say(&format!("note: its window is not on the workspace: {}", error.message));
    Ok(())
}

fn ended(said: &str) -> CliError {
    match said {
        // tmux may lose the last words of a program that ends.
        "" => CliError::new(FAILED, "Claude Code ended at once")
            .hint("run `claude` in that directory by hand: it says why"),
        _ => CliError::new(FAILED, format!("Claude Code ended at once: {said}")),
    }
}

impl Seen {
    /// Whether an idle session has a free prompt. Before the prompt of its command line has reached it, it
    /// shows one for a moment.
    fn is_free(&self, session: &SessionInfo) -> bool {
        let is_told = is_sure(session) || !self.awaited.tells_state;
        is_told && (!self.awaited.has_prompt || session.details.last_prompt.is_some())
    }

    /// Waits until its prompt is free, or it asks for something.
    pub fn ready(&self, endpoint: &Endpoint, deadline: Option<Instant>) -> CliResult<StartOutcome> {
        let key = self.session.key();
        let mut follower = Follower::new(endpoint);
        // What vmuxd only takes for a free prompt may be one that is not drawn yet.
        let believed_at = Instant::now() + BELIEVED_AFTER;
        loop {
            if let Some(sessions) = follower.sessions() {
                let Some(session) = sessions.iter().find(|it| it.key() == key) else {
                    return Ok(StartOutcome::Ended);
                };
                match session.state {
                    StateName::NeedsInput => return Ok(StartOutcome::Asks(session.clone())),
                    StateName::Idle if self.is_free(session) || Instant::now() >= believed_at => {
                        return Ok(StartOutcome::Free(session.clone()));
                    }
                    _ => {}
                }
            }
            if deadline.is_some_and(|it| Instant::now() >= it) {
                let title = phrases::title(&self.session);
                let error = format!("time is up; {title} runs, and is not ready");
                return Err(CliError::new(NO_MATCH, error));
            }
            let until = deadline.map_or(believed_at, |it| it.min(believed_at));
            let until = if Instant::now() < believed_at { Some(until) } else { deadline };
            let woken = follower.wait(&[], until).map_err(|error| {
                CliError::new(FAILED, format!("waiting for vmuxd: {}", plain(&error)))
            })?;
            if woken.reader_gone {
                return Err(CliError::reader_gone());
            }
        }
    }
}

/// Whether it has written the file that says what it does.
fn has_session_file(session: &SessionInfo) -> bool {
    let dir = session.details.config_dir.as_ref();
    dir.is_some_and(|dir| dir.join(format!("sessions/{}.json", session.pid)).exists())
}

/// Whether its state is more than likely.
fn is_sure(session: &SessionInfo) -> bool {
    session.confidence == Confidence::Certain
}
