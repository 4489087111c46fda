//! Sessions that were killed: their files stay, and so may the titles that they gave their terminals
//! (findings/claude-killed-session-file-stays.sh).

use super::MAX_FILE_BYTES;
use super::parse;
use crate::claude::input;
use crate::session::sanitize::clean;
use std::path::Path;

/// Most files that are read: a machine that was in use for a year has some hundred.
const MAX_FILES: usize = 1024;

/// Longest name that counts, in characters.
const MAX_NAME_CHARS: usize = 200;

/// The names of the sessions whose files lie in `dir` and whose processes are gone. `is_gone` gets the
/// pid and, where the file has it, the start (field 22 of proc_pid_stat(5)). May block on a disk.
pub fn names_of_ended(dir: &Path, is_gone: impl Fn(u32, Option<u64>) -> bool) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let name = |entry: std::fs::DirEntry| {
        let pid = entry.file_name().to_str()?.strip_suffix(".json")?.parse::<u32>().ok()?;
        let file = parse::parse(&input::read_small(&entry.path(), MAX_FILE_BYTES).ok()?).ok()?;
        let start = file.proc_start.filter(|start| *start != 0);
        file.name.filter(|_| is_gone(pid, start)).map(|name| clean(&name, MAX_NAME_CHARS))
    };
    entries.take(MAX_FILES).filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_gone_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("7.json", r#"{"pid":7,"name":"lives","procStart":"70"}"#);
        write("8.json", r#"{"pid":8,"name":"another has its pid","procStart":"80"}"#);
        write("9.json", r#"{"pid":9,"name":"killed\u001b"}"#);
        write("10.json", r#"{"pid":10}"#);
        write("11.json", "{");
        write("x.json", r#"{"pid":12,"name":"x"}"#);
        std::fs::create_dir(dir.path().join("12.json")).unwrap();
        let is_gone = |pid, start| !(pid == 7 && start == Some(70));
        let mut names = names_of_ended(dir.path(), is_gone);
        names.sort();
        assert_eq!(names, ["another has its pid", "killed"]);
        assert!(names_of_ended(Path::new("/nowhere"), is_gone).is_empty());
    }
}
