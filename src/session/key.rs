//! Who is meant: a session's host and process.

use super::process::ProcessId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use thiserror::Error;

/// The longest name of a host, in characters: as long as one label of a DNS name may be.
const MAX_NAME: usize = 63;

/// How many different names are known at once, at most.
const MAX_HOSTS: usize = 4096;

/// The name of another host, as the user's configuration gives it: letters, digits, `-`, `_` and `.`,
/// not beginning with `-` or `.`, and not a number.
///
/// The text is interned: a key is copied at every step, and there are few hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostName(&'static str);

/// Why a text does not name a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HostNameError {
    /// It is empty, too long, or has other characters.
    #[error(
        "the name of a host has 1 to {MAX_NAME} letters, digits, `-`, `_` or `.`, begins with a \
         letter or a digit, and is not a number"
    )]
    Invalid,
    /// More names than anyone has hosts.
    #[error("more than {MAX_HOSTS} hosts are not supported")]
    TooMany,
}

static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

impl HostName {
    /// The host of this name.
    pub fn new(name: &str) -> Result<HostName, HostNameError> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_number = name.chars().all(|c| c.is_ascii_digit());
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if name.len() > MAX_NAME || !begins_well || is_number || !name.chars().all(is_allowed) {
            return Err(HostNameError::Invalid);
        }
        // What the lock protects is whole at every moment.
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(name) {
            return Ok(HostName(known));
        }
        if names.len() >= MAX_HOSTS {
            return Err(HostNameError::TooMany);
        }
        let name: &'static str = String::from(name).leak();
        names.insert(name);
        Ok(HostName(name))
    }

    /// The name.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for HostName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for HostName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<HostName, D::Error> {
        HostName::new(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// A session for as long as its process lives, whatever conversation it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionKey {
    /// Where it runs; absent for this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostName>,
    /// Its process there.
    #[serde(flatten)]
    pub process: ProcessId,
}

impl SessionKey {
    /// The session of a process of this machine.
    pub const fn local(pid: u32, start: u64) -> SessionKey {
        SessionKey { host: None, process: ProcessId { pid, start } }
    }
}

/// A session of this machine.
impl From<ProcessId> for SessionKey {
    fn from(process: ProcessId) -> SessionKey {
        SessionKey { host: None, process }
    }
}

/// `4711:86301`, on another host `laptop:4711:86301`: the form in which queries name a session.
impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Some(host) => write!(f, "{host}:{}", self.process),
            None => self.process.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_plain_name() {
        for name in ["laptop", "gpu-1.example_x", "7b"] {
            assert_eq!(HostName::new(name).unwrap().to_string(), name);
        }
        let long = "x".repeat(MAX_NAME + 1);
        for name in ["", "-oProxy", ".", "a b", "a:b", "4711", "é", "a\n", &long] {
            assert_eq!(HostName::new(name), Err(HostNameError::Invalid), "{name:?}");
        }
    }

    #[test]
    fn this_machine_is_not_named() {
        let here = SessionKey::local(7, 9);
        assert_eq!(here.to_string(), "7:9");
        assert_eq!(serde_json::to_string(&here).unwrap(), r#"{"pid":7,"start":9}"#);
        let there = SessionKey { host: Some(HostName::new("laptop").unwrap()), ..here };
        assert_eq!(there.to_string(), "laptop:7:9");
        let text = serde_json::to_string(&there).unwrap();
        assert_eq!(text, r#"{"host":"laptop","pid":7,"start":9}"#);
        assert_eq!(serde_json::from_str::<SessionKey>(&text).unwrap(), there);
        assert!(serde_json::from_str::<SessionKey>(r#"{"host":"a b","pid":7,"start":9}"#).is_err());
        // This machine comes first.
        assert!(here < there);
    }
}
