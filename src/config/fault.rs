//! What is wrong with a configuration: which line, which key, what is allowed.

use crate::session::sanitize::clean;
use std::fmt;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// A value that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In this line, counted from 1.
    pub line: usize,
    /// The key with its tables, `notify.push.url`; empty where the file is no TOML.
    pub key: String,
    /// What is wrong and what is allowed.
    pub problem: String,
}

/// Something that has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// In this line, counted from 1.
    pub line: usize,
    /// The key with its tables.
    pub key: String,
    /// What about it.
    pub problem: String,
}

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// It could not be read.
    #[error("cannot read {}: {error}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What came of it.
        error: io::Error,
    },
    /// It says something that cannot be.
    #[error("{}: {}", .path.display(), summary(.faults))]
    Faulty {
        /// The file.
        path: PathBuf,
        /// In the order of their lines; at least one.
        faults: Vec<Fault>,
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
    // Keys are the file's own words, and may be anything.
    let (key, problem) = (clean(key, 80), clean(problem, 300));
    if key.is_empty() {
        write!(f, "line {line}: {problem}")
    } else {
        write!(f, "line {line}: {key}: {problem}")
    }
}
