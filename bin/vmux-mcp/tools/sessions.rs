//! `list_sessions`, `get_session`, `session_status`: which sessions there are, and all about one.

use super::{Call, Definition, Outcome, arguments, schema};
use crate::find;
use crate::view;
use chrono::Utc;
use rmcp::model::JsonObject;
use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use vmux::protocol::request::{PendingRequest, QueryRequest, Request};
use vmux::session::info::SessionInfo;
use vmux::session::query::filter::{Filter, HostFilter, StateFilter};
use vmux::session::query::order::{self, Order};

/// How many sessions are listed where no number is given, and at most.
const LIMIT: (usize, usize) = (20, 100);

pub(super) const LIST: Definition = Definition {
    name: "list_sessions",
    title: "List Claude Code sessions",
    description: "List the Claude Code sessions of this user, those that wait for the user first: what \
                  each does, since when, in which directory and on which branch. Use it to see who else \
                  works on this repository, who waits, what has finished. `own` marks the session that \
                  calls. `session` in the result names a session to the other tools.",
    right: None,
    schema: schema::<ListArguments>,
    run: list,
};

pub(super) const GET: Definition = Definition {
    name: "get_session",
    title: "Show one Claude Code session",
    description: "Show all that is known of one session: state and why it is taken to be in it, model, \
                  mode, last prompt, servers, and the prompts that it has open, whole, with the ids that \
                  `answer` needs.",
    right: None,
    schema: schema::<SessionArguments>,
    run: get,
};

pub(super) const STATUS: Definition = Definition {
    name: "session_status",
    title: "State of one Claude Code session",
    description: "Tell in a few words what one session does now: its state, since when, what it waits \
                  for. Cheaper than get_session. To wait for a change, use wait_for_session instead of \
                  calling this again and again.",
    right: None,
    schema: schema::<SessionArguments>,
    run: status,
};

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct ListArguments {
    /// Only sessions in one of these states. `waiting`: needs input and was not set aside by the user;
    /// `finished`: idle, and the user has not looked at it since; `stopped`: ended early, at a usage
    /// limit or in an error.
    #[serde(default)]
    states: Vec<State>,
    /// Only sessions in this directory or below it. A relative path begins at the directory of the
    /// calling session, so "." means its own project.
    directory: Option<String>,
    /// Only sessions of this host; "local" is this machine.
    host: Option<String>,
    /// Only sessions that these words mean: part of a label, name, directory, branch, session id, pid.
    #[serde(default, deserialize_with = "super::words_if_any")]
    query: Option<String>,
    /// How many at most, 1 to 100; 20 if absent. The result tells how many more there are.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// A state to narrow a list to.
#[derive(Deserialize, JsonSchema, Clone, Copy)]
#[schemars(crate = "rmcp::schemars", inline)]
#[serde(rename_all = "snake_case")]
enum State {
    NeedsInput,
    Waiting,
    Working,
    Idle,
    Finished,
    Stopped,
    Snoozed,
    Unknown,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct SessionArguments {
    /// Which session: `session` as list_sessions tells it, or words that mean one: its label, name,
    /// directory, branch, session id or pid. "self" is the session that calls.
    #[serde(deserialize_with = "super::words")]
    session: String,
}

impl State {
    fn filter(self) -> StateFilter {
        match self {
            State::NeedsInput => StateFilter::NeedsInput,
            State::Waiting => StateFilter::Waiting,
            State::Working => StateFilter::Working,
            State::Idle => StateFilter::Idle,
            State::Finished => StateFilter::Finished,
            State::Stopped => StateFilter::Stopped,
            State::Snoozed => StateFilter::Snoozed,
            State::Unknown => StateFilter::Unknown,
        }
    }
}

fn list(call: &Call, given: JsonObject) -> Outcome {
    let given: ListArguments = arguments(given)?;
    let host = |name: String| match name.as_str() {
        "local" => HostFilter::Local,
        _ => HostFilter::Named(name),
    };
    let filter = Filter {
        query: given.query.filter(|it| !it.trim().is_empty()),
        states: given.states.into_iter().map(State::filter).collect(),
        directories: given.directory.iter().map(|it| call.caller.absolute(it)).collect(),
        hosts: given.host.map(host).into_iter().collect(),
    };
    let limit = given.limit.map_or(LIMIT.0, |it| it as usize).clamp(1, LIMIT.1);
    let sessions = call.endpoint.sessions()?;
    Ok(listing(&sessions, &filter, limit, call.caller.own(&sessions)))
}

/// The sessions that a filter lets through, the most urgent first, with the numbers of all of them.
pub fn listing(
    sessions: &[SessionInfo],
    filter: &Filter,
    limit: usize,
    own: Option<&SessionInfo>,
) -> Value {
    let now = Utc::now();
    let mut chosen = filter.select(sessions);
    chosen.sort_by(|a, b| order::compare(a, b, Order::Longest));
    let mut states = Map::new();
    for session in &chosen {
        let count = states.entry(view::state(session)).or_insert_with(|| json!(0));
        *count = json!(count.as_u64().unwrap_or(0) + 1);
    }
    let shown: Vec<Value> = chosen.iter().take(limit).map(|it| view::brief(it, own, now)).collect();
    let mut listing = json!({ "total": chosen.len(), "states": states, "sessions": shown });
    let more = chosen.len().saturating_sub(limit);
    if more > 0 {
        listing["more"] = json!(more);
    }
    listing
}

fn get(call: &Call, given: JsonObject) -> Outcome {
    let given: SessionArguments = arguments(given)?;
    session(call, &given.session)
}

/// All about the session that these words mean.
pub fn session(call: &Call, words: &str) -> Outcome {
    let sessions = call.endpoint.sessions()?;
    let found = find::session(words, &call.caller, &sessions)?;
    let (query, now) = (found.key().to_string(), Utc::now());
    let mut shown = view::brief(found, call.caller.own(&sessions), now);
    if let Some(all) = shown.as_object_mut() {
        all.extend(view::details(found, now));
        // It may end, or its host go, between two requests: then the rest is told without that.
        if let Ok(why) = call.endpoint.ask(&Request::Why(QueryRequest { query: query.clone() })) {
            all.extend(why.why.map(|it| ("why".to_owned(), view::claims(&it.claims))));
        }
        let pending =
            Request::Pending(PendingRequest { query: Some(query), follow: false, all: false });
        let prompts = call.endpoint.ask(&pending).ok().and_then(|it| it.prompts);
        if let Some(prompts) = prompts.filter(|it| !it.is_empty()) {
            all.insert("open_prompts".to_owned(), json!(prompts.len()));
            all.insert("prompts".to_owned(), view::prompts(&prompts));
        }
    }
    Ok(shown)
}

fn status(call: &Call, given: JsonObject) -> Outcome {
    let given: SessionArguments = arguments(given)?;
    let sessions = call.endpoint.sessions()?;
    let found = find::session(&given.session, &call.caller, &sessions)?;
    Ok(brief_status(found))
}

/// What a session does, in a few words.
pub(super) fn brief_status(session: &SessionInfo) -> Value {
    let shown = view::brief(session, None, Utc::now());
    let kept = ["session", "title", "state", "for", "waits_for", "stopped", "host_out_of_reach"];
    let kept =
        kept.into_iter().filter_map(|name| Some((name.to_owned(), shown.get(name)?.clone())));
    Value::Object(kept.collect())
}
