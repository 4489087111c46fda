//! Terminal multiplexers: programs that show a session in terminals that are not its ancestors.
//!
//! | file | what it does |
//! |---|---|
//! | [`tmux`] | which pane a process is in, and which clients show it |
//! | [`screen`], [`zellij`], [`peers`] | the same of GNU screen, zellij, and dtach, abduco, shpool, podman |
//! | [`docker`] | which terminals may show what runs in a container of docker |
//! | [`generic`] | what these have in common |
//! | [`survey`] | which servers run, whatever they show |
//! | [`command`], [`program`] | run the programs that speak with the servers; which ones |

pub mod command;
pub mod docker;
pub mod generic;
pub mod peers;
pub mod program;
pub mod screen;
pub mod survey;
pub mod tmux;
pub mod zellij;

use crate::proc::files::ProcessNames;
use crate::proc::{ProcFiles, namespaces};
use crate::session::process::Process;
use generic::{GenericMux, PaneTarget};
use std::convert::Infallible;
use std::io;

/// Which multiplexer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MuxKind {
    /// tmux tells its panes and clients.
    Tmux,
    /// GNU screen keeps the terminals of its displays open.
    Screen,
    /// The clients of zellij are connected to its socket.
    Zellij,
    /// The same of dtach, abduco and shpool, and of conmon, which runs a container of podman.
    Peers,
    /// containerd's shim, which runs a container of docker.
    Docker,
}

/// What is known from a multiplexer's server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MuxView {
    /// tmux.
    Tmux(tmux::TmuxView),
    /// One that does not tell its panes.
    Generic(GenericMux),
    /// It could not be asked; why, as a clause.
    Unavailable(String),
}

/// Which multiplexer a process is the server of; `None` if it is none. `argv` is called only where
/// the name fits both a server and a client.
pub fn kind<E>(
    process: &Process,
    argv: impl FnOnce() -> Result<Vec<String>, E>,
) -> Result<Option<MuxKind>, E> {
    let comm = process.comm.as_str();
    Ok(match comm {
        "tmux: server" => Some(MuxKind::Tmux),
        // A tmux whose server keeps the name and the arguments of the client that has started it.
        "tmate" => (process.tty == 0).then_some(MuxKind::Tmux),
        // The server calls itself SCREEN, its clients are called screen.
        "screen" | "SCREEN" => argv()?
            .first()
            .is_some_and(|name| name.rsplit('/').next().is_some_and(|n| n.starts_with("SCREEN")))
            .then_some(MuxKind::Screen),
        "zellij" => argv()?.iter().any(|arg| arg == "--server").then_some(MuxKind::Zellij),
        "dtach" | "abduco" | "shpool" | peers::CONMON => Some(MuxKind::Peers),
        docker::SHIM => Some(MuxKind::Docker),
        _ => None,
    })
}

/// Whether this process is the server of a multiplexer.
pub fn is_server(proc: &ProcFiles, pid: u32) -> bool {
    let Some(process) = proc.process(pid) else { return false };
    let argv = || Ok::<_, Infallible>(proc.argv(pid));
    matches!(kind(&process, argv), Ok(Some(_)))
}

/// Asks the server `pid` what it shows, and to whom: the `names` of processes tell its clients, but
/// for tmux. `from` is the process below it that led to it.
///
/// A server in a namespace of its own, such as one in a container or a sandbox, is not asked: to
/// speak with it would carry what it says out of there (`docs/security.md`). Where nothing is ever
/// said to the server, the kernel tells who is connected, and namespaces do not matter.
pub async fn ask(
    proc: &ProcFiles,
    names: &ProcessNames,
    pid: u32,
    kind: MuxKind,
    from: u32,
) -> MuxView {
    let name = || proc.process(pid).map(|process| process.comm.to_string()).unwrap_or_default();
    let is_spoken_to = !matches!(kind, MuxKind::Peers | MuxKind::Docker);
    if is_spoken_to && let Err(why) = check_namespaces(proc, pid) {
        return MuxView::Unavailable(format!("{} (pid {pid}) {why}", name()));
    }
    match kind {
        MuxKind::Tmux => match tmux::ask(proc, pid, from).await {
            Ok(view) => MuxView::Tmux(view),
            Err(why) => MuxView::Unavailable(why),
        },
        MuxKind::Screen => MuxView::Generic(screen::view(proc, names, pid, name())),
        MuxKind::Zellij => MuxView::Generic(zellij::view(proc, names, pid, name())),
        MuxKind::Peers => MuxView::Generic(peers::view(proc, names, pid, name())),
        MuxKind::Docker => MuxView::Generic(docker::view(proc, names)),
    }
}

/// Whether a server shares the namespaces of this process; if not, why it is not spoken to.
pub(in crate::wm) fn check_namespaces(proc: &ProcFiles, pid: u32) -> Result<(), String> {
    match namespaces::foreign(proc.root().path(), pid) {
        Ok(None) => Ok(()),
        Ok(Some(name)) => {
            Err(format!("has a {name} namespace of its own, and is not asked for its panes"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err("has ended".to_owned()),
        Err(error) => Err(format!("does not tell its namespaces: {error}")),
    }
}

/// Brings a pane into view.
pub async fn select(target: &PaneTarget) -> Result<(), String> {
    match target {
        PaneTarget::Screen { socket, number, terminal, titles } => {
            screen::select(socket, *number, *terminal, titles).await
        }
        PaneTarget::Zellij { server, pane, used_last } => {
            zellij::select(server, *pane, *used_last).await
        }
        PaneTarget::Unknown(why) => Err(why.clone()),
    }
}
