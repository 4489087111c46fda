//! What is shown: pure functions from sessions, the time and the terminal's width to text.
//!
//! Nothing here reads the clock, the environment or the terminal; the commands do, and pass it in.

pub mod choice;
pub mod details;
pub mod human;
pub mod json;
pub mod paint;
pub mod rofi;
pub mod status;
pub mod table;
pub mod why;
pub mod width;
