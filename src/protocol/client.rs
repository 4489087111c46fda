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
        Ok(Client { stream: BufReader::new(stream) })
    }

    /// Ask, and wait for the answer.
    pub fn ask(&mut self, request: &Request) -> io::Result<Response> {
        let asked = self.stream.get_mut().write_all(&encode(request));
        // A vmuxd that has no place for us says so and does not listen.
        let line = match (self.line(), asked) {
            (Ok(Some(line)), _) => line,
            (_, Err(error)) => return Err(error),
            (Err(error), _) => return Err(error),
            (Ok(None), Ok(())) => {
                let error = "vmuxd closed the connection";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, error));
            }
        };
        serde_json::from_str(&line).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("vmuxd's answer: {error}"))
        })
    }

    /// Turn the connection into an event stream, read with [`Client::event`].
    pub fn subscribe(&mut self) -> io::Result<()> {
        self.stream.get_mut().write_all(&encode(&Request::Subscribe(Nothing {})))?;
        self.stream.get_ref().set_read_timeout(None)
    }

    /// The next event, `None` when vmuxd has closed the stream. A line that is no event is skipped.
    pub fn event(&mut self) -> io::Result<Option<EventLine>> {
        while let Some(raw) = self.line()? {
            if let Ok(event) = serde_json::from_str(&raw) {
                return Ok(Some(EventLine { raw, event }));
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

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.get_ref().as_fd()
    }
}
