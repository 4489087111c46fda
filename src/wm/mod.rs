//! Where a session is shown, and how to go there: i3, sway, X11, tmux and other multiplexers.
//!
//! | folder or file | what it does |
//! |---|---|
//! | [`ipc`] | speaks with i3 and sway; windows out of the tree of containers |
//! | [`connection`] | finds their socket and holds the connection |
//! | [`x11`] | which process owns an X11 window |
//! | [`mux`] | tmux, screen and others: panes and clients |
//! | [`terminal`] | terminals that can be asked where they show a process |
//! | [`title_probe`] | finds a terminal's window by a title set for a moment |
//! | [`locate`] | from the facts to the place of a session; pure |
//! | [`switch`] | brings a session into view; the only place that acts |
//! | [`manager`], [`windows`] | all of it together: looks, fetches facts, answers |
//!
//! What it needs of `/proc` comes through [`crate::proc::ProcFiles`]. Why it is done this way,
//! and what cannot be known: `docs/windows.md`.

pub mod connection;
pub mod ipc;
pub mod locate;
pub mod manager;
pub mod mux;
pub mod switch;
pub mod terminal;
pub mod title_probe;
pub mod windows;
pub mod x11;
