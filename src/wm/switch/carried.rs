//! For users at other hosts: what carries a session of this host there, and its panes brought into
//! view in one of these carriers.

use super::select_panes;
use crate::session::place::carrier::{Carrier, Carriers, Connection, DetachedTmux};
use crate::wm::carrier::far::{self, CarrierRoute};
use crate::wm::locate::location::{Location, Obstacle};
use crate::wm::locate::snapshot::{MissingFact, Snapshot};
use crate::wm::manager::WindowManager;

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
        let detached = match found.is_empty() {
            true => self.detached(pid).await,
            false => None,
        };
        let carriers = found.into_iter().map(|it| it.carrier).collect();
        Carriers { carriers, asked_over, detached }
    }

    /// Brings the panes that the session runs in into view in `carrier`, which is only compared with
    /// what carries the session now: no word of it reaches a program. The error is a clause.
    pub async fn select_in_carrier(&mut self, pid: u32, carrier: &Carrier) -> Result<(), String> {
        self.forget_facts(true);
        let is_meant = |it: &&CarrierRoute| {
            (&it.carrier.transport, it.carrier.by) == (&carrier.transport, carrier.by)
        };
        let routes = self.carrier_routes(pid).await;
        let Some(found) = routes.iter().find(is_meant) else {
            return Err("it is not shown over that connection any more".to_owned());
        };
        let selected = select_panes(&found.route).await;
        self.forget_facts(true);
        selected
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

    async fn detached(&mut self, pid: u32) -> Option<DetachedTmux> {
        let location: Location = self.locate(pid).await?;
        let Some(Obstacle::Detached { pane, .. }) = &location.obstacle else { return None };
        let server = location.tmux_panes().next()?.server;
        Some(DetachedTmux {
            program: self.mux_program(server, "tmux").display().to_string(),
            socket: pane.socket.clone(),
            session_id: pane.session_id.clone(),
            session: pane.session.clone(),
        })
    }
}
