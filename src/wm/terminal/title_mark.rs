//! A title that a terminal has for a second, so that whoever looks at windows elsewhere finds the one
//! that shows this terminal: the title probe across an ssh.
//!
//! The mark in the title is chosen on the host with the windows, and is random: no other terminal can
//! have it. Nothing but its hexadecimal digits is written. Unlike [`super::title_probe`], the old title
//! comes back after a fixed time, because nothing tells this side when the other one has seen it.

use super::title_probe::{RESTORE, SAVE};
use std::fs::File;
use std::io::{self, Write};
use std::time::Duration;

/// How long the title stays: longer than it takes through two far hosts, and to look for it.
const STAYS: Duration = Duration::from_millis(1200);

/// How many digits a mark has.
const DIGITS: usize = 32;

/// A mark that nothing else has; `None` if the kernel gives no random numbers.
pub fn random() -> Option<String> {
    let mut bytes = [0; DIGITS / 2];
    let length = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()).ok()?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    (length == bytes.len()).then_some(digits)
}

/// The title with this mark; `None` if the mark is not one of [`random`].
pub fn title(mark: &str) -> Option<String> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (mark.len() == DIGITS && mark.bytes().all(is_digit)).then(|| format!("vmux {mark}"))
}

/// Gives a terminal, opened for writing without blocking, this title for a while.
pub fn show(mut terminal: File, title: &str) -> io::Result<()> {
    terminal.write_all(format!("{SAVE}\x1b]2;{title}\x1b\\").as_bytes())?;
    tokio::spawn(async move {
        tokio::time::sleep(STAYS).await;
        if let Err(error) = terminal.write_all(RESTORE.as_bytes()) {
            log::info!("the title of a terminal could not be restored: {error}");
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_random_and_nothing_but_digits_is_written() {
        let (one, two) = (random().unwrap(), random().unwrap());
        assert_ne!(one, two);
        assert_eq!(title(&one), Some(format!("vmux {one}")));
        let escape = format!("{}\x1b]", &one[2..]);
        for bad in ["", &one[1..], &one.to_uppercase().replace(char::is_numeric, "A"), &escape] {
            assert_eq!(title(bad), None, "{bad:?}");
        }
    }
}
