//! One `vmux web` for each home: it holds a lock there for life, and writes its address into it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use vmux::cli::error::{CliError, CliResult, FAILED};
use vmux::client::error::plain;
use vmux::session::sanitize::clean;
use vmux::system::files::read_regular;

/// The longest address that is believed, in bytes.
const MAX_ADDRESS: u64 = 4096;

/// The lock, or who has it.
pub enum Taken {
    Mine(Lock),
    /// Another one has it, and serves there.
    Other(String),
}

/// The lock of this one.
pub struct Lock(File);

/// Takes the lock in `home`.
pub fn take(home: &Path) -> CliResult<Taken> {
    let path = home.join("web.lock");
    let failed =
        |error: io::Error| CliError::new(FAILED, format!("{}: {}", path.display(), plain(&error)));
    std::fs::create_dir_all(home).map_err(failed)?;
    let mut options = OpenOptions::new();
    // Not emptied before the lock is held: until then it is another one's.
    options.create(true).truncate(false).write(true).mode(0o600);
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let file = options.open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Taken::Mine(Lock(file))),
        Err(TryLockError::WouldBlock) => {
            let (bytes, _) = read_regular(&path, MAX_ADDRESS).map_err(failed)?;
            Ok(Taken::Other(clean(&String::from_utf8_lossy(&bytes), 400)))
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

impl Lock {
    /// Writes down where this one serves.
    pub fn tell(&self, base: &str) -> CliResult {
        let write = || {
            self.0.set_len(0)?;
            (&self.0).write_all(format!("{base}\n").as_bytes())
        };
        write().map_err(|error| CliError::new(FAILED, format!("web.lock: {}", plain(&error))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_where_the_first_serves() {
        let dir = tempfile::tempdir().unwrap();
        let Taken::Mine(lock) = take(dir.path()).unwrap() else { panic!("it is free") };
        lock.tell("http://127.0.0.1:8689").unwrap();
        let Taken::Other(base) = take(dir.path()).unwrap() else { panic!("it is held") };
        assert_eq!(base, "http://127.0.0.1:8689");
        drop(lock);
        assert!(matches!(take(dir.path()).unwrap(), Taken::Mine(_)));
    }
}
