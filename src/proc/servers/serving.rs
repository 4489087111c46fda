//! What the processes of a server tell of it. They are read once, however many ports they listen on.

use super::LiveSession;
use super::attribution::ServerOwner;
use super::family::{Family, leaves};
use super::survey::Survey;
use super::{naming, reload};
use crate::proc::ProcFiles;
use crate::session::Timestamp;
use crate::session::info::server::Attribution;
use crate::session::process::ProcessId;
use crate::session::sanitize::harmless;

/// The programs of vmux, by the names that the kernel has of them.
const OWN_PROGRAMS: &[&str] = &["vmux", "vmuxd", "vmux-mcp", "vmux-push", "vmux-web"];

/// The most holders whose arguments are read, beside the processes above them.
const MAX_ARGVS: usize = 8;

/// What is the same for all ports of one family of processes.
pub struct ServingProcesses {
    /// The topmost one.
    pub top: ProcessId,
    /// When the oldest one started that takes connections, and the directory in which it runs.
    pub started_at: Timestamp,
    pub cwd: String,
    /// To whom they belong, and that session if it lives.
    pub owner: ServerOwner,
    pub session: Option<LiveSession>,
    /// What they are called, and by which arguments.
    pub name: String,
    pub argvs: Vec<Vec<String>>,
    /// As in [`super::FoundServer`].
    pub keeps_sources: bool,
    pub runtime: Option<&'static str>,
    pub holders: Vec<ProcessId>,
    pub lacks_worker: bool,
}

/// Reads the processes of a family. `boot` is when the machine started. `None` if they are gone, belong
/// to no session, or are vmux itself: the page for the phone is no server of the session in which it
/// was started.
pub fn read(
    files: &ProcFiles,
    family: &Family,
    found: &Survey,
    sessions: &[LiveSession],
    boot: Timestamp,
) -> Option<ServingProcesses> {
    let top = found.tree.get(*family.chain.first()?)?;
    if OWN_PROGRAMS.contains(&top.comm.as_str()) {
        return None;
    }
    let owner = surest(family.holders.iter().filter_map(|it| found.owners.get(it)))?;
    let session = sessions.iter().find(|it| Some(it.process) == owner.process).cloned();
    let leaves = leaves(&family.holders, &found.tree);
    let oldest = leaves.iter().filter_map(|it| found.tree.get(*it)).min_by_key(|it| it.id.start)?;
    let mut pids = family.chain.clone();
    pids.extend(family.holders.iter().filter(|it| !family.chain.contains(it)).take(MAX_ARGVS));
    let argvs: Vec<Vec<String>> = pids.iter().map(|pid| files.argv(*pid)).collect();
    // What runs it beside others.
    let chain = found.tree.chain(top.id.pid);
    let above: Vec<u32> = chain.iter().skip(1).rev().map(|it| it.id.pid).collect();
    let argvs_above: Vec<Vec<String>> = above.iter().map(|pid| files.argv(*pid)).collect();
    let name = naming::name(&argvs, &argvs_above);
    let mut all = pids.iter().chain(&above);
    let mut watches = || all.any(|pid| watches_directory(files, *pid, oldest.id.pid));
    let only = family.holders.first().filter(|_| family.holders.len() == 1);
    Some(ServingProcesses {
        top: top.id,
        started_at: files.root().started_at(oldest, boot),
        cwd: harmless(&files.cwd(oldest.id.pid).unwrap_or_default().to_string_lossy()),
        owner,
        session,
        keeps_sources: reload::reloading(&name, &argvs, false) == reload::Reloading::Never
            && !watches(),
        runtime: naming::runtime(&argvs),
        holders: family.holders.iter().filter_map(|it| Some(found.tree.get(*it)?.id)).collect(),
        lacks_worker: only.is_some_and(|it| reload::lacks_worker(&files.argv(*it))),
        name,
        argvs,
    })
}

/// Whether a process watches the directory in which the process `of` runs, as reloaders do: the kernel
/// lists the inodes of its inotify watches.
fn watches_directory(files: &ProcFiles, pid: u32, of: u32) -> bool {
    files.cwd_inode(of).is_some_and(|inode| files.watches(pid, inode))
}

/// The owner that is surest: a family is as surely attributed as the one of its processes that is most.
fn surest<'a>(owners: impl Iterator<Item = &'a ServerOwner>) -> Option<ServerOwner> {
    let rank = |it: &&ServerOwner| {
        let by = match it.by {
            Attribution::Process => 0,
            Attribution::Shell => 1,
            Attribution::Environment => 2,
            Attribution::Directory => 3,
            Attribution::Other => 4,
        };
        (it.process.is_none(), by)
    };
    owners.min_by_key(rank).cloned()
}
