//! Connecting to an X server, and waiting for its answers, within a time. x11rb waits without end,
//! and a thread that does cannot be ended while the X server is stopped.

use super::xauth;
use super::{SOCKETS, XError, display_number};
use crate::system::connect::connect_unix;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use x11rb::errors::ConnectError;
use x11rb::reexports::x11rb_protocol::parse_display::{ParsedDisplay, parse_display};
use x11rb::reexports::x11rb_protocol::xauth::{Family, get_auth};
use x11rb::rust_connection::{DefaultStream, PollMode, RustConnection, Stream};
use x11rb::utils::RawFdContainer;

/// A connection on which every wait ends.
pub type XConnection = RustConnection<TimedStream>;

/// Connects to `name`, such as `:0`: with what this process is allowed, else with the cookies in these
/// authority files. Gives the number of the screen too. Connecting, and every wait for the X server
/// later on, fails after `within`.
pub fn connect(
    name: &str,
    authorities: &[PathBuf],
    within: Duration,
) -> Result<(XConnection, usize), XError> {
    // The name may be from the environment of a session, and lead anywhere.
    let display = parse_display(Some(name)).ok().filter(|_| display_number(name).is_some());
    let display = display.ok_or_else(|| format!("{name} is no X display of this machine"))?;
    let connection = with_own_auth(&display, within)
        .or_else(|error| with_cookies(name, &display, authorities, within).ok_or(error))
        .map_err(|error| match error {
            ConnectError::IoError(error) if is_timeout(&error) => {
                format!("the X server {name} does not answer: is it stopped?")
            }
            error => format!("cannot connect to the X server {name}: {error}"),
        })?;
    Ok((connection, usize::from(display.screen)))
}

fn with_own_auth(display: &ParsedDisplay, within: Duration) -> Result<XConnection, ConnectError> {
    let (stream, (family, address)) = open(display, within)?;
    let auth = get_auth(family, &address, display.display).unwrap_or_default();
    let (name, data) = auth.unwrap_or_default();
    let screen = usize::from(display.screen);
    XConnection::connect_to_stream_with_auth_info(stream, screen, name, data)
}

/// Connects with one of the cookies in these files, for a display of this host.
fn with_cookies(
    name: &str,
    display: &ParsedDisplay,
    authorities: &[PathBuf],
    within: Duration,
) -> Option<XConnection> {
    let number = display_number(name)?;
    let connect = |cookie: Vec<u8>| {
        let (stream, _) = open(display, within).ok()?;
        let (auth, screen) = (xauth::COOKIE.to_vec(), usize::from(display.screen));
        XConnection::connect_to_stream_with_auth_info(stream, screen, auth, cookie).ok()
    };
    let mut cookies =
        authorities.iter().flat_map(|file| xauth::cookies(&xauth::read(file), number));
    cookies.find_map(connect)
}

/// Connects to the socket of the display, without falling back to TCP as x11rb does: there, any user
/// may listen. Gives what xauth(1) calls it too.
fn open(
    display: &ParsedDisplay,
    within: Duration,
) -> Result<(TimedStream, (Family, Vec<u8>)), ConnectError> {
    let path = Path::new(SOCKETS).join(format!("X{}", display.display));
    let (stream, peer) = DefaultStream::from_unix_stream(connect_unix(&path, within)?)?;
    Ok((TimedStream { stream, within }, peer))
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// A stream to an X server, of which every wait ends.
#[derive(Debug)]
pub struct TimedStream {
    stream: DefaultStream,
    within: Duration,
}

impl TimedStream {
    /// Waits until something can be read, up to `within`. Returns whether it can.
    pub fn is_readable(&self, within: Duration) -> io::Result<bool> {
        self.is_ready(PollFlags::IN, within)
    }

    fn is_ready(&self, flags: PollFlags, within: Duration) -> io::Result<bool> {
        let timeout = Timespec::try_from(within).map_err(io::Error::other)?;
        let fd = rustix::fd::AsFd::as_fd(&self.stream);
        loop {
            match poll(&mut [PollFd::from_borrowed_fd(fd, flags)], Some(&timeout)) {
                Ok(count) => return Ok(count > 0),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Stream for TimedStream {
    fn poll(&self, mode: PollMode) -> io::Result<()> {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::IN, mode.readable());
        flags.set(PollFlags::OUT, mode.writable());
        match self.is_ready(flags, self.within)? {
            true => Ok(()),
            false => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    fn read(&self, buf: &mut [u8], fds: &mut Vec<RawFdContainer>) -> io::Result<usize> {
        self.stream.read(buf, fds)
    }

    fn write(&self, buf: &[u8], fds: &mut Vec<RawFdContainer>) -> io::Result<usize> {
        self.stream.write(buf, fds)
    }

    fn write_vectored(
        &self,
        bufs: &[io::IoSlice<'_>],
        fds: &mut Vec<RawFdContainer>,
    ) -> io::Result<usize> {
        self.stream.write_vectored(bufs, fds)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::silent_display;
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_silent_x_server_ends_the_wait() {
        let (number, listener) = silent_display();
        let error = connect(&format!(":{number}"), &[], Duration::from_millis(20)).err().unwrap();
        assert!(error.contains("does not answer"), "{error}");
        drop(listener);
        let _ = std::fs::remove_file(format!("{SOCKETS}/X{number}"));
    }

    #[test]
    fn other_machines_are_not_asked() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let number = listener.local_addr().unwrap().port() - 6000;
        for host in ["127.0.0.1", "localhost", ""] {
            let name = format!("{host}:{number}");
            assert!(connect(&name, &[], Duration::from_millis(20)).is_err(), "{name}");
        }
        assert!(listener.accept().is_err(), "it was connected to");
    }
}
