//! The configuration in force: read at the start, and again on a change or SIGHUP. One that cannot be
//! used is reported, and the one before stays in force.

use crate::config::{Config, ConfigError, Warning};
use crate::daemon::blocking::pending::{self, PendingCall};
use crate::daemon::blocking::thread_pool::ThreadPool;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long after a change the file is read: an editor may write it in several steps.
pub const EDIT_PAUSE: Duration = Duration::from_millis(50);

/// The result of reading the file.
pub type LoadResult = Result<(Config, Vec<Warning>), ConfigError>;

/// The configuration in force, and the read that is under way.
pub struct ConfigState {
    path: PathBuf,
    /// Threads that read the file.
    pool: ThreadPool,
    /// The configuration in force.
    pub current: Config,
    /// What is wrong with the file as it was last read, in one line.
    problem: Option<String>,
    loading: Option<PendingCall<LoadResult>>,
    /// Whether the file changed while it was being read.
    is_outdated: bool,
}

impl ConfigState {
    /// Begins to read `path` for the first time, on a thread of `pool`. Until it is read, the defaults
    /// hold.
    pub fn open(path: PathBuf, pool: ThreadPool, now: Instant) -> ConfigState {
        let mut state = ConfigState {
            path,
            pool,
            current: Config::default(),
            problem: None,
            loading: None,
            is_outdated: false,
        };
        state.reload(Duration::ZERO, now);
        state
    }

    /// Waits for the first read. A file that does not answer in time is put in force when it does.
    pub async fn opened(&mut self) {
        if let Some(loading) = &mut self.loading
            && let Some(loaded) = loading.in_time().await
        {
            self.loading = None;
            self.apply(loaded);
        }
    }

    /// What is wrong with the file as it was last read, in one line.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Reads the file again after `pause`; [`ConfigState::loaded`] returns the result.
    pub fn reload(&mut self, pause: Duration, now: Instant) {
        if self.loading.is_some() {
            self.is_outdated = true;
            return;
        }
        let (sender, result) = oneshot::channel();
        let (path, pool) = (self.path.clone(), self.pool.clone());
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            if let Ok(loaded) = pool.call(move || Config::load(&path)).await {
                let _ = sender.send(loaded);
            }
        });
        self.loading = Some(PendingCall::of(now, result));
    }

    /// The read has not begun, for want of a thread.
    pub fn restart(&mut self, now: Instant) {
        self.loading.iter_mut().for_each(|loading| loading.restart(now));
    }

    /// Whether reading the file takes too long; true only for the first call that finds it so.
    pub fn becomes_overdue(&mut self, now: Instant) -> bool {
        self.loading.as_mut().is_some_and(|loading| loading.becomes_overdue(now))
    }

    /// When that will be so.
    pub fn deadline(&self, now: Instant) -> Option<Instant> {
        self.loading.as_ref()?.deadline(now)
    }

    /// Waits for the file to be read, for [`ConfigState::take`]; for ever if no read is under way.
    /// Cancel safe.
    pub async fn loaded(&mut self) -> Option<LoadResult> {
        pending::completed(&mut self.loading).await
    }

    /// Puts the result of a read in force, if it can be; `None` changes nothing. Reads the file again
    /// if it has changed meanwhile.
    pub fn take(&mut self, loaded: Option<LoadResult>, now: Instant) {
        if std::mem::take(&mut self.is_outdated) {
            self.reload(EDIT_PAUSE, now);
        }
        if let Some(loaded) = loaded {
            self.apply(loaded);
        }
    }

    fn apply(&mut self, loaded: LoadResult) {
        match loaded {
            Ok((config, warnings)) => {
                self.current = config;
                self.problem = summary(&self.path, &warnings);
            }
            Err(error) => self.problem = Some(error.to_string()),
        }
    }
}

fn summary(path: &Path, warnings: &[Warning]) -> Option<String> {
    let first = warnings.first()?;
    let more = match warnings.len() {
        1 => String::new(),
        all => format!(" (and {} more)", all - 1),
    };
    Some(format!("{}: {first}{more}", path.display()))
}
