//! The transcripts of the teammates of a team's lead, which are processes of their own.

use super::Surroundings;
use crate::claude::ownership::project_dir;
use crate::claude::process::teammate;
use crate::claude::transcript::Transcript;
use crate::claude::transcript::turn::{Phase, Turn};
use crate::session::process::ProcessId;
use std::collections::BTreeMap;
use std::path::Path;

/// Most teammates that are followed.
const MAX_MATES: usize = 32;

/// The teammates of one lead.
#[derive(Debug, Default)]
pub(super) struct Mates {
    known: BTreeMap<ProcessId, Transcript>,
}

impl Mates {
    /// Reads what is new of the teammates of the session `lead`.
    pub(super) fn look(&mut self, config: &Path, lead: &str, around: &Surroundings<'_>) {
        let is_mate = |argv: &[String], exe: Option<&Path>| {
            argv.iter().any(|word| word.contains(lead))
                && teammate::teammate(argv, exe).is_some_and(|mate| mate.lead == lead)
        };
        let mates = around.teammates.iter().filter(|peer| is_mate(&peer.argv, peer.exe.as_deref()));
        let mut before = std::mem::take(&mut self.known);
        for mate in mates.take(MAX_MATES) {
            let process = mate.process.id;
            let Some(id) = (around.session_of)(process) else { continue };
            let is_its = |it: &Transcript| it.path.file_stem().is_some_and(|stem| *stem == *id);
            let known = before.remove(&process).filter(is_its);
            let found = || {
                let path = project_dir::find(&config.join("projects"), &id, mate.cwd.as_deref())?;
                Some(Transcript::new(path.into(), false))
            };
            if let Some(mut transcript) = known.or_else(found)
                && transcript.look()
            {
                self.known.insert(process, transcript);
            }
        }
    }

    /// Whether any is followed.
    pub(super) fn any(&self) -> bool {
        !self.known.is_empty()
    }

    /// The turns of those that are at work.
    pub(super) fn running(&self) -> impl Iterator<Item = &Turn> {
        let turns = self.known.values().map(|transcript| transcript.fold().turn());
        turns.filter(|turn| matches!(turn.phase, Phase::Request | Phase::Tools))
    }
}
