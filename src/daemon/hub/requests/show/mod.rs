//! What clients ask to see: all sessions, and how the state of one was decided.

pub mod list;
pub mod rendered;
pub mod why;
