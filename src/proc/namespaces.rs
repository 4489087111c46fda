//! Whether a process shares the namespaces of this one.
//!
//! A process with a namespace of its own is in a container or a sandbox. What it says and where it
//! points must not reach outside of it, so programs there are not spoken to.

use std::io;
use std::path::{Path, PathBuf};

/// The namespaces that a sandbox is made of (namespaces(7)), as `/proc/PID/ns` names them: users,
/// mounts, processes, networks.
const NAMESPACES: [&str; 4] = ["user", "mnt", "pid", "net"];

/// The first namespace that the process does not share with this one, by its name in
/// `/proc/PID/ns`; none when it shares all of them.
///
/// `root` is `/proc`. Fails when the process has ended, or its namespaces may not be read: then it
/// belongs to another user, or does not want to be looked at (prctl(2), `PR_SET_DUMPABLE`).
pub fn foreign(root: &Path, pid: u32) -> io::Result<Option<&'static str>> {
    let process = pid.to_string();
    for name in NAMESPACES {
        if namespace(root, &process, name)? != namespace(root, "self", name)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Whether a process has a namespace of this kind that is not the one of this process; not, too, if that
/// may not be read.
pub fn has_other(root: &Path, pid: u32, name: &str) -> bool {
    let of = |process: &str| namespace(root, process, name);
    matches!((of("self"), of(&pid.to_string())), (Ok(own), Ok(its)) if own != its)
}

/// `/`, or the root of a process if it is in another mount namespace. `root` is `/proc`.
pub fn file_root(root: &Path, pid: u32) -> PathBuf {
    match has_other(root, pid, "mnt") {
        true => root.join(pid.to_string()).join("root"),
        false => PathBuf::from("/"),
    }
}

/// What stands for a namespace of a process (`self`: of this one), and for no other: `net:[4026531840]`.
/// `name` is that in `/proc/PID/ns`, and `root` is `/proc`. Fails as [`foreign`] does, and where the kernel
/// has no namespaces of that kind.
pub fn namespace(root: &Path, process: &str, name: &str) -> io::Result<PathBuf> {
    std::fs::read_link(root.join(process).join("ns").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_first_difference_is_named() {
        let root = tempfile::tempdir().unwrap();
        let process = |name: &str, net: &str| {
            let ns = root.path().join(name).join("ns");
            fs::create_dir_all(&ns).unwrap();
            for name in ["user", "mnt", "pid"] {
                symlink(format!("{name}:[1]"), ns.join(name)).unwrap();
            }
            symlink(net, ns.join("net")).unwrap();
        };
        process("self", "net:[1]");
        process("10", "net:[1]");
        process("11", "net:[2]");
        assert_eq!(foreign(root.path(), 10).unwrap(), None);
        assert_eq!(foreign(root.path(), 11).unwrap(), Some("net"));
        assert!(foreign(root.path(), 12).is_err());
        assert!(has_other(root.path(), 11, "net") && !has_other(root.path(), 11, "pid"));
        assert!(!has_other(root.path(), 12, "net"), "it has ended");
    }
}
