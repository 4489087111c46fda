//! Titles of what runs below a terminal, or in a multiplexer that does not tell what it shows. Pure.

use super::{ExpectedTitle, is_claudes, may_be_left, names, sets_titles, shows};
use crate::session::process::Process;
use crate::session::shared::Text;
use crate::session::state::Confidence;
use crate::wm::locate::location::{Location, Obstacle};
use crate::wm::locate::snapshot::{MissingFact, Snapshot};
use crate::wm::locate::{self, follow};
use crate::wm::mux::MuxView;
use crate::wm::mux::generic::{GenericMux, PaneSelector, SessionTitles};

/// The titles that tell the window of a session of a multiplexer from those of others; none if the process
/// that `chain` begins with is no session, or the multiplexer does not give its windows other numbers.
pub fn of_sessions(
    snapshot: Snapshot,
    view: &GenericMux,
    chain: &[Process],
) -> Result<SessionTitles, MissingFact> {
    let sessions = &snapshot.facts.sessions;
    let pid = chain.first().map_or(0, |it| it.id.pid);
    let own = sessions.get(&pid).filter(|_| matches!(view.selector, PaneSelector::Screen(_)));
    let Some(own) = own else { return Ok(SessionTitles::default()) };
    let named = |title: &Option<Text>| match ExpectedTitle::of_session(title.as_deref()) {
        ExpectedTitle::Session(title) => Some(title.to_owned()),
        _ => None,
    };
    let own = named(own);
    let others = sessions.iter().filter(|(it, _)| **it != pid).filter_map(|(_, it)| named(it));
    let others: Vec<String> = others.collect();
    let is_its = match &own {
        Some(own) => {
            !others.contains(own)
                && sets_titles(snapshot, pid)?
                && !may_be_left(snapshot, own, pid)?
        }
        None => false,
    };
    Ok(SessionTitles { own: own.filter(|_| is_its), others })
}

/// Where the session `pid` is shown by one of several clients of a multiplexer, of which nothing
/// else tells which shows what: by the one whose terminal has its title.
pub(in crate::wm) fn client_with_title(
    snapshot: Snapshot,
    view: &GenericMux,
    pid: u32,
    depth: usize,
) -> Result<Location, MissingFact> {
    let mut titled: Vec<Location> = Vec::new();
    for client in &view.clients {
        if snapshot.is_suspended(client.pid)? {
            continue;
        }
        let mut location = follow(snapshot, client.pid, ExpectedTitle::Unknown, depth + 1)?;
        let how = format!("client (pid {}) of {}, by its title", client.pid, view.name);
        if let Some(step) = location.innermost_pane() {
            if names(snapshot, &step.title, pid)? {
                location.place.how = format!("{how}: {}", location.place.how).into();
                location.place.confidence = location.place.confidence.min(Confidence::Probable);
                titled.push(location);
            }
            continue;
        }
        for con_id in location.candidates() {
            let Some(row) = snapshot.windows.get(*con_id) else { continue };
            let is_new = titled.iter().all(|known| known.candidates() != [*con_id]);
            if is_new && names(snapshot, &row.title, pid)? {
                titled.push(location.clone().in_window(row, how.clone(), Confidence::Probable));
            }
        }
    }
    if let [_] = titled.as_slice()
        && let Some(location) = titled.pop()
    {
        return Ok(location);
    }
    let how = format!("no title tells which client of {} shows it", view.name);
    Ok(Location::nowhere(Obstacle::NoWindow(how.clone()), how))
}

/// How many sessions run below `owner`, and how many clients of tmux that show Claude's titles.
pub fn titled_below(snapshot: Snapshot, owner: u32) -> Result<(usize, usize), MissingFact> {
    let (mut sessions, mut clients) = (0, 0);
    for pid in snapshot.facts.sessions.keys() {
        sessions += usize::from(is_below(snapshot, *pid, owner)?);
        server_above(snapshot, *pid)?;
    }
    for view in snapshot.facts.servers.values() {
        let MuxView::Tmux(view) = view else { continue };
        for client in &view.clients {
            server_above(snapshot, client.pid)?;
        }
        for client in view.clients.iter().filter(|client| is_claudes(&client.title)) {
            clients += usize::from(is_below(snapshot, client.pid, owner)?);
        }
    }
    Ok((sessions, clients))
}

/// Whether a client of tmux in a terminal `owner` gives it this title, which may be that of a session inside,
/// cut by `set-titles-string`.
pub fn is_given_by_client(
    snapshot: Snapshot,
    title: &str,
    owner: u32,
) -> Result<bool, MissingFact> {
    for pid in snapshot.facts.sessions.keys() {
        server_above(snapshot, *pid)?;
    }
    for view in snapshot.facts.servers.values() {
        let MuxView::Tmux(view) = view else { continue };
        for client in view.clients.iter().filter(|client| shows(&client.title, title)) {
            if is_below(snapshot, client.pid, owner)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Makes sure that it is known what the multiplexer says that a process runs in, if there is one.
fn server_above(snapshot: Snapshot, from: u32) -> Result<(), MissingFact> {
    let mut below = from;
    for _ in 0..locate::MAX_GENERATIONS {
        let Some(process) = snapshot.process(below)? else { break };
        let pid = process.id.pid;
        if let Some(kind) = locate::mux_kind(snapshot, process)? {
            return match snapshot.facts.servers.contains_key(&pid) {
                true => Ok(()),
                false => Err(MissingFact::Server { pid, kind, from }),
            };
        }
        if process.ppid <= 1 {
            break;
        }
        below = process.ppid;
    }
    Ok(())
}

/// Whether a terminal shows a process: as an ancestor, or through relays of its terminal.
pub(super) fn is_below(snapshot: Snapshot, pid: u32, owner: u32) -> Result<bool, MissingFact> {
    let mut from = pid;
    for _ in 0..locate::MAX_RELAYS {
        let mut below = from;
        for _ in 0..locate::MAX_GENERATIONS {
            let Some(process) = snapshot.process(below)? else { break };
            if process.ppid == owner {
                return Ok(true);
            }
            if process.ppid <= 1 {
                break;
            }
            below = process.ppid;
        }
        match snapshot.pty_owner(from)? {
            Some(relay) if relay == owner => return Ok(true),
            Some(relay) => from = relay,
            None => break,
        }
    }
    Ok(false)
}
