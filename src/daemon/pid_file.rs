//! `vmuxd.pid`: the pid of the running vmuxd, for scripts. The lock decides, not this file.

use super::house;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// The pid file; dropping it removes it.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
}

impl PidFile {
    /// Write our pid, or say in one line why that was not possible.
    pub fn write(path: PathBuf) -> Result<PidFile, String> {
        let home = path.parent().unwrap_or(std::path::Path::new("/"));
        house::own_directory(home).map_err(|error| error.to_string())?;
        let temporary = path.with_extension("pid.new");
        let _ = fs::remove_file(&temporary);
        let mut options = fs::OpenOptions::new();
        let written = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)
            .and_then(|mut file| writeln!(file, "{}", std::process::id()))
            .and_then(|()| fs::rename(&temporary, &path));
        match written {
            Ok(()) => Ok(PidFile { path }),
            Err(error) => {
                let _ = fs::remove_file(&temporary);
                Err(format!("cannot write {}: {error}", path.display()))
            }
        }
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        let ours = std::process::id().to_string();
        let is_file = fs::symlink_metadata(&self.path).is_ok_and(|it| it.is_file());
        if is_file && fs::read_to_string(&self.path).is_ok_and(|text| text.trim() == ours) {
            let _ = fs::remove_file(&self.path);
        }
    }
}
