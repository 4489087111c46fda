//! The transcripts of a session's subagents.
//!
//! From 2.1.20 on they are `<session id>/subagents/agent-*.jsonl`, with `"finished": true` in
//! `agent-*.meta.json` at the end (2.1.329); 2.0.77 writes `agent-*.jsonl` beside the session's
//! own file. 1.0.128 writes them into the session's file when they are over: nothing to follow.

use super::files::{self, Stamp};
use super::json;
use super::transcript::Transcript;
use super::turn::{Phase, QUIET, Turn};
use crate::session::Timestamp;
use std::path::{Path, PathBuf};

/// More are not followed: a bound, not an expectation.
const MOST: usize = 128;

/// Largest `meta.json` that is read.
const META: u64 = 64 * 1024;

/// The subagents of one session.
#[derive(Debug, Default)]
pub(crate) struct Agents {
    main: PathBuf,
    folders: [Option<Stamp>; 2],
    known: Vec<Agent>,
}

#[derive(Debug)]
struct Agent {
    transcript: Transcript,
    meta: PathBuf,
    meta_stamp: Option<Stamp>,
    finished: bool,
    belongs: bool,
}

impl Agents {
    /// Reads what is new of the subagents of the transcript `main`. Those whose files were last
    /// written before `since` (the start of the process) are over and not read.
    pub(crate) fn look(&mut self, main: &Path, since: Timestamp) {
        if self.main != main {
            *self = Agents { main: main.to_owned(), ..Agents::default() };
        }
        let folders = [Some(folder(main)), main.parent().map(Path::to_owned)];
        for (position, folder) in folders.into_iter().enumerate() {
            let Some(folder) = folder else { continue };
            let stamp = files::stamp(&folder);
            // A directory changes when a name in it does.
            if stamp != self.folders[position] {
                self.folders[position] = stamp;
                self.find(&folder, since, position == 1);
            }
        }
        for agent in &mut self.known {
            agent.look();
        }
    }

    /// Where the turns of those stand that are not over at `now`.
    pub(crate) fn running(&self, now: Timestamp) -> impl Iterator<Item = &Turn> {
        self.known.iter().filter(move |agent| agent.is_running(now)).map(Agent::turn)
    }

    /// Whether any was found.
    pub(crate) fn any(&self) -> bool {
        self.known.iter().any(|agent| agent.belongs)
    }

    /// When the first of those whose last word is open counts as over.
    pub(crate) fn next_quiet(&self, now: Timestamp) -> Option<Timestamp> {
        let open = self.known.iter().filter(|agent| agent.turn().phase == Phase::Said);
        open.filter_map(|agent| Some(agent.transcript.written_at()? + QUIET))
            .filter(|at| *at > now)
            .min()
    }

    fn find(&mut self, folder: &Path, since: Timestamp, beside: bool) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let path = entry.path();
            if !beside && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                // Workflows keep theirs one directory deeper.
                self.find(&path, since, true);
                continue;
            }
            if !is_agent(&path) || !name.ends_with(".jsonl") || self.knows(&path) {
                continue;
            }
            let recent = files::stamp(&path)
                .is_some_and(|stamp| stamp.modified_millis() >= since.timestamp_millis());
            if recent && self.known.len() < MOST {
                let belongs = folder != self.main.parent().unwrap_or(folder)
                    || is_agent_of(&path, &self.main);
                self.known.push(Agent {
                    meta: path.with_extension("meta.json"),
                    meta_stamp: None,
                    transcript: Transcript::new(path, true),
                    finished: false,
                    belongs,
                });
            }
        }
    }

    fn knows(&self, path: &Path) -> bool {
        self.known.iter().any(|agent| agent.transcript.is_at(path))
    }
}

impl Agent {
    fn look(&mut self) {
        if !self.belongs {
            return;
        }
        self.transcript.look();
        let stamp = files::stamp(&self.meta);
        if stamp != self.meta_stamp {
            self.meta_stamp = stamp;
            self.finished = files::read_small(&self.meta, META)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .is_some_and(|text| {
                    json::pick(&text, &["finished"]).is_some_and(|[finished]| json::flag(finished))
                });
        }
    }

    fn turn(&self) -> &Turn {
        self.transcript.fold().turn()
    }

    fn is_running(&self, now: Timestamp) -> bool {
        if self.finished || !self.belongs || self.is_warm_up() {
            return false;
        }
        match self.turn().phase {
            Phase::Request | Phase::Tools => true,
            Phase::Said => self.transcript.written_at().is_none_or(|at| now - at < QUIET),
            Phase::Nothing | Phase::Over(_) => false,
        }
    }

    /// 2.0.77 warms up three at every start; nobody waits for them.
    fn is_warm_up(&self) -> bool {
        self.transcript.fold().facts.first_prompt.as_deref() == Some("Warmup")
    }
}

/// Whether a name is that of a subagent's file.
pub(crate) fn is_agent(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("agent-"))
}

/// Where the subagents of a transcript are from 2.1.20 on.
pub(crate) fn folder(main: &Path) -> PathBuf {
    main.with_extension("").join("subagents")
}

/// Whether a subagent's transcript beside `main` names its session.
fn is_agent_of(path: &Path, main: &Path) -> bool {
    let Ok((file, stamp)) = files::open(path) else { return false };
    let length = usize::try_from(stamp.size.min(META)).unwrap_or(0);
    let Ok(bytes) = files::read_at(&file, 0, length) else { return false };
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(line);
    let [session] = json::pick(&text, &["sessionId"]).unwrap_or([None]);
    main.file_stem().is_some_and(|stem| json::text(session).is_some_and(|id| *stem == *id.as_ref()))
}
