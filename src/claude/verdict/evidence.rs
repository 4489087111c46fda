//! What the readers of files hand to the verdict.

use crate::claude::config_files::history::Submission;
use crate::claude::debug_log::parse::DebugTurn;
use crate::claude::process::screen::seen::SeenScreen;
use crate::claude::process::shell::Script;
use crate::claude::process::terminal_title::Title;
use crate::claude::session_file::parse::{Mismatch, SessionFile, SessionStatus};
use crate::claude::transcript::turn::Turn;
use crate::session::Timestamp;
use crate::session::hook::HookReport;
use crate::session::state::Verdict;
use chrono::TimeDelta;

/// All that is known of one session at one instant.
pub(crate) struct Evidence<'a> {
    /// The instant.
    pub(crate) now: Timestamp,
    /// When the process started.
    pub(crate) started_at: Timestamp,
    /// Whether a person sits before it: a terminal, and no `-p`.
    pub(crate) interactive: bool,
    /// Whether a tool that is not allowed is refused at once: nobody can be asked (`-p`).
    pub(crate) never_asks: bool,
    /// Whether it was started to answer the prompt in its arguments and to end (`-p`).
    pub(crate) runs_once: bool,
    /// The session file.
    pub(crate) file: SessionFileEvidence<'a>,
    /// Whether this version writes session files; none if the version is not known.
    pub(crate) writes_file: Option<bool>,
    /// The transcript.
    pub(crate) main: TranscriptEvidence<'a>,
    /// Where the subagents' turns stand that are not over.
    pub(crate) agents: Vec<&'a Turn>,
    /// Whether transcripts of subagents exist at all.
    pub(crate) agents_seen: bool,
    /// When an open last word of a subagent counts as the end of it.
    pub(crate) agents_quiet_at: Option<Timestamp>,
    /// The shells of tools that run now.
    pub(crate) shells: Vec<ToolShell>,
    /// When the hooks were born that run now.
    pub(crate) hooks: Vec<Timestamp>,
    /// Whether it has any child; false as well where that was not looked at.
    pub(crate) has_children: bool,
    /// When a hook was last seen to run.
    pub(crate) hook_ran_at: Option<Timestamp>,
    /// Whether this version shows that hooks run at the end of a turn (1.0.128 does not).
    pub(crate) shows_stop_hooks: bool,
    /// Whether this version shows that a `!` command runs (2.0.77 does not).
    pub(crate) shows_user_commands: bool,
    /// Whether this version uses processor time at a free prompt (1.0.128 does).
    pub(crate) polls_at_prompt: bool,
    /// Background shells that have begun and not been reported as over.
    pub(crate) background: usize,
    /// When a message of another session was last held for the user.
    pub(crate) message_held_at: Option<Timestamp>,
    /// Ids of open tool calls that were seen running before.
    pub(crate) ran: &'a [String],
    /// Ids of open tool calls whose dialogs were answered.
    pub(crate) answered: &'a [String],
    /// Permission mode.
    pub(crate) mode: Option<&'a str>,
    /// Whether the user trusts the directory.
    pub(crate) trust: Trust,
    /// The debug log, where a version writes one.
    pub(crate) log: Option<&'a DebugTurn>,
    /// Title of the terminal, and when it changed.
    pub(crate) title: Option<&'a Title>,
    /// What its screen shows, where that was read.
    pub(crate) screen: Option<&'a SeenScreen>,
    /// The last hook event.
    pub(crate) hook: Option<&'a HookReport>,
    /// What hooks reported of the last requests for a permission, in their order.
    pub(crate) requests: &'a [HookReport],
    /// The directory that paths in descriptions of calls are relative to.
    pub(crate) cwd: Option<&'a str>,
    /// The last verdict from the session file.
    pub(crate) held: Option<&'a Verdict>,
    /// When the session file last said that the prompt is free.
    pub(crate) idle_seen: Option<Timestamp>,
    /// The status before the one that the session file has now.
    pub(crate) status_before: Option<&'a SessionStatus>,
    /// When the prompt became free at the end of the work, if the present status is the next one.
    pub(crate) freed_at: Option<Timestamp>,
    /// Whether the user typed the command that opened the dialog; none where that is not known.
    pub(crate) opened_by_user: Option<bool>,
    /// What its use of processor time says; none where that is not known.
    pub(crate) activity: Option<Activity>,
    /// Whether it has written its key, before any dialog of the start; none for some versions.
    pub(crate) key_written: Option<bool>,
    /// The session id of its team's lead, if it is a teammate.
    pub(crate) team_lead: Option<&'a str>,
    /// Whether one of its teammates is at work; none if it leads no team.
    pub(crate) team_is_active: Option<bool>,
    /// Whether its lead wrote that it is at work; none if that is not known, or it is no teammate.
    pub(crate) mate_is_active: Option<bool>,
    /// What the user submitted last, where no status tells what became of it.
    pub(crate) submitted: Option<Submission>,
    /// Another process holds the same session: the transcript speaks of both.
    pub(crate) shared: bool,
    /// Another process of the directory may do so: its file names none (`--resume` on 2.1.75).
    pub(crate) may_be_shared: bool,
    /// When another conversation of the directory was last written, if its own has no transcript.
    pub(crate) written_elsewhere: Option<Timestamp>,
}

impl Evidence<'_> {
    /// Whether the session file has decided already, so that the transcript only agrees or not. One that
    /// is being written has, if it had before.
    pub(super) fn has_status(&self) -> bool {
        match self.file {
            SessionFileEvidence::Torn => self.held.is_some(),
            _ => self.session_file().is_some_and(|file| file.status.is_some()),
        }
    }

    /// What the session file says, if it can be read.
    pub(super) fn session_file(&self) -> Option<&SessionFile> {
        match self.file {
            SessionFileEvidence::Says(file) => Some(file),
            _ => None,
        }
    }
}

/// The shell of a Bash call that runs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolShell {
    pub(crate) born: Timestamp,
    /// What it runs; none if its arguments do not tell.
    pub(crate) script: Option<Script>,
}

/// What became of the session file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SessionFileEvidence<'a> {
    /// There is none.
    Absent,
    /// There was one before; since when it is gone, or another process has written over it.
    Vanished(Timestamp),
    /// It is not this process's.
    Foreign(Mismatch),
    /// It was read while it was written, and may be read again at once.
    Torn,
    /// It stayed unreadable.
    Damaged,
    /// What it says.
    Says(&'a SessionFile),
}

/// What became of the transcript.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TranscriptEvidence<'a> {
    /// Nothing was submitted yet, so there is none, or an empty one.
    Nothing,
    /// It cannot be told where the process keeps its files.
    Nowhere,
    /// It cannot be told which one it is.
    Ambiguous,
    /// Another process holds the same session, and nothing says what it does but the transcript of
    /// both.
    Shared,
    /// The file holds no message within reach, or cannot be read.
    Unreadable,
    /// Where its turn stands, and when the file was last written.
    Turn(&'a Turn, Timestamp),
}

/// What the settings say of the session's directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Cannot be told.
    Unknown,
    /// The user trusts it.
    Given,
    /// The user has not been asked, or said no.
    Missing,
    /// They do not tell whether a session asks: in the home directory the answer is not kept, and of a
    /// linked worktree it depends on a version that is not known.
    NotKept,
}

/// What the use of processor time says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Activity {
    /// For how long it has slept, or nearly; zero while it does not, or that is not known.
    pub(crate) quiet_for: TimeDelta,
    /// For how long it has been at work, as one is that shows a spinner; zero as above.
    pub(crate) busy_for: TimeDelta,
    /// For how long it has slept and used no processor time at all; zero as above.
    pub(crate) still_for: TimeDelta,
    /// For how long it has slept and used next to none; zero as above.
    pub(crate) rests_for: TimeDelta,
    /// It has used as much as a start takes until something is shown.
    pub(crate) has_started: bool,
    /// Its screen shows what it did before that.
    pub(crate) shows_before: bool,
    /// Its screen has shown something else since.
    pub(crate) has_drawn: bool,
    /// It has used a little in each second for a while, as a prompt does that polls.
    pub(crate) has_paced: bool,
}

/// A process that has written no key and sleeps for this long has come to a dialog of the start.
const DIALOG_AFTER: TimeDelta = TimeDelta::milliseconds(1500);

/// A start that is not held up does not rest for so long before it draws.
const DRAWN_AFTER: TimeDelta = TimeDelta::seconds(10);

impl Activity {
    /// Whether it is asleep.
    pub(crate) fn is_quiet(self) -> bool {
        self.quiet_for > TimeDelta::zero()
    }

    /// Whether it is at work.
    pub(crate) fn is_busy(self) -> bool {
        self.busy_for > TimeDelta::zero()
    }

    /// Whether it has rested for so long that its start is over: then it shows what it has drawn, even if
    /// that was there before it had used as much time as others.
    pub(crate) fn may_have_drawn(self) -> bool {
        self.has_started && self.rests_for >= DRAWN_AFTER
    }

    /// Whether it has come as far as a dialog of the start, and has rested for so long.
    pub(crate) fn stands_for(self, time: TimeDelta) -> bool {
        self.has_started && self.rests_for >= time
    }

    /// Whether it has come as far as a dialog of the start, and waits there. `key_written`: whether it
    /// has written its key, if its version does.
    pub(crate) fn may_wait(self, key_written: Option<bool>) -> bool {
        let is_long = key_written == Some(true) || self.quiet_for >= DIALOG_AFTER;
        self.has_started && self.is_quiet() && is_long
    }
}
