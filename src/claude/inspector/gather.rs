//! Gathering the evidence of one inspection.

use super::details;
use super::{Identity, Inspector, Surroundings};
use crate::claude::ownership::OwnershipContext;
use crate::claude::ownership::owner::Owner;
use crate::claude::ownership::project_dir;
use crate::claude::ownership::transcript_head;
use crate::claude::process::version;
use crate::claude::session_file::parse::{SessionFile, SessionStatus};
use crate::claude::transcript::Transcript;
use crate::claude::transcript::subagents::Subagents;
use crate::claude::transcript::turn::Turn;
use crate::claude::verdict::evidence::{SessionFileEvidence, TranscriptEvidence, Trust};
use crate::claude::verdict::start::SESSION_FILE_DUE;
use crate::claude::verdict::{self, Decision, Evidence};
use crate::session::Timestamp;
use crate::session::process::{Candidate, Child};
use crate::session::registry::observation::{Lineage, SESSION_FILE};
use crate::session::state::State;
use chrono::TimeDelta;
use std::path::Path;

/// How often a transcript that was not found is looked for in all project directories.
const SEARCH_INTERVAL: TimeDelta = TimeDelta::seconds(2);

/// A conversation begun this much earlier than the process was last seen without it was resumed.
const RESUMED_IF_OLDER_BY: TimeDelta = TimeDelta::seconds(5);

impl Inspector {
    /// Finds out which conversation the process holds, and reads what is new of it.
    pub(super) fn follow(
        &mut self,
        config: &Path,
        subject: &Candidate,
        around: &Surroundings<'_>,
        now: Timestamp,
    ) {
        let identity = self.identify(config, subject, around, now);
        if identity.session_id != self.identity.session_id {
            self.transcript = None;
            self.searched_at = None;
            self.ran.clear();
            // The first conversation inherits nothing, so its beginning need not be read.
            self.lineage = self.held_at.map_or(Ok(Lineage::Own), Err);
        }
        self.identity = identity;
        if self.identity.session_id.is_some() {
            self.held_at = Some(now);
        }
        self.read_transcript(config, subject, now);
        if let Some(transcript) = &self.transcript {
            if let Err(without) = self.lineage {
                self.lineage = Ok(lineage(transcript_head::begun_at(&transcript.path), without));
            }
            if self.watches_agents() {
                self.agents.look(&transcript.path, subject.started_at, now);
            }
        } else {
            self.agents = Subagents::default();
        }
    }

    fn identify(
        &mut self,
        config: &Path,
        subject: &Candidate,
        around: &Surroundings<'_>,
        now: Timestamp,
    ) -> Identity {
        let file = self.file.last();
        let by_file = file.and_then(|file| file.session_id.clone());
        let is_behind = file.is_some_and(SessionFile::may_be_behind);
        if let Some(id) = by_file.clone().filter(|_| !is_behind) {
            let from = SESSION_FILE.to_owned();
            return Identity { session_id: Some(id), from, ..Identity::unknown() };
        }
        let version = self.version.as_deref();
        let writes = version.and_then(version::writes_session_file) == Some(true);
        // Before it has written one it is starting, or in a dialog of the start, and writes nothing
        // else. A transcript written when the file was long due shows that the file was removed.
        let silent_until =
            (writes && by_file.is_none()).then_some(subject.started_at + SESSION_FILE_DUE);
        if silent_until.is_some_and(|due| now < due) {
            return Identity::unknown();
        }
        self.logs.look(config, subject.started_at, now);
        let around = OwnershipContext {
            peers: around.peers,
            claimed: around.claimed,
            logs: &self.logs,
            before: self.identity.session_id.as_deref(),
            by_file: by_file.as_deref(),
            silent_until,
        };
        match self.search.look(config, subject, &around, now) {
            Owner::Session(id, why) => {
                Identity { session_id: Some(id), from: why.to_owned(), ..Identity::unknown() }
            }
            Owner::Fresh(id) => Identity {
                from: if id.is_some() { "made when the process started" } else { "not known yet" }
                    .to_owned(),
                session_id: id,
                ..Identity::unknown()
            },
            Owner::Ambiguous => Identity { ambiguous: true, ..Identity::unknown() },
        }
    }

    fn read_transcript(&mut self, config: &Path, subject: &Candidate, now: Timestamp) {
        let there = self.transcript.as_mut().is_some_and(Transcript::look);
        if there {
            return;
        }
        let Some(id) = self.identity.session_id.as_deref() else { return };
        let cwd = details::directory(subject, self.file.last(), None);
        let projects = config.join("projects");
        let search = self.searched_at.is_none_or(|at| now - at > SEARCH_INTERVAL || now < at);
        if search {
            self.searched_at = Some(now);
        }
        let found = match search {
            true => project_dir::find(&projects, id, Some(&cwd)),
            false => project_dir::find_in(&projects, id, &cwd),
        };
        self.transcript = found.map(|path| Transcript::new(path, false));
        if let Some(transcript) = &mut self.transcript {
            transcript.look();
        }
    }

    /// While the prompt is free the subagents do not matter, and there may be many.
    fn watches_agents(&self) -> bool {
        let status = match self.file.state() {
            SessionFileEvidence::Says(file) => file.status.as_ref(),
            _ => None,
        };
        !matches!(status, Some(SessionStatus::Idle | SessionStatus::Shell))
    }

    /// Weighs what was gathered.
    pub(super) fn decide(
        &mut self,
        subject: &Candidate,
        around: &Surroundings<'_>,
        now: Timestamp,
    ) -> Decision {
        let trust = match self.file.state() {
            SessionFileEvidence::Says(_) => Trust::Unknown,
            _ if self.transcript.as_ref().is_some_and(|t| t.fold().is_anchored()) => Trust::Unknown,
            _ => self.trust.look(subject),
        };
        let mut evidence = self.evidence(subject, around, trust, now);
        let mut running = Vec::new();
        if verdict::needs_children(&evidence) {
            evidence.shells = tool_shells(&(around.children)());
            running = running_tools(&evidence);
        }
        let decision = verdict::decide(&evidence);
        let mut ran: Vec<String> =
            self.ran.iter().filter(|id| verdict::is_open(&evidence, id)).cloned().collect();
        for id in running {
            if !ran.contains(&id) {
                ran.push(id);
            }
        }
        self.ran = ran;
        decision
    }

    fn evidence<'a>(
        &'a self,
        subject: &Candidate,
        around: &Surroundings<'a>,
        trust: Trust,
        now: Timestamp,
    ) -> Evidence<'a> {
        let file = self.file.last();
        let session_id = self.identity.session_id.as_deref();
        let shared = session_id.is_some_and(|id| (around.claimed)(id).is_some());
        let log = session_id.and_then(|id| self.logs.of(id)).map(|(turn, _)| turn);
        let facts = self.transcript.as_ref().map(|transcript| &transcript.fold().facts);
        let version = self.version.as_deref();
        let agents: Vec<&Turn> = match self.watches_agents() {
            true => self.agents.running(now).collect(),
            false => Vec::new(),
        };
        Evidence {
            now,
            started_at: subject.started_at,
            interactive: subject.process.tty != 0 && details::kind(subject, file) == "interactive",
            runs_once: details::runs_once(subject),
            file: self.file.state(),
            writes_file: version.and_then(version::writes_session_file),
            main: self.main(shared),
            agents,
            agents_seen: self.agents.any(),
            agents_quiet_at: self.agents.next_quiet(now),
            shells: Vec::new(),
            background: facts.map_or(0, |facts| facts.shells.len()),
            ran: &self.ran,
            mode: facts.and_then(|facts| facts.mode.as_deref()),
            trust,
            log: log.filter(|_| !shared),
            title: around.title,
            hook: around.hook.filter(|hook| Some(hook.session_id.as_str()) == session_id),
            held: self.held.as_ref(),
            idle_seen: self.idle_seen,
            shared,
        }
    }

    /// `shared`: another process writes to the transcript as well, and it does not say who wrote
    /// what.
    fn main(&self, shared: bool) -> TranscriptEvidence<'_> {
        if shared
            && !matches!(self.file.state(), SessionFileEvidence::Says(file) if file.status.is_some())
        {
            return TranscriptEvidence::Shared;
        }
        if !self.has_files {
            return TranscriptEvidence::Nowhere;
        }
        let Some(transcript) = &self.transcript else {
            return match (&self.identity.session_id, self.identity.ambiguous) {
                (None, true) => TranscriptEvidence::Ambiguous,
                _ => TranscriptEvidence::Nothing,
            };
        };
        match transcript.written_at() {
            None => TranscriptEvidence::Nothing,
            Some(_) if transcript.is_beyond_reach() => TranscriptEvidence::Unreadable,
            Some(written) => TranscriptEvidence::Turn(transcript.fold().turn(), written),
        }
    }

    /// Keeps what the next inspection may need.
    pub(super) fn remember(&mut self, decision: &Decision) {
        let status_at = match self.file.state() {
            SessionFileEvidence::Says(file) if file.status.is_some() => file.status_at,
            _ => return,
        };
        let idle = decision.verdict.state == State::Idle;
        self.held = Some(decision.verdict.clone());
        if idle {
            self.idle_seen = status_at.or(self.idle_seen);
        }
        // `idle` and `shell` follow each other without a turn between them.
        self.idle_since = idle.then(|| self.idle_since.unwrap_or(decision.verdict.since));
    }
}

/// How a conversation that was begun at `begun` relates to a process that was last seen `without` it.
fn lineage(begun: Option<Timestamp>, without: Timestamp) -> Lineage {
    match begun.is_some_and(|begun| begun < without - RESUMED_IF_OLDER_BY) {
        true => Lineage::Resumed,
        false => Lineage::Own,
    }
}

/// When the shells of tools and hooks were born that run now: they are leaders of sessions without
/// a terminal. MCP servers and housekeeping stay in their parent's session (docs/facts.md P3).
fn tool_shells(children: &[Child]) -> Vec<Timestamp> {
    let is_shell = |child: &&Child| {
        let process = &child.process;
        process.leader == process.id.pid && process.tty == 0 && process.state != 'Z'
    };
    children.iter().filter(is_shell).map(|child| child.born).collect()
}

/// Ids of the open shell calls that run now.
fn running_tools(evidence: &Evidence<'_>) -> Vec<String> {
    verdict::running(evidence).map(str::to_owned).collect()
}
