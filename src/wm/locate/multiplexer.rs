//! Through a multiplexer: from the session to its pane, to a client, to the client's window.

use super::follow;
use super::location::{Found, Hop, Obstacle, named};
use super::snapshot::{Need, Scene};
use crate::session::place::Pane;
use crate::session::process::Process;
use crate::session::sanitize::clean;
use crate::session::state::Confidence;
use crate::wm::mux::generic::{Door, Plain, Viewer};
use crate::wm::mux::tmux::{ClientRow, PaneRow, View};
use crate::wm::mux::{Mux, Server};

/// Found through the server of a multiplexer. `chain` leads from the session up to the server's
/// child, `terminal` is the number of the session's terminal.
pub(in crate::wm) fn multiplexer(
    scene: &Scene,
    server: &Process,
    kind: Mux,
    chain: &[Process],
    terminal: Option<u64>,
    depth: usize,
) -> Result<Found, Need> {
    let pid = server.id.pid;
    let from = chain.first().map_or(pid, |process| process.id.pid);
    match scene.facts.servers.get(&pid) {
        None => Err(Need::Server { pid, kind, from }),
        Some(Server::Silent(why)) => {
            Ok(Found::nowhere(Obstacle::NoWindow(why.clone()), why.clone()))
        }
        Some(Server::Plain(view)) => plain(scene, view, pid, chain, depth),
        Some(Server::Tmux(view)) => {
            let rows = view.rows_of(chain, terminal);
            if rows.is_empty() {
                popup(scene, view, from, depth)
            } else {
                pane(scene, view, &rows, depth)
            }
        }
    }
}

/// In a pane of tmux: the likeliest client whose window is known.
fn pane(scene: &Scene, view: &View, rows: &[&PaneRow], depth: usize) -> Result<Found, Need> {
    let mut second_best: Option<Found> = None;
    for client in view.clients_of(rows) {
        if is_stopped(scene, client.pid)? {
            continue;
        }
        let found = hop(view, rows, client, follow(scene, client.pid, depth + 1)?);
        if found.is_known() {
            return Ok(found);
        }
        let better = |old: &Found| found.choices.len() > old.choices.len();
        if second_best.as_ref().is_none_or(better) {
            second_best = Some(found);
        }
    }
    if let Some(found) = second_best {
        return Ok(found);
    }
    let Some(row) = rows.first() else {
        return Ok(Found::nowhere(Obstacle::NoWindow(String::new()), String::new()));
    };
    let pane = pane_of(view, row, None);
    let how = format!("the tmux session {} is attached nowhere", pane.session);
    let mut found = Found::nowhere(Obstacle::Detached(Box::new(pane.clone())), how);
    found.hops.push(Hop { pane: pane.clone(), in_view: false, title: row.title.clone() });
    found.place.pane = Some(pane);
    Ok(found)
}

/// Whether a client is suspended (`suspend-client`, C-z): the shell it was started from is in view.
fn is_stopped(scene: &Scene, pid: u32) -> Result<bool, Need> {
    Ok(scene.process(pid)?.is_some_and(|process| process.state == 'T'))
}

/// What was found for a client, with the pane that the client shows before it.
fn hop(view: &View, rows: &[&PaneRow], client: &ClientRow, mut found: Found) -> Found {
    let Some(row) = rows.iter().find(|row| row.session == client.session) else { return found };
    let pane = pane_of(view, row, Some(client));
    let in_view = client.window == row.window && row.pane_active;
    let around = std::mem::take(&mut found.place.how);
    found.place.how =
        format!("tmux session {}, client on {}: {around}", pane.session, clean(&client.tty, 40));
    found.place.pane = Some(pane.clone());
    found.hops.insert(0, Hop { pane, in_view, title: row.title.clone() });
    found
}

fn pane_of(view: &View, row: &PaneRow, client: Option<&ClientRow>) -> Pane {
    Pane {
        socket: view.socket.display().to_string(),
        session_id: row.session.clone(),
        session: clean(&row.session_name, 80),
        window_id: row.window.clone(),
        pane_id: row.pane.clone(),
        client_tty: client.map(|client| client.tty.clone()),
    }
}

/// Below a tmux server but in no pane: a popup, which one client shows. The third part of `TMUX`
/// is the number of its session.
fn popup(scene: &Scene, view: &View, from: u32, depth: usize) -> Result<Found, Need> {
    let session = scene.var(from, "TMUX")?.and_then(|tmux| tmux.rsplit(',').next());
    let session = session.filter(|s| !s.is_empty()).map(|number| format!("${number}"));
    let mut clients = view.clients.iter().filter(|client| !client.control);
    let mut clients: Vec<_> = clients
        .by_ref()
        .filter(|client| session.as_ref().is_none_or(|session| *session == client.session))
        .collect();
    if let (Some(client), 1) = (clients.pop(), clients.len() + 1) {
        let mut found = follow(scene, client.pid, depth + 1)?;
        found.place.how = format!("a popup of tmux: {}", found.place.how);
        found.place.confidence = found.place.confidence.min(Confidence::Probable);
        return Ok(found);
    }
    let how = "it runs below tmux, but in no pane and in no popup of a single client".to_string();
    Ok(Found::nowhere(Obstacle::NoWindow(how.clone()), how))
}

/// Shown by a multiplexer that tells no panes: the client used last whose window is known.
fn plain(
    scene: &Scene,
    view: &Plain,
    pid: u32,
    chain: &[Process],
    depth: usize,
) -> Result<Found, Need> {
    let name = named(&view.name, pid);
    if view.door == Door::Mixed {
        let how = format!("{name} shows several sessions, and which client shows it is not known");
        return Ok(Found::nowhere(Obstacle::NoWindow(how.clone()), how));
    }
    let mut viewers: Vec<&Viewer> = view.clients.iter().collect();
    viewers.sort_by_key(|viewer| std::cmp::Reverse((viewer.activity, viewer.pid)));
    let mut second_best: Option<Found> = None;
    for viewer in &viewers {
        if is_stopped(scene, viewer.pid)? {
            continue;
        }
        let mut found = follow(scene, viewer.pid, depth + 1)?;
        found.place.how = format!("client (pid {}) of {name}: {}", viewer.pid, found.place.how);
        found.parts.extend(view.part(chain, viewer));
        found.hidden |= view.hides();
        if viewers.len() > 1 {
            found.place.confidence = found.place.confidence.min(Confidence::Probable);
        }
        if found.is_known() {
            return Ok(found);
        }
        let better = |old: &Found| found.choices.len() > old.choices.len();
        if second_best.as_ref().is_none_or(better) {
            second_best = Some(found);
        }
    }
    Ok(second_best.unwrap_or_else(|| {
        let how = format!("{name} is attached nowhere");
        Found::nowhere(Obstacle::DetachedOther(name), how)
    }))
}
