//! `vmux`: see [`vmux::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    vmux::cli::main()
}
