//! Waits until a session that was started runs, and until its prompt is free or it asks for something.

use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::show::phrases;
use crate::client::connect::Endpoint;
use crate::client::error::{ClientError, plain};
use crate::client::follow::Follower;
use crate::client::start::tmux::TmuxPlace;
use crate::protocol::request::{MoveRequest, Request};
use crate::protocol::response::Code;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::StateName;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

/// How long a session may take until vmuxd sees it. Claude Code takes one second, on a busy machine five.
const RUNS_WITHIN: Duration = Duration::from_secs(60);

/// A program that lives for so long has not ended at once: a wrong option ends it within half a second.
const LIVES: Duration = Duration::from_millis(2500);

/// How long a terminal may take to open its window.
const SHOWN_WITHIN: Duration = Duration::from_secs(8);

/// Between two looks, from the first to the last. vmuxd looks for new processes when it is asked.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(160));

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
}

/// A session that runs.
pub struct Seen {
    /// The session.
    pub session: SessionInfo,
    /// How it was found.
    pub awaited: Awaited,
}

/// What became of a session that was waited for.
pub enum Outcome {
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
        // Old versions say nowhere which session a process is, before the first prompt.
        let is_new_there = |it: &&SessionInfo| {
            let is_unknown = it.session_id.is_none() && self.pid.is_none();
            is_unknown && Path::new(&it.cwd) == self.dir && !self.before.contains(&it.key())
        };
        let local = || sessions.iter().filter(|it| it.host.is_none());
        let found = local().find(has_id).or_else(|| local().find(has_pid));
        found.or_else(|| local().find(is_new_there))
    }

    /// Waits until it runs. An error: its program ended at once, or vmuxd does not see it.
    pub fn run(
        &self,
        endpoint: &Endpoint,
        tmux: Option<&TmuxPlace>,
        mut terminal: Option<&mut Child>,
    ) -> CliResult<SessionInfo> {
        let (begun, mut pause) = (Instant::now(), PAUSE.0);
        loop {
            if let Some(said) = tmux.and_then(TmuxPlace::last_words) {
                return Err(ended(&said));
            }
            let status = terminal.as_mut().and_then(|it| it.try_wait().ok().flatten());
            // A terminal that hands over to its server ends at once, and with success.
            if status.is_some_and(|it| !it.success()) {
                return Err(ended("").hint("its terminal has ended; does it take a command?"));
            }
            let sessions = endpoint.sessions()?;
            if let Some(session) = self.find(&sessions) {
                let is_settled = matches!(session.state, StateName::Idle | StateName::NeedsInput);
                let is_known = session.details.version.is_some() && session.session_id.is_some();
                if is_settled || is_known || begun.elapsed() >= LIVES {
                    return Ok(session.clone());
                }
            } else if status.is_some() && begun.elapsed() >= LIVES {
                return Err(ended("").hint("run `claude` there by hand to see why"));
            }
            if begun.elapsed() >= RUNS_WITHIN {
                return Err(CliError::new(FAILED, "it was started, but vmuxd does not see it")
                    .hint("`vmux doctor PID` says why"));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(PAUSE.1);
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
                std::thread::sleep(PAUSE.1);
            }
            Err(error) => break CliError::from(error),
        }
    };
    let text = format!("note: its window is not on the workspace: {}\n", error.message);
    // If standard error is closed, there is nowhere left to say it.
    let _ = std::io::stderr().write_all(text.as_bytes());
    Ok(())
}

fn ended(said: &str) -> CliError {
    match said {
        "" => CliError::new(FAILED, "Claude Code ended at once"),
        _ => CliError::new(FAILED, format!("Claude Code ended at once: {said}")),
    }
}

impl Seen {
    /// Waits until its prompt is free, or it asks for something.
    pub fn ready(&self, endpoint: &Endpoint, deadline: Option<Instant>) -> CliResult<Outcome> {
        let key = self.session.key();
        let mut follower = Follower::new(endpoint);
        loop {
            if let Some(sessions) = follower.sessions() {
                let Some(session) = sessions.iter().find(|it| it.key() == key) else {
                    return Ok(Outcome::Ended);
                };
                match session.state {
                    StateName::NeedsInput => return Ok(Outcome::Asks(session.clone())),
                    StateName::Idle if !self.awaited.has_prompt || is_answered(session) => {
                        return Ok(Outcome::Free(session.clone()));
                    }
                    _ => {}
                }
            }
            if deadline.is_some_and(|it| Instant::now() >= it) {
                let title = phrases::title(&self.session);
                let error = format!("time is up; {title} runs, and is not ready");
                return Err(CliError::new(NO_MATCH, error));
            }
            let woken = follower.wait(&[], deadline).map_err(|error| {
                CliError::new(FAILED, format!("waiting for vmuxd: {}", plain(&error)))
            })?;
            if woken.reader_gone {
                return Err(CliError::reader_gone());
            }
        }
    }
}

/// Whether the prompt of its command line has reached it: before, it shows a free prompt for a moment.
fn is_answered(session: &SessionInfo) -> bool {
    session.details.last_prompt.is_some()
}
