//! `vmux` itself: most of it against recorded answers of a vmuxd.

mod commands;
mod completions;
mod doctor;
mod json;
mod list;
mod scripts;
mod send;
mod servers;
mod start;
mod status;
mod switch;
mod wait;
mod watch;
