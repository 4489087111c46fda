//! Decodes the text of the file into a [`Config`]. Pure.

pub mod start;

use crate::config::column::Column;
use crate::config::fault::{InvalidConfig, Warning};
use crate::config::glob::{DirectoryGlob, LabelGlob, expand};
use crate::config::hosts::hosts;
use crate::config::rights::mcp;
use crate::config::rights::send::{answer, send};
use crate::config::rights::web::web;
use crate::config::section::{Findings, Section};
use crate::config::value::{self, QuietHours};
use crate::config::{
    Channel, Config, Glyphs, ListConfig, MIN_ALERT_DELAY, NotifyConfig, NotifyRule, PushConfig,
    PushKind, StatusConfig, SwitchConfig, Trigger, Urgency, WindowManagerConfig,
};
use crate::session::query::order::Order;
use start::start;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::de::{DeTable, DeValue};

const TRIGGERS: &[(&str, Trigger)] = &[
    ("needs_input", Trigger::NeedsInput),
    ("finished", Trigger::Finished),
    ("stalled", Trigger::Stalled),
    ("host", Trigger::Host),
];

const ORDERS: &[(&str, Order)] =
    &[("longest", Order::Longest), ("permissions", Order::Permissions)];

const GLYPHS: &[(&str, Option<Glyphs>)] =
    &[("auto", None), ("unicode", Some(Glyphs::Unicode)), ("ascii", Some(Glyphs::Ascii))];

const TRIGGER_LIST: &str = "an array of \"needs_input\", \"finished\", \"stalled\" and \"host\"";

impl Config {
    /// Decodes `text`, in which `~` is `home`. If it has faults, there is no configuration.
    pub fn parse(text: &str, home: Option<&Path>) -> Result<(Config, Vec<Warning>), InvalidConfig> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let findings = Findings::of(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            findings.fault(error.span().unwrap_or_default(), "", error.message());
        }
        // Faults that follow from a syntax error would only distract.
        let config = if errors.is_empty() {
            config(Section::root(&table, &findings), home)
        } else {
            Config::default()
        };
        let (faults, warnings) = findings.into_parts();
        match faults.is_empty() {
            true => Ok((config, warnings)),
            false => Err(InvalidConfig { faults, warnings }),
        }
    }
}

fn config(root: Section, home: Option<&Path>) -> Config {
    let default = Config::default();
    let interval =
        duration(&root, "interval", INTERVAL_RANGE, "between 0.1 and 3600 seconds, such as \"5s\"");
    let mut config = Config {
        interval: interval.unwrap_or(default.interval),
        switch: switch(root.section("switch")),
        list: list(root.section("list")),
        wm: wm(root.section("wm"), home),
        status: status(root.section("status")),
        notify: notify(root.section("notify"), home),
        hosts: hosts(root.section("hosts")),
        mcp: mcp(root.section("mcp")),
        web: web(root.section("web"), url),
        start: start(root.section("start"), root.section("new"), home),
        answer: answer(root.section("answer")),
        send: send(root.section("send")),
    };
    if let Some(push) = &mut config.notify.push {
        push.page = config.web.url.clone();
    }
    root.finish();
    config
}

fn switch(section: Section) -> SwitchConfig {
    let program = "a program, or an array of a program and its arguments";
    let switch = SwitchConfig {
        launcher: section.get("launcher", program, value::command).unwrap_or_default(),
        attach: section.get("attach", program, value::command).unwrap_or_default(),
        title_probe: flag(&section, "title_probe", false),
        order: section
            .get("order", "\"longest\" or \"permissions\"", |it| value::one_of(it, ORDERS))
            .unwrap_or_default(),
    };
    section.finish();
    switch
}

fn list(section: Section) -> ListConfig {
    let allowed = "\"auto\", \"unicode\" or \"ascii\"";
    let names: Vec<&str> = Column::names().collect();
    let columns = format!("an array of {}", names.join(", "));
    let list = ListConfig {
        columns: section
            .get("columns", &columns, |it| value::some_of(it, Column::NAMES))
            .unwrap_or_default(),
        glyphs: section.get("glyphs", allowed, |it| value::one_of(it, GLYPHS)).flatten(),
    };
    section.finish();
    list
}

fn wm(section: Section, home: Option<&Path>) -> WindowManagerConfig {
    let wm = WindowManagerConfig {
        socket: path(&section, "socket", home),
        urgency_hint: flag(&section, "urgency_hint", false),
    };
    section.finish();
    wm
}

fn status(section: Section) -> StatusConfig {
    let default = StatusConfig::default();
    let length = section.get("title_length", "a number from 4 to 200", |it| {
        value::whole(it).filter(|it| (4..=200).contains(it)).and_then(|it| it.try_into().ok())
    });
    let status = StatusConfig {
        template: section.get("template", "a text with names in braces", value::text),
        title_length: length.unwrap_or(default.title_length),
    };
    section.finish();
    status
}

fn notify(section: Section, home: Option<&Path>) -> NotifyConfig {
    let default = NotifyConfig::default();
    let hours = "hours such as \"22:00-07:00\"";
    let notify = NotifyConfig {
        desktop: flag(&section, "desktop", default.desktop),
        on: triggers(&section).unwrap_or(default.on),
        after: duration(&section, "after", DELAY_RANGE, "from \"300ms\" to \"1h\"")
            .unwrap_or(default.after),
        stalled_after: duration(&section, "stalled_after", REMIND_RANGE, "0, or at least \"1s\"")
            .unwrap_or(default.stalled_after),
        host_after: duration(
            &section,
            "host_after",
            SNOOZE_RANGE,
            "at least \"1s\", such as \"10m\"",
        )
        .unwrap_or(default.host_after),
        snooze: duration(&section, "snooze", SNOOZE_RANGE, "at least \"1s\", such as \"10m\"")
            .unwrap_or(default.snooze),
        remind_after: duration(&section, "remind_after", REMIND_RANGE, "0, or at least \"1s\"")
            .unwrap_or(default.remind_after),
        quiet_hours: section
            .get("quiet_hours", hours, |it| it.as_str().and_then(QuietHours::parse)),
        rules: section.sections("rule").into_iter().map(|it| rule(it, home)).collect(),
        push: push(section.section("push").private(), home),
    };
    section.finish();
    notify
}

fn rule(section: Section, home: Option<&Path>) -> NotifyRule {
    const URGENCIES: &[(&str, Urgency)] =
        &[("low", Urgency::Low), ("normal", Urgency::Normal), ("critical", Urgency::Critical)];
    const CHANNELS: &[(&str, Channel)] = &[("desktop", Channel::Desktop), ("push", Channel::Push)];
    let directory = "an absolute path or one in ~, with * and ?";
    let rule = NotifyRule {
        state: section.get(
            "state",
            "\"needs_input\", \"finished\", \"stalled\" or \"host\"",
            |it| value::one_of(it, TRIGGERS),
        ),
        label: section
            .get("label", "a text with * and ?", value::text)
            .map(|it| LabelGlob::new(&it)),
        directory: section.get("directory", directory, |it| DirectoryGlob::new(it.as_str()?, home)),
        mute: flag(&section, "mute", false),
        urgency: section.get("urgency", "\"low\", \"normal\" or \"critical\"", |it| {
            value::one_of(it, URGENCIES)
        }),
        only: section.get("only", "\"desktop\" or \"push\"", |it| value::one_of(it, CHANNELS)),
    };
    section.finish();
    rule
}

fn push(section: Section, home: Option<&Path>) -> Option<PushConfig> {
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
        page: None,
    };
    let exists = section.exists();
    if exists {
        check_push(&section, &push);
    }
    section.finish();
    exists.then_some(push)
}

const URL_FORM: &str = "a URL, https://… or http://…, without user name, password and query";

fn check_push(section: &Section, push: &PushConfig) {
    // Without a value, the fault names the section.
    for key in ["kind", "url"] {
        if !section.has(key) {
            section.fault(key, "is needed in [notify.push]");
        }
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

const INTERVAL_RANGE: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(3600);
const DELAY_RANGE: RangeInclusive<Duration> = MIN_ALERT_DELAY..=Duration::from_secs(3600);
const SNOOZE_RANGE: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::MAX;
const REMIND_RANGE: RangeInclusive<Duration> = Duration::ZERO..=Duration::MAX;
const AFTER_RANGE: RangeInclusive<Duration> = Duration::ZERO..=Duration::MAX;

fn duration(
    section: &Section,
    key: &'static str,
    range: RangeInclusive<Duration>,
    allowed: &str,
) -> Option<Duration> {
    section.get(key, allowed, |it| value::duration(it).filter(|it| range.contains(it)))
}

fn flag(section: &Section, key: &'static str, default: bool) -> bool {
    section.get(key, "true or false", value::boolean).unwrap_or(default)
}

fn triggers(section: &Section) -> Option<Vec<Trigger>> {
    section.get("on", TRIGGER_LIST, |it| value::some_of(it, TRIGGERS))
}

fn path(section: &Section, key: &'static str, home: Option<&Path>) -> Option<PathBuf> {
    let allowed = "an absolute path or one in ~";
    section.get(key, allowed, |it| expand(it.as_str()?, home).map(PathBuf::from))
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

fn url(value: &DeValue) -> Option<String> {
    let text = value.as_str()?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    // A user name or a password would end up in error messages.
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_server = !host.is_empty() && !host.contains('@') && !rest.contains(['?', '#']);
    (is_plain && is_server).then(|| text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
