//! Pseudo terminals: which one a process uses, and their device files.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// A pseudo terminal. The number alone is not enough: each container numbers its own from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pts {
    /// Device number (`st_dev`) of the devpts file system that the terminal is in.
    pub instance: u64,
    /// `5` for `/dev/pts/5`.
    pub number: u64,
}

impl Pts {
    /// Opens the device, for writing or for reading. `None` if it is in another devpts than the
    /// one mounted here, where the same path would be a different terminal.
    pub fn open(&self, write: bool) -> Option<File> {
        let path = format!("/dev/pts/{}", self.number);
        if fs::metadata(&path).ok()?.dev() != self.instance {
            return None;
        }
        let flags = rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).ok()?;
        OpenOptions::new().read(!write).write(write).custom_flags(flags).open(path).ok()
    }
}

/// `5` for `/dev/pts/5`; `None` for a terminal that is closed (`/dev/pts/5 (deleted)`).
pub fn pts_number(path: &Path) -> Option<u64> {
    path.to_str()?.strip_prefix("/dev/pts/")?.parse().ok()
}

/// The number of the pseudo terminal with this device number (field 7 of `/proc/PID/stat`); `None`
/// if it is another kind of terminal.
///
/// Majors 136 to 143 are pseudo terminals (`Documentation/admin-guide/devices.txt` of the kernel);
/// proc_pid_stat(5) describes how the number is made up.
pub fn pts_of_device(device: u64) -> Option<u64> {
    let major = (device >> 8) & 0xfff;
    let minor = (device & 0xff) | ((device >> 12) & 0xfff00);
    (136..=143).contains(&major).then(|| (major - 136) * 256 + minor)
}

/// Whether a program may write to what is read from this target of a descriptor (proc_pid_fd(5)). Of
/// what kind a file is would have to be asked of its file system, which may hang.
pub fn may_feed(target: &Path) -> bool {
    !is_terminal(target) && target != Path::new("/dev/null")
}

/// Whether a target of a descriptor is a terminal. One of another mount namespace is named from the
/// root of its devpts: `/3`.
pub fn is_terminal(target: &Path) -> bool {
    let name = target.to_str().unwrap_or_default();
    let is_number = |name: &str| !name.is_empty() && name.bytes().all(|it| it.is_ascii_digit());
    ["/dev/pts/", "/dev/tty", "/dev/console"].iter().any(|known| name.starts_with(known))
        || name.strip_prefix('/').is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_have_numbers() {
        assert_eq!(pts_number(Path::new("/dev/pts/12")), Some(12));
        assert_eq!(pts_number(Path::new("/dev/pts/12 (deleted)")), None);
        assert_eq!(pts_number(Path::new("/dev/tty1")), None);
        assert_eq!(pts_of_device(34816), Some(0));
        assert_eq!(pts_of_device(34816 + 7), Some(7));
        assert_eq!(pts_of_device(0), None);
        assert_eq!(pts_of_device(1025), None);
    }

    #[test]
    fn a_terminal_is_known_by_its_name() {
        let check = |name: &str| (is_terminal(Path::new(name)), may_feed(Path::new(name)));
        for terminal in ["/dev/pts/3", "/dev/pts/3 (deleted)", "/dev/tty1", "/dev/console", "/12"] {
            assert_eq!(check(terminal), (true, false), "{terminal}");
        }
        assert_eq!(check("/dev/null"), (false, false));
        for file in ["pipe:[77]", "socket:[8]", "/home/u/input", "/", "/1x", ""] {
            assert_eq!(check(file), (false, true), "{file}");
        }
    }
}
