//! What the terminal of a session shows now, as text: by the commands of multiplexers and terminals that
//! have one.

use crate::session::sanitize::harmless;
use crate::wm::locate::location::{Location, Step};
use crate::wm::manager::WindowManager;
use crate::wm::mux::generic::PaneTarget;
use crate::wm::mux::tmux;
use crate::wm::mux::zellij;
use crate::wm::terminal::{Tab, kitty};
use std::path::Path;

/// Longest line, in characters.
const MAX_LINE: usize = 2000;

/// Whether the panes of tmux on the route are shown as a whole, or the most of each; else what is shown,
/// as a clause. tmux shows a part of a window that has the size of another, larger terminal.
pub async fn panes_are_whole(location: &Location) -> Result<(), String> {
    for step in location.tmux_panes().filter(|step| step.may_be_cut) {
        let Some(client_tty) = &step.pane.client_tty else { continue };
        if tmux::shows_whole(step.server, client_tty, &step.pane).await == Some(false) {
            return Err("it shows another part of a window of tmux that is larger than it".into());
        }
    }
    Ok(())
}

/// What can be asked for the text of a session's terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenSource(Step);

impl ScreenSource {
    /// What is asked: the innermost pane or tab on the route. `None`: it cannot be asked for its text.
    fn of(location: &Location) -> Option<ScreenSource> {
        let innermost = location.route.last()?;
        let can_be_asked = matches!(
            innermost,
            Step::TmuxPane(_)
                | Step::MuxPane(PaneTarget::Zellij { .. })
                | Step::Tab(Tab::Kitty { .. })
        );
        can_be_asked.then(|| ScreenSource(innermost.clone()))
    }

    /// Whose text it is: `tmux pane %3`.
    pub fn name(&self) -> String {
        match &self.0 {
            Step::TmuxPane(step) => format!("tmux pane {}", harmless(&step.pane.pane_id)),
            Step::MuxPane(PaneTarget::Zellij { pane, .. }) => format!("zellij pane {pane}"),
            Step::Tab(Tab::Kitty { id, .. }) => format!("kitty window {id}"),
            _ => "its terminal".to_owned(),
        }
    }

    /// The last `count` lines; those that have scrolled away, too, if it keeps them. The error says why
    /// there are none.
    pub async fn last_lines(&self, count: usize) -> Result<Vec<String>, String> {
        let text = match &self.0 {
            Step::TmuxPane(step) => {
                tmux::capture(step.server, Path::new(&step.pane.socket), &step.pane.pane_id, count)
                    .await?
            }
            Step::MuxPane(PaneTarget::Zellij { server, pane, .. }) => {
                zellij::dump(server, *pane).await?
            }
            Step::Tab(Tab::Kitty { process, address, id, .. }) => {
                kitty::text(*process, address, *id).await?
            }
            _ => return Err("it cannot be asked for its text".to_owned()),
        };
        Ok(last_lines(&text, count))
    }
}

impl WindowManager {
    /// What can be asked for the text of the terminal of a process.
    pub async fn screen_source(&mut self, pid: u32) -> Option<ScreenSource> {
        ScreenSource::of(&self.locate_with_tab(pid).await?)
    }
}

/// The last `count` lines of a screen without the empty ones at its end, and without what could control
/// a terminal.
fn last_lines(text: &str, count: usize) -> Vec<String> {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let surplus = lines.len().saturating_sub(count);
    let plain = |line: &&str| {
        let line: String = line.trim_end().chars().take(MAX_LINE).collect();
        harmless(&line)
    };
    lines[surplus..].iter().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_without_the_empty_ones_below() {
        let screen = "one  \n\n  two\u{1b}[1m\nthree\n \n\n";
        assert_eq!(last_lines(screen, 9), ["one", "", "  two\u{fffd}[1m", "three"]);
        assert_eq!(last_lines(screen, 1), ["three"]);
        assert_eq!(last_lines(screen, 0), [""; 0]);
        assert_eq!(last_lines(" \n", 3), [""; 0]);
    }
}
