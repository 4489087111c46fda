//! Telling the user where there is no terminal to read from: a desktop notification.

use super::error::Complaint;
use rustix::termios::ttyname;
use std::io::IsTerminal;
use std::process::{Command, Stdio};

/// If no terminal that the user could be looking at shows it, tell it by a notification.
///
/// A key binding's standard error is often the console that the display server was started on; it
/// is a terminal, but nobody sees it.
pub fn if_unseen(complaint: &Complaint) {
    if complaint.message.is_empty() || is_seen() || !has_desktop() {
        return;
    }
    let mut body = escape(&complaint.message);
    if let Some(hint) = &complaint.hint {
        body.push_str(&format!("\n{}", escape(hint)));
    }
    for line in &complaint.lines {
        body.push_str(&format!("\n{}", escape(line)));
    }
    // Not waited for: without a notification daemon it takes long to fail.
    let _ = Command::new("notify-send")
        .args(["--app-name=vmux", "--icon=dialog-warning", "--", "vmux", &body])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

fn has_desktop() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn is_seen() -> bool {
    let console = |name: std::io::Result<std::ffi::CString>| {
        name.is_ok_and(|name| name.to_bytes().starts_with(b"/dev/tty"))
    };
    let (err, input) = (std::io::stderr(), std::io::stdin());
    // Where messages go to a file, whoever has typed the command looks at the terminal.
    let terminal = match err.is_terminal() {
        true => ttyname(&err, Vec::new()),
        false if input.is_terminal() => ttyname(&input, Vec::new()),
        false => return false,
    };
    !(has_desktop() && console(terminal.map_err(Into::into)))
}

/// Notification bodies are pango markup.
fn escape(text: &str) -> String {
    super::show::status::escape::escape(text, super::show::status::escape::Escape::Pango)
}
