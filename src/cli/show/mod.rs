//! What is shown: pure functions from sessions, the time and the terminal's width to text.
//!
//! Nothing here reads the clock, the environment or the terminal; the commands do, and pass it in.

pub mod choice;
pub mod human;
pub mod paint;
pub mod reasons;
pub mod rofi;
pub mod sheet;
pub mod status;
pub mod table;
pub mod width;
