//! Through a multiplexer: from a session to its pane, to a client, to the client's window. Pure.

use super::follow;
use super::location::{ClientStep, Location, Obstacle, Step, TmuxStep, named};
use super::snapshot::{MissingFact, Snapshot};
use super::titles::{ExpectedTitle, in_multiplexers};
use crate::session::place::Pane;
use crate::session::process::Process;
use crate::session::sanitize::clean;
use crate::session::state::Confidence;
use crate::wm::mux::generic::{GenericMux, MuxClient, PaneSelector};
use crate::wm::mux::tmux::{TmuxClient, TmuxPane, TmuxView};
use crate::wm::mux::{MuxKind, MuxView};

/// Longest name of a tmux session, and of a client's terminal, that is told, in characters.
pub(in crate::wm) const MAX_SESSION_NAME: usize = 80;
const MAX_TTY_NAME: usize = 40;

/// What runs behind a multiplexer: a session, or a client of another multiplexer.
#[derive(Clone, Copy)]
pub(in crate::wm) struct Behind<'a> {
    /// From it up to the server's child.
    pub chain: &'a [Process],
    /// The number of its terminal.
    pub terminal: Option<u64>,
    /// The title that it gives its terminal.
    pub expected: ExpectedTitle<'a>,
}

/// Found through the server of a multiplexer.
pub(in crate::wm) fn through(
    snapshot: Snapshot,
    server: &Process,
    kind: MuxKind,
    behind: Behind,
    depth: usize,
) -> Result<Location, MissingFact> {
    let pid = server.id.pid;
    let from = behind.chain.first().map_or(pid, |process| process.id.pid);
    match snapshot.facts.servers.get(&pid) {
        None => Err(MissingFact::Server { pid, kind, from }),
        Some(MuxView::Unavailable(why)) => {
            Ok(Location::nowhere(Obstacle::Unasked(why.clone()), why.clone()))
        }
        Some(MuxView::Generic(view)) => generic(snapshot, view, pid, behind, depth),
        Some(MuxView::Tmux(view)) => {
            let rows = view.rows_of(behind.chain, behind.terminal);
            if rows.is_empty() {
                popup(snapshot, view, from, depth)
            } else {
                tmux(snapshot, view, &rows, depth)
            }
        }
    }
}

/// The best of several locations, by `Rank`; of those that are equally good, the first.
struct Best<Rank>(Option<(Rank, Location)>);

impl<Rank: Ord> Best<Rank> {
    fn offer(&mut self, rank: Rank, location: Location) {
        if self.0.as_ref().is_none_or(|(best, _)| rank > *best) {
            self.0 = Some((rank, location));
        }
    }

    fn into_location(self) -> Option<Location> {
        self.0.map(|(_, location)| location)
    }
}

/// In a pane of tmux, shown by the likeliest client whose window is known: one that shows its window as a
/// whole, if any does; of these one that has the pane in view on the screen, else one that shows the
/// pane's window, else one on the screen, else the one that was used last.
fn tmux(
    snapshot: Snapshot,
    view: &TmuxView,
    rows: &[&TmuxPane],
    depth: usize,
) -> Result<Location, MissingFact> {
    let mut best = Best(None);
    for client in view.clients_of(rows) {
        if snapshot.is_suspended(client.pid)? {
            continue;
        }
        let location = follow(snapshot, client.pid, outside_title(client), depth + 1)?;
        let (shows_pane, on_screen) =
            (client.shows_window_of(rows), is_visible(snapshot, &location));
        let shows_all = shows_pane && !client.shows_part;
        let rank = (
            location.is_known(),
            location.candidates().len(),
            shows_all && on_screen,
            shows_all,
            shows_pane && on_screen,
            shows_pane,
            on_screen,
        );
        best.offer(rank, in_client(view, rows, client, location));
    }
    if let Some(location) = best.into_location() {
        return Ok(location);
    }
    let Some(row) = rows.first() else {
        return Ok(Location::nowhere(Obstacle::NoWindow(String::new()), String::new()));
    };
    let pane = pane_of(view, row, None);
    let how = format!("the tmux session {} is attached nowhere", pane.session);
    let by_client = other_client(snapshot, view, &pane, depth)?.map(Box::new);
    let obstacle = Obstacle::Detached { pane: Box::new(pane.clone()), by_client };
    let mut location = Location::nowhere(obstacle, how);
    location.place.pane = Some(Box::new(pane.clone()));
    location.route.push(Step::TmuxPane(TmuxStep {
        server: view.server,
        pane,
        in_view: false,
        in_mode: row.in_mode,
        may_be_cut: view.may_be_cut(row),
        title: row.title.clone(),
    }));
    Ok(location)
}

/// Where a client of the server is shown that could be switched to the session of `pane`: one on
/// the screen, else the one that was used last. A popup closes at any time and is left alone.
fn other_client(
    snapshot: Snapshot,
    view: &TmuxView,
    pane: &Pane,
    depth: usize,
) -> Result<Option<Location>, MissingFact> {
    let mut best = Best(None);
    for client in view.terminals() {
        if snapshot.is_suspended(client.pid)? {
            continue;
        }
        let mut location = follow(snapshot, client.pid, outside_title(client), depth + 1)?;
        if !location.is_known() || location.route.contains(&Step::TmuxPopup) {
            continue;
        }
        let is_focused = location.place.window.as_ref().is_some_and(|window| window.focused);
        let rank = (is_focused, is_visible(snapshot, &location));
        let tty = clean(&client.tty, MAX_TTY_NAME);
        location.place.how = format!(
            "tmux session {}, to which the client on {tty} is switched: {}",
            pane.session, location.place.how
        )
        .into();
        let pane = Pane { client_tty: Some(client.tty.clone()), ..pane.clone() };
        location.place.pane = Some(Box::new(pane.clone()));
        location.route.push(Step::TmuxClient(ClientStep {
            server: view.server,
            client_tty: client.tty.clone(),
            shows: clean(&client.session_name, MAX_SESSION_NAME),
            pane,
        }));
        best.offer(rank, location);
    }
    Ok(best.into_location())
}

/// Whether the window of a location is on the screen.
fn is_visible(snapshot: Snapshot, location: &Location) -> bool {
    let window = location.place.window.as_ref();
    let row = window.and_then(|window| snapshot.windows.get(window.con_id));
    row.is_some_and(|row| row.visible)
}

/// The title that a client gives its terminal, if it does so.
fn outside_title(client: &TmuxClient) -> ExpectedTitle<'_> {
    ExpectedTitle::of_client(&client.title)
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
    let step = pane_step(view, row, client);
    let pane = step.pane.clone();
    let outside = std::mem::take(&mut location.place.how);
    let tty = clean(&client.tty, MAX_TTY_NAME);
    location.place.how =
        format!("tmux session {}, client on {tty}: {outside}", pane.session).into();
    location.place.pane = Some(Box::new(pane));
    location.route.push(Step::TmuxPane(step));
    location
}

/// A pane on the route through a client that shows its session.
pub(in crate::wm) fn pane_step(view: &TmuxView, row: &TmuxPane, client: &TmuxClient) -> TmuxStep {
    TmuxStep {
        server: view.server,
        pane: pane_of(view, row, Some(client)),
        in_view: client.window == row.window && row.pane_active,
        in_mode: row.in_mode,
        may_be_cut: view.may_be_cut(row),
        title: row.title.clone(),
    }
}

pub(in crate::wm) fn pane_of(view: &TmuxView, row: &TmuxPane, client: Option<&TmuxClient>) -> Pane {
    Pane {
        socket: view.socket.display().to_string(),
        session_id: row.session.clone(),
        session: clean(&row.session_name, MAX_SESSION_NAME),
        window_id: row.window.clone(),
        pane_id: row.pane.clone(),
        client_tty: client.map(|client| client.tty.clone()),
    }
}

/// Below a tmux server but in no pane: in a popup, which one client shows.
fn popup(
    snapshot: Snapshot,
    view: &TmuxView,
    from: u32,
    depth: usize,
) -> Result<Location, MissingFact> {
    let clients = view.clients_of_popup(from, snapshot.var(from, "TMUX")?);
    if let [client] = clients.as_slice() {
        let mut location = follow(snapshot, client.pid, outside_title(client), depth + 1)?;
        location.place.how = format!("a popup of tmux: {}", location.place.how).into();
        location.route.push(Step::TmuxPopup);
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
    behind: Behind,
    depth: usize,
) -> Result<Location, MissingFact> {
    let name = named(&view.name, pid);
    if view.selector == PaneSelector::UnknownClient {
        return in_multiplexers::client_with_title(
            snapshot,
            view,
            behind.chain.first().map_or(0, |it| it.id.pid),
            depth,
        );
    }
    let titles = in_multiplexers::of_sessions(snapshot, view, behind.chain)?;
    let mut clients: Vec<&MuxClient> = view.clients.iter().collect();
    clients.sort_by_key(|client| std::cmp::Reverse((client.last_input, client.pid)));
    let mut best = Best(None);
    for client in &clients {
        if snapshot.is_suspended(client.pid)? {
            continue;
        }
        let mut location = follow(snapshot, client.pid, behind.expected, depth + 1)?;
        location.place.how =
            format!("client (pid {}) of {name}: {}", client.pid, location.place.how).into();
        location.route.extend(view.target(behind.chain, client, &titles).map(Step::MuxPane));
        if clients.len() > 1 {
            location.place.confidence = location.place.confidence.min(Confidence::Probable);
        }
        best.offer((location.is_known(), location.candidates().len()), location);
    }
    Ok(best.into_location().unwrap_or_else(|| {
        let how = format!("{name} is attached nowhere");
        Location::nowhere(Obstacle::DetachedOther(name), how)
    }))
}
