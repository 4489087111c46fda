//! `vmux doctor`: what vmux sees, and why something is not there.
//!
//! | file | job |
//! |---|---|
//! | [`gather`] | reads files, asks programs and vmuxd, all with deadlines |
//! | [`judge`] | values → findings; pure |
//! | [`report`] | findings → lines and JSON; pure |
//! | [`deadline`] | work that may hang |

pub mod deadline;
pub mod gather;
pub mod judge;
pub mod report;

use crate::cli::args::DoctorArgs;
use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH, UNREACHABLE};
use crate::cli::find::find_one;
use crate::cli::show::json::pretty;
use crate::cli::show::phrases;
use crate::cli::terminal::{Output, print, print_lines};
use crate::client::connect::Endpoint;
use crate::protocol::finding::{Finding, Severity};
use report::{DoctorReport, lines};
use std::time::Duration;

/// How long a file, a program or a part of the system may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// How long vmuxd may take: it gives its own questions two seconds.
const VMUXD_WITHIN: Duration = Duration::from_secs(4);

/// Runs the command. It never starts vmuxd: what it would hide is what the user wants to know.
pub fn run(args: &DoctorArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let endpoint = endpoint.clone().without_start();
    let findings = match &args.query[..] {
        [] => everything(&endpoint, output),
        words => one_process(process(&words.join(" "), &endpoint, output)?, &endpoint),
    };
    let problems = findings.iter().filter(|it| it.severity == Severity::Problem).count();
    if args.json {
        let report = DoctorReport::new(&findings);
        print(&pretty(&report, output.terminal)?)?;
    } else {
        let config = endpoint.clone();
        let config = deadline::begin(ANSWER_WITHIN, move || load(&config)).end();
        let output = output.configured(&config.unwrap_or_default());
        print_lines(&lines(&findings, output.width, output.paint))?;
    }
    match problems {
        0 => Ok(()),
        // All has been said.
        _ => Err(CliError::new(NO_MATCH, "")),
    }
}

fn everything(endpoint: &Endpoint, output: &Output) -> Vec<Finding> {
    let home = output.home.as_deref();
    let environment = gather::environment();
    let vmuxd = gather::vmuxd::begin(endpoint, None);
    let config = gather::settings::begin_config(endpoint);
    let hooks = gather::settings::begin_hooks(home);
    let mcp = gather::settings::begin_mcp();
    let programs = gather::programs::begin();
    let service = gather::service::begin();
    let (vmuxd, sessions) = vmuxd.end().unwrap_or_default();
    let process = vmuxd.pid().map(gather::vmuxd::begin_process);
    let limits = gather::limits::begin(vmuxd.pid());
    let process = process.and_then(deadline::Work::end).unwrap_or_default();
    let windows = gather::vmuxd::begin_windows(&sessions).end().unwrap_or_default();
    let config = config.end();
    let wants_push = config.as_ref().is_some_and(|it| it.wants_push);
    let mut findings = judge::vmuxd::both_sides(&vmuxd, &process, &endpoint.paths, home);
    findings.extend(judge::settings::configuration(config.as_ref(), home));
    findings.extend(judge::vmuxd::environment(&environment, &process));
    findings.extend(vmuxd.findings());
    findings.extend(judge::sessions::windows(&windows));
    if vmuxd.has_answered() {
        findings.extend(judge::sessions::sessions(&sessions));
    }
    findings.extend(judge::settings::hooks(hooks.end().as_ref(), &sessions, home));
    findings.extend(judge::settings::mcp(mcp.end().as_ref(), home));
    findings.extend(judge::system::programs(programs.end().as_ref(), wants_push));
    findings.extend(judge::system::service(service.end().as_ref(), home));
    findings.extend(judge::system::limits(limits.end().as_ref()));
    judge::in_order(findings)
}

/// The process that these words mean: a pid, or that of a session.
fn process(words: &str, endpoint: &Endpoint, output: &Output) -> CliResult<u32> {
    if let Ok(pid) = words.trim().parse() {
        return Ok(pid);
    }
    let asked = endpoint.clone();
    let sessions = deadline::begin(VMUXD_WITHIN, move || asked.sessions()).end();
    let silent = || {
        CliError::new(UNREACHABLE, "vmuxd does not answer")
            .hint("`vmux doctor` says what is wrong with it; a pid can be asked about without it")
    };
    let sessions = sessions.ok_or_else(silent)??;
    let session = find_one(words, &sessions, output)?;
    match session.host {
        None => Ok(session.pid),
        Some(host) => {
            let error = format!("{} runs on {host}", phrases::title(session));
            Err(CliError::new(FAILED, error)
                .hint(format!("call `vmux doctor {}` there: `ssh {host}`", session.pid)))
        }
    }
}

fn one_process(pid: u32, endpoint: &Endpoint) -> Vec<Finding> {
    let (vmuxd, _) = gather::vmuxd::begin(endpoint, Some(pid)).end().unwrap_or_default();
    match vmuxd.findings() {
        walk if !walk.is_empty() => walk,
        _ => {
            let is_there = deadline::begin(ANSWER_WITHIN, move || gather::is_process(pid)).end();
            let mut found =
                judge::vmuxd::both_sides(&vmuxd, &Default::default(), &endpoint.paths, None);
            found.retain(|it| it.severity == Severity::Problem);
            found.push(judge::vmuxd::process_without_vmuxd(pid, is_there));
            found
        }
    }
}
