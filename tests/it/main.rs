//! Integration tests: one binary, real vmuxd and real vmux in worlds of their own.
//!
//! A test waits for events (readiness, the event stream, the end of a process), never for time; the
//! one deadline, [`support::world::DEADLINE`], only turns a hang into a failure. What is there in steps may be
//! seen in between: a process, a file or two answers that are to belong together are made, written
//! and asked for in one. A test that cannot run here fails and says what it needs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

mod bars;
mod claude_corpus;
mod cli;
mod daemon;
mod docs;
mod faults;
mod frames;
mod hosts;
mod mcp;
mod properties;
mod ssh;
mod start;
mod tidy;
mod wm;
