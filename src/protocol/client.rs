//! A blocking client of vmuxd's socket: all that `vmux` needs, and no runtime.

use super::event::Event;
use super::frame::{MAX_RESPONSE, encode};
use super::request::{Nothing, Request};
use super::response::Response;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Bytes read at once: the answer to `list` with a hundred sessions.
const BUFFER: usize = 64 * 1024;

/// A connection to vmuxd.
pub struct Client {
    stream: BufReader<UnixStream>,
}

/// The line of a subscription: the JSON as it came, and what it means.
pub struct EventLine {
    /// The line without its line break.
    pub raw: String,
    /// The event.
    pub event: Event,
}

impl Client {
    /// Connect to the socket at `path`; every later read and write fails after `patience`.
    pub fn connect(path: &Path, patience: Duration) -> io::Result<Client> {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        Ok(Client { stream: BufReader::with_capacity(BUFFER, stream) })
    }

    /// Ask, and wait for the answer.
    pub fn ask(&mut self, request: &Request) -> io::Result<Response> {
        self.stream.get_mut().write_all(&encode(request))?;
        // Nearly always all of it comes with one read, and need not be copied.
        let come = self.stream.fill_buf()?;
        if let Some(line) = come.strip_suffix(b"\n").and_then(|it| str::from_utf8(it).ok()) {
            let (response, length) = (understand(line), come.len());
            self.stream.consume(length);
            return response;
        }
        let line = self.line()?.ok_or_else(|| {
            io::Error::new(io::ErrorKind::UnexpectedEof, "vmuxd closed the connection")
        })?;
        understand(&line)
    }

    /// Turn the connection into an event stream, read with [`Client::event`].
    pub fn subscribe(&mut self) -> io::Result<()> {
        self.stream.get_mut().write_all(&encode(&Request::Subscribe(Nothing {})))?;
        self.stream.get_ref().set_read_timeout(None)
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

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.get_ref().as_fd()
    }
}
