//! What the window manager's room may ask of `/proc`. The memory of a process can be held by the
//! kernel, and then its arguments and its environment cannot be read: another thread reads them, and
//! the loop waits a moment only.

use super::crew::Crew;
use crate::proc::ProcRoot;
use crate::wm::reader::Reader;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

/// A read takes some 10 µs; on a busy machine the thread may not run at once.
const MOMENT: Duration = Duration::from_millis(300);

/// The same for all others once one has hung: the loop waits for each of them.
const BLINK: Duration = Duration::from_millis(20);

/// Reads that may hang.
#[derive(Clone)]
struct Careful {
    root: ProcRoot,
    crew: Crew,
    /// Processes of which a read has not come back: nothing more is asked of them until it has.
    out: Arc<Mutex<BTreeSet<u32>>>,
}

/// A reader of `root`.
pub fn reader(root: &ProcRoot) -> Reader {
    let careful = Careful { root: root.clone(), crew: Crew::new("vmux-proc"), out: Arc::default() };
    let (process, children) = (root.clone(), root.clone());
    let (env, argv) = (careful.clone(), careful);
    Reader {
        root: root.path().to_owned(),
        process: Box::new(move |pid| process.process(pid)),
        env: Box::new(move |pid| env.read(pid, ProcRoot::env)),
        argv: Box::new(move |pid| argv.read(pid, ProcRoot::argv)),
        children: Box::new(move |pid| children.children(pid)),
    }
}

impl Careful {
    fn read<T>(&self, pid: u32, read: impl Fn(&ProcRoot, u32) -> T + Send + 'static) -> T
    where
        T: Default + Send + 'static,
    {
        let hindered = self.with_out(|out| {
            let hindered = !out.is_empty();
            out.insert(pid).then_some(hindered)
        });
        let Some(hindered) = hindered else { return T::default() };
        let (done, answer) = mpsc::channel();
        let careful = self.clone();
        self.crew.run(move || {
            let found = read(&careful.root, pid);
            careful.with_out(|out| out.remove(&pid));
            // Whoever asked may have given up.
            let _ = done.send(found);
        });
        if hindered {
            self.crew.reinforce();
        }
        answer.recv_timeout(if hindered { BLINK } else { MOMENT }).unwrap_or_else(|_| {
            log::info!("process {pid} does not answer: its window may not be found");
            T::default()
        })
    }

    fn with_out<T>(&self, act: impl FnOnce(&mut BTreeSet<u32>) -> T) -> T {
        act(&mut self.out.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::fs;

    #[test]
    fn a_process_that_hangs_is_asked_once_and_holds_up_no_other() {
        let dir = tempfile::tempdir().unwrap();
        for (pid, env) in [("1", "TMUX=a\0"), ("2", "TMUX=b\0")] {
            fs::create_dir(dir.path().join(pid)).unwrap();
            fs::write(dir.path().join(pid).join("environ"), env).unwrap();
        }
        let hung = dir.path().join("3/environ");
        fs::create_dir(dir.path().join("3")).unwrap();
        mknodat(CWD, &hung, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        let reader = reader(&ProcRoot::new(dir.path()));
        let tmux = |pid| (reader.env)(pid).get("TMUX").map(str::to_owned);
        // On a busy machine a thread may take its time to begin.
        while tmux(1).as_deref() != Some("a") {}
        assert_eq!(tmux(3), None);
        // Another thread takes over.
        while tmux(2).is_none() {}
        assert_eq!(tmux(3), None);
        // It comes back.
        fs::write(&hung, "TMUX=c\0").unwrap();
        fs::remove_file(&hung).unwrap();
        fs::write(&hung, "TMUX=c\0").unwrap();
        while tmux(3).is_none() {}
    }

    #[test]
    fn of_many_that_hang_only_the_first_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        for pid in 1..=20 {
            let path = dir.path().join(format!("{pid}/environ"));
            fs::create_dir(dir.path().join(pid.to_string())).unwrap();
            mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        }
        let reader = reader(&ProcRoot::new(dir.path()));
        let begun = std::time::Instant::now();
        for pid in 1..=20 {
            assert!((reader.env)(pid).is_empty());
        }
        assert!(begun.elapsed() < MOMENT * 20, "{:?}", begun.elapsed());
        // Their threads end.
        for pid in 1..=20 {
            fs::write(dir.path().join(format!("{pid}/environ")), "").unwrap();
        }
    }
}
