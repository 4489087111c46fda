//! The life of vmuxd.

pub mod crew;
pub mod house;
pub mod labels;
pub mod pid_file;
pub mod ready;
pub mod watcher;
