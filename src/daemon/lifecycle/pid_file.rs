//! `vmuxd.pid`: the pid of the running vmuxd, for scripts. The lock decides, not this file.

use super::instance;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes our pid. The error is one line for the user.
pub fn write(path: &Path) -> Result<(), String> {
    let home = path.parent().unwrap_or(Path::new("/"));
    instance::own_directory(home).map_err(|error| error.to_string())?;
    let temporary = path.with_extension("pid.new");
    let _ = fs::remove_file(&temporary);
    let mut options = fs::OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| writeln!(file, "{}", std::process::id()))
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|error| {
            let _ = fs::remove_file(&temporary);
            format!("cannot write {}: {error}", path.display())
        })
}

/// Removes the file if it holds our pid.
pub fn remove(path: &Path) {
    let own_pid = std::process::id().to_string();
    let is_file = fs::symlink_metadata(path).is_ok_and(|it| it.is_file());
    if is_file && fs::read_to_string(path).is_ok_and(|text| text.trim() == own_pid) {
        let _ = fs::remove_file(path);
    }
}
