//! Which of the windows of one process shows a session.
//!
//! One window: that one. Of many: what the terminal itself says (kitty, konsole), then `WINDOWID`,
//! then a title that only one of them has, then the title probe if it is allowed; else it is one
//! of them and no more is said.

use super::location::{Found, named};
use super::snapshot::{Need, Scene, TabFact};
use crate::session::process::Process;
use crate::session::state::Confidence;
use crate::wm::ipc::windows::WindowRow;

/// Terminals that can say where they show a process, and that move tabs between windows, so that
/// the `WINDOWID` of what runs in them may be out of date.
const TALKING: &[&str] = &["kitty", "konsole"];

/// Glyphs that Claude Code puts before its title (docs/facts.md E1).
const GLYPHS: &[char] = &['✳', '◐', '◑', '⠂', '⠐', ' '];

/// Found in a window of `owner`; `chain` leads from the session up to the owner's child.
pub(in crate::wm) fn among_windows(
    scene: &Scene,
    owner: &Process,
    chain: &[Process],
) -> Result<Found, Need> {
    let rows = scene.windows_of(owner.id.pid);
    let name = named(&owner.comm, owner.id.pid);
    let talks = TALKING.contains(&owner.comm.as_str());
    let tab = if talks { tab(scene, owner, chain, rows.len())? } else { None };
    if let [row] = rows.as_slice() {
        let how = format!("the only window of {name}");
        let mut found = Found::window(row, how, Confidence::Certain);
        found.tab = tab.map(|fact| fact.tab);
        return Ok(found);
    }
    if let Some(fact) = tab {
        let row = rows.iter().find(|row| row.xid.is_some() && row.xid == fact.xid);
        if let Some(row) = row {
            let how = format!("{name} says so");
            let mut found = Found::window(row, how, Confidence::Certain);
            found.tab = Some(fact.tab);
            return Ok(found);
        }
    }
    if let Some(found) = by_window_id(scene, owner, chain, &rows, &name, talks)? {
        return Ok(found);
    }
    if let Some(found) = by_title(scene, chain, &rows, &name) {
        return Ok(found);
    }
    if let Some(found) = by_probe(scene, chain, &rows, &name)? {
        return Ok(found);
    }
    Ok(Found::one_of(&rows, format!("one of the {} windows of {name}", rows.len())))
}

/// What the terminal says of its child that leads to the session. Of a single window it is asked
/// only before a switch, for the tab.
fn tab(
    scene: &Scene,
    owner: &Process,
    chain: &[Process],
    windows: usize,
) -> Result<Option<TabFact>, Need> {
    if windows < 2 && !scene.wants_tabs {
        return Ok(None);
    }
    let Some(child) = chain.last() else { return Ok(None) };
    let (owner, child) = (owner.id.pid, child.id.pid);
    scene.facts.tabs.get(&child).cloned().ok_or(Need::Tab { owner, child })
}

/// By the `WINDOWID` of the terminal's child, else of the session.
///
/// It was right at birth; a tab may since have moved to another window. Then that window is one
/// that no child was born in: so it counts only if each window is the birthplace of a child.
fn by_window_id(
    scene: &Scene,
    owner: &Process,
    chain: &[Process],
    rows: &[&WindowRow],
    name: &str,
    moves_tabs: bool,
) -> Result<Option<Found>, Need> {
    let (Some(session), Some(child)) = (chain.first(), chain.last()) else { return Ok(None) };
    let id = match window_id(scene, child.id.pid)? {
        Some(id) => Some(id),
        None => window_id(scene, session.id.pid)?,
    };
    let Some(id) = id else { return Ok(None) };
    let Some(row) = rows.iter().find(|row| row.xid.map(u64::from) == Some(id)) else {
        return Ok(None);
    };
    let pid = owner.id.pid;
    let claims = scene.facts.claims.get(&pid).ok_or(Need::Claims(pid))?;
    if !rows.iter().all(|row| row.xid.is_some_and(|xid| claims.contains(&u64::from(xid)))) {
        return Ok(None);
    }
    let sure = if moves_tabs { Confidence::Probable } else { Confidence::Certain };
    let how = format!("the window of {name} that WINDOWID names");
    Ok(Some(Found::window(row, how, sure)))
}

fn window_id(scene: &Scene, pid: u32) -> Result<Option<u64>, Need> {
    Ok(scene.var(pid, "WINDOWID")?.and_then(|id| id.trim().parse().ok()))
}

/// By a title that this session alone gives, and that one window alone has.
fn by_title(scene: &Scene, chain: &[Process], rows: &[&WindowRow], name: &str) -> Option<Found> {
    let session = chain.first()?.id.pid;
    let title = bare(scene.facts.titles.get(&session)?);
    let others = scene.facts.titles.iter().filter(|(pid, _)| **pid != session);
    if title.is_empty() || title == "Claude Code" || others.into_iter().any(|o| bare(o.1) == title)
    {
        return None;
    }
    let mut with_title = rows.iter().filter(|row| bare(&row.title) == title);
    let (row, None) = (with_title.next()?, with_title.next()) else { return None };
    let how = format!("the only window of {name} with the session's title");
    Some(Found::window(row, how, Confidence::Probable))
}

/// A title without the glyph of Claude Code's state.
pub(in crate::wm) fn bare(title: &str) -> &str {
    title.trim_start_matches(GLYPHS).trim()
}

fn by_probe(
    scene: &Scene,
    chain: &[Process],
    rows: &[&WindowRow],
    name: &str,
) -> Result<Option<Found>, Need> {
    let Some(session) = chain.first().filter(|_| scene.may_probe) else { return Ok(None) };
    let pid = session.id.pid;
    let windows: Vec<u64> = rows.iter().map(|row| row.con_id).collect();
    let fact = scene.facts.probes.get(&pid).filter(|fact| {
        // A window that took the title once is it while it lives; "none of these" holds of these.
        fact.answer.is_some_and(|id| windows.contains(&id)) || fact.windows == windows
    });
    let fact = fact.ok_or(Need::Probe { pid, windows })?;
    let row = rows.iter().find(|row| Some(row.con_id) == fact.answer);
    Ok(row.map(|row| {
        let how = format!("the window of {name} whose title followed its terminal");
        Found::window(row, how, Confidence::Certain)
    }))
}
