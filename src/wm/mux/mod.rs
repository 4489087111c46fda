//! Terminal multiplexers: programs that show a session in terminals that are not its ancestors.

pub mod peers;
pub mod screen;
pub mod tmux;

use crate::session::process::Process;

/// Which multiplexer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mux {
    /// tmux: tells panes and clients.
    Tmux,
    /// GNU screen: keeps the terminals of its displays open.
    Screen,
    /// A server whose clients are the peers of its socket: zellij, dtach, abduco, shpool.
    Peers,
}

/// What a multiplexer's server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// tmux.
    Tmux(tmux::View),
    /// One that tells no panes.
    Plain {
        /// Its name.
        name: String,
        /// Processes that show it.
        clients: Vec<Viewer>,
    },
    /// It could not be asked; why, as a clause.
    Silent(String),
}

/// A process that shows a multiplexer in its own terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Its pid.
    pub pid: u32,
    /// When its terminal was last typed into, in seconds; to be compared only.
    pub activity: i64,
}

/// Which multiplexer a process is the server of. `argv` is asked only where the name leaves open
/// whether it is a server or a client.
pub fn kind<E>(
    process: &Process,
    argv: impl FnOnce() -> Result<Vec<String>, E>,
) -> Result<Option<Mux>, E> {
    let comm = process.comm.as_str();
    Ok(match comm {
        "tmux: server" => Some(Mux::Tmux),
        // The server calls itself SCREEN, its clients are called screen.
        "screen" | "SCREEN" => argv()?
            .first()
            .is_some_and(|name| name.rsplit('/').next().is_some_and(|n| n.starts_with("SCREEN")))
            .then_some(Mux::Screen),
        "zellij" => argv()?.iter().any(|arg| arg == "--server").then_some(Mux::Peers),
        "dtach" | "abduco" | "shpool" => Some(Mux::Peers),
        _ => None,
    })
}
