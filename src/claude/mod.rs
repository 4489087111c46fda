//! What Claude Code leaves on disk, and the state that follows from it.
//!
//! | folder or file | what it knows |
//! |---|---|
//! | [`process`] | which processes are sessions, their version, config directory, children and title |
//! | `input` | reading files and JSON that may be huge, half-written or wrong |
//! | `session_file` | `sessions/<pid>.json` |
//! | `config_files` | trusted directories, the history of prompts, agent teams |
//! | `transcript` | `projects/*/<session>.jsonl`: records, turns, tools, subagents |
//! | `debug_log` | `debug/<session>.txt` of older versions |
//! | [`ownership`] | which transcript belongs to which process |
//! | `verdict` | evidence in, state out; pure |
//! | [`inspector`] | one process: what is kept between two inspections |
//!
//! Facts of the outside world are named by the version they were seen on. Nothing here reads the
//! clock or writes a file.

mod config_files;
mod debug_log;
mod input;
pub mod inspector;
pub mod ownership;
pub mod process;
mod session_file;
pub mod transcript;
mod verdict;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
#[cfg(test)]
pub(crate) mod testing;
