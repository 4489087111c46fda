//! Which conversation a process holds when no session file says so.

pub(crate) mod after_clear;
pub mod claim;
pub(crate) mod owner;
pub(crate) mod project_dir;
pub(crate) mod transcript_head;

use super::debug_log::DebugLogs;
use super::input::{self, FileStamp};
use super::process::config_dir;
use super::session_file::SessionFileReader;
use claim::OwnershipClaim;
use owner::{Owner, OwnershipInput};
use transcript_head::TranscriptHead;

use super::process;
use super::transcript::subagents;
use crate::session::Timestamp;
use crate::session::process::Candidate;
use crate::session::registry::observation::SESSION_FILE;
use after_clear::{resumed, successor};
use chrono::TimeDelta;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often the directory is read although nothing in it changed: an older conversation may have
/// been opened again.
const SEARCH_INTERVAL: TimeDelta = TimeDelta::seconds(2);

/// Most heads that are kept: a bound, not an expectation.
const MAX_HEADS: usize = 256;

/// The search of one process.
#[derive(Debug, Default)]
pub(crate) struct OwnershipSearch {
    folder: Option<FileStamp>,
    searched_at: Option<Timestamp>,
    heads: Vec<TranscriptHead>,
    /// Conversations that another process was seen to hold.
    seen_held: Vec<String>,
    found: Option<Owner>,
}

/// What surrounds the process.
pub(crate) struct OwnershipContext<'a> {
    pub(crate) peers: &'a [Arc<Candidate>],
    pub(crate) claimed: &'a dyn Fn(&str) -> Option<OwnershipClaim>,
    pub(crate) logs: &'a DebugLogs,
    /// The session it held at the last inspection.
    pub(crate) before: Option<&'a str>,
    /// The session that its file names, which it may have left since.
    pub(crate) by_file: Option<&'a str>,
    /// It certainly wrote nothing before this: it should have a session file, and has none.
    pub(crate) silent_until: Option<Timestamp>,
}

impl OwnershipSearch {
    /// Which session the process holds.
    pub(crate) fn look(
        &mut self,
        config: &Path,
        subject: &Candidate,
        around: &OwnershipContext<'_>,
        now: Timestamp,
    ) -> Owner {
        let logged = around.logs.session_of(subject.inner_pid, subject.started_at);
        if let Some(id) = logged {
            return Owner::Session(id.to_owned(), "the debug log names the process");
        }
        let by_file = around.by_file.map(|id| Owner::Session(id.to_owned(), SESSION_FILE));
        let nowhere = by_file.clone().unwrap_or(Owner::Ambiguous);
        let Some(cwd) = subject.cwd.as_deref() else { return nowhere };
        let Some(folder) = project_dir::folder(&config.join("projects"), cwd) else {
            return nowhere;
        };
        let stamp = input::stamp(&folder);
        let old = self.searched_at.is_none_or(|at| now - at >= SEARCH_INTERVAL || now < at);
        let same =
            !old && stamp == self.folder && !self.heads.iter().any(TranscriptHead::is_growing);
        if let (true, Some(found)) = (same, &self.found) {
            return found.clone();
        }
        self.folder = stamp;
        self.searched_at = Some(now);
        let others = others(config, subject, cwd, around);
        let since = others.iter().copied().fold(subject.started_at, Timestamp::min);
        self.read_heads(&folder, &config.join("todos"), since);
        let free = |id: &str| (around.claimed)(id) != Some(OwnershipClaim::ByFile);
        let held = self.heads.iter().filter(|head| !free(&head.session_id));
        let new = held.filter(|head| !self.seen_held.contains(&head.session_id));
        let new: Vec<String> = new.map(|head| head.session_id.clone()).take(MAX_HEADS).collect();
        self.seen_held.extend(new);
        let heads: Vec<TranscriptHead> = self
            .heads
            .iter()
            .filter(|head| head.is_of(cwd) && free(&head.session_id))
            .filter(|head| around.silent_until.is_none_or(|until| head.written_at > until))
            .cloned()
            .collect();
        let found = match (around.by_file, by_file) {
            (Some(id), Some(by_file)) => {
                let (start, alone) = (subject.started_at, others.is_empty());
                successor(id, start, &heads, alone)
                    .or_else(|| resumed(id, start, &heads, &self.seen_held, alone))
                    .unwrap_or(by_file)
            }
            _ => {
                // It may ask something before it opens the session that its arguments name.
                let opened = |id: &str| heads.iter().any(|head| head.session_id == id);
                let named = process::named_session(subject)
                    .filter(|(id, _)| around.silent_until.is_none() || opened(id));
                owner::choose(&OwnershipInput {
                    now,
                    started_at: subject.started_at,
                    others: &others,
                    heads: &heads,
                    logged_others: &around.logs.sessions_of_others(subject.inner_pid),
                    named: named.as_ref().map(|(id, _)| id.as_str()),
                    before: around.before,
                })
            }
        };
        self.found = Some(found.clone());
        found
    }

    /// When a conversation of the directory other than `id` was last written, as of the last look.
    pub(crate) fn written_elsewhere(&self, id: &str) -> Option<Timestamp> {
        let others = self.heads.iter().filter(|head| head.is_conversation && head.session_id != id);
        others.map(|head| head.written_at).max()
    }

    fn read_heads(&mut self, folder: &Path, todos: &Path, since: Timestamp) {
        let paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        self.heads.retain(|head| paths.contains(&head.path));
        for path in paths {
            let is_transcript = path.extension().is_some_and(|extension| extension == "jsonl");
            if !is_transcript || subagents::is_agent(&path) {
                continue;
            }
            let known = self.heads.iter().position(|head| head.path == path);
            match known {
                Some(known) => {
                    self.heads[known].renew();
                    self.heads[known].look_at_todos(todos);
                }
                None if self.heads.len() >= MAX_HEADS || !input::is_touched_since(&path, since) => {
                }
                None => {
                    self.heads.extend(TranscriptHead::read(&path).map(|mut head| {
                        head.look_at_todos(todos);
                        head
                    }));
                }
            }
        }
    }
}

/// When the other processes started that run in the same directory, with the same config
/// directory, and have no session file, or perhaps one that is behind as well.
fn others(
    config: &Path,
    subject: &Candidate,
    cwd: &Path,
    around: &OwnershipContext<'_>,
) -> Vec<Timestamp> {
    around
        .peers
        .iter()
        .filter(|peer| peer.process.id != subject.process.id)
        .filter(|peer| peer.cwd.as_deref() == Some(cwd))
        .filter(|peer| config_dir::config_dir(peer).as_deref() == Some(config))
        .filter(|peer| !process::is_background_worker(peer))
        .filter(|peer| around.by_file.is_some() || !SessionFileReader::path(config, peer).exists())
        .map(|peer| peer.started_at)
        .collect()
}
