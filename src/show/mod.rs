//! Rendering: pure functions from sessions, the time and the width of the terminal to text.
//!
//! Nothing here reads the clock, the environment or the terminal. The commands do that.

pub mod answer;
pub mod details;
pub mod menu_lines;
pub mod paint;
pub mod phrases;
pub mod picker;
pub mod rofi;
pub mod status;
pub mod table;
pub mod why;
pub mod width;
