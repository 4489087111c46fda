//! Messages to the phone: one POST to ntfy or Gotify. It blocks, for a bounded time.
//!
//! ntfy takes a JSON object at the root of the server, which names the topic
//! (<https://docs.ntfy.sh/publish/#publish-as-json>); Gotify one at `/message`
//! (<https://gotify.net/api-docs>, <https://gotify.net/docs/msgextras>). Both take the token as
//! `Authorization: Bearer`.

use crate::config::decode::push::topic;
use crate::config::{PushConfig, PushKind, Trigger};
use crate::daemon::notify::outbox::Delivery;
use crate::daemon::notify::text::PushMessage;
use crate::system::files::open_regular;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

pub mod process;

/// How long connecting, sending and the answer may take together.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest token file, in bytes.
const MAX_TOKEN: u64 = 4096;

/// Why a message was not sent. The text contains neither token nor topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushFailure {
    pub sent: Delivery,
    pub problem: String,
}

/// Sends `message`, within `timeout`.
pub fn send(
    push: &PushConfig,
    message: &PushMessage,
    timeout: Duration,
) -> Result<(), PushFailure> {
    let name = match push.kind {
        PushKind::Ntfy => "ntfy",
        PushKind::Gotify => "Gotify",
    };
    let failure = |sent, problem: String| {
        let problem = format!("no messages to the phone: {name} at {}: {problem}", host(&push.url));
        PushFailure { sent, problem }
    };
    let refused = |problem| failure(Delivery::Refused, problem);
    let token = token(push).map_err(refused)?;
    let (url, body) = request(push, message).map_err(refused)?;
    let agent = agent(push, timeout).map_err(refused)?;
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
            Err(failure(if is_passing { Delivery::Again } else { Delivery::Refused }, problem))
        }
        Err(error) => Err(failure(Delivery::Again, explain(&error))),
    }
}

fn agent(push: &PushConfig, timeout: Duration) -> Result<ureq::Agent, String> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        // Only the user decides where the token is sent.
        .max_redirects(0)
        .max_idle_connections(0)
        .user_agent(concat!("vmux/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(roots(push)?).build())
        .build();
    Ok(config.new_agent())
}

/// The system's certificates, because the user's own server may have one of a private authority.
fn roots(push: &PushConfig) -> Result<RootCerts, String> {
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

/// The URL and the body of the request.
fn request(push: &PushConfig, message: &PushMessage) -> Result<(String, Value), String> {
    let mut body = json!({ "title": message.title, "message": message.text });
    if let Some(priority) = push.priority {
        body["priority"] = priority.into();
    }
    match push.kind {
        PushKind::Ntfy => {
            let (server, topic) = topic(&push.url).ok_or("its url names no topic")?;
            body["topic"] = topic.into();
            let tag = match message.trigger {
                Trigger::NeedsInput => "question",
                Trigger::Finished => "white_check_mark",
                Trigger::Stalled => "hourglass",
                Trigger::Host => "electric_plug",
            };
            body["tags"] = json!([tag]);
            if let Some(link) = &message.link {
                body["click"] = link.as_str().into();
            }
            if let Some((token, page)) = message.token.as_ref().zip(push.page.as_ref()) {
                let button = |label: &str, allow: bool| button(label, page, token, allow);
                body["actions"] = json!([button("Allow", true), button("Deny", false)]);
            }
            Ok((server.to_owned(), body))
        }
        PushKind::Gotify => {
            if let Some(link) = &message.link {
                body["extras"] = json!({"client::notification": {"click": {"url": link}}});
            }
            Ok((format!("{}/message", push.url), body))
        }
    }
}

/// A button of ntfy, which has the phone send a request to the page
/// (<https://docs.ntfy.sh/publish/#send-http-request>).
fn button(label: &str, page: &str, token: &str, allow: bool) -> Value {
    json!({
        "action": "http", "label": label, "method": "POST", "clear": true,
        "url": format!("{page}/api/answer-once"),
        "headers": {"Content-Type": "application/json"},
        "body": json!({"token": token, "allow": allow}).to_string(),
    })
}

/// The token. It is read for each message, so that it may change.
fn token(push: &PushConfig) -> Result<Option<String>, String> {
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
        return Err("the token is empty, or not printable ASCII".to_owned());
    }
    Ok(Some(token.to_owned()))
}

fn read(path: &Path) -> io::Result<String> {
    let (file, _) = open_regular(path)?;
    let mut text = String::new();
    file.take(MAX_TOKEN).read_to_string(&mut text)?;
    Ok(text)
}

/// The host of `url`, without the topic, which may be a secret.
fn host(url: &str) -> &str {
    let rest = url.split("://").nth(1).unwrap_or(url);
    rest.split('/').next().unwrap_or(rest)
}

/// The error in one line, without the names of Rust's types and without the URL.
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
