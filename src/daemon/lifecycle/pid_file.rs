//! `vmuxd.pid`: the pid of the running vmuxd, for scripts. The lock decides, not this file.

use crate::daemon::home::lock::HomeLock;
use crate::system::replace::{Replacement, remove_leftovers};
use std::fs;
use std::path::Path;

/// Writes our pid, if this is the vmuxd of the home, which is made if there is none. The error is one
/// line for the user.
pub fn write(path: &Path, home: &HomeLock) -> Result<(), String> {
    home.open().map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    remove_leftovers(path);
    let text = format!("{}\n", std::process::id());
    Replacement::write(path, text.as_bytes(), 0o600)
        .and_then(|new| new.commit(path))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Removes the file if it holds our pid.
pub fn remove(path: &Path) {
    let own_pid = std::process::id().to_string();
    let is_file = fs::symlink_metadata(path).is_ok_and(|it| it.is_file());
    if is_file && fs::read_to_string(path).is_ok_and(|text| text.trim() == own_pid) {
        let _ = fs::remove_file(path);
    }
}
