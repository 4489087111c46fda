//! Processes and their parents, at one instant. Pure.

use super::naming::programs::{WATCHERS, is_in};
use crate::session::process::Process;
use std::collections::{BTreeSet, HashMap};

/// The longest way to the first process that is followed. Parents that were read one after the other
/// may form a circle.
const MAX_DEPTH: usize = 200;

/// Names of shells.
const SHELLS: &[&str] =
    &["sh", "bash", "dash", "zsh", "fish", "ksh", "mksh", "ash", "busybox", "nu", "tcsh"];

/// All processes, by pid.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    processes: HashMap<u32, Process>,
    /// Pids of the processes of sessions.
    sessions: BTreeSet<u32>,
}

impl Tree {
    /// The tree of these processes; those of `sessions` are Claude Code.
    pub fn new(
        processes: impl IntoIterator<Item = Process>,
        sessions: impl IntoIterator<Item = u32>,
    ) -> Tree {
        Tree {
            processes: processes.into_iter().map(|it| (it.id.pid, it)).collect(),
            sessions: sessions.into_iter().collect(),
        }
    }

    /// One process.
    pub fn get(&self, pid: u32) -> Option<&Process> {
        self.processes.get(&pid)
    }

    /// All processes, in no order.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        self.processes.values()
    }

    /// The process, its parent, and so on.
    pub fn ancestry(&self, pid: u32) -> impl Iterator<Item = &Process> {
        let first = self.get(pid);
        std::iter::successors(first, |it| self.get(it.ppid).filter(|_| it.ppid != 0))
            .take(MAX_DEPTH)
    }

    /// Whether `pid` descends from `above`, or is it.
    pub fn is_below(&self, pid: u32, above: u32) -> bool {
        self.ancestry(pid).any(|it| it.id.pid == above)
    }

    /// The process and those above it that were started to run it: up to, and without, the session,
    /// the shell with which its process group session began, or a process of another one. What
    /// cargo-watch starts has a process group session of its own, and belongs to it.
    pub fn chain(&self, pid: u32) -> Vec<&Process> {
        let mut chain: Vec<&Process> = Vec::new();
        for process in self.ancestry(pid) {
            let is_other = chain.last().is_some_and(|below| below.leader != process.leader)
                && !is_in(WATCHERS, &process.comm);
            let is_first = process.id.pid <= 1 || self.sessions.contains(&process.id.pid);
            let is_watched = self.get(process.ppid).is_some_and(|it| is_in(WATCHERS, &it.comm));
            let is_begin = process.leader == process.id.pid && is_shell(process) && !is_watched;
            if !chain.is_empty() && (is_other || is_first || is_begin) {
                break;
            }
            chain.push(process);
        }
        chain
    }
}

/// Whether a process is a shell, by its name.
pub fn is_shell(process: &Process) -> bool {
    SHELLS.contains(&process.comm.as_str())
}

/// A process for tests: `comm` with this parent and leader.
#[cfg(test)]
pub fn process(pid: u32, ppid: u32, leader: u32, comm: &str) -> Process {
    let id = crate::session::process::ProcessId { pid, start: u64::from(pid) * 10 };
    Process { id, ppid, comm: comm.into(), state: 'S', leader, tty: 0, image: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(tree: &Tree, pid: u32) -> Vec<u32> {
        tree.chain(pid).iter().map(|it| it.id.pid).collect()
    }

    #[test]
    fn a_chain_ends_below_the_shell_of_the_tool() {
        let tree = Tree::new(
            [
                process(1, 0, 1, "init"),
                process(10, 1, 10, "claude"),
                process(20, 10, 20, "bash"),
                process(21, 20, 20, "npm run dev"),
                process(22, 21, 20, "sh"),
                process(23, 22, 20, "node"),
                // Its shell has ended.
                process(33, 1, 30, "python3"),
                // The shell was replaced by its only command.
                process(40, 10, 40, "python3"),
                // cargo-watch begins a session for what it runs.
                process(60, 20, 20, "cargo-watch"),
                process(61, 60, 61, "sh"),
                process(62, 61, 61, "api"),
                // A server that is detached from the program that started it.
                process(70, 21, 70, "node"),
                // A server that a tool of Claude Code runs without a shell.
                process(50, 10, 10, "node"),
            ],
            [10],
        );
        assert_eq!(chain(&tree, 23), [23, 22, 21]);
        assert_eq!(chain(&tree, 33), [33]);
        assert_eq!(chain(&tree, 40), [40]);
        assert_eq!(chain(&tree, 50), [50]);
        assert_eq!(chain(&tree, 62), [62, 61, 60]);
        assert_eq!(chain(&tree, 70), [70]);
        assert_eq!(chain(&tree, 20), [20]);
        assert!(chain(&tree, 99).is_empty());
        assert!(tree.is_below(23, 10) && !tree.is_below(33, 10));
    }

    #[test]
    fn a_circle_of_parents_ends() {
        let tree = Tree::new([process(5, 6, 5, "a"), process(6, 5, 5, "b")], []);
        assert_eq!(tree.ancestry(5).count(), MAX_DEPTH);
        assert!(tree.chain(5).len() <= MAX_DEPTH);
    }
}
