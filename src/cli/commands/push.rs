//! `vmux push`: what vmuxd starts to send a message to the phone.

use crate::cli::complain::{Complaint, Result};
use crate::notify::courier;
use std::io;

/// Send the message on standard input.
pub fn run() -> Result {
    courier::deliver(io::stdin().lock(), io::stdout().lock())
        .map_err(|error| Complaint::usage(format!("vmuxd runs this, with a message: {error}")))
}
