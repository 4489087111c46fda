//! `vmux` itself: most of it against recorded answers of a vmuxd.

mod commands;
mod doctor;
mod json;
mod list;
mod scripts;
mod start;
mod status;
mod switch;
mod watch;
