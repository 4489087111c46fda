//! Where a process is shown: a pure function of a [`Snapshot`].
//!
//! The order of trust, measured on fourteen terminals (`docs/windows.md`): up the ancestry; a
//! multiplexer that is met first is asked for its clients, and these are followed in the same way;
//! else the nearest ancestor that owns windows shows the process. Where the ancestry is cut, the
//! session leader and the owner of the terminal lead on. Environment variables are inherited by
//! everything that is started in a terminal, and outlive windows: they decide nothing but ties
//! between the windows of one process.
//!
//! | file | what it does |
//! |---|---|
//! | [`snapshot`] | what resolution looks at |
//! | [`location`] | its result: the place, and the route to it |
//! | [`window`] | which of the windows of one process it is |
//! | [`multiplexer`] | from a multiplexer's server to its clients |
//! | [`fetch`], [`pty_masters`] | fetch the facts that are missing; not pure |

pub mod fetch;
pub mod location;
pub mod multiplexer;
pub mod pty_masters;
pub mod snapshot;
pub mod window;

#[cfg(test)]
mod locate_tests;

use super::ipc::windows::WindowRow;
use super::mux::{self, MuxKind};
use crate::proc::pts::pts_of_device;
use crate::session::process::Process;
use location::{Location, Obstacle, Step, named};
use snapshot::{MissingFact, Snapshot};

/// How many generations of ancestors are looked at.
const MAX_GENERATIONS: usize = 64;

/// How many multiplexers inside each other are followed.
const MAX_NESTED_MUXES: usize = 8;

/// How terminals are told to use the window of another program: st, xterm, urxvt, alacritty.
const EMBED_FLAGS: &[&str] = &["-w", "-into", "-embed", "--embed"];

/// The X server numbers the windows of each client in this many bits, with the number of the
/// client above them (`resource_id_mask`; 21 bits since its beginnings).
const CLIENT_BITS: u32 = 21;

/// Where the way up from a process ends.
enum AncestryEnd {
    /// At a process that owns windows.
    Owner(Process),
    /// At a process whose window contains that of a terminal, which is named here.
    Host(Process, String),
    /// At the server of a multiplexer.
    Server(Process, MuxKind),
    /// At something that shows the process, but in no window that is known; what, as a clause.
    Elsewhere(String),
    /// At the top, without anything that shows the process.
    Top,
}

/// Where the process is shown; `None` if there is no such process.
pub fn locate(snapshot: Snapshot, pid: u32) -> Result<Option<Location>, MissingFact> {
    match snapshot.process(pid)? {
        Some(_) => follow(snapshot, pid, 0).map(Some),
        None => Ok(None),
    }
}

/// The same for a process on the way: a session, or a client of a multiplexer. `depth` counts the
/// multiplexers that were passed.
pub(in crate::wm) fn follow(
    snapshot: Snapshot,
    pid: u32,
    depth: usize,
) -> Result<Location, MissingFact> {
    let Some(subject) = snapshot.process(pid)? else {
        return Ok(nowhere(snapshot, format!("process {pid} is gone")));
    };
    if depth > MAX_NESTED_MUXES {
        return Ok(nowhere(snapshot, "too many multiplexers inside each other".into()));
    }
    let mut chain = Vec::new();
    let mut end = walk_up(snapshot, subject, &mut chain)?;
    if matches!(end, AncestryEnd::Top) && subject.leader != pid && subject.tty != 0 {
        end = by_session_leader(snapshot, subject, &mut chain)?;
    }
    if matches!(end, AncestryEnd::Top) {
        end = by_terminal(snapshot, subject, &mut chain)?;
    }
    match end {
        AncestryEnd::Owner(owner) => window::among_windows(snapshot, &owner, &chain),
        AncestryEnd::Host(host, guest) => {
            let mut location = window::among_windows(snapshot, &host, &chain)?;
            location.place.how = format!("{guest} is embedded in {}", location.place.how);
            location.route.push(Step::Embedded);
            Ok(location)
        }
        AncestryEnd::Server(server, kind) => {
            let terminal = pts_of_device(subject.tty);
            multiplexer::through(snapshot, &server, kind, &chain, terminal, depth)
        }
        AncestryEnd::Elsewhere(how) => Ok(nowhere(snapshot, how)),
        AncestryEnd::Top => {
            let how = "no ancestor of it owns a window or is a multiplexer that shows it";
            Ok(nowhere(snapshot, how.into()))
        }
    }
}

fn nowhere(snapshot: Snapshot, how: String) -> Location {
    if snapshot.windows.managed {
        Location::nowhere(Obstacle::NoWindow(how.clone()), how)
    } else {
        let how = "there is no window manager to ask".into();
        Location::nowhere(Obstacle::NoWindowManager, how)
    }
}

/// Goes up the ancestry. `chain` gets the processes on the way, `from` first, without the end.
fn walk_up(
    snapshot: Snapshot,
    from: &Process,
    chain: &mut Vec<Process>,
) -> Result<AncestryEnd, MissingFact> {
    chain.push(from.clone());
    let mut same_terminal = true;
    let mut passed_over = false;
    let mut below = from;
    for _ in 0..MAX_GENERATIONS {
        // Pid 1 is an ancestor of all processes, and the terminal of none.
        if below.ppid <= 1 {
            return Ok(AncestryEnd::Top);
        }
        let Some(process) = snapshot.process(below.ppid)? else { return Ok(AncestryEnd::Top) };
        let pid = process.id.pid;
        if let Some(kind) = mux_kind(snapshot, process)? {
            return Ok(AncestryEnd::Server(process.clone(), kind));
        }
        same_terminal &= from.tty != 0 && process.tty == from.tty;
        if snapshot.windows.are_owned_by(pid) {
            // A process on the same terminal is itself shown in that terminal. Its windows are of
            // another kind: it is a program with a plot that started the session, not a terminal.
            if same_terminal {
                passed_over = true;
            } else if !passed_over || pty_owner(snapshot, from)? == Some(pid) {
                return Ok(AncestryEnd::Owner(process.clone()));
            } else {
                let how = format!("{} shows another", named(&process.comm, pid));
                return Ok(AncestryEnd::Elsewhere(how));
            }
        } else if below.tty != 0
            && process.tty != below.tty
            && let Some(end) = shows_elsewhere(snapshot, process)?
        {
            return Ok(end);
        }
        chain.push(process.clone());
        below = process;
    }
    Ok(AncestryEnd::Top)
}

/// Where a process that begins a new terminal and owns no window shows it. Most such processes
/// pass the content on to the terminal that they run in (script, sudo, sshd): `None`. But a
/// terminal whose window is hidden or on another display shows it there, or inside the window of
/// another program.
fn shows_elsewhere(
    snapshot: Snapshot,
    process: &Process,
) -> Result<Option<AncestryEnd>, MissingFact> {
    let Some(display) = snapshot.windows.display else { return Ok(None) };
    let pid = process.id.pid;
    // Vim connects to the X server for the clipboard only.
    if snapshot.windows.x_clients.contains(&pid) && !process.comm.starts_with("vi") {
        let name = named(&process.comm, pid);
        if let Some(host) = embedding_window(snapshot, pid)?.and_then(|row| row.pid)
            && let Some(host) = snapshot.process(host)?
        {
            return Ok(Some(AncestryEnd::Host(host.clone(), name)));
        }
        let how = format!("{name} shows it and has no window on a workspace");
        return Ok(Some(AncestryEnd::Elsewhere(how)));
    }
    let theirs = snapshot.var(pid, "DISPLAY")?.and_then(super::x11::display_number);
    Ok(theirs.filter(|theirs| *theirs != display).map(|theirs| {
        let name = named(&process.comm, pid);
        let how = format!("{name} shows it, perhaps on the X display :{theirs}");
        AncestryEnd::Elsewhere(how)
    }))
}

/// The window that a terminal was told to put its own into: that of tabbed(1), an editor, a
/// desktop.
fn embedding_window(snapshot: Snapshot<'_>, pid: u32) -> Result<Option<&WindowRow>, MissingFact> {
    let told = snapshot.argv(pid)?.windows(2).find_map(|pair| match pair {
        [flag, id] if EMBED_FLAGS.contains(&flag.as_str()) => match id.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => id.parse().ok(),
        },
        _ => None,
    });
    let Some(xid) = told else { return Ok(None) };
    // It may be a window inside the one that the window manager knows: the upper bits say to
    // which client it belongs.
    let same_client = |own: u32| own >> CLIENT_BITS == xid >> CLIENT_BITS;
    let rows = snapshot.windows.rows();
    let with = |fits: &dyn Fn(u32) -> bool| rows.iter().find(|row| row.xid.is_some_and(fits));
    Ok(with(&|own| own == xid).or_else(|| with(&same_client)))
}

fn mux_kind(snapshot: Snapshot, process: &Process) -> Result<Option<MuxKind>, MissingFact> {
    mux::kind(process, || snapshot.argv(process.id.pid).map(<[String]>::to_vec))
}

/// The session leader (setsid(2)) has the same terminal, and perhaps a whole ancestry.
fn by_session_leader(
    snapshot: Snapshot,
    subject: &Process,
    chain: &mut Vec<Process>,
) -> Result<AncestryEnd, MissingFact> {
    if chain.iter().any(|process| process.id.pid == subject.leader) {
        return Ok(AncestryEnd::Top);
    }
    match snapshot.process(subject.leader)? {
        Some(leader) if leader.tty == subject.tty => walk_up(snapshot, leader, chain),
        _ => Ok(AncestryEnd::Top),
    }
}

/// The process that holds the other end of the subject's terminal.
fn by_terminal(
    snapshot: Snapshot,
    subject: &Process,
    chain: &mut Vec<Process>,
) -> Result<AncestryEnd, MissingFact> {
    let Some(pid) = pty_owner(snapshot, subject)? else { return Ok(AncestryEnd::Top) };
    let Some(process) = snapshot.process(pid)? else { return Ok(AncestryEnd::Top) };
    if let Some(kind) = mux_kind(snapshot, process)? {
        return Ok(AncestryEnd::Server(process.clone(), kind));
    }
    if snapshot.windows.are_owned_by(pid) {
        return Ok(AncestryEnd::Owner(process.clone()));
    }
    walk_up(snapshot, process, chain)
}

fn pty_owner(snapshot: Snapshot, subject: &Process) -> Result<Option<u32>, MissingFact> {
    let pid = subject.id.pid;
    snapshot.facts.pty_owners.get(&pid).copied().ok_or(MissingFact::PtyOwner(pid))
}
