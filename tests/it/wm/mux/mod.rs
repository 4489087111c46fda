//! Multiplexers between the terminal and the session.

mod containers;
mod screen;
mod tmux;
mod zellij;
