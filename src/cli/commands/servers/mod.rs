//! `vmux servers`: the servers of the sessions.
//!
//! | file | job |
//! |---|---|
//! | [`follow`] | waiting for one, printing what begins and ends, keeping a file |
//! | [`stop`] | ending one |

pub mod follow;
pub mod stop;

use crate::cli::args::ServersArgs;
use crate::cli::args::options::servers::ServersAction;
use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::find::here::Here;
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print, print_lines, say, say_note};
use crate::client::connect::Endpoint;
use crate::client::listening::{Listening, listening_on};
use crate::protocol::request::{FreePortRequest, LOCAL_HOST, Request, ServersRequest};
use crate::session::info::SessionInfo;
use crate::session::info::server::{ServerInfo, ServerProblemKind};
use crate::session::sanitize::clean;
use crate::show::table::servers::{candidates, lines, matching, status};
use chrono::Utc;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use serde_json::json;
use std::path::Path;

/// The exit code of `--status` for a server that is stale.
const STALE: u8 = 7;

/// The exit code of `--status` for a server that does not answer.
const NOT_ANSWERING: u8 = 8;

/// Runs the command.
pub fn run(args: &ServersArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let output = output.configured(&load(endpoint));
    if let Some(ServersAction::Stop { server, host, yes, json }) = &args.action {
        let host = host.as_deref().or(args.host.as_deref());
        let stop = stop::Stop { number: *server, host, yes: *yes };
        return stop.run(args.json || *json, endpoint, &output);
    }
    if let Some(range) = args.free {
        return free(range, args, endpoint);
    }
    if args.follow {
        return follow::print_changes(args, endpoint, &output);
    }
    if let Some(file) = &args.write {
        return follow::keep_file(args, file, endpoint, &output);
    }
    let report = match args.wait {
        true => follow::wait(args, endpoint, &output)?,
        false => ask(endpoint, host(args))?,
    };
    let servers = chosen(args, &report, &output);
    if args.status {
        return print_status(&servers, args.json, &output);
    }
    let query = args.query.join(" ");
    if servers.is_empty() && (!query.is_empty() || args.url) {
        let there = elsewhere(&query, endpoint).filter(|_| args.host.is_none());
        return Err(match there {
            Some(host) => no_match(args).hint(format!("{host} has one: add `--host {host}`")),
            None => {
                let port = query.parse().ok().filter(|_| args.host.is_none() && !args.here);
                port.and_then(not_of_a_session).unwrap_or_else(|| no_match(args))
            }
        });
    }
    if args.url {
        return print_url(&servers, &report, &output);
    }
    say_note(report.note.as_deref());
    if args.json {
        return print(&pretty(&servers, output.terminal)?);
    }
    if servers.is_empty() && args.here {
        return print("no server listens here\n");
    }
    let is_asked_for = !query.is_empty();
    print_lines(&lines(&servers, &report.sessions, is_asked_for, Utc::now(), output.frame()))
}

/// The servers, and the sessions that they belong to.
pub struct ServerReport {
    /// All servers.
    pub servers: Vec<ServerInfo>,
    /// The sessions that have some.
    pub sessions: Vec<SessionInfo>,
    /// What the user should know about it.
    pub note: Option<String>,
}

/// Asks vmuxd, about one host if it is named.
pub fn ask(endpoint: &Endpoint, host: Option<&str>) -> CliResult<ServerReport> {
    let request = ServersRequest { host: host.map(str::to_owned) };
    let response = endpoint.ask(&Request::Servers(request))?;
    let Some(servers) = response.servers else {
        return Err(CliError::new(FAILED, "vmuxd sent no servers"));
    };
    let sessions = response.sessions.unwrap_or_default();
    Ok(ServerReport { servers, sessions, note: response.note })
}

/// Another host that is known to have a server which this query means.
fn elsewhere(query: &str, endpoint: &Endpoint) -> Option<String> {
    let report = ask(endpoint, None).ok()?;
    let found = matching(query, &report.servers, &report.sessions);
    found.iter().find_map(|it| it.host).map(|host| host.to_string())
}

/// The host that is asked about. What others run is listed and followed; a script means this machine
/// unless it names another.
pub fn host(args: &ServersArgs) -> Option<&str> {
    let is_for_scripts = args.here || args.url || args.status || args.wait || args.write.is_some();
    args.host.as_deref().or(is_for_scripts.then_some(LOCAL_HOST))
}

/// The servers that the command line means.
pub fn chosen(args: &ServersArgs, report: &ServerReport, output: &Output) -> Vec<ServerInfo> {
    let query = args.query.join(" ");
    let here = Here::of_process(output.home.as_deref());
    let mut servers = match here.path(&query) {
        Some(path) => report.servers.iter().filter(|it| is_below(it, &path)).cloned().collect(),
        None => matching(&query, &report.servers, &report.sessions),
    };
    // A port that is named is meant, whatever it is for.
    servers.retain(|it| args.all || !it.auxiliary || query == it.port.to_string());
    if args.here {
        keep_here(&mut servers, &here);
    }
    servers
}

/// Whether it runs in this directory of this machine, or below it.
fn is_below(server: &ServerInfo, directory: &str) -> bool {
    server.host.is_none() && Path::new(&server.cwd).starts_with(directory)
}

/// Those of the session in whose tool this runs, as its environment says; else those that run in this
/// directory, below it, or above it in a directory of their own. What a session has started and what
/// outlives it, such as a tmux server, has its environment: without servers of that session, the
/// directory counts.
fn keep_here(servers: &mut Vec<ServerInfo>, here: &Here) {
    let var = |name: &str| std::env::var(name).ok().filter(|it| !it.is_empty());
    let id = var("CLAUDE_CODE_SESSION_ID");
    let pid: Option<u32> = var("CLAUDE_PID").and_then(|it| it.parse().ok());
    let is_its = |it: &ServerInfo| {
        let is_its = id.is_some() && it.session_id == id;
        is_its || (pid.is_some() && it.session.map(|key| key.process.pid) == pid)
    };
    let is_over = || pid.is_some_and(|pid| !lives(pid));
    if servers.iter().any(is_its) || ((id.is_some() || pid.is_some()) && !is_over()) {
        return servers.retain(is_its);
    }
    let directory = here.directory(".");
    let directory = Path::new(&directory);
    servers.retain(|it| {
        let cwd = Path::new(&it.cwd);
        let is_own = cwd.parent().is_some() && !here.is_home(cwd);
        cwd.starts_with(directory) || (is_own && directory.starts_with(cwd))
    });
}

/// Whether there is such a process.
fn lives(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

/// Nothing matches.
pub fn no_match(args: &ServersArgs) -> CliError {
    let message = match args.query.join(" ").as_str() {
        "" => "no server listens here".to_owned(),
        query => format!("no server matches \"{}\"", clean(query, 60)),
    };
    let hint = match args.query.len() {
        0 | 1 => "`vmux servers` shows those of all sessions",
        _ => "several words mean one server; `vmux servers` shows those of all sessions",
    };
    CliError::new(NO_MATCH, message).hint(hint)
}

/// What listens on this port of this machine, if that is no server of a session.
pub fn not_of_a_session(port: u16) -> Option<CliError> {
    match listening_on(port)? {
        Listening::OtherUser(user) => {
            let message = format!("port {port} belongs to another user (uid {user})");
            Some(CliError::new(NO_MATCH, message).hint("vmux shows and ends servers of your own"))
        }
        Listening::Own => {
            let message = format!("what listens on port {port} is no server of a session");
            let hint = format!("`ss -ltnp sport = :{port}` shows what it is");
            Some(CliError::new(NO_MATCH, message).hint(hint))
        }
        Listening::Nothing => None,
    }
}

/// Several match where one is wanted.
pub fn several(servers: &[ServerInfo], report: &ServerReport, output: &Output) -> CliError {
    CliError::new(NO_MATCH, format!("{} servers match", servers.len()))
        .hint("say more, or name it by its port or pid")
        .lines(candidates(servers, &report.sessions, output.home.as_deref()))
}

fn print_url(servers: &[ServerInfo], report: &ServerReport, output: &Output) -> CliResult {
    let with_url: Vec<&ServerInfo> = servers.iter().filter(|it| it.url.is_some()).collect();
    match &with_url[..] {
        [] => Err(CliError::new(NO_MATCH, "it does not speak HTTP, as far as its name tells")),
        [only] => {
            if let Some(tunnel) = &only.tunnel {
                say(&format!("from here: {}", clean(tunnel, 300)));
            }
            print(&format!("{}\n", clean(only.url.as_deref().unwrap_or_default(), 300)))
        }
        _ => Err(several(servers, report, output)),
    }
}

fn print_status(servers: &[ServerInfo], json: bool, output: &Output) -> CliResult {
    let word = status(servers);
    print(&match json {
        true => pretty(&json!({ "status": word, "servers": servers }), output.terminal)?,
        false => format!("{}\n", word.replace('_', " ")),
    })?;
    let any = |kind| servers.iter().any(|it| it.has(kind));
    let code = match () {
        () if servers.is_empty() => NO_MATCH,
        () if any(ServerProblemKind::NotAnswering) => NOT_ANSWERING,
        () if any(ServerProblemKind::Stale) => STALE,
        () => return Ok(()),
    };
    Err(CliError::new(code, ""))
}

fn free((from, to): (u16, u16), args: &ServersArgs, endpoint: &Endpoint) -> CliResult {
    let host = args.host.clone();
    let response = endpoint.ask(&Request::FreePort(FreePortRequest { host, from, to }))?;
    let Some(port) = response.port else {
        return Err(CliError::new(FAILED, "vmuxd sent no port"));
    };
    match args.json {
        true => print(&pretty(&json!({ "port": port }), false)?),
        false => print(&format!("{port}\n")),
    }
}
