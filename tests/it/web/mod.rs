//! `vmux web`: what it answers and refuses, and its page in a real browser.

mod answers;
mod browser;
mod crowd;
mod metrics;
mod page;
mod refusals;
mod screen_reader;
mod send;
pub mod server;
