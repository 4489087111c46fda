//! Windows: real window managers, terminals and multiplexers, and fake ones for what the real ones
//! do too rarely.

mod auth;
mod bench;
mod connection;
mod daemon;
mod events;
mod find;
mod lab;
mod mux;
mod sway;
mod switch;
mod view;
