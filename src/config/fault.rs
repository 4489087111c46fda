//! What is wrong with a configuration: which line, which key, what is allowed.

use crate::session::sanitize::clean;
use std::fmt;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// A wrong value, or text that is not TOML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line in the file, counted from 1.
    pub line: usize,
    /// The key with its tables, `notify.push.url`; empty where the text is not TOML.
    pub key: String,
    /// What is wrong and what is allowed.
    pub problem: String,
}

/// A key that has no effect, or not the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Line in the file, counted from 1.
    pub line: usize,
    /// The key with its tables.
    pub key: String,
    /// Why it has no effect, or not the expected one.
    pub problem: String,
}

/// A text that is not a configuration: its faults, at least one, and its warnings, each by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidConfig {
    pub faults: Vec<Fault>,
    pub warnings: Vec<Warning>,
}

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// It could not be read.
    #[error("cannot read {}: {error}", .path.display())]
    Io { path: PathBuf, error: io::Error },
    /// It has wrong values, or is not TOML.
    #[error("{}: {}", .path.display(), summary(.faults))]
    Faulty {
        path: PathBuf,
        /// In the order of their lines; at least one.
        faults: Vec<Fault>,
        /// In the order of their lines.
        warnings: Vec<Warning>,
    },
}

fn summary(faults: &[Fault]) -> String {
    let first = faults.first().map(Fault::to_string).unwrap_or_default();
    match faults.len() {
        0 | 1 => first,
        more => format!("{first} (and {} more)", more - 1),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.line, &self.key, &self.problem)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.line, &self.key, &self.problem)
    }
}

fn write(f: &mut fmt::Formatter<'_>, line: usize, key: &str, problem: &str) -> fmt::Result {
    // Keys come from the file and may contain anything.
    let (key, problem) = (clean(key, 80), clean(problem, 300));
    if key.is_empty() {
        write!(f, "line {line}: {problem}")
    } else {
        write!(f, "line {line}: {key}: {problem}")
    }
}
