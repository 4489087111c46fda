//! What goes on: `vmux servers --wait`, `--follow` and `--write`.

use super::{ServerReport, ask, chosen, host};
use crate::cli::args::ServersArgs;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::client::error::plain;
use crate::client::follow::Follower;
use crate::session::info::server::{ServerInfo, ServerProblemKind};
use crate::session::sanitize::clean;
use crate::session::state::StateName;
use crate::show::table::servers::changes::{change_line, changes};
use crate::show::table::servers::dev_ports::{dev_ports, is_dev_ports};
use crate::system::files::read_regular;
use crate::system::replace::Replacement;
use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// How often vmuxd is asked while a session works, or something is waited for: no event tells that a
/// program begins to listen. It costs vmuxd a tenth of a millisecond.
const INTERVAL: Duration = Duration::from_millis(60);

/// The same while all sessions rest.
const RESTING_INTERVAL: Duration = Duration::from_secs(1);

/// The largest file that names servers.
const MAX_DEV_PORTS: u64 = 64 * 1024;

/// Waits until a server that is meant listens and answers.
pub fn wait(args: &ServersArgs, endpoint: &Endpoint, output: &Output) -> CliResult<ServerReport> {
    let deadline = args.timeout.map(|it| Instant::now() + it);
    let mut follower = Follower::new(endpoint);
    loop {
        let begun = Instant::now();
        let report = ask(endpoint, host(args))?;
        let found = chosen(args, &report, output);
        if found.iter().any(|it| !it.has(ServerProblemKind::NotAnswering)) {
            return Ok(report);
        }
        if deadline.is_some_and(|it| it <= Instant::now()) {
            let query = args.query.join(" ");
            let standing = match (found.is_empty(), query.as_str()) {
                (false, _) => "it listens, and does not answer".to_owned(),
                (true, "") if args.here => "nothing listens here".to_owned(),
                (true, "") => "nothing listens".to_owned(),
                (true, query) => format!("no server matches \"{}\"", clean(query, 60)),
            };
            return Err(CliError::new(NO_MATCH, format!("time is up, {standing}")));
        }
        let next = begun + INTERVAL;
        if !pause(&mut follower, deadline.map_or(next, |it| it.min(next)), None)? {
            return Err(CliError::new(NO_MATCH, ""));
        }
    }
}

/// Prints the servers that are meant, and then every change, until nobody reads.
pub fn print_changes(args: &ServersArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let mut follower = Follower::new(endpoint);
    let mut known: Vec<ServerInfo> = Vec::new();
    loop {
        let begun = Instant::now();
        let report = ask(endpoint, host(args))?;
        let found = chosen(args, &report, output);
        for change in changes(&known, &found) {
            print(&match args.json {
                true => {
                    pretty(&json!({ "event": change.word(), "server": change.server() }), false)?
                }
                false => change_line(&change, &report.sessions, output.frame()) + "\n",
            })?;
        }
        known = found;
        let next = begun + interval(&follower);
        if !pause(&mut follower, next, None)? {
            return Ok(());
        }
    }
}

/// Keeps the servers that are meant in a file, until none listens any more or a signal ends this; then
/// it is removed.
pub fn keep_file(
    args: &ServersArgs,
    file: &Path,
    endpoint: &Endpoint,
    output: &Output,
) -> CliResult {
    let failed = |what: &str, error: &std::io::Error| {
        let file = clean(&file.display().to_string(), 300);
        CliError::new(FAILED, format!("{what} {file}: {}", plain(error)))
    };
    let (ended, end) =
        UnixStream::pair().map_err(|error| failed("waiting for signals for", &error))?;
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        let end = end.try_clone().map_err(|error| failed("waiting for signals for", &error))?;
        signal_hook::low_level::pipe::register(signal, end)
            .map_err(|error| failed("waiting for signals for", &error))?;
    }
    let mut follower = Follower::new(endpoint);
    let mut written: Option<String> = None;
    let result = loop {
        let begun = Instant::now();
        let report = match ask(endpoint, host(args)) {
            Ok(report) => report,
            Err(error) => break Err(error),
        };
        let found = chosen(args, &report, output);
        if found.is_empty() {
            break match written {
                Some(_) => Ok(()),
                None => Err(super::no_match(args)),
            };
        }
        let text = dev_ports(&found);
        if written.is_none() && !may_replace(file) {
            let error = std::io::Error::other("something else is there");
            break Err(failed("not writing", &error).hint("remove it, or name another file"));
        }
        if written.as_ref() != Some(&text) {
            let replacement = Replacement::write(file, text.as_bytes(), 0o600);
            if let Err(error) = replacement.and_then(|it| it.commit(file)) {
                break Err(failed("writing", &error));
            }
            written = Some(text);
        }
        let next = begun + interval(&follower);
        match pause(&mut follower, next, Some(&ended)) {
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    // What someone else has put in its place since stays.
    let is_ours = || {
        let now = std::fs::read_to_string(file).ok();
        now.is_some() && now == written
    };
    if written.is_some() && is_ours() {
        std::fs::remove_file(file).map_err(|error| failed("removing", &error))?;
    }
    result
}

/// Whether nothing is at this path, or a file that names servers: it will be removed in the end.
fn may_replace(path: &Path) -> bool {
    let is_there = path.symlink_metadata();
    is_there.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        || is_there.is_ok_and(|it| it.is_file())
            && read_regular(path, MAX_DEV_PORTS).is_ok_and(|(bytes, _)| is_dev_ports(&bytes))
}

/// Faster while a session works: it may start a server at any moment.
fn interval(follower: &Follower) -> Duration {
    let works = |it: &crate::session::info::SessionInfo| it.state == StateName::Working;
    match follower.sessions().is_some_and(|sessions| sessions.iter().any(works)) {
        true => INTERVAL,
        false => RESTING_INTERVAL,
    }
}

/// Waits until `next`, or sooner if the servers of a session have changed; false if this is to end: the
/// reader of standard output has gone, or `end` can be read.
fn pause(follower: &mut Follower, next: Instant, end: Option<&UnixStream>) -> CliResult<bool> {
    let earliest = Instant::now() + INTERVAL;
    let mut next = next;
    while Instant::now() < next {
        let others: Vec<_> = end.iter().map(|it| it.as_fd()).collect();
        let before: usize = count(follower);
        let woken = follower.wait(&others, Some(next)).map_err(CliError::watching)?;
        if woken.reader_gone || woken.ready.iter().any(|it| *it) {
            return Ok(false);
        }
        if woken.changed && count(follower) != before {
            next = next.min(earliest);
        }
    }
    Ok(true)
}

fn count(follower: &Follower) -> usize {
    follower.sessions().unwrap_or_default().iter().map(|it| it.servers.len()).sum()
}
