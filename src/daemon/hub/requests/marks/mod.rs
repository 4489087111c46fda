//! What the user marks sessions with: a label, that it is seen, that it is set aside.

pub mod ack;
pub mod label;
pub mod snooze;
