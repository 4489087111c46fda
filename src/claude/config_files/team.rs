//! Agent teams: `teams/<team>/config.json` (2.1.332), which the lead of a team keeps.

use crate::claude::input::{self, FileStamp, json};
use std::path::{Path, PathBuf};

/// Largest file that is read.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// Most teams whose files are looked at.
const MAX_TEAMS: usize = 64;

json::members! {
    /// The members of the file that matter, raw.
    struct TeamMembers {
        lead: "leadSessionId",
        members: "members",
    }
}

json::members! {
    /// The members of a teammate that matter, raw.
    struct MateMembers {
        id: "agentId",
        pane: "tmuxPaneId",
        backend: "backendType",
        is_active: "isActive",
    }
}

/// A team, as its lead wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Team {
    /// The session that leads it.
    pub(crate) lead: String,
    /// Teammates that are at work: their agent ids, and whether each is a process of its own.
    pub(crate) active: Vec<(String, bool)>,
    /// How many teammates there are.
    pub(crate) mates: usize,
}

/// Reads the content of a team's file; none if it is not one whole object.
pub(crate) fn parse(bytes: &[u8]) -> Option<Team> {
    let text = std::str::from_utf8(bytes).ok()?;
    let raw = TeamMembers::pick(text)?;
    let mut team = Team { lead: json::text(raw.lead)?.into_owned(), ..Team::default() };
    for member in json::elements(raw.members).unwrap_or_default() {
        let Some(raw) = MateMembers::pick(member) else { continue };
        if json::text(raw.pane).as_deref() == Some("leader") {
            continue;
        }
        team.mates += 1;
        if json::flag(raw.is_active) {
            let has_process = json::text(raw.backend).as_deref() != Some("in-process");
            team.active.push((json::text(raw.id).unwrap_or_default().into_owned(), has_process));
        }
    }
    Some(team)
}

/// The team that a session leads, read again when its file changes.
#[derive(Debug, Default)]
pub(crate) struct TeamReader {
    /// `None` while nobody has a team.
    known: Option<Box<KnownTeam>>,
}

#[derive(Debug)]
struct KnownTeam {
    session_id: String,
    folder: FileStamp,
    path: Option<PathBuf>,
    stamp: Option<FileStamp>,
    team: Option<Team>,
}

impl TeamReader {
    /// The team that the session leads; none if it leads none, or alone.
    pub(crate) fn look(&mut self, config: &Path, session_id: &str) -> Option<&Team> {
        let folder = config.join("teams");
        let Some(stamp) = input::stamp(&folder) else {
            self.known = None;
            return None;
        };
        let is_same = |it: &KnownTeam| it.session_id == session_id && it.folder == stamp;
        let known = self.known.take().filter(|it| is_same(it)).unwrap_or_else(|| {
            let (session_id, path) = (session_id.to_owned(), find(&folder, session_id));
            Box::new(KnownTeam { session_id, folder: stamp, path, stamp: None, team: None })
        });
        let known = self.known.insert(known);
        let path = known.path.as_deref()?;
        let stamp = input::stamp(path);
        if stamp != known.stamp {
            known.stamp = stamp;
            // A file that is being written keeps what was known.
            let read = input::read_small(path, MAX_FILE_BYTES).ok().and_then(|it| parse(&it));
            known.team = read.or(known.team.take()).filter(|_| stamp.is_some());
        }
        known.team.as_ref().filter(|team| team.mates > 0)
    }

    /// The file of the team.
    pub(crate) fn path(&self) -> Option<&Path> {
        let known = self.known.as_ref()?;
        known.path.as_deref().filter(|_| known.team.is_some())
    }
}

/// The file of the team that a session leads.
fn find(folder: &Path, session_id: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten().take(MAX_TEAMS);
    entries.map(|entry| entry.path().join("config.json")).find(|path| {
        let bytes = input::read_small(path, MAX_FILE_BYTES).ok();
        bytes.and_then(|bytes| parse(&bytes)).is_some_and(|team| team.lead == session_id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// As 2.1.332 writes it.
    fn file(bob: &str, backend: &str) -> String {
        format!(
            r#"{{"name":"t","leadAgentId":"team-lead@t","leadSessionId":"lead-1111","members":[
            {{"agentId":"team-lead@t","name":"team-lead","tmuxPaneId":"leader","backendType":"in-process"}},
            {{"agentId":"bob@t","name":"bob","tmuxPaneId":"%2","backendType":"{backend}","isActive":{bob}}}]}}"#
        )
    }

    #[test]
    fn says_who_is_at_work() {
        let team = parse(file("true", "tmux").as_bytes()).unwrap();
        assert_eq!((team.lead.as_str(), team.mates), ("lead-1111", 1));
        assert_eq!(team.active, [("bob@t".to_owned(), true)]);
        assert!(!parse(file("true", "in-process").as_bytes()).unwrap().active[0].1);
        assert_eq!(parse(file("false", "tmux").as_bytes()).unwrap().active, []);
        for wrong in ["", "{", "[]", "{}", r#"{"leadSessionId":7}"#, "\u{0}"] {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
        }
        let odd = parse(br#"{"leadSessionId":"x","members":[7,{"isActive":"yes"},[],{}]}"#);
        assert_eq!(odd.map(|team| (team.mates, team.active.len())), Some((2, 0)));
    }

    #[test]
    fn is_found_by_its_lead_and_followed() {
        let dir = tempfile::tempdir().unwrap();
        let mut reader = TeamReader::default();
        assert_eq!(reader.look(dir.path(), "lead-1111"), None);
        fs::create_dir_all(dir.path().join("teams/t")).unwrap();
        fs::create_dir_all(dir.path().join("teams/other")).unwrap();
        let path = dir.path().join("teams/t/config.json");
        fs::write(&path, file("true", "tmux")).unwrap();
        assert_eq!(reader.look(dir.path(), "lead-1111").unwrap().active.len(), 1);
        assert_eq!(reader.path(), Some(path.as_path()));
        fs::write(&path, "{\"leadSession").unwrap();
        assert_eq!(reader.look(dir.path(), "lead-1111").unwrap().active.len(), 1, "half-written");
        fs::write(&path, file("false", "tmux") + " ").unwrap();
        assert_eq!(reader.look(dir.path(), "lead-1111").unwrap().active.len(), 0);
        assert_eq!(reader.look(dir.path(), "other"), None);
    }
}
