//! `vmux hosts`: other machines whose sessions are shown.

mod check;
mod checked_ssh;
mod edit;
mod install;

use crate::cli::args::options::hosts::{HostsAction, HostsArgs};
use crate::cli::error::{CliError, CliResult, UNREACHABLE};
use crate::cli::json::pretty;
use crate::cli::terminal::{Following, Output, print, print_lines};
use crate::client::connect::Endpoint;
use crate::protocol::request::{HostsRequest, Request};
use crate::session::registry::change::Change;
use crate::session::state::host::HostInfo;
use crate::show::table::hosts::{host_line, host_lines};
use chrono::{Local, Utc};

/// Runs the command.
pub fn run(args: &HostsArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    match &args.action {
        None if args.follow => follow(args.json, endpoint),
        None => list(args.json, endpoint, output),
        Some(HostsAction::Add { name, ssh, program }) => {
            edit::add(name, ssh.as_deref(), program.as_deref(), endpoint)
        }
        Some(HostsAction::Remove { name }) => edit::remove(name, endpoint),
        Some(HostsAction::Install(args)) => install::run(args, endpoint, output),
        Some(HostsAction::Check { name, json }) => check::run(name, *json, endpoint, output),
    }
}

fn list(json: bool, endpoint: &Endpoint, output: &Output) -> CliResult {
    let hosts = known(endpoint, None)?;
    match json {
        true => print(&pretty(&hosts, output.terminal)?),
        false => print_lines(&host_lines(&hosts, Utc::now(), output.frame())),
    }
}

/// The hosts as vmuxd knows them. It tries `retry` again at once.
fn known(endpoint: &Endpoint, retry: Option<&str>) -> CliResult<Vec<HostInfo>> {
    let retry = retry.map(str::to_owned);
    let response = endpoint.ask(&Request::Hosts(HostsRequest { retry }))?;
    Ok(response.hosts.unwrap_or_default())
}

/// Prints a line for each host, and whenever one comes or goes, until vmuxd or the reader ends.
fn follow(json: bool, endpoint: &Endpoint) -> CliResult {
    let mut client = endpoint.client()?;
    let lost = |error: &std::io::Error| CliError::unreachable(&endpoint.paths.socket, error);
    client.subscribe().map_err(|error| lost(&error))?;
    let mut following = Following::default();
    loop {
        if !following.wait(&client).map_err(|error| lost(&error))? {
            return Ok(());
        }
        let Some(line) = client.event().map_err(|error| lost(&error))? else {
            return Err(CliError::new(UNREACHABLE, "vmuxd has ended"));
        };
        let hosts = match line.event.change {
            Change::State { hosts, .. } => hosts,
            Change::Host { host } => vec![*host],
            _ => continue,
        };
        for host in hosts {
            let text = match json {
                true => pretty(&host, false)?,
                false => host_line(&host, &Local::now().format("%H:%M:%S").to_string()) + "\n",
            };
            print(&text)?;
        }
    }
}
