//! Going to a session of another host: its vmuxd says what carries it, the window here gets the focus,
//! and its vmuxd selects the pane.

use super::{DesktopHandle, task_has_ended};
use crate::daemon::hosts::HostAsker;
use crate::protocol::request::{MarkRequest, QueryRequest, Request, SelectRequest};
use crate::protocol::response::Response;
use crate::session::key::SessionKey;
use crate::session::place::Pane;
use crate::session::place::carrier::{Carrier, Carriers, TmuxSession};
use crate::session::process::ProcessId;
use crate::session::state::Confidence;
use crate::wm::carrier::near::Holder;
use crate::wm::switch::marked::Marked;
use crate::wm::switch::outcome::{SwitchError, SwitchOptions, Switched};
use crate::wm::terminal::title_mark;
use std::ops::Range;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::sleep;

/// Pauses before each look for the window of a terminal that was opened, in milliseconds: 5 s in all,
/// for a new ssh takes a quarter of a second, and a terminal as much.
const PAUSES_MS: &[u64] = &[150, 150, 200, 200, 300, 300, 400, 400, 500, 700, 800, 900];

/// How often a title is written in one switch: where no window shows it each takes a second, and a
/// client waits for ten.
const MAX_PROBES: u32 = 3;

/// How a session of another host is gone to.
#[derive(Debug, Clone)]
pub struct FarSwitch {
    /// The window manager.
    pub desktop: DesktopHandle,
    /// The vmuxd there.
    pub host: HostAsker,
    /// What ssh is given to reach it.
    pub destination: String,
    /// The session.
    pub key: SessionKey,
    /// Whether a title may be written to the terminals there, to find a window that nothing else tells.
    pub may_probe: bool,
}

impl FarSwitch {
    /// Brings the session into view.
    pub async fn run(&self, options: &SwitchOptions) -> Result<Switched, SwitchError> {
        let told = self.carriers().await?;
        let mut probes = 0..MAX_PROBES;
        let shown = match told.carriers.is_empty() {
            true => Err(SwitchError::NoWindow("no connection shows it at another host".to_owned())),
            false => self.show(&told, &mut probes).await,
        };
        let is_shown = shown.as_ref().map_or_else(SwitchError::is_near, |_| true);
        match (&told.tmux, &options.attach) {
            (Some(tmux), Some(terminal)) if !is_shown => {
                self.attach(tmux, terminal.clone(), probes).await
            }
            (Some(tmux), None) if told.carriers.is_empty() => {
                Err(SwitchError::Detached(Box::new(pane(tmux))))
            }
            _ => shown,
        }
    }

    async fn carriers(&self) -> Result<Carriers, SwitchError> {
        let query = self.key.process.to_string();
        let reply = self.ask(Request::Carriers(QueryRequest { query })).await?;
        reply.carriers.map(|it| *it).ok_or_else(|| {
            SwitchError::NoWindow("the vmux there is too old to say what carries it".to_owned())
        })
    }

    /// Asks the vmuxd there. A refusal is an error.
    async fn ask(&self, request: Request) -> Result<Response, SwitchError> {
        let reply = self.host.ask(&request).await;
        match reply.ok {
            true => Ok(reply),
            false => Err(SwitchError::Far(reply.error.unwrap_or_default())),
        }
    }

    /// Goes to the first window that shows what one of the carriers carries.
    async fn show(
        &self,
        told: &Carriers,
        probes: &mut Range<u32>,
    ) -> Result<Switched, SwitchError> {
        let mut failed = None;
        for (carrier, holder) in self.holders(told).await? {
            let is_known = matches!(holder, Holder::Process(..));
            if !is_known
                && self.may_probe
                && probes.next().is_some()
                && let Some(marked) = self.find_by_title(&carrier).await?
            {
                return self.go_to_marked(&carrier, marked).await;
            }
            let shown = match holder {
                Holder::Process(pid, confidence) => self.go(&carrier, pid, confidence).await,
                Holder::OneOf(pids, why) => {
                    self.select(&carrier).await?;
                    let switched = self.desktop.switch_to_one_of(pids, why).await;
                    switched.unwrap_or_else(|_| Err(task_has_ended()))
                }
                Holder::Unknown(why) => Err(SwitchError::NoWindow(why)),
            };
            match shown {
                Err(error) if !error.is_near() => drop(failed.get_or_insert(error)),
                shown => return shown,
            }
        }
        Err(failed.unwrap_or_else(|| SwitchError::NoWindow("nothing carries it".to_owned())))
    }

    async fn holders(&self, told: &Carriers) -> Result<Vec<(Carrier, Holder)>, SwitchError> {
        let holders = self.desktop.holders(told.clone(), self.destination.clone());
        holders.await.map_err(|_| task_has_ended())
    }

    /// What here takes a title that the vmuxd there writes to the terminal of this carrier. `None` if
    /// nothing does, or if nothing could be written.
    async fn find_by_title(&self, carrier: &Carrier) -> Result<Option<Marked>, SwitchError> {
        let Some(mark) = title_mark::random() else { return Ok(None) };
        let query = self.key.process.to_string();
        let request = MarkRequest { query, carrier: carrier.clone(), mark: mark.clone() };
        if let Err(error) = self.ask(Request::Mark(request)).await {
            log::info!("no title was written for {}: {error}", self.key);
            return Ok(None);
        }
        self.desktop.find_marked(mark).await.map_err(|_| task_has_ended())
    }

    async fn go_to_marked(
        &self,
        carrier: &Carrier,
        marked: Marked,
    ) -> Result<Switched, SwitchError> {
        let switched = match marked {
            Marked::Pane(pid) => return self.go(carrier, pid, Confidence::Certain).await,
            Marked::Window(con_id) => self.desktop.switch_to_marked(con_id),
        };
        self.join(carrier, switched).await
    }

    /// Focuses the window of the process here, and has the pane selected there, at once.
    async fn go(
        &self,
        carrier: &Carrier,
        pid: u32,
        confidence: Confidence,
    ) -> Result<Switched, SwitchError> {
        // Only the pid counts: the process was found just now.
        let process = ProcessId { pid, start: 0 };
        let switched = self.desktop.switch(process, SwitchOptions::default());
        let mut switched = self.join(carrier, switched).await?;
        switched.place.confidence = switched.place.confidence.min(confidence);
        Ok(switched)
    }

    /// A switch here, and the pane selected there meanwhile.
    async fn join(
        &self,
        carrier: &Carrier,
        switched: oneshot::Receiver<Result<Switched, SwitchError>>,
    ) -> Result<Switched, SwitchError> {
        let (switched, selected) = tokio::join!(switched, self.select(carrier));
        let mut switched = switched.unwrap_or_else(|_| Err(task_has_ended()))?;
        if let Err(error) = selected {
            return Err(SwitchError::Pane(format!("its pane there is not in view: {error}")));
        }
        if let Some(shows) = &carrier.shows {
            let note = format!("a tmux client there was switched from the session {shows}");
            switched.note = Some(match switched.note {
                Some(other) => format!("{other}; {note}"),
                None => note,
            });
        }
        Ok(switched)
    }

    /// Has the panes of the session brought into view in this carrier, unless they are.
    async fn select(&self, carrier: &Carrier) -> Result<(), SwitchError> {
        if carrier.in_view {
            return Ok(());
        }
        let query = self.key.process.to_string();
        let request = SelectRequest { query, carrier: carrier.clone() };
        self.ask(Request::Select(request)).await.map(drop)
    }

    /// Attaches the tmux session in a new terminal here, and goes there.
    async fn attach(
        &self,
        tmux: &TmuxSession,
        terminal: Vec<String>,
        mut probes: Range<u32>,
    ) -> Result<Switched, SwitchError> {
        let command = attach_command(&self.destination, tmux).map_err(SwitchError::Attach)?;
        let opened = self.desktop.open_terminal(terminal, command).await;
        opened.unwrap_or_else(|_| Err(task_has_ended()))?;
        for pause in PAUSES_MS {
            sleep(Duration::from_millis(*pause)).await;
            let told = self.carriers().await?;
            match self.show(&told, &mut probes).await {
                Err(error) if !error.is_near() => {}
                shown => return shown,
            }
        }
        Err(SwitchError::Attach(format!(
            "a terminal was opened, but no window shows the tmux session {} yet",
            tmux.session
        )))
    }
}

/// The command that attaches a tmux session of another host in a terminal here. The path of the program
/// and of the socket, and the id, are words of that host's vmuxd: only such are taken as no shell could
/// read anything else from.
fn attach_command(destination: &str, tmux: &TmuxSession) -> Result<Vec<String>, String> {
    let is_plain = |path: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/._-+@,:=".contains(c);
        path.starts_with('/') && path.len() <= 4096 && path.chars().all(is_allowed)
    };
    let number = tmux.session_id.strip_prefix('$').unwrap_or_default();
    let is_id = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    if !is_plain(&tmux.program) || !is_plain(&tmux.socket) || !is_id {
        return Err("the path of tmux or of its socket there has odd characters".to_owned());
    }
    let (program, socket) = (&tmux.program, &tmux.socket);
    let remote = format!("{program} -S {socket} attach-session -t '{}'", tmux.session_id);
    Ok(["ssh", "-t", "--", destination, &remote].map(str::to_owned).to_vec())
}

/// The pane of a tmux session there, for an error.
fn pane(tmux: &TmuxSession) -> Pane {
    Pane {
        socket: tmux.socket.clone(),
        session_id: tmux.session_id.clone(),
        session: tmux.session.clone(),
        window_id: String::new(),
        pane_id: String::new(),
        client_tty: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tmux(program: &str, socket: &str, id: &str) -> TmuxSession {
        TmuxSession {
            program: program.to_owned(),
            socket: socket.to_owned(),
            session_id: id.to_owned(),
            session: "work".to_owned(),
        }
    }

    #[test]
    fn a_tmux_session_is_attached_by_its_id() {
        let command = attach_command("me@gpu", &tmux("/usr/bin/tmux", "/tmp/tmux-1/d", "$3"));
        let remote = "/usr/bin/tmux -S /tmp/tmux-1/d attach-session -t '$3'";
        assert_eq!(command.unwrap(), ["ssh", "-t", "--", "me@gpu", remote]);
    }

    #[test]
    fn no_word_of_another_host_becomes_a_command() {
        let good = ("/usr/bin/tmux", "/tmp/tmux-1/d", "$3");
        for bad in ["tmux", "/a b", "/a;b", "/a$(b)", "/a'b", "/a\nb", "", "/a`b`", "/a|b", "/ä"] {
            assert!(attach_command("h", &tmux(bad, good.1, good.2)).is_err(), "{bad}");
            assert!(attach_command("h", &tmux(good.0, bad, good.2)).is_err(), "{bad}");
        }
        for bad in ["", "$", "3", "$3;x", "$3'", "$-3", "=x"] {
            assert!(attach_command("h", &tmux(good.0, good.1, bad)).is_err(), "{bad}");
        }
    }
}
