//! `vmux wait`: waits until sessions are in a state, for scripts.

use crate::cli::args::{Until, WaitArgs};
use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH, STOPPED_SHORT};
use crate::cli::find::{find_all, find_one};
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::client::follow::Follower;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::StateName;
use crate::show::phrases;
use serde_json::{json, to_value};
use std::collections::BTreeMap;
use std::time::Instant;

/// Runs the command. Queries are resolved once; from then on, those processes are followed.
pub fn run(args: &WaitArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let deadline = args.timeout.map(|it| Instant::now() + it);
    let endpoint = &endpoint.clone().answering_by(deadline);
    // Resolved before following begins, because the first event may say that one has ended.
    let sessions = endpoint.sessions()?;
    let output = output.configured(&load(endpoint));
    let mut goal = goal(args, &sessions, &output)?;
    goal.look(&sessions);
    let mut follower = Follower::new(endpoint);
    let mut stopped_short = false;
    loop {
        if let Some(sessions) = follower.sessions() {
            goal.look(sessions);
            for met in std::mem::take(&mut goal.announced) {
                stopped_short |= met.session.failure().is_some() && !met.has_ended;
                print(&if args.json { met.json()? } else { met.line() + "\n" })?;
            }
            match goal.progress() {
                // The line says why.
                Progress::Done if stopped_short => return Err(CliError::new(STOPPED_SHORT, "")),
                Progress::Done => return Ok(()),
                Progress::Lost(text) => return Err(CliError::new(NO_MATCH, text)),
                Progress::Open => {}
            }
        }
        if deadline.is_some_and(|it| Instant::now() >= it) {
            return Err(CliError::new(NO_MATCH, format!("time is up, {}", goal.standing())));
        }
        let woken = follower.wait(&[], deadline).map_err(|error| {
            CliError::new(FAILED, format!("waiting for vmuxd: {}", plain(&error)))
        })?;
        if woken.reader_gone {
            return Err(CliError::new(NO_MATCH, ""));
        }
    }
}

fn goal(args: &WaitArgs, sessions: &[SessionInfo], output: &Output) -> CliResult<Goal> {
    let keys: Vec<SessionKey> = match (args.query.is_empty(), args.any || args.all) {
        (true, _) => sessions.iter().map(SessionInfo::key).collect(),
        (false, false) => {
            let found = find_one(&args.query.join(" "), sessions, output);
            vec![found.map_err(|error| with_hint(error, args, sessions, output))?.key()]
        }
        (false, true) => {
            let found = args.query.iter().map(|query| find_all(query, sessions, output));
            let found = found.collect::<CliResult<Vec<_>>>()?;
            found.into_iter().flatten().map(SessionInfo::key).collect()
        }
    };
    if args.all && keys.is_empty() {
        return Err(CliError::no_session());
    }
    let aim = match (args.all, args.query.is_empty()) {
        (true, _) => Aim::All,
        (false, true) => Aim::Next,
        (false, false) => Aim::Any,
    };
    Ok(Goal::new(aim, args.until.clone(), keys))
}

/// The error of a query, with a hint if each of its words alone means sessions.
fn with_hint(
    error: CliError,
    args: &WaitArgs,
    sessions: &[SessionInfo],
    output: &Output,
) -> CliError {
    let means_some = |query: &String| find_all(query, sessions, output).is_ok();
    match args.query.len() > 1 && args.query.iter().all(means_some) {
        true => error.hint("`--any` or `--all` takes each argument for a session of its own"),
        false => error,
    }
}

/// Which of the sessions are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// Until one of them is in the state.
    Any,
    /// Until each has been in it.
    All,
    /// Until any session, a new one too, waits, or comes into the state.
    Next,
}

/// What is waited for, and how far it has come.
struct Goal {
    aim: Aim,
    until: Vec<Until>,
    followed: BTreeMap<SessionKey, Followed>,
    /// Those that came into the state and were not taken from here yet.
    announced: Vec<Met>,
}

/// A session that is waited for.
#[derive(Default)]
struct Followed {
    /// As it was last; `None`: never seen yet.
    last: Option<SessionInfo>,
    /// Whether it was in another state since.
    was_elsewhere: bool,
    is_met: bool,
    has_ended: bool,
}

/// A session that is in the state.
struct Met {
    session: SessionInfo,
    has_ended: bool,
}

/// Whether there is more to wait for.
#[derive(Debug, PartialEq, Eq)]
enum Progress {
    Open,
    Done,
    /// It cannot happen any more; why.
    Lost(String),
}

impl Goal {
    fn new(aim: Aim, until: Vec<Until>, keys: Vec<SessionKey>) -> Goal {
        let followed = keys.into_iter().map(|key| (key, Followed::default())).collect();
        Goal { aim, until, followed, announced: Vec::new() }
    }

    /// Takes note of what the sessions are doing.
    fn look(&mut self, sessions: &[SessionInfo]) {
        for session in sessions {
            let key = session.key();
            let followed = match self.aim {
                Aim::Next => self.followed.entry(key).or_default(),
                _ => match self.followed.get_mut(&key) {
                    Some(followed) => followed,
                    None => continue,
                },
            };
            let is_there = self.until.iter().any(|it| it.is(session.state));
            let waits = session.state == StateName::NeedsInput;
            // Of all sessions, one that has been idle for hours is no news.
            let counts = self.aim != Aim::Next || waits || followed.was_elsewhere;
            followed.was_elsewhere |= !is_there;
            followed.last = Some(session.clone());
            if is_there && counts && !followed.is_met {
                followed.is_met = true;
                self.announced.push(Met { session: session.clone(), has_ended: false });
            }
        }
        for (key, followed) in &mut self.followed {
            let Some(last) = followed.last.as_ref().filter(|_| !followed.has_ended) else {
                continue;
            };
            if sessions.iter().any(|it| it.key() == *key) {
                continue;
            }
            followed.has_ended = true;
            if self.until.contains(&Until::Gone) && !followed.is_met {
                followed.is_met = true;
                self.announced.push(Met { session: last.clone(), has_ended: true });
            }
        }
    }

    fn progress(&self) -> Progress {
        let mut all = self.followed.values();
        let is_lost = |it: &&Followed| it.has_ended && !it.is_met;
        match self.aim {
            Aim::Any | Aim::Next if all.clone().any(|it| it.is_met) => Progress::Done,
            Aim::Next => Progress::Open,
            Aim::Any if all.clone().all(|it| is_lost(&it)) => match self.only() {
                Some(it) => Progress::Lost(format!("{} has ended", phrases::title(it))),
                None => Progress::Lost("all of them have ended".to_owned()),
            },
            Aim::Any => Progress::Open,
            Aim::All => match all.clone().find(is_lost).and_then(|it| it.last.as_ref()) {
                Some(it) => Progress::Lost(format!("{} has ended", phrases::title(it))),
                None if all.all(|it| it.is_met) => Progress::Done,
                None => Progress::Open,
            },
        }
    }

    /// How far it has come: `shop: working`.
    fn standing(&self) -> String {
        if let Some(it) = self.only().filter(|_| self.aim != Aim::Next) {
            return format!("{}: {}", phrases::title(it), phrases::state(it));
        }
        if self.followed.is_empty() {
            return phrases::NO_SESSION.to_owned();
        }
        let there = self.followed.values().filter(|it| it.is_met).count();
        format!("{there} of {} sessions got there", self.followed.len())
    }

    fn only(&self) -> Option<&SessionInfo> {
        let only = self.followed.values().next().filter(|_| self.followed.len() == 1)?;
        only.last.as_ref()
    }
}

impl Until {
    fn is(self, state: StateName) -> bool {
        match self {
            Until::NeedsInput => state == StateName::NeedsInput,
            Until::Idle => state == StateName::Idle,
            Until::Working => state == StateName::Working,
            Until::Gone => false,
        }
    }
}

impl Met {
    fn line(&self) -> String {
        let (title, pid) = (phrases::title(&self.session), self.session.pid);
        let doing = phrases::state(&self.session);
        match phrases::detail(&self.session) {
            _ if self.has_ended => format!("{title} (pid {pid}) has ended"),
            detail if detail.is_empty() => format!("{title} (pid {pid}): {doing}"),
            detail => format!("{title} (pid {pid}): {doing}, {detail}"),
        }
    }

    /// The session as it is in `list --json`; of one that has ended, as it was last, in the state `gone`.
    fn json(&self) -> CliResult<String> {
        let mut session =
            to_value(&self.session).map_err(|it| CliError::new(FAILED, it.to_string()))?;
        if self.has_ended {
            session["state"] = json!("gone");
        }
        pretty(&session, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use StateName::{Idle, NeedsInput, Working};

    const USUAL: [Until; 2] = [Until::NeedsInput, Until::Idle];

    /// What is announced when sessions 1, 2, … go through these states, and what comes of it.
    fn play(aim: Aim, until: &[Until], steps: &[&[Option<StateName>]]) -> (Vec<u32>, Progress) {
        let state = |states: &[Option<StateName>]| -> Vec<SessionInfo> {
            let states = (1..).zip(states).filter_map(|(pid, it)| Some((pid, (*it)?)));
            states.map(|(pid, state)| sample(pid, state, 1)).collect()
        };
        let keys = state(steps[0]).iter().map(SessionInfo::key).collect();
        let mut goal = Goal::new(aim, until.to_vec(), keys);
        for step in steps {
            goal.look(&state(step));
        }
        let announced = goal.announced.iter().map(|it| it.session.pid).collect();
        (announced, goal.progress())
    }

    #[test]
    fn any_is_there_at_once_and_ends_with_the_last() {
        let (w, i) = (Some(Working), Some(Idle));
        assert_eq!(play(Aim::Any, &USUAL, &[&[w, i]]), (vec![2], Progress::Done));
        assert_eq!(play(Aim::Any, &USUAL, &[&[w, w], &[w, None]]), (vec![], Progress::Open));
        let lost = Progress::Lost("all of them have ended".to_owned());
        assert_eq!(play(Aim::Any, &USUAL, &[&[w, w], &[None, None]]), (vec![], lost));
        let gone = [Until::Gone];
        assert_eq!(play(Aim::Any, &gone, &[&[w, w], &[w, None]]), (vec![2], Progress::Done));
    }

    #[test]
    fn all_have_been_there_one_after_the_other() {
        let (w, i, n) = (Some(Working), Some(Idle), Some(NeedsInput));
        assert_eq!(play(Aim::All, &USUAL, &[&[w, i]]), (vec![2], Progress::Open));
        assert_eq!(play(Aim::All, &USUAL, &[&[w, i], &[n, w]]), (vec![2, 1], Progress::Done));
        // One that ends afterwards has been there.
        assert_eq!(play(Aim::All, &USUAL, &[&[w, i], &[w, None], &[i, None]]).1, Progress::Done);
        let lost = Progress::Lost("vmux has ended".to_owned());
        assert_eq!(play(Aim::All, &USUAL, &[&[w, i], &[None, i]]), (vec![2], lost));
    }

    #[test]
    fn next_is_what_waits_or_becomes_idle_even_if_it_began_later() {
        let (w, i, n) = (Some(Working), Some(Idle), Some(NeedsInput));
        assert_eq!(play(Aim::Next, &USUAL, &[&[i, w, n]]), (vec![3], Progress::Done));
        assert_eq!(play(Aim::Next, &USUAL, &[&[i, w]]), (vec![], Progress::Open));
        assert_eq!(play(Aim::Next, &USUAL, &[&[i, w], &[i, i]]), (vec![2], Progress::Done));
        let begins = [&[i][..], &[i, i], &[i, w], &[i, i]];
        assert_eq!(play(Aim::Next, &USUAL, &begins[..2]), (vec![], Progress::Open));
        assert_eq!(play(Aim::Next, &USUAL, &begins), (vec![2], Progress::Done));
        assert_eq!(play(Aim::Next, &[Until::Gone], &[&[i], &[None]]), (vec![1], Progress::Done));
    }
}
