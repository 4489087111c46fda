//! Brings a detached tmux session back, in a new terminal of the user's choice.

use super::outcome::{SwitchError, Switched};
use super::{go, locate};
use crate::session::place::Pane;
use crate::session::sanitize::clean;
use crate::session::state::Confidence;
use crate::wm::locate::location::Location;
use crate::wm::manager::WindowManager;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::sleep;

/// Pauses before each look for the new client, in milliseconds: 6 s in all. tmux does not report
/// that a client has attached, and a terminal opens its window before it runs tmux.
const PAUSES_MS: &[u64] =
    &[60, 40, 50, 50, 100, 100, 100, 200, 300, 500, 500, 1000, 1000, 1000, 1000];

/// Longest command that an error quotes, in characters.
const MAX_QUOTED: usize = 80;

/// Attaches the detached tmux session of `pane` in a new terminal, and goes to it. `terminal` is
/// the terminal's command up to what it is to run, which is the client `tmux`.
pub(in crate::wm) async fn attach(
    wm: &mut WindowManager,
    pid: u32,
    pane: &Pane,
    tmux: &Path,
    terminal: &[String],
) -> Result<Switched, SwitchError> {
    let before: Vec<u64> = wm.windows().iter().map(|row| row.con_id).collect();
    let env = wm.tracker().connection().map(|it| it.env.clone()).unwrap_or_default();
    let attach =
        [&tmux.display().to_string(), "-S", &pane.socket, "attach-session", "-t", &pane.session_id];
    let attach = attach.map(str::to_owned);
    let mut child = start(terminal, &attach, env).map_err(SwitchError::Attach)?;
    let shown = clean(&terminal.join(" "), MAX_QUOTED);
    for pause in PAUSES_MS {
        let ended = ended_within(&mut child, Duration::from_millis(*pause)).await;
        // A terminal that hands over to its server ends at once, and with success.
        if let Some(status) = ended.filter(|status| !status.success()) {
            return Err(ended_at_once(terminal, status));
        }
        wm.read_everything().await.map_err(SwitchError::Unmanaged)?;
        let location = locate(wm, pid).await?;
        if let Some(location) = in_new_window(wm, location, &before) {
            reap(child);
            return go(wm, pid, location, None).await;
        }
    }
    reap(child);
    Err(SwitchError::Attach(format!(
        "{shown} was started, but no window of it shows the tmux session {} yet",
        pane.session
    )))
}

/// The location, if its window is known: among several of one process, the new one.
fn in_new_window(wm: &mut WindowManager, location: Location, before: &[u64]) -> Option<Location> {
    if location.is_known() {
        return Some(location);
    }
    let mut new = location.candidates().iter().filter(|con_id| !before.contains(con_id));
    let (con_id, None) = (*new.next()?, new.next()) else { return None };
    let row = wm.tracker().table().get(con_id)?;
    let how = format!("{}, the one that opened", location.place.how);
    Some(location.in_window(row, how, Confidence::Certain))
}

/// Fails if a terminal that was started ends in vain within this time.
pub(super) async fn check_begun(
    mut child: Child,
    terminal: &[String],
    within: Duration,
) -> Result<(), SwitchError> {
    let ended = ended_within(&mut child, within).await;
    reap(child);
    match ended.filter(|status| !status.success()) {
        Some(status) => Err(ended_at_once(terminal, status)),
        None => Ok(()),
    }
}

fn ended_at_once(terminal: &[String], status: ExitStatus) -> SwitchError {
    let shown = clean(&terminal.join(" "), MAX_QUOTED);
    SwitchError::Attach(format!("{shown} ended at once: {status}"))
}

/// Starts the terminal with a command in it, in a process group of its own: it outlives vmuxd.
pub(super) fn start(
    terminal: &[String],
    shown: &[String],
    env: Vec<(&'static str, String)>,
) -> Result<Child, String> {
    let Some((program, arguments)) = terminal.split_first() else {
        return Err("no terminal to attach the tmux session in is known".into());
    };
    let mut command = Command::new(program);
    command.args(arguments);
    command.args(shown);
    command.env_remove("TMUX").env_remove("TMUX_PANE").process_group(0);
    command.envs(env);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
        .spawn()
        .map_err(|error| format!("{} cannot be run: {error}", clean(program, MAX_QUOTED)))
}

/// How the terminal ended, if it does so within this time. Takes the whole time otherwise.
async fn ended_within(child: &mut Child, pause: Duration) -> Option<ExitStatus> {
    match child.try_wait() {
        // It has ended, but the window of its server still takes time.
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

/// Waits for the end of the child in the background, so that no zombie stays.
fn reap(mut child: Child) {
    tokio::spawn(async move { child.wait().await });
}
