//! Sessions on other hosts: from a session to the network connection that carries its terminal, and
//! from that connection to the window at the other end.
//!
//! | file | where | what it does |
//! |---|---|---|
//! | [`far`] | on the session's host | climbs from the session to sshd or mosh-server; pure |
//! | [`near`] | on the user's host | from a connection to the ssh that holds it; pure |
//! | [`tables`] | there | reads the tables that [`near`] looks at |
//! | [`path`] | there | what the network between rewrites; pure |
//!
//! From that ssh on, [`super::locate`] finds the window as for a local session. Why it is done this
//! way, and what cannot be known: `docs/hosts-windows.md`.

pub mod far;
pub mod near;
pub mod path;
pub mod tables;
