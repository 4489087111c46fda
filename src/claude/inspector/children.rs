//! The children of a session's process: each is classified once.

use super::Surroundings;
use crate::claude::process::shell::{ChildKind, classify};
use crate::claude::verdict::evidence::ToolShell;
use crate::session::Timestamp;
use crate::session::process::{Candidate, Child, ProcessId};
use std::collections::BTreeMap;

/// More are not told apart: a bound, not an expectation.
const MAX_CHILDREN: usize = 256;

/// What is known of the children.
#[derive(Debug, Default)]
pub(super) struct Children {
    known: BTreeMap<ProcessId, ChildKind>,
}

/// The children that matter, as they run now.
#[derive(Debug, Default)]
pub(super) struct RunningChildren {
    pub(super) shells: Vec<ToolShell>,
    /// When the hooks were born.
    pub(super) hooks: Vec<Timestamp>,
    /// Whether there are any at all.
    pub(super) any: bool,
}

impl Children {
    /// Looks at the children that run now.
    pub(super) fn look(
        &mut self,
        subject: &Candidate,
        around: &Surroundings<'_>,
    ) -> RunningChildren {
        let children: Vec<Child> = (around.children)().into_iter().take(MAX_CHILDREN).collect();
        self.known.retain(|id, _| children.iter().any(|child| child.process.id == *id));
        let mut running = RunningChildren::default();
        for child in children.iter().filter(|child| child.process.state != 'Z') {
            running.any = true;
            match self.kind(subject, child, around) {
                ChildKind::Tool(script) => {
                    running.shells.push(ToolShell { born: child.born, script });
                }
                ChildKind::Hook => running.hooks.push(child.born),
                ChildKind::Other => {}
            }
        }
        running.shells.sort_by_key(|shell| shell.born);
        running
    }

    fn kind(&mut self, subject: &Candidate, child: &Child, around: &Surroundings<'_>) -> ChildKind {
        let (id, pid) = (child.process.id, child.process.id.pid);
        if let Some(kind) = self.known.get(&id) {
            return kind.clone();
        }
        let mut settled = true;
        let argv = || {
            let argv = (around.argv)(pid);
            settled = !argv.is_empty() && *argv != *subject.argv;
            argv
        };
        let is_hook = || (around.env)(pid).get("CLAUDE_PROJECT_DIR").is_some();
        let kind = classify(subject.process.id, child, argv, is_hook);
        // Between fork and exec a child has the arguments and the environment of its parent, and while it
        // ends it has none: what seems to be the shell of some tool may be a hook as well, and a call
        // that runs is remembered.
        if !settled && kind == ChildKind::Tool(None) {
            return ChildKind::Hook;
        }
        if settled {
            self.known.insert(id, kind.clone());
        }
        kind
    }
}
