//! `servers`: what listens for each session, and the scans for it.

use crate::daemon::clock::Now;
use crate::daemon::hub::Hub;
use crate::daemon::server::reply::ReplySender;
use crate::proc::servers::LiveSession;
use crate::proc::servers::{FoundServer, scanner::ServerScanner};
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::info::server::ServerInfo;
use crate::session::process::ProcessId;
use std::io;
use std::path::{Path, PathBuf};

impl Hub {
    /// Replies with all servers, after a fresh look.
    pub(super) fn ask_servers(&mut self, reply: ReplySender, now: Now) {
        self.server_scans.wait(reply, now.monotonic);
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
            self.exit_watcher.forget(process);
        }
        for process in began {
            self.exit_watcher.wait(process);
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
            let sessions = self.registry.sessions().filter(|it| it.host.is_none());
            self.server_scans.begin(sessions.map(|it| live_session(it, home)).collect(), at);
        }
        let waiters = self.server_scans.take_waiters(at);
        if !waiters.is_empty() {
            let response = self.servers();
            for waiter in waiters {
                waiter.send(&response);
            }
        }
    }

    fn servers(&self) -> Response {
        if let Some(problem) = self.server_scans.problem() {
            let error = format!("servers cannot be seen: {problem}");
            return Response::refused(Code::NotReadable, error).hint(
                "the kernel tells them over netlink (sock_diag), which a sandbox or a service may \
                 forbid (RestrictAddressFamilies); all else works without",
            );
        }
        let servers: Vec<ServerInfo> = self.server_scans.servers().cloned().collect();
        let has_some =
            |it: &&SessionInfo| servers.iter().any(|server| server.session == Some(it.key()));
        let sessions = self.registry.sessions().filter(has_some).cloned().collect();
        Response { servers: Some(servers), sessions: Some(sessions), ..Response::done() }
    }
}

/// A session as far as its servers are concerned. That someone works at home does not make everything
/// below it theirs: `home` is the directory `~/.claude`.
fn live_session(session: &SessionInfo, home: Option<&Path>) -> LiveSession {
    let directory = PathBuf::from(&session.cwd);
    let is_wide = directory.parent().is_none() || home.is_some_and(|it| it.starts_with(&directory));
    LiveSession {
        process: session.key().process,
        session_id: session.session_id.clone(),
        directory: Some(directory).filter(|it| it.is_absolute() && !is_wide),
    }
}
