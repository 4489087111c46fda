//! What carries the terminal of a session of this host to a user at another one. Pure.
//!
//! The way up from the session ends at sshd(8), whose *direct* child has the connection in its
//! environment (`SSH_CONNECTION`, sshd(8)), or at mosh-server(1), which receives on a UDP port. The
//! server of a multiplexer leads on to its clients. A variable of anything below is inherited and
//! outlives the connection: it is never read. Measured with OpenSSH 9.2, tmux 3.3a and mosh 1.4.

use crate::proc::pts::pts_of_device;
use crate::session::place::carrier::{Carrier, Connection, MAX_CARRIERS, Transport};
use crate::session::process::Process;
use crate::session::sanitize::clean;
use crate::wm::locate::location::{ClientStep, Step};
use crate::wm::locate::multiplexer::{MAX_SESSION_NAME, pane_of, pane_step};
use crate::wm::locate::snapshot::{MissingFact, Snapshot};
use crate::wm::locate::titles::in_multiplexers;
use crate::wm::mux::generic::{GenericMux, PaneSelector};
use crate::wm::mux::tmux::TmuxView;
use crate::wm::mux::{self, MuxView};

/// How many generations of ancestors are looked at.
const MAX_GENERATIONS: usize = 64;

/// How many multiplexers inside each other are followed.
const MAX_NESTED_MUXES: usize = 4;

/// How sshd calls the process that is the parent of a login: OpenSSH before 9.8, and since then.
const SSHD: &[&str] = &["sshd", "sshd-session"];

/// How mosh's server is called.
const MOSH_SERVER: &str = "mosh-server";

/// A carrier, and what has to be selected on this host for the session to be in view there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarrierRoute {
    /// What is told to the other host.
    pub carrier: Carrier,
    /// A process whose terminal is the one that is carried: the child of sshd or of mosh-server.
    pub below: u32,
    /// Panes and clients of multiplexers, from the outside to the inside.
    pub route: Vec<Step>,
}

/// What carries the terminal of the process `pid`: those that have it in view first, then those that
/// show it, then tmux clients that could be switched to it. Empty if nothing does.
pub fn carriers(snapshot: Snapshot, pid: u32) -> Result<Vec<CarrierRoute>, MissingFact> {
    let mut found = climb(snapshot, pid, 0)?;
    found.sort_by_key(|it| (it.carrier.shows.is_some(), !it.carrier.in_view));
    let mut distinct: Vec<CarrierRoute> = Vec::new();
    for carrier in found {
        if distinct.len() < MAX_CARRIERS && !distinct.iter().any(|it| it.carrier == carrier.carrier)
        {
            distinct.push(carrier);
        }
    }
    Ok(distinct)
}

/// The ssh connection below which the process `pid` runs, past no multiplexer.
pub fn connection(snapshot: Snapshot, pid: u32) -> Result<Option<Connection>, MissingFact> {
    let Some(End::Carrier(Transport::Ssh { connection, .. })) = walk_up(snapshot, pid)?.0 else {
        return Ok(None);
    };
    Ok(Some(connection))
}

/// Where the way up ends.
enum End<'a> {
    Carrier(Transport),
    Server(&'a Process, mux::MuxKind),
}

fn climb(snapshot: Snapshot, pid: u32, depth: usize) -> Result<Vec<CarrierRoute>, MissingFact> {
    let (end, chain) = walk_up(snapshot, pid)?;
    match end {
        None => Ok(Vec::new()),
        Some(End::Carrier(transport)) => {
            let carrier = Carrier { transport, by: None, in_view: true, shows: None };
            let below = chain.last().map_or(pid, |it| it.id.pid);
            Ok(vec![CarrierRoute { carrier, below, route: Vec::new() }])
        }
        Some(End::Server(..)) if depth >= MAX_NESTED_MUXES => Ok(Vec::new()),
        Some(End::Server(server, kind)) => {
            let id = server.id.pid;
            match snapshot.facts.servers.get(&id) {
                None => Err(MissingFact::Server { pid: id, kind, from: pid }),
                Some(MuxView::Unavailable(_)) => Ok(Vec::new()),
                Some(MuxView::Tmux(view)) => through_tmux(snapshot, view, &chain, depth),
                Some(MuxView::Generic(view)) => through_other(snapshot, view, &chain, depth),
            }
        }
    }
}

/// Goes up from a process to what carries it or shows it; also the processes on the way, from the
/// first on, without the end.
fn walk_up(
    snapshot: Snapshot<'_>,
    pid: u32,
) -> Result<(Option<End<'_>>, Vec<Process>), MissingFact> {
    let mut chain = Vec::new();
    let Some(subject) = snapshot.process(pid)? else { return Ok((None, chain)) };
    let mut from = subject;
    loop {
        if let Some(end) = end_above(snapshot, from, &mut chain)? {
            return Ok((Some(end), chain));
        }
        // Where the ancestry is cut, the session leader (setsid(2)) on the same terminal leads on.
        let leader = match subject.tty {
            0 => None,
            _ => snapshot.process(subject.leader)?.filter(|it| it.tty == subject.tty),
        };
        match leader {
            Some(leader) if !chain.contains(leader) => from = leader,
            _ => return Ok((None, chain)),
        }
    }
}

fn end_above<'a>(
    snapshot: Snapshot<'a>,
    from: &'a Process,
    chain: &mut Vec<Process>,
) -> Result<Option<End<'a>>, MissingFact> {
    let mut below = from;
    for _ in 0..MAX_GENERATIONS {
        chain.push(below.clone());
        if below.ppid <= 1 {
            return Ok(None);
        }
        let Some(process) = snapshot.process(below.ppid)? else { return Ok(None) };
        let argv = || snapshot.argv(process.id.pid).map(<[String]>::to_vec);
        if SSHD.contains(&process.comm.as_str()) {
            let Some(variable) = snapshot.var(below.id.pid, "SSH_CONNECTION")? else {
                return Ok(None);
            };
            let Some(connection) = Connection::parse(variable) else { return Ok(None) };
            let terminals = terminals(&argv()?.join(" "));
            let connection = connection.canonical();
            return Ok(Some(End::Carrier(Transport::Ssh { connection, terminals })));
        }
        if process.comm == MOSH_SERVER {
            let pid = process.id.pid;
            let addresses = snapshot.facts.udp.get(&pid).ok_or(MissingFact::Udp(pid))?;
            let [server] = addresses.as_slice() else { return Ok(None) };
            return Ok(Some(End::Carrier(Transport::Mosh { server: *server })));
        }
        if let Some(kind) = mux::kind(process, argv)? {
            return Ok(Some(End::Server(process, kind)));
        }
        below = process;
    }
    Ok(None)
}

/// How many terminals sshd's title names (`sshd: dev@pts/0,pts/1`); 0 if it names none, or has no
/// such title.
fn terminals(title: &str) -> u32 {
    let Some((_, names)) = title.rsplit_once('@') else { return 0 };
    let names = names.split(',').filter(|name| name.trim().starts_with("pts/"));
    u32::try_from(names.count()).unwrap_or(u32::MAX)
}

fn through_tmux(
    snapshot: Snapshot,
    view: &TmuxView,
    chain: &[Process],
    depth: usize,
) -> Result<Vec<CarrierRoute>, MissingFact> {
    let terminal = chain.first().and_then(|subject| pts_of_device(subject.tty));
    let rows = view.rows_of(chain, terminal);
    let Some(first) = rows.first() else { return in_popup(snapshot, view, chain, depth) };
    let mut found = Vec::new();
    for client in view.terminals() {
        if snapshot.is_suspended(client.pid)? {
            continue;
        }
        let row = rows.iter().find(|row| row.session == client.session);
        for mut outside in climb(snapshot, client.pid, depth + 1)? {
            let carrier = &mut outside.carrier;
            carrier.by = Some(client.pid);
            match row {
                Some(row) => {
                    let step = pane_step(view, row, client);
                    carrier.in_view &= step.in_view && !step.in_mode;
                    outside.route.push(Step::TmuxPane(step));
                }
                None => {
                    let shows = clean(&client.session_name, MAX_SESSION_NAME);
                    carrier.in_view = false;
                    carrier.shows = Some(shows.clone());
                    outside.route.push(Step::TmuxClient(ClientStep {
                        server: view.server,
                        client_tty: client.tty.clone(),
                        shows,
                        pane: pane_of(view, first, Some(client)),
                    }));
                }
            }
            found.push(outside);
        }
    }
    Ok(found)
}

/// Below a tmux server but in no pane: in a popup, which one client shows. It is in view as long as it is
/// open.
fn in_popup(
    snapshot: Snapshot,
    view: &TmuxView,
    chain: &[Process],
    depth: usize,
) -> Result<Vec<CarrierRoute>, MissingFact> {
    let Some(subject) = chain.first() else { return Ok(Vec::new()) };
    let from = subject.id.pid;
    let clients = view.clients_of_popup(from, snapshot.var(from, "TMUX")?);
    let [client] = clients.as_slice() else { return Ok(Vec::new()) };
    if snapshot.is_suspended(client.pid)? {
        return Ok(Vec::new());
    }
    let mut found = climb(snapshot, client.pid, depth + 1)?;
    for outside in &mut found {
        outside.carrier.by = Some(client.pid);
        outside.route.push(Step::TmuxPopup);
    }
    Ok(found)
}

fn through_other(
    snapshot: Snapshot,
    view: &GenericMux,
    chain: &[Process],
    depth: usize,
) -> Result<Vec<CarrierRoute>, MissingFact> {
    let mut found = Vec::new();
    // It is not known which of the clients shows which session.
    if view.selector == PaneSelector::UnknownClient {
        return Ok(found);
    }
    let titles = in_multiplexers::of_sessions(snapshot, view, chain)?;
    for client in &view.clients {
        if snapshot.is_suspended(client.pid)? {
            continue;
        }
        for mut outside in climb(snapshot, client.pid, depth + 1)? {
            outside.carrier.by = Some(client.pid);
            if let Some(target) = view.target(chain, client, &titles) {
                outside.carrier.in_view = false;
                outside.route.push(Step::MuxPane(target));
            }
            found.push(outside);
        }
    }
    Ok(found)
}

#[cfg(test)]
#[path = "far_tests.rs"]
mod tests;
