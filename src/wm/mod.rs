//! Where a session is shown, and how to go there: i3, sway, X11, tmux and other multiplexers.
//!
//! | folder or file | what it does |
//! |---|---|
//! | [`ipc`] | the protocol of i3 and sway |
//! | [`connection`] | finds their socket, opens it, and knows in what the two differ |
//! | [`dial`] | connects to a socket whose owner may be stopped |
//! | [`windows`] | the connection and the windows, kept up to date |
//! | [`x11`] | which process owns an X11 window |
//! | [`mux`] | tmux, screen and others: panes and clients |
//! | [`carrier`] | from a session on another host to the process here that shows it |
//! | [`terminal`] | terminals that can be asked where they show a process, or tried with a title |
//! | [`locate`] | from the facts to the location of a session; nearly all of it pure |
//! | [`switch`] | brings a session into view; the only place that acts |
//! | [`manager`] | all of it together: [`manager::WindowManager`] |
//!
//! Facts about processes come from [`crate::proc::ProcFiles`]. Why it is done this way, and what
//! cannot be known: `docs/windows.md`.

pub mod carrier;
pub mod connection;
pub mod dial;
pub mod ipc;
pub mod locate;
pub mod manager;
pub mod mux;
pub mod switch;
pub mod terminal;
pub mod windows;
pub mod x11;
