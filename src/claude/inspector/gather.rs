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
use crate::claude::verdict::evidence::SessionFileEvidence;
use crate::claude::verdict::start::SESSION_FILE_DUE;
use crate::session::Timestamp;
use crate::session::process::Candidate;
use crate::session::registry::observation::{Lineage, SESSION_FILE};
use crate::session::shared::Text;
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
                let may_be_beside = self.version().is_none_or(version::keeps_agents_beside);
                self.agents.look(&transcript.path, may_be_beside, subject.started_at, now);
            }
            if let Some(id) = self.identity.session_id.as_deref().filter(|_| self.watches_agents())
            {
                self.mates.look(config, id, around);
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
            let from = SESSION_FILE.into();
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
        let unnamed = self.unnamed.get_or_insert_default();
        unnamed.logs.look(config, subject.started_at, now);
        let around = OwnershipContext {
            peers: around.peers,
            claimed: around.claimed,
            logs: &unnamed.logs,
            before: self.identity.session_id.as_deref(),
            by_file: by_file.as_deref(),
            silent_until,
        };
        match unnamed.search.look(config, subject, &around, now) {
            Owner::Session(id, why) => {
                Identity { session_id: Some(id.into()), from: why.into(), ..Identity::unknown() }
            }
            Owner::Fresh(id) => Identity {
                from: match id {
                    Some(_) => "made when the process started".into(),
                    None => "not known yet".into(),
                },
                session_id: id.map(Text::from),
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
        self.transcript = found.map(|path| Transcript::new(path.into(), false));
        if let Some(transcript) = &mut self.transcript {
            transcript.look();
        }
    }

    /// While the prompt is free the subagents do not matter, and there may be many.
    pub(super) fn watches_agents(&self) -> bool {
        !matches!(self.status(), Some(SessionStatus::Idle | SessionStatus::Shell))
    }

    /// The status that the session file has now.
    pub(super) fn status(&self) -> Option<&SessionStatus> {
        match self.file.state() {
            SessionFileEvidence::Says(file) => file.status.as_ref(),
            _ => None,
        }
    }
}

/// How a conversation that was begun at `begun` relates to a process that was last seen `without` it.
fn lineage(begun: Option<Timestamp>, without: Timestamp) -> Lineage {
    match begun.is_some_and(|begun| begun < without - RESUMED_IF_OLDER_BY) {
        true => Lineage::Resumed,
        false => Lineage::Own,
    }
}
