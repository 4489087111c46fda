//! Processes in a fake `/proc`.

use super::{World, write_whole};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
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
    exe: Option<PathBuf>,
    tty: u64,
    /// Where its stack begins: another place after each exec.
    pub stack: u64,
    ppid: u32,
    state: char,
    hanging: Vec<&'static str>,
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
            exe: None,
            tty: 34816,
            stack: 0x7ffc_0000_1000 + u64::from(pid) * 0x1000,
            ppid: 1,
            state: 'S',
            hanging: Vec::new(),
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

    /// So many seconds old.
    pub fn age(mut self, seconds: u64) -> FakeProcess {
        self.start = ticks_now().saturating_sub(seconds * 100);
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

    /// Its program; one that cannot be read otherwise.
    pub fn exe(mut self, exe: &str) -> FakeProcess {
        self.exe = Some(exe.into());
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

    /// A read of this file of it, such as `environ`, does not come back.
    pub fn hanging(mut self, file: &'static str) -> FakeProcess {
        self.hanging.push(file);
        self
    }

    /// From now on it is there: as in the real one, all of it at once.
    pub fn live(self) -> FakeProcess {
        let new = self.dir.with_file_name(format!("new-{}", self.pid));
        fs::create_dir(&new).unwrap();
        let mut comm = self.comm.clone();
        comm.push(b'\n');
        fs::write(new.join("comm"), comm).unwrap();
        fs::write(new.join("cmdline"), self.argv.join(&0)).unwrap();
        let env: Vec<String> =
            self.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        fs::write(new.join("environ"), env.join("\0")).unwrap();
        let _ = symlink(&self.cwd, new.join("cwd"));
        let _ = self.exe.as_ref().map(|exe| symlink(exe, new.join("exe")));
        let (pid, ppid, state) = (self.pid, self.ppid, self.state);
        let (tty, start, stack) = (self.tty, self.start, self.stack);
        let mut stat = format!("{pid} (").into_bytes();
        stat.extend(&self.comm);
        stat.extend(
            format!(
                ") {state} {ppid} {pid} {pid} {tty} {pid} 0 0 0 0 0 0 0 0 0 20 0 1 0 {start} \
                 0 0 0 0 0 {stack} 0"
            )
            .bytes(),
        );
        fs::write(new.join("stat"), stat).unwrap();
        for file in &self.hanging {
            hang(&new.join(file));
        }
        fs::rename(new, &self.dir).unwrap();
        self
    }

    /// It is in another state from now on.
    pub fn set_state(&self, state: char) {
        let path = self.dir.join("stat");
        let stat = fs::read_to_string(&path).unwrap();
        let (begin, end) = stat.rsplit_once(") ").unwrap();
        write_whole(&path, format!("{begin}) {state}{}", &end[1..]));
    }

    /// It ended: all of it at once, too.
    pub fn end(&self) {
        let ended = self.dir.with_file_name(format!("ended-{}", self.pid));
        fs::rename(&self.dir, &ended).unwrap();
        fs::remove_dir_all(ended).unwrap();
    }
}

/// From now on a read of this file does not come back: a FIFO takes its place, in one step.
pub fn hang(file: &Path) {
    let fifo = file.with_extension("fifo");
    mknodat(CWD, &fifo, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    fs::rename(fifo, file).unwrap();
}

fn ticks_now() -> u64 {
    let since_boot = chrono::Utc::now() - vmux::daemon::clock::boot();
    (since_boot.num_milliseconds() / 10).cast_unsigned()
}
