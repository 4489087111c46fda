//! One file per command.

pub mod label;
pub mod list;
pub mod status;
pub mod stop;
