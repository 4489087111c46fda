//! A new configuration, and what follows from it.

use super::Hub;
use super::problems::ProblemSource;
use crate::daemon::clock::Now;
use crate::daemon::lifecycle::config_reload::LoadResult;
use chrono::TimeDelta;
use std::time::Duration;

impl Hub {
    /// The configuration was read again.
    pub(super) fn take_config(&mut self, loaded: Option<LoadResult>, now: Now) {
        let before = self.config.current.clone();
        let is_read = loaded.is_some();
        self.config.take(loaded, now.monotonic);
        if is_read {
            self.report_config();
        }
        let config = self.config.current.clone();
        if config == before {
            return;
        }
        log::info!("the configuration has changed");
        if config.wm != before.wm || config.switch != before.switch {
            self.configure_desktop();
        }
        self.next_scan = self.next_scan.min(now.monotonic + self.scan_interval());
        self.configure_notifier(now);
        self.configure_urgency_hints();
        if config.hosts != before.hosts {
            self.configure_hosts(now);
        }
    }

    /// Reports what is wrong with the configuration, or that nothing is.
    pub(super) fn report_config(&mut self) {
        self.problems.set(ProblemSource::Config, self.config.problem().map(str::to_owned));
    }

    /// How often to scan: as the command line says, else as the configuration does.
    pub(super) fn scan_interval(&self) -> Duration {
        self.options.interval.unwrap_or(self.config.current.interval)
    }

    /// Tells the desktop task what the configuration says.
    pub(super) fn configure_desktop(&self) {
        let config = &self.config.current;
        self.desktop.configure(config.wm.socket.clone(), config.switch.title_probe);
    }

    /// Starts, configures or ends notifications, as the configuration says.
    pub(super) fn configure_notifier(&mut self, now: Now) {
        let config = self.config.current.notify.clone();
        let limit = TimeDelta::from_std(config.stalled_after).ok().filter(|it| !it.is_zero());
        for change in self.registry.set_stalled_after(limit) {
            self.publish(Some(change));
        }
        if !config.desktop {
            self.problems.clear(ProblemSource::Notifications);
        }
        if config.push.is_none() {
            self.problems.clear(ProblemSource::Push);
        }
        let (sessions, focused) = (self.registry.sessions(), self.registry.focused());
        let hosts = self.host_infos();
        self.notifier.configure(config, sessions, hosts, focused, &self.sender, now);
    }

    /// Marks or unmarks windows, as the configuration says.
    fn configure_urgency_hints(&mut self) {
        let changes = match self.config.current.wm.urgency_hint {
            false => self.urgency_hints.clear(),
            true => {
                let focused = self.registry.focused();
                let hints = &mut self.urgency_hints;
                let update = |it| hints.update(it, focused == Some(it.key()));
                self.registry.sessions().flat_map(update).collect()
            }
        };
        self.set_urgency_hints(changes);
    }
}
