//! What one inspection of a session found: the input of the registry.

use crate::session::Timestamp;
use crate::session::info::Details;
use crate::session::process::{Candidate, ProcessId};
use crate::session::shared::{SharedPath, Text};
use crate::session::state::evidence::{Claim, Outcome, Source};
use crate::session::state::{Confidence, State, Verdict};
use std::path::Path;

/// The result of one inspection of a session. Texts in it are clean (see
/// [`crate::session::sanitize::clean`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The process.
    pub process: ProcessId,
    /// Its session id now; a process goes through several (`/clear`, `/resume`).
    pub session_id: Option<Text>,
    /// Where the id comes from, as a clause: `session file`, `--resume argument` …
    pub id_from: Text,
    /// How this conversation relates to the one the process held before.
    pub lineage: Lineage,
    /// Where the transcript was found, or why not, as a clause.
    pub transcript_from: Text,
    /// Directory of the session.
    pub cwd: SharedPath,
    /// Branch of its git repository.
    pub git_branch: Option<Text>,
    /// What it does.
    pub verdict: Verdict,
    /// Every claim that was weighed for the verdict, the winner first.
    pub claims: Vec<Claim>,
    /// Stopped by Ctrl-Z.
    pub suspended: bool,
    /// Whether the transcript has not said yet how the turn ended that the state says is over.
    pub turn_open: bool,
    /// Whether a turn was run that is in its transcript; a session that has only started has none.
    pub had_turn: bool,
    /// The last thing said, in one short line.
    pub preview: Text,
    /// When its transcript or that of a subagent was last written to.
    pub written_at: Option<Timestamp>,
    /// What else the files say.
    pub details: Details,
    /// When time alone may change the verdict: inspect it again then.
    pub look_again_at: Option<Timestamp>,
    /// When its screen is to be read next; `None` if it would say no more.
    pub screen_due: Option<Timestamp>,
    /// Whether [`Observation::watch`], the process itself and [`Observation::look_again_at`] tell of
    /// every change that matters. If not, it is to be inspected from time to time.
    pub is_watched: bool,
    /// Whether the transcript grows, and only says what the session is about: it is to be read again
    /// after a while, and is not in [`Observation::watch`].
    pub polls_transcript: bool,
    /// Files whose change calls for another inspection (they or their directories may not exist yet).
    pub watch: Vec<SharedPath>,
}

/// How the conversation that a process holds relates to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lineage {
    /// Begun by this process, after `/clear`, `/branch` or at its start: a label goes along.
    Own,
    /// An older conversation, opened again: it has its own label or none.
    Resumed,
}

/// [`Observation::id_from`] when a session file says it.
pub const SESSION_FILE: &str = "session file";

impl Observation {
    /// Of a session of which nothing could be read: what `/proc` says, and nothing else.
    pub fn of_nothing_but(subject: &Candidate, now: Timestamp) -> Observation {
        Observation {
            process: subject.process.id,
            session_id: None,
            id_from: "not known yet".into(),
            lineage: Lineage::Own,
            transcript_from: "its files do not answer".into(),
            cwd: subject.cwd.clone().unwrap_or_else(|| Path::new("").into()),
            git_branch: None,
            verdict: Verdict { state: State::Unknown, since: now, confidence: Confidence::Certain },
            claims: Vec::new(),
            suspended: subject.process.state == 'T',
            turn_open: false,
            had_turn: false,
            preview: Text::default(),
            written_at: None,
            details: Details::default(),
            look_again_at: None,
            screen_due: None,
            is_watched: false,
            polls_transcript: false,
            watch: Vec::new(),
        }
    }

    /// Whether the state follows from the session file, so that the transcript only says what it
    /// is about.
    pub fn is_decided_by_session_file(&self) -> bool {
        let decided = self.claims.iter().find(|claim| claim.outcome == Outcome::Won);
        decided.is_some_and(|claim| claim.source == Source::SessionFile)
    }

    /// Whether the transcript may wait: the session file decides the state. While the session waits,
    /// the transcript is urgent: it says for what.
    pub fn may_transcript_wait(&self) -> bool {
        let is_plain = self.verdict.state.reason().is_none() && !self.turn_open;
        is_plain && self.is_decided_by_session_file()
    }

    /// Whether the session id is the word of a session file, and so beyond doubt.
    pub fn is_id_from_session_file(&self) -> bool {
        *self.id_from == *SESSION_FILE
    }
}
