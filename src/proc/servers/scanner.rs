//! Finds servers again and again. If the listening sockets are those that the last scan saw, no scan is
//! needed ([`ServerScanner::is_settled`]); if none is new, it reads no process.

use super::family::{Family, families};
use super::listeners::{ByPort, Listener, by_port, listeners};
use super::problems::{Circumstances, problems};
use super::serving::{self, ServingProcesses};
use super::survey::Surveyor;
use super::{FoundServer, LiveSession, address, naming};
use crate::proc::ProcFiles;
use crate::proc::scan::settled_start;
use crate::session::Timestamp;
use crate::session::info::server::ServerInfo;
use crate::session::key::SessionKey;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// Connections that nobody has taken after this long are not going to be.
const STUCK_AFTER: Duration = Duration::from_secs(5);

/// After a socket has appeared, processes that share it may be started for this long: workers.
const GROWS_FOR: Duration = Duration::from_secs(10);

/// A reloader that has ended its worker has begun another one after this long.
const WORKER_GONE_AFTER: Duration = Duration::from_secs(2);

/// What is kept from scan to scan.
pub struct ServerScanner {
    files: ProcFiles,
    uid: u32,
    /// The sockets that the last scan saw, and the inodes of those of the user.
    listeners: Vec<Listener>,
    inodes: BTreeSet<u64>,
    sessions: Vec<LiveSession>,
    /// When the machine started.
    boot: Option<Timestamp>,
    surveyor: Surveyor,
    /// Until when processes that share a new socket may appear.
    grows_until: Option<Instant>,
    servers: Vec<FoundServer>,
    waiting: HashMap<u64, Backlog>,
    /// Sockets that no worker holds, and since when.
    lacking: HashMap<u64, Instant>,
}

/// Connections that wait at one socket.
struct Backlog {
    /// Since when there have never been fewer.
    since: Instant,
    count: u32,
}

impl ServerScanner {
    /// A scanner that has seen nothing, of the processes of user `uid`.
    pub fn new(files: ProcFiles, uid: u32) -> ServerScanner {
        ServerScanner {
            files,
            uid,
            listeners: Vec::new(),
            inodes: BTreeSet::new(),
            sessions: Vec::new(),
            boot: None,
            surveyor: Surveyor::default(),
            grows_until: None,
            servers: Vec::new(),
            waiting: HashMap::new(),
            lacking: HashMap::new(),
        }
    }

    /// Whether a scan would find what the last one did, but for what processes do that hold no socket:
    /// these are the sockets and sessions that it saw, and nothing is waited for.
    pub fn is_settled(
        &self,
        listeners: &[Listener],
        are_these: impl FnOnce(&[LiveSession]) -> bool,
    ) -> bool {
        let is_waiting = self.grows_until.is_some()
            || !self.waiting.is_empty()
            || self.servers.iter().any(|it| it.lacks_worker);
        !is_waiting && listeners == self.listeners && are_these(&self.sessions)
    }

    /// The servers of these sessions and of those that have ended. With `look_closer` the processes are
    /// read although no socket is new: a process has ended that held one. `boot` is when the machine
    /// started. The error is that of the kernel or of a sandbox: servers cannot be seen.
    pub fn scan(
        &mut self,
        sessions: Vec<LiveSession>,
        look_closer: bool,
        boot: Timestamp,
        now: Instant,
    ) -> rustix::io::Result<Vec<FoundServer>> {
        let all = listeners()?;
        let of_ports = by_port(&all);
        self.note_backlogs(&all, now);
        let own = |it: &&Listener| it.uid == self.uid;
        let inodes: BTreeSet<u64> = all.iter().filter(own).map(|it| it.inode).collect();
        let new = &inodes - &self.inodes;
        let has_new = !new.is_empty();
        let has_lost = inodes.len() < self.inodes.len() || has_new;
        let is_other = sessions != self.sessions;
        let is_hurt = self.servers.iter().any(|it| it.lacks_worker);
        let may_grow = self.grows_until.is_some();
        let boot = settled_start(self.boot, boot);
        let is_clock_set = self.boot.replace(boot).is_some_and(|before| before != boot);
        if has_new || look_closer || is_other || is_hurt || may_grow || is_clock_set {
            // Once more after that, and then no more.
            self.grows_until = self.grows_until.filter(|then| now < *then);
            self.inodes = inodes;
            self.sessions = sessions;
            self.survey(&of_ports, boot);
            self.note_lacking(now);
            // A socket that belongs to no session is looked at once.
            if self.servers.iter().any(|it| !it.inodes.is_disjoint(&new)) {
                self.grows_until = Some(now + GROWS_FOR);
            }
        } else if has_lost {
            self.servers.retain_mut(|it| {
                it.inodes.retain(|inode| inodes.contains(inode));
                !it.inodes.is_empty()
            });
            self.inodes = inodes;
        }
        let found = self.servers.iter().map(|it| self.judged(it, &of_ports, now)).collect();
        self.listeners = all;
        Ok(found)
    }

    fn survey(&mut self, listeners: &ByPort, boot: Timestamp) {
        if self.inodes.is_empty() {
            self.servers.clear();
            return;
        }
        let found = self.surveyor.survey(&self.files, &self.inodes, &self.sessions);
        let families = families(listeners, &found.holders, &found.tree);
        let mut known: HashMap<(&[u32], &BTreeSet<u32>), Option<ServingProcesses>> = HashMap::new();
        let mut servers = Vec::new();
        for family in &families {
            let same = known.entry((&family.chain, &family.holders));
            let read = || serving::read(&self.files, family, &found, &self.sessions, boot);
            if let Some(processes) = same.or_insert_with(read) {
                servers.push(server(family, processes, listeners));
            }
        }
        self.servers = servers;
    }

    fn note_backlogs(&mut self, listeners: &[Listener], now: Instant) {
        let waiting = std::mem::take(&mut self.waiting);
        let own = |it: &&Listener| it.uid == self.uid && it.backlog > 0;
        for listener in listeners.iter().filter(own) {
            let before = waiting.get(&listener.inode).filter(|it| it.count <= listener.backlog);
            let since = before.map_or(now, |it| it.since);
            self.waiting.insert(listener.inode, Backlog { since, count: listener.backlog });
        }
    }

    fn note_lacking(&mut self, now: Instant) {
        let before = std::mem::take(&mut self.lacking);
        let lacking = self.servers.iter().filter(|it| it.lacks_worker).flat_map(|it| &it.inodes);
        self.lacking = lacking.map(|it| (*it, before.get(it).copied().unwrap_or(now))).collect();
    }

    /// A server with what is wrong with it.
    fn judged(&self, server: &FoundServer, listeners: &ByPort, now: Instant) -> FoundServer {
        let mut waiting = server.inodes.iter().filter_map(|it| self.waiting.get(it));
        let is_ended = |process| self.sessions.iter().all(|it| it.process != process);
        let mut owners = server.holders.iter().filter_map(|it| self.surveyor.owner(*it));
        let mut lacking = server.inodes.iter().filter_map(|it| self.lacking.get(it));
        let is_lacking = lacking.any(|since| now - *since >= WORKER_GONE_AFTER);
        let is_named = server.info.session_id.is_some();
        let circumstances = Circumstances {
            lacks_worker: is_lacking,
            is_stuck: waiting.any(|it| now - it.since >= STUCK_AFTER),
            has_lost_session: server.info.session.is_none()
                && (is_named || owners.any(|it| it.process.is_some_and(is_ended))),
        };
        let mut server = server.clone();
        let of_port = listeners.get(&server.info.port).map_or(&[][..], Vec::as_slice);
        server.info.problems = problems(&server, circumstances, &self.servers, of_port);
        server
    }
}

/// What listens on one port.
fn server(family: &Family, processes: &ServingProcesses, listeners: &ByPort) -> FoundServer {
    let ServingProcesses { name, argvs, owner, session, .. } = processes;
    let of_port = listeners.get(&family.port).into_iter().flatten().copied();
    let addresses = address::addresses(of_port.filter(|it| family.inodes.contains(&it.inode)));
    let session_id = session.as_ref().map_or(&owner.session_id, |it| &it.session_id);
    FoundServer {
        info: ServerInfo {
            host: None,
            tunnel: None,
            port: family.port,
            url: address::url(family.port, &addresses, name, argvs),
            addresses,
            auxiliary: family.is_auxiliary || naming::is_auxiliary(family.port, name, argvs),
            name: name.clone(),
            pid: processes.top.pid,
            start: processes.top.start,
            holders: family.holders.iter().copied().collect(),
            started_at: processes.started_at,
            cwd: processes.cwd.clone(),
            session: session.as_ref().map(|it| SessionKey::from(it.process)),
            session_id: session_id.as_deref().map(str::to_owned),
            alias: None,
            by: owner.by,
            confidence: owner.confidence(),
            problems: Vec::new(),
        },
        keeps_sources: processes.keeps_sources,
        runtime: processes.runtime,
        holders: processes.holders.clone(),
        family: family.holders.iter().chain(&family.chain).copied().collect(),
        inodes: family.inodes.clone(),
        lacks_worker: processes.lacks_worker,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::ProcRoot;
    use crate::session::process::ProcessId;
    use std::net::{IpAddr, Ipv4Addr};

    fn are(sessions: &[LiveSession]) -> impl FnOnce(&[LiveSession]) -> bool {
        move |known| known == sessions
    }

    #[test]
    fn a_scan_is_needed_when_a_socket_or_a_session_is_another_or_something_is_waited_for() {
        let listener = Listener {
            inode: 7,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 3000,
            is_dual: false,
            uid: 1000,
            backlog: 0,
        };
        let process = ProcessId { pid: 10, start: 100 };
        let session = LiveSession { process, session_id: None, directory: None };
        let mut scanner = ServerScanner::new(ProcFiles::new(ProcRoot::new("/proc")), 1000);
        assert!(scanner.is_settled(&[], are(&[])));
        (scanner.listeners, scanner.sessions) = (vec![listener.clone()], vec![session.clone()]);
        let (own, sessions) = (&[listener.clone()][..], &[session][..]);
        assert!(scanner.is_settled(own, are(sessions)));
        assert!(!scanner.is_settled(&[], are(sessions)));
        assert!(!scanner.is_settled(own, are(&[])));
        assert!(!scanner.is_settled(&[Listener { backlog: 1, ..listener.clone() }], are(sessions)));
        let now = Instant::now();
        scanner.grows_until = Some(now);
        assert!(!scanner.is_settled(own, are(sessions)));
        scanner.grows_until = None;
        // Connections wait at a socket of another user, which is nobody's server here.
        scanner.note_backlogs(&[Listener { backlog: 1, uid: 0, ..listener.clone() }], now);
        assert!(scanner.is_settled(own, are(sessions)));
        scanner.note_backlogs(&[Listener { backlog: 1, ..listener }], now);
        assert!(!scanner.is_settled(own, are(sessions)));
    }
}
