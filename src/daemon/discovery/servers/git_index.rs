//! The files that git knows, from the index of a repository (gitformat-index(5)). Pure.
//!
//! git itself is not run: in a project's directory it may start programs that the project's
//! configuration names (`core.fsmonitor`, filters).

/// Bytes of an entry before its path: times, device, inode, mode, owner, size, 20 bytes of hash, flags.
const ENTRY: usize = 62;

/// How much longer the hash is in a repository that uses SHA-256.
const LONGER_HASH: usize = 12;

/// The type of a file in `mode`, and that of a regular one.
const FILE_TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;

/// The flag that says that more flags follow, and those for the length of a path.
const EXTENDED: u16 = 0x4000;
const LENGTH: u16 = 0x0fff;

/// Calls `each` with the path of each regular file, relative to the top of the working tree, until it
/// returns false. `None` if the index is not whole, or of a kind that is not known here: one that is
/// split, or sparse.
pub fn each_file(index: &[u8], is_sha256: bool, mut each: impl FnMut(&[u8]) -> bool) -> Option<()> {
    let version = u32_at(index, 4)?;
    if index.get(..4)? != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let fixed = ENTRY + if is_sha256 { LONGER_HASH } else { 0 };
    let count = u32_at(index, 8)?;
    let mut at = 12;
    let mut path: Vec<u8> = Vec::new();
    for _ in 0..count {
        let mode = u32_at(index, at + 24)?;
        let flags = u16_at(index, at + fixed - 2)?;
        let begin = at + fixed + if flags & EXTENDED == 0 { 0 } else { 2 };
        if version == 4 {
            let (strip, length) = varint(index.get(begin..)?)?;
            let rest = index.get(begin + length..)?;
            let end = rest.iter().position(|it| *it == 0)?;
            path.truncate(path.len().checked_sub(strip)?);
            path.extend_from_slice(&rest[..end]);
            at = begin + length + end + 1;
        } else {
            let rest = index.get(begin..)?;
            let end = match flags & LENGTH {
                LENGTH => rest.iter().position(|it| *it == 0)?,
                length => usize::from(length),
            };
            path.clear();
            path.extend_from_slice(rest.get(..end)?);
            // At least one NUL follows, up to a multiple of eight bytes.
            at += (begin - at + end + 8) & !7;
        }
        if mode & FILE_TYPE == REGULAR && !each(&path) {
            return Some(());
        }
    }
    // Its other half is in another file.
    let is_split = index.get(at..at + 4) == Some(b"link");
    (!is_split).then_some(())
}

/// A number of variable length, as in the offsets of pack files, and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value: usize = 0;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
        value += 1;
    }
    None
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(index: &[u8]) -> Option<Vec<String>> {
        let mut found = Vec::new();
        each_file(index, false, |path| {
            found.push(String::from_utf8_lossy(path).into_owned());
            true
        })?;
        Some(found)
    }

    /// An index as git writes it: version and paths.
    fn index(version: u32, paths: &[&str]) -> Vec<u8> {
        let mut out = b"DIRC".to_vec();
        out.extend(version.to_be_bytes());
        out.extend(u32::try_from(paths.len()).unwrap().to_be_bytes());
        let mut before = "";
        for path in paths {
            let begin = out.len();
            out.resize(begin + ENTRY, 0);
            out[begin + 24..begin + 28].copy_from_slice(&0o100_644_u32.to_be_bytes());
            let length = u16::try_from(path.len().min(0xfff)).unwrap();
            out[begin + 60..begin + 62].copy_from_slice(&length.to_be_bytes());
            if version == 4 {
                let common = before.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
                out.push(u8::try_from(before.len() - common).unwrap());
                out.extend(path[common..].bytes().chain([0]));
                before = path;
            } else {
                out.extend(path.bytes());
                let size = (out.len() - begin + 8) & !7;
                out.resize(begin + size, 0);
            }
        }
        out.extend([0; 20]);
        out
    }

    #[test]
    fn the_paths_of_each_version() {
        let long = "d/".repeat(3000) + "x.py";
        let paths = ["a.py", "src/app.py", "src/apple/b.js", "z"];
        for version in [2, 3, 4] {
            assert_eq!(files(&index(version, &paths)).unwrap(), paths, "{version}");
        }
        assert_eq!(files(&index(2, &[&long, "y"])).unwrap(), [long.as_str(), "y"]);
        assert_eq!(files(&index(5, &paths)), None);
    }

    #[test]
    fn an_index_that_is_cut_is_none() {
        for version in [2, 4] {
            let whole = index(version, &["a.py", "src/app.py"]);
            // The last path may be followed by up to eight NULs.
            for length in 0..whole.len() - 28 {
                assert_eq!(files(&whole[..length]), None, "{version} {length}");
            }
        }
        let mut split = index(2, &["a"]);
        let end = split.len() - 20;
        split[end..end + 4].copy_from_slice(b"link");
        assert_eq!(files(&split), None);
    }

    #[test]
    fn what_git_itself_writes() {
        let dir = tempfile::tempdir().unwrap();
        let git = |args: &[&str]| {
            let mut git = std::process::Command::new("git");
            git.args(args).current_dir(dir.path()).env_clear().env("HOME", dir.path());
            git.env("PATH", std::env::var_os("PATH").unwrap());
            assert!(git.output().unwrap().status.success(), "{args:?}");
        };
        std::fs::create_dir(dir.path().join("src")).unwrap();
        for name in ["src/app.py", "src/apple.py", "b.js"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        git(&["init", "-q"]);
        for version in ["2", "4"] {
            git(&[
                "update-index",
                "--index-version",
                version,
                "--add",
                "b.js",
                "src/app.py",
                "src/apple.py",
            ]);
            let index = std::fs::read(dir.path().join(".git/index")).unwrap();
            assert_eq!(files(&index).unwrap(), ["b.js", "src/app.py", "src/apple.py"]);
        }
    }
}
