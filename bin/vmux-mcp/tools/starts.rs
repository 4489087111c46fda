//! `check_name`, `new_session`: sessions that are to begin.

use super::sessions::brief_status;
use super::{Call, Definition, Outcome, arguments, schema};
use crate::failure::Failure;
use rmcp::model::JsonObject;
use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use vmux::client::error::ClientError;
use vmux::config::rights::Right;
use vmux::protocol::request::{NewRequest, Request, ReserveRequest};
use vmux::protocol::response::Code;
use vmux::session::sanitize::clean;

/// The longest first prompt, in characters.
const MAX_PROMPT: usize = 8000;

pub(super) const CHECK_NAME: Definition = Definition {
    name: "check_name",
    title: "Check a name for a new session",
    description: "Tell whether a name can be had for a new Claude Code session, or why not. A name has 3 \
                  to 40 letters, digits, -, _ and . and begins with a letter or a digit.",
    right: None,
    schema: schema::<NameArguments>,
    run: check_name,
};

pub(super) const NEW: Definition = Definition {
    name: "new_session",
    title: "Start a Claude Code session",
    description: "Start another Claude Code session of the user, in tmux unless the configuration says \
                  otherwise, and return when it runs. Only when the user asked for one. Give it a first \
                  prompt that says all it needs: it does not know this conversation. wait_for_session \
                  tells when it is done.",
    right: Some(Right::New),
    schema: schema::<NewArguments>,
    run: new,
};

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct NameArguments {
    /// The name.
    #[serde(deserialize_with = "super::words")]
    name: String,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct NewArguments {
    /// Its name; check_name tells whether it can be had.
    name: String,
    /// Its directory; that of the calling session if absent. A relative path begins there.
    directory: Option<String>,
    /// Whether it gets a git worktree of its own, on a branch that is called as the session.
    #[serde(default)]
    worktree: bool,
    /// Its first prompt, at most 8000 characters.
    prompt: Option<String>,
    /// A template of the user's configuration.
    template: Option<String>,
}

fn check_name(call: &Call, given: JsonObject) -> Outcome {
    let given: NameArguments = arguments(given)?;
    let name = clean(&given.name, 60);
    let reserve = ReserveRequest { name: given.name, check: true, ..ReserveRequest::default() };
    match call.endpoint.ask(&Request::Reserve(reserve)) {
        Ok(_) => Ok(json!({ "name": name, "free": true })),
        Err(ClientError::Refused { response, .. })
            if matches!(response.code, Some(Code::Taken | Code::BadRequest)) =>
        {
            let why = clean(response.error.as_deref().unwrap_or_default(), 200);
            Ok(json!({ "name": name, "free": false, "why": why }))
        }
        Err(error) => Err(error.into()),
    }
}

fn new(call: &Call, given: JsonObject) -> Outcome {
    let given: NewArguments = arguments(given)?;
    if given.prompt.as_ref().is_some_and(|it| it.chars().count() > MAX_PROMPT) {
        return Err(Failure::new(format!("a first prompt has at most {MAX_PROMPT} characters"))
            .hint("write the rest into a file, and name that"));
    }
    // A template may say where; what the call says comes first.
    let dir = match (&given.directory, &given.template) {
        (Some(directory), _) => Some(call.caller.absolute(directory)),
        (None, Some(_)) => None,
        (None, None) => Some(call.caller.absolute(".")),
    };
    let request = NewRequest {
        name: given.name,
        template: given.template,
        dir,
        worktree: given.worktree.then(String::new),
        prompt: given.prompt,
        ..NewRequest::default()
    };
    // No one listens if the client did not ask for progress.
    let _ = call.progress.send("starting".to_owned());
    let response = call.ask_long(&Request::New(Box::new(request)))?;
    let mut begun = response.session.as_deref().map_or_else(|| json!({}), brief_status);
    if let Some(session) = &response.session {
        begun["session_id"] = json!(session.session_id.as_deref().map(|it| clean(it, 40)));
        begun["directory"] = json!(clean(&session.cwd, 240));
    }
    Ok(begun)
}
