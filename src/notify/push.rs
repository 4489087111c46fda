//! Messages to the phone: one POST to ntfy or Gotify. It blocks, for a bounded time.
//!
//! ntfy takes a JSON object at the root of the server, which names the topic
//! (<https://docs.ntfy.sh/publish/#publish-as-json>); Gotify one at `/message`
//! (<https://gotify.net/api-docs>). Both take the token as `Authorization: Bearer`.

use super::outbox::Sent;
use super::text::Message;
use crate::config::{Occasion, Push, PushKind, topic};
use crate::system::files::open_regular;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A server that takes longer is taken to hang.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// A longer file is not a token.
const MAX_TOKEN: u64 = 4096;

/// Why a message was not sent, in words that hold neither token nor topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Whether to try again.
    pub sent: Sent,
    /// What is wrong.
    pub problem: String,
}

/// Send it, within `deadline`.
pub fn send(push: &Push, message: &Message, deadline: Duration) -> Result<(), Failure> {
    let name = match push.kind {
        PushKind::Ntfy => "ntfy",
        PushKind::Gotify => "Gotify",
    };
    let failure = |sent, problem: String| {
        let problem = format!("no messages to the phone: {name} at {}: {problem}", host(&push.url));
        Failure { sent, problem }
    };
    let refused = |problem| failure(Sent::Refused, problem);
    let token = token(push).map_err(refused)?;
    let (url, body) = request(push, message).map_err(refused)?;
    let agent = agent(push, deadline).map_err(refused)?;
    let mut post = agent.post(&url).header("Content-Type", "application/json");
    if let Some(token) = token {
        post = post.header("Authorization", &format!("Bearer {token}"));
    }
    match post.send(body.to_string()) {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => {
            let status = response.status().as_u16();
            let problem = match status {
                401 | 403 => format!("it refuses the token (HTTP {status})"),
                300..=399 => format!("it has moved (HTTP {status}); set the new url"),
                _ => format!("it answers HTTP {status}"),
            };
            let is_passing = status == 429 || status >= 500;
            Err(failure(if is_passing { Sent::Again } else { Sent::Refused }, problem))
        }
        Err(error) => Err(failure(Sent::Again, explain(&error))),
    }
}

fn agent(push: &Push, deadline: Duration) -> Result<ureq::Agent, String> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(deadline))
        .http_status_as_error(false)
        // Where the token is sent is for the user to say.
        .max_redirects(0)
        .max_idle_connections(0)
        .user_agent(concat!("vmux/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(roots(push)?).build())
        .build();
    Ok(config.new_agent())
}

/// The system's certificates, for one's own server may have one of one's own.
fn roots(push: &Push) -> Result<RootCerts, String> {
    if !push.url.starts_with("https://") {
        return Ok(RootCerts::new_with_certs(&[]));
    }
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why = found.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(format!("this machine has no certificates (ca-certificates){why}"));
    }
    let certificates: Vec<_> =
        found.certs.iter().map(|it| Certificate::from_der(it).to_owned()).collect();
    Ok(RootCerts::new_with_certs(&certificates))
}

/// Where to, and what.
fn request(push: &Push, message: &Message) -> Result<(String, Value), String> {
    let mut body = json!({ "title": message.title, "message": message.text });
    if let Some(priority) = push.priority {
        body["priority"] = priority.into();
    }
    match push.kind {
        PushKind::Ntfy => {
            let (server, topic) = topic(&push.url).ok_or("its url names no topic")?;
            body["topic"] = topic.into();
            let tag = match message.occasion {
                Occasion::NeedsInput => "question",
                Occasion::Finished => "white_check_mark",
            };
            body["tags"] = json!([tag]);
            Ok((server.to_owned(), body))
        }
        PushKind::Gotify => Ok((format!("{}/message", push.url), body)),
    }
}

/// The token, read anew each time, so that it may change.
fn token(push: &Push) -> Result<Option<String>, String> {
    let token = match (&push.token_file, &push.token_env) {
        (Some(path), _) => {
            read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?
        }
        (None, Some(name)) => std::env::var(name)
            // Without its name: some write the token itself there.
            .map_err(|_| "vmuxd does not have the environment variable of token_env".to_owned())?,
        (None, None) => return Ok(None),
    };
    let token = token.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("what should be the token is none".to_owned());
    }
    Ok(Some(token.to_owned()))
}

fn read(path: &Path) -> io::Result<String> {
    let (file, _) = open_regular(path)?;
    let mut text = String::new();
    file.take(MAX_TOKEN).read_to_string(&mut text)?;
    Ok(text)
}

/// The server without the topic, which may be a secret.
fn host(url: &str) -> &str {
    let rest = url.split("://").nth(1).unwrap_or(url);
    rest.split('/').next().unwrap_or(rest)
}

/// In a line, without the names of Rust's types.
fn explain(error: &ureq::Error) -> String {
    let text = match error {
        ureq::Error::Timeout(_) => "it does not answer".to_owned(),
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        ureq::Error::ConnectionFailed => "cannot connect".to_owned(),
        ureq::Error::Io(error) => error.to_string(),
        // These quote the address, of which the path may be a secret.
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::RequireHttpsOnly(_) => {
            "its url cannot be used".to_owned()
        }
        other => other.to_string(),
    };
    crate::session::sanitize::clean(&text, 200)
}

#[cfg(test)]
#[path = "push_tests.rs"]
mod tests;
