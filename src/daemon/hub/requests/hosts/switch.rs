//! `switch` to sessions of other hosts.

use crate::daemon::desktop::far_switch::FarSwitch;
use crate::daemon::hub::Hub;
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use std::collections::HashMap;

impl Hub {
    /// How those of these sessions are gone to that run on other hosts.
    pub(in crate::daemon::hub::requests) fn far_switches(
        &self,
        targets: &[SessionInfo],
    ) -> HashMap<SessionKey, FarSwitch> {
        let far_switch = |session: &SessionInfo| {
            let (key, host) = (session.key(), session.host?);
            let destination = self.config.current.hosts.get(&host)?.ssh.clone();
            let (desktop, host) = (self.desktop.clone(), self.hosts.asker(host));
            let may_probe = self.config.current.switch.title_probe;
            Some((key, FarSwitch { desktop, host, destination, key, may_probe }))
        };
        targets.iter().filter_map(far_switch).collect()
    }
}
