//! What resolution needs of `/proc`: a few facts through functions of the daemon, and open files.

use crate::session::process::{Environment, Process};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A function that tells something of a process; none or empty when it is gone or not ours.
pub type Tells<T> = Box<dyn Fn(u32) -> T + Send + Sync>;

/// Where facts about processes come from.
///
/// The functions are those of the daemon's `/proc` room, which this room does not know. Names and
/// files of other processes may be unreadable (another user's): then they are absent.
pub struct Reader {
    /// Where procfs is mounted.
    pub root: PathBuf,
    /// `stat`.
    pub process: Tells<Option<Process>>,
    /// The variables of [`crate::session::process::ENVIRONMENT`].
    pub env: Tells<Environment>,
    /// The arguments.
    pub argv: Tells<Vec<String>>,
    /// Pids of the children.
    pub children: Tells<Vec<u32>>,
}

/// A terminal device: which devpts, and which number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pts {
    /// Device number of the devpts file system (`st_dev`), one per container.
    pub instance: u64,
    /// `5` for `/dev/pts/5`.
    pub number: u64,
}

impl Pts {
    /// The device, if it is one of this devpts; another's would be a stranger's.
    pub fn open(&self, write: bool) -> Option<File> {
        let path = format!("/dev/pts/{}", self.number);
        let ours = fs::metadata(&path).ok()?.dev();
        if ours != self.instance {
            return None;
        }
        let flags = rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).ok()?;
        OpenOptions::new().read(!write).write(write).custom_flags(flags).open(path).ok()
    }
}

impl Reader {
    /// All pids.
    pub fn pids(&self) -> Vec<u32> {
        let Ok(entries) = fs::read_dir(&self.root) else { return Vec::new() };
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
    }

    /// The open files of a process: descriptor and target.
    pub fn files(&self, pid: u32) -> Vec<(u32, PathBuf)> {
        let Ok(entries) = fs::read_dir(self.root.join(format!("{pid}/fd"))) else {
            return Vec::new();
        };
        let file = |entry: fs::DirEntry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, fs::read_link(entry.path()).ok()?))
        };
        entries.flatten().filter_map(file).collect()
    }

    /// The terminal on the standard input or output of a process.
    pub fn terminal(&self, pid: u32) -> Option<Pts> {
        (0..=2).find_map(|fd| {
            let path = self.root.join(format!("{pid}/fd/{fd}"));
            let number = pts_number(&fs::read_link(&path).ok()?)?;
            let instance = fs::metadata(&path).ok()?.dev();
            Some(Pts { instance, number })
        })
    }

    /// The terminals whose other end a process holds: it is the one that shows them.
    ///
    /// Linux names the terminal of a master in `fdinfo` (`tty-index`, since 4.14).
    pub fn masters(&self, pid: u32) -> Vec<Pts> {
        let Some(instance) = self.devpts(pid) else { return Vec::new() };
        let is_master = |target: &Path| {
            target == Path::new("/dev/ptmx") || target == Path::new("/dev/pts/ptmx")
        };
        self.files(pid)
            .iter()
            .filter(|(_, target)| is_master(target))
            .filter_map(|(fd, _)| Some(Pts { instance, number: self.tty_index(pid, *fd)? }))
            .collect()
    }

    /// Device number of the devpts that a process sees.
    pub fn devpts(&self, pid: u32) -> Option<u64> {
        Some(fs::metadata(self.root.join(format!("{pid}/root/dev/pts"))).ok()?.dev())
    }

    /// Inode numbers of the sockets a process has open.
    pub fn sockets(&self, pid: u32) -> Vec<u64> {
        let inode = |target: &Path| {
            target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
        };
        self.files(pid).iter().filter_map(|(_, target)| inode(target)).collect()
    }

    fn tty_index(&self, pid: u32, fd: u32) -> Option<u64> {
        let info = fs::read_to_string(self.root.join(format!("{pid}/fdinfo/{fd}"))).ok()?;
        let line = info.lines().find_map(|line| line.strip_prefix("tty-index:"))?;
        line.trim().parse().ok()
    }
}

/// `5` for `/dev/pts/5`; none for a terminal that is closed (`/dev/pts/5 (deleted)`).
pub fn pts_number(path: &Path) -> Option<u64> {
    path.to_str()?.strip_prefix("/dev/pts/")?.parse().ok()
}

/// Number of the terminal behind a device number of `stat`, if it is a pseudo terminal.
///
/// Majors 136 to 143 are the slaves (`Documentation/admin-guide/devices.txt`); the layout of
/// the number is that of proc_pid_stat(5), field 7.
pub fn pts_of_device(device: u64) -> Option<u64> {
    let major = (device >> 8) & 0xfff;
    let minor = (device & 0xff) | ((device >> 12) & 0xfff00);
    (136..=143).contains(&major).then(|| (major - 136) * 256 + minor)
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
}
