//! `answer`, `label`, `switch`: what acts on other sessions and on the user's screen. The configuration
//! must allow each.

use super::sessions::brief_status;
use super::{Call, Definition, Outcome, arguments, schema};
use crate::failure::Failure;
use crate::find;
use rmcp::model::JsonObject;
use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use vmux::client::error::ClientError;
use vmux::config::rights::Right;
use vmux::protocol::prompt::{Prompt, UserAnswer};
use vmux::protocol::request::{
    AnswerRequest, LabelRequest, PendingRequest, Request, SwitchRequest,
};
use vmux::protocol::response::Code;
use vmux::session::sanitize::clean;

pub(super) const ANSWER: Definition = Definition {
    name: "answer",
    title: "Answer a prompt of another session",
    description: "Answer one prompt that another session has open: a permission, a question, a plan. \
                  Only for what the user asked you to decide. get_session shows the prompt whole and \
                  its id. A prompt of the calling session is refused. Each answer is logged with the \
                  session that gave it.",
    right: Some(Right::Answer),
    schema: schema::<AnswerArguments>,
    run: answer,
};

pub(super) const LABEL: Definition = Definition {
    name: "label",
    title: "Label a Claude Code session",
    description: "Give a session a label, the name under which the user sees it in vmux, or take its \
                  label away with an empty one.",
    right: Some(Right::Label),
    schema: schema::<LabelArguments>,
    run: label,
};

pub(super) const SWITCH: Definition = Definition {
    name: "switch",
    title: "Bring the user to a session",
    description: "Bring the window, tab and pane of a session in front of the user. It takes the focus \
                  from what the user is doing: only when the user asked for it.",
    right: Some(Right::Switch),
    schema: schema::<SwitchArguments>,
    run: switch,
};

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct AnswerArguments {
    /// The id of the prompt, as get_session shows it.
    #[serde(deserialize_with = "super::words")]
    prompt: String,
    /// What to answer: `allow` this once; `always`, what the prompt names as `always_allows`; `deny`;
    /// `reply` to questions.
    answer: Kind,
    /// With `deny`: what to tell the model of that session. Without it, its turn ends.
    message: Option<String>,
    /// With `reply`: for each question the number of an option, several numbers between commas, or
    /// words.
    #[serde(default)]
    replies: Vec<String>,
}

/// The kinds of answers.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[schemars(crate = "rmcp::schemars", inline)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Allow,
    Always,
    Deny,
    Reply,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct LabelArguments {
    /// Which session: `session` as list_sessions tells it, or words that mean one; "self" is the
    /// calling one.
    #[serde(deserialize_with = "super::words")]
    session: String,
    /// Its label; empty takes it away.
    #[serde(deserialize_with = "super::words")]
    label: String,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
struct SwitchArguments {
    /// Which session: `session` as list_sessions tells it, or words that mean one.
    #[serde(deserialize_with = "super::words")]
    session: String,
}

fn answer(call: &Call, given: JsonObject) -> Outcome {
    let given: AnswerArguments = arguments(given)?;
    let answer = match (given.answer, given.message, given.replies) {
        (Kind::Deny, message, replies) if replies.is_empty() => UserAnswer::Deny { message },
        (Kind::Reply, None, replies) if !replies.is_empty() => UserAnswer::Reply(replies),
        (Kind::Allow, None, replies) if replies.is_empty() => {
            UserAnswer::Allow { accept_edits: false }
        }
        (Kind::Always, None, replies) if replies.is_empty() => UserAnswer::Always,
        _ => {
            return Err(Failure::new("message belongs to deny, and replies belong to reply"));
        }
    };
    let Some(prompt) = open_prompt(call, &given.prompt)? else {
        let id = clean(&given.prompt, 60);
        return Err(Failure::new(format!("there is no open prompt {id}"))
            .hint("get_session shows the prompts of a session; nothing was answered"));
    };
    // Else it could allow with one call what another call of it asks the user for.
    if call.caller.is_within(prompt.session, Some(&prompt.session_id)) {
        return Err(Failure::new("a session cannot answer its own prompts")
            .hint("the user answers this one; nothing was answered"));
    }
    let response = call.endpoint.ask(&Request::Answer(AnswerRequest {
        query: None,
        prompt: Some(given.prompt),
        answer,
        door: Some(call.caller.door(&call.endpoint.sessions()?)),
    }))?;
    let mut done = response.session.as_deref().map_or_else(|| json!({}), brief_status);
    done["answered"] = json!(clean(response.prompt.as_deref().unwrap_or_default(), 60));
    Ok(done)
}

/// The prompt of this id, if it is open.
fn open_prompt(call: &Call, id: &str) -> Result<Option<Prompt>, Failure> {
    let pending = PendingRequest { query: Some(id.to_owned()), follow: false, all: false };
    match call.endpoint.ask(&Request::Pending(pending)) {
        Ok(response) => Ok(response.prompts.into_iter().flatten().find(|it| it.id == id)),
        // What is no id of a prompt is taken for words that mean a session.
        Err(ClientError::Refused { response, .. })
            if matches!(response.code, Some(Code::NoMatch | Code::Ambiguous)) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn label(call: &Call, given: JsonObject) -> Outcome {
    let given: LabelArguments = arguments(given)?;
    let sessions = call.endpoint.sessions()?;
    let found = find::session(&given.session, &call.caller, &sessions)?;
    let Some(session_id) = found.session_id.as_ref().map(ToString::to_string) else {
        return Err(Failure::new("this session has no id yet").hint("try again in a moment"));
    };
    let host = found.host.map(|it| it.to_string());
    let request = LabelRequest { session_id, label: given.label.clone(), host };
    call.endpoint.ask(&Request::Label(request))?;
    Ok(json!({ "session": found.key().to_string(), "label": clean(&given.label, 60) }))
}

fn switch(call: &Call, given: JsonObject) -> Outcome {
    let given: SwitchArguments = arguments(given)?;
    let sessions = call.endpoint.sessions()?;
    let found = find::session(&given.session, &call.caller, &sessions)?;
    let query = Some(found.key().to_string());
    let request = SwitchRequest { query, ..SwitchRequest::default() };
    let response = call.endpoint.ask(&Request::Switch(request))?;
    let mut done = json!({ "shown": found.key().to_string() });
    if let Some(note) = &response.note {
        done["note"] = json!(clean(note, 200));
    }
    Ok(done)
}
