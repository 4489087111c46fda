//! From a decision to the observation that the registry takes.

use super::details::{self, Sources};
use super::{Inspector, Surroundings};
use crate::claude::ownership::project_dir;
use crate::claude::process::{config_dir, named_session, teammate};
use crate::claude::session_file::SessionFileReader;
use crate::claude::session_file::parse::{SessionFile, SessionStatus};
use crate::claude::transcript::subagents;
use crate::claude::verdict::evidence::SessionFileEvidence;
use crate::claude::verdict::{Decision, Since};
use crate::session::Timestamp;
use crate::session::process::Candidate;
use crate::session::registry::observation::{Lineage, Observation};
use crate::session::sanitize::clean;
use crate::session::shared::{SharedPath, Text};
use crate::session::state::State;
use chrono::TimeDelta;
use std::path::Path;

/// A turn's end is written this long after the status at the latest.
const MAX_WRITE_LAG: TimeDelta = TimeDelta::seconds(2);

/// An agent that has ended is reported to the session this long after, in a turn of its own: 0.01 to 0.1 s
/// after the turn before, and 0.25 s at a load of 10.
const REPORTED_WITHIN: TimeDelta = TimeDelta::seconds(1);

/// A turn that took less may be over before its first record is written (2.1.220 refused a request after
/// 46 ms, and wrote down the prompt and the refusal together, after the status).
const UNWRITTEN_TURN: TimeDelta = TimeDelta::milliseconds(500);

/// Whether it is stopped, as by Ctrl-Z. The scan that found it so may be some seconds old.
fn is_stopped(subject: &Candidate, around: &Surroundings<'_>) -> bool {
    subject.process.state == 'T' && (around.usage)().is_none_or(|(state, _)| state == 'T')
}

/// A status is followed by the records of its turn, and so by a transcript, within this time.
const TRANSCRIPT_DUE: TimeDelta = TimeDelta::minutes(1);

/// Longest branch name, in characters.
const MAX_BRANCH_CHARS: usize = 120;

impl Inspector {
    /// The observation of this inspection.
    pub(super) fn report(
        &mut self,
        subject: &Candidate,
        config: Option<&Path>,
        around: &Surroundings<'_>,
        decision: Decision,
        now: Timestamp,
    ) -> Observation {
        let Decision { mut verdict, claims, look_again_at, screen_due, .. } = decision;
        if let (State::Idle, Some(since)) = (&verdict.state, self.idle_since) {
            verdict.since = since.min(verdict.since);
        }
        if let Some(wait) = &self.wait {
            verdict.since = wait.since();
        }
        let since = Since::of(verdict.since, self.since, now);
        self.since = Some(since);
        verdict.since = since.shown;
        let cwd = details::directory(subject, self.file.last(), self.facts());
        let git_branch = self.git_branch(subject, &cwd, now);
        let works = verdict.state == State::Working;
        let turn = self.transcript.as_ref().map(|transcript| transcript.fold().turn());
        let tool = turn.filter(|_| works).and_then(|turn| turn.open.last());
        let idle = verdict.state == State::Idle;
        let subagents = if idle { 0 } else { self.agents.running(now).count() };
        let shared =
            self.identity.session_id.as_deref().is_some_and(|id| (around.claimed)(id).is_some());
        let written_at = self.transcript.as_ref().and_then(|it| it.written_at());
        let failure = turn.and_then(|turn| turn.failure.clone()).filter(|_| !works && !shared);
        let mate = teammate::teammate(&subject.argv, subject.exe.as_deref());
        let lead = mate.as_ref().and_then(|mate| (around.holder_of)(&mate.lead));
        let details = details::details(&Sources {
            subject,
            file: self.file.last(),
            facts: self.facts(),
            version: self
                .version()
                .or_else(|| self.facts().and_then(|facts| facts.version.as_deref())),
            transcript: self.transcript.as_ref().map(|transcript| &transcript.path),
            config_dir: config,
            subagents: u32::try_from(subagents).unwrap_or(u32::MAX),
            tool: tool.map(|tool| tool.description.as_str()),
            failure,
            mate: mate.as_ref(),
            lead: lead.map(|lead| lead.pid),
            is_print: self.is_print(subject),
        });
        let unopened = self.unopened_session(subject);
        let id_from = match unopened {
            Some(_) => "its arguments name it".into(),
            None => self.identity.from.clone(),
        };
        let mut observation = Observation {
            process: self.process,
            session_id: unopened.or_else(|| self.identity.session_id.clone()),
            id_from,
            lineage: self.lineage.unwrap_or(Lineage::Own),
            transcript_from: self.transcript_from(),
            is_watched: self.is_watched(shared || mate.is_some(), idle, now),
            polls_transcript: false,
            watch: Vec::new(),
            cwd,
            git_branch,
            verdict,
            claims,
            suspended: is_stopped(subject, around),
            turn_open: idle && self.is_turn_open(now),
            had_turn: turn.is_some_and(|turn| turn.began.is_some() || turn.is_running()),
            preview: self.facts().and_then(|facts| facts.said.clone()).unwrap_or_default(),
            written_at: written_at.max(self.agents.written_at()),
            details,
            look_again_at: look_again_at.filter(|at| *at > now),
            screen_due,
        };
        observation.polls_transcript = works
            && observation.may_transcript_wait()
            && !self.agents.any()
            && self.team.path().is_none()
            && self.transcript.as_ref().is_some_and(|it| it.grows);
        observation.watch = self.watch(subject, config, &observation, now);
        observation
    }

    /// The new session that it is to begin (`--session-id`), while a dialog of its start is in the way: its
    /// label is shown there, too. It has no transcript yet that could be read.
    fn unopened_session(&self, subject: &Candidate) -> Option<Text> {
        let is_unknown = self.identity.session_id.is_none() && !self.identity.ambiguous;
        let named = named_session(subject).filter(|_| is_unknown);
        named.filter(|(_, option)| *option == "--session-id").map(|(id, _)| id.into())
    }

    /// Whether the file has just said that the prompt is free, or under a menu, and the transcript not yet
    /// why: the turn goes on there, or was so short that it is not in there yet, or an agent that has just
    /// written may report next. What seems to be a menu may be the choice after a limit, of which the
    /// transcript tells.
    fn is_turn_open(&self, now: Timestamp) -> bool {
        let is_free = matches!(self.status(), Some(SessionStatus::Idle | SessionStatus::Waiting));
        let free_since = self.file.last().and_then(|file| file.status_at).filter(|_| is_free);
        let Some(free_since) = free_since.filter(|at| now - *at < MAX_WRITE_LAG) else {
            return false;
        };
        let turn = self.transcript.as_ref().map(|transcript| transcript.fold().turn());
        let last = turn.as_ref().and_then(|turn| turn.last);
        // A prompt has the time at which it was typed, which is before the status.
        let is_before = |began: Timestamp| last.is_none_or(|last| last < began - UNWRITTEN_TURN);
        let is_unwritten = self
            .busy_at
            .is_some_and(|began| free_since - began < UNWRITTEN_TURN && is_before(began));
        let is_recent = |at: Timestamp| at > free_since - REPORTED_WITHIN;
        let may_report = self.agents.written_at().is_some_and(is_recent);
        is_unwritten || may_report || turn.is_some_and(|turn| turn.is_running())
    }

    fn facts(&self) -> Option<&crate::claude::transcript::fold::TranscriptFacts> {
        self.transcript.as_ref().map(|transcript| &transcript.fold().facts)
    }

    /// The branch by the repository's own files, else (a repository that keeps its references in a
    /// table) the one of the last record: that one may be old, and is `HEAD` outside a repository.
    fn git_branch(&mut self, subject: &Candidate, cwd: &Path, now: Timestamp) -> Option<Text> {
        let directory = config_dir::below(&subject.root, cwd);
        let own = self.branch.look(&directory, &subject.root, now).cloned();
        own.or_else(|| {
            let branch = self.facts()?.branch.as_deref()?;
            let named = !branch.is_empty() && branch != "HEAD";
            named.then(|| clean(branch, MAX_BRANCH_CHARS).into())
        })
    }

    fn transcript_from(&self) -> Text {
        match (&self.transcript, &self.identity.session_id) {
            (Some(_), _) => format!("found by session id ({})", self.identity.from).into(),
            (None, Some(_)) => "no transcript yet".into(),
            (None, None) if self.identity.ambiguous => "several may be its own".into(),
            (None, None) => "the session is not known".into(),
        }
    }

    /// Whether what is watched tells of every change: the session file names the state, and nothing
    /// matters that only a look at processes or other directories tells.
    fn is_watched(&self, depends_on_others: bool, is_idle: bool, now: Timestamp) -> bool {
        let SessionFileEvidence::Says(file) = self.file.state() else { return false };
        let is_plain_wait = !file.is_dialog_unnamed();
        // Where it is expected it is watched for; elsewhere it is looked for while it may come.
        let is_late = |at: Timestamp| now - at > TRANSCRIPT_DUE;
        let expects_none = is_idle || file.status_at.is_some_and(is_late);
        let follows_transcript = self.transcript.is_some() || expects_none;
        file.status.is_some()
            && is_plain_wait
            && follows_transcript
            && !file.may_be_behind()
            && !depends_on_others
            && !self.asked_processes
            && !(self.watches_agents() && (self.agents.any() || self.mates.any()))
            && self.team.path().is_none()
    }

    fn watch(
        &self,
        subject: &Candidate,
        config: Option<&Path>,
        observation: &Observation,
        now: Timestamp,
    ) -> Vec<SharedPath> {
        let Some(config) = config else { return Vec::new() };
        let mut watch = vec![SessionFileReader::path(config, subject).into()];
        let id = self.identity.session_id.as_deref();
        // Named only where it matters: most sessions have a file and a transcript.
        let folder = || project_dir::folder(&config.join("projects"), &observation.cwd);
        match &self.transcript {
            // Every write in a directory wakes the loop, as long as anything in it is watched.
            Some(_) if observation.polls_transcript => {}
            Some(transcript) => {
                watch.push(transcript.path.clone());
                // With a slash at its end: the transcript of any agent tells what is asked.
                watch.push(subagents::folder(&transcript.path).join("").into());
                watch.extend(self.agents.nested(now).map(|path| path.join("").into()));
            }
            None => {
                let file = |id| Some(folder()?.join(format!("{id}.jsonl")).into());
                watch.extend(id.and_then(file));
            }
        }
        // No file tells when it holds another conversation, only that a transcript appears. With a
        // slash at its end: every name in it matters.
        if self.file.last().is_none_or(SessionFile::may_be_behind) {
            watch.extend(folder().map(|it| it.join("").into()));
        }
        // Where no status tells, what is submitted does before the transcript.
        watch.extend(self.status().is_none().then(|| config.join("history.jsonl").into()));
        watch.extend(self.branch.head().cloned());
        watch.extend(self.team.path().map(SharedPath::from));
        watch.extend(id.and_then(|id| self.log(id)).map(|(_, path)| path.into()));
        watch
    }
}
