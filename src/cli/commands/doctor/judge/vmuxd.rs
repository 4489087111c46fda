//! vmux and vmuxd: whether vmuxd answers, of which version it is, what its environment lacks. Pure.

use crate::protocol::VERSION;
use crate::protocol::finding::Finding;
use crate::protocol::response::{Code, DaemonInfo, Response};
use crate::protocol::socket::Paths;
use crate::session::sanitize::clean;
use crate::show::phrases;
use std::path::PathBuf;

const TOPIC: &str = "vmuxd";

/// Whether vmuxd answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reach {
    /// It does, and this is its answer to `doctor`.
    Answers(Box<Response>),
    /// It does, and does not know `doctor`.
    TooOld(DaemonInfo),
    /// None runs.
    Absent,
    /// It is stopped (state `T`).
    Stopped(u32),
    /// It runs somewhere else, or its socket is gone.
    Lost {
        /// Its pid, where it runs.
        pid: u32,
        /// Its socket.
        socket: PathBuf,
        /// Whether it runs in this PID namespace.
        here: bool,
    },
    /// It cannot be asked; why, as a clause.
    Failed(Option<u32>, String),
    /// It refuses to answer.
    Refused(Box<Response>),
    /// No answer in time.
    #[default]
    Silent,
}

impl Reach {
    /// The pid of vmuxd, if it runs here.
    pub fn pid(&self) -> Option<u32> {
        match self {
            Reach::Answers(response) => response.daemon.as_ref().map(|it| it.pid),
            Reach::TooOld(daemon) => Some(daemon.pid),
            Reach::Stopped(pid) | Reach::Lost { pid, here: true, .. } => Some(*pid),
            Reach::Failed(pid, _) => *pid,
            Reach::Absent | Reach::Lost { .. } | Reach::Refused(_) | Reach::Silent => None,
        }
    }

    /// Whether vmuxd answers, so that its sessions are known.
    pub fn has_answered(&self) -> bool {
        matches!(self, Reach::Answers(_) | Reach::TooOld(_))
    }

    /// What vmuxd has found itself.
    pub fn findings(&self) -> Vec<Finding> {
        match self {
            Reach::Answers(response) => response.findings.clone().unwrap_or_default(),
            Reach::TooOld(daemon) => {
                let hint =
                    "its log tells more, and so does this page once vmuxd is of this version";
                daemon.problems.iter().map(|it| Finding::problem(TOPIC, it.clone(), hint)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What `/proc` tells of vmuxd.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VmuxdProcess {
    /// Where its standard error goes: a file, `socket:[7]` (the journal), `/dev/null`.
    pub log: Option<String>,
    /// Its program; ends in ` (deleted)` if the file was replaced.
    pub program: Option<String>,
    /// The variables of [`DESKTOP_VARIABLES`] that its environment has.
    pub variables: Option<Vec<(String, String)>>,
}

/// The variables that lead to the desktop.
pub const DESKTOP_VARIABLES: &[&str] =
    &["DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

/// Whether vmuxd answers, and how the two sides fit together.
pub fn both_sides(
    reach: &Reach,
    process: &VmuxdProcess,
    paths: &Paths,
    home: Option<&str>,
) -> Vec<Finding> {
    let shown = |path: &std::path::Path| phrases::directory(&path.to_string_lossy(), home);
    let socket = shown(&paths.socket);
    let mut found = vec![reached(reach, &socket)];
    found.push(Finding::ok(TOPIC, format!("socket {socket}, files in {}", shown(&paths.home))));
    if process.program.as_ref().is_some_and(|it| it.ends_with(" (deleted)")) {
        let says = "its program was replaced since it started, as by an update";
        found.push(Finding::problem(TOPIC, says, "`vmux stop`; the next vmux starts the new one"));
    }
    if let Some(log) = &process.log {
        let says = match log.as_str() {
            it if it.starts_with("socket:") => "log: `journalctl --user -u vmuxd`".to_owned(),
            it if it.starts_with("pipe:") => {
                "log: a pipe, to the program that started it".to_owned()
            }
            "/dev/null" => "log: none; it goes to /dev/null".to_owned(),
            path => format!("log: {}", phrases::directory(path, home)),
        };
        found.push(Finding::ok(TOPIC, says));
    }
    found
}

fn reached(reach: &Reach, socket: &str) -> Finding {
    let answers = |daemon: &DaemonInfo| {
        let theirs = clean(&daemon.version, 40);
        let says = format!("vmux {VERSION}, vmuxd {theirs} (pid {})", daemon.pid);
        match theirs == VERSION {
            true => Finding::ok(TOPIC, says),
            false => {
                let hint = "`vmux stop` ends the old one, the next vmux starts the new one";
                Finding::problem(TOPIC, format!("{says}: two versions"), hint)
            }
        }
    };
    match reach {
        Reach::Answers(response) => match &response.daemon {
            Some(daemon) => answers(daemon),
            None => Finding::note(TOPIC, format!("vmux {VERSION}, vmuxd does not say its version")),
        },
        Reach::TooOld(daemon) => {
            let theirs = clean(&daemon.version, 40);
            let says = format!(
                "vmux {VERSION}, vmuxd {theirs} (pid {}), which does not know `doctor`",
                daemon.pid
            );
            let hint = "`vmux stop` ends it, the next vmux starts the one of this version";
            Finding::problem(TOPIC, says, hint)
        }
        Reach::Absent => Finding::problem(
            TOPIC,
            format!("vmux {VERSION}; vmuxd is not running"),
            "any other vmux command starts it, or `systemctl --user start vmuxd`",
        ),
        Reach::Stopped(pid) => Finding::problem(
            TOPIC,
            format!("vmuxd (pid {pid}) is stopped, as by Ctrl-Z"),
            format!("`kill -CONT {pid}` wakes it"),
        ),
        Reach::Lost { pid, socket, here: true } => Finding::problem(
            TOPIC,
            format!("vmuxd (pid {pid}) runs, but does not answer on {}", socket.display()),
            format!(
                "a socket that has vanished is made again within seconds: try again, or end it with \
                 `kill {pid}`"
            ),
        ),
        Reach::Lost { pid, socket, here: false } => Finding::problem(
            TOPIC,
            format!(
                "the vmuxd of this home runs in another container or on another machine (pid {pid} \
                 there, socket {})",
                socket.display()
            ),
            "each machine and container needs a VMUX_HOME of its own",
        ),
        Reach::Failed(_, why) => Finding::problem(
            TOPIC,
            format!("vmuxd cannot be asked on {socket}: {}", clean(why, 300)),
            "is the socket yours? VMUX_SOCKET names another one",
        ),
        Reach::Refused(response) => Finding::problem(
            TOPIC,
            clean(response.error.as_deref().unwrap_or("vmuxd refuses to answer"), 300),
            clean(response.hint.as_deref().unwrap_or("try again"), 300),
        ),
        Reach::Silent => Finding::problem(
            TOPIC,
            format!("vmuxd does not answer on {socket}"),
            "is it suspended, or very busy? `kill -CONT` wakes it, `kill -KILL` ends it: its pid is in \
             vmuxd.pid beside labels.json",
        ),
    }
}

/// The desktop that the environment names, here and at vmuxd.
pub fn environment(own: &[(String, String)], process: &VmuxdProcess) -> Vec<Finding> {
    let topic = "desktop";
    let value = |variables: &[(String, String)], name: &str| {
        variables.iter().find(|(key, _)| key == name).map(|(_, value)| clean(value, 100))
    };
    let mut found = Vec::new();
    found.push(match (value(own, "WAYLAND_DISPLAY"), value(own, "DISPLAY")) {
        (Some(wayland), x) => {
            let x = x.map_or_else(|| "no X display".to_owned(), |x| format!("X display {x}"));
            Finding::ok(topic, format!("Wayland ({wayland}) with {x}, by the environment here"))
        }
        (None, Some(x)) => {
            Finding::ok(topic, format!("X11 (display {x}), by the environment here"))
        }
        (None, None) => {
            let says = "no desktop, by the environment here: neither DISPLAY nor WAYLAND_DISPLAY";
            Finding::note(topic, says)
        }
    });
    let Some(theirs) = &process.variables else { return found };
    let differing: Vec<String> = DESKTOP_VARIABLES
        .iter()
        .filter_map(|name| {
            let here = value(own, name)?;
            match value(theirs, name) {
                Some(there) if there == here => None,
                Some(there) => Some(format!("{name} is {there} there and {here} here")),
                None => Some(format!("{name} is not set there")),
            }
        })
        .collect();
    if !differing.is_empty() {
        let says = format!("vmuxd has another environment: {}", differing.join(", "));
        found.push(Finding::note(topic, says).hint(
            "if the desktop is not found below, start vmuxd from it: `vmux stop`, then `vmux`",
        ));
    }
    found
}

/// What can be said of a process without vmuxd. `is_there`: `None` if `/proc` does not answer.
pub fn process_without_vmuxd(pid: u32, is_there: Option<bool>) -> Finding {
    match is_there {
        Some(false) => Finding::problem(
            "process",
            format!("there is no process {pid}"),
            "it has ended, or runs on another machine or in a container; `pgrep -af claude` lists \
             those that run here",
        ),
        _ => Finding::note("process", format!("what process {pid} is, vmuxd would have to tell")),
    }
}

/// What an answer to `doctor` means.
pub fn reach_of(response: Response, version: impl FnOnce() -> Option<DaemonInfo>) -> Reach {
    match response.code {
        _ if response.ok => Reach::Answers(Box::new(response)),
        Some(Code::BadRequest) => version().map_or(Reach::Silent, Reach::TooOld),
        _ => Reach::Refused(Box::new(response)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::finding::Severity;

    fn daemon(version: &str) -> DaemonInfo {
        let problems = vec!["labels.json is damaged".to_owned()];
        DaemonInfo { version: version.to_owned(), protocol: 1, pid: 7, problems }
    }

    fn answers(version: &str) -> Reach {
        let daemon = Some(daemon(version));
        Reach::Answers(Box::new(Response { daemon, ..Response::done() }))
    }

    #[test]
    fn a_vmuxd_of_this_version_is_well_and_every_other_case_has_a_remedy() {
        assert_eq!(reached(&answers(VERSION), "s").severity, Severity::Ok);
        let lost = |here| Reach::Lost { pid: 7, socket: "/s".into(), here };
        for (reach, words) in [
            (answers("0.0.1"), "two versions"),
            (Reach::TooOld(daemon("0.0.1")), "does not know `doctor`"),
            (Reach::Absent, "not running"),
            (Reach::Stopped(7), "(pid 7) is stopped"),
            (lost(true), "does not answer on /s"),
            (lost(false), "in another container"),
            (Reach::Failed(None, "refused\u{1b}".to_owned()), "on s: refused"),
            (Reach::Refused(Box::new(Response::refused(Code::Busy, "no\u{1b}"))), "no"),
            (Reach::Silent, "does not answer on s"),
        ] {
            let found = reached(&reach, "s");
            assert_eq!(found.severity, Severity::Problem, "{found:?}");
            assert!(found.says.contains(words) && found.hint.is_some(), "{found:?}");
        }
    }

    #[test]
    fn an_old_vmuxd_has_its_problems_told_all_the_same() {
        let refusal = Response::refused(Code::BadRequest, "unknown action");
        let reach = reach_of(refusal, || Some(daemon("0.0.1")));
        assert_eq!(reach.findings()[0].says, "labels.json is damaged");
        assert_eq!(reach.pid(), Some(7));
    }

    #[test]
    fn a_vmuxd_without_the_display_is_told() {
        let variables = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
        };
        let own = variables(&[("DISPLAY", ":0"), ("XDG_RUNTIME_DIR", "/run/user/1")]);
        let process = |theirs: &[(&str, &str)]| VmuxdProcess {
            variables: Some(variables(theirs)),
            ..VmuxdProcess::default()
        };
        assert_eq!(environment(&own, &VmuxdProcess::default()).len(), 1);
        let same = process(&[("DISPLAY", ":0"), ("XDG_RUNTIME_DIR", "/run/user/1")]);
        assert_eq!(environment(&own, &same).len(), 1);
        let found = environment(&own, &process(&[("XDG_RUNTIME_DIR", "/run/user/2")]));
        let words =
            "DISPLAY is not set there, XDG_RUNTIME_DIR is /run/user/2 there and /run/user/1 here";
        assert!(found[1].says.ends_with(words), "{found:?}");
        assert_eq!(environment(&[], &same)[0].severity, Severity::Note);
    }

    #[test]
    fn a_replaced_program_and_the_log() {
        let process = VmuxdProcess {
            log: Some("socket:[8]".to_owned()),
            program: Some("/usr/bin/vmuxd (deleted)".to_owned()),
            variables: None,
        };
        let var = |name: &str| (name == "VMUX_HOME").then(|| "/h/.vmux".into());
        let paths = Paths::find(var, None).unwrap();
        let found = both_sides(&answers(VERSION), &process, &paths, Some("/h"));
        assert_eq!(found[1].says, "socket ~/.vmux/vmuxd.sock, files in ~/.vmux");
        assert_eq!(found[2].severity, Severity::Problem);
        assert!(found[3].says.contains("journalctl"));
    }
}
