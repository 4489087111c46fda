//! What `/proc` tells of a program that was started, while it says nothing of itself.

use super::terminal::as_word;
use crate::proc::files::ProcFiles;
use crate::proc::root::ProcRoot;
use crate::proc::stat::parse_stat;
use crate::session::process::ProcessId;
use std::fs;
use std::path::Path;

const PROC: &str = "/proc";

/// Whether this process has set its terminal so that it gets each key: Claude Code does that once it
/// begins to draw, and before 2.1.75 not earlier.
pub fn reads_keys(pid: u32) -> bool {
    let files = ProcFiles::new(ProcRoot::new(PROC));
    files.terminal(pid).is_some() && files.takes_keys(pid)
}

/// Whether a process has ended, but for what is left of it: it was not waited for, or its other threads
/// still end. One of another PID namespace, or of another start, is not said to end.
pub fn is_ending(process: ProcessId) -> bool {
    let path = Path::new(PROC).join(process.pid.to_string()).join("stat");
    let stat = fs::read(path).ok().and_then(|bytes| parse_stat(&bytes));
    stat.is_some_and(|it| it.id == process && it.has_ended())
}

/// Whether any process was given this word, itself or in what a terminal is to run.
pub fn is_anywhere(word: &str) -> bool {
    let hidden = as_word(&[word.to_owned()]);
    let has = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.contains(word) || text.contains(&hidden)
    };
    let own = std::process::id().to_string();
    let others = fs::read_dir(PROC).into_iter().flatten().flatten();
    let others = others.filter(|it| it.file_name().to_str() != Some(&own));
    others.into_iter().any(|it| fs::read(it.path().join("cmdline")).is_ok_and(|it| has(&it)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_word_is_found_where_it_was_given() {
        let word = format!("vmux-test-word-{}", std::process::id());
        assert!(!is_anywhere(&word));
        for given in [word.clone(), as_word(&["a".to_owned(), word.clone()])] {
            let mut child = Command::new("sh")
                .args(["-c", "read x", "sh", &given])
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            // Its arguments are there a moment after it was started.
            let mut looks = (0..1000).map(|_| std::thread::yield_now());
            assert!(looks.any(|()| is_anywhere(&word)), "{given}");
            assert!(!reads_keys(child.id()));
            child.kill().unwrap();
            child.wait().unwrap();
            assert!(!is_anywhere(&word));
        }
    }

    #[test]
    fn a_process_that_is_not_waited_for_yet_is_ending() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let pid = child.id();
        let stat = fs::read(format!("/proc/{pid}/stat")).unwrap();
        let id = parse_stat(&stat).unwrap().id;
        assert!(!is_ending(id));
        drop(child.stdin.take());
        let options =
            rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
        let child_id = rustix::process::WaitId::Pid(rustix::process::Pid::from_child(&child));
        rustix::process::waitid(child_id, options).unwrap();
        assert!(is_ending(id) && !is_ending(ProcessId { start: id.start + 1, ..id }));
        child.wait().unwrap();
        assert!(!is_ending(id));
    }
}
