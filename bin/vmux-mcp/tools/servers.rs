//! `servers`, `free_port`: the dev servers that sessions run, and a port for one more.

use super::{Call, Definition, Outcome, arguments, schema};
use crate::failure::Failure;
use crate::find;
use crate::view;
use chrono::Utc;
use rmcp::model::JsonObject;
use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use vmux::protocol::request::{FreePortRequest, Request, ServersRequest};
use vmux::session::info::server::ServerInfo;
use vmux::session::key::SessionKey;

/// How many servers are listed at most.
const MAX_SERVERS: usize = 50;

pub(super) const SERVERS: Definition = Definition {
    name: "servers",
    title: "List dev servers",
    description: "List the servers that Claude Code sessions run: port, url, name, \
                  directory, session, and what is wrong with each. `stale` means that a source changed \
                  after it started and nothing reloads it: restart it. Without arguments those of the \
                  calling session. One with `host` runs on another machine, where its url is that of \
                  that machine. Nothing is sent to a server.",
    right: None,
    schema: schema::<ServersArguments>,
    run: servers,
};

pub(super) const FREE_PORT: Definition = Definition {
    name: "free_port",
    title: "Find a free port",
    description: "Find a port on which nothing listens, for a server that is about to be started. No \
                  other session is given the same one for a minute.",
    right: None,
    schema: schema::<PortArguments>,
    run: free_port,
};

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct ServersArguments {
    /// Whose servers: those of the calling session (`own`, if absent), or of every session (`all`).
    scope: Option<Scope>,
    /// Only those of this session: `session` as list_sessions tells it, or words that mean one.
    #[serde(default, deserialize_with = "super::words_if_any")]
    session: Option<String>,
}

/// Whose servers.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[schemars(crate = "rmcp::schemars", inline)]
#[serde(rename_all = "snake_case")]
enum Scope {
    Own,
    All,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct PortArguments {
    /// The smallest port; 3000 if absent.
    #[schemars(range(min = 1, max = 65535))]
    from: Option<u16>,
    /// The largest port; 9999 if absent.
    #[schemars(range(min = 1, max = 65535))]
    to: Option<u16>,
}

fn servers(call: &Call, given: JsonObject) -> Outcome {
    let given: ServersArguments = arguments(given)?;
    let whose = match (given.session.as_deref(), given.scope) {
        (Some(_), Some(_)) => return Err(Failure::new("scope and session exclude each other")),
        (Some(words), None) => Some(words),
        (None, Some(Scope::All)) => None,
        (None, Some(Scope::Own) | None) => Some(find::OWN),
    };
    let key = match whose {
        Some(words) => {
            let sessions = call.endpoint.sessions()?;
            Some(find::session(words, &call.caller, &sessions)?.key())
        }
        None => None,
    };
    listing(call, key)
}

/// The servers of one session, or of all.
pub fn listing(call: &Call, key: Option<SessionKey>) -> Outcome {
    let response = call.endpoint.ask(&Request::Servers(ServersRequest::default()))?;
    let is_meant = |it: &ServerInfo| key.is_none() || it.session == key;
    let all = response.servers.unwrap_or_default();
    let mut meant: Vec<&ServerInfo> =
        all.iter().filter(|it| !it.auxiliary && is_meant(it)).collect();
    meant.sort_by_key(|it| (it.port, it.pid));
    let now = Utc::now();
    let shown: Vec<Value> =
        meant.iter().take(MAX_SERVERS).map(|it| view::server(it, now)).collect();
    let mut listing = json!({ "total": meant.len(), "servers": shown });
    let more = meant.len().saturating_sub(MAX_SERVERS);
    if more > 0 {
        listing["more"] = json!(more);
    }
    Ok(listing)
}

fn free_port(call: &Call, given: JsonObject) -> Outcome {
    let given: PortArguments = arguments(given)?;
    let default = FreePortRequest::default();
    let (from, to) = (given.from.unwrap_or(default.from), given.to.unwrap_or(default.to));
    let response =
        call.endpoint.ask(&Request::FreePort(FreePortRequest { from, to, ..default }))?;
    match response.port {
        Some(port) => Ok(json!({ "port": port })),
        None => Err(Failure::new("vmuxd named no port")),
    }
}
