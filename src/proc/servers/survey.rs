//! Reads the processes that may hold a new listening socket.
//!
//! The `stat` of every process is read, which takes some 3 µs each. The environment and the directory
//! are read of those that `stat` does not attribute, and the descriptors, which cost most, only of
//! those that belong to a session or run in its directory.

use super::LiveSession;
use super::attribution::{ServerOwner, ToolShells, by_directory, by_environment, by_process};
use super::tree::{Tree, is_shell};
use crate::proc::ProcFiles;
use crate::session::info::server::Attribution;
use crate::session::process::ProcessId;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What was read at one instant.
#[derive(Debug, Default)]
pub struct Survey {
    /// All processes.
    pub tree: Tree,
    /// The processes that hold each of the sockets.
    pub holders: BTreeMap<u64, BTreeSet<u32>>,
    /// To whom the holders belong.
    pub owners: HashMap<u32, ServerOwner>,
}

/// What is kept from one survey to the next.
#[derive(Debug, Default)]
pub struct Surveyor {
    shells: ToolShells,
    /// The processes that held a socket.
    owners: HashMap<ProcessId, ServerOwner>,
    /// Those whose environment names no session: it never will.
    unnamed: HashSet<ProcessId>,
}

impl Surveyor {
    /// To whom a process belongs that held a socket when it was last looked at.
    pub fn owner(&self, process: ProcessId) -> Option<&ServerOwner> {
        self.owners.get(&process)
    }

    /// Finds the holders of these sockets among the processes of `sessions`, and of those that ended.
    pub fn survey(
        &mut self,
        files: &ProcFiles,
        sockets: &BTreeSet<u64>,
        sessions: &[LiveSession],
    ) -> Survey {
        let processes = files.pids().into_iter().filter_map(|pid| files.root().process(pid));
        let tree = Tree::new(processes, sessions.iter().map(|it| it.process.pid));
        note_shells(&tree, sessions, &mut self.shells);
        let is_there = |it: &ProcessId| tree.get(it.pid).is_some_and(|found| found.id == *it);
        self.unnamed.retain(is_there);
        let mut survey = Survey::default();
        for process in tree.processes() {
            let pid = process.id.pid;
            let is_session = sessions.iter().any(|it| it.process == process.id);
            if is_session || process.has_ended() || !files.is_own(pid) {
                continue;
            }
            let Some(owner) = self.find_owner(files, &tree, process.id, sessions) else { continue };
            let mut holds = false;
            for inode in files.sockets(pid).into_iter().filter(|it| sockets.contains(it)) {
                survey.holders.entry(inode).or_default().insert(pid);
                holds = true;
            }
            if holds {
                survey.owners.insert(pid, owner);
            }
        }
        let owned = survey.owners.iter();
        let owned = owned.filter_map(|(pid, owner)| Some((tree.get(*pid)?.id, owner.clone())));
        self.owners = owned.collect();
        survey.tree = tree;
        survey
    }

    fn find_owner(
        &mut self,
        files: &ProcFiles,
        tree: &Tree,
        process: ProcessId,
        sessions: &[LiveSession],
    ) -> Option<ServerOwner> {
        if let Some(owner) = by_process(process.pid, tree, sessions, &self.shells) {
            return Some(owner);
        }
        let known = self.owners.get(&process);
        if let Some(known) = known.filter(|it| it.by != Attribution::Directory) {
            return Some(known.clone());
        }
        if !self.unnamed.contains(&process) {
            let found = by_environment(process, &files.env(process.pid), sessions);
            if found.is_some() {
                return found;
            }
            self.unnamed.insert(process);
        }
        let in_directory = || by_directory(&files.cwd(process.pid)?, sessions);
        in_directory().or_else(|| self.owners.get(&process).cloned())
    }
}

/// A shell below a session with which a process group session begins was started by one of its tools.
/// Its processes are known by that after it has ended.
fn note_shells(tree: &Tree, sessions: &[LiveSession], shells: &mut ToolShells) {
    // The number is free once no process has it as its leader.
    let leaders: BTreeSet<u32> = tree.processes().map(|it| it.leader).collect();
    shells.retain(|leader, _| leaders.contains(leader));
    for process in tree.processes().filter(|it| it.leader == it.id.pid && is_shell(it)) {
        let mut above = tree.ancestry(process.id.pid).skip(1);
        let session = above.find_map(|it| sessions.iter().find(|session| session.process == it.id));
        if let Some(session) = session {
            let id = session.session_id.clone();
            shells.insert(process.id.pid, (session.process, id));
        }
    }
}
