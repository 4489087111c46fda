//! Which directories the user trusts, from `.claude.json`.
//!
//! Claude Code asks before it begins in a directory that is not trusted, and has written nothing of
//! the session by then (docs/facts.md C3); the settings tell that it must be asking.

use crate::claude::input::json;
use crate::claude::input::{self, FileStamp};
use crate::claude::process::{config_dir, git, version};
use crate::claude::verdict::evidence::Trust;
use crate::session::process::Candidate;
use std::path::Path;

/// Largest settings file that is read: with history in it (1.0) it reaches megabytes.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// What the settings said last, for as long as they do not change.
#[derive(Debug, Default)]
pub(crate) struct TrustCache {
    known: Option<(FileStamp, Trust)>,
}

impl TrustCache {
    /// What the settings say of the directory that the process was started in. `version`: of Claude
    /// Code, as far as it is known.
    pub(crate) fn look(&mut self, subject: &Candidate, version: Option<&str>) -> Trust {
        let Some(path) = config_dir::global_settings(subject) else { return Trust::Unknown };
        let Some(stamp) = input::stamp(&path) else {
            self.known = None;
            return Trust::Unknown;
        };
        match self.known {
            Some((known, trust)) if known == stamp => trust,
            _ => {
                let trust = read(&path, subject, version).unwrap_or(Trust::Unknown);
                self.known = Some((stamp, trust));
                trust
            }
        }
    }
}

fn read(path: &Path, subject: &Candidate, version: Option<&str>) -> Option<Trust> {
    let cwd = subject.cwd.as_deref()?;
    let text = String::from_utf8(input::read_small(path, MAX_FILE_BYTES).ok()?).ok()?;
    let [projects, onboarded] = json::pick(&text, &["projects", "hasCompletedOnboarding"])?;
    if !json::flag(onboarded) {
        return Some(Trust::Missing);
    }
    let projects = projects.unwrap_or("{}");
    // A directory is trusted with those above it.
    let is_trusted = |folder: &Path| {
        let Some(folder) = folder.to_str() else { return false };
        let [project] = json::pick(projects, &[folder]).unwrap_or([None]);
        let [accepted] = project
            .and_then(|project| json::pick(project, &["hasTrustDialogAccepted"]))
            .unwrap_or([None]);
        json::flag(accepted)
    };
    if cwd.ancestors().any(is_trusted) {
        return Some(Trust::Given);
    }
    let repository = git::repository_of_worktree(cwd, &subject.root);
    if repository.is_some_and(|it| it.ancestors().any(is_trusted)) {
        return Some(match version.and_then(version::trusts_worktrees) {
            Some(true) => Trust::Given,
            Some(false) => Trust::Missing,
            None => Trust::NotKept,
        });
    }
    let home = subject.env.get("HOME").is_some_and(|home| Path::new(home) == cwd);
    Some(if home { Trust::NotKept } else { Trust::Missing })
}
