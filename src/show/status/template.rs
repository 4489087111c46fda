//! Templates: `{waiting} {longest.title}`. `vmux list --format` has the same language with other names.

use super::Summary;
use super::escape::{Escape, escape};
use crate::session::sanitize::clean;
use thiserror::Error;

/// The names that may stand in braces.
pub const NAMES: &[&str] = &[
    "waiting",
    "failed",
    "unseen",
    "working",
    "idle",
    "snoozed",
    "unknown",
    "total",
    "hosts.down",
    "hosts.down.names",
    "servers",
    "text",
    "short",
    "counts",
    "state",
    "longest.title",
    "longest.label",
    "longest.reason",
    "longest.detail",
    "longest.doing",
    "longest.clock",
    "longest.pid",
];

/// Why a template cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// A name in braces that does not exist.
    #[error("there is no {{{}}}", clean(.0, 60))]
    UnknownName(String),
    /// A name after a brace that is not closed.
    #[error("a \"}}\" is missing after \"{{{}\"; \"{{{{\" is a brace", clean(.0, 60))]
    Unclosed(String),
}

/// Fills in `template` with what is known of the sessions.
pub fn render(template: &str, summary: &Summary, kind: Escape) -> Result<String, TemplateError> {
    fill(template, kind, |name| value(name, summary))
}

/// Fills in `template` with the values of these names. `{{` and `}}` are braces; so is a brace without a
/// name. The values are escaped, the template is not.
pub fn fill(
    template: &str,
    kind: Escape,
    value: impl Fn(&str) -> Option<String>,
) -> Result<String, TemplateError> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        out.push_str(before);
        if brace.starts_with("{{") || brace.starts_with("}}") {
            out.push_str(&brace[..1]);
            rest = &brace[2..];
            continue;
        }
        let Some(end) = brace.find('}').filter(|_| brace.starts_with('{')) else {
            if let Some(name) = brace.strip_prefix('{')
                && name.starts_with(|c: char| c.is_ascii_lowercase())
            {
                let is_name = |c: char| c.is_ascii_lowercase() || c == '.';
                let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
                return Err(TemplateError::Unclosed(name[..end].to_owned()));
            }
            out.push_str(&brace[..1]);
            rest = &brace[1..];
            continue;
        };
        let name = &brace[1..end];
        let value = value(name).ok_or_else(|| TemplateError::UnknownName(name.to_owned()))?;
        out.push_str(&escape(&value, kind));
        rest = &brace[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

fn value(name: &str, summary: &Summary) -> Option<String> {
    let first = summary.first.first();
    let of_first =
        |value: &dyn Fn(&super::StatusSession) -> String| first.map(value).unwrap_or_default();
    let Summary { waiting, failed, unseen, working, idle, snoozed, unknown, .. } = *summary;
    let total = [waiting, failed, unseen, working, idle, snoozed, unknown];
    Some(match name {
        "waiting" => summary.waiting.to_string(),
        "failed" => summary.failed.to_string(),
        "unseen" => summary.unseen.to_string(),
        "working" => summary.working.to_string(),
        "idle" => summary.idle.to_string(),
        "snoozed" => summary.snoozed.to_string(),
        "unknown" => summary.unknown.to_string(),
        "hosts.down" => summary.hosts_down.len().to_string(),
        "hosts.down.names" => {
            summary.hosts_down.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ")
        }
        "servers" => summary.server_count.to_string(),
        "total" => total.iter().sum::<usize>().to_string(),
        "text" => summary.text(),
        "short" => summary.short(),
        "counts" => summary.counts(),
        "state" => summary.class().word().to_owned(),
        "longest.title" | "longest.label" => of_first(&|it| it.title.clone()),
        "longest.reason" => of_first(&|it| it.reason().to_owned()),
        "longest.detail" => of_first(&|it| it.detail.clone()),
        "longest.doing" => of_first(&|it| it.doing.to_owned()),
        "longest.clock" => of_first(&|it| it.clock.clone()),
        "longest.pid" => of_first(&|it| it.key.process.pid.to_string()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, expected: &str) {
        let summary = Summary { connected: true, waiting: 2, idle: 1, ..Summary::default() };
        assert_eq!(render(template, &summary, Escape::None).as_deref(), Ok(expected));
    }

    #[test]
    fn names_in_braces_are_filled_in() {
        check("{waiting}/{total} [{longest.clock}]", "2/3 []");
        check("plain", "plain");
        check("", "");
    }

    #[test]
    fn braces_can_be_written() {
        check("{{waiting}} {waiting}", "{waiting} 2");
        check("a } b { c", "a } b { c");
        check("{waiting} {", "2 {");
        check("%{{F#f00}}{waiting}%{{F-}}", "%{F#f00}2%{F-}");
    }

    #[test]
    fn a_brace_that_is_not_closed_is_told() {
        for template in ["{waiting", "{waiting} {longest.title", "{{{waiting | x"] {
            let error = render(template, &Summary::default(), Escape::None).unwrap_err();
            let name = if template.contains('.') { "longest.title" } else { "waiting" };
            assert_eq!(error, TemplateError::Unclosed(name.to_owned()), "{template}");
        }
        let error = TemplateError::Unclosed("waiting".to_owned()).to_string();
        assert_eq!(error, "a \"}\" is missing after \"{waiting\"; \"{{\" is a brace");
    }

    #[test]
    fn every_name_is_known_and_others_are_named() {
        let summary = Summary::default();
        for name in NAMES {
            assert!(render(&format!("{{{name}}}"), &summary, Escape::None).is_ok(), "{name}");
        }
        let error = render("{waitin}", &summary, Escape::None);
        assert_eq!(error, Err(TemplateError::UnknownName("waitin".to_owned())));
    }
}
