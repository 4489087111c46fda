//! `servers`: what listens for each session, and the scans for it.

use crate::daemon::clock::Now;
use crate::daemon::discovery::servers::{ServerWaiter, ending};
use crate::daemon::hub::Hub;
use crate::daemon::hub::requests::hosts::forward::named;
use crate::daemon::hub::requests::hosts::no_host;
use crate::daemon::hub::requests::start::end::ended;
use crate::daemon::server::reply::ReplySender;
use crate::proc::servers::LiveSession;
use crate::proc::servers::listeners::listeners;
use crate::proc::servers::{FoundServer, scanner::ServerScanner};
use crate::protocol::request::{
    FreePortRequest, LOCAL_HOST, Request, ServersRequest, StopServerRequest,
};
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::info::server::ServerInfo;
use crate::session::key::HostName;
use crate::session::process::ProcessId;
use crate::session::shared::SharedPath;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError};

impl Hub {
    /// Replies with all servers, after a fresh look.
    pub(super) fn ask_servers(&mut self, args: ServersRequest, reply: ReplySender, now: Now) {
        if let Some(host) = elsewhere(args.host.as_deref()) {
            let request = ServersRequest { host: Some(LOCAL_HOST.to_owned()) };
            return self.ask_host_of_servers(host, &Request::Servers(request), reply);
        }
        let waiter = ServerWaiter { reply, is_local: args.host.is_some() };
        self.server_scans.wait(waiter, now.monotonic);
    }

    /// Asks the vmuxd of another host about its servers, and passes its reply on.
    fn ask_host_of_servers(&self, host: &str, request: &Request, reply: ReplySender) {
        let known = HostName::new(host).ok();
        let config = known.and_then(|name| Some((name, self.config.current.hosts.get(&name)?)));
        let Some((name, config)) = config else { return reply.send(&no_host(host)) };
        let (answer, destination) =
            (self.hosts.ask(name, request, reply.until()), config.ssh.clone());
        tokio::spawn(async move {
            let mut response = answer.await.unwrap_or_else(|_| Response::ending());
            for server in response.servers.iter_mut().flatten() {
                server.tunnel = Some(server.tunnel(&destination));
            }
            reply.send(&named(response, Some(name)));
        });
    }

    /// A scan for servers has returned.
    pub(in crate::daemon::hub) fn take_servers(
        &mut self,
        scanner: Option<Box<ServerScanner>>,
        found: io::Result<Vec<FoundServer>>,
    ) {
        let Some((began, ended)) = self.server_scans.end(scanner, found) else { return };
        // A session is waited for by itself.
        let is_session = |it: &ProcessId| self.registry.get((*it).into()).is_some();
        for process in ended.into_iter().filter(|it| !is_session(it)) {
            self.process_watcher.exits.forget(process);
        }
        for process in began {
            self.process_watcher.exits.wait(process);
        }
        let servers: Vec<ServerInfo> = self.server_scans.servers().cloned().collect();
        for change in self.registry.set_servers(&servers) {
            self.publish(Some(change));
        }
    }

    /// Begins a scan for servers if one is due, once the sessions are known that they belong to; answers
    /// those that have waited for one, or long enough.
    pub(in crate::daemon::hub) fn scan_for_servers(&mut self, now: Now) {
        let at = now.monotonic;
        if self.server_scans.is_wanted(|| self.inspections.is_settled(at), at) {
            let home = self.options.claude_home.as_deref();
            let sessions = || self.registry.sessions().filter(|it| it.host.is_none());
            let are_these = |known: &[LiveSession]| {
                let mut known = known.iter();
                let is_next =
                    |it| known.next().is_some_and(|known| is_live_session(it, home, known));
                sessions().all(is_next) && known.next().is_none()
            };
            let live = || sessions().map(|it| live_session(it, home)).collect();
            self.server_scans.begin(are_these, live, at);
        }
        for waiter in self.server_scans.take_waiters(at) {
            waiter.reply.send(&self.servers(waiter.is_local));
        }
    }

    /// Replies with a port on which nothing listens.
    pub(super) fn free_port(&mut self, args: FreePortRequest, reply: ReplySender, now: Now) {
        if let Some(host) = elsewhere(args.host.as_deref()) {
            let request = FreePortRequest { host: None, ..args };
            return self.ask_host_of_servers(host, &Request::FreePort(request), reply);
        }
        let reservations = Arc::clone(&self.server_scans.reservations);
        let found = self.pool.call(move || {
            let taken = listeners()?.into_iter().map(|it| it.port).collect();
            let mut reservations = reservations.lock().unwrap_or_else(PoisonError::into_inner);
            rustix::io::Result::Ok(reservations.reserve(args.from, args.to, &taken, now.monotonic))
        });
        tokio::spawn(async move {
            reply.send(&match found.await {
                Ok(Ok(Some(port))) => Response { port: Some(port), ..Response::done() },
                Ok(Ok(None)) => {
                    let error = format!("no port from {} to {} is free", args.from, args.to);
                    Response::refused(Code::NoMatch, error).hint(
                        "ask for another range, or later: nobody else is given a port for a minute",
                    )
                }
                Ok(Err(error)) => unseen(&io::Error::from(error).to_string()),
                Err(_) => Response::refused(Code::Busy, "the look for a free port failed"),
            });
        });
    }

    /// Ends a server. Only what a scan has found can be ended: a process of the user's own that listens
    /// for a session.
    pub(super) fn stop_server(&mut self, args: StopServerRequest, reply: ReplySender) {
        if let Some(host) = elsewhere(args.host.as_deref()) {
            let request = StopServerRequest { host: None, ..args };
            return self.ask_host_of_servers(host, &Request::StopServer(request), reply);
        }
        let top = ProcessId { pid: args.pid, start: args.start };
        let Some(server) = self.server_scans.find(top) else {
            let error = format!("process {} is not a server of a session", args.pid);
            return reply.send(&Response::refused(Code::NoMatch, error));
        };
        let holders = server.holders.clone();
        let sessions = self.registry.sessions().filter(|it| it.host.is_none());
        let sessions: BTreeSet<u32> = sessions.map(|it| it.pid).collect();
        let root = self.inspections.root().clone();
        let asked = self
            .pool
            .call(move || ending::ask(&root, &ending::family(&root, top, &holders, &sessions)));
        tokio::spawn(async move { reply.send(&ended(asked).await) });
    }

    fn servers(&self, is_local: bool) -> Response {
        let mut servers: Vec<ServerInfo> = self.far_servers().filter(|_| !is_local).collect();
        let note = match self.server_scans.problem() {
            Some(problem) if servers.is_empty() => return unseen(problem),
            Some(problem) => Some(format!("those of this machine cannot be seen: {problem}")),
            None => {
                servers.splice(0..0, self.server_scans.servers().cloned());
                None
            }
        };
        let has_some =
            |it: &&SessionInfo| servers.iter().any(|server| server.session == Some(it.key()));
        let sessions = self.registry.sessions().filter(has_some).cloned().collect();
        Response { servers: Some(servers), sessions: Some(sessions), note, ..Response::done() }
    }

    /// What sessions of other hosts serve, as far as their vmuxd have told.
    fn far_servers(&self) -> impl Iterator<Item = ServerInfo> {
        let far = self.registry.sessions().filter(|it| it.stale_since.is_none());
        far.filter_map(|it| Some((it, self.config.current.hosts.get(&it.host?)?))).flat_map(
            |(session, config)| {
                let reachable = |it: &ServerInfo| {
                    let tunnel = Some(it.tunnel(&config.ssh));
                    ServerInfo { tunnel, ..it.clone() }
                };
                session.servers.iter().map(reachable)
            },
        )
    }
}

/// The host that a request names, unless that is this machine.
fn elsewhere(host: Option<&str>) -> Option<&str> {
    host.filter(|it| *it != LOCAL_HOST)
}

/// Servers cannot be seen.
fn unseen(problem: &str) -> Response {
    let error = format!("servers cannot be seen: {problem}");
    Response::refused(Code::NotReadable, error).hint(
        "the kernel tells them over netlink (sock_diag), which a sandbox or a service may forbid \
         (RestrictAddressFamilies); all else works without",
    )
}

/// A session as far as its servers are concerned. That someone works at home does not make everything
/// below it theirs: `home` is the directory `~/.claude`.
fn live_session(session: &SessionInfo, home: Option<&Path>) -> LiveSession {
    LiveSession {
        process: session.key().process,
        session_id: session.session_id.clone(),
        directory: directory(session, home).map(SharedPath::from),
    }
}

/// Whether that is what [`live_session`] makes of it: nothing is copied for that.
fn is_live_session(session: &SessionInfo, home: Option<&Path>, known: &LiveSession) -> bool {
    known.process == session.key().process
        && known.session_id == session.session_id
        && known.directory.as_deref() == directory(session, home)
}

fn directory<'a>(session: &'a SessionInfo, home: Option<&Path>) -> Option<&'a Path> {
    let directory = Path::new(&*session.cwd);
    let is_wide = directory.parent().is_none() || home.is_some_and(|it| it.starts_with(directory));
    (directory.is_absolute() && !is_wide).then_some(directory)
}
