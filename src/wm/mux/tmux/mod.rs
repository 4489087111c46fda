//! tmux: which pane a process runs in, and which clients show it. One request tells both.
//!
//! Everything is addressed by tmux's own ids (`$1`, `@1`, `%1`), which need no quoting.
//! Source: tmux(1), FORMATS; a pane is listed once for every session its window is linked to.

pub mod capture;
pub mod client;
pub mod keys;
pub mod protocol;

use crate::proc::pts::pts_number;
use crate::proc::{ProcFiles, unix_sockets};
use crate::session::place::Pane;
use crate::session::process::Process;
use std::path::{Path, PathBuf};

// tmux 2.4 has no comparisons.
const PANES: &str = "P\t#{pid}\t#{pane_pid}\t#{pane_tty}\t#{session_id}\t#{window_id}\t#{pane_id}\
\t#{?pane_active,1,0}#{?pane_in_mode,1,0}#{window-size}\t#{session_name}\t#{pane_title}";
const CLIENTS: &str = "C\t#{client_pid}\t#{client_tty}\t#{session_id}\t#{window_id}\
\t#{client_activity}\t#{client_control_mode}#{client_flags}\t#{client_readonly}#{window_bigger}\t#{session_name}\
\t#{?set-titles,#{T:set-titles-string},}";

/// What of its pane a client shows: 1 if the window is larger than its terminal, which part of it is
/// shown, and where the pane is in the window.
const PART: &str = "#{window_bigger} #{window_offset_x} #{window_offset_y} #{client_width} \
#{client_height} #{pane_left} #{pane_top} #{pane_width} #{pane_height}";

/// Panes and clients of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TmuxView {
    /// The server's pid.
    pub server: u32,
    /// The server's socket.
    pub socket: PathBuf,
    /// Panes, once for each session.
    pub panes: Vec<TmuxPane>,
    /// Clients in the order in which they attached.
    pub clients: Vec<TmuxClient>,
}

/// A pane, as one session shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TmuxPane {
    /// Pid of its first process.
    pub pid: u32,
    /// Its terminal: `/dev/pts/3`.
    pub tty: String,
    /// `$1`.
    pub session: String,
    /// `@1`.
    pub window: String,
    /// `%1`.
    pub pane: String,
    /// Whether the pane is the active one of its window.
    pub pane_active: bool,
    /// Whether it shows something of tmux's own instead of its program: copy mode, a list, messages.
    pub in_mode: bool,
    /// Whether its window has a size of its own, whatever terminals show it (`window-size manual`).
    pub has_own_size: bool,
    /// Name of the session.
    pub session_name: String,
    /// Title that a program in the pane has set.
    pub title: String,
}

/// A client: a terminal that shows a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TmuxClient {
    /// Pid of the tmux client.
    pub pid: u32,
    /// Its terminal.
    pub tty: String,
    /// The session it shows.
    pub session: String,
    /// The current window of that session.
    pub window: String,
    /// When it was last used, in seconds since 1970.
    pub activity: i64,
    /// A program in control mode (`tmux -C`), not a terminal.
    pub control: bool,
    /// Suspended (`suspend-client`) or locked (`lock-client`), as tmux since 3.2 tells: its terminal
    /// shows something else.
    pub suspended: bool,
    /// Attached with `-r`: the user cannot type there.
    pub read_only: bool,
    /// Whether the window it shows is larger than its terminal (tmux 2.9 and later).
    pub shows_part: bool,
    /// Name of the session it shows.
    pub session_name: String,
    /// The title that it gives its terminal now; empty if tmux does not set titles.
    pub title: String,
}

/// Reads what [`ask`] printed; lines that are not understood are left out. None when another
/// server answered than the one with this pid.
pub fn parse(text: &str, server: u32, socket: &Path) -> Option<TmuxView> {
    let mut view = TmuxView { server, socket: socket.to_owned(), ..TmuxView::default() };
    for line in text.lines() {
        let fields: Vec<&str> = line.splitn(10, '\t').collect();
        match fields.as_slice() {
            ["P", server_pid, pid, tty, session, window, pane, flags, name, title] => {
                if server_pid.parse() != Ok(server) {
                    return None;
                }
                view.panes.push(TmuxPane {
                    pid: pid.parse().unwrap_or(0),
                    tty: (*tty).into(),
                    session: (*session).into(),
                    window: (*window).into(),
                    pane: (*pane).into(),
                    pane_active: flags.starts_with('1'),
                    in_mode: flags.get(1..2) == Some("1"),
                    has_own_size: flags.get(2..) == Some("manual"),
                    session_name: (*name).into(),
                    title: (*title).into(),
                });
            }
            ["C", pid, tty, session, window, activity, flags, read_only, name, title] => {
                view.clients.push(TmuxClient {
                    pid: pid.parse().unwrap_or(0),
                    tty: (*tty).into(),
                    session: (*session).into(),
                    window: (*window).into(),
                    activity: activity.parse().unwrap_or(0),
                    control: flags.starts_with('1'),
                    suspended: flags.trim_start_matches('0').split(',').any(|it| it == "suspended"),
                    read_only: read_only.starts_with('1'),
                    shows_part: read_only.get(1..) == Some("1"),
                    session_name: (*name).into(),
                    title: (*title).into(),
                });
            }
            _ => {}
        }
    }
    Some(view)
}

/// Asks the server of this pid for its panes and clients.
pub async fn ask(proc: &ProcFiles, server: u32, from: u32) -> Result<TmuxView, String> {
    let socket = socket_of(proc, server, from)
        .ok_or_else(|| format!("the socket of tmux (pid {server}) was not found"))?;
    let arguments = ["list-panes", "-a", "-F", PANES, ";", "list-clients", "-F", CLIENTS];
    let text = client::run(server, &socket, &arguments).await?;
    parse(&text, server, &socket)
        .ok_or_else(|| format!("another tmux than pid {server} answers at {}", socket.display()))
}

/// The version of the server of this pid: `3.4`.
pub async fn version(proc: &ProcFiles, server: u32) -> Result<String, String> {
    let socket = socket_of(proc, server, server)
        .ok_or_else(|| format!("the socket of tmux (pid {server}) was not found"))?;
    let text = client::run(server, &socket, &["display-message", "-p", "#{version}"]).await?;
    Ok(text.trim().to_owned())
}

/// Brings a pane of the server of pid `server` into view in its tmux session: a window may be
/// linked to several sessions. A zoomed window stays zoomed.
pub async fn select(server: u32, pane: &Pane) -> Result<(), String> {
    select_and(server, pane, &[]).await
}

/// [`select`], and a command after it. Before 3.1 tmux has no `-Z` (its CHANGES), refuses the whole
/// command, and unzooms the window; tmate 2.4 is such a tmux.
async fn select_and(server: u32, pane: &Pane, then: &[&str]) -> Result<(), String> {
    let window = format!("{}:{}", pane.session_id, pane.window_id);
    let run = async |options: &[&str]| {
        let begin = ["select-window", "-t", &window, ";", "select-pane"];
        let arguments = [&begin, options, &["-t", &pane.pane_id], then].concat();
        client::run(server, Path::new(&pane.socket), &arguments).await.map(drop)
    };
    match run(&["-Z"]).await {
        Err(why) if why.contains("usage: select-pane") => run(&[]).await,
        result => result,
    }
}

/// The text of a pane: what it shows, and enough of what has scrolled away to make `lines` lines.
pub async fn capture(
    server: u32,
    socket: &Path,
    pane: &str,
    lines: usize,
) -> Result<String, String> {
    let words = ["capture-pane", "-p", "-e", "-S", &format!("-{lines}"), "-t", pane];
    Ok(capture::plain(&client::run(server, socket, &words).await?))
}

/// Whether a client shows the better part of a pane, of a window that may be larger than its terminal;
/// `None` if tmux does not tell (before 2.9).
pub async fn shows_whole(server: u32, client_tty: &str, pane: &Pane) -> Option<bool> {
    let target = format!("{}:{}.{}", pane.session_id, pane.window_id, pane.pane_id);
    let words = ["display-message", "-p", "-c", client_tty, "-t", &target, PART];
    is_whole(&client::run(server, Path::new(&pane.socket), &words).await.ok()?)
}

/// Reads [`PART`]: whether at least two thirds of what could be shown of the pane are.
fn is_whole(said: &str) -> Option<bool> {
    let (is_larger, rest) = said.trim_end().split_once(' ')?;
    if is_larger != "1" {
        return Some(true);
    }
    let numbers: Vec<i64> = rest.split(' ').map_while(|it| it.parse().ok()).collect();
    let [x, y, columns, rows, left, top, width, height] = numbers[..] else { return None };
    let shows = |from: i64, size: i64, start: i64, length: i64| {
        let end = from.saturating_add(size).min(start.saturating_add(length));
        end.saturating_sub(from.max(start)).saturating_mul(3) >= size.min(length).saturating_mul(2)
    };
    Some(shows(x, columns, left, width) && shows(y, rows, top, height))
}

/// Has a client show another session of its server, with this pane in view.
pub async fn switch_client(server: u32, client_tty: &str, pane: &Pane) -> Result<(), String> {
    // The client comes last, so that it does not show another window of the session before.
    select_and(server, pane, &[";", "switch-client", "-c", client_tty, "-t", &pane.session_id])
        .await
}

/// The socket of a server: from `TMUX` of a process below it, else the path it listens on. A path
/// from an environment is only where to look: [`client::run`] checks who listens there.
fn socket_of(proc: &ProcFiles, server: u32, from: u32) -> Option<PathBuf> {
    if let Some(tmux) = proc.env(from).get("TMUX") {
        let mut fields = tmux.rsplitn(3, ',');
        let (_, pid, path) = (fields.next()?, fields.next(), fields.next());
        if pid.and_then(|pid| pid.parse().ok()) == Some(server)
            && let Some(path) = path
        {
            return Some(PathBuf::from(path));
        }
    }
    unix_sockets::listening(proc, server).into_iter().next()
}

impl TmuxView {
    /// The rows of the pane that holds a process: by a pid of its ancestry, else by its terminal.
    pub fn rows_of(&self, ancestry: &[Process], terminal: Option<u64>) -> Vec<&TmuxPane> {
        let of_pid: Vec<_> =
            self.panes.iter().filter(|row| ancestry.iter().any(|p| p.id.pid == row.pid)).collect();
        if !of_pid.is_empty() {
            return of_pid;
        }
        let Some(terminal) = terminal else { return Vec::new() };
        let number = |tty: &str| pts_number(Path::new(tty));
        self.panes.iter().filter(|row| number(&row.tty) == Some(terminal)).collect()
    }

    /// Whether the window of a pane may be larger than the terminal that shows it: it has a size of its own,
    /// or that of another client.
    pub fn may_be_cut(&self, row: &TmuxPane) -> bool {
        let has_window = |client: &&TmuxClient| {
            self.panes.iter().any(|it| (&it.window, &it.session) == (&row.window, &client.session))
        };
        row.has_own_size || self.clients.iter().filter(has_window).count() > 1
    }

    /// The clients that a user can type into, the one that was used last first; of those that
    /// were used at the same time, the one that attached last.
    pub fn terminals(&self) -> Vec<&TmuxClient> {
        let is_terminal =
            |client: &&TmuxClient| !client.control && !client.read_only && !client.suspended;
        let mut clients: Vec<&TmuxClient> = self.clients.iter().rev().filter(is_terminal).collect();
        clients.sort_by_key(|client| std::cmp::Reverse(client.activity));
        clients
    }

    /// The clients that may show the popup that the process `from` runs in, whose `TMUX` is this. Its third
    /// field is the number of a session, mostly the one that the client shows; a popup that was opened
    /// by a command from outside has that of the session that was used last.
    pub fn clients_of_popup(&self, from: u32, tmux: Option<&str>) -> Vec<&TmuxClient> {
        let session = tmux.and_then(|tmux| tmux.rsplit(',').next());
        let session = session.filter(|s| !s.is_empty()).map(|number| format!("${number}"));
        // A client that runs in the popup is not the one that shows it.
        let mut others = self.terminals();
        others.retain(|client| client.pid != from);
        let in_session: Vec<_> = others
            .iter()
            .filter(|client| session.as_ref() == Some(&client.session))
            .copied()
            .collect();
        if in_session.is_empty() { others } else { in_session }
    }

    /// Those of [`TmuxView::terminals`] that can show these rows; first those that show the pane's
    /// window.
    pub fn clients_of(&self, rows: &[&TmuxPane]) -> Vec<&TmuxClient> {
        let mut clients = self.terminals();
        clients.retain(|client| rows.iter().any(|row| row.session == client.session));
        clients.sort_by_key(|client| !client.shows_window_of(rows));
        clients
    }
}

impl TmuxClient {
    /// Whether the client shows the window that these rows of a pane are in.
    pub fn shows_window_of(&self, rows: &[&TmuxPane]) -> bool {
        rows.iter().any(|row| row.window == self.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "P\t10\t20\t/dev/pts/3\t$0\t@1\t%2\t10\tmy sess\ttitle with\ttab\n\
        P\t10\t20\t/dev/pts/3\t$4\t@1\t%2\t11\tother\tt\n\
        garbage\n\
        C\t30\t/dev/pts/9\t$0\t@1\t100\t0\t0\tmy sess\t✳ a\tb\n\
        C\t31\t/dev/pts/8\t$4\t@7\t200\t0\t0\tother\t\n\
        C\t32\t\t$0\t@1\t900\t1\t0\tmy sess\t\n\
        C\t33\t/dev/pts/7\t$0\t@1\t800\t0\t1\tmy sess\t\n\
        C\t34\t/dev/pts/6\t$0\t@1\t900\t0attached,suspended,UTF-8\t0\tmy sess\t\n";

    #[test]
    fn reads_panes_and_clients() {
        let view = parse(TEXT, 10, Path::new("/s")).unwrap();
        assert_eq!(view.panes.len(), 2);
        assert_eq!(view.panes[0].title, "title with\ttab");
        assert_eq!(view.clients.len(), 5);
        assert_eq!(view.clients[0].title, "✳ a\tb");
        assert_eq!(parse(TEXT, 11, Path::new("/s")), None);
    }

    #[test]
    fn a_window_is_larger_than_its_terminal_by_its_own_size_or_another_clients() {
        let mut view = parse(TEXT, 10, Path::new("/s")).unwrap();
        assert!(view.may_be_cut(&view.panes[0]), "several clients have it");
        view.clients.truncate(1);
        assert!(!view.may_be_cut(&view.panes[0]));
        let manual =
            parse(&TEXT.replace("\t10\tmy", "\t10manual\tmy"), 10, Path::new("/s")).unwrap();
        let pane = &manual.panes[0];
        assert!(pane.has_own_size && pane.pane_active && !pane.in_mode && view.may_be_cut(pane));
    }

    #[test]
    fn two_thirds_of_a_pane_are_enough() {
        // A terminal of 100 columns, and a pane that begins at column 201 of a larger window.
        let shown = |x| is_whole(&format!("1 {x} 0 100 30 201 0 199 120\n"));
        assert_eq!((shown(151), shown(201), shown(180)), (Some(false), Some(true), Some(true)));
        assert_eq!(is_whole("1 0 90 100 30 0 0 100 100\n"), Some(false), "below the last rows");
        assert_eq!(is_whole("0   100 30 201 0 199 120\n"), Some(true));
        let wide = format!("1 {0} {0} {0} {0} {1} 0 {0} {0}", i64::MAX, i64::MIN);
        for odd in ["", "1", "1 x 0 100 30 201 0 199 120", "1 1 2 3", wide.as_str()] {
            assert_ne!(is_whole(odd), Some(true), "{odd}");
        }
    }

    #[test]
    fn the_client_that_has_the_window_in_view_comes_first() {
        let view = parse(TEXT, 10, Path::new("/s")).unwrap();
        let rows = view.rows_of(&[], Some(3));
        assert_eq!(rows.len(), 2);
        let pids: Vec<u32> = view.clients_of(&rows).iter().map(|client| client.pid).collect();
        assert_eq!(pids, [30, 31]);
    }
}
