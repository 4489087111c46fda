//! The way to vmuxd: connect, start it when none runs, ask.

use super::Client;
use super::autostart;
use super::dial::{ANSWER_TIMEOUT, dial, is_absent, running_instance};
use super::error::{ClientError, Result};
use crate::protocol::request::{BootTime, Nothing, Request};
use crate::protocol::response::{Code, Response};
use crate::protocol::socket::Paths;
use crate::session::info::SessionInfo;
use crate::session::state::host::HostInfo;
use crate::system::boottime::boottime;
use std::io;
use std::time::{Duration, Instant};

/// An answer may take so long in any case: a busy machine is not one that is stopped.
const SHORTEST: Duration = Duration::from_secs(1);

/// Where vmuxd is, and whether it may be started.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Where it is.
    pub paths: Paths,
    /// Whether to start it when none runs.
    pub start: bool,
    /// When an answer has to be there. It is given a second in any case, and never more than
    /// [`ANSWER_TIMEOUT`], which holds where there is no such time.
    pub answer_by: Option<Instant>,
}

impl Endpoint {
    /// From the environment: `VMUX_NO_START` forbids starting vmuxd, as `no_start` does.
    pub fn from_environment(no_start: bool) -> Result<Endpoint> {
        let forbidden = std::env::var_os("VMUX_NO_START").is_some_and(|it| !it.is_empty());
        let paths = Paths::from_environment()?;
        Ok(Endpoint { paths, start: !(no_start || forbidden), answer_by: None })
    }

    /// The same, but never starting it.
    pub fn without_start(mut self) -> Endpoint {
        self.start = false;
        self
    }

    /// The same, but an answer has to be there by `deadline`.
    pub fn answering_by(mut self, deadline: Option<Instant>) -> Endpoint {
        self.answer_by = deadline;
        self
    }

    /// Connects; starts vmuxd if none runs and that is allowed.
    pub fn client(&self) -> Result<Client> {
        match self.connect() {
            Ok(client) => Ok(client),
            Err(error) if self.start && is_absent(&error) => autostart::start(&self.paths),
            Err(error) => Err(self.unreachable(error)),
        }
    }

    /// Connects to a vmuxd that runs.
    pub fn connect(&self) -> io::Result<Client> {
        dial(&self.paths, self.answer_within())
    }

    /// How long an answer may take.
    fn answer_within(&self) -> Duration {
        let left = self.answer_by.map(|it| it.saturating_duration_since(Instant::now()));
        left.unwrap_or(ANSWER_TIMEOUT).clamp(SHORTEST, ANSWER_TIMEOUT)
    }

    /// Asks; a refusal is an error.
    pub fn ask(&self, request: &Request) -> Result<Response> {
        self.ask_and_stay(request).map(|it| it.0)
    }

    /// Asks, and stays connected; a refusal is an error.
    pub fn ask_and_stay(&self, request: &Request) -> Result<(Response, Client)> {
        let mut client = self.client()?;
        // What waits for longer than the answer is waited for is not to be done then.
        let given_up = || BootTime::at(boottime() + self.answer_within());
        match client.ask_until(request, request.acts().then(given_up)) {
            Ok(response) if response.ok => Ok((response, client)),
            Ok(response) => Err(self.refused(response)),
            Err(error) => {
                let version = match error.kind() {
                    io::ErrorKind::InvalidData => self.version(),
                    _ => None,
                };
                Err(ClientError::Unreachable { socket: self.paths.socket.clone(), error, version })
            }
        }
    }

    /// Every session, in no order.
    pub fn sessions(&self) -> Result<Vec<SessionInfo>> {
        Ok(self.list()?.0)
    }

    /// Every session, in no order, and every other host.
    pub fn list(&self) -> Result<(Vec<SessionInfo>, Vec<HostInfo>)> {
        let response = self.ask(&Request::List(Nothing {}))?;
        Ok((response.sessions.unwrap_or_default(), response.hosts.unwrap_or_default()))
    }

    /// The error for an answer that is not the one that was asked for.
    pub fn refused(&self, response: Response) -> ClientError {
        // One that does not understand the request may be of another version.
        let version = match response.code {
            Some(Code::BadRequest) => self.version(),
            _ => None,
        };
        ClientError::Refused { response: Box::new(response), version }
    }

    /// The error for a connection that could not be made, or that broke.
    pub fn unreachable(&self, error: io::Error) -> ClientError {
        if is_absent(&error)
            && let Some(instance) = running_instance(&self.paths)
        {
            return ClientError::lost(instance, &self.paths);
        }
        ClientError::Unreachable { socket: self.paths.socket.clone(), error, version: None }
    }

    fn version(&self) -> Option<String> {
        let version = self.connect().and_then(|mut it| it.ask(&Request::Version(Nothing {})));
        Some(version.ok()?.daemon?.version)
    }
}
