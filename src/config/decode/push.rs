//! `[notify.push]`: messages to the phone. Pure.

use super::keys::{AFTER_RANGE, duration, flag, path, triggers};
use crate::config::section::Section;
use crate::config::value;
use crate::config::{PushConfig, PushKind, Trigger};
use std::path::Path;
use std::time::Duration;
use toml::de::DeValue;

const URL_FORM: &str = "a URL, https://… or http://…, without user name, password and query";

/// Reads `[notify.push]`; `None` if there is none.
pub(super) fn push(section: Section, home: Option<&Path>) -> Option<PushConfig> {
    const KINDS: &[(&str, PushKind)] = &[("ntfy", PushKind::Ntfy), ("gotify", PushKind::Gotify)];
    let kind = section.get("kind", "\"ntfy\" or \"gotify\"", |it| value::one_of(it, KINDS));
    let url = section.get("url", URL_FORM, url);
    let push = PushConfig {
        kind: kind.unwrap_or(PushKind::Ntfy),
        url: url.clone().unwrap_or_default(),
        token_file: path(&section, "token_file", home),
        token_env: section.get("token_env", "the name of an environment variable", value::variable),
        on: triggers(&section).unwrap_or_else(|| vec![Trigger::NeedsInput]),
        after: duration(&section, "after", AFTER_RANGE, "a time such as \"1m\"")
            .unwrap_or(Duration::from_secs(60)),
        priority: priority(&section, kind),
        details: flag(&section, "details", false),
        buttons: flag(&section, "buttons", false),
        page: None,
    };
    let exists = section.exists();
    if exists {
        check_push(&section, &push);
    }
    section.finish();
    exists.then_some(push)
}

fn check_push(section: &Section, push: &PushConfig) {
    // Without a value, the fault names the section.
    for key in ["kind", "url"] {
        if !section.has(key) {
            section.fault(key, "is needed in [notify.push]");
        }
    }
    if push.buttons && push.kind == PushKind::Gotify {
        section.fault("buttons", "Gotify has no buttons");
    } else if push.buttons && !push.details {
        section.fault("buttons", "needs details = true: a button allows what the message shows");
    }
    if push.token_file.is_some() && push.token_env.is_some() {
        section.warn("token_env", "has no effect beside token_file");
    }
    let has_token = push.token_file.is_some() || push.token_env.is_some();
    if push.kind == PushKind::Gotify && section.has("kind") && !has_token {
        section.fault("token_file", "Gotify needs a token: token_file or token_env");
    }
    if has_token && push.url.starts_with("http://") && !is_loopback(&push.url) {
        section.warn("url", "the token is sent unencrypted; https:// would hide it");
    }
    if push.kind == PushKind::Ntfy && !push.url.is_empty() && topic(&push.url).is_none() {
        section.fault("url", "must name the topic: https://ntfy.sh/my-topic");
    }
}

/// The server and the topic of an ntfy URL; `None` if it names no topic.
pub fn topic(url: &str) -> Option<(&str, &str)> {
    let (server, topic) = url.rsplit_once('/')?;
    let is_topic = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!server.ends_with('/') && !topic.is_empty() && topic.chars().all(is_topic))
        .then_some((server, topic))
}

fn is_loopback(url: &str) -> bool {
    let host = url.trim_start_matches("http://");
    ["127.", "localhost", "[::1]"].iter().any(|it| host.starts_with(it))
}

fn priority(section: &Section, kind: Option<PushKind>) -> Option<u8> {
    let (range, allowed) = match kind {
        Some(PushKind::Gotify) => (0..=10, "a number from 0 to 10 for Gotify"),
        _ => (1..=5, "a number from 1 to 5 for ntfy"),
    };
    section.get("priority", allowed, |it| {
        value::whole(it).filter(|it| range.contains(it)).and_then(|it| it.try_into().ok())
    })
}

pub(super) fn url(value: &DeValue) -> Option<String> {
    let text = value.as_str()?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    // A user name or a password would end up in error messages.
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_server = !host.is_empty() && !host.contains('@') && !rest.contains(['?', '#']);
    (is_plain && is_server).then(|| text.trim_end_matches('/').to_owned())
}
