//! Integration tests: one binary, real vmuxd and real vmux in worlds of their own.
//!
//! A test waits for events (readiness, the event stream, the end of a process), never for time; the
//! one deadline, [`world::DEADLINE`], only turns a hang into a failure. What is there in steps may be
//! seen in between: a process, a file or two answers that are to belong together are made, written
//! and asked for in one. A test that cannot run here fails and says what it needs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bars;
mod claude_world;
mod desk;
mod dunst;
mod fake;
mod program;
mod world;

mod claude_corpus;
mod cli;
mod cli_scripts;
mod cli_start;
mod cli_status;
mod cli_switch;
mod cli_watch;
mod config;
mod discovery;
mod docs;
mod faults;
mod frames;
mod labels;
mod life;
mod notify;
mod properties;
mod protocol;
mod tidy;
mod urgency;
mod wm_auth;
mod wm_bench;
mod wm_daemon;
mod wm_find;
mod wm_lab;
mod wm_link;
mod wm_screen;
mod wm_sight;
mod wm_sway;
mod wm_switch;
mod wm_tmux;
mod wm_view;
mod wm_zellij;
