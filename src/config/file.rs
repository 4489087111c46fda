//! Reads the file: only a regular one, without waiting, and within a bound.

use super::fault::InvalidConfig;
use super::{Config, ConfigError, Warning};
use crate::system::files::read_regular;
use std::io;
use std::path::Path;

/// A larger file is not a configuration.
const MAX_FILE: u64 = 256 * 1024;

impl Config {
    /// Reads the file at `path`. If there is none, the configuration is the default.
    pub fn load(path: &Path) -> Result<(Config, Vec<Warning>), ConfigError> {
        let failed = |error| ConfigError::Io { path: path.to_owned(), error };
        let Some(text) = read(path).map_err(failed)? else {
            return Ok((Config::default(), Vec::new()));
        };
        let home = std::env::home_dir().filter(|home| home.is_absolute());
        Config::parse(&text, home.as_deref()).map_err(|InvalidConfig { faults, warnings }| {
            ConfigError::Faulty { path: path.to_owned(), faults, warnings }
        })
    }
}

fn read(path: &Path) -> io::Result<Option<String>> {
    let bytes = match read_regular(path, MAX_FILE) {
        Ok((bytes, _)) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
        io::Error::other(format!("line {line} is not UTF-8"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::Mode;
    use std::fs;

    #[test]
    fn no_file_is_the_usual() {
        let dir = tempfile::tempdir().unwrap();
        let (config, warnings) = Config::load(&dir.path().join("none/config.toml")).unwrap();
        assert_eq!((config, warnings.len()), (Config::default(), 0));
    }

    #[test]
    fn whatever_is_at_the_path_is_told_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        let check = |expected: &str| {
            let error = Config::load(&path).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("config.toml"), "{error}");
        };
        fs::create_dir(&path).unwrap();
        check("not a regular file");
        fs::remove_dir(&path).unwrap();
        let mode = Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        check("not a regular file");
        fs::remove_file(&path).unwrap();
        fs::write(&path, vec![b'#'; 300 * 1024]).unwrap();
        check("larger than 256 KiB");
        fs::write(&path, b"interval = 5\n\xff").unwrap();
        check("line 2 is not UTF-8");
        fs::write(&path, "interval = 5\n[notify]\ndesktop = 1\non = [2]\n").unwrap();
        check("line 3: notify.desktop: must be true or false, not 1 (and 1 more)");
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&path, &path).unwrap();
        check("cannot read");
    }
}
