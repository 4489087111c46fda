//! `send_message`: a text into the prompt of another session, which says from whom it is.

use super::sessions::brief_status;
use super::{Call, Definition, Outcome, arguments, schema};
use crate::failure::Failure;
use crate::find;
use rmcp::model::JsonObject;
use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use vmux::config::rights::Right;
use vmux::protocol::request::{Request, SendRequest};
use vmux::session::info::SessionInfo;
use vmux::session::title::title;

/// The longest message, in characters.
const MAX_MESSAGE: usize = 8000;

pub(super) const SEND: Definition = Definition {
    name: "send_message",
    title: "Send a message to another session",
    description: "Type a message into the free prompt of another Claude Code session and submit it. It \
                  begins with a line that says which session it is from. Only for what the user asked \
                  you to pass on. A session that works, asks something or has words in its prompt is \
                  left alone, and the answer says why.",
    right: Some(Right::Send),
    schema: schema::<SendArguments>,
    run: send,
};

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct SendArguments {
    /// Which session: `session` as list_sessions tells it, or words that mean one.
    #[serde(deserialize_with = "super::words")]
    session: String,
    /// The message, at most 8000 characters.
    message: String,
    /// Whether a session that works gets it too: it takes it up when it has time.
    #[serde(default)]
    queue: bool,
}

fn send(call: &Call, given: JsonObject) -> Outcome {
    let given: SendArguments = arguments(given)?;
    if given.message.trim().is_empty() || given.message.chars().count() > MAX_MESSAGE {
        return Err(Failure::new(format!("a message has 1 to {MAX_MESSAGE} characters"))
            .hint("write the rest into a file, and name that"));
    }
    let sessions = call.endpoint.sessions()?;
    let found = find::session(&given.session, &call.caller, &sessions)?;
    let own = call.caller.own(&sessions);
    if own.is_some_and(|own| own.key() == found.key()) {
        return Err(Failure::new("a session cannot send messages to itself"));
    }
    let response = call.ask_long(&Request::Send(SendRequest {
        query: found.key().to_string(),
        text: format!("{}\n{}", from(own), given.message),
        queue: given.queue,
        door: Some(call.caller.door(&sessions)),
    }))?;
    let mut sent = response.session.as_deref().map_or_else(|| json!({}), brief_status);
    sent["sent"] = json!(true);
    Ok(sent)
}

/// The line above a message: the model there must not take it for the user's words.
fn from(own: Option<&SessionInfo>) -> String {
    match own {
        Some(own) => format!(
            "Message from the Claude Code session \"{}\" ({}), through vmux, not typed by the user:",
            title(own, 60),
            own.key()
        ),
        None => "Message from another Claude Code session, through vmux, not typed by the user:"
            .to_owned(),
    }
}
