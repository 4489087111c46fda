//! Whether the user sees what a terminal shows.

use crate::client::start::terminal::has_display;
use rustix::termios::ttyname;
use std::io::IsTerminal;
use std::os::fd::AsFd;

/// Whether `stream` is a terminal that the user may be looking at.
///
/// A key binding often inherits the console on which the display server was started. That is a
/// terminal, but nobody sees it.
pub fn is_in_view(stream: &(impl AsFd + IsTerminal)) -> bool {
    stream.is_terminal()
        && !(has_display()
            && ttyname(stream, Vec::new()).is_ok_and(|name| is_console(name.to_bytes())))
}

/// Whether a terminal of this name is a console of the kernel: `/dev/tty1`, and not `/dev/pts/1`.
fn is_console(name: &[u8]) -> bool {
    name.starts_with(b"/dev/tty")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_is_no_terminal_of_a_window() {
        assert!(is_console(b"/dev/tty1"));
        assert!(is_console(b"/dev/ttyS0"));
        assert!(!is_console(b"/dev/pts/1"));
    }
}
