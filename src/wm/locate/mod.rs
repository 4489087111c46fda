//! Where a process is shown: a pure function of a [`Scene`].
//!
//! The order of trust, measured on fourteen terminals (`docs/windows.md`): up the ancestry; a
//! multiplexer met first is asked for its clients, and they are followed in the same way; else
//! the nearest ancestor that owns windows shows it. Where the ancestry is cut, the leader of the
//! session and the holder of the terminal go on. Environment variables are inherited by whatever
//! is started in a terminal and outlive windows: they decide nothing but ties between the windows
//! of one process.

pub mod location;
pub mod multiplexer;
pub mod pty_masters;
pub mod window;

#[cfg(test)]
mod locate_tests;
pub mod snapshot;

use super::ipc::windows::WindowRow;
use super::mux::{self, Mux};
use crate::proc::files::pts_of_device;
use location::{Found, Obstacle, named};
use snapshot::{Need, Scene};

use crate::session::process::Process;

/// Generations and multiplexers that are followed at most.
const LONGEST: usize = 64;
const DEEPEST: usize = 8;

/// How terminals are told to use the window of another program: st, xterm, urxvt, alacritty.
const EMBED: &[&str] = &["-w", "-into", "-embed", "--embed"];

/// The X server numbers the windows of each client in this many bits, the client above them
/// (`resource_id_mask`; 21 since its beginnings).
const CLIENT_BITS: u32 = 21;

/// Where the way up from a process ends.
enum End {
    /// At a process that owns windows.
    Owner(Process),
    /// At a process in whose window another one, the terminal, has its own.
    Host(Process, String),
    /// At the server of a multiplexer.
    Server(Process, Mux),
    /// At something that shows it, but in no window that is known; what, as a clause.
    Elsewhere(String),
    /// At the top, without anything that shows it.
    Top,
}

/// Where the process is shown; none when there is no such process.
pub fn locate(scene: &Scene, pid: u32) -> Result<Option<Found>, Need> {
    match scene.process(pid)? {
        Some(_) => follow(scene, pid, 0).map(Some),
        None => Ok(None),
    }
}

/// The same for a process on the way: a session, or a client of a multiplexer.
pub(in crate::wm) fn follow(scene: &Scene, pid: u32, depth: usize) -> Result<Found, Need> {
    let Some(subject) = scene.process(pid)? else {
        return Ok(nowhere(scene, format!("process {pid} is gone")));
    };
    if depth > DEEPEST {
        return Ok(nowhere(scene, "too many multiplexers inside each other".into()));
    }
    let mut chain = Vec::new();
    let mut end = climb(scene, subject, &mut chain)?;
    if matches!(end, End::Top) && subject.leader != pid && subject.tty != 0 {
        end = by_leader(scene, subject, &mut chain)?;
    }
    if matches!(end, End::Top) {
        end = by_terminal(scene, subject, &mut chain)?;
    }
    match end {
        End::Owner(owner) => window::among_windows(scene, &owner, &chain),
        End::Host(host, guest) => {
            let mut found = window::among_windows(scene, &host, &chain)?;
            found.place.how = format!("{guest} is embedded in {}", found.place.how);
            // Such as one of several tabs.
            found.hidden = true;
            Ok(found)
        }
        End::Server(server, kind) => {
            let terminal = pts_of_device(subject.tty);
            multiplexer::multiplexer(scene, &server, kind, &chain, terminal, depth)
        }
        End::Elsewhere(how) => Ok(nowhere(scene, how)),
        End::Top => {
            let how = "no ancestor of it owns a window or is a multiplexer that shows it";
            Ok(nowhere(scene, how.into()))
        }
    }
}

fn nowhere(scene: &Scene, how: String) -> Found {
    if scene.managed {
        Found::nowhere(Obstacle::NoWindow(how.clone()), how)
    } else {
        Found::nowhere(Obstacle::Unmanaged, "there is no window manager to ask".into())
    }
}

/// Goes up the ancestry. `chain` gets the processes on the way, `from` first, the end excluded.
fn climb(scene: &Scene, from: &Process, chain: &mut Vec<Process>) -> Result<End, Need> {
    chain.push(from.clone());
    let mut same_terminal = true;
    let mut passed_over = false;
    let mut below = from.clone();
    for _ in 0..LONGEST {
        // Pid 1 is everybody's ancestor and nobody's terminal.
        if below.ppid <= 1 {
            return Ok(End::Top);
        }
        let Some(process) = scene.process(below.ppid)? else { return Ok(End::Top) };
        let pid = process.id.pid;
        if let Some(kind) = mux_kind(scene, process)? {
            return Ok(End::Server(process.clone(), kind));
        }
        same_terminal &= from.tty != 0 && process.tty == from.tty;
        if scene.owns_windows(pid) {
            // On the same terminal it is itself shown in that terminal, and its windows are
            // others: a program with a plot that started the session, not a terminal.
            if same_terminal {
                passed_over = true;
            } else if !passed_over || holder(scene, from)? == Some(pid) {
                return Ok(End::Owner(process.clone()));
            } else {
                return Ok(End::Elsewhere(format!("{} shows another", named(&process.comm, pid))));
            }
        } else if below.tty != 0
            && process.tty != below.tty
            && let Some(end) = shows_elsewhere(scene, process)?
        {
            return Ok(end);
        }
        chain.push(process.clone());
        below = process.clone();
    }
    Ok(End::Top)
}

/// A process that begins a new terminal without owning a window: most pass it on to the terminal
/// they run in (script, sudo, sshd), but a terminal whose window is hidden or on another display
/// shows it there, or inside the window of another program.
fn shows_elsewhere(scene: &Scene, process: &Process) -> Result<Option<End>, Need> {
    let Some(display) = scene.display else { return Ok(None) };
    let pid = process.id.pid;
    // Vim connects to the X server for the clipboard only.
    if scene.x_clients.contains(&pid) && !process.comm.starts_with("vi") {
        let name = named(&process.comm, pid);
        if let Some(host) = embedding(scene, pid)?.and_then(|row| row.pid)
            && let Some(host) = scene.process(host)?
        {
            return Ok(Some(End::Host(host.clone(), name)));
        }
        return Ok(Some(End::Elsewhere(format!(
            "{name} shows it and has no window on a workspace"
        ))));
    }
    let theirs = scene.var(pid, "DISPLAY")?.and_then(super::x11::display_number);
    Ok(theirs.filter(|theirs| *theirs != display).map(|theirs| {
        let name = named(&process.comm, pid);
        End::Elsewhere(format!("{name} shows it, perhaps on the X display :{theirs}"))
    }))
}

/// The window that a terminal was told to put its own into: tabbed(1), an editor, a desktop.
fn embedding(scene: &Scene, pid: u32) -> Result<Option<&WindowRow>, Need> {
    let argv = scene.facts.argv.get(&pid).ok_or(Need::Argv(pid))?;
    let told = argv.windows(2).find_map(|pair| match pair {
        [flag, id] if EMBED.contains(&flag.as_str()) => match id.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => id.parse().ok(),
        },
        _ => None,
    });
    let Some(xid) = told else { return Ok(None) };
    // It may be a window inside: the upper bits say whose it is.
    let same_client = |own: u32| own >> CLIENT_BITS == xid >> CLIENT_BITS;
    let with =
        |fits: &dyn Fn(u32) -> bool| scene.windows.iter().find(|row| row.xid.is_some_and(fits));
    Ok(with(&|own| own == xid).or_else(|| with(&same_client)))
}

fn mux_kind(scene: &Scene, process: &Process) -> Result<Option<Mux>, Need> {
    let pid = process.id.pid;
    mux::kind(process, || scene.facts.argv.get(&pid).cloned().ok_or(Need::Argv(pid)))
}

/// The leader of its session (setsid(2)) has the same terminal, and perhaps a whole ancestry.
fn by_leader(scene: &Scene, subject: &Process, chain: &mut Vec<Process>) -> Result<End, Need> {
    if chain.iter().any(|process| process.id.pid == subject.leader) {
        return Ok(End::Top);
    }
    match scene.process(subject.leader)? {
        Some(leader) if leader.tty == subject.tty => climb(scene, leader, chain),
        _ => Ok(End::Top),
    }
}

/// The process that holds the other end of its terminal.
fn by_terminal(scene: &Scene, subject: &Process, chain: &mut Vec<Process>) -> Result<End, Need> {
    let Some(pid) = holder(scene, subject)? else { return Ok(End::Top) };
    let Some(process) = scene.process(pid)? else { return Ok(End::Top) };
    if let Some(kind) = mux_kind(scene, process)? {
        return Ok(End::Server(process.clone(), kind));
    }
    if scene.owns_windows(pid) {
        return Ok(End::Owner(process.clone()));
    }
    climb(scene, process, chain)
}

fn holder(scene: &Scene, subject: &Process) -> Result<Option<u32>, Need> {
    let pid = subject.id.pid;
    scene.facts.holders.get(&pid).copied().ok_or(Need::Holder(pid))
}
