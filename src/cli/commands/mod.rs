//! One file per command.

pub mod ack;
pub mod complete;
pub mod config;
pub mod doctor;
pub mod events;
pub mod extras;
pub mod generate;
pub mod hook;
pub mod hooks;
pub mod hosts;
pub mod label;
pub mod list;
pub mod peek;
pub mod relay;
pub mod rofi;
pub mod servers;
pub mod show;
pub mod snooze;
pub mod status;
pub mod stop;
pub mod switch;
pub mod version;
pub mod wait;
pub mod watch;
pub mod why;
