//! What Claude Code leaves on disk, and the state that follows from it.
//!
//! Reading order: which processes are sessions and where their files are ([`candidate`],
//! [`home`]); what the files say, pure (`session_file`, `record`, `message`, `turn`, `fold`,
//! `debug_log`); reading them cheaply (`files`, `tail`, `transcript`, `agents`); which
//! transcript is whose (`project`, `head`, `logs`, `owner`, `search`); what follows (`verdict`); and [`inspector`], which holds
//! one process's share of all that between looks.
//!
//! Facts of the outside world are named by the version they were seen on. Nothing here reads the
//! clock or writes a file.

pub mod candidate;
pub mod home;
pub mod inspector;
pub mod title;

mod debug_log;
mod fold;
mod json;
mod message;
mod record;
mod session_file;
mod tool;
mod turn;

mod agents;
mod files;
mod git;
mod head;
mod logs;
mod own_file;
mod owner;
mod project;
mod search;
mod successor;
mod tail;
mod transcript;
mod trust;
mod version;

mod details;
mod verdict;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
#[cfg(test)]
pub(crate) mod testing;
