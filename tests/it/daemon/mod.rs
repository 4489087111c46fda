//! A real vmuxd in a world of its own, in order; `faults` has what goes wrong around it.

mod answers;
mod config;
mod discovery;
pub mod keys;
mod labels;
mod lifecycle;
pub mod notify;
mod peek;
mod protocol;
mod screens;
pub mod servers;
mod snooze;
mod urgency;
