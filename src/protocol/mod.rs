//! The protocol of vmuxd's socket: requests, replies, events, and where the socket is.
//!
//! # Connecting
//!
//! vmuxd listens on a Unix stream socket; [`socket::Paths`] says where. It accepts processes of its own
//! user only. Programs in Rust connect with [`crate::client`], which also starts vmuxd:
//!
//! ```no_run
//! use vmux::client::connect::Endpoint;
//!
//! for session in Endpoint::from_environment(false)?.sessions()? {
//!     println!("{} {:?} {}", session.pid, session.state, session.cwd);
//! }
//! # Ok::<(), vmux::client::error::ClientError>(())
//! ```
//!
//! # One JSON object per line
//!
//! Both directions carry one JSON object per line, at most [`frame::MAX_REQUEST`] and
//! [`frame::MAX_RESPONSE`] bytes long. A client sends a [`request::Request`] and gets a
//! [`response::Response`]; the requests of one connection are answered in their order. A reply comes
//! after the effect: after `switch` the window has the focus, after `label` the label is on disk.
//!
//! ```text
//! → {"action":"switch","args":{"query":"api"}}
//! ← {"ok":true,"session":{"pid":4711,…}}
//! → {"action":"switch","args":{"query":"nobody"}}
//! ← {"ok":false,"error":"no session matches \"nobody\"","code":"no_match","sessions":[]}
//! ```
//!
//! After `subscribe`, the connection carries [`event::Event`]s and nothing else: first every session,
//! then every change. [`event::Mirror`] keeps a client's copy up to date with them. vmuxd disconnects
//! a subscriber that falls too far behind; it may subscribe again at once.
//!
//! # Compatibility
//!
//! No field, action, event or word is ever renamed or removed. New ones may be added at any time, so a
//! client must ignore fields and events that it does not know, and must take an unknown word for "some
//! other" (the types here have a variant for that). Fields that are absent have their default. The
//! frames in `testdata/protocol` hold vmux to this. `docs/protocol.md` describes the same for programs
//! in other languages.

#![warn(missing_docs)]

pub mod event;
pub mod finding;
pub mod frame;
pub mod hook;
pub mod instance;
pub mod prompt;
pub mod relay;
pub mod request;
pub mod response;
pub mod socket;
pub mod ssh;

/// Version of the protocol. It grows when something is added. Nothing is ever changed or removed.
pub const PROTOCOL: u32 = 1;

/// Version of this vmux, and of the vmuxd that is built with it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
