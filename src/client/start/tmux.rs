//! A tmux session for one session. The user's own tmux makes it, as by hand: it starts a server if none
//! runs, and gives the session the environment that the user's other ones have.
//!
//! Everything that exists is addressed by tmux's own ids, and no text passes as a format or as a command:
//! the directory is that of the client, and words are escaped by [`tmux_word`].

use super::command::{tmux_name, tmux_word};
use super::run;
use super::{OF_A_SESSION, StartFault};
use crate::proc::namespaces;
use crate::proc::stat::parse_stat;
use crate::session::sanitize::clean;
use crate::system::connect::connect_unix;
use rustix::net::sockopt::socket_peercred;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// tmux answers within milliseconds; a server that has to start reads its configuration first.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// What is asked of a new session. Without a UTF-8 locale tmux prints `_` for a tab.
const FORMAT: &str = "#{session_id} #{window_id} #{pane_id} #{pane_pid} #{socket_path}";

/// A tmux session that was made for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TmuxPlace {
    /// The socket of its server.
    pub socket: PathBuf,
    /// Its name.
    pub name: String,
    /// `$1`.
    pub session_id: String,
    /// `@1`.
    pub window_id: String,
    /// `%1`.
    pub pane_id: String,
    /// The first process in it.
    pub pid: u32,
}

/// Makes a tmux session `name` in which `words` run, a program and its arguments, in `dir`, and nothing shows
/// it yet.
/// If the program ends at once, its pane stays until [`TmuxPlace::settle`].
pub fn make(name: &str, dir: &Path, words: &[String]) -> Result<TmuxPlace, StartFault> {
    check_server()?;
    let name = tmux_name(name);
    let target = format!("={name}:");
    let mut command = tmux();
    command.current_dir(dir);
    command.args(["new-session", "-d", "-s", &name, "-P", "-F", FORMAT, "--"]);
    // One word alone would be a line for a shell; there are more, for a session has an id.
    command.args(words.iter().map(|word| tmux_word(word)));
    command.args([";", "set-option", "-w", "-t", &target, "remain-on-exit", "on"]);
    let told =
        run::text("tmux", &mut command, ANSWERS_WITHIN).map_err(|error| refused(&error, &name))?;
    parse(&told, &name).ok_or_else(|| {
        StartFault::new("tmux did not say which session it has made")
            .hint(format!("`tmux kill-session -t {name}` ends it"))
    })
}

fn refused(error: &str, name: &str) -> StartFault {
    if error.contains("duplicate session") {
        return StartFault::new(format!(
            "tmux has a session {name} already, without Claude Code in it"
        ))
        .hint(format!("choose another name, or end it: `tmux kill-session -t {name}`"));
    }
    let fault = StartFault::new(error);
    if error.contains("cannot be run") {
        return fault.hint("install tmux, or use `--in window`");
    }
    // findings/tmux-command-of-16-kib.sh
    match error.contains("too long") {
        true => {
            fault.hint("tmux takes 16 KiB; a longer prompt fits into a file that a short one names")
        }
        false => fault,
    }
}

fn parse(told: &str, name: &str) -> Option<TmuxPlace> {
    let mut fields = told.lines().next()?.splitn(5, ' ').map(str::to_owned);
    let place = TmuxPlace {
        session_id: fields.next().filter(|it| it.starts_with('$'))?,
        window_id: fields.next().filter(|it| it.starts_with('@'))?,
        pane_id: fields.next().filter(|it| it.starts_with('%'))?,
        pid: fields.next()?.parse().ok()?,
        socket: PathBuf::from(fields.next().filter(|it| it.starts_with('/'))?),
        name: name.to_owned(),
    };
    Some(place)
}

impl TmuxPlace {
    /// Whether the program in it has ended; cheap. tmux 3.3a may leave it a zombie until another of its
    /// programs ends, so an entry in `/proc` alone does not say that it runs.
    pub fn has_ended(&self) -> bool {
        let stat = std::fs::read(Path::new("/proc").join(self.pid.to_string()).join("stat"));
        stat.map_or(true, |bytes| is_dead(&bytes))
    }

    /// What the program in it printed last, if it has ended: lines that say something.
    pub fn last_words(&self) -> Option<String> {
        let dead = self.ask(&["display-message", "-p", "-t", &self.pane_id, "#{pane_dead}"]);
        if dead.ok()?.trim() != "1" {
            return None;
        }
        // tmux writes into the last row that the pane is dead, and scrolls what was in the first away
        // (findings/tmux-remain-on-exit-hides-first-line.sh).
        let text = self.ask(&["capture-pane", "-p", "-S", "-50", "-t", &self.pane_id]).ok()?;
        let lines = text.lines().map(|line| clean(line, 200));
        let lines = lines.filter(|it| !it.trim().is_empty() && !it.starts_with("Pane is dead"));
        let lines: Vec<String> = lines.collect();
        Some(lines[lines.len().saturating_sub(3)..].join(" / "))
    }

    /// The program runs: when it ends, its session goes, as the user has set.
    pub fn settle(&self) {
        // It may have ended, with its window.
        let _ = self.ask(&["set-option", "-w", "-u", "-t", &self.window_id, "remain-on-exit"]);
    }

    /// Ends the session.
    pub fn kill(&self) -> Result<(), String> {
        self.ask(&["kill-session", "-t", &self.session_id]).map(drop)
    }

    /// The command that attaches it in a terminal.
    pub fn attach_command(&self) -> Vec<String> {
        let words = ["tmux", "-S", &self.socket.display().to_string(), "attach-session", "-t"];
        words.iter().map(|it| (*it).to_owned()).chain([self.session_id.clone()]).collect()
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = tmux();
        command.arg("-S").arg(&self.socket).args(arguments);
        run::text("tmux", &mut command, ANSWERS_WITHIN)
    }
}

/// Whether this `/proc/PID/stat` is that of a process that has ended.
fn is_dead(stat: &[u8]) -> bool {
    parse_stat(stat).is_some_and(|it| it.has_ended())
}

fn tmux() -> Command {
    let mut command = Command::new("tmux");
    for name in OF_A_SESSION {
        command.env_remove(name);
    }
    command
}

/// tmux's own client obeys its server, so one in a sandbox, or of another user, is not spoken to.
fn check_server() -> Result<(), StartFault> {
    let Some(socket) = socket() else { return Ok(()) };
    // Without one, tmux starts it.
    let Ok(stream) = connect_unix(&socket, Duration::from_millis(500)) else { return Ok(()) };
    let refuse = |why: String| {
        let fault = StartFault::new(format!("the tmux at {} is not used: {why}", socket.display()));
        Err(fault.hint("TMUX and TMUX_TMPDIR lead there; `--in window` needs no tmux"))
    };
    let Ok(peer) = socket_peercred(&stream) else {
        return refuse("it cannot be told whose it is".into());
    };
    if std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() != peer.uid.as_raw()) {
        return refuse("it belongs to another user".into());
    }
    match namespaces::foreign(Path::new("/proc"), peer.pid.as_raw_nonzero().get().cast_unsigned()) {
        Ok(None) => Ok(()),
        Ok(Some(name)) => refuse(format!("it runs in a sandbox or container ({name})")),
        Err(_) => refuse("it cannot be told where it runs".into()),
    }
}

/// The socket that tmux uses (tmux(1), ENVIRONMENT): that of `TMUX`, else the default one.
fn socket() -> Option<PathBuf> {
    let var = |name: &str| std::env::var(name).ok().filter(|it| !it.is_empty());
    if let Some(tmux) = var("TMUX") {
        return tmux.rsplitn(3, ',').nth(2).map(PathBuf::from);
    }
    let user = std::fs::metadata("/proc/self").ok()?.uid();
    let dir = var("TMUX_TMPDIR").unwrap_or_else(|| "/tmp".to_owned());
    Some(Path::new(&dir).join(format!("tmux-{user}")).join("default"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tmux_says_is_read() {
        let place = parse("$1 @2 %3 44 /tmp/tmux-0/a b\n", "web").unwrap();
        assert_eq!((place.pid, place.pane_id.as_str()), (44, "%3"));
        assert_eq!(place.attach_command()[2..], ["/tmp/tmux-0/a b", "attach-session", "-t", "$1"]);
        for text in ["", "\n", "1 @2 %3 44 /s", "$1 @2 %3 x /s", "$1 @2 %3 4", "$1_@2_%3_4_/s"] {
            assert_eq!(parse(text, "web"), None, "{text}");
        }
        assert!(refused("tmux says: duplicate session: web", "web").message.contains("already"));
    }

    #[test]
    fn a_program_that_is_not_reaped_yet_has_ended() {
        let mut child = Command::new("true").spawn().unwrap();
        let pid = child.id();
        let place = TmuxPlace { pid, ..parse("$1 @2 %3 44 /s", "web").unwrap() };
        // Until it is waited for it stays a zombie.
        let id = rustix::process::Pid::from_child(&child);
        let options =
            rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
        rustix::process::waitid(rustix::process::WaitId::Pid(id), options).unwrap();
        assert!(Path::new("/proc").join(pid.to_string()).exists() && place.has_ended());
        child.wait().unwrap();
        let own = TmuxPlace { pid: std::process::id(), ..place };
        assert!(!own.has_ended());
    }
}
