//! Following vmuxd: a mirror of its sessions, kept through its restarts, without a needless wake-up.
//!
//! A follower waits for vmuxd, for a clock to tick, for its own input, and always for its reader:
//! bars that are killed leave pipes nobody reads, and a follower with nothing to say would never
//! notice by writing.

use super::Client;
use super::connect::Endpoint;
use crate::protocol::event::Mirror;
use crate::session::info::SessionInfo;
use crate::session::registry::change::Change;
use crate::session::state::host::HostInfo;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// Between two tries to reach a vmuxd that is away: from the first to the last.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

/// How long the first line may take before it counts as away.
const FIRST_LINE: Duration = Duration::from_secs(2);

/// Whether poll(2) says of standard output that nobody reads it any more.
pub fn reader_is_gone(events: PollFlags) -> bool {
    events.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL)
}

/// A follower of vmuxd.
pub struct Follower {
    endpoint: Endpoint,
    client: Option<Client>,
    mirror: Mirror,
    /// The lines of events since they were last taken, if they are kept.
    lines: Option<Vec<String>>,
    /// Whether the end of what reads standard output matters.
    has_reader: bool,
    /// The first line of this connection was read.
    synced: bool,
    /// When this connection began.
    begun: Instant,
    /// Tells when a socket appears while vmuxd is away.
    watch: Option<OwnedFd>,
    pause: Duration,
    next_try: Instant,
}

/// Why [`Follower::wait`] returned; several may be true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Woken {
    /// The sessions, or whether vmuxd answers, may have changed.
    pub changed: bool,
    /// Whoever reads our output has gone.
    pub reader_gone: bool,
    /// Which of the other files can be read, or are at their end.
    pub ready: Vec<bool>,
}

impl Follower {
    /// Follows the vmuxd of `endpoint`, which is started if none runs and that is allowed. If it cannot
    /// be reached it is waited for.
    pub fn new(endpoint: &Endpoint) -> Follower {
        let mut follower = Follower {
            endpoint: endpoint.clone().without_start(),
            client: None,
            mirror: Mirror::default(),
            lines: None,
            has_reader: true,
            synced: false,
            begun: Instant::now(),
            watch: None,
            pause: PAUSE.0,
            next_try: Instant::now(),
        };
        if let Ok(client) = endpoint.client() {
            follower.subscribe(client);
        }
        follower.reconnect();
        let deadline = Instant::now() + FIRST_LINE;
        while follower.client.is_some() && !follower.synced && Instant::now() < deadline {
            match follower.wait(&[], Some(deadline)) {
                Ok(woken) if !woken.reader_gone => {}
                _ => break,
            }
        }
        follower
    }

    /// The sessions; none while vmuxd is away.
    pub fn sessions(&self) -> Option<&[SessionInfo]> {
        self.synced.then_some(self.mirror.sessions.as_slice())
    }

    /// The other hosts.
    pub fn hosts(&self) -> &[HostInfo] {
        &self.mirror.hosts
    }

    /// For a program that prints nothing and serves what changes: it does not matter whether
    /// standard output has a reader, and [`Follower::take_lines`] has every event from now on.
    pub fn for_server(mut self) -> Follower {
        self.lines = Some(Vec::new());
        self.has_reader = false;
        self
    }

    /// The events since the last call, as JSON without line breaks.
    pub fn take_lines(&mut self) -> Vec<String> {
        self.lines.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Wait until something happens, or until `deadline`.
    pub fn wait(&mut self, others: &[BorrowedFd], deadline: Option<Instant>) -> io::Result<Woken> {
        let stdout = io::stdout();
        let deadline = match self.client {
            Some(_) => deadline,
            None => Some(deadline.map_or(self.next_try, |it| it.min(self.next_try))),
        };
        let mut fds = Vec::new();
        fds.extend(self.has_reader.then(|| PollFd::new(&stdout, PollFlags::empty())));
        let own = fds.len();
        fds.extend(others.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)));
        match (&self.client, &self.watch) {
            (Some(client), _) => fds.push(PollFd::new(client, PollFlags::IN)),
            (None, Some(watch)) => fds.push(PollFd::new(watch, PollFlags::IN)),
            (None, None) => {}
        }
        let left = deadline.map(|it| it.saturating_duration_since(Instant::now()));
        // Up to the next whole millisecond, or it would wake just before its time and spin.
        let left = left.and_then(|it| Timespec::try_from(it + Duration::from_millis(1)).ok());
        match poll(&mut fds, left.as_ref()) {
            Err(rustix::io::Errno::INTR) => return Ok(Woken::default()),
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        let mut woken = Woken {
            changed: false,
            reader_gone: self.has_reader && reader_is_gone(fds[0].revents()),
            ready: fds[own..own + others.len()].iter().map(|fd| !fd.revents().is_empty()).collect(),
        };
        let told = fds.get(own + others.len()).is_some_and(|fd| !fd.revents().is_empty());
        drop(fds);
        if self.client.is_some() {
            if told {
                self.read();
                woken.changed = true;
            }
        } else {
            if told {
                self.drain_watch();
                self.pause = PAUSE.0;
                self.next_try = Instant::now();
            }
            self.reconnect();
        }
        Ok(woken)
    }

    /// Read all there is to read; on its end, vmuxd is away.
    fn read(&mut self) {
        while let Some(client) = &mut self.client {
            let Ok(Some(line)) = client.event() else {
                self.client = None;
                break;
            };
            self.synced |= matches!(line.event.change, Change::State { .. });
            self.mirror.apply(line.event);
            if let Some(lines) = &mut self.lines {
                lines.push(line.raw);
            }
            if !client.is_buffered() {
                return;
            }
        }
        // One who only fell behind is let in again at once; a vmuxd that hangs up on everybody
        // is not asked without end.
        if self.begun.elapsed() >= PAUSE.0 {
            self.pause = PAUSE.0;
            self.next_try = Instant::now();
        } else {
            self.next_try = Instant::now() + self.lengthen_pause();
        }
        self.reconnect();
        if self.client.is_none() {
            self.synced = false;
            self.watch();
        }
    }

    /// Try to connect if it is time to.
    fn reconnect(&mut self) {
        if self.client.is_some() || Instant::now() < self.next_try {
            return;
        }
        if let Ok(client) = self.endpoint.connect() {
            self.subscribe(client);
        }
        if self.client.is_none() {
            self.watch();
            self.next_try = Instant::now() + self.lengthen_pause();
        }
    }

    fn lengthen_pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (self.pause * 2).min(PAUSE.1);
        pause
    }

    fn subscribe(&mut self, mut client: Client) {
        if client.subscribe().is_ok() {
            self.client = Some(client);
            self.begun = Instant::now();
            self.watch = None;
        }
    }

    /// Watch the directory of the socket, so that no try is needed before vmuxd is back.
    fn watch(&mut self) {
        if self.watch.is_some() {
            return;
        }
        let flags = inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK;
        let events = inotify::WatchFlags::CREATE | inotify::WatchFlags::MOVED_TO;
        let Some(directory) = self.endpoint.paths.socket.parent() else { return };
        self.watch = inotify::init(flags)
            .ok()
            .filter(|fd| inotify::add_watch(fd, directory, events).is_ok());
    }

    fn drain_watch(&mut self) {
        let Some(watch) = &self.watch else { return };
        let mut buffer = [0; 4096];
        while rustix::io::read(watch, &mut buffer).is_ok_and(|length| length > 0) {}
    }
}
