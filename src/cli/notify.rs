//! Errors as desktop notifications, where no terminal shows them.

use super::error::CliError;
use super::terminal::view::is_in_view;
use crate::client::start::terminal::has_display;
use crate::show::status::escape::{Escape, escape as escaped};
use std::io::IsTerminal;
use std::process::{Command, Stdio};

/// Without a time, mako keeps a notification until it is dismissed (mako(5), default-timeout).
const EXPIRES: &str = "--expire-time=10000";

/// Shows `error` as a notification, unless a terminal that the user may be looking at shows it.
pub fn if_unseen(error: &CliError) {
    if error.message.is_empty() {
        return;
    }
    let mut body = escape(&error.message);
    if let Some(hint) = &error.hint {
        body.push_str(&format!("\n{}", escape(hint)));
    }
    for line in &error.lines {
        body.push_str(&format!("\n{}", escape(line)));
    }
    show("dialog-warning", &body);
}

/// The same for what the user should know although the command did what was asked.
pub fn note_if_unseen(note: &str) {
    show("dialog-information", &escape(note));
}

/// Shows a notification, with markup in its body, if no terminal shows the output.
fn show(icon: &str, body: &str) {
    if is_seen() || !has_display() {
        return;
    }
    let icon = format!("--icon={icon}");
    // Not waited for: without a notification daemon, it fails only after a long time.
    let _ = Command::new("notify-send")
        .args([EXPIRES, "--app-name=vmux", &icon, "--", "vmux", body])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

fn is_seen() -> bool {
    let (err, input) = (std::io::stderr(), std::io::stdin());
    // If messages go to a file, the user who has typed the command looks at the terminal.
    if err.is_terminal() { is_in_view(&err) } else { is_in_view(&input) }
}

/// The body of a notification is pango markup, and notify-send takes it for a text of C with escape
/// sequences (0.8.1, `findings/notify-send-unescapes-the-body.sh`).
fn escape(text: &str) -> String {
    escaped(text, Escape::Pango).replace('\\', r"\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_shown_as_it_is() {
        assert_eq!(
            escape(r#"no session matches "no\such\tab" <b>"#),
            r"no session matches &quot;no\\such\\tab&quot; &lt;b&gt;"
        );
    }
}
