//! The way to vmuxd: connect, start it when none runs, ask.

use super::error::{Complaint, Result};
use super::show::table::brief;
use super::start;
use crate::protocol::client::Client;
use crate::protocol::request::{Nothing, Request};
use crate::protocol::response::{Code, Response};
use crate::protocol::socket::Paths;
use crate::session::info::SessionInfo;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

/// How long an answer may take: a switch may start a terminal, a first scan takes a while.
const PATIENCE: Duration = Duration::from_secs(10);

/// How to get to vmuxd.
#[derive(Debug, Clone)]
pub struct Link {
    /// Where it is.
    pub paths: Paths,
    /// Whether to start it when none runs.
    pub start: bool,
}

impl Link {
    /// From the environment: `VMUX_NO_START` forbids starting vmuxd, as `--no-start` does.
    pub fn from_environment(no_start: bool) -> Result<Link> {
        let forbidden = std::env::var_os("VMUX_NO_START").is_some_and(|it| !it.is_empty());
        let paths = Paths::from_environment()?;
        Ok(Link { paths, start: !(no_start || forbidden) })
    }

    /// The same, but never starting it.
    pub fn without_start(mut self) -> Link {
        self.start = false;
        self
    }

    /// Connect, starting vmuxd if none runs and that is allowed.
    pub fn client(&self) -> Result<Client> {
        match self.connect() {
            Ok(client) => Ok(client),
            Err(error) if self.start && is_absent(&error) => start::start(self),
            Err(error) => Err(Complaint::unreachable(&self.paths.socket, &error)),
        }
    }

    /// Connect to a running vmuxd of the same user.
    pub fn connect(&self) -> io::Result<Client> {
        let client = Client::connect(&self.paths.socket, PATIENCE)?;
        // A peer of another PID namespace has no pid here, and no credentials for rustix; then the
        // owner of the socket counts.
        let owner = match rustix::net::sockopt::socket_peercred(&client) {
            Ok(peer) => peer.uid.as_raw(),
            Err(_) => std::fs::metadata(&self.paths.socket)?.uid(),
        };
        let me = rustix::process::geteuid().as_raw();
        if owner != me && owner != 0 {
            let text = "the socket belongs to another user's process";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
        }
        Ok(client)
    }

    /// Ask, and turn a refusal into a complaint.
    pub fn ask(&self, request: &Request) -> Result<Response> {
        let response = self.ask_any(request)?;
        if response.ok { Ok(response) } else { Err(self.refusal(&response)) }
    }

    /// Ask; the answer may be a refusal.
    pub fn ask_any(&self, request: &Request) -> Result<Response> {
        let mut client = self.client()?;
        client.ask(request).map_err(|error| {
            let complaint = Complaint::unreachable(&self.paths.socket, &error);
            match error.kind() {
                io::ErrorKind::InvalidData => self.blame_version(complaint),
                _ => complaint,
            }
        })
    }

    /// Every session.
    pub fn sessions(&self) -> Result<Vec<SessionInfo>> {
        Ok(self.ask(&Request::List(Nothing {}))?.sessions.unwrap_or_default())
    }

    /// What to say of a refusal.
    pub fn refusal(&self, response: &Response) -> Complaint {
        let home = std::env::var("HOME").ok();
        let meant = response.sessions.iter().flatten().map(|it| brief(it, home.as_deref()));
        let complaint = Complaint::refused(response).lines(meant.collect());
        match response.code {
            Some(Code::BadRequest) => self.blame_version(complaint),
            _ => complaint,
        }
    }

    /// One who does not understand us may be of another version.
    fn blame_version(&self, complaint: Complaint) -> Complaint {
        let version = self.connect().and_then(|mut it| it.ask(&Request::Version(Nothing {})));
        match version.ok().and_then(|response| response.daemon) {
            Some(daemon) => complaint.other_version(&daemon.version),
            None => complaint,
        }
    }
}

/// Whether nobody listens there, rather than somebody who cannot be talked to.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}
