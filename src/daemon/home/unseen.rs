//! `unseen.json`: which sessions have finished and were not seen yet, and which the user has set aside, so
//! that a restart of vmuxd does not forget it.
//!
//! A JSON object, process (`4711:86301`) → session id, or an object with the id and the snooze. It also
//! names the sessions that were busy when vmuxd ended: those that are idle at the next start have finished
//! meanwhile. Nothing depends on it: a file that cannot be read counts as empty.

use crate::daemon::home::lock::HomeLock;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::registry::remembered::RememberedSession;
use crate::session::shared::Text;
use crate::session::state::StateName;
use crate::session::state::snooze::Snooze;
use crate::system::files::read_regular;
use crate::system::replace::{Replacement, remove_leftovers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A larger file was not written by vmux.
const MAX_FILE: u64 = 1024 * 1024;

/// What is remembered of the sessions.
pub type RememberedSessions = BTreeMap<SessionKey, RememberedSession>;

/// A session as it is in the file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
    /// It is unseen if it is idle. The only form that vmux 0.1 reads.
    Unseen(Text),
    Snoozed {
        session_id: Text,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unseen: bool,
        snoozed: Snooze,
    },
}

/// The sessions to remember: those that are unseen or set aside, and with `busy` those that are busy.
pub fn remembered_sessions<'a>(
    sessions: impl Iterator<Item = &'a SessionInfo>,
    busy: bool,
) -> RememberedSessions {
    sessions.filter_map(|it| Some((it.key(), remembered(it, busy)?))).collect()
}

/// What to remember of this session, if anything; with `busy`, also that it is busy.
pub fn remembered(session: &SessionInfo, busy: bool) -> Option<RememberedSession> {
    let is_busy = matches!(session.state, StateName::Working | StateName::NeedsInput);
    let is_unseen = session.unseen || (busy && is_busy);
    let is_worth_it = session.host.is_none() && (is_unseen || session.snoozed.is_some());
    let session_id = session.session_id.clone().filter(|_| is_worth_it)?;
    Some(RememberedSession { session_id, is_unseen, snooze: session.snoozed })
}

/// Reads the file. May block on a disk.
pub fn read(path: &Path) -> RememberedSessions {
    let Ok((bytes, _)) = read_regular(path, MAX_FILE) else { return RememberedSessions::new() };
    parse(&bytes)
}

/// Writes the file, if this is the vmuxd of the home. It is not synced: what a power cut takes is of
/// sessions that are gone with it. The error is one line for the user.
pub fn write(path: &Path, sessions: &RememberedSessions, home: &HomeLock) -> Result<(), String> {
    home.take().map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    remove_leftovers(path);
    Replacement::write(path, &encode(sessions), 0o600)
        .and_then(|new| new.commit(path))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// The sessions in the content of the file.
pub fn parse(bytes: &[u8]) -> RememberedSessions {
    let entries: BTreeMap<String, Entry> = serde_json::from_slice(bytes).unwrap_or_default();
    let key = |text: &str| {
        let (pid, start) = text.split_once(':')?;
        Some(SessionKey::local(pid.parse().ok()?, start.parse().ok()?))
    };
    entries.into_iter().filter_map(|(text, entry)| Some((key(&text)?, entry.into()))).collect()
}

/// The content of the file.
pub fn encode(sessions: &RememberedSessions) -> Vec<u8> {
    let entries: BTreeMap<String, Entry> =
        sessions.iter().map(|(key, it)| (key.process.to_string(), Entry::from(it))).collect();
    let mut bytes = serde_json::to_vec_pretty(&entries).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

impl From<Entry> for RememberedSession {
    fn from(entry: Entry) -> RememberedSession {
        match entry {
            Entry::Unseen(session_id) => {
                RememberedSession { session_id, is_unseen: true, snooze: None }
            }
            Entry::Snoozed { session_id, unseen, snoozed } => {
                RememberedSession { session_id, is_unseen: unseen, snooze: Some(snoozed) }
            }
        }
    }
}

impl From<&RememberedSession> for Entry {
    fn from(session: &RememberedSession) -> Entry {
        let session_id = session.session_id.clone();
        match session.snooze {
            None => Entry::Unseen(session_id),
            Some(snoozed) => Entry::Snoozed { session_id, unseen: session.is_unseen, snoozed },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;

    #[test]
    fn what_is_written_is_read_and_garbage_is_nothing() {
        let mut sessions = [
            sample(1, StateName::Idle, 1),
            sample(2, StateName::Idle, 1),
            sample(3, StateName::Working, 1),
            sample(4, StateName::NeedsInput, 1),
        ];
        sessions.iter_mut().for_each(|it| it.session_id = Some(format!("id of {}", it.pid).into()));
        sessions[1].unseen = true;
        let (until, state_since) = (Some(sessions[3].since), None);
        sessions[3].snoozed = Some(Snooze { until, state_since });
        let ids = |busy| {
            let remembered = remembered_sessions(sessions.iter(), busy).into_values();
            remembered.map(|it| (it.session_id.to_string(), it.is_unseen)).collect::<Vec<_>>()
        };
        let id = |pid: u32, is_unseen| (format!("id of {pid}"), is_unseen);
        assert_eq!(ids(false), [id(2, true), id(4, false)]);
        assert_eq!(ids(true), [id(2, true), id(3, true), id(4, true)]);
        for busy in [false, true] {
            let remembered = remembered_sessions(sessions.iter(), busy);
            assert_eq!(parse(&encode(&remembered)), remembered);
        }
        let old = parse(b"{\"1:2\": \"id\"}");
        assert!(old[&SessionKey::local(1, 2)].is_unseen);
        for garbage in ["", "{", "[]", "{\"1\": \"x\"}", "{\"x:1\": \"x\"}", "{\"1:1\": 1}"] {
            assert!(parse(garbage.as_bytes()).is_empty(), "{garbage}");
        }
    }
}
