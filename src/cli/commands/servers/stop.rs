//! `vmux servers stop`: ends a server, after showing what it is.

use super::{ask, elsewhere, not_of_a_session, several};
use crate::cli::error::{CliError, CliResult, NO_MATCH};
use crate::cli::json::pretty;
use crate::cli::terminal::question::confirmed;
use crate::cli::terminal::{Output, print};
use crate::client::connect::Endpoint;
use crate::protocol::request::{LOCAL_HOST, Request, StopServerRequest};
use crate::session::info::server::ServerInfo;
use crate::show::table::servers::candidates;
use serde_json::json;

/// Which server is to end.
#[derive(Debug, Clone, Copy)]
pub struct Stop<'a> {
    /// Its port or its pid.
    pub number: u32,
    /// The host that it runs on.
    pub host: Option<&'a str>,
    /// Whether to do it without a question.
    pub yes: bool,
}

impl Stop<'_> {
    /// Runs the command. When it returns without an error, all of its processes have ended.
    pub fn run(self, json: bool, endpoint: &Endpoint, output: &Output) -> CliResult {
        let Stop { number, host, yes } = self;
        let report = ask(endpoint, Some(host.unwrap_or(LOCAL_HOST)))?;
        let by = |is_it: &dyn Fn(&&ServerInfo) -> bool| -> Vec<ServerInfo> {
            report.servers.iter().filter(is_it).cloned().collect()
        };
        let mut found = by(&|it| u32::from(it.port) == number);
        if found.is_empty() {
            found = by(&|it| it.pid == number || it.holders.contains(&number));
        }
        // Several ports of one family are ended together.
        found.dedup_by_key(|it| (it.pid, it.start));
        let server = match &found[..] {
            [] => {
                let there = elsewhere(&number.to_string(), endpoint).filter(|_| host.is_none());
                return Err(match there {
                    Some(host) => no_server(number)
                        .hint(format!("`vmux servers stop {number} --host {host}` means its")),
                    None => not_ours(number, host.is_none()),
                });
            }
            [only] => only,
            _ => return Err(several(&found, &report, output)),
        };
        let line = candidates(&found, &report.sessions, output.home.as_deref()).concat();
        let unasked = CliError::usage(format!("this would end: {line}"))
            .hint("without a terminal to ask on, say --yes");
        if !yes && !confirmed(&format!("{line}\nend it?"), unasked)? {
            return Err(CliError::new(NO_MATCH, "it goes on"));
        }
        let request = StopServerRequest {
            host: host.map(str::to_owned),
            pid: server.pid,
            start: server.start,
        };
        endpoint.ask(&Request::StopServer(request))?;
        match json {
            true => print(&pretty(&json!({ "stopped": server }), output.terminal)?),
            false => print(&format!("ended: {line}\n")),
        }
    }
}

fn no_server(number: u32) -> CliError {
    CliError::new(NO_MATCH, format!("no server of a session has port or pid {number}"))
}

/// Why there is no such server; on this machine the kernel tells who listens there instead.
fn not_ours(number: u32, is_here: bool) -> CliError {
    let port = u16::try_from(number).ok().filter(|_| is_here);
    port.and_then(not_of_a_session).unwrap_or_else(|| {
        no_server(number)
            .hint("only servers of your own that `vmux servers --all` shows can be ended")
    })
}
