//! Adding a host to the text of the configuration, and taking one out: all else stays as the user wrote
//! it. Pure.
//!
//! The text is edited by lines, and then read again: if it does not mean exactly what was wanted, it is
//! left alone.

use super::Config;
use super::hosts::HostConfig;
use crate::session::key::HostName;
use std::path::Path;

/// Why the text cannot be edited, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    /// It has faults already.
    Faulty,
    /// It has this host already.
    Exists,
    /// It has no such host.
    Missing,
    /// It is written in a way that this file does not know; by hand it can be done.
    ByHand,
}

/// The text with `host`, a table at its end. `home` is what `~` means.
pub fn with_host(
    text: &str,
    name: HostName,
    host: &HostConfig,
    home: Option<&Path>,
) -> Result<String, EditError> {
    let mut wanted = parse(text, home)?;
    if wanted.hosts.insert(name, host.clone()).is_some() {
        return Err(EditError::Exists);
    }
    let mut edited = text.to_owned();
    if !edited.is_empty() {
        edited.push_str(if edited.ends_with('\n') { "\n" } else { "\n\n" });
    }
    edited.push_str(&format!("[hosts.{}]\n", key(name)));
    // The configuration has no destination and no program with a quote or a backslash.
    if host.ssh != name.as_str() {
        edited.push_str(&format!("ssh = \"{}\"\n", host.ssh));
    }
    if let Some(program) = &host.program {
        edited.push_str(&format!("program = \"{program}\"\n"));
    }
    if !host.enabled {
        edited.push_str("enabled = false\n");
    }
    checked(edited, &wanted, home)
}

/// The text without this host.
pub fn without_host(text: &str, name: HostName, home: Option<&Path>) -> Result<String, EditError> {
    let mut wanted = parse(text, home)?;
    if wanted.hosts.remove(&name).is_none() {
        return Err(EditError::Missing);
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let begin = lines.iter().position(|line| is_head_of(line, name)).ok_or(EditError::ByHand)?;
    let rest = &lines[begin + 1..];
    let section = rest.iter().position(|line| line.trim_start().starts_with('['));
    let section = &rest[..section.unwrap_or(rest.len())];
    // Comments at its end are about what comes next.
    let is_aside = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let own = section.iter().rposition(|line| !is_aside(line)).map_or(0, |last| last + 1);
    let mut kept = lines[..begin].to_vec();
    let mut after = &lines[begin + 1 + own..];
    // Not two empty lines where there was one on either side.
    if kept.last().is_none_or(|line| line.trim().is_empty()) {
        while let Some((first, others)) = after.split_first()
            && first.trim().is_empty()
        {
            after = others;
        }
    }
    kept.extend(after);
    let edited = kept.concat();
    let trimmed = edited.trim_end();
    let edited = if trimmed.is_empty() { String::new() } else { format!("{trimmed}\n") };
    checked(edited, &wanted, home)
}

fn parse(text: &str, home: Option<&Path>) -> Result<Config, EditError> {
    Config::parse(text, home).map(|(config, _)| config).map_err(|_| EditError::Faulty)
}

fn checked(text: String, wanted: &Config, home: Option<&Path>) -> Result<String, EditError> {
    match Config::parse(&text, home) {
        Ok((config, _)) if config == *wanted => Ok(text),
        _ => Err(EditError::ByHand),
    }
}

/// The name as a key: one with a point is quoted.
fn key(name: HostName) -> String {
    match name.as_str().contains('.') {
        true => format!("\"{name}\""),
        false => name.to_string(),
    }
}

/// Whether a line is `[hosts.NAME]`, however it is spaced and quoted.
fn is_head_of(line: &str, name: HostName) -> bool {
    let line = line.split('#').next().unwrap_or_default().trim();
    let inner = line.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let Some((table, key)) = inner.and_then(|it| it.split_once('.')) else { return false };
    let key = key.trim();
    let unquoted = |quote: char| key.strip_prefix(quote).and_then(|it| it.strip_suffix(quote));
    let key = unquoted('"').or_else(|| unquoted('\'')).unwrap_or(key);
    table.trim() == "hosts" && key == name.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> HostName {
        HostName::new(text).unwrap()
    }

    fn host(ssh: &str) -> HostConfig {
        HostConfig { ssh: ssh.to_owned(), program: None, enabled: true }
    }

    const TEXT: &str = "# mine\ninterval = \"2s\"  # fast\n\n[hosts.gpu]  # the big one\n\
                        # in the cellar\nssh = \"me@gpu\"\n\n# about bars\n[status]\ntitle_length = 9\n";

    #[test]
    fn what_the_user_wrote_stays_as_it_is() {
        let added = with_host(TEXT, name("box.lan"), &host("box.lan"), None).unwrap();
        assert_eq!(added, format!("{TEXT}\n[hosts.\"box.lan\"]\n"));
        assert_eq!(without_host(&added, name("box.lan"), None).as_deref(), Ok(TEXT));
        let removed = without_host(TEXT, name("gpu"), None).unwrap();
        let expected =
            "# mine\ninterval = \"2s\"  # fast\n\n# about bars\n[status]\ntitle_length = 9\n";
        assert_eq!(removed, expected);
        let program = HostConfig { program: Some("~/vmux".to_owned()), ..host("me@x") };
        let added = with_host("", name("x"), &program, None).unwrap();
        assert_eq!(added, "[hosts.x]\nssh = \"me@x\"\nprogram = \"~/vmux\"\n");
        assert_eq!(without_host(&added, name("x"), None).as_deref(), Ok(""));
    }

    #[test]
    fn what_would_mean_something_else_is_left_alone() {
        let add = |text: &str| with_host(text, name("gpu"), &host("gpu"), None);
        assert_eq!(add(TEXT), Err(EditError::Exists));
        assert_eq!(add("interval = \"x\""), Err(EditError::Faulty));
        assert_eq!(add("hosts = {}"), Err(EditError::ByHand));
        let remove = |text: &str| without_host(text, name("gpu"), None);
        assert_eq!(remove(""), Err(EditError::Missing));
        assert_eq!(remove("hosts = { gpu = {} }"), Err(EditError::ByHand));
        assert_eq!(remove("hosts.gpu.ssh = \"a\""), Err(EditError::ByHand));
        // A line of a text that looks like a head.
        let text = "[status]\ntemplate = \"\"\"\n[hosts.gpu]\n\"\"\"\n[hosts.gpu]\n";
        assert_eq!(remove(text), Err(EditError::ByHand));
        for head in ["[ hosts . 'gpu' ]", "[hosts.\"gpu\"] # x"] {
            assert_eq!(remove(head).as_deref(), Ok(""), "{head}");
        }
    }
}
