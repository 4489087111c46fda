//! `doctor`: what vmuxd sees, and why something is not there.

pub mod desktop;
pub mod process;
pub mod version;

use crate::daemon::blocking::pending::PendingCall;
use crate::daemon::clock::Now;
use crate::daemon::desktop::proc_reader;
use crate::daemon::discovery::worker::is_session;
use crate::daemon::hub::Hub;
use crate::daemon::notify::dbus::NotificationBus;
use crate::daemon::server::reply::ReplySender;
use crate::protocol::finding::Finding;
use crate::protocol::request::DoctorRequest;
use crate::protocol::response::Response;
use crate::session::state::host::HostInfo;
use crate::wm::mux::survey;
use process::{KnownSession, ProcessFacts, Recognised};
use std::time::Duration;
use tokio::time::timeout;

/// How long the desktop and the bus may take. A client waits a little longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// What is wrong with a host, if anything is.
fn host_finding(host: &HostInfo) -> Option<Finding> {
    let fault = host.fault.as_ref()?;
    let finding = Finding::note("hosts", format!("{}: {}", host.name, fault.says));
    Some(Finding { hint: fault.hint.clone(), ..finding })
}

impl Hub {
    /// Replies with what vmuxd sees, or how it comes to see one process.
    pub(super) fn doctor(&mut self, args: DoctorRequest, reply: ReplySender, now: Now) {
        let daemon = self.version().daemon;
        let answer = move |findings: Vec<Finding>| Response {
            findings: Some(findings),
            daemon,
            ..Response::done()
        };
        match args.pid {
            Some(pid) => {
                let known = self.known_session(pid);
                let facts = self.read_process(pid, now);
                let mut facts = PendingCall::of(now.monotonic, facts);
                tokio::spawn(async move {
                    let facts = facts.in_time().await;
                    reply.send(&answer(process::walk(pid, facts.as_ref(), &known)));
                });
            }
            None => {
                let mut findings = self.problems.findings();
                findings.extend(process::directories(&self.config_dirs));
                findings.extend(self.host_infos().iter().filter_map(host_finding));
                let root = self.inspections.root().clone();
                let proc = proc_reader::reader(&root, self.pool.clone());
                let servers = self
                    .pool
                    .call(move || survey::servers(&root, rustix::process::geteuid().as_raw()));
                let servers = async move {
                    let servers = timeout(ANSWER_WITHIN, servers).await.ok()?.ok()?;
                    Some(survey::ask_versions(servers, proc).await)
                };
                let wm = self.desktop.describe();
                let is_on = self.config.current.notify.desktop;
                tokio::spawn(async move {
                    let server = timeout(ANSWER_WITHIN, NotificationBus::describe_server());
                    let (wm, server, servers) =
                        tokio::join!(timeout(ANSWER_WITHIN, wm), server, servers);
                    let wm = wm.map(|it| it.unwrap_or_default());
                    findings.extend(desktop::window_manager(wm.ok().as_ref()));
                    findings.extend(desktop::multiplexers(&servers.unwrap_or_default()));
                    let server = server.unwrap_or_else(|_| Err("it does not answer".to_owned()));
                    findings.push(desktop::notifications(is_on, &server));
                    reply.send(&answer(findings));
                });
            }
        }
    }

    /// Reads all that tells whether a process is a session, on another thread: the kernel may hold the
    /// memory of the process.
    fn read_process(&self, pid: u32, now: Now) -> tokio::sync::oneshot::Receiver<ProcessFacts> {
        let root = self.inspections.root().clone();
        let dirs = self.config_dirs.clone();
        // By the clock a process begins some time after the machine; how long is of no interest here.
        let boot = now.wall;
        self.pool.call(move || {
            let Some(process) = root.process(pid) else { return ProcessFacts::default() };
            let owner = root.uid(pid);
            let parent = root.process(process.ppid).map(|it| root.candidate(it, boot));
            let candidate = root.candidate(process, boot);
            let recognised = Recognised {
                by_name: is_session(&candidate, parent.as_ref()),
                is_fork: is_session(&candidate, None) && !is_session(&candidate, parent.as_ref()),
                named_in: process::session_file_of(&candidate, &dirs).filter(|it| it.is_file()),
            };
            let own = rustix::process::geteuid().as_raw();
            ProcessFacts { candidate: Some(candidate), owner, own, recognised }
        })
    }

    /// What is known of the session of this process.
    fn known_session(&self, pid: u32) -> KnownSession {
        let info = self.registry.sessions().find(|it| it.pid == pid && it.host.is_none()).cloned();
        let record = info.as_ref().and_then(|it| self.registry.record(it.key()));
        KnownSession {
            record: record.cloned().unwrap_or_default(),
            is_candidate: self.inspections.candidates().iter().any(|it| it.process.id.pid == pid),
            has_desktop: !self.problems.lacks_desktop(),
            info,
        }
    }
}
