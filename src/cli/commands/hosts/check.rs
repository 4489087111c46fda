//! `vmux hosts check`: tries a host as vmuxd does, but from here, and says step by step what works.

use super::checked_ssh::{CheckedSsh, STEP_WITHIN};
use super::known;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::config::Config;
use crate::config::hosts::HostConfig;
use crate::protocol::VERSION;
use crate::protocol::ssh::fault;
use crate::session::key::HostName;
use crate::session::sanitize::clean;
use crate::session::state::host::{HostFault, HostFaultKind, HostState};
use crate::show::phrases;
use chrono::TimeDelta;
use serde::Serialize;
use std::thread;
use std::time::{Duration, Instant};

/// One thing that was tried.
#[derive(Serialize)]
struct CheckStep {
    /// What, in a word or two.
    step: &'static str,
    /// Whether it works.
    ok: bool,
    /// What was found, in one line.
    says: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// Runs the command.
pub fn run(name: &str, json: bool, endpoint: &Endpoint, output: &Output) -> CliResult {
    let name = HostName::new(name).map_err(|error| CliError::usage(error.to_string()))?;
    let (config, _) = Config::load(&endpoint.paths.config())
        .map_err(|error| CliError::new(FAILED, clean(&error.to_string(), 300)))?;
    let mut steps = Vec::new();
    let tell = |step: CheckStep| {
        let is_ok = step.ok;
        if !json {
            print(&text(&step))?;
        }
        steps.push(step);
        Ok(is_ok)
    };
    check(name, config.hosts.get(&name), endpoint, tell)?;
    if json {
        print(&pretty(&steps, output.terminal)?)?;
    }
    match steps.iter().all(|it| it.ok) {
        true => Ok(()),
        // All has been said.
        false => Err(CliError::new(NO_MATCH, "")),
    }
}

fn text(step: &CheckStep) -> String {
    let mark = if step.ok { "ok  " } else { "FAIL" };
    let hint = step.hint.as_ref().map(|hint| format!("      {hint}\n")).unwrap_or_default();
    format!("{mark}  {}: {}\n{hint}", step.step, step.says)
}

/// Tries one thing after the other, until ssh or what it leads to does not work.
fn check(
    name: HostName,
    host: Option<&HostConfig>,
    endpoint: &Endpoint,
    mut tell: impl FnMut(CheckStep) -> CliResult<bool>,
) -> CliResult {
    let default = HostConfig { ssh: name.to_string(), program: None, enabled: true };
    tell(configured(name, host))?;
    let mut ssh = match CheckedSsh::start(host.unwrap_or(&default)) {
        Ok(ssh) => ssh,
        Err(error) => {
            let says = format!("ssh does not start: {}", plain(&error));
            return tell(failed("ssh", fault(HostFaultKind::NoSsh, name.as_str(), says))).map(drop);
        }
    };
    let greeting = match ssh.greeting(name) {
        Ok(greeting) => greeting,
        Err(fault) => return tell(failed("ssh", fault)).map(drop),
    };
    tell(CheckStep { step: "ssh", ok: true, says: "it lets you in".to_owned(), hint: None })?;
    let version = clean(&greeting.version, 40);
    let says = match version == VERSION {
        true => format!("version {version}"),
        false => format!("version {version}, here it is {VERSION}"),
    };
    tell(CheckStep { step: "vmux there", ok: true, says, hint: None })?;
    let is_well = match ssh.sessions(name) {
        Ok((sessions, trip, ahead)) => {
            let clock = match ahead.abs() <= TimeDelta::seconds(2) {
                true => "the clocks agree".to_owned(),
                false => format!("its clock is {} s ahead", ahead.num_seconds()),
            };
            let sessions = phrases::sessions(sessions);
            let says = format!("{sessions}; round trip {} ms; {clock}", trip.as_millis());
            tell(CheckStep { step: "vmuxd there", ok: true, says, hint: None })?
        }
        Err(fault) => tell(failed("vmuxd there", fault))?,
    };
    if is_well && host.is_some_and(|it| it.enabled) {
        tell(vmuxd_here(name, endpoint))?;
    }
    Ok(())
}

/// Whether vmuxd is to reach the host. If not, the rest tells whether it could.
fn configured(name: HostName, host: Option<&HostConfig>) -> CheckStep {
    let (says, hint) = match host {
        Some(host) if host.enabled => (format!("{name} is reached as `ssh {}`", host.ssh), None),
        Some(_) => {
            let hint = format!("remove `enabled = false` from [hosts.{name}] in config.toml");
            (format!("{name} is not enabled"), Some(hint))
        }
        None => {
            let hint = format!("`vmux hosts add {name}` adds it; what follows tries `ssh {name}`");
            (format!("{name} is not in it"), Some(hint))
        }
    };
    CheckStep { step: "configuration", ok: hint.is_none(), says, hint }
}

fn failed(step: &'static str, fault: HostFault) -> CheckStep {
    // Elsewhere the hint for these is to run this command.
    let hint = match fault.kind {
        HostFaultKind::UnknownName => Some(
            "is the name right? ssh finds it in ~/.ssh/config (`HostName`), /etc/hosts or DNS"
                .into(),
        ),
        HostFaultKind::Unreachable => Some("is it on, and in this network?".to_owned()),
        HostFaultKind::Refused => Some("does sshd run there, on this port?".to_owned()),
        _ => fault.hint.filter(|it| !it.contains("vmux hosts check")),
    };
    CheckStep { step, ok: false, says: fault.says, hint }
}

/// What the vmuxd of this machine says of the host: its environment may be another one.
fn vmuxd_here(name: HostName, endpoint: &Endpoint) -> CheckStep {
    let step = "vmuxd here";
    let deadline = Instant::now() + STEP_WITHIN;
    loop {
        let (ok, says, hint) = match known(endpoint, Some(name.as_str())) {
            Err(error) => (false, error.message, error.hint),
            Ok(hosts) => match hosts.into_iter().find(|it| it.name == name) {
                None => (false, "it does not know this host yet".to_owned(), None),
                Some(host) if host.state == HostState::Up => (true, "it is up".to_owned(), None),
                Some(host) => match host.fault {
                    Some(fault) => (false, clean(&fault.says, 300), fault.hint),
                    None => (false, format!("it is {}", host.state.word()), None),
                },
            },
        };
        if ok || Instant::now() >= deadline {
            return CheckStep { step, ok, says, hint };
        }
        thread::sleep(Duration::from_millis(200));
    }
}
