//! Opening files that another program owns: only regular ones, without waiting, within a bound.

pub mod json;
pub(crate) mod long_line;

use crate::session::Timestamp;
use crate::system::files::read_regular;
pub(crate) use crate::system::files::{FileStamp, open_regular as open, read_at, stamp};
use std::io;
use std::path::Path;

/// Whether a path is a regular file that was written at or after `since`.
pub(crate) fn is_touched_since(path: &Path, since: Timestamp) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| {
        meta.is_file() && FileStamp::of(&meta).modified_millis() >= since.timestamp_millis()
    })
}

/// The whole of a small file. A file larger than `limit` bytes is an error and is not read.
pub(crate) fn read_small(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_regular(path, limit).map(|(bytes, _)| bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_far_future_was_touched() {
        // In memory, where a file may have any time.
        let dir = tempfile::tempdir_in("/dev/shm").unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "").unwrap();
        let far = std::time::Duration::from_secs(i64::MAX.cast_unsigned() / 2);
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + far).unwrap();
        assert!(is_touched_since(&path, crate::claude::testing::time(0)));
        assert!(!is_touched_since(dir.path(), crate::claude::testing::time(-1_000_000_000)));
    }
}
