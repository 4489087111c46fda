//! Which of the windows of one process shows a session. Pure.
//!
//! One window: that one. Of several: what the terminal itself says (kitty, konsole), then
//! `WINDOWID`, then a title of Claude's that only one of them has, then the folder that an editor
//! has open, then the title probe if it is allowed; else it is one of them, and no more is known.

use super::editor;
use super::location::{Location, Obstacle, Step, named};
use super::snapshot::{MissingFact, ProbeResult, Snapshot};
use super::titles::in_multiplexers::{is_given_by_client, titled_below};
use super::titles::{ExpectedTitle, is_claudes, is_titled, may_be_left, sets_titles};
use super::visibility::terminals_in;
use crate::session::process::Process;
use crate::session::shared::Text;
use crate::session::state::Confidence;
use crate::wm::ipc::windows::WindowRow;
use crate::wm::mux::MuxView;
use crate::wm::terminal::{self, TabPlace, told};
use crate::wm::x11::hidden::HiddenWindow;
use std::path::{Path, PathBuf};

/// The windows of one process, and how the session is connected to it.
struct Tie<'a> {
    snapshot: Snapshot<'a>,
    /// The process that owns the windows.
    owner: &'a Process,
    /// From the session, or the client of a multiplexer, up to the owner's child.
    chain: &'a [Process],
    expected: ExpectedTitle<'a>,
    rows: Vec<&'a WindowRow>,
    /// The windows that the owner does not show, as far as they matter.
    hidden: &'a [HiddenWindow],
    /// Whether the windows that it shows may be too few for its terminals.
    may_hide: bool,
    /// The owner, for people.
    name: String,
}

/// In a window of `owner`; `chain` leads from the session up to the owner's child. While the
/// session is in view the window has the `expected` title.
pub(in crate::wm) fn among_windows(
    snapshot: Snapshot,
    owner: &Process,
    chain: &[Process],
    expected: ExpectedTitle,
) -> Result<Location, MissingFact> {
    let rows = snapshot.windows.of_process(owner.id.pid);
    let name = named(&owner.comm, owner.id.pid);
    let terminals = terminals_in(snapshot.children(owner.id.pid)?);
    let may_hide = terminals > rows.len() || rows.iter().all(|row| row.secondary);
    let mut tie = Tie { snapshot, owner, chain, expected, rows, hidden: &[], may_hide, name };
    let (rows, id) = (&tie.rows, tie.window_id()?);
    // A window opens before its child starts: then there are no more terminals than windows.
    let elsewhere = id.is_some_and(|id| rows.iter().all(|row| row.xid.map(u64::from) != Some(id)));
    if elsewhere || may_hide {
        tie.hidden = snapshot.hidden(owner.id.pid)?;
    }
    let told = tie.told_by_terminal(terminals > rows.len())?;
    if let Some(location) = tie.beside_hidden(told.as_ref())? {
        return Ok(with_tab(location, told.as_ref()));
    }
    if let [row] = tie.rows.as_slice() {
        let how = format!("the only window of {}", tie.name);
        return Ok(with_tab(Location::window(row, how, Confidence::Certain), told.as_ref()));
    }
    if let Some(location) = told.as_ref().and_then(|told| tie.by_terminal(told)) {
        return Ok(with_tab(location, told.as_ref()));
    }
    // A tab may have moved to another window than the one that it was opened in, and what was true
    // then counts for less than what a title says now.
    let has_tabs = terminals > tie.rows.len();
    let found = match has_tabs {
        true => first_of([&|| tie.by_title(), &|| tie.by_window_id(has_tabs)])?,
        false => first_of([&|| tie.by_window_id(has_tabs), &|| tie.by_title()])?,
    };
    if let Some(location) = found {
        return Ok(location);
    }
    if let Some(location) = first_of([&|| tie.by_folder(), &|| tie.by_probe()])? {
        return Ok(location);
    }
    let how = format!("one of the {} windows of {}", tie.rows.len(), tie.name);
    Ok(with_tab(Location::one_of(&tie.rows, how), told.as_ref()))
}

type Rule<'a> = &'a dyn Fn() -> Result<Option<Location>, MissingFact>;

fn first_of(rules: [Rule; 2]) -> Result<Option<Location>, MissingFact> {
    for rule in rules {
        if let Some(location) = rule()? {
            return Ok(Some(location));
        }
    }
    Ok(None)
}

fn with_tab(mut location: Location, told: Option<&TabPlace>) -> Location {
    location.route.extend(told.and_then(|told| told.tab.clone()).map(Step::Tab));
    location
}

impl Tie<'_> {
    /// Where the owner hides a window, as a drop-down terminal does: in the window that the terminal
    /// tells, or a title, or `WINDOWID`; else it may be either. `None` if it hides none that matters.
    fn beside_hidden(&self, told: Option<&TabPlace>) -> Result<Option<Location>, MissingFact> {
        let id = self.window_id()?;
        let is_named = |window: &&HiddenWindow| Some(u64::from(window.xid)) == id;
        let named = self.hidden.iter().find(is_named);
        let has = |xid| self.hidden.iter().any(|window| Some(window.xid) == xid);
        let others = || self.hidden.iter().any(|window| window.was_shown);
        let is_of_hidden = |row: &&WindowRow| row.transient_for.is_some() && has(row.transient_for);
        let hides = self.rows.iter().all(is_of_hidden) || (self.may_hide && others());
        let told = told.and_then(|told| told.xid);
        let is_shown = self.rows.iter().any(|row| told.is_some() && row.xid == told);
        if (named.is_none() && !hides) || is_shown {
            return Ok(None);
        }
        if let Some(location) = self.by_title()? {
            return Ok(Some(location));
        }
        let titled = self.hidden.iter().filter(|window| self.expected.fits(&window.title)).count();
        let how = if titled == 1 || named.is_some() || has(told) {
            format!("{} has it in a window that it does not show now", self.name)
        } else if self.rows.iter().all(|row| row.secondary) {
            format!("{} shows a dialog, and not the window that has it", self.name)
        } else if let Some(location) = self.by_window_id(true)? {
            return Ok(Some(location));
        } else {
            format!("{} may have it in a window that it does not show now", self.name)
        };
        Ok(Some(Location::nowhere(Obstacle::NoWindow(how.clone()), how)))
    }

    /// What the terminal says of its child that leads to the session. What does not tell the
    /// window, but how to show the tab, is asked for only before a switch.
    fn told_by_terminal(&self, has_tabs: bool) -> Result<Option<TabPlace>, MissingFact> {
        let (comm, is_switch, several) =
            (&self.owner.comm, self.snapshot.wants_tabs, self.rows.len() > 1);
        let asks = terminal::can_be_asked(comm) && (is_switch || several);
        let is_told = terminal::is_asked_for_switch(comm) && is_switch && (has_tabs || several);
        if !asks && !is_told {
            return Ok(None);
        }
        let Some(child) = self.chain.last() else { return Ok(None) };
        let (owner, child) = (self.owner.id.pid, child.id.pid);
        self.snapshot.facts.tabs.get(&child).cloned().ok_or(MissingFact::Tab { owner, child })
    }

    /// The window that the terminal means.
    fn by_terminal(&self, told: &TabPlace) -> Option<Location> {
        let numbered = &self.snapshot.facts.numbered_windows;
        let found = told::window(told, self.owner.id.pid, &self.rows, numbered);
        found.map(|(row, how, confidence)| {
            Location::window(row, format!("{} {how}", self.name), confidence)
        })
    }

    /// By the `WINDOWID` of the terminal's child, else of the session.
    ///
    /// It was right when the child was started; since then its tab may have moved to another
    /// window. No child was started in that window then. So `WINDOWID` counts only if every
    /// window is the one that some child was started in, and always was.
    fn by_window_id(&self, has_tabs: bool) -> Result<Option<Location>, MissingFact> {
        let Some(id) = self.window_id()? else { return Ok(None) };
        let Some(row) = self.rows.iter().find(|row| row.xid.map(u64::from) == Some(id)) else {
            return Ok(None);
        };
        let pid = self.owner.id.pid;
        let children = self.snapshot.children(pid)?;
        let is_birthplace = |row: &&WindowRow| {
            let xid = row.xid.map(u64::from);
            xid.is_some() && children.iter().any(|child| child.window_id == xid)
        };
        let moved = self.snapshot.facts.moved_tabs.contains(&pid);
        if moved || !self.rows.iter().all(is_birthplace) {
            return Ok(None);
        }
        let may_move = has_tabs || terminal::can_be_asked(&self.owner.comm);
        let confidence = if may_move { Confidence::Probable } else { Confidence::Certain };
        let how = format!("the window of {} that WINDOWID names", self.name);
        Ok(Some(Location::window(row, how, confidence)))
    }

    /// The `WINDOWID` of the terminal's child, else of the session.
    fn window_id(&self) -> Result<Option<u64>, MissingFact> {
        for process in [self.chain.last(), self.chain.first()].into_iter().flatten() {
            let id = self.snapshot.var(process.id.pid, "WINDOWID")?;
            if let Some(id) = id.and_then(|id| id.trim().parse().ok()) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// By a title of Claude's that only this session gives, and that only one window has.
    fn by_title(&self) -> Result<Option<Location>, MissingFact> {
        let fits = |row: &&&WindowRow| match self.expected {
            ExpectedTitle::Session(title) => is_titled(self.snapshot, &row.title, title),
            expected => expected.fits(&row.title),
        };
        let mut fitting = self.rows.iter().filter(fits);
        let (Some(row), None) = (fitting.next(), fitting.next()) else { return Ok(None) };
        let is_sure = match self.expected {
            ExpectedTitle::Session(title) => self.is_live_title(title)?,
            ExpectedTitle::Exact(title) => self.is_title_of_one_client(title),
            ExpectedTitle::Unknown => false,
        };
        let how = format!("the only window of {} with the session's title", self.name);
        Ok(is_sure.then(|| Location::window(row, how, Confidence::Probable)))
    }

    /// Whether a title is that of a session that runs, and of no other. A session leaves its title
    /// to the shell when it is killed, and its conversation may go on elsewhere: then there are
    /// more windows with titles of Claude's than sessions.
    fn is_live_title(&self, title: &str) -> Result<bool, MissingFact> {
        let facts = self.snapshot.facts;
        let same = |other: &&Option<Text>| {
            ExpectedTitle::of_session(other.as_deref()) == ExpectedTitle::Session(title)
        };
        let session = self.chain.first().map_or(0, |process| process.id.pid);
        if facts.sessions.values().filter(same).count() > 1
            || !sets_titles(self.snapshot, session)?
            || may_be_left(self.snapshot, title, session)?
            || is_given_by_client(self.snapshot, title, self.owner.id.pid)?
        {
            return Ok(false);
        }
        let (sessions, clients) = titled_below(self.snapshot, self.owner.id.pid)?;
        let titled = self.rows.iter().filter(|row| is_claudes(&row.title)).count();
        Ok(titled <= sessions + clients)
    }

    /// Whether only one client of tmux gives its terminal this title.
    fn is_title_of_one_client(&self, title: &str) -> bool {
        let views = self.snapshot.facts.servers.values().filter_map(|view| match view {
            MuxView::Tmux(view) => Some(view),
            _ => None,
        });
        let clients = views.flat_map(|view| &view.clients);
        clients.filter(|client| client.title.trim() == title).count() == 1
    }

    /// By the folder that only one window of an editor has open, and that the session runs in.
    fn by_folder(&self) -> Result<Option<Location>, MissingFact> {
        let Some(session) = self.chain.first() else { return Ok(None) };
        if !self.rows.iter().all(|row| editor::is_editor(&row.class)) {
            return Ok(None);
        }
        let pid = session.id.pid;
        let titles = self.rows.iter().map(|row| (row.class.as_str(), row.title.as_str()));
        let (index, whose) = if let Some(folders) = self.folders_of_editor(pid)? {
            (editor::window_with(titles, folders), "the folder in its title that the editor tells")
        } else {
            let Some(dir) = self.snapshot.cwd(pid)? else { return Ok(None) };
            let home = self.snapshot.var(pid, "HOME")?.map(Path::new);
            (editor::window_of_folder(titles, dir, home), "the session's folder in its title")
        };
        let Some(row) = index.and_then(|index| self.rows.get(index)) else { return Ok(None) };
        let how = format!("the only window of {} with {whose}", self.name);
        Ok(Some(Location::window(row, how, Confidence::Probable)))
    }

    /// What the editor has open in the window with the terminal of this process, if it tells: that
    /// may be another folder than the session is in.
    fn folders_of_editor(&self, pid: u32) -> Result<Option<&[PathBuf]>, MissingFact> {
        let told = self.snapshot.facts.open_folders.get(&pid);
        let told = told.ok_or(MissingFact::OpenFolders(pid))?.as_ref();
        let is_its =
            |editor| editor == self.owner.id.pid || self.chain.iter().any(|it| it.id.pid == editor);
        Ok(told.filter(|it| is_its(it.editor)).map(|it| it.folders.as_slice()))
    }

    /// By the title probe, where it is allowed.
    fn by_probe(&self) -> Result<Option<Location>, MissingFact> {
        let Some(session) = self.chain.first().filter(|_| self.snapshot.may_probe) else {
            return Ok(None);
        };
        let pid = session.id.pid;
        let windows: Vec<u64> = self.rows.iter().map(|row| row.con_id).collect();
        let result = self.snapshot.facts.probes.get(&pid);
        // A window that took the title is the right one while it lives, also among others. That
        // none of some windows took it says nothing of others.
        let still_says = |result: &&ProbeResult| {
            let lives = result.answer.is_some_and(|id| windows.contains(&id));
            result.windows == windows || (lives && !result.is_outdated)
        };
        let Some(result) = result.filter(still_says) else {
            return Err(MissingFact::Probe { pid, windows });
        };
        let answer = result.answer.filter(|_| !result.is_outdated);
        let row = self.rows.iter().find(|row| Some(row.con_id) == answer);
        Ok(row.map(|row| {
            let how = format!("the window of {} whose title followed its terminal", self.name);
            Location::window(row, how, Confidence::Certain)
        }))
    }
}
