//! What a session is: types and pure rules.
//!
//! Nothing here does IO or reads a clock, and nothing here imports another room. Whoever needs
//! the time, the disk or the window manager takes it as an argument.

#![warn(missing_docs)]

pub mod hook;
pub mod info;
pub mod key;
pub mod place;
pub mod process;
pub mod query;
pub mod registry;
pub mod sanitize;
pub mod shared;
pub mod state;
pub mod title;

/// An instant in UTC. `since` fields are always the time of the evidence, never of the look.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
