//! Claude Code's own background: `claude --bg`, which chooses the session id itself.

use super::run;
use super::{OF_A_SESSION, StartFault};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// It starts a service of its own if none runs.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// Starts it. Returns the beginning of the session's id.
pub fn start(program: &Path, arguments: &[OsString], dir: &Path) -> Result<String, StartFault> {
    let mut command = Command::new(program);
    command.arg("--bg").args(arguments).current_dir(dir);
    for name in OF_A_SESSION {
        command.env_remove(name);
    }
    let told = run::text("claude", &mut command, ANSWERS_WITHIN).map_err(|error| {
        let fault = StartFault::new(&*error);
        match error.contains("not trusted") {
            true => fault.hint("the background cannot ask: start one with `--in tmux` there first"),
            false => fault,
        }
    })?;
    short_id(&told).ok_or_else(|| {
        StartFault::new("claude --bg did not say which session it has started")
            .hint("`vmux list` and `claude agents` list it, if it runs")
    })
}

/// The id in `backgrounded · 3678e3ce · web`, the first line of 2.1.332.
fn short_id(told: &str) -> Option<String> {
    let mut words = told.lines().find(|it| it.starts_with("backgrounded"))?.split(" · ");
    let id = words.nth(1)?.trim();
    let is_id = id.len() >= 8 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    is_id.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_claude_says_is_read() {
        let told = "Starting background service…\nbackgrounded · 3678e3ce · web\n  claude agents\n";
        assert_eq!(short_id(told).as_deref(), Some("3678e3ce"));
        assert_eq!(short_id("backgrounded · 3678e3ce · web (idle)").as_deref(), Some("3678e3ce"));
        for text in ["", "backgrounded", "backgrounded · x", "backgrounded · $(reboot) · x"] {
            assert_eq!(short_id(text), None, "{text}");
        }
    }
}
