//! Types into the terminal of a session, if it shows what is expected there. Sending keys is an action:
//! where it is not certain that they reach the session and nothing else, none are sent.

use crate::proc::ProcFiles;
use crate::proc::pts::{Pts, pts_number};
use crate::session::sanitize::harmless;
use crate::wm::locate::location::{Location, Obstacle, Step, TmuxStep};
use crate::wm::manager::WindowManager;
use crate::wm::mux;
use crate::wm::mux::tmux::keys::{self, Expected, Keys, PaneAddress, PaneLook};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::sleep;

/// How often a terminal is looked at in which somebody types, and how many times at most.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);
const MAX_LOOKS: usize = 10;

/// How the terminal of one session is typed into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyboard {
    server: u32,
    socket: PathBuf,
    pane: String,
}

impl Keyboard {
    /// Whose keys they are: `tmux pane %3`.
    pub fn name(&self) -> String {
        format!("tmux pane {}", harmless(&self.pane))
    }

    /// What the terminal shows, with escape sequences, whether it could be typed into or not; and whether
    /// its cursor is shown: then another program than Claude Code draws there. The error says why that
    /// is not known.
    pub async fn text(&self) -> Result<(String, bool), String> {
        let look = keys::look(&self.address()).await?;
        Ok((look.text, look.has_cursor))
    }

    /// What the terminal shows, with escape sequences; why nothing can be typed there, as a clause.
    pub async fn look(&self) -> Result<String, String> {
        unhindered(keys::look(&self.address()).await?)
    }

    /// The same, if nobody has typed there for a moment: what was typed may not be shown yet.
    pub async fn look_untouched(&self) -> Result<String, String> {
        untouched(keys::look(&self.address()).await?)
    }

    /// The same as soon as nobody has typed there for a moment, if that is soon.
    pub async fn look_at_rest(&self) -> Result<String, String> {
        for _ in 0..MAX_LOOKS {
            let look = keys::look(&self.address()).await?;
            if !look.is_touched {
                return untouched(look);
            }
            sleep(LOOK_INTERVAL).await;
        }
        self.look_untouched().await
    }

    /// Sends keys if the terminal shows what is expected. False: it does not, and nothing was sent.
    pub async fn send(&self, expected: &Expected, keys: Keys<'_>) -> Result<bool, String> {
        keys::send(&self.address(), expected, keys).await
    }

    fn address(&self) -> PaneAddress<'_> {
        PaneAddress { server: self.server, socket: &self.socket, pane: &self.pane }
    }
}

fn unhindered(look: PaneLook) -> Result<String, String> {
    match look.obstacle {
        Some(why) => Err(why.to_owned()),
        None => Ok(look.text),
    }
}

fn untouched(look: PaneLook) -> Result<String, String> {
    let is_touched = look.is_touched;
    let text = unhindered(look)?;
    if is_touched { Err("its user is typing there: try again".to_owned()) } else { Ok(text) }
}

impl WindowManager {
    /// How the terminal of a process is typed into; why that cannot be done, as a clause. What was found
    /// out about processes may be of this `age`: that the pane is the terminal of the process is always
    /// looked up. With no age, a server that did not answer a moment ago is asked as well.
    pub async fn keyboard(&mut self, pid: u32, age: Duration) -> Result<Keyboard, String> {
        if age.is_zero() {
            self.ask_hung_again();
        }
        if self.age_of_facts() >= age {
            self.forget_facts(true);
        }
        let location = self.locate_with_tab(pid).await;
        let step = pane_of(location.as_ref())?;
        mux::check_namespaces(self.proc(), step.server)?;
        let keyboard = Keyboard {
            server: step.server,
            socket: Path::new(&step.pane.socket).to_owned(),
            pane: step.pane.pane_id.clone(),
        };
        let look = keys::look(&keyboard.address()).await?;
        check_foreground(self.proc(), step.server, pid, &look.tty)?;
        Ok(keyboard)
    }
}

/// The pane that a session runs in, if nothing is in between; why none is known, as a clause.
fn pane_of(location: Option<&Location>) -> Result<&TmuxStep, String> {
    if let Some(Step::TmuxPane(step)) = location.and_then(|it| it.route.last()) {
        return Ok(step);
    }
    // It may well be in a pane: its server does not tell.
    if let Some(Obstacle::Unasked(why)) = location.and_then(|it| it.obstacle.as_ref()) {
        return Err(why.clone());
    }
    Err("it is not known to run in a pane of tmux, and no other terminal is typed into".to_owned())
}

/// Whether what is typed into the terminal `tty` of the server reaches this process.
fn check_foreground(proc: &ProcFiles, server: u32, pid: u32, tty: &str) -> Result<(), String> {
    let terminal = proc.devpts(server).zip(pts_number(Path::new(tty)));
    let terminal = terminal.map(|(instance, number)| Pts { instance, number });
    if terminal.is_none() || proc.terminal(pid) != terminal {
        return Err("another program is between its pane and the session".to_owned());
    }
    match proc.is_in_foreground(pid) {
        true => Ok(()),
        false => Err("it is not in the foreground of its terminal".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_answer_is_not_taken_for_none() {
        let unasked = Obstacle::Unasked("tmux did not answer".to_owned());
        let location = Location::nowhere(unasked, "tmux did not answer");
        assert_eq!(pane_of(Some(&location)), Err("tmux did not answer".to_owned()));
        let no_window = Obstacle::NoWindow("it has no window".to_owned());
        for location in [Some(&Location::nowhere(no_window, "it has no window")), None] {
            assert!(pane_of(location).is_err_and(|why| why.contains("pane of tmux")));
        }
    }
}
