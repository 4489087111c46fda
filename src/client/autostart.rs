//! Starting vmuxd when none runs: found, detached, awaited.
//!
//! vmuxd says `READY=1` on `$NOTIFY_SOCKET` (sd_notify(3)) once it knows every session, so nothing
//! here sleeps and hopes. Two of us may do this at once: only one vmuxd lives, both of us connect.

use super::Client;
use super::dial::{ANSWER_TIMEOUT, dial, is_absent, running_instance};
use super::error::{ClientError, Result, plain};
use crate::protocol::socket::{MAX_SOCKET_PATH, Paths};
use crate::session::sanitize::clean;
use crate::system::programs::sibling;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// How long vmuxd may take to look around.
const START_TIMEOUT: Duration = Duration::from_secs(5);

/// How vmuxd exits when another one runs.
const ALREADY_RUNNING: i32 = 3;

/// Between two looks whether another starter's vmuxd answers by now.
const PAUSE: Duration = Duration::from_millis(20);

/// A log longer than this begins anew.
const LONGEST_LOG: u64 = 1024 * 1024;

/// Starts vmuxd and connects to it.
pub fn start(paths: &Paths) -> Result<Client> {
    let deadline = Instant::now() + START_TIMEOUT;
    let program = sibling("vmuxd");
    let failed = |what: &str, error: &io::Error, hint: Option<String>| ClientError::NotStarted {
        message: format!("vmuxd is not running, and {what}: {}", plain(error)),
        hint,
    };
    let cannot = |error: io::Error| failed("it cannot be started", &error, None);
    let (mut log, path) = open_log(&paths.home)
        .map_err(|error| failed("its log cannot be written", &error, Some(log_hint(paths))))?;
    let begin = log.seek(SeekFrom::End(0)).unwrap_or(0);
    let notify = ReadySocket::bind(&paths.home).map_err(cannot)?;
    let stderr = log.try_clone().map_err(cannot)?;
    // A process group of its own, so that Ctrl-C in this terminal does not end it.
    let mut child = Command::new(&program)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .env("NOTIFY_SOCKET", &notify.path)
        .process_group(0)
        .current_dir("/")
        .spawn()
        .map_err(|error| {
            let hint = "is vmuxd installed beside vmux, or in PATH?".to_owned();
            failed(&format!("{} does not start", program.display()), &error, Some(hint))
        })?;
    let exited = i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    wait(&notify.socket, exited.as_ref(), deadline);
    let ended = child.try_wait().ok().flatten();
    // Another one that is just starting is waited for; one that failed is not.
    let failed = ended.is_some_and(|status| status.code() != Some(ALREADY_RUNNING));
    let deadline = if failed { Instant::now() } else { deadline };
    connect_by(paths, deadline).map_err(|error| gave_up(paths, error, &mut log, begin, &path))
}

/// `vmuxd.log` in vmux's home, which is made if there is none.
fn open_log(home: &Path) -> io::Result<(File, PathBuf)> {
    DirBuilder::new().recursive(true).mode(0o700).create(home)?;
    let path = home.join("vmuxd.log");
    let log = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(&path)?;
    if log.metadata()?.len() > LONGEST_LOG {
        log.set_len(0)?;
    }
    Ok((log, path))
}

fn log_hint(paths: &Paths) -> String {
    format!("is {} writable? VMUX_HOME names another directory", paths.home.display())
}

/// A datagram socket that vmuxd tells its readiness; its file goes when this goes.
struct ReadySocket {
    socket: UnixDatagram,
    path: PathBuf,
}

impl ReadySocket {
    /// In vmux's home, or where temporary files are if that path is too long for a socket.
    fn bind(home: &Path) -> io::Result<ReadySocket> {
        let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let name = format!("start-{}-{}", std::process::id(), nanos.map_or(0, |it| it.as_nanos()));
        let mut path = home.join(&name);
        if path.as_os_str().len() > MAX_SOCKET_PATH {
            path = std::env::temp_dir().join(format!("vmux-{name}"));
        }
        let socket = UnixDatagram::bind(&path)?;
        let notify = ReadySocket { socket, path };
        notify.socket.set_nonblocking(true)?;
        Ok(notify)
    }
}

impl Drop for ReadySocket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Wait until it says READY, or ends, or time is up.
fn wait(notify: &UnixDatagram, exited: Option<&OwnedFd>, deadline: Instant) {
    loop {
        let mut fds = vec![PollFd::new(notify, PollFlags::IN)];
        fds.extend(exited.map(|fd| PollFd::new(fd, PollFlags::IN)));
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(timeout) = Timespec::try_from(left) else { return };
        match poll(&mut fds, Some(&timeout)) {
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) | Ok(0) => return,
            Ok(_) => {}
        }
        let mut message = [0; 4096];
        while let Ok(length) = notify.recv(&mut message) {
            if message[..length].split(|&byte| byte == b'\n').any(|line| line == b"READY=1") {
                return;
            }
        }
        if fds.get(1).is_some_and(|fd| !fd.revents().is_empty()) {
            return;
        }
    }
}

/// Connects as soon as vmuxd answers, until `deadline`.
fn connect_by(paths: &Paths, deadline: Instant) -> io::Result<Client> {
    loop {
        match dial(paths, ANSWER_TIMEOUT) {
            Err(error) if is_absent(&error) && Instant::now() < deadline => {
                std::thread::sleep(PAUSE);
            }
            result => return result,
        }
    }
}

/// It did not come up: say what it said last.
fn gave_up(
    paths: &Paths,
    error: io::Error,
    log: &mut File,
    begin: u64,
    path: &Path,
) -> ClientError {
    if !is_absent(&error) {
        let socket = paths.socket.clone();
        return ClientError::Unreachable { socket, error, version: None };
    }
    if let Some(instance) = running_instance(paths) {
        return ClientError::lost(instance, paths);
    }
    let mut said = Vec::new();
    let read =
        log.seek(SeekFrom::Start(begin)).and_then(|_| log.take(65536).read_to_end(&mut said));
    let said = String::from_utf8_lossy(&said);
    let telling = |line: &&str| !line.trim().is_empty() && !line.starts_with("hint:");
    let last = said.lines().rev().find(telling);
    let message = match (read, last) {
        (Ok(_), Some(last)) => {
            let last = last.strip_prefix("vmuxd: ").unwrap_or(last);
            format!("vmuxd did not start: {}", clean(last, 300))
        }
        _ => "vmuxd was started, but does not answer".to_owned(),
    };
    let hint = Some(format!("more may be in {}", path.display()));
    ClientError::NotStarted { message, hint }
}
