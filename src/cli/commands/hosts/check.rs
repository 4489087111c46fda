//! `vmux hosts check`: tries a host as vmuxd does, but from here, and says step by step what works.

use super::known;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::show::json::pretty;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::config::Config;
use crate::config::hosts::HostConfig;
use crate::protocol::VERSION;
use crate::protocol::frame::encode;
use crate::protocol::relay::{
    Beat, FarLine, Greeting, MAX_FAR_LINE, MAX_NOISE, SyncMark, greeting,
};
use crate::protocol::ssh::{fault, fault_of_end, relay_arguments};
use crate::session::key::HostName;
use crate::session::sanitize::clean;
use crate::session::state::host::{HostFault, HostFaultKind, HostState};
use chrono::{TimeDelta, Utc};
use serde::Serialize;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a step may take; ssh itself gives up to connect after 10 s.
const STEP_WITHIN: Duration = Duration::from_secs(25);

/// How long ssh may take to end once its standard output has.
const END_WITHIN: Duration = Duration::from_secs(2);

/// How many lines may wait to be looked at.
const MAX_LINES: usize = 64;

/// How much of the standard error of ssh is read.
const MAX_STDERR: u64 = 64 * 1024;

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

/// Tries one thing after the other, until one does not work.
fn check(
    name: HostName,
    host: Option<&HostConfig>,
    endpoint: &Endpoint,
    mut tell: impl FnMut(CheckStep) -> CliResult<bool>,
) -> CliResult {
    let default = HostConfig { ssh: name.to_string(), program: None, enabled: true };
    let says = match host {
        Some(host) if !host.enabled => format!("{name} is there, but not enabled"),
        Some(host) => format!("{name} is reached as `ssh {}`", host.ssh),
        None => format!("{name} is not there; `vmux hosts add {name}` adds it"),
    };
    tell(CheckStep { step: "configuration", ok: true, says, hint: None })?;
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
            let says = format!("{sessions} sessions; round trip {} ms; {clock}", trip.as_millis());
            tell(CheckStep { step: "vmuxd there", ok: true, says, hint: None })?
        }
        Err(fault) => tell(failed("vmuxd there", fault))?,
    };
    if is_well && host.is_some_and(|it| it.enabled) {
        tell(vmuxd_here(name, endpoint))?;
    }
    Ok(())
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
        _ => fault.hint,
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

/// A running ssh, and its lines.
struct CheckedSsh {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<Vec<u8>>,
    stderr: Option<thread::JoinHandle<String>>,
}

impl CheckedSsh {
    fn start(host: &HostConfig) -> std::io::Result<CheckedSsh> {
        let mut child = Command::new("ssh")
            .args(relay_arguments(&host.ssh, host.program.as_deref()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let missing = || std::io::Error::other("it has no standard streams");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let mut stderr = child.stderr.take().ok_or_else(missing)?;
        let (sender, lines) = sync_channel(MAX_LINES);
        thread::Builder::new().spawn(move || {
            let mut stdout = BufReader::new(stdout);
            loop {
                let mut line = Vec::new();
                let mut bounded = stdout.by_ref().take(MAX_FAR_LINE as u64);
                match bounded.read_until(b'\n', &mut line) {
                    Ok(1..) if sender.send(line).is_ok() => {}
                    _ => return,
                }
            }
        })?;
        let stderr = thread::Builder::new().spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.by_ref().take(MAX_STDERR).read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        })?;
        Ok(CheckedSsh { child, stdin, lines, stderr: Some(stderr) })
    }

    /// Waits for the greeting, behind whatever a shell prints.
    fn greeting(&mut self, name: HostName) -> Result<Greeting, HostFault> {
        let deadline = Instant::now() + STEP_WITHIN;
        let mut noise = 0;
        loop {
            let line = self.line(name, deadline, false)?;
            if let Some(greeting) = greeting(&line) {
                return Ok(greeting);
            }
            noise += line.len();
            if noise > MAX_NOISE {
                let says = "a shell there prints without end";
                return Err(fault(HostFaultKind::Garbage, name.as_str(), says));
            }
        }
    }

    /// How many sessions there are, how long a heartbeat takes, and how far the clock there is ahead.
    fn sessions(&mut self, name: HostName) -> Result<(usize, Duration, TimeDelta), HostFault> {
        let deadline = Instant::now() + STEP_WITHIN;
        let sent = Instant::now();
        // If it is gone, that is told by the lines.
        let _ = self.stdin.write_all(&encode(&Beat { beat: 1 }));
        let (mut sessions, mut is_complete, mut measured) = (0, false, None);
        loop {
            if let (true, Some((trip, ahead))) = (is_complete, measured) {
                return Ok((sessions, trip, ahead));
            }
            let line = self.line(name, deadline, true)?;
            match FarLine::parse(&line) {
                Ok(FarLine::Event(_)) => sessions += 1,
                Ok(FarLine::Sync(mark)) => is_complete = mark == SyncMark::End,
                Ok(FarLine::Beat(reply)) => {
                    let trip = sent.elapsed();
                    let half = TimeDelta::from_std(trip / 2).unwrap_or_default();
                    measured = Some((trip, reply.now - Utc::now() + half));
                }
                Ok(FarLine::Away(away)) => {
                    let says = format!("it does not answer: {}", clean(&away.away, 160));
                    return Err(fault(HostFaultKind::NoVmuxd, name.as_str(), says));
                }
                Ok(_) => {}
                Err(_) => {
                    let says = "what it sends is not from vmux";
                    return Err(fault(HostFaultKind::Garbage, name.as_str(), says));
                }
            }
        }
    }

    /// With which code it ended; one that does not end is killed.
    fn exit_code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + END_WITHIN;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.code();
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        None
    }

    fn line(
        &mut self,
        name: HostName,
        deadline: Instant,
        greeted: bool,
    ) -> Result<Vec<u8>, HostFault> {
        match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => {
                Err(fault(HostFaultKind::Unreachable, name.as_str(), "no answer came in time"))
            }
            Err(RecvTimeoutError::Disconnected) => {
                let code = self.exit_code();
                let stderr = self.stderr.take().and_then(|it| it.join().ok()).unwrap_or_default();
                Err(fault_of_end(name.as_str(), code, &stderr, greeted))
            }
        }
    }
}

impl Drop for CheckedSsh {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
