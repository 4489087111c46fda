//! tmux: which pane a process runs in, and which clients show it. One spawn tells both.
//!
//! Everything is addressed by tmux's own ids (`$1`, `@1`, `%1`), which need no quoting.
//! Source: tmux(1), FORMATS; a pane is listed once for every session its window is linked to.

use crate::proc::files::Reader;
use crate::session::process::Process;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// tmux answers in 2 to 6 ms; a stopped server never does.
const DEADLINE: Duration = Duration::from_millis(1500);

const PANES: &str = "P\t#{pid}\t#{pane_pid}\t#{pane_tty}\t#{session_id}\t#{window_id}\t#{pane_id}\
\t#{pane_active}\t#{session_name}\t#{pane_title}";
const CLIENTS: &str = "C\t#{client_pid}\t#{client_tty}\t#{session_id}\t#{window_id}\
\t#{client_activity}\t#{client_control_mode}";

/// Panes and clients of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// The server's socket.
    pub socket: PathBuf,
    /// Panes, once for each session.
    pub panes: Vec<PaneRow>,
    /// Clients in the order in which they attached.
    pub clients: Vec<ClientRow>,
}

/// A pane, as one session shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaneRow {
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
    /// Name of the session.
    pub session_name: String,
    /// Title that a program in the pane has set.
    pub title: String,
}

/// A client: a terminal that shows a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientRow {
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
}

/// Reads what [`ask`] printed; lines that are not understood are left out. None when another
/// server answered than the one with this pid.
pub fn parse(text: &str, server: u32, socket: &Path) -> Option<View> {
    let mut view = View { socket: socket.to_owned(), ..View::default() };
    for line in text.lines() {
        let fields: Vec<&str> = line.splitn(10, '\t').collect();
        match fields.as_slice() {
            ["P", server_pid, pid, tty, session, window, pane, active, name, title] => {
                if server_pid.parse() != Ok(server) {
                    return None;
                }
                view.panes.push(PaneRow {
                    pid: pid.parse().unwrap_or(0),
                    tty: (*tty).into(),
                    session: (*session).into(),
                    window: (*window).into(),
                    pane: (*pane).into(),
                    pane_active: *active == "1",
                    session_name: (*name).into(),
                    title: (*title).into(),
                });
            }
            ["C", pid, tty, session, window, activity, control] => view.clients.push(ClientRow {
                pid: pid.parse().unwrap_or(0),
                tty: (*tty).into(),
                session: (*session).into(),
                window: (*window).into(),
                activity: activity.parse().unwrap_or(0),
                control: *control == "1",
            }),
            _ => {}
        }
    }
    Some(view)
}

/// Asks the server of this pid for its panes and clients.
pub async fn ask(reader: &Reader, server: u32, from: u32) -> Result<View, String> {
    let socket = socket_of(reader, server, from)
        .ok_or_else(|| format!("the socket of tmux (pid {server}) was not found"))?;
    let arguments = ["list-panes", "-a", "-F", PANES, ";", "list-clients", "-F", CLIENTS];
    let text = run(&socket, &arguments).await?;
    parse(&text, server, &socket)
        .ok_or_else(|| format!("another tmux than pid {server} answers at {}", socket.display()))
}

/// Runs tmux against one server and gives what it printed.
pub async fn run<S: AsRef<OsStr>>(socket: &Path, arguments: &[S]) -> Result<String, String> {
    let mut command = Command::new("tmux");
    // -u: else a tmux in the C locale prints `_` for tabs and for all that is not ASCII.
    command.arg("-u").arg("-S").arg(socket).args(arguments);
    command.env_remove("TMUX").stdin(Stdio::null()).kill_on_drop(true);
    let output = match timeout(DEADLINE, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(format!("tmux cannot be run: {error}")),
        Err(_) => {
            return Err(format!("tmux did not answer within {} ms", DEADLINE.as_millis()));
        }
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("tmux says: {}", crate::session::sanitize::clean(&said, 200)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The socket of a server: from `TMUX` of a process below it, else the path it listens on.
fn socket_of(reader: &Reader, server: u32, from: u32) -> Option<PathBuf> {
    if let Some(tmux) = (reader.env)(from).get("TMUX") {
        let mut fields = tmux.rsplitn(3, ',');
        let (_, pid, path) = (fields.next()?, fields.next(), fields.next());
        if pid.and_then(|pid| pid.parse().ok()) == Some(server)
            && let Some(path) = path
        {
            return Some(PathBuf::from(path));
        }
    }
    super::peers::listening(reader, server).into_iter().next()
}

impl View {
    /// The rows of the pane that holds a process: by a pid of its ancestry, else by its terminal.
    pub fn rows_of(&self, ancestry: &[Process], terminal: Option<u64>) -> Vec<&PaneRow> {
        let of_pid: Vec<_> =
            self.panes.iter().filter(|row| ancestry.iter().any(|p| p.id.pid == row.pid)).collect();
        if !of_pid.is_empty() {
            return of_pid;
        }
        let Some(terminal) = terminal else { return Vec::new() };
        let number = |tty: &str| crate::proc::files::pts_number(Path::new(tty));
        self.panes.iter().filter(|row| number(&row.tty) == Some(terminal)).collect()
    }

    /// The clients that can show these rows, the likeliest first: those that have the pane's
    /// window in view, then by their last use, then those that attached last.
    pub fn clients_of(&self, rows: &[&PaneRow]) -> Vec<&ClientRow> {
        let mut clients: Vec<(usize, &ClientRow)> = self
            .clients
            .iter()
            .enumerate()
            .filter(|(_, client)| !client.control)
            .filter(|(_, client)| rows.iter().any(|row| row.session == client.session))
            .collect();
        let in_view = |client: &ClientRow| rows.iter().any(|row| row.window == client.window);
        clients.sort_by_key(|(index, client)| {
            std::cmp::Reverse((in_view(client), client.activity, *index))
        });
        clients.into_iter().map(|(_, client)| client).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "P\t10\t20\t/dev/pts/3\t$0\t@1\t%2\t1\tmy sess\ttitle with\ttab\n\
        P\t10\t20\t/dev/pts/3\t$4\t@1\t%2\t1\tother\tt\n\
        garbage\n\
        C\t30\t/dev/pts/9\t$0\t@1\t100\t0\n\
        C\t31\t/dev/pts/8\t$4\t@7\t200\t0\n\
        C\t32\t\t$0\t@1\t900\t1\n";

    #[test]
    fn reads_panes_and_clients() {
        let view = parse(TEXT, 10, Path::new("/s")).unwrap();
        assert_eq!(view.panes.len(), 2);
        assert_eq!(view.panes[0].title, "title with\ttab");
        assert_eq!(view.clients.len(), 3);
        assert_eq!(parse(TEXT, 11, Path::new("/s")), None);
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
