//! The servers of sessions: they are found beside the inspections, and stay until others are.

use super::Registry;
use super::change::Change;
use crate::session::info::server::ServerInfo;
use crate::session::key::SessionKey;

impl Registry {
    /// Takes note of all servers that listen now; those of no known session are left out, and so are
    /// auxiliary ports.
    pub fn set_servers(&mut self, servers: &[ServerInfo]) -> Vec<Change> {
        let is_its = |it: &&ServerInfo, key| it.session == Some(key) && !it.auxiliary;
        let mut changes = Vec::new();
        // What other hosts' sessions serve, their vmuxd tells.
        let is_here = |key: &SessionKey| key.host.is_none();
        let keys: Vec<SessionKey> = self.entries.keys().copied().filter(is_here).collect();
        for key in keys {
            let its = || servers.iter().filter(|it| is_its(it, key));
            if self.get(key).is_some_and(|info| !its().eq(info.servers.iter())) {
                changes.extend(self.edit(key, |info| info.servers = its().cloned().collect()));
            }
        }
        changes
    }
}
