//! What `doctor PID` says: how vmuxd comes to see one process as a session or not, step by step. Pure.

use crate::claude::process;
use crate::claude::process::config_dir::config_dir;
use crate::protocol::finding::Finding;
use crate::session::info::SessionInfo;
use crate::session::place::Place;
use crate::session::process::Candidate;
use crate::session::registry::Record;
use crate::session::sanitize::clean;
use crate::session::state::Confidence;
use crate::session::state::evidence::Outcome;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The longest text of another program in a line.
const MAX_TEXT: usize = 200;

/// What `/proc` and the files of Claude Code say of a process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcessFacts {
    /// The process; `None` if there is none.
    pub candidate: Option<Candidate>,
    /// The user that it runs as.
    pub owner: Option<u32>,
    /// The user that vmuxd runs as.
    pub own: u32,
    /// As what it was recognised.
    pub recognised: Recognised,
}

/// As what a process was recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognised {
    /// By its name, its program and its arguments it is a session.
    pub by_name: bool,
    /// It would be, but equals its parent: it has forked a moment ago.
    pub is_fork: bool,
    /// The session file that names it.
    pub named_in: Option<PathBuf>,
}

/// What is known of the session of a process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownSession {
    /// Whether a scan has found the process.
    pub is_candidate: bool,
    /// The session as it is listed, if it is.
    pub info: Option<SessionInfo>,
    /// How its state and identity were found.
    pub record: Record,
    /// Whether a window manager is connected.
    pub has_desktop: bool,
}

/// The directories in which sessions are looked for.
pub fn directories(dirs: &BTreeSet<PathBuf>) -> Option<Finding> {
    let dirs: Vec<String> = dirs.iter().map(|dir| path(&dir.join("sessions"))).collect();
    match dirs.is_empty() {
        true => None,
        false => Some(Finding::ok("files", format!("session files are in {}", dirs.join(", ")))),
    }
}

/// Where the session file of a process is or would be: in the directory of its environment, else in one
/// of those that are known.
pub fn session_file_of(candidate: &Candidate, dirs: &BTreeSet<PathBuf>) -> Option<PathBuf> {
    let name = format!("sessions/{}.json", candidate.inner_pid);
    config_dir(candidate).or_else(|| dirs.first().cloned()).map(|dir| dir.join(name))
}

/// The steps, up to the first that is in the way. `facts` is `None` if the process does not answer.
pub fn walk(pid: u32, facts: Option<&ProcessFacts>, known: &KnownSession) -> Vec<Finding> {
    let Some(facts) = facts else {
        let says =
            format!("process {pid} does not answer: the kernel holds its memory, or a disk hangs");
        return vec![Finding::problem(
            "process",
            says,
            "what it waits for: `cat /proc/PID/stack` as root",
        )];
    };
    let Some(candidate) = &facts.candidate else {
        let says = format!("there is no process {pid}");
        let hint = "it has ended, or runs on another machine or in a container; `pgrep -af claude` \
            lists those that run here";
        return vec![Finding::problem("process", says, hint)];
    };
    let mut steps = Vec::new();
    if let Some(in_the_way) = recognise(pid, facts, candidate, &mut steps) {
        steps.push(in_the_way);
        return steps;
    }
    let Some(info) = &known.info else {
        steps.push(not_listed(known, candidate));
        return steps;
    };
    steps.push(Finding::ok("listed", "vmuxd lists it as a session"));
    steps.push(files(facts, candidate));
    steps.extend(conversation(info, &known.record));
    steps.push(state(info, &known.record));
    steps.push(window(info, known.has_desktop));
    steps
}

/// Whether it is a session by what it runs; what is in the way, if it is none.
fn recognise(
    pid: u32,
    facts: &ProcessFacts,
    candidate: &Candidate,
    steps: &mut Vec<Finding>,
) -> Option<Finding> {
    let name = clean(&candidate.process.comm, MAX_TEXT);
    if let Some(owner) = facts.owner.filter(|owner| *owner != facts.own) {
        let says =
            format!("process {pid} (`{name}`) belongs to user {owner}, vmuxd to {}", facts.own);
        let hint = "a vmuxd sees the sessions of its own user: run vmux as that user";
        return Some(Finding::problem("process", says, hint));
    }
    if candidate.process.has_ended() {
        let says =
            format!("process {pid} (`{name}`) has ended; its parent has not taken note of it");
        return Some(Finding::problem("process", says, "there is nothing to do"));
    }
    let exe = candidate.exe.as_deref();
    let program = exe.map_or_else(|| "unknown".to_owned(), path);
    let arguments = clean(&candidate.argv.join(" "), MAX_TEXT);
    steps.push(Finding::ok(
        "process",
        format!("process {pid} is `{name}`: program {program}, arguments `{arguments}`"),
    ));
    if facts.recognised.is_fork {
        let says = "it equals its parent: Claude Code has forked it to run a command";
        return Some(Finding::problem("program", says, "ask about its parent"));
    }
    if let Some(file) = &facts.recognised.named_in {
        let what = if facts.recognised.by_name {
            "it is Claude Code, and"
        } else {
            "by its name it is not Claude Code, but"
        };
        steps.push(Finding::ok(
            "program",
            format!("{what} a session file names it: {}", path(file)),
        ));
        return None;
    }
    if facts.recognised.by_name {
        steps.push(Finding::ok("program", "it is Claude Code, by its name and its program"));
        return None;
    }
    let (says, hint) = match process::words_of(candidate) {
        Some(_) => (
            "it is a helper of Claude Code (an MCP server, the daemon, ripgrep …), not a session"
                .to_owned(),
            "ask about its parent; `pgrep -af claude` lists all",
        ),
        None => (
            format!(
                "it is not Claude Code: neither `{name}` nor its program or arguments are, and no \
                 session file names it"
            ),
            "Claude Code 2.1.119 or later names its process in sessions/PID.json whatever it is called; \
             is CLAUDE_CONFIG_DIR in its environment one that vmuxd does not know?",
        ),
    };
    Some(Finding::problem("program", says, hint))
}

fn not_listed(known: &KnownSession, candidate: &Candidate) -> Finding {
    let topic = "listed";
    if !known.is_candidate {
        let says = "no scan has found it yet";
        return Finding::problem(
            topic,
            says,
            "a scan comes every few seconds (`interval`): try again",
        );
    }
    if process::is_background_worker(candidate) {
        let says = "it is a spare worker of the background daemon, which holds no session yet";
        return Finding::problem(topic, says, "it is listed as soon as it gets one");
    }
    let says = "it looks like a session, but what Claude Code wrote says that it is none: it has no \
        session file and no transcript, or they name a daemon";
    Finding::problem(
        topic,
        says,
        "if it is one, please report it with the output of `vmux doctor PID --json`",
    )
}

fn files(facts: &ProcessFacts, candidate: &Candidate) -> Finding {
    match (config_dir(candidate), &facts.recognised.named_in) {
        (Some(dir), Some(_)) => Finding::ok("files", format!("its files are in {}", path(&dir))),
        (Some(dir), None) => {
            let says = format!("its files are in {}; it has no session file there", path(&dir));
            let hint = "versions before 2.1.119 write none: the state comes from the transcript";
            Finding::note("files", says).hint(hint)
        }
        (None, _) => {
            let says = "where its files are is not known: its environment cannot be read, or names \
                neither HOME nor CLAUDE_CONFIG_DIR";
            Finding::problem("files", says, "start Claude Code with HOME set to an absolute path")
        }
    }
}

fn conversation(info: &SessionInfo, record: &Record) -> Vec<Finding> {
    let topic = "conversation";
    let from = |clause: &str| match clause.is_empty() {
        true => String::new(),
        false => format!(" ({})", clean(clause, MAX_TEXT)),
    };
    let id = match &info.session_id {
        Some(id) => {
            Finding::ok(topic, format!("session {}{}", clean(id, MAX_TEXT), from(&record.id_from)))
        }
        None => {
            let says = format!("no session id is known{}", from(&record.id_from));
            Finding::note(topic, says)
                .hint("it has one after its first dialog, or its first prompt")
        }
    };
    let transcript = match &info.details.transcript {
        Some(file) => Finding::ok(
            topic,
            format!("transcript {}{}", path(file), from(&record.transcript_from)),
        ),
        None => {
            let says = format!("no transcript is known{}", from(&record.transcript_from));
            Finding::note(topic, says).hint("Claude Code writes it with the first prompt")
        }
    };
    vec![id, transcript]
}

fn state(info: &SessionInfo, record: &Record) -> Finding {
    let won = record.claims.iter().find(|claim| claim.outcome == Outcome::Won);
    let by = won.map_or_else(String::new, |claim| format!(": {}", clean(&claim.says, MAX_TEXT)));
    let word = info.state.word().replace('_', " ");
    let hint = format!("`vmux why {}` tells every claim", info.pid);
    match info.confidence {
        Confidence::Certain => Finding::ok("state", format!("{word}{by}")),
        _ => Finding::note("state", format!("{word}, which is not certain{by}")).hint(hint),
    }
}

fn window(info: &SessionInfo, has_desktop: bool) -> Finding {
    let topic = "window";
    let Some(place) = info.place.as_deref() else {
        let says = "where it is shown is not known";
        return match has_desktop {
            true => Finding::problem(topic, says, "it may have just begun: try again"),
            false => Finding::note(topic, format!("{says}: there is no window manager"))
                .hint("`vmux doctor` tells why"),
        };
    };
    let how = clean(&place.how, MAX_TEXT);
    let workspace = place.workspace.as_ref().map(|it| format!("workspace {}, ", clean(it, 60)));
    let says = format!("{}{how}", workspace.unwrap_or_default());
    let is_detached = place.pane.as_ref().is_some_and(|pane| pane.client_tty.is_none());
    match (place.window.is_some(), place.candidates, is_detached) {
        (true, ..) => Finding::ok(topic, says),
        (_, _, true) => {
            Finding::note(topic, says).hint("`vmux switch --attach` attaches it in a new terminal")
        }
        (_, 2.., _) => Finding::problem(topic, says, several_windows(place)),
        _ if has_desktop => {
            Finding::note(topic, says).hint("docs/windows.md tells which terminals can be reached")
        }
        _ => Finding::note(topic, says).hint("`vmux doctor` tells of the window manager"),
    }
}

fn several_windows(place: &Place) -> String {
    format!(
        "{} windows cannot be told apart: `switch.title_probe = true` lets vmux change their titles for \
         a moment to find out",
        place.candidates
    )
}

fn path(path: &Path) -> String {
    clean(&path.display().to_string(), MAX_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::testing::candidate;
    use crate::protocol::finding::Severity::{self, Note, Ok as Fine, Problem};
    use crate::session::info::sample;
    use crate::session::place::Window;
    use crate::session::state::StateName;

    fn facts(change: impl FnOnce(&mut Candidate)) -> ProcessFacts {
        let mut subject = candidate(7);
        change(&mut subject);
        let recognised = Recognised { by_name: true, ..Recognised::default() };
        ProcessFacts { candidate: Some(subject), owner: Some(1), own: 1, recognised }
    }

    fn check(facts: &ProcessFacts, known: &KnownSession, severity: Severity, words: &str) {
        let steps = walk(7, Some(facts), known);
        let last = steps.last().unwrap();
        assert_eq!(last.severity, severity, "{steps:?}");
        assert!(last.says.contains(words), "{steps:?}");
        assert!(severity == Fine || last.hint.is_some(), "{last:?}");
    }

    #[test]
    fn the_walk_ends_at_what_is_in_the_way() {
        let unknown = KnownSession::default();
        let none = ProcessFacts::default();
        check(&none, &unknown, Problem, "there is no process 7");
        assert!(walk(7, None, &unknown)[0].says.contains("does not answer"));
        let other = ProcessFacts { owner: Some(2), ..facts(|_| {}) };
        check(&other, &unknown, Problem, "belongs to user 2, vmuxd to 1");
        check(&facts(|it| it.process.state = 'Z'), &unknown, Problem, "has ended");
        let mut fork = facts(|_| {});
        fork.recognised.is_fork = true;
        check(&fork, &unknown, Problem, "it equals its parent");
        let mut vim = facts(|it| {
            it.argv = vec!["vim".to_owned()].into();
            it.exe = Some("/usr/bin/vim".into());
        });
        vim.recognised.by_name = false;
        check(&vim, &unknown, Problem, "it is not Claude Code");
        let mut helper = facts(|it| {
            it.argv = Vec::from(["claude", "mcp", "serve"].map(str::to_owned)).into();
            it.exe = Some("/opt/claude".into());
        });
        helper.recognised.by_name = false;
        check(&helper, &unknown, Problem, "a helper of Claude Code");
        check(&facts(|_| {}), &unknown, Problem, "no scan has found it yet");
        let seen = KnownSession { is_candidate: true, ..KnownSession::default() };
        check(&facts(|_| {}), &seen, Problem, "it looks like a session, but");
    }

    #[test]
    fn the_window_of_a_session_or_what_would_be_needed() {
        let place = |window: bool, candidates| Place {
            workspace: Some("3".into()),
            output: None,
            window: window.then_some(Window { con_id: 1, xid: None, pid: 9, focused: false }),
            candidates,
            pane: None,
            how: "the only window of xterm (pid 9)".into(),
            confidence: Confidence::Certain,
        };
        let shown = |place: Option<Place>, has_desktop| {
            let mut info = sample(7, StateName::Idle, 1);
            info.place = place.map(Box::new);
            KnownSession { info: Some(info), is_candidate: true, has_desktop, ..Default::default() }
        };
        let facts = facts(|_| {});
        let words = "workspace 3, the only window of xterm (pid 9)";
        check(&facts, &shown(Some(place(true, 1)), true), Fine, words);
        check(&facts, &shown(Some(place(false, 3)), true), Problem, words);
        check(&facts, &shown(Some(place(false, 0)), true), Note, words);
        check(&facts, &shown(None, true), Problem, "is not known");
        check(&facts, &shown(None, false), Note, "there is no window manager");
    }
}
