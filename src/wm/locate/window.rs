//! Which of the windows of one process shows a session. Pure.
//!
//! One window: that one. Of several: what the terminal itself says (kitty, konsole), then
//! `WINDOWID`, then a title that only one of them has, then the title probe if it is allowed; else
//! it is one of them, and no more is known.

use super::location::{Location, Step, named};
use super::snapshot::{MissingFact, Snapshot};
use crate::session::process::Process;
use crate::session::state::Confidence;
use crate::wm::ipc::windows::WindowRow;
use crate::wm::terminal::{self, TabPlace};

/// What Claude Code puts before its title to show what it does (docs/facts.md E1).
const TITLE_GLYPHS: &[char] = &['✳', '◐', '◑', '⠂', '⠐', ' '];

/// The windows of one process, and how the session is connected to it.
struct Tie<'a> {
    snapshot: Snapshot<'a>,
    /// The process that owns the windows.
    owner: &'a Process,
    /// From the session up to the owner's child.
    chain: &'a [Process],
    rows: Vec<&'a WindowRow>,
    /// The owner, for people.
    name: String,
}

/// In a window of `owner`; `chain` leads from the session up to the owner's child.
pub(in crate::wm) fn among_windows(
    snapshot: Snapshot,
    owner: &Process,
    chain: &[Process],
) -> Result<Location, MissingFact> {
    let rows = snapshot.windows.of_process(owner.id.pid);
    let name = named(&owner.comm, owner.id.pid);
    let tie = Tie { snapshot, owner, chain, rows, name };
    let told = tie.told_by_terminal()?;
    if let [row] = tie.rows.as_slice() {
        let how = format!("the only window of {}", tie.name);
        return Ok(with_tab(Location::window(row, how, Confidence::Certain), told));
    }
    if let Some(told) = told {
        let row = tie.rows.iter().find(|row| row.xid.is_some() && row.xid == told.xid);
        if let Some(row) = row {
            let how = format!("{} says so", tie.name);
            return Ok(with_tab(Location::window(row, how, Confidence::Certain), Some(told)));
        }
    }
    if let Some(location) = tie.by_window_id()? {
        return Ok(location);
    }
    if let Some(location) = tie.by_title() {
        return Ok(location);
    }
    if let Some(location) = tie.by_probe()? {
        return Ok(location);
    }
    let how = format!("one of the {} windows of {}", tie.rows.len(), tie.name);
    Ok(Location::one_of(&tie.rows, how))
}

fn with_tab(mut location: Location, told: Option<TabPlace>) -> Location {
    location.route.extend(told.map(|told| Step::Tab(told.tab)));
    location
}

impl Tie<'_> {
    /// What the terminal says of its child that leads to the session. A terminal with a single
    /// window is asked only before a switch, for the tab.
    fn told_by_terminal(&self) -> Result<Option<TabPlace>, MissingFact> {
        let asks = terminal::can_be_asked(&self.owner.comm);
        if !asks || (self.rows.len() < 2 && !self.snapshot.wants_tabs) {
            return Ok(None);
        }
        let Some(child) = self.chain.last() else { return Ok(None) };
        let (owner, child) = (self.owner.id.pid, child.id.pid);
        let tabs = &self.snapshot.facts.tabs;
        tabs.get(&child).cloned().ok_or(MissingFact::Tab { owner, child })
    }

    /// By the `WINDOWID` of the terminal's child, else of the session.
    ///
    /// It was right when the child was started; since then its tab may have moved to another
    /// window. No child was started in that window then. So `WINDOWID` counts only if every
    /// window is the one that some child was started in.
    fn by_window_id(&self) -> Result<Option<Location>, MissingFact> {
        let (Some(session), Some(child)) = (self.chain.first(), self.chain.last()) else {
            return Ok(None);
        };
        let id = match window_id(self.snapshot, child.id.pid)? {
            Some(id) => Some(id),
            None => window_id(self.snapshot, session.id.pid)?,
        };
        let Some(id) = id else { return Ok(None) };
        let Some(row) = self.rows.iter().find(|row| row.xid.map(u64::from) == Some(id)) else {
            return Ok(None);
        };
        let pid = self.owner.id.pid;
        let of_children = &self.snapshot.facts.child_window_ids;
        let of_children = of_children.get(&pid).ok_or(MissingFact::ChildWindowIds(pid))?;
        let is_birthplace =
            |row: &&WindowRow| row.xid.is_some_and(|xid| of_children.contains(&u64::from(xid)));
        if !self.rows.iter().all(is_birthplace) {
            return Ok(None);
        }
        let moves_tabs = terminal::can_be_asked(&self.owner.comm);
        let confidence = if moves_tabs { Confidence::Probable } else { Confidence::Certain };
        let how = format!("the window of {} that WINDOWID names", self.name);
        Ok(Some(Location::window(row, how, confidence)))
    }

    /// By a title that only this session gives, and that only one window has.
    fn by_title(&self) -> Option<Location> {
        let session = self.chain.first()?.id.pid;
        let titles = &self.snapshot.facts.titles;
        let title = without_glyphs(titles.get(&session)?);
        let of_others = titles.iter().filter(|(pid, _)| **pid != session);
        let mut of_others = of_others.map(|(_, other)| without_glyphs(other));
        if title.is_empty() || title == "Claude Code" || of_others.any(|other| other == title) {
            return None;
        }
        let mut with_title = self.rows.iter().filter(|row| without_glyphs(&row.title) == title);
        let (row, None) = (with_title.next()?, with_title.next()) else { return None };
        let how = format!("the only window of {} with the session's title", self.name);
        Some(Location::window(row, how, Confidence::Probable))
    }

    /// By the title probe, where it is allowed.
    fn by_probe(&self) -> Result<Option<Location>, MissingFact> {
        let Some(session) = self.chain.first().filter(|_| self.snapshot.may_probe) else {
            return Ok(None);
        };
        let pid = session.id.pid;
        let windows: Vec<u64> = self.rows.iter().map(|row| row.con_id).collect();
        let result = self.snapshot.facts.probes.get(&pid).filter(|result| {
            // A window that took the title is the right one while it lives. That none of some
            // windows took it says nothing of others.
            result.answer.is_some_and(|id| windows.contains(&id)) || result.windows == windows
        });
        let result = result.ok_or(MissingFact::Probe { pid, windows })?;
        let row = self.rows.iter().find(|row| Some(row.con_id) == result.answer);
        Ok(row.map(|row| {
            let how = format!("the window of {} whose title followed its terminal", self.name);
            Location::window(row, how, Confidence::Certain)
        }))
    }
}

fn window_id(snapshot: Snapshot, pid: u32) -> Result<Option<u64>, MissingFact> {
    Ok(snapshot.var(pid, "WINDOWID")?.and_then(|id| id.trim().parse().ok()))
}

/// A title without what Claude Code puts before it.
pub(in crate::wm) fn without_glyphs(title: &str) -> &str {
    title.trim_start_matches(TITLE_GLYPHS).trim()
}
