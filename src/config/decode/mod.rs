//! Decodes the text of the file into a [`Config`]. Pure.

mod keys;
pub mod push;
pub mod start;

use crate::config::column::Column;
use crate::config::fault::{InvalidConfig, Warning};
use crate::config::glob::{DirectoryGlob, LabelGlob};
use crate::config::hosts::hosts;
use crate::config::rights::mcp;
use crate::config::rights::send::{answer, send};
use crate::config::rights::web::{WebRight, web};
use crate::config::section::{Findings, Section};
use crate::config::value::{self, QuietHours};
use crate::config::{
    Channel, Config, Glyphs, ListConfig, NotifyConfig, NotifyRule, StatusConfig, SwitchConfig,
    Urgency, WindowManagerConfig,
};
use crate::session::query::order::Order;
use keys::{
    DELAY_RANGE, INTERVAL_RANGE, REMIND_RANGE, SNOOZE_RANGE, TRIGGERS, duration, flag, path,
    triggers,
};
use push::{push, url};
use start::start;
use std::path::Path;
use toml::de::DeTable;

const ORDERS: &[(&str, Order)] =
    &[("longest", Order::Longest), ("permissions", Order::Permissions)];

const GLYPHS: &[(&str, Option<Glyphs>)] =
    &[("auto", None), ("unicode", Some(Glyphs::Unicode)), ("ascii", Some(Glyphs::Ascii))];

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
        // They come back through the page.
        push.buttons &= push.page.is_some() && config.web.allow.contains(&WebRight::Answer);
    }
    config.join_doors();
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

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
