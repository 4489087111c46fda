//! vmux: which Claude Code session waits for you, and one key to get there.
//!
//! # The map, in reading order
//!
//! | room | what it knows |
//! |---|---|
//! | [`system`] | files and programs, the same way everywhere; knows nothing of vmux |
//! | [`session`] | what a session is: types, the registry, queries; pure, no clock, no IO |
//! | [`config`] | what the user wants: `config.toml` |
//! | [`protocol`] | what may be said on the socket, how it is framed, where the socket is |
//! | [`show`] | what is shown of sessions: tables, bars, details; pure |
//! | [`claude`] | what Claude Code leaves on disk, and the state that follows from it |
//! | [`proc`] | what `/proc` says, under a root that is an argument |
//! | [`wm`] | where a session is shown (i3, sway, X11, tmux), and how to go there |
//! | [`daemon`] | the life of `vmuxd`: lock, hub, sources, server, labels |
//! | [`client`] | for programs that speak to vmuxd: connect, start it, ask, follow |
//! | [`cli`] | the life of `vmux`: arguments, commands, the terminal |
//!
//! Arrows: `session ← config, protocol`; `session ← claude, proc, wm`; `show` sees `session`,
//! `config` and `protocol`; `daemon` sees all but `client` and `cli`; `client` sees `session` and
//! `protocol`, `cli` these, `config`, `show` and `client`. `tests/it/tidy` holds them.

pub mod system;

pub mod session;

pub mod config;

pub mod protocol;

pub mod show;

pub mod claude;
pub mod proc;
pub mod wm;

pub mod daemon;

pub mod client;

pub mod cli;
