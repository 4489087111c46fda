//! `[hosts]`: the other machines whose sessions are shown, and how ssh reaches them. Pure.

use super::section::Section;
use super::value;
use crate::session::key::HostName;
use std::collections::BTreeMap;

/// The most hosts that one vmuxd reaches: each costs a process of ssh.
pub const MAX_HOSTS: usize = 256;

/// The longest `ssh` and `program`, in bytes.
const MAX_TEXT: usize = 255;

/// One host: `[hosts.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostConfig {
    /// What ssh is given: a name of `~/.ssh/config`, `user@host`, `ssh://user@host:port`.
    pub ssh: String,
    /// Where vmux is there; `None`: it is looked for.
    pub program: Option<String>,
    /// Whether it is reached.
    pub enabled: bool,
}

/// The hosts, by name.
pub type HostConfigs = BTreeMap<HostName, HostConfig>;

/// Reads `[hosts]`.
pub(super) fn hosts(section: Section) -> HostConfigs {
    let tables = section.tables();
    if tables.len() > MAX_HOSTS {
        section.fault("", format!("at most {MAX_HOSTS} hosts"));
        return HostConfigs::new();
    }
    let read = |(key, table): (String, Section)| {
        let host = host(&key, table);
        match HostName::new(&key) {
            Ok(name) => Some((name, host)),
            Err(error) => {
                section.fault(&key, error.to_string());
                None
            }
        }
    };
    tables.into_iter().filter_map(read).collect()
}

fn host(name: &str, section: Section) -> HostConfig {
    let destination = "a destination of ssh: host, user@host or ssh://user@host:port";
    let program = "an absolute path or one in ~, of letters, digits and ./_-+";
    let text = |wanted: fn(&str) -> bool| {
        move |it: &toml::de::DeValue| value::text(it).filter(|text| wanted(text))
    };
    let host = HostConfig {
        ssh: section.get("ssh", destination, text(is_destination)).unwrap_or(name.to_owned()),
        program: section.get("program", program, text(is_program)),
        enabled: section.get("enabled", "true or false", value::boolean).unwrap_or(true),
    };
    section.finish();
    host
}

/// Whether a text can be a destination of ssh. It cannot be an option, nor can the part behind the user
/// be one.
pub fn is_destination(text: &str) -> bool {
    let is_allowed = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | '-' | '_' | '@' | ':' | '/' | '[' | ']' | '%' | '+')
    };
    let mut parts = text.trim_start_matches("ssh://").split(['@', '/', ':']);
    !text.is_empty()
        && text.len() <= MAX_TEXT
        && text.chars().all(is_allowed)
        && !text.starts_with('-')
        && parts.all(|part| !part.starts_with('-'))
}

/// Whether a text can be the path of a program on another host: absolute or in `~`, without anything
/// that a shell would not take as it is.
pub fn is_program(text: &str) -> bool {
    let is_allowed =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+');
    let path = text.strip_prefix('~').unwrap_or(text);
    path.len() > 1
        && path.starts_with('/')
        && !path.ends_with('/')
        && text.len() <= MAX_TEXT
        && path.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn nothing_that_is_configured_can_be_an_option_or_a_command() {
        for text in ["gpu", "dev@gpu.example", "ssh://dev@[fe80::1%eth0]:2222", "10.0.0.7", "a_b"] {
            assert!(is_destination(text), "{text}");
        }
        for text in
            ["", "-oProxyCommand=x", "a b", "a\n", "u@-x", "ssh://-x", "a;b", "$(x)", "a'b", "é"]
        {
            assert!(!is_destination(text), "{text}");
        }
        for text in ["/usr/bin/vmux", "~/opt/vmux-1.2/vmux"] {
            assert!(is_program(text), "{text}");
        }
        for text in ["vmux", "", "/", "~", "~/", "~user/vmux", "/a b", "/a'b", "/$x", "-x", "/a;b"]
        {
            assert!(!is_program(text), "{text}");
        }
    }

    #[test]
    fn a_host_is_reached_by_its_name_unless_it_says_otherwise() {
        let text = "[hosts.gpu]\n[hosts.box]\nssh = \"me@10.0.0.7\"\nenabled = false\n";
        let (config, warnings) = Config::parse(text, None).unwrap();
        assert!(warnings.is_empty());
        let of = |name: &str| config.hosts[&HostName::new(name).unwrap()].clone();
        assert_eq!(of("gpu"), HostConfig { ssh: "gpu".to_owned(), program: None, enabled: true });
        assert!(of("box").ssh == "me@10.0.0.7" && !of("box").enabled);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, word) in [
            ("[hosts.\"-oX\"]", 1, "name of a host"),
            ("[hosts.\"a b\"]", 1, "name of a host"),
            ("[hosts.a]\nssh = \"-oX\"", 2, "destination"),
            ("[hosts.a]\nprogram = \"vmux; x\"", 2, "absolute"),
            ("[hosts]\na = 1", 2, "table"),
        ] {
            let fault = Config::parse(text, None).unwrap_err().faults.remove(0);
            assert!(fault.line == line && fault.problem.contains(word), "{text}: {fault}");
        }
    }
}
