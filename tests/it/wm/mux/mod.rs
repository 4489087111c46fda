//! Multiplexers between the terminal and the session.

mod screen;
mod tmux;
mod zellij;
