//! Where a session is shown, and how to go there: i3, sway, X11, tmux and other multiplexers.
//!
//! | file | what it does |
//! |---|---|
//! | [`ipc`] | speaks with i3 and sway |
//! | [`discover`], [`link`] | finds their socket and holds the connection |
//! | [`tree`] | windows out of the tree of containers |
//! | [`x11`], [`xthread`], [`xauth`] | which process owns an X11 window |
//! | [`reader`], [`masters`] | what is needed of `/proc`; who holds the other end of a terminal |
//! | [`mux`] | tmux, screen and others: panes and clients |
//! | [`terminal`] | terminals that can be asked where they show a process |
//! | [`scene`] | the facts that resolution looks at |
//! | [`resolve`], `pick`, `through` | from the facts to the place: pure |
//! | [`found`] | what was found |
//! | [`desk`], [`sight`] | all of it together: looks, fetches facts, answers |
//! | [`focus`], `command`, [`attach`] | the only hands: bring a session into view |
//! | [`outcome`] | what a switch may be told, and what becomes of it |
//!
//! This room imports [`crate::session`] only. What it needs of `/proc` comes as functions
//! ([`reader::Reader`]). Why it is done this way, and what cannot be known: `docs/windows.md`.

pub mod attach;
mod command;
pub mod desk;
pub mod discover;
pub mod focus;
pub mod found;
pub mod ipc;
pub mod link;
pub mod masters;
pub mod mux;
pub mod outcome;
mod pick;
pub mod reader;
pub mod resolve;
#[cfg(test)]
mod resolve_tests;
pub mod scene;
pub mod sight;
pub mod terminal;
mod through;
pub mod tree;
mod urgent;
pub mod x11;
pub mod xauth;
pub mod xthread;
