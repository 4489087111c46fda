//! `vmux-push`: what vmuxd starts to send a message to the phone; see [`vmux::daemon::notify::push::process`].

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    match vmux::daemon::notify::push::process::deliver(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "vmux-push: {error}\nhint: vmuxd runs this, with a message on standard input"
            );
            ExitCode::from(2)
        }
    }
}
