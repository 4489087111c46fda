//! `vmux servers`: the servers of the sessions.

use crate::cli::args::ServersArgs;
use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::show::json::pretty;
use crate::cli::show::table::servers::{lines, matching};
use crate::cli::terminal::{Output, print, print_lines};
use crate::client::connect::Endpoint;
use crate::protocol::request::{Nothing, Request};
use crate::session::info::SessionInfo;
use crate::session::info::server::ServerInfo;
use crate::session::sanitize::clean;
use chrono::Utc;

/// Runs the command.
pub fn run(args: &ServersArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let output = output.configured(&load(endpoint));
    let found = ask(endpoint)?;
    let query = args.query.join(" ");
    let mut servers = matching(&query, &found.servers, &found.sessions);
    // A port that is named is meant, whatever it is for.
    servers.retain(|it| args.all || !it.auxiliary || query == it.port.to_string());
    if servers.is_empty() && !query.is_empty() {
        let quoted = clean(&query, 60);
        let error = CliError::new(NO_MATCH, format!("no server matches \"{quoted}\""));
        return Err(error.hint("`vmux servers` shows those of all sessions"));
    }
    if args.json {
        return print(&pretty(&servers, output.terminal)?);
    }
    print_lines(&lines(&servers, &found.sessions, Utc::now(), output.frame()))
}

/// The servers, and the sessions that they belong to.
pub struct ServerReport {
    /// All servers.
    pub servers: Vec<ServerInfo>,
    /// The sessions that have some.
    pub sessions: Vec<SessionInfo>,
}

/// Asks vmuxd.
pub fn ask(endpoint: &Endpoint) -> CliResult<ServerReport> {
    let response = endpoint.ask(&Request::Servers(Nothing {}))?;
    let Some(servers) = response.servers else {
        return Err(CliError::new(FAILED, "vmuxd sent no servers"));
    };
    Ok(ServerReport { servers, sessions: response.sessions.unwrap_or_default() })
}
