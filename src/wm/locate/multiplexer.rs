//! Through a multiplexer: from a session to its pane, to a client, to the client's window. Pure.

use super::follow;
use super::location::{Location, Obstacle, Step, TmuxStep, named};
use super::snapshot::{MissingFact, Snapshot};
use crate::session::place::Pane;
use crate::session::process::Process;
use crate::session::sanitize::clean;
use crate::session::state::Confidence;
use crate::wm::mux::generic::{GenericMux, MuxClient, PaneSelector};
use crate::wm::mux::tmux::{TmuxClient, TmuxPane, TmuxView};
use crate::wm::mux::{MuxKind, MuxView};

/// Longest name of a tmux session, and of a client's terminal, that is told, in characters.
const MAX_SESSION_NAME: usize = 80;
const MAX_TTY_NAME: usize = 40;

/// Found through the server of a multiplexer. `chain` leads from the session up to the server's
/// child, `terminal` is the number of the session's terminal.
pub(in crate::wm) fn through(
    snapshot: Snapshot,
    server: &Process,
    kind: MuxKind,
    chain: &[Process],
    terminal: Option<u64>,
    depth: usize,
) -> Result<Location, MissingFact> {
    let pid = server.id.pid;
    let from = chain.first().map_or(pid, |process| process.id.pid);
    match snapshot.facts.servers.get(&pid) {
        None => Err(MissingFact::Server { pid, kind, from }),
        Some(MuxView::Unavailable(why)) => {
            Ok(Location::nowhere(Obstacle::NoWindow(why.clone()), why.clone()))
        }
        Some(MuxView::Generic(view)) => generic(snapshot, view, pid, chain, depth),
        Some(MuxView::Tmux(view)) => {
            let rows = view.rows_of(chain, terminal);
            if rows.is_empty() {
                popup(snapshot, view, from, depth)
            } else {
                tmux(snapshot, view, &rows, depth)
            }
        }
    }
}

/// The best of several locations: the first with a known window, else the one with the most
/// candidates.
#[derive(Default)]
struct Best(Option<Location>);

impl Best {
    /// Takes this location into account; gives it back if there is no better one to come.
    fn offer(&mut self, location: Location) -> Option<Location> {
        if location.is_known() {
            return Some(location);
        }
        let more = |old: &Location| location.candidates().len() > old.candidates().len();
        if self.0.as_ref().is_none_or(more) {
            self.0 = Some(location);
        }
        None
    }
}

/// In a pane of tmux, shown by the likeliest client whose window is known.
fn tmux(
    snapshot: Snapshot,
    view: &TmuxView,
    rows: &[&TmuxPane],
    depth: usize,
) -> Result<Location, MissingFact> {
    let mut best = Best::default();
    for client in view.clients_of(rows) {
        if is_suspended(snapshot, client.pid)? {
            continue;
        }
        let outside = follow(snapshot, client.pid, depth + 1)?;
        if let Some(found) = best.offer(in_client(view, rows, client, outside)) {
            return Ok(found);
        }
    }
    if let Some(location) = best.0 {
        return Ok(location);
    }
    let Some(row) = rows.first() else {
        return Ok(Location::nowhere(Obstacle::NoWindow(String::new()), String::new()));
    };
    let pane = pane_of(view, row, None);
    let how = format!("the tmux session {} is attached nowhere", pane.session);
    let mut location = Location::nowhere(Obstacle::Detached(Box::new(pane.clone())), how);
    location.place.pane = Some(pane.clone());
    let step = TmuxStep { server: view.server, pane, in_view: false, title: row.title.clone() };
    location.route.push(Step::TmuxPane(step));
    Ok(location)
}

/// Whether a client is suspended (`suspend-client`, C-z): then the shell that it was started from
/// is in view.
fn is_suspended(snapshot: Snapshot, pid: u32) -> Result<bool, MissingFact> {
    Ok(snapshot.process(pid)?.is_some_and(|process| process.state == 'T'))
}

/// Where a client is shown, and the pane inside it.
fn in_client(
    view: &TmuxView,
    rows: &[&TmuxPane],
    client: &TmuxClient,
    mut location: Location,
) -> Location {
    let Some(row) = rows.iter().find(|row| row.session == client.session) else {
        return location;
    };
    let pane = pane_of(view, row, Some(client));
    let in_view = client.window == row.window && row.pane_active;
    let outside = std::mem::take(&mut location.place.how);
    let tty = clean(&client.tty, MAX_TTY_NAME);
    location.place.how = format!("tmux session {}, client on {tty}: {outside}", pane.session);
    location.place.pane = Some(pane.clone());
    location.route.push(Step::TmuxPane(TmuxStep {
        server: view.server,
        pane,
        in_view,
        title: row.title.clone(),
    }));
    location
}

fn pane_of(view: &TmuxView, row: &TmuxPane, client: Option<&TmuxClient>) -> Pane {
    Pane {
        socket: view.socket.display().to_string(),
        session_id: row.session.clone(),
        session: clean(&row.session_name, MAX_SESSION_NAME),
        window_id: row.window.clone(),
        pane_id: row.pane.clone(),
        client_tty: client.map(|client| client.tty.clone()),
    }
}

/// Below a tmux server but in no pane: in a popup, which one client shows. The third field of
/// `TMUX` is the number of its session.
fn popup(
    snapshot: Snapshot,
    view: &TmuxView,
    from: u32,
    depth: usize,
) -> Result<Location, MissingFact> {
    let session = snapshot.var(from, "TMUX")?.and_then(|tmux| tmux.rsplit(',').next());
    let session = session.filter(|s| !s.is_empty()).map(|number| format!("${number}"));
    let fits = |client: &&TmuxClient| {
        !client.control && session.as_ref().is_none_or(|session| *session == client.session)
    };
    let mut clients = view.clients.iter().filter(fits);
    if let (Some(client), None) = (clients.next(), clients.next()) {
        let mut location = follow(snapshot, client.pid, depth + 1)?;
        location.place.how = format!("a popup of tmux: {}", location.place.how);
        location.place.confidence = location.place.confidence.min(Confidence::Probable);
        return Ok(location);
    }
    let how = "it runs below tmux, but in no pane and in no popup of a single client".to_string();
    Ok(Location::nowhere(Obstacle::NoWindow(how.clone()), how))
}

/// Shown by a multiplexer that does not tell its panes: the client that was used last and whose
/// window is known.
fn generic(
    snapshot: Snapshot,
    view: &GenericMux,
    pid: u32,
    chain: &[Process],
    depth: usize,
) -> Result<Location, MissingFact> {
    let name = named(&view.name, pid);
    if view.selector == PaneSelector::UnknownClient {
        let how = format!("{name} shows several sessions, and which client shows it is not known");
        return Ok(Location::nowhere(Obstacle::NoWindow(how.clone()), how));
    }
    let mut clients: Vec<&MuxClient> = view.clients.iter().collect();
    clients.sort_by_key(|client| std::cmp::Reverse((client.last_input, client.pid)));
    let mut best = Best::default();
    for client in &clients {
        if is_suspended(snapshot, client.pid)? {
            continue;
        }
        let mut location = follow(snapshot, client.pid, depth + 1)?;
        location.place.how =
            format!("client (pid {}) of {name}: {}", client.pid, location.place.how);
        location.route.extend(view.target(chain, client).map(Step::MuxPane));
        if clients.len() > 1 {
            location.place.confidence = location.place.confidence.min(Confidence::Probable);
        }
        if let Some(found) = best.offer(location) {
            return Ok(found);
        }
    }
    Ok(best.0.unwrap_or_else(|| {
        let how = format!("{name} is attached nowhere");
        Location::nowhere(Obstacle::DetachedOther(name), how)
    }))
}
