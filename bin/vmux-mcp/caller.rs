//! The session that calls: Claude Code starts one server for each, and tells it in the environment.

use std::path::{Path, PathBuf};
use vmux::client::ancestors;
use vmux::session::info::SessionInfo;
use vmux::session::key::SessionKey;
use vmux::session::sanitize::clean;

/// The longest session id that is believed, in characters: that of a UUID.
const MAX_ID: usize = 36;

/// Who calls.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The id that the session had when it started this server. It changes with /clear.
    pub session_id: Option<String>,
    /// The processes above this one, the nearest first: the session is one of them.
    pub ancestors: Vec<u32>,
    /// The directory in which the session was started.
    pub directory: PathBuf,
}

impl Caller {
    /// From the environment and `/proc`.
    pub fn of_process() -> Caller {
        let var = |name: &str| std::env::var(name).ok().filter(|it| !it.is_empty());
        let project = var("CLAUDE_PROJECT_DIR").map(PathBuf::from).filter(|it| it.is_absolute());
        Caller {
            session_id: var("CLAUDE_CODE_SESSION_ID").map(|it| clean(&it, MAX_ID)),
            ancestors: ancestors(),
            directory: project.or_else(|| std::env::current_dir().ok()).unwrap_or_default(),
        }
    }

    /// The caller's own session, if it is among these.
    pub fn own<'a>(&self, sessions: &'a [SessionInfo]) -> Option<&'a SessionInfo> {
        let local = || sessions.iter().filter(|it| it.host.is_none());
        let by_id = || {
            let id = self.session_id.as_deref()?;
            local().find(|it| it.session_id.as_deref() == Some(id))
        };
        let by_pid = || self.ancestors.iter().find_map(|pid| local().find(|it| it.pid == *pid));
        by_id().or_else(by_pid)
    }

    /// Whether a session is the caller's, or one in which the caller's runs.
    pub fn is_within(&self, key: SessionKey, session_id: Option<&str>) -> bool {
        let is_id = session_id.is_some() && session_id == self.session_id.as_deref();
        key.host.is_none() && (is_id || self.ancestors.contains(&key.process.pid))
    }

    /// `path` from the directory of the session; `~` is not a directory here.
    pub fn absolute(&self, path: &str) -> String {
        let mut absolute = PathBuf::new();
        for part in self.directory.join(Path::new(path)).components() {
            match part {
                std::path::Component::ParentDir => drop(absolute.pop()),
                std::path::Component::CurDir => {}
                part => absolute.push(part),
            }
        }
        absolute.to_string_lossy().into_owned()
    }

    /// How the log of answers names the caller: by the id that its session has now, if it is among these.
    pub fn door(&self, sessions: &[SessionInfo]) -> String {
        let now = self.own(sessions).and_then(|own| own.session_id.as_deref());
        match now.or(self.session_id.as_deref()) {
            Some(id) => format!("mcp {id}"),
            None => "mcp".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(pid: u32, id: &str) -> SessionInfo {
        serde_json::from_value(serde_json::json!({
            "pid": pid, "session_id": id, "cwd": "/w", "git_branch": null, "state": "idle",
            "since": "2026-11-28T10:00:00Z", "preview": "", "workspace": null,
        }))
        .unwrap()
    }

    #[test]
    fn a_session_is_known_by_its_id_and_after_clear_by_its_process() {
        let sessions = [session(10, "a"), session(20, "b")];
        let caller = |id: &str, pids: &[u32]| Caller {
            session_id: Some(id.to_owned()),
            ancestors: pids.to_vec(),
            directory: PathBuf::from("/w/x"),
        };
        let own = |caller: Caller| caller.own(&sessions).map(|it| it.pid);
        assert_eq!(own(caller("b", &[9, 10])), Some(20));
        assert_eq!(own(caller("gone", &[9, 20, 10])), Some(20));
        assert_eq!(own(caller("gone", &[9])), None);
        let door = |caller: Caller| caller.door(&sessions);
        assert_eq!(door(caller("old", &[10])), "mcp a");
        assert_eq!(door(caller("gone", &[9])), "mcp gone");
        let nested = caller("b", &[9, 20, 10]);
        assert!(sessions.iter().all(|it| nested.is_within(it.key(), it.session_id.as_deref())));
        assert!(!nested.is_within(SessionKey::local(30, 1), Some("c")));
        assert!(!nested.is_within(SessionKey::local(30, 1), None));
    }

    #[test]
    fn paths_begin_at_the_directory_of_the_session() {
        let caller = Caller { directory: PathBuf::from("/w/x"), ..Caller::default() };
        for (path, absolute) in
            [(".", "/w/x"), ("../y", "/w/y"), ("/srv/", "/srv"), ("a", "/w/x/a")]
        {
            assert_eq!(caller.absolute(path), absolute);
        }
    }
}
