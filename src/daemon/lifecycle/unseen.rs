//! `unseen.json`: which sessions have finished and were not seen yet, so that a restart of vmuxd does not
//! forget it.
//!
//! A JSON object, process (`4711:86301`) → session id. It also names the sessions that were busy when
//! vmuxd ended: those that are idle at the next start have finished meanwhile. Nothing depends on it:
//! a file that cannot be read counts as empty.

use crate::daemon::lifecycle::home_lock::HomeLock;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::StateName;
use crate::system::files::read_regular;
use crate::system::replace::{Replacement, remove_leftovers};
use std::collections::BTreeMap;
use std::path::Path;

/// A larger file was not written by vmux.
const MAX_FILE: u64 = 1024 * 1024;

/// Sessions that are unseen if they are idle, and their session ids.
pub type UnseenSessions = BTreeMap<SessionKey, String>;

/// The sessions to remember: those that are unseen, and with `busy` those that are busy.
pub fn unseen_sessions<'a>(
    sessions: impl Iterator<Item = &'a SessionInfo>,
    busy: bool,
) -> UnseenSessions {
    let is_busy =
        |it: &SessionInfo| busy && matches!(it.state, StateName::Working | StateName::NeedsInput);
    sessions
        .filter(|it| it.host.is_none() && (it.unseen || is_busy(it)))
        .filter_map(|it| Some((it.key(), it.session_id.clone()?)))
        .collect()
}

/// Reads the file. May block on a disk.
pub fn read(path: &Path) -> UnseenSessions {
    let Ok((bytes, _)) = read_regular(path, MAX_FILE) else { return UnseenSessions::new() };
    parse(&bytes)
}

/// Writes the file, if this is the vmuxd of the home. It is not synced: what a power cut takes is of
/// sessions that are gone with it. The error is one line for the user.
pub fn write(path: &Path, sessions: &UnseenSessions, home: &HomeLock) -> Result<(), String> {
    home.take().map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    remove_leftovers(path);
    Replacement::write(path, &encode(sessions), 0o600)
        .and_then(|new| new.commit(path))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// The sessions in the content of the file; an entry that is not one is left out.
pub fn parse(bytes: &[u8]) -> UnseenSessions {
    let entries: BTreeMap<String, String> = serde_json::from_slice(bytes).unwrap_or_default();
    let key = |text: &str| {
        let (pid, start) = text.split_once(':')?;
        Some(SessionKey::local(pid.parse().ok()?, start.parse().ok()?))
    };
    entries.into_iter().filter_map(|(text, id)| Some((key(&text)?, id))).collect()
}

/// The content of the file.
pub fn encode(sessions: &UnseenSessions) -> Vec<u8> {
    let entries: BTreeMap<String, &String> =
        sessions.iter().map(|(key, id)| (key.process.to_string(), id)).collect();
    let mut bytes = serde_json::to_vec_pretty(&entries).unwrap_or_default();
    bytes.push(b'\n');
    bytes
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
        ];
        sessions.iter_mut().for_each(|it| it.session_id = Some(format!("id of {}", it.pid)));
        sessions[1].unseen = true;
        let ids = |busy| unseen_sessions(sessions.iter(), busy).into_values().collect::<Vec<_>>();
        assert_eq!(ids(false), ["id of 2"]);
        assert_eq!(ids(true), ["id of 2", "id of 3"]);
        let unseen = unseen_sessions(sessions.iter(), true);
        assert_eq!(parse(&encode(&unseen)), unseen);
        for garbage in ["", "{", "[]", "{\"1\": \"x\"}", "{\"x:1\": \"x\"}", "{\"1:1\": 1}"] {
            assert!(parse(garbage.as_bytes()).is_empty(), "{garbage}");
        }
    }
}
