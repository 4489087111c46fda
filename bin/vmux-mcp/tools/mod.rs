//! The tools: what a model is told of each, which right it needs, and what it does.
//!
//! | file | tools |
//! |---|---|
//! | [`sessions`] | `list_sessions`, `get_session`, `session_status` |
//! | [`wait`] | `wait_for_session` |
//! | [`peek`] | `peek_session` |
//! | [`servers`] | `servers`, `free_port` |
//! | [`starts`] | `check_name`, `new_session` |
//! | [`send`] | `send_message` |
//! | [`acts`] | `answer`, `label`, `switch` |
//!
//! `new_session`, `send_message` and those of [`acts`] are there only if the configuration allows them.

mod acts;
mod peek;
mod send;
pub mod servers;
pub mod sessions;
mod starts;
mod wait;

use crate::caller::Caller;
use crate::failure::Failure;
use rmcp::handler::server::common::schema_for_input;
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use rmcp::schemars::JsonSchema;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;
use vmux::client::connect::Endpoint;
use vmux::config::rights::Right;
use vmux::protocol::request::Request;
use vmux::protocol::response::Response;

/// What a call has to work with.
pub struct Call {
    /// Where vmuxd is.
    pub endpoint: Endpoint,
    /// Who calls.
    pub caller: Arc<Caller>,
    /// What is told on the way, if the client wants to hear it.
    pub progress: UnboundedSender<String>,
    /// At its end once the call is cancelled.
    pub cancelled: UnixStream,
}

impl Call {
    /// Asks vmuxd for what may take longer than an answer usually does. It gives up by itself.
    fn ask_long(&self, request: &Request) -> Result<Response, Failure> {
        let mut client = self.endpoint.client()?;
        let asked = client.send_and_follow(request).and_then(|()| client.response());
        match asked {
            Ok(Some(response)) if response.ok => Ok(response),
            Ok(Some(response)) => Err(self.endpoint.refused(response).into()),
            Ok(None) => Err(self.endpoint.unreachable(ErrorKind::UnexpectedEof.into()).into()),
            Err(error) => Err(self.endpoint.unreachable(error).into()),
        }
    }
}

/// What a call returns: the same goes to the model as text and as structure.
pub type Outcome = Result<Value, Failure>;

/// A tool.
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    title: &'static str,
    description: &'static str,
    /// What the configuration must allow; nothing for tools that only read.
    pub right: Option<Right>,
    schema: fn() -> Result<Arc<JsonObject>, String>,
    /// Does it. Blocks.
    pub run: fn(&Call, JsonObject) -> Outcome,
}

/// Every tool, those that only read first.
pub const ALL: &[Definition] = &[
    sessions::LIST,
    sessions::GET,
    sessions::STATUS,
    wait::WAIT,
    peek::PEEK,
    servers::SERVERS,
    servers::FREE_PORT,
    starts::CHECK_NAME,
    starts::NEW,
    send::SEND,
    acts::ANSWER,
    acts::LABEL,
    acts::SWITCH,
];

impl Definition {
    /// Whether it may be used.
    pub fn is_allowed(&self, rights: &[Right]) -> bool {
        self.right.is_none_or(|right| rights.contains(&right))
    }

    /// Whether what it does cannot be taken back, and happens again with each call.
    fn is_final(&self) -> bool {
        matches!(self.right, Some(Right::Answer | Right::New | Right::Send))
    }

    /// As a client lists it.
    pub fn listed(&self) -> Tool {
        let reads = self.right.is_none();
        let annotations = ToolAnnotations::with_title(self.title)
            .read_only(reads)
            .destructive(self.is_final())
            .idempotent(!self.is_final())
            .open_world(false);
        // Every schema is that of a struct; a test lists them all.
        let schema = (self.schema)().unwrap_or_default();
        Tool::new(self.name, self.description, schema)
            .with_title(self.title)
            .with_annotations(annotations)
    }
}

/// The arguments of a call.
fn arguments<T: DeserializeOwned>(given: JsonObject) -> Result<T, Failure> {
    serde_json::from_value(Value::Object(given)).map_err(|error| {
        Failure::new(format!("wrong arguments: {error}")).hint("the schema of the tool names them")
    })
}

/// Words that may be written as a number: a pid, which some clients send as one wherever a text looks so.
fn words<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(D::Error::custom("words that mean a session are a text")),
    }
}

/// The same, where there may be none.
fn words_if_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        given => words(given).map(Some).map_err(D::Error::custom),
    }
}

/// The schema of arguments.
fn schema<T: JsonSchema + 'static>() -> Result<Arc<JsonObject>, String> {
    let mut schema = Value::Object(schema_for_input::<T>()?.as_ref().clone());
    make_portable(&mut schema);
    match schema {
        Value::Object(schema) => Ok(Arc::new(schema)),
        _ => Err("it is no object".to_owned()),
    }
}

/// Gives each value one type. A field that may be absent has `["integer", "null"]` otherwise, which some
/// clients do not understand: Inspector 0.15.0 sends a number for it as text.
fn make_portable(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    object.retain(|name, value| {
        !matches!((name.as_str(), value), ("$schema" | "format", _) | ("default", Value::Null))
    });
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|it| it != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|it| !it.is_null());
    }
    if let Some(Value::String(description)) = object.get_mut("description") {
        // It was wrapped for the source.
        *description = description.replace('\n', " ");
    }
    for field in object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        make_portable(field.1);
    }
    if let Some(items) = object.get_mut("items") {
        make_portable(items);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_tells_a_model_what_it_takes() {
        for definition in ALL {
            let tool = serde_json::to_value(definition.listed()).unwrap();
            let name = definition.name;
            assert!(tool["description"].as_str().unwrap().len() > 40, "{name}");
            assert_eq!(tool["inputSchema"]["type"], "object", "{name}");
            assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}");
            for (field, schema) in
                tool["inputSchema"]["properties"].as_object().into_iter().flatten()
            {
                assert!(schema["description"].is_string(), "{name}: {field}: {schema}");
                assert!(schema["type"].is_string(), "{name}: {field}: {schema}");
            }
            assert_eq!(tool["annotations"]["readOnlyHint"], definition.right.is_none(), "{name}");
            let text = tool.to_string();
            let foreign = ["$ref", "anyOf", "null", "\\n"];
            assert!(!foreign.iter().any(|it| text.contains(it)), "{name}: {text}");
        }
    }

    #[test]
    fn what_acts_needs_its_right() {
        let names = |rights: &[Right]| -> Vec<&str> {
            ALL.iter().filter(|it| it.is_allowed(rights)).map(|it| it.name).collect()
        };
        assert_eq!(names(&[]).len(), 8, "what only reads is for everyone");
        assert!(!names(&[]).contains(&"answer") && !names(&[Right::Label]).contains(&"answer"));
        assert!(names(&[Right::Answer]).contains(&"answer"));
    }
}
