//! What may be said on the socket, how it is framed, and where the socket is.
//!
//! One JSON object per line, in both directions. `docs/protocol.md` is the promise to script
//! writers, and the frames in `testdata/protocol` hold us to it: a field or an action is never
//! renamed or removed; new ones may come, so unknown ones are ignored.

#![warn(missing_docs)]

pub mod event;
pub mod frame;
pub mod instance;
pub mod request;
pub mod response;
pub mod socket;

/// Version of the protocol: grows when something is added, never because something broke.
pub const PROTOCOL: u32 = 1;

/// Version of this vmux.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
