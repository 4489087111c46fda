//! `sessions.json`: which sessions run, and which have ended, so that `vmux restore` can take them up again
//! after a reboot. A small file: what `--resume` needs, and what a person needs to know them again.
//!
//! A file that cannot be used counts as empty. It is set aside: a later vmux may have written it.

use crate::daemon::home::lock::HomeLock;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::info::start::PastSession;
use crate::session::key::SessionKey;
use crate::session::sanitize::clean;
use crate::session::shared::Text;
use crate::system::files::read_regular;
use crate::system::replace::{Replacement, remove_leftovers};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// A larger file was not written by vmux.
const MAX_FILE: u64 = 1024 * 1024;

/// The most sessions that are kept.
const MAX_SESSIONS: usize = 100;

/// How long a session that has ended is kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Sessions that end within this time of each other were ended together: with tmux, or the desktop.
const TOGETHER: TimeDelta = TimeDelta::seconds(2);

/// A session that goes on for so long after it was asked to end was not ended by that: the request may
/// have been refused, or undone by the user.
const ENDS_WITHIN: TimeDelta = TimeDelta::seconds(60);

/// As the machine goes down, sessions end before vmuxd does.
const GOING_DOWN: TimeDelta = TimeDelta::seconds(30);

/// The longest text that is kept, in characters.
const MAX_TEXT: usize = 200;

/// The content of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionRecord {
    /// The boot in which it was written (`/proc/sys/kernel/random/boot_id`).
    pub boot: String,
    /// When vmuxd ended; none while it runs, and after a power cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The sessions.
    pub sessions: Vec<RecordedSession>,
}

/// A session in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedSession {
    /// What is told of it.
    #[serde(flatten)]
    pub past: PastSession,
    /// Whether `vmux end` has ended it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_user: bool,
    /// When it was asked to end.
    #[serde(skip)]
    pub asked: Option<Timestamp>,
    /// When it ended; none of one that runs, or did when vmuxd was last there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

/// What to keep of this session; none of one that cannot be taken up again.
pub fn recorded(session: &SessionInfo) -> Option<PastSession> {
    let details = &session.details;
    let is_used = details.last_prompt.is_some() || details.transcript.is_some();
    let is_own = matches!(details.kind.as_deref(), None | Some("interactive" | "background"));
    let is_worth_it = session.host.is_none() && is_own && is_used && details.parent_pid.is_none();
    let session_id = session.session_id.clone().filter(|_| is_worth_it)?;
    let named = details.name.as_ref().filter(|_| details.named_by_user);
    let pane = session.place.as_ref().and_then(|it| it.pane.as_ref());
    Some(PastSession {
        session_id: session_id.to_string(),
        cwd: session.cwd.to_string(),
        name: session.label.as_ref().or(named).map(|it| clean(it, MAX_TEXT)),
        tmux: pane.map(|it| clean(&it.session, MAX_TEXT)),
        workspace: session.workspace.as_deref().map(str::to_owned),
        preview: clean(&session.preview, MAX_TEXT),
        config_dir: details.config_dir.as_ref().and_then(|it| it.to_str().map(str::to_owned)),
        seen: session.since,
        lost: false,
    })
}

impl SessionRecord {
    /// Takes in sessions that have changed, at `now`; `None` has ended. `running` are all sessions by
    /// process, as of the last call. True if that is worth a write.
    pub fn update<'a>(
        &mut self,
        running: &mut BTreeMap<SessionKey, Text>,
        changed: impl Iterator<Item = (SessionKey, Option<&'a SessionInfo>)>,
        now: Timestamp,
    ) -> bool {
        let mut is_changed = false;
        let mut ended = Vec::new();
        for (key, session) in changed {
            let past = session.and_then(recorded);
            let before = match &past {
                Some(past) => running.insert(key, past.session_id.as_str().into()),
                None => running.remove(&key),
            };
            // Another conversation in the same process: the user has left this one.
            let is_left = past.is_some();
            let is_other = |id: &Text| past.as_ref().is_none_or(|it| *it.session_id != **id);
            ended.extend(before.filter(is_other).map(|id| (id, is_left)));
            is_changed |= past.is_some_and(|past| self.put(past));
        }
        for (id, is_left) in ended {
            is_changed = true;
            let is_elsewhere = running.values().any(|it| *it == id);
            match self.sessions.iter_mut().find(|it| *it.past.session_id == *id) {
                _ if is_elsewhere => {}
                Some(_) if is_left => self.sessions.retain(|it| *it.past.session_id != *id),
                Some(session) => {
                    session.by_user = session.asked.is_some_and(|at| now - at < ENDS_WITHIN);
                    session.ended = Some(now);
                }
                None => {}
            }
        }
        is_changed && self.prune(now)
    }

    /// The user has asked this session to end.
    pub fn note_end(&mut self, session_id: &str, now: Timestamp) {
        let known = self.sessions.iter_mut().find(|it| it.past.session_id == session_id);
        known.into_iter().for_each(|it| it.asked = Some(now));
    }

    /// Replaces what is known of this session; true if anything but its last words is new.
    fn put(&mut self, past: PastSession) -> bool {
        let known = self.sessions.iter_mut().find(|it| it.past.session_id == past.session_id);
        let Some(known) = known else {
            // It would be left out again at once.
            if self.sessions.len() >= MAX_SESSIONS
                && self.sessions.iter().all(|it| it.ended.is_none())
            {
                return false;
            }
            self.sessions.push(RecordedSession { past, by_user: false, asked: None, ended: None });
            return true;
        };
        let (preview, seen) = (known.past.preview.clone(), known.past.seen);
        let is_same =
            known.ended.is_none() && known.past == PastSession { preview, seen, ..past.clone() };
        // One that runs again may be cut off again.
        let asked = known.asked.filter(|_| known.ended.is_none());
        *known = RecordedSession { past, by_user: false, asked, ended: None };
        !is_same
    }

    /// Leaves out what is too old or too much, the oldest first.
    fn prune(&mut self, now: Timestamp) -> bool {
        self.sessions.retain(|it| it.ended.is_none_or(|ended| now - ended < KEPT));
        self.sessions.sort_by_key(|it| std::cmp::Reverse((it.ended.is_none(), it.ended)));
        self.sessions.truncate(MAX_SESSIONS);
        true
    }

    /// What a vmuxd that begins in `boot` makes of the record of the last one: the sessions that were cut
    /// off are marked.
    pub fn taken_over(mut self, boot: &str) -> SessionRecord {
        let is_rebooted = self.boot != boot;
        for session in &mut self.sessions {
            let went_down = |ended| self.until.is_some_and(|until| until - ended <= GOING_DOWN);
            session.past.lost |= match session.ended {
                None => true,
                Some(ended) => is_rebooted && went_down(ended),
            };
        }
        SessionRecord { boot: boot.to_owned(), until: None, sessions: self.sessions }
    }

    /// The sessions that do not run, the last ones first.
    pub fn past(&self, runs: impl Fn(&str) -> bool) -> Vec<PastSession> {
        let together = |at: Timestamp| {
            let near = |it: &&RecordedSession| {
                !it.by_user && it.ended.is_some_and(|it| (it - at).abs() <= TOGETHER)
            };
            self.sessions.iter().filter(near).count() > 1
        };
        let gone = self.sessions.iter().filter(|it| !runs(&it.past.session_id));
        let told = gone.map(|it| PastSession {
            lost: !it.by_user && (it.past.lost || it.ended.is_some_and(together)),
            seen: it.ended.unwrap_or(it.past.seen),
            ..it.past.clone()
        });
        let mut past: Vec<PastSession> = told.collect();
        past.sort_by_key(|it| std::cmp::Reverse(it.seen));
        past
    }
}

/// Reads the file, and which boot this is. May block on a disk.
pub fn read(path: &Path) -> SessionRecord {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let read = match read_regular(path, MAX_FILE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(SessionRecord::default()),
        Err(error) => Err(error.to_string()),
        Ok((bytes, _)) => parse(&bytes).map_err(|error| error.to_string()),
    };
    let record = read.unwrap_or_else(|error| {
        set_aside(path, &error);
        SessionRecord::default()
    });
    record.taken_over(boot.trim())
}

/// Gives a file that cannot be used another name, in place of the one that was set aside before.
fn set_aside(path: &Path, error: &str) {
    let aside = path.with_extension("json.damaged");
    let (name, error) = (path.display(), clean(error, MAX_TEXT));
    match std::fs::rename(path, &aside) {
        Ok(()) => log::warn!("{name} cannot be used ({error}); it is kept as {}", aside.display()),
        Err(failed) => log::warn!("{name} cannot be used ({error}), nor set aside: {failed}"),
    }
}

/// The record in the content of the file.
pub fn parse(bytes: &[u8]) -> serde_json::Result<SessionRecord> {
    let mut record: SessionRecord = serde_json::from_slice(bytes)?;
    record.sessions.truncate(MAX_SESSIONS);
    for session in &mut record.sessions {
        let past = &mut session.past;
        let texts = [&mut past.name, &mut past.tmux, &mut past.workspace];
        for text in texts.into_iter().flatten().chain([&mut past.preview]) {
            *text = clean(text, MAX_TEXT);
        }
    }
    let is_id = |id: &str| id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    record.sessions.retain(|it| is_id(&it.past.session_id) && it.past.cwd.starts_with('/'));
    Ok(record)
}

/// Writes the file, if this is the vmuxd of the home. It is not synced. The error is one line for the user.
pub fn write(path: &Path, record: &SessionRecord, home: &HomeLock) -> Result<(), String> {
    let failed =
        |error: &dyn std::fmt::Display| format!("cannot write {}: {error}", path.display());
    home.take().map_err(|error| failed(&error))?;
    remove_leftovers(path);
    let mut bytes = serde_json::to_vec_pretty(record).unwrap_or_default();
    bytes.push(b'\n');
    let new = Replacement::write(path, &bytes, 0o600);
    new.and_then(|new| new.commit(path)).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;
    use std::collections::BTreeSet;

    fn at(seconds: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn used(pid: u32) -> SessionInfo {
        let mut session = sample(pid, StateName::Idle, 1);
        session.details.last_prompt = Some("go".into());
        session
    }

    /// These are all sessions now.
    fn see(
        record: &mut SessionRecord,
        running: &mut BTreeMap<SessionKey, Text>,
        sessions: &[SessionInfo],
        now: Timestamp,
    ) -> bool {
        let present: BTreeMap<_, _> = sessions.iter().map(|it| (it.key(), it)).collect();
        let keys: BTreeSet<_> = running.keys().chain(present.keys()).copied().collect();
        let changed = keys.into_iter().map(|key| (key, present.get(&key).copied()));
        record.update(running, changed, now)
    }

    fn ids(past: &[PastSession]) -> Vec<(u32, bool)> {
        let pid = |it: &PastSession| u32::from_str_radix(&it.session_id[..8], 16).unwrap();
        past.iter().map(|it| (pid(it), it.lost)).collect()
    }

    #[test]
    fn only_what_changes_is_written_and_what_ends_is_kept() {
        let (mut record, mut running) = (SessionRecord::default(), BTreeMap::new());
        let mut sessions = [used(1), used(2), sample(3, StateName::Idle, 1)];
        assert!(see(&mut record, &mut running, &sessions, at(0)));
        sessions[0].preview = "more".into();
        assert!(!see(&mut record, &mut running, &sessions, at(1)));
        sessions[0].label = Some("web".into());
        assert!(see(&mut record, &mut running, &sessions, at(2)));
        assert!(record.past(|_| true).is_empty());
        assert!(see(&mut record, &mut running, &sessions[1..], at(3)));
        assert_eq!(ids(&record.past(|id| id.starts_with("00000002"))), [(1, false)]);
        // The next conversation of the same process: the old one was left.
        sessions[1].session_id = Some("00000009-0000-4000-8000-000000000000".into());
        see(&mut record, &mut running, &sessions[1..], at(60));
        see(&mut record, &mut running, &[], at(61));
        assert_eq!(ids(&record.past(|_| false)), [(9, false), (1, false)]);
        let text = serde_json::to_vec(&record).unwrap();
        assert_eq!(parse(&text).unwrap(), record);
    }

    #[test]
    fn what_is_cut_off_is_lost() {
        let (mut record, mut running) = (SessionRecord::default(), BTreeMap::new());
        let sessions = [used(1), used(2), used(3), used(4)];
        record.boot = "a".to_owned();
        see(&mut record, &mut running, &sessions, at(0));
        see(&mut record, &mut running, &sessions[1..], at(10));
        // Two at once, as with `tmux kill-server`.
        see(&mut record, &mut running, &sessions[3..], at(100));
        let past = |record: &SessionRecord| ids(&record.past(|id| id.starts_with("00000004")));
        assert_eq!(past(&record), [(2, true), (3, true), (1, false)]);
        // A power cut.
        let after = record.clone().taken_over("b");
        assert_eq!(ids(&after.past(|_| false)).len(), 4);
        assert!(ids(&after.past(|_| false)).contains(&(4, true)));
        // The machine goes down: sessions first, vmuxd then.
        see(&mut record, &mut running, &[], at(500));
        record.until = Some(at(505));
        let lost = |record: SessionRecord| {
            let past = ids(&record.past(|_| false));
            past.iter().filter(|it| it.1).map(|it| it.0).collect::<Vec<_>>()
        };
        assert_eq!(lost(record.clone().taken_over("b")), [4, 2, 3]);
        assert_eq!(lost(record.taken_over("a")), [2, 3]);
    }

    #[test]
    fn what_the_user_ends_is_not_cut_off() {
        let mut running = BTreeMap::new();
        let sessions = [used(1), used(2), used(3), used(4)];
        let mut record = SessionRecord::default();
        see(&mut record, &mut running, &sessions, at(0));
        let id = |it: &SessionInfo| it.session_id.clone().unwrap();
        // The first one was asked, and went on.
        record.note_end(&id(&sessions[0]), at(0));
        record.note_end(&id(&sessions[1]), at(95));
        see(&mut record, &mut running, &sessions, at(98));
        see(&mut record, &mut running, &[], at(100));
        let lost = |record: &SessionRecord| {
            let mut past = ids(&record.past(|_| false));
            past.sort_unstable();
            past
        };
        assert_eq!(lost(&record), [(1, true), (2, false), (3, true), (4, true)]);
        // It was started again, and tmux was killed.
        see(&mut record, &mut running, &sessions, at(110));
        see(&mut record, &mut running, &[], at(120));
        assert!(lost(&record).contains(&(2, true)));
    }

    #[test]
    fn it_is_bounded_and_garbage_is_nothing() {
        let (mut record, mut running) = (SessionRecord::default(), BTreeMap::new());
        for pid in 1..300 {
            see(&mut record, &mut running, &[used(pid)], at(i64::from(pid) * 60));
        }
        assert_eq!(record.sessions.len(), MAX_SESSIONS);
        see(&mut record, &mut running, &[], at(300 * 60));
        see(&mut record, &mut running, &[used(1)], at(90 * 86_400));
        assert_eq!(record.sessions.len(), 1);
        for garbage in ["", "{", "[]", "{\"sessions\":[{}]}", "{\"boot\":7}"] {
            assert_eq!(
                parse(garbage.as_bytes()).unwrap_or_default(),
                SessionRecord::default(),
                "{garbage}"
            );
        }
        let hostile = r#"{"sessions":[{"session_id":"-x","cwd":"/","seen":"2026-01-01T00:00:00Z"},
            {"session_id":"00000001-0000-4000-8000-000000000000","cwd":"x","seen":"2026-01-01T00:00:00Z"}]}"#;
        assert!(parse(hostile.as_bytes()).unwrap_or_default().sessions.is_empty());
    }

    #[test]
    fn more_sessions_than_it_holds_are_not_written_again_and_again() {
        let (mut record, mut running) = (SessionRecord::default(), BTreeMap::new());
        let sessions: Vec<SessionInfo> = (1..=150).map(used).collect();
        assert!(see(&mut record, &mut running, &sessions, at(0)));
        assert!(!see(&mut record, &mut running, &sessions, at(1)));
        // One of those that it holds ends.
        assert!(see(&mut record, &mut running, &sessions[1..], at(2)));
        assert_eq!((record.sessions.len(), running.len()), (MAX_SESSIONS, 149));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_set_aside() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sessions.json");
        let aside = directory.path().join("sessions.json.damaged");
        assert!(read(&path).sessions.is_empty() && !aside.exists());
        std::fs::write(&path, "{\"sessions\":[{\"torn").unwrap();
        assert!(read(&path).sessions.is_empty() && !path.exists());
        assert_eq!(std::fs::read_to_string(&aside).unwrap(), "{\"sessions\":[{\"torn");
        // A link to what does not end.
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert!(read(&path).sessions.is_empty() && aside.is_symlink());
    }
}
