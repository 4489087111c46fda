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
//! | [`titles`], [`editor`] | what the title of a window says of the session in it |
//! | [`visibility`] | whether the session is in view in its window |
//! | [`multiplexer`] | from a multiplexer's server to its clients |
//! | [`fetch`], [`pty_masters`] | fetch the facts that are missing; not pure |
//! | [`memory`] | what was learned over time |

pub mod editor;
pub mod fetch;
pub mod location;
pub mod memory;
pub mod multiplexer;
pub mod pty_masters;
pub mod snapshot;
pub mod titles;
pub mod visibility;
pub mod window;

#[cfg(test)]
mod locate_tests;

use super::ipc::windows::WindowRow;
use super::mux::{self, MuxKind};
use crate::proc::pts::pts_of_device;
use crate::session::process::Process;
use crate::session::sanitize::clean;
use crate::session::state::Confidence;
use location::{Location, Obstacle, Step, named};
use multiplexer::Behind;
use snapshot::{MissingFact, Snapshot};
use titles::ExpectedTitle;

/// How many generations of ancestors are looked at.
const MAX_GENERATIONS: usize = 64;

/// How many programs that pass a terminal on are followed.
pub(in crate::wm) const MAX_RELAYS: usize = 8;

/// How many multiplexers inside each other are followed.
const MAX_NESTED_MUXES: usize = 8;

/// How terminals are told to use the window of another program: st, xterm, urxvt, alacritty.
const EMBED_FLAGS: &[&str] = &["-w", "-into", "-embed", "--embed"];

/// The X server numbers the windows of each client in this many bits, with the number of the
/// client above them (`resource_id_mask`; 21 bits since its beginnings).
const CLIENT_BITS: u32 = 21;

/// Longest name of a window's class that is told, in characters.
const MAX_CLASS: usize = 40;

/// Where the way up from a process ends.
enum AncestryEnd {
    /// At a process that owns windows.
    Owner(Process),
    /// At a window that contains that of a terminal.
    Host {
        /// Container ids: one, or those that it may be.
        con_ids: Vec<u64>,
        /// The terminal, for people.
        guest: String,
        /// Whether it is the only terminal in that window.
        is_alone: bool,
    },
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
        Some(_) => {
            let title = snapshot.facts.sessions.get(&pid).and_then(Option::as_deref);
            follow(snapshot, pid, ExpectedTitle::of_session(title), 0).map(Some)
        }
        None => Ok(None),
    }
}

/// The same for a process on the way: a session, or a client of a multiplexer. While it is in view
/// its window has the `expected` title. `depth` counts the multiplexers that were passed.
pub(in crate::wm) fn follow(
    snapshot: Snapshot,
    pid: u32,
    expected: ExpectedTitle,
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
        AncestryEnd::Owner(owner) => window::among_windows(snapshot, &owner, &chain, expected),
        AncestryEnd::Host { con_ids, guest, is_alone } => {
            let rows = con_ids.iter().filter_map(|con_id| snapshot.windows.get(*con_id));
            let mut location = match rows.collect::<Vec<_>>().as_slice() {
                [row] => {
                    let class = clean(&row.class, MAX_CLASS);
                    let how = format!("{guest} is embedded in a window of the class {class}");
                    Location::window(row, how, Confidence::Certain)
                }
                rows => {
                    let how = format!("{guest} is embedded in one of {} windows", rows.len());
                    Location::one_of(rows, how)
                }
            };
            location.route.push(Step::Embedded { is_alone });
            Ok(location)
        }
        AncestryEnd::Server(server, kind) => {
            let terminal = pts_of_device(subject.tty);
            let session = Behind { chain: &chain, terminal, expected };
            multiplexer::through(snapshot, &server, kind, session, depth)
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
        Location::nowhere(Obstacle::NoWindowManager, "there is no window manager to ask")
    }
}

/// Goes up the ancestry. `chain` gets the processes on the way, `from` first, without the end.
fn walk_up(
    snapshot: Snapshot,
    from: &Process,
    chain: &mut Vec<Process>,
) -> Result<AncestryEnd, MissingFact> {
    // Two terminals could show each other.
    if chain.len() > MAX_GENERATIONS {
        return Ok(AncestryEnd::Top);
    }
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
            } else if !passed_over || snapshot.pty_owner(from.id.pid)? == Some(pid) {
                return Ok(AncestryEnd::Owner(process.clone()));
            } else {
                let how = format!("{} shows another", named(&process.comm, pid));
                return Ok(AncestryEnd::Elsewhere(how));
            }
        } else if below.tty != 0 && process.tty != below.tty {
            if let Some(end) = shows_elsewhere(snapshot, process)? {
                return Ok(end);
            }
            if pty_masters::was_taken_away(snapshot, below.id.pid, process)? {
                return by_terminal(snapshot, below, chain);
            }
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
        let host = host_windows(snapshot, pid)?;
        if !host.is_empty() {
            let con_ids: Vec<u64> = host.iter().map(|row| row.con_id).collect();
            let is_alone = is_only_guest(snapshot, pid, &con_ids)?;
            return Ok(Some(AncestryEnd::Host { con_ids, guest: name, is_alone }));
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

/// The window that a terminal was told to put its own into, that of tabbed(1), an editor or a
/// desktop; several if it is not known which.
fn host_windows(snapshot: Snapshot<'_>, pid: u32) -> Result<Vec<&WindowRow>, MissingFact> {
    let told = snapshot.argv(pid)?.windows(2).find_map(|pair| match pair {
        [flag, id] if EMBED_FLAGS.contains(&flag.as_str()) => match id.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => id.parse().ok(),
        },
        _ => None,
    });
    let Some(xid) = told else { return Ok(Vec::new()) };
    let rows = snapshot.windows.rows().iter();
    if let Some(row) = rows.clone().find(|row| row.xid == Some(xid)) {
        return Ok(vec![row]);
    }
    // It may be a window inside the one that the window manager knows: the upper bits say to
    // which client it belongs.
    let is_of_client =
        |row: &&WindowRow| row.xid.is_some_and(|own| own >> CLIENT_BITS == xid >> CLIENT_BITS);
    Ok(rows.filter(is_of_client).collect())
}

/// Whether no other X client was told to put its window there.
fn is_only_guest(snapshot: Snapshot, pid: u32, con_ids: &[u64]) -> Result<bool, MissingFact> {
    for other in snapshot.windows.x_clients.iter().filter(|other| **other != pid) {
        if host_windows(snapshot, *other)?.iter().any(|row| con_ids.contains(&row.con_id)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Which multiplexer's server a process is, if it is one.
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

/// The process that holds the other end of the subject's terminal; if that is a relay, the one
/// that shows the relay.
fn by_terminal(
    snapshot: Snapshot,
    subject: &Process,
    chain: &mut Vec<Process>,
) -> Result<AncestryEnd, MissingFact> {
    let mut from = subject.id.pid;
    for _ in 0..MAX_RELAYS {
        let Some(pid) = snapshot.pty_owner(from)? else { break };
        let Some(process) = snapshot.process(pid)? else { break };
        if let Some(kind) = mux_kind(snapshot, process)? {
            return Ok(AncestryEnd::Server(process.clone(), kind));
        }
        if snapshot.windows.are_owned_by(pid) {
            return Ok(AncestryEnd::Owner(process.clone()));
        }
        match walk_up(snapshot, process, chain)? {
            AncestryEnd::Top => from = pid,
            end => return Ok(end),
        }
    }
    Ok(AncestryEnd::Top)
}
