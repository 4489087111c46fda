//! Asks vmuxd, and reads its process.

use crate::cli::commands::doctor::deadline::{Work, begin as begin_work};
use crate::cli::commands::doctor::judge::vmuxd::{
    DESKTOP_VARIABLES, Reach, VmuxdProcess, reach_of,
};
use crate::cli::commands::doctor::{ANSWER_WITHIN, VMUXD_WITHIN};
use crate::client::connect::Endpoint;
use crate::client::dial::{is_absent, running_instance};
use crate::client::error::{ClientError, plain};
use crate::protocol::request::{DoctorRequest, Nothing, Request};
use crate::session::info::SessionInfo;
use std::collections::BTreeMap;
use std::fs;

/// The longest environment that is read, in bytes.
const MAX_ENVIRONMENT: u64 = 1024 * 1024;

/// Begins to ask vmuxd what it sees, or about one process, and for its sessions.
pub fn begin(endpoint: &Endpoint, pid: Option<u32>) -> Work<(Reach, Vec<SessionInfo>)> {
    let endpoint = endpoint.clone();
    begin_work(VMUXD_WITHIN, move || {
        let reach = reach(&endpoint, pid);
        let sessions = match reach {
            Reach::Answers(_) | Reach::TooOld(_) if pid.is_none() => endpoint.sessions().ok(),
            _ => None,
        };
        (reach, sessions.unwrap_or_default())
    })
}

fn reach(endpoint: &Endpoint, pid: Option<u32>) -> Reach {
    let instance = running_instance(&endpoint.paths).map(|it| it.pid);
    if let Some(pid) = instance.filter(|pid| is_stopped(*pid)) {
        return Reach::Stopped(pid);
    }
    let mut client = match endpoint.connect() {
        Ok(client) => client,
        Err(error) => {
            return match endpoint.unreachable(error) {
                ClientError::Lost { instance, here, .. } => {
                    Reach::Lost { pid: instance.pid, socket: instance.socket, here }
                }
                ClientError::Unreachable { error, .. } if is_absent(&error) => Reach::Absent,
                ClientError::Unreachable { error, .. } => Reach::Failed(instance, plain(&error)),
                other => Reach::Failed(instance, other.to_string()),
            };
        }
    };
    match client.ask(&Request::Doctor(DoctorRequest { pid })) {
        Ok(response) => reach_of(response, || {
            client.ask(&Request::Version(Nothing {})).ok().and_then(|it| it.daemon)
        }),
        Err(error) => Reach::Failed(instance, plain(&error)),
    }
}

/// Whether this is a vmuxd that is stopped.
fn is_stopped(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    stat.contains("(vmuxd)") && matches!(after_name.chars().next(), Some('T' | 't'))
}

/// Begins to read what `/proc` tells of the vmuxd with this pid.
pub fn begin_process(pid: u32) -> Work<VmuxdProcess> {
    begin_work(ANSWER_WITHIN, move || {
        let link = |name: &str| {
            let target = fs::read_link(format!("/proc/{pid}/{name}")).ok()?;
            Some(target.to_string_lossy().into_owned())
        };
        VmuxdProcess { log: link("fd/2"), program: link("exe"), variables: variables(pid) }
    })
}

fn variables(pid: u32) -> Option<Vec<(String, String)>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let file = fs::File::open(format!("/proc/{pid}/environ")).ok()?;
    file.take(MAX_ENVIRONMENT).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let pairs = text.split('\0').filter_map(|it| it.split_once('='));
    let wanted =
        pairs.filter(|(name, value)| DESKTOP_VARIABLES.contains(name) && !value.is_empty());
    Some(wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Begins to read which programs own the windows of these sessions, with how many sessions each.
pub fn begin_windows(sessions: &[SessionInfo]) -> Work<BTreeMap<String, usize>> {
    let here = sessions.iter().filter(|it| it.host.is_none());
    let window = |it: &SessionInfo| Some(it.place.as_ref()?.window.as_ref()?.pid);
    let pids: Vec<u32> = here.filter_map(window).filter(|pid| *pid > 0).collect();
    begin_work(ANSWER_WITHIN, move || {
        let mut programs = BTreeMap::new();
        for pid in pids {
            let comm = fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
            let name = crate::session::sanitize::clean(String::from_utf8_lossy(&comm).trim(), 40);
            *programs.entry(name).or_default() += 1;
        }
        programs
    })
}
