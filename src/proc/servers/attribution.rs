//! To which session a process belongs. Pure.
//!
//! What is surest comes first: a descendant, then the process group session of a shell that was seen
//! below the session, then what the environment names, then the directory.

use super::LiveSession;
use super::tree::Tree;
use crate::session::info::server::Attribution;
use crate::session::process::{Environment, ProcessId};
use crate::session::shared::Text;
use crate::session::state::Confidence;
use std::collections::HashMap;
use std::path::Path;

/// What a process was attributed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerOwner {
    /// The session, if it is known; it may have ended since.
    pub process: Option<ProcessId>,
    /// Its id, if that is known.
    pub session_id: Option<Text>,
    /// How it was found.
    pub by: Attribution,
}

/// Shells that tools of sessions started, by the process: the session of each.
pub type ToolShells = HashMap<u32, (ProcessId, Option<Text>)>;

impl ServerOwner {
    /// How reliable it is.
    pub fn confidence(&self) -> Confidence {
        match self.by {
            Attribution::Directory => Confidence::Probable,
            _ => Confidence::Certain,
        }
    }

    fn of(session: &LiveSession, by: Attribution) -> ServerOwner {
        let session_id = session.session_id.clone();
        ServerOwner { process: Some(session.process), session_id, by }
    }
}

/// By its ancestors, or by the shell with which its process group session began.
pub fn by_process(
    pid: u32,
    tree: &Tree,
    sessions: &[LiveSession],
    shells: &ToolShells,
) -> Option<ServerOwner> {
    let mut above = tree.ancestry(pid).skip(1);
    let session = above.find_map(|it| sessions.iter().find(|session| session.process == it.id));
    if let Some(session) = session {
        return Some(ServerOwner::of(session, Attribution::Process));
    }
    let (process, session_id) = shells.get(&tree.get(pid)?.leader)?.clone();
    Some(ServerOwner { process: Some(process), session_id, by: Attribution::Shell })
}

/// By the variables that Claude Code sets for its tools. A session that is named but does not run has
/// ended.
pub fn by_environment(
    process: ProcessId,
    env: &Environment,
    sessions: &[LiveSession],
) -> Option<ServerOwner> {
    let id = env.get("CLAUDE_CODE_SESSION_ID").filter(|id| !id.is_empty());
    let is_named = |it: &&LiveSession| id.is_some() && it.session_id.as_deref() == id;
    // `/clear` gives the process another id.
    let pid: Option<u32> = env.get("CLAUDE_PID").and_then(|it| it.parse().ok());
    let is_its_pid =
        |it: &&LiveSession| Some(it.process.pid) == pid && it.process.start <= process.start;
    let session = sessions.iter().find(is_named).or_else(|| sessions.iter().find(is_its_pid));
    if let Some(session) = session {
        return Some(ServerOwner::of(session, Attribution::Environment));
    }
    let session_id = Some(id?.into());
    Some(ServerOwner { process: None, session_id, by: Attribution::Environment })
}

/// By the directory that it runs in: the session whose directory is nearest above it. If there are
/// several in that, it is not known whose it is.
pub fn by_directory(cwd: &Path, sessions: &[LiveSession]) -> Option<ServerOwner> {
    let depth = |it: &LiveSession| {
        let directory = it.directory.as_deref().filter(|directory| cwd.starts_with(directory))?;
        Some(directory.components().count())
    };
    let deepest = sessions.iter().filter_map(depth).max()?;
    let mut nearest = sessions.iter().filter(|it| depth(it) == Some(deepest));
    let first = nearest.next()?;
    match nearest.next() {
        None => Some(ServerOwner::of(first, Attribution::Directory)),
        Some(_) => {
            Some(ServerOwner { process: None, session_id: None, by: Attribution::Directory })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::process;
    use super::*;

    fn session(pid: u32, id: &str, directory: &str) -> LiveSession {
        LiveSession {
            process: ProcessId { pid, start: u64::from(pid) * 10 },
            session_id: Some(id.into()),
            directory: (!directory.is_empty()).then(|| directory.into()),
        }
    }

    fn owner(owner: Option<ServerOwner>) -> Option<(Option<u32>, Option<Text>, Attribution)> {
        owner.map(|it| (it.process.map(|it| it.pid), it.session_id, it.by))
    }

    #[test]
    fn a_descendant_belongs_to_the_nearest_session_above_it() {
        let sessions = [session(10, "a", ""), session(20, "b", "")];
        let tree = Tree::new(
            [
                process(10, 1, 10, "claude"),
                process(15, 10, 15, "bash"),
                process(20, 15, 15, "claude"),
                process(25, 20, 25, "node"),
                process(30, 1, 15, "node"),
                process(40, 1, 40, "node"),
            ],
            [10, 20],
        );
        let shells = ToolShells::from([(15, (sessions[0].process, Some("a".into())))]);
        let of = |pid| owner(by_process(pid, &tree, &sessions, &shells));
        assert_eq!(of(25), Some((Some(20), Some("b".into()), Attribution::Process)));
        assert_eq!(of(30), Some((Some(10), Some("a".into()), Attribution::Shell)));
        assert_eq!(of(40), None);
    }

    #[test]
    fn the_environment_names_a_session_that_runs_or_has_ended() {
        let sessions = [session(10, "a", ""), session(20, "b", "")];
        let process = ProcessId { pid: 99, start: 990 };
        let of = |variables: &[(&str, &str)]| {
            let env: Environment = variables.iter().copied().collect();
            owner(by_environment(process, &env, &sessions))
        };
        let by = Attribution::Environment;
        let id = "CLAUDE_CODE_SESSION_ID";
        assert_eq!(of(&[(id, "b")]), Some((Some(20), Some("b".into()), by)));
        // After /clear.
        let cleared = of(&[(id, "old"), ("CLAUDE_PID", "10")]);
        assert_eq!(cleared, Some((Some(10), Some("a".into()), by)));
        assert_eq!(of(&[(id, "gone"), ("CLAUDE_PID", "7")]), Some((None, Some("gone".into()), by)));
        assert_eq!(of(&[("CLAUDE_PID", "7")]), None);
        assert_eq!(of(&[(id, "")]), None);
        // The pid of a session that ended is used again, by one that began later.
        let young =
            [LiveSession { process: ProcessId { pid: 10, start: 999 }, ..sessions[0].clone() }];
        let env: Environment = [(id, "old"), ("CLAUDE_PID", "10")].into_iter().collect();
        let found = owner(by_environment(process, &env, &young));
        assert_eq!(found, Some((None, Some("old".into()), by)));
    }

    #[test]
    fn a_directory_belongs_to_the_session_nearest_above_it() {
        let sessions = [
            session(10, "a", "/s"),
            session(20, "b", "/s/web"),
            session(30, "c", "/s/two"),
            session(40, "d", "/s/two"),
            session(50, "e", ""),
        ];
        let of = |cwd: &str| owner(by_directory(Path::new(cwd), &sessions));
        assert_eq!(of("/s/web/app"), Some((Some(20), Some("b".into()), Attribution::Directory)));
        assert_eq!(of("/s/website"), Some((Some(10), Some("a".into()), Attribution::Directory)));
        assert_eq!(of("/s/two/x"), Some((None, None, Attribution::Directory)));
        assert_eq!(of("/elsewhere"), None);
    }
}
