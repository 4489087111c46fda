//! Weighing the evidence of one inspection, and what is kept of it for the next one.

use super::details;
use super::wait::{self, FoundWait};
use super::{Inspector, Surroundings};
use crate::claude::config_files::history::{Submission, Submitted, Typed};
use crate::claude::ownership::project_dir;
use crate::claude::process::teammate::{self, Teammate};
use crate::claude::process::version;
use crate::claude::session_file::SessionFileReader;
use crate::claude::session_file::parse::{SessionFile, SessionStatus};
use crate::claude::transcript::turn::Turn;
use crate::claude::verdict::evidence::{Activity, Evidence, Trust};
use crate::claude::verdict::evidence::{SessionFileEvidence, TranscriptEvidence};
use crate::claude::verdict::{self, Decision, calls};
use crate::session::Timestamp;
use crate::session::hook::HookReport;
use crate::session::process::Candidate;
use crate::session::state::State;
use std::path::Path;

/// What is read for the verdict alone.
struct Extras<'a> {
    activity: Option<Activity>,
    trust: Trust,
    key_written: Option<bool>,
    opened_by_user: Option<bool>,
    team_is_active: Option<bool>,
    mate_is_active: Option<bool>,
    may_be_shared: bool,
    lead: Option<&'a str>,
    submitted: Option<Submission>,
}

impl Inspector {
    /// Weighs what was gathered.
    pub(super) fn decide(
        &mut self,
        subject: &Candidate,
        around: &Surroundings<'_>,
        now: Timestamp,
    ) -> Decision {
        let config = self.config.clone();
        let mate = teammate::teammate(&subject.argv, subject.exe.as_deref());
        let key_written = self.key_written(config.as_deref(), subject);
        let activity = self.activity(subject, around, key_written, now);
        let extras = Extras {
            activity,
            trust: self.trust_of(subject),
            key_written,
            opened_by_user: self.opened_by_user(config.as_deref(), subject.started_at, now),
            team_is_active: self.team_is_active(config.as_deref(), around),
            mate_is_active: mate
                .as_ref()
                .and_then(|mate| self.mate_is_active(config.as_deref(), mate)),
            may_be_shared: self.may_be_shared(config.as_deref(), subject, around),
            lead: mate.as_ref().map(|mate| mate.lead.as_str()),
            submitted: self.submitted(config.as_deref()),
        };
        let mut evidence = self.evidence(subject, around, &extras, now);
        let needs_children = verdict::needs_children(&evidence);
        drop(evidence);
        self.asked_processes = needs_children || activity.is_some();
        if needs_children {
            let running = self.children.look(subject, around);
            if !running.hooks.is_empty() {
                self.hook_ran_at = Some(now);
            }
            self.running = running;
        } else {
            self.running = super::children::RunningChildren::default();
        }
        evidence = self.evidence(subject, around, &extras, now);
        let decision = verdict::decide(&evidence);
        let running = calls::running(&evidence).into_iter().map(str::to_owned);
        let open = |id: &String| calls::is_open(&evidence, id);
        let still_open =
            |ids: &[String]| ids.iter().filter(|id| open(id)).cloned().collect::<Vec<String>>();
        let (mut ran, answered) = (still_open(&self.ran), still_open(&self.answered));
        ran.extend(running.filter(|id| !self.ran.contains(id)));
        // Without agents no other dialog takes the place of one whose call is over.
        let is_last = decision.calls.is_empty() && evidence.agents.is_empty();
        let may_ask =
            |id: &String| is_last || (open(id) && !ran.contains(id) && !answered.contains(id));
        let status_at = self.file.last().and_then(|file| file.status_at);
        let found = FoundWait::of(&decision, status_at);
        let wait = found.map(|found| wait::follow(self.wait.clone(), &found, may_ask, now));
        drop(evidence);
        (self.ran, self.answered, self.wait) = (ran, answered, wait);
        decision
    }

    fn trust_of(&mut self, subject: &Candidate) -> Trust {
        match self.file.state() {
            SessionFileEvidence::Says(_) => Trust::Unknown,
            _ if self.transcript.as_ref().is_some_and(|it| it.fold().is_anchored()) => {
                Trust::Unknown
            }
            _ => {
                let unnamed = self.unnamed.get_or_insert_default();
                unnamed.trust.look(subject, self.version.as_deref())
            }
        }
    }

    /// Asked only while there is no session file.
    fn key_written(&self, config: Option<&Path>, subject: &Candidate) -> Option<bool> {
        if self.file.last().is_some() {
            return None;
        }
        version::writes_key(self.version.as_deref()?)?;
        Some(SessionFileReader::has_key(config?, subject))
    }

    /// Asked only while a dialog is open that says no more.
    fn opened_by_user(
        &mut self,
        config: Option<&Path>,
        began: Timestamp,
        now: Timestamp,
    ) -> Option<bool> {
        let SessionFileEvidence::Says(file) = self.file.state() else { return None };
        let is_dialog = file.status == Some(SessionStatus::Waiting) && file.is_dialog_unnamed();
        if !is_dialog {
            self.menu.close();
            return None;
        }
        let id = self.identity.session_id.as_deref()?;
        let typed = self.menu.look(config?, id, file.status_at?, began, now)?;
        let asks = matches!(self.main(false), TranscriptEvidence::Turn(it, _) if !it.is_at_rest());
        Some(matches!(typed, Typed::JustBefore | Typed::Aside) || (typed == Typed::Last && !asks))
    }

    /// Asked only where no status tells what the session does.
    fn submitted(&mut self, config: Option<&Path>) -> Option<Submission> {
        let id = self.identity.session_id.as_deref().filter(|_| self.status().is_none())?;
        self.unnamed.get_or_insert_default().submission.look(config?, id)
    }

    /// Whether a teammate works. One that has a process of its own works only while that runs.
    fn team_is_active(&mut self, config: Option<&Path>, around: &Surroundings<'_>) -> Option<bool> {
        let team = self.team.look(config?, self.identity.session_id.as_deref()?)?;
        let runs = |id: &str| {
            around.teammates.iter().any(|peer| {
                let mate = teammate::teammate(&peer.argv, peer.exe.as_deref());
                mate.is_some_and(|mate| mate.id.as_deref() == Some(id))
            })
        };
        Some(team.active.iter().any(|(id, has_process)| !has_process || runs(id)))
    }

    /// Asked only while the teammate has no session file.
    fn mate_is_active(&mut self, config: Option<&Path>, mate: &Teammate) -> Option<bool> {
        if self.file.last().is_some() {
            return None;
        }
        let team = self.team.look(config?, &mate.lead)?;
        Some(team.active.iter().any(|(id, _)| Some(id) == mate.id.as_ref()))
    }

    /// Whether a peer may have resumed the conversation of this process: a version whose file does not
    /// follow `--resume`, and a peer without a transcript of its own.
    fn may_be_shared(
        &self,
        config: Option<&Path>,
        subject: &Candidate,
        around: &Surroundings<'_>,
    ) -> bool {
        let (Some(config), Some(_)) = (config, self.transcript.as_ref()) else { return false };
        if !self.file.last().is_some_and(SessionFile::may_be_behind) {
            return false;
        }
        let projects = config.join("projects");
        around.peers.iter().any(|peer| {
            peer.process.id != subject.process.id
                && peer.cwd == subject.cwd
                && (around.session_of)(peer.process.id).is_some_and(|id| {
                    let cwd = peer.cwd.as_deref();
                    cwd.is_some_and(|cwd| project_dir::find_in(&projects, &id, cwd).is_none())
                })
        })
    }

    fn evidence<'a>(
        &'a self,
        subject: &Candidate,
        around: &Surroundings<'a>,
        extras: &Extras<'a>,
        now: Timestamp,
    ) -> Evidence<'a> {
        let file = self.file.last();
        let session_id = self.identity.session_id.as_deref();
        let shared = session_id.is_some_and(|id| (around.claimed)(id).is_some());
        let log = session_id.and_then(|id| self.log(id)).map(|(turn, _)| turn);
        let facts = self.transcript.as_ref().map(|transcript| &transcript.fold().facts);
        let version = self.version.as_deref();
        // What comes through a pipe stands in no history.
        let piped = |at| Submission { at, what: Submitted::Compact };
        let submitted = [extras.submitted, facts.and_then(|it| it.compact_at).map(piped)];
        let known_version = version.or(facts.and_then(|facts| facts.version.as_deref()));
        let agents: Vec<&Turn> = match self.watches_agents() {
            true => self.agents.running(now).chain(self.mates.running()).collect(),
            false => Vec::new(),
        };
        let is_print = self.is_print(subject);
        let kind = details::kind(subject, file, is_print);
        let is_own = |hook: &&HookReport| Some(hook.session_id.as_str()) == session_id;
        Evidence {
            now,
            started_at: subject.started_at,
            interactive: subject.process.tty != 0 && kind == "interactive",
            never_asks: details::never_asks(subject, kind),
            runs_once: details::runs_once(subject) || is_print,
            file: self.file.state(),
            writes_file: version.and_then(version::writes_session_file),
            main: self.main(shared),
            agents,
            agents_seen: self.agents.any(),
            agents_quiet_at: self.agents.next_quiet(now),
            shells: self.running.shells.clone(),
            hooks: self.running.hooks.clone(),
            has_children: self.running.any,
            hook_ran_at: self.hook_ran_at,
            shows_stop_hooks: known_version.is_none_or(version::shows_stop_hooks),
            shows_user_commands: known_version.is_none_or(version::shows_user_commands),
            polls_at_prompt: known_version.is_some_and(version::polls_at_prompt),
            background: facts.map_or(0, |facts| facts.shells.len()),
            message_held_at: facts.and_then(|facts| facts.message_held_at),
            ran: &self.ran,
            answered: &self.answered,
            mode: facts.and_then(|facts| facts.mode.as_deref()),
            cwd: facts.and_then(|facts| facts.cwd.as_deref()),
            trust: extras.trust,
            log: log.filter(|_| !shared),
            title: around.title,
            screen: around.screen,
            hook: around.hooks.last.as_deref().filter(is_own),
            requests: &around.hooks.requests,
            held: self.held.as_ref(),
            idle_seen: self.idle_seen,
            status_before: self.status_before.as_ref(),
            freed_at: self.freed_at,
            opened_by_user: extras.opened_by_user,
            activity: extras.activity,
            key_written: extras.key_written,
            may_be_shared: extras.may_be_shared,
            written_elsewhere: self.written_elsewhere(),
            team_lead: extras.lead,
            submitted: submitted.into_iter().flatten().max_by_key(|it| it.at).filter(|_| !shared),
            team_is_active: extras.team_is_active,
            mate_is_active: extras.mate_is_active,
            shared,
        }
    }

    /// `shared`: another process writes to the transcript as well, and it does not say who wrote
    /// what.
    fn main(&self, shared: bool) -> TranscriptEvidence<'_> {
        if shared && self.status().is_none() {
            return TranscriptEvidence::Shared;
        }
        if self.config.is_none() {
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
        let SessionFileEvidence::Says(file) = self.file.state() else { return };
        let Some(status) = file.status.clone() else { return };
        let status_at = file.status_at;
        self.held = Some(decision.verdict.clone());
        if matches!(status, SessionStatus::Idle | SessionStatus::Shell) {
            self.idle_seen = status_at.or(self.idle_seen);
        }
        let idle = decision.verdict.state == State::Idle;
        // `idle` and `shell` follow each other without a turn between them.
        self.idle_since = idle.then(|| self.idle_since.unwrap_or(decision.verdict.since));
    }
}
