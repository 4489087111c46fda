//! For users at other hosts: what carries a session of this host there, and its panes brought into
//! view in one of these carriers, or a title written there for the window to be found.

use super::select_panes;
use crate::session::place::carrier::{Carrier, Carriers, Connection, TmuxSession};
use crate::wm::carrier::far::{self, CarrierRoute};
use crate::wm::locate::location::{Step, TmuxStep};
use crate::wm::locate::snapshot::{MissingFact, Snapshot};
use crate::wm::locate::visibility::{
    BEHIND_POPUP, IN_BACKGROUND, IN_MODE, is_in_background, may_be_behind_popup,
};
use crate::wm::manager::WindowManager;
use crate::wm::mux::program;
use crate::wm::terminal::title_mark;

impl WindowManager {
    /// What carries the session of the process `pid` to other hosts. `asker` is the client that wants
    /// to know, whose own connection is told too.
    pub async fn carriers(&mut self, pid: u32, asker: Option<u32>) -> Carriers {
        self.forget_facts(true);
        let found = self.carrier_routes(pid).await;
        let asked_over = match asker {
            Some(asker) => self.connection_above(asker).await,
            None => None,
        };
        let tmux = self.tmux_session(pid).await;
        let carriers = found.into_iter().map(|it| it.carrier).collect();
        Carriers { carriers, asked_over, tmux }
    }

    /// Brings the panes that the session runs in into view in `carrier`, which is only compared with
    /// what carries the session now: no word of it reaches a program. The error is a clause: also if a
    /// pane shows copy mode or the like instead, or may show a popup.
    pub async fn select_in_carrier(&mut self, pid: u32, carrier: &Carrier) -> Result<(), String> {
        self.forget_facts(true);
        let found = self.carrier_route(pid, carrier).await?;
        let selected = select_panes(&found.route).await;
        let behind_popup = self.with_facts(|it| may_be_behind_popup(it, &found.route)).await;
        let in_background = self.with_facts(|it| is_in_background(it, pid, 0)).await;
        self.forget_facts(true);
        selected?;
        if in_background {
            return Err(format!("it {IN_BACKGROUND}"));
        }
        if behind_popup {
            return Err(format!("it {BEHIND_POPUP}"));
        }
        let is_in_mode = |step: &Step| matches!(step, Step::TmuxPane(pane) if pane.in_mode);
        match found.route.iter().any(is_in_mode) {
            true => Err(format!("it {IN_MODE}")),
            false => Ok(()),
        }
    }

    /// Gives the terminal at the end of `carrier` a title with a mark for a second, whatever is in
    /// view there. `carrier` is only compared, too. The error is a clause.
    pub async fn mark_carrier(
        &mut self,
        pid: u32,
        carrier: &Carrier,
        mark: &str,
    ) -> Result<(), String> {
        let title = title_mark::title(mark).ok_or("that is no mark")?;
        self.forget_facts(true);
        let found = self.carrier_route(pid, carrier).await?;
        let terminal = self.proc().terminal(found.below).and_then(|it| it.open(true));
        let terminal = terminal.ok_or("its terminal cannot be written to")?;
        title_mark::show(terminal, &title).map_err(|error| format!("its terminal: {error}"))
    }

    async fn carrier_route(&mut self, pid: u32, carrier: &Carrier) -> Result<CarrierRoute, String> {
        let is_meant = |it: &CarrierRoute| {
            (&it.carrier.transport, it.carrier.by) == (&carrier.transport, carrier.by)
        };
        let found = self.carrier_routes(pid).await.into_iter().find(is_meant);
        found.ok_or_else(|| "it is not shown over that connection any more".to_owned())
    }

    async fn carrier_routes(&mut self, pid: u32) -> Vec<CarrierRoute> {
        self.with_facts(|snapshot| far::carriers(snapshot, pid)).await
    }

    async fn connection_above(&mut self, pid: u32) -> Option<Connection> {
        self.with_facts(|snapshot| far::connection(snapshot, pid)).await
    }

    /// The result of a function of the facts, once all are there that it needs.
    async fn with_facts<T>(&mut self, of: impl Fn(Snapshot) -> Result<T, MissingFact>) -> T {
        loop {
            match of(self.snapshot(false)) {
                Ok(result) => return result,
                Err(missing) => self.fetch(missing).await,
            }
        }
    }

    async fn tmux_session(&mut self, pid: u32) -> Option<TmuxSession> {
        let location = self.locate(pid).await?;
        let TmuxStep { server, pane, .. } = location.innermost_pane()?;
        Some(TmuxSession {
            program: program::of_server(self.proc(), *server, "tmux").display().to_string(),
            socket: pane.socket.clone(),
            session_id: pane.session_id.clone(),
            session: pane.session.clone(),
        })
    }
}
