//! Terminal multiplexers: programs that show a session in terminals that are not its ancestors.

pub mod generic;
pub mod peers;
pub mod screen;
pub mod tmux;
pub mod zellij;

use crate::session::process::Process;

/// Which multiplexer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mux {
    /// tmux: tells panes and clients.
    Tmux,
    /// GNU screen: keeps the terminals of its displays open.
    Screen,
    /// zellij: its clients are the peers of its socket.
    Zellij,
    /// The same of dtach, abduco, shpool.
    Peers,
}

/// What a multiplexer's server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// tmux.
    Tmux(tmux::View),
    /// One that is not asked for its panes.
    Plain(generic::Plain),
    /// It could not be asked; why, as a clause.
    Silent(String),
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
        "zellij" => argv()?.iter().any(|arg| arg == "--server").then_some(Mux::Zellij),
        "dtach" | "abduco" | "shpool" => Some(Mux::Peers),
        _ => None,
    })
}

/// Brings a pane into view.
pub async fn show(part: &generic::Part) -> Result<(), String> {
    match part {
        generic::Part::Screen { socket, number, terminal } => {
            screen::show(socket, *number, *terminal).await
        }
        generic::Part::Zellij { address, pane, used_last } => {
            zellij::show(address, *pane, *used_last).await
        }
        generic::Part::Unknown(why) => Err(why.clone()),
    }
}
