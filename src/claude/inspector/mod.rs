//! Inspecting the session of one process, and what is kept between two inspections.

mod activity;
mod children;
pub mod details;
mod gather;
mod mates;
mod recognition;
mod report;
mod usage;
mod wait;
mod weigh;

use super::config_files::history::{LastSubmission, MenuCache};
use super::config_files::team::TeamReader;
use super::config_files::trust::TrustCache;
use super::debug_log::DebugLogs;
use super::debug_log::parse::DebugTurn;
use super::ownership::OwnershipSearch;
use super::ownership::claim::OwnershipClaim;
use super::process::git::Branch;
use super::process::screen::seen::SeenScreen;
use super::process::terminal_title::Title;
use super::process::version;
use super::session_file::SessionFileReader;
use super::session_file::parse::{SessionFile, SessionStatus};
use super::transcript::Transcript;
use super::transcript::subagents::Subagents;
use super::verdict::Since;
use crate::session::Timestamp;
use crate::session::hook::HookReports;
use crate::session::process::{Candidate, Child, Environment, ProcessId};
use crate::session::registry::observation::{Lineage, Observation};
use crate::session::shared::Text;
use crate::session::state::Verdict;
use activity::ActivityWatch;
use children::{Children, RunningChildren};
use chrono::TimeDelta;
use mates::Mates;
use recognition::{Recognition, config_of};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wait::Wait;

/// Inspects the session of one process, and remembers what makes the next inspection cheap.
#[derive(Debug)]
pub struct Inspector {
    process: ProcessId,
    version: Option<Text>,
    version_known: bool,
    recognition: Recognition,
    /// Where the process keeps its files, if that can be told.
    config: Option<PathBuf>,
    file: SessionFileReader,
    identity: Identity,
    /// How the conversation relates to the one before; until its transcript tells, when the process
    /// was last seen without it.
    lineage: Result<Lineage, Timestamp>,
    /// When it was last seen to hold a conversation.
    held_at: Option<Timestamp>,
    transcript: Option<Transcript>,
    searched_at: Option<Timestamp>,
    agents: Subagents,
    /// `None` as long as its session file has told everything.
    unnamed: Option<Box<Unnamed>>,
    branch: Branch,
    menu: MenuCache,
    team: TeamReader,
    mates: Mates,
    children: Children,
    /// The shells and hooks that the last look found running.
    running: RunningChildren,
    /// When a hook was last seen running.
    hook_ran_at: Option<Timestamp>,
    /// Open tool calls that were seen running.
    ran: Vec<String>,
    /// Open tool calls whose dialogs were answered.
    answered: Vec<String>,
    /// Whether the last verdict depended on what only a look at processes tells.
    asked_processes: bool,
    /// The wait that is shown.
    wait: Option<Wait>,
    /// The status of the session file, and the one before it.
    status_now: Option<SessionStatus>,
    status_before: Option<SessionStatus>,
    /// Since when the session file last said `busy`.
    busy_at: Option<Timestamp>,
    /// When the prompt became free after `busy`, until the status has changed twice since.
    freed_at: Option<Timestamp>,
    held: Option<Verdict>,
    idle_seen: Option<Timestamp>,
    /// When the prompt became free, over changes between the words for that.
    idle_since: Option<Timestamp>,
    /// When the state began that was shown last.
    since: Option<Since>,
}

/// What is kept of a session whose file does not tell its id or its state.
#[derive(Debug, Default)]
struct Unnamed {
    logs: DebugLogs,
    search: OwnershipSearch,
    trust: TrustCache,
    submission: LastSubmission,
    activity: ActivityWatch,
}

/// Which conversation the process holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    session_id: Option<Text>,
    /// Where the id comes from, as a clause.
    from: Text,
    /// Several transcripts may be its own.
    ambiguous: bool,
}

/// What surrounds a session at one inspection.
pub struct Surroundings<'a> {
    /// All candidates of the last scan, the subject among them: to tell apart several sessions of
    /// one directory.
    pub peers: &'a [Arc<Candidate>],
    /// Those of them that are teammates of another session.
    pub teammates: &'a [Arc<Candidate>],
    /// Whether a process other than the subject holds a session id.
    pub claimed: &'a dyn Fn(&str) -> Option<OwnershipClaim>,
    /// The session that another process holds, as far as is known.
    pub session_of: &'a dyn Fn(ProcessId) -> Option<Text>,
    /// The process that holds a session, as far as is known.
    pub holder_of: &'a dyn Fn(&str) -> Option<ProcessId>,
    /// The descendants of the process. Called only when they matter: it costs reads.
    pub children: &'a dyn Fn() -> Vec<Child>,
    /// The arguments of a descendant; empty where they cannot be read.
    pub argv: &'a dyn Fn(u32) -> Vec<String>,
    /// The environment of a descendant; empty where it cannot be read.
    pub env: &'a dyn Fn(u32) -> Environment,
    /// The state of the process now (proc_pid_stat(5)), and the processor time that it has used; none
    /// where that is not known.
    pub usage: &'a dyn Fn() -> Option<(char, TimeDelta)>,
    /// Whether any thread of the process runs or waits for its turn now.
    pub wants_to_run: &'a dyn Fn() -> bool,
    /// Whether its program is one that Bun has made of a script, as native builds are, whatever it is
    /// called. Called only where no name tells: it costs reads.
    pub is_bun_program: &'a dyn Fn() -> bool,
    /// Directories in which session files are: where to look if the environment of the process cannot be
    /// read, otherwise empty.
    pub session_dirs: &'a [PathBuf],
    /// Title of its terminal, where a window manager or tmux tells.
    pub title: Option<&'a Title>,
    /// What its screen shows, where that was read.
    pub screen: Option<&'a SeenScreen>,
    /// What the hooks of the session reported, if some are installed.
    pub hooks: &'a HookReports,
}

impl Inspector {
    /// For one process; nothing is read yet.
    pub fn new(process: ProcessId) -> Inspector {
        Inspector {
            process,
            version: None,
            version_known: false,
            recognition: Recognition::default(),
            config: None,
            file: SessionFileReader::default(),
            identity: Identity::unknown(),
            lineage: Ok(Lineage::Own),
            held_at: None,
            transcript: None,
            searched_at: None,
            agents: Subagents::default(),
            unnamed: None,
            branch: Branch::default(),
            menu: MenuCache::default(),
            team: TeamReader::default(),
            mates: Mates::default(),
            children: Children::default(),
            running: RunningChildren::default(),
            hook_ran_at: None,
            ran: Vec::new(),
            answered: Vec::new(),
            asked_processes: false,
            wait: None,
            status_now: None,
            status_before: None,
            busy_at: None,
            freed_at: None,
            held: None,
            idle_seen: None,
            idle_since: None,
            since: None,
        }
    }

    /// Inspects the session now. None: the process is not a session (a spare worker, a daemon, a
    /// process that has ended).
    pub fn look(
        &mut self,
        subject: &Candidate,
        around: &Surroundings<'_>,
        now: Timestamp,
    ) -> Option<Observation> {
        if subject.process.has_ended() {
            return None;
        }
        // The file that names it may be half-written now.
        self.config = config_of(subject, around).or_else(|| self.config.take());
        let config = self.config.clone();
        if let Some(config) = &config {
            self.file.look(&SessionFileReader::path(config, subject), subject, now);
        }
        if !self.is_session(subject, config.as_deref(), around) {
            return None;
        }
        if !self.version_known {
            self.version_known = true;
            self.version = version::of_process(subject).map(Text::from);
        }
        if let Some(config) = &config {
            self.follow(config, subject, around, now);
        }
        let makes_transcript = self.version.as_deref().is_some_and(version::makes_empty_transcript);
        // A prompt of one word may be as long as `mcp serve`: with a terminal it is a session.
        if details::may_be_no_session(subject)
            && self.transcript.is_none()
            && (makes_transcript || details::is_mcp_server(subject))
        {
            return None;
        }
        self.note_status();
        let decision = self.decide(subject, around, now);
        self.remember(&decision);
        Some(self.report(subject, config.as_deref(), around, decision, now))
    }

    /// The version of Claude Code: as the session file says, else by the program.
    fn version(&self) -> Option<&str> {
        let by_file = self.file.last().and_then(|file| file.version.as_deref());
        by_file.or(self.version.as_deref())
    }

    fn written_elsewhere(&self) -> Option<Timestamp> {
        let is_behind = self.file.last().is_some_and(SessionFile::may_be_behind);
        let id = self.identity.session_id.as_deref().filter(|_| is_behind)?;
        let search = self.unnamed.as_ref().map(|it| &it.search)?;
        search.written_elsewhere(id).filter(|_| self.transcript.is_none())
    }

    fn unnamed(&mut self) -> &mut Unnamed {
        self.unnamed.get_or_insert_default()
    }

    /// Its debug log, where that was needed: what it says of the turn, and its path.
    fn log(&self, session_id: &str) -> Option<(&DebugTurn, &Path)> {
        self.unnamed.as_ref()?.logs.of(session_id)
    }

    /// Notes which status the session file has, and which it had before.
    fn note_status(&mut self) {
        let Some(status) = self.status().cloned() else { return };
        if status == SessionStatus::Busy {
            self.busy_at = self.file.last().and_then(|file| file.status_at);
        }
        if self.status_now.as_ref() != Some(&status) {
            // Its result may be written only after the next dialog has opened.
            if status == SessionStatus::Busy
                && let Some(call) = self.wait.as_ref().and_then(Wait::asking_call)
            {
                self.answered.push(call.to_owned());
            }
            self.freed_at = match (&self.status_now, &status) {
                (Some(SessionStatus::Busy), SessionStatus::Idle | SessionStatus::Shell) => {
                    self.file.last().and_then(|file| file.status_at)
                }
                (Some(SessionStatus::Idle | SessionStatus::Shell), _) => self.freed_at,
                _ => None,
            };
            self.status_before = self.status_now.replace(status);
        }
    }
}

impl Identity {
    fn unknown() -> Identity {
        Identity { session_id: None, from: "not known yet".into(), ambiguous: false }
    }
}

#[cfg(test)]
#[path = "inspector_tests.rs"]
mod tests;
