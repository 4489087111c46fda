//! For programs that speak to vmuxd: connect, start it when none runs, ask, follow. Blocking, without
//! a runtime; it prints nothing and knows no exit codes.
//!
//! | file | job |
//! |---|---|
//! | [`Client`] | one connection, over any stream |
//! | [`dial`] | connects to the socket of a vmuxd that runs |
//! | [`autostart`] | starts vmuxd, and waits until it is ready |
//! | [`connect`] | both: where vmuxd is, and the way there |
//! | [`follow`] | a mirror of the sessions, kept through restarts of vmuxd |
//! | [`error`] | what can go wrong |
//! | [`same_clock`] | whether vmuxd can be told until when a request may be carried out |
//! | [`listening`] | who listens on a port of this machine |
//! | [`start`] | starts a session as its user would by hand |

pub mod autostart;
pub mod connect;
pub mod dial;
pub mod error;
pub mod follow;
pub mod listening;
pub mod same_clock;
pub mod start;

use crate::protocol::event::Event;
use crate::protocol::frame::{MAX_RESPONSE, encode};
use crate::protocol::request::deadline::{BootTime, TimedRequest};
use crate::protocol::request::{Nothing, Request};
use crate::protocol::response::Response;
use crate::system::connect::connect_unix;
use same_clock::shares_boottime;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Bytes read at once: the answer to `list` with a hundred sessions.
const BUFFER: usize = 64 * 1024;

/// A connection to vmuxd, over its socket or any other stream that carries the protocol.
pub struct Client<S = UnixStream> {
    stream: BufReader<S>,
}

/// The line of a subscription: the JSON as it came, and what it means.
pub struct EventLine {
    /// The line without its line break.
    pub raw: String,
    /// The event.
    pub event: Event,
}

impl Client {
    /// Connects to the socket at `path`. This, and every later read and write, fails after `timeout`,
    /// but for the events of a subscription.
    pub fn connect(path: &Path, timeout: Duration) -> io::Result<Client> {
        let stream = connect_unix(path, timeout)?;
        stream.set_read_timeout(Some(timeout))?;
        Ok(Client::over(stream))
    }

    /// Sends a request that turns the connection into a stream of responses, read with
    /// [`Client::response`], which waits for as long as it takes.
    pub fn send_and_follow(&mut self, request: &Request) -> io::Result<()> {
        self.send(request)?;
        self.stream.get_ref().set_read_timeout(None)
    }

    /// Asks, and waits for the answer. vmuxd is not to carry out the request after `until`, unless its clock
    /// is another one.
    pub fn ask_until(
        &mut self,
        request: &Request,
        until: Option<BootTime>,
    ) -> io::Result<Response> {
        let until = until.filter(|_| shares_boottime(self));
        self.write(&encode(&TimedRequest { request, until }))?;
        self.reply()
    }

    /// Turns the connection into an event stream, read with [`Client::event`], which waits for as
    /// long as it takes.
    pub fn subscribe(&mut self) -> io::Result<()> {
        self.send_subscription()?;
        self.stream.get_ref().set_read_timeout(None)
    }
}

/// When this process started, in clock ticks since boot: with its pid it names the process for good.
pub fn own_start() -> Option<u64> {
    let stat = std::fs::read("/proc/self/stat").ok()?;
    Some(crate::proc::stat::parse_stat(&stat)?.id.start)
}

/// The pids of the processes above this one, the nearest first. A container hides those outside.
pub fn ancestors() -> Vec<u32> {
    let parent = |pid: u32| {
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        Some(crate::proc::stat::parse_stat(&stat)?.ppid).filter(|it| *it > 0)
    };
    // A bound, in case pids are given to new processes meanwhile.
    std::iter::successors(parent(std::process::id()), |pid| parent(*pid)).take(64).collect()
}

impl<S: Read + Write> Client<S> {
    /// Speaks over a stream that is connected already. Its timeouts hold for [`Client::ask`].
    pub fn over(stream: S) -> Client<S> {
        Client { stream: BufReader::with_capacity(BUFFER, stream) }
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, request: &Request) -> io::Result<Response> {
        self.send(request)?;
        self.reply()
    }

    fn reply(&mut self) -> io::Result<Response> {
        let line = self.line()?.ok_or_else(|| {
            io::Error::new(io::ErrorKind::UnexpectedEof, "vmuxd closed the connection")
        })?;
        understand(&line)
    }

    /// The next response of a stream of them; `None` when vmuxd has closed it.
    pub fn response(&mut self) -> io::Result<Option<Response>> {
        self.line()?.map(|line| understand(&line)).transpose()
    }

    /// Asks for the event stream, which [`Client::event`] reads.
    pub fn send_subscription(&mut self) -> io::Result<()> {
        self.send(&Request::Subscribe(Nothing {}))
    }

    fn send(&mut self, request: &Request) -> io::Result<()> {
        self.write(&encode(request))
    }

    fn write(&mut self, frame: &[u8]) -> io::Result<()> {
        match self.stream.get_mut().write_all(frame) {
            // A vmuxd with too many clients says so before it is asked, and hangs up: that is to be
            // read, and where nothing is, reading fails.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// The next event, `None` when vmuxd has closed the stream. An event of a newer vmuxd is skipped;
    /// a refusal is an error.
    pub fn event(&mut self) -> io::Result<Option<EventLine>> {
        while let Some(raw) = self.line()? {
            if let Ok(event) = serde_json::from_str(&raw) {
                return Ok(Some(EventLine { raw, event }));
            }
            if let Some(refusal) = understand(&raw).ok().filter(|it| !it.ok) {
                let why = refusal.error.unwrap_or_else(|| "refused".to_owned());
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, why));
            }
        }
        Ok(None)
    }

    /// Whether [`Client::event`] has bytes to read without waiting for the socket.
    pub fn is_buffered(&self) -> bool {
        self.stream.buffer().contains(&b'\n')
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let limit = MAX_RESPONSE as u64;
        if self.stream.by_ref().take(limit).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if !line.ends_with('\n') {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "vmuxd broke off in a line"));
        }
        line.pop();
        Ok(Some(line))
    }
}

fn understand(line: &str) -> io::Result<Response> {
    serde_json::from_str(line).map_err(|error| {
        io::Error::new(io::ErrorKind::InvalidData, format!("vmuxd's answer: {error}"))
    })
}

impl<S: AsFd> AsFd for Client<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.get_ref().as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// What is read, and what was written.
    struct Pipe(Cursor<&'static str>, Vec<u8>);

    impl Read for Pipe {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn any_stream_carries_the_protocol() {
        let answers = concat!(
            "{\"ok\":true,\"note\":\"n\"}\n",
            "{\"event\":\"later\"}\n",
            "{\"ok\":false,\"error\":\"no\"}\n",
        );
        let mut client = Client::over(Pipe(Cursor::new(answers), Vec::new()));
        // Both lines come with one read: the first is the answer.
        let answer = client.ask(&Request::Version(Nothing {})).unwrap();
        assert_eq!(answer.note.as_deref(), Some("n"));
        client.send_subscription().unwrap();
        // An event of a newer vmuxd is skipped, a refusal is an error.
        assert_eq!(client.event().err().map(|it| it.kind()), Some(io::ErrorKind::ResourceBusy));
        let sent = String::from_utf8(client.stream.get_ref().1.clone()).unwrap();
        assert_eq!(sent.lines().count(), 2, "{sent}");
    }
}
