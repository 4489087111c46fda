//! The room at work: keeps the windows in mind, fetches the facts that resolution asks for.

use super::connection::Link;
use super::connection::discover::Hints;
use super::ipc::events::Event;
use super::ipc::windows::WindowRow;
use super::locate;
use super::locate::location::{Found, named, workspace_name};
use super::locate::pty_masters::Masters;
use super::locate::snapshot::{Facts, Need, ProbeFact, Scene};
use super::locate::window::bare;
use super::mux::{Mux, Server, peers, screen, tmux, zellij};
use super::terminal;
use super::x11::worker::XThreads;
use crate::proc::files::Reader;
use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Who has not answered for so long hangs; all answers come within some milliseconds.
const SILENCE: Duration = Duration::from_millis(450);

/// Who hung is left alone for this long, so that it costs all others little; a switch asks again.
const RESPITE: Duration = Duration::from_secs(30);

/// What can be configured.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Where the window manager's socket may be.
    pub hints: Hints,
    /// The X display: `DISPLAY` of vmuxd. Without one, those of sessions are tried.
    pub displays: Vec<String>,
    /// Whether windows that cannot be told apart may be given a title for a moment.
    pub title_probe: bool,
}

/// The window with the focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    /// Container id; changes when i3 restarts.
    pub con_id: u64,
    /// X11 window id; stays.
    pub xid: Option<u32>,
    /// Name of its workspace.
    pub workspace: Option<String>,
}

/// Windows, facts and the connection to the window manager.
pub struct Desk {
    pub(super) config: Config,
    /// Whether the configuration named a display.
    display_given: bool,
    /// Files that may open a display.
    pub(super) authorities: Vec<PathBuf>,
    pub(super) reader: Reader,
    pub(super) x_threads: XThreads,
    pub(super) link: Option<Link>,
    pub(super) scene: Scene,
    pub(super) backlog: VecDeque<Event>,
    pub(super) masters: Option<Masters>,
    /// Whether something happened since the windows were read.
    pub(super) stale: bool,
}

impl Desk {
    /// A desk that is not connected yet.
    pub fn new(config: Config, reader: Reader) -> Self {
        let mut scene = Scene::default();
        scene.may_probe = config.title_probe;
        let display_given = !config.displays.is_empty();
        let (link, backlog) = (None, VecDeque::new());
        let (authorities, masters, stale) = (Vec::new(), None, true);
        Desk {
            config,
            display_given,
            authorities,
            reader,
            x_threads: XThreads::default(),
            link,
            scene,
            backlog,
            masters,
            stale,
        }
    }

    /// From now on as the user says. Where another socket is named, the connection is given up.
    pub fn configure(&mut self, socket: Option<PathBuf>, title_probe: bool) {
        self.scene.may_probe = title_probe;
        if self.config.hints.configured != socket {
            self.config.hints.configured = socket;
            self.disconnect();
        }
    }

    /// Name and version of the window manager it is connected to.
    pub fn manager(&self) -> Option<&str> {
        self.link.as_ref().map(|link| link.name.as_str())
    }

    /// The X displays of sessions, on which i3 may be found, and the files that may open them. A
    /// display that was configured is the only one: the i3 of another manages another screen.
    pub fn set_displays(&mut self, displays: impl IntoIterator<Item = (String, Option<PathBuf>)>) {
        let (names, files): (Vec<String>, Vec<Option<PathBuf>>) = displays.into_iter().unzip();
        self.authorities = distinct(files.into_iter().flatten());
        if !self.display_given {
            self.config.displays = distinct(names);
        }
    }

    /// Titles that sessions give their terminals, by pid.
    pub fn set_titles(&mut self, titles: impl IntoIterator<Item = (u32, String)>) {
        self.scene.facts.titles = titles.into_iter().collect();
    }

    /// Why the owners of X11 windows are not known, if they are not.
    pub fn trouble(&self) -> Option<&str> {
        self.link.as_ref()?.x_trouble.as_deref()
    }

    /// Forgets what was known of processes; if `all`, also what is dear to ask and seldom changes:
    /// multiplexers, tabs, holders of terminals.
    pub fn forget_facts(&mut self, all: bool) {
        let mut old = std::mem::take(&mut self.scene.facts);
        let windows = &self.scene.windows;
        let lives = |id: &u64| windows.iter().any(|row| row.con_id == *id);
        old.probes.retain(|_, probe| probe.windows.iter().any(lives));
        let mut facts = Facts { probes: old.probes, titles: old.titles, ..Facts::default() };
        facts.silent = old.silent;
        facts.silent.retain(|_, since| since.elapsed() < RESPITE);
        if all {
            self.masters = None;
        } else {
            (facts.servers, facts.holders, facts.tabs) = (old.servers, old.holders, old.tabs);
        }
        self.scene.facts = facts;
    }

    /// From now on those that did not answer are asked again: for a switch.
    pub(super) fn forgive_silence(&mut self) {
        self.scene.facts.silent.clear();
    }

    /// Where a process is shown; none when it is gone.
    pub async fn locate(&mut self, pid: u32) -> Option<Found> {
        loop {
            match locate::locate(&self.scene, pid) {
                Ok(found) => return found,
                Err(need) => self.fetch(need).await,
            }
        }
    }

    /// The window with the focus.
    pub fn focused(&self) -> Option<Focus> {
        let row = self.scene.windows.iter().find(|row| row.focused)?;
        let workspace = row.workspace.as_deref().map(workspace_name);
        Some(Focus { con_id: row.con_id, xid: row.xid, workspace })
    }

    /// Whether a session that was found in a window is in view there, as far as can be told: a
    /// terminal with more children than windows has tabs, and then only the title tells.
    pub fn is_in_front(&self, pid: u32, found: &Found) -> bool {
        let Some(window) = found.place.window.as_ref().filter(|_| found.in_view()) else {
            return false;
        };
        let terminal = |child| (self.reader.process)(child).map(|child| child.tty);
        let children = (self.reader.children)(window.pid).into_iter().filter_map(terminal);
        let terminals: HashSet<u64> = children.filter(|tty| *tty != 0).collect();
        if terminals.len() <= self.scene.windows_of(window.pid).len() && !found.hidden {
            return true;
        }
        let title = self.scene.facts.titles.get(&pid).map(|title| bare(title));
        let shown = self.scene.window(window.con_id).map(|row| bare(&row.title));
        title.is_some_and(|title| !title.is_empty() && shown == Some(title))
    }

    /// All windows, as last read.
    pub fn windows(&self) -> &[WindowRow] {
        &self.scene.windows
    }

    /// Adds one fact. Every need is met by this, if only with "not known".
    async fn fetch(&mut self, need: Need) {
        let Desk { reader, scene, .. } = self;
        match need {
            Need::Process(pid) => {
                scene.facts.processes.insert(pid, (reader.process)(pid));
            }
            Need::Env(pid) => {
                scene.facts.env.insert(pid, (reader.env)(pid));
            }
            Need::Argv(pid) => {
                scene.facts.argv.insert(pid, (reader.argv)(pid));
            }
            Need::Server { pid, kind, from } => {
                let server = match scene.facts.silent.contains_key(&pid) {
                    true => {
                        let name = (reader.process)(pid).map(|process| process.comm);
                        let name = named(&name.unwrap_or_default(), pid);
                        Server::Silent(format!("{name} does not answer"))
                    }
                    false => {
                        let begun = Instant::now();
                        let server = ask_server(reader, pid, kind, from).await;
                        if matches!(server, Server::Silent(_)) && begun.elapsed() >= SILENCE {
                            scene.facts.silent.insert(pid, Instant::now());
                        }
                        server
                    }
                };
                scene.facts.servers.insert(pid, server);
            }
            Need::Claims(pid) => {
                let id = |child| (reader.env)(child).get("WINDOWID")?.trim().parse().ok();
                let claims = (reader.children)(pid).into_iter().filter_map(id).collect();
                scene.facts.claims.insert(pid, claims);
            }
            Need::Holder(pid) => {
                let owners = scene.windows.iter().filter_map(|row| row.pid);
                let masters = self.masters.get_or_insert_with(|| Masters::read(reader, owners));
                scene.facts.holders.insert(pid, masters.holder(reader, pid));
            }
            Need::Tab { owner, child } => {
                let tab = match scene.facts.silent.contains_key(&owner) {
                    true => None,
                    false => {
                        let begun = Instant::now();
                        let tab = terminal::ask(reader, owner, child).await;
                        if tab.is_none() && begun.elapsed() >= SILENCE {
                            scene.facts.silent.insert(owner, Instant::now());
                        }
                        tab
                    }
                };
                scene.facts.tabs.insert(child, tab);
            }
            Need::Probe { pid, windows } => {
                let answer = self.probe(pid, &windows).await;
                self.scene.facts.probes.insert(pid, ProbeFact { windows, answer });
            }
        }
    }
}

fn distinct<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut distinct: Vec<T> = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    distinct
}

async fn ask_server(reader: &Reader, pid: u32, kind: Mux, from: u32) -> Server {
    let name = || (reader.process)(pid).map(|process| process.comm).unwrap_or_default();
    match kind {
        Mux::Tmux => match tmux::ask(reader, pid, from).await {
            Ok(view) => Server::Tmux(view),
            Err(why) => Server::Silent(why),
        },
        Mux::Screen => Server::Plain(screen::view(reader, pid, name())),
        Mux::Zellij => Server::Plain(zellij::view(reader, pid, name())),
        Mux::Peers => Server::Plain(peers::view(reader, pid, name())),
    }
}
