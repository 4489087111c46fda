//! Whether a process shares the namespaces of this one.
//!
//! A process with a namespace of its own is in a container or a sandbox. What it says and where it
//! points must not reach outside of it, so programs there are not spoken to.

use std::io;
use std::path::Path;

/// The namespaces that a sandbox is made of (namespaces(7)), as `/proc/PID/ns` names them: users,
/// mounts, processes, networks.
const NAMESPACES: [&str; 4] = ["user", "mnt", "pid", "net"];

/// The first namespace that the process does not share with this one, by its name in
/// `/proc/PID/ns`; none when it shares all of them.
///
/// `root` is `/proc`. Fails when the process has ended, or its namespaces may not be read: then it
/// belongs to another user, or does not want to be looked at (prctl(2), `PR_SET_DUMPABLE`).
pub fn foreign(root: &Path, pid: u32) -> io::Result<Option<&'static str>> {
    let link =
        |process: &str, name: &str| std::fs::read_link(root.join(process).join("ns").join(name));
    let process = pid.to_string();
    for name in NAMESPACES {
        if link(&process, name)? != link("self", name)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
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
    }
}
