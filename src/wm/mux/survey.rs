//! Which servers of multiplexers run, and how tmux's answer: for `vmux doctor`.

use super::{MuxKind, check_namespaces, docker, kind, peers, tmux};
use crate::proc::{ProcFiles, ProcRoot};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long all servers together may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// The server of a multiplexer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuxServer {
    /// What it calls itself.
    pub name: String,
    /// Its pid.
    pub pid: u32,
    /// Which multiplexer it is of.
    pub kind: MuxKind,
}

/// Every server that user `uid` runs, but for those of containers, in the order of their pids. Reads
/// all of `/proc`.
pub fn servers(root: &ProcRoot, uid: u32) -> Vec<MuxServer> {
    let entries = std::fs::read_dir(root.path()).into_iter().flatten().flatten();
    let mut found: Vec<MuxServer> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid: u32| {
            let process = root.process(pid).filter(|_| root.uid(pid) == Some(uid))?;
            let argv = || Ok::<_, std::convert::Infallible>(root.argv(pid));
            let Ok(kind) = kind(&process, argv);
            let kind = kind.filter(|_| ![peers::CONMON, docker::SHIM].contains(&&*process.comm));
            Some(MuxServer { name: process.comm.to_string(), pid, kind: kind? })
        })
        .collect();
    found.sort_by_key(|server| server.pid);
    found
}

/// Each server with its version: only tmux's tells one. An error is a clause for the user.
pub async fn ask_versions(
    servers: Vec<MuxServer>,
    proc: ProcFiles,
) -> Vec<(MuxServer, Option<Result<String, String>>)> {
    let mut asked: Vec<_> = servers
        .into_iter()
        .map(|it| {
            let is_tmux = it.kind == MuxKind::Tmux;
            (it, is_tmux.then(|| Err("it does not answer".to_owned())))
        })
        .collect();
    let proc = Arc::new(proc);
    let mut answers = JoinSet::new();
    for (index, (server, _)) in asked.iter().enumerate().filter(|(_, (_, asked))| asked.is_some()) {
        let (proc, pid) = (Arc::clone(&proc), server.pid);
        answers.spawn(async move { (index, version(&proc, pid).await) });
    }
    let all = async {
        while let Some(answer) = answers.join_next().await {
            if let Ok((index, answer)) = answer
                && let Some((_, version)) = asked.get_mut(index)
            {
                *version = Some(answer);
            }
        }
    };
    // One that is late keeps the answer above.
    let _ = timeout(ANSWER_WITHIN, all).await;
    asked
}

async fn version(proc: &ProcFiles, pid: u32) -> Result<String, String> {
    check_namespaces(proc, pid)?;
    tmux::version(proc, pid).await
}
