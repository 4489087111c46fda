//! Processes in a fake `/proc`.

use super::World;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use vmux::session::Timestamp;

/// A directory that looks like `/proc/PID`. Dropping it leaves the process alive.
pub struct FakeProcess {
    pub pid: u32,
    /// In clock ticks since boot.
    pub start: u64,
    comm: Vec<u8>,
    argv: Vec<Vec<u8>>,
    env: Vec<(String, String)>,
    cwd: PathBuf,
    tty: u64,
    ppid: u32,
    state: char,
    dir: PathBuf,
}

impl FakeProcess {
    pub fn new(world: &World, pid: u32, comm: &str) -> FakeProcess {
        FakeProcess {
            pid,
            start: ticks_now().saturating_sub(60 * 100),
            comm: comm.into(),
            argv: vec![comm.into()],
            env: vec![("HOME".into(), world.home().display().to_string())],
            cwd: world.path("w"),
            tty: 34816,
            ppid: 1,
            state: 'S',
            dir: world.path(&format!("proc/{pid}")),
        }
    }

    pub fn comm(mut self, comm: &[u8]) -> FakeProcess {
        self.comm = comm.to_vec();
        self
    }

    pub fn argv(mut self, argv: &[&str]) -> FakeProcess {
        self.argv = argv.iter().map(|it| it.as_bytes().to_vec()).collect();
        self
    }

    /// Begun by the process `ppid`.
    pub fn child_of(mut self, ppid: u32) -> FakeProcess {
        self.ppid = ppid;
        self
    }

    /// Without a terminal of its own.
    pub fn detached(mut self) -> FakeProcess {
        self.tty = 0;
        self
    }

    pub fn state(mut self, state: char) -> FakeProcess {
        self.state = state;
        self
    }

    pub fn cwd(mut self, cwd: PathBuf) -> FakeProcess {
        self.cwd = cwd;
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> FakeProcess {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn started_at(&self) -> Timestamp {
        let boot = vmux::daemon::clock::boot();
        boot + chrono::TimeDelta::milliseconds(self.start as i64 * 10)
    }

    /// From now on it is there: as in the real one, all of it at once.
    pub fn live(self) -> FakeProcess {
        let before = self.dir.exists();
        let name = if before { "" } else { "new-" };
        let new = self.dir.with_file_name(format!("{name}{}", self.pid));
        fs::create_dir_all(&new).unwrap();
        let mut comm = self.comm.clone();
        comm.push(b'\n');
        fs::write(new.join("comm"), comm).unwrap();
        fs::write(new.join("cmdline"), self.argv.join(&0)).unwrap();
        let env: Vec<String> =
            self.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        fs::write(new.join("environ"), env.join("\0")).unwrap();
        let _ = symlink(&self.cwd, new.join("cwd"));
        let (pid, ppid, state) = (self.pid, self.ppid, self.state);
        let (tty, start) = (self.tty, self.start);
        let mut stat = format!("{pid} (").into_bytes();
        stat.extend(&self.comm);
        stat.extend(
            format!(
                ") {state} {ppid} {pid} {pid} {tty} {pid} 0 0 0 0 0 0 0 0 0 20 0 1 0 {start} 0"
            )
            .bytes(),
        );
        fs::write(new.join("stat"), stat).unwrap();
        if !before {
            fs::rename(new, &self.dir).unwrap();
        }
        self
    }

    /// It ended.
    pub fn end(&self) {
        fs::remove_dir_all(&self.dir).unwrap();
    }
}

fn ticks_now() -> u64 {
    let since_boot = chrono::Utc::now() - vmux::daemon::clock::boot();
    (since_boot.num_milliseconds() / 10).cast_unsigned()
}
