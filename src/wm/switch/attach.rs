//! Brings a detached tmux session back, in a new terminal of the user's choice.

use super::outcome::{SwitchError, Switched};
use crate::session::place::Pane;
use crate::session::sanitize::clean;
use crate::wm::locate::location::Found;
use crate::wm::manager::Desk;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::sleep;

/// Pauses between looks for the new client, in milliseconds: 6 s in all. tmux tells nobody that a
/// client has attached, and a terminal opens its window before it runs tmux.
const LOOKS: &[u64] = &[60, 40, 50, 50, 100, 100, 100, 200, 300, 500, 500, 1000, 1000, 1000, 1000];

impl Desk {
    /// Attaches a detached tmux session in a new terminal, and goes there.
    pub(in crate::wm) async fn attach(
        &mut self,
        pid: u32,
        pane: &Pane,
        terminal: &[String],
    ) -> Result<Switched, SwitchError> {
        let before: Vec<u64> = self.windows().iter().map(|row| row.con_id).collect();
        let env = self.link.as_ref().map(|link| link.env.clone()).unwrap_or_default();
        let mut child = start(terminal, pane, env).map_err(SwitchError::Attach)?;
        let shown = clean(&terminal.join(" "), 80);
        for pause in LOOKS {
            let ended = ended_within(&mut child, Duration::from_millis(*pause)).await;
            // A terminal that hands over to its server ends at once, and well.
            if let Some(status) = ended.filter(|status| !status.success()) {
                return Err(SwitchError::Attach(format!("{shown} ended at once: {status}")));
            }
            self.look_freshly().await.map_err(SwitchError::Unmanaged)?;
            let found = self.locate(pid).await.ok_or(SwitchError::Ended)?;
            if let Some(found) = self.opened(found, &before) {
                reap(child);
                return self.go(pid, found).await;
            }
        }
        reap(child);
        Err(SwitchError::Attach(format!(
            "{shown} was started, but no window of it shows the tmux session {} yet",
            pane.session
        )))
    }

    /// What was found, if the window is known: among several of one process, the new one.
    fn opened(&self, found: Found, before: &[u64]) -> Option<Found> {
        if found.is_known() {
            return Some(found);
        }
        let mut new = found.choices.iter().filter(|con_id| !before.contains(con_id));
        let (con_id, None) = (new.next()?, new.next()) else { return None };
        let row = self.scene.window(*con_id)?;
        let how = format!("{}, the one that opened", found.place.how);
        let window = Found::window(row, how, crate::session::state::Confidence::Certain);
        let mut place = window.place;
        place.pane = found.place.pane;
        Some(Found { place, choices: window.choices, obstacle: None, ..found })
    }
}

/// Starts the terminal, in a process group of its own: it outlives vmuxd.
fn start(
    terminal: &[String],
    pane: &Pane,
    env: Vec<(&'static str, String)>,
) -> Result<Child, String> {
    let Some((program, arguments)) = terminal.split_first() else {
        return Err("no terminal to attach the tmux session in is known".into());
    };
    let mut command = Command::new(program);
    command.args(arguments);
    command.args(["tmux", "-S", &pane.socket, "attach-session", "-t", &pane.session_id]);
    command.env_remove("TMUX").env_remove("TMUX_PANE").process_group(0);
    command.envs(env);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|error| format!("{} cannot be run: {error}", clean(program, 80)))
}

/// How the terminal ended, if it does so within this time; else the time is over.
async fn ended_within(child: &mut Child, pause: Duration) -> Option<ExitStatus> {
    match child.try_wait() {
        // Over already: the pause is still needed for the window of its server.
        Ok(Some(status)) => {
            sleep(pause).await;
            Some(status)
        }
        _ => tokio::select! {
            status = child.wait() => status.ok(),
            () = sleep(pause) => None,
        },
    }
}

/// Waits for its end in the background, so that no zombie stays.
fn reap(mut child: Child) {
    tokio::spawn(async move { child.wait().await });
}
