//! The configuration in force: read at the start, and again on a change or SIGHUP. One that cannot
//! be used is told, and leaves the one of before in force.

use super::blocking::pending::{self, Errand};
use super::hub::Hub;
use crate::config::{Config, ConfigError, Warning};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// An editor may write a file in several steps.
pub(super) const EDITING: Duration = Duration::from_millis(50);

/// What reading it came to.
pub(super) type Loaded = Result<(Config, Vec<Warning>), ConfigError>;

/// The configuration, and where it is.
#[derive(Debug)]
pub struct Settings {
    path: PathBuf,
    /// What holds now.
    pub config: Config,
    loading: Option<Errand<Loaded>>,
    /// It changed while it was being read.
    again: bool,
}

impl Settings {
    /// Read `path` for the first time; what is wrong with it, in a line. Where it does not answer,
    /// all is as usual until it does.
    pub async fn open(path: PathBuf) -> (Settings, Result<(), String>) {
        let config = Config::default();
        let mut settings = Settings { path, config, loading: None, again: false };
        settings.reload(Duration::ZERO);
        let Some(loading) = &mut settings.loading else { return (settings, Ok(())) };
        let Some(loaded) = loading.in_time().await else { return (settings, Ok(())) };
        settings.loading = None;
        let problem = settings.take(loaded);
        (settings, problem)
    }

    /// Read it again after `pause`. Meanwhile `loaded` has something to wait for.
    pub fn reload(&mut self, pause: Duration) {
        if self.loading.is_some() {
            self.again = true;
            return;
        }
        let (done, loaded) = oneshot::channel();
        let path = self.path.clone();
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            let load = tokio::task::spawn_blocking(move || Config::load(&path));
            if let Ok(result) = load.await {
                let _ = done.send(result);
            }
        });
        self.loading = Some(Errand::new(loaded));
    }

    /// Whether reading it takes too long, for the first time that somebody asks.
    pub(super) fn turns_late(&mut self, at: Instant) -> bool {
        self.loading.as_mut().is_some_and(|loading| loading.turns_late(at))
    }

    /// When that will be so.
    pub(super) fn due(&self, at: Instant) -> Option<Instant> {
        self.loading.as_ref()?.due(at)
    }

    /// Wait until it was read; for ever if nobody asked for that.
    pub(super) async fn loaded(&mut self) -> Option<Loaded> {
        let loaded = pending::done(&mut self.loading).await;
        if std::mem::take(&mut self.again) {
            self.reload(EDITING);
        }
        loaded
    }

    /// Put it in force, if it can be; what is wrong with it, in a line.
    fn take(&mut self, loaded: Loaded) -> Result<(), String> {
        let (config, warnings) = loaded.map_err(|error| error.to_string())?;
        self.config = config;
        match told(&self.path, &warnings) {
            None => Ok(()),
            Some(warning) => Err(warning),
        }
    }
}

impl Hub {
    /// The configuration was read again.
    pub(super) fn take_settings(&mut self, loaded: Option<Loaded>) {
        let Some(loaded) = loaded else { return };
        let before = self.settings.config.clone();
        let problem = self.settings.take(loaded);
        self.note_problem("config", problem);
        let config = &self.settings.config;
        if *config == before {
            return;
        }
        log::info!("the configuration has changed");
        if config.wm != before.wm || config.switch != before.switch {
            self.desktop.configure(config.wm.socket.clone(), config.switch.title_probe);
        }
        self.next_scan = self.next_scan.min(Instant::now() + self.interval());
        self.configure_notifier();
        self.configure_urgency();
    }

    /// How often to scan: as the command line says, else as the configuration does.
    pub(super) fn interval(&self) -> Duration {
        self.options.interval.unwrap_or(self.settings.config.interval)
    }
}

fn told(path: &Path, warnings: &[Warning]) -> Option<String> {
    let first = warnings.first()?;
    let more = match warnings.len() {
        1 => String::new(),
        all => format!(" (and {} more)", all - 1),
    };
    Some(format!("{}: {first}{more}", path.display()))
}
