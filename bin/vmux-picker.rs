//! `vmux-picker`: what `vmux list --watch` starts on a terminal; see [`vmux::cli::terminal::picker`].

use std::process::ExitCode;

fn main() -> ExitCode {
    vmux::cli::picker().into()
}
