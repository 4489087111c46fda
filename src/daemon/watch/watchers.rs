//! Two watchers of files: one of those that tell states, and one of all others, which may change all the
//! time. What is left to gather there (`BURST_INTERVAL`) would make a state wait, too.

use super::interest::Interest;
use super::{FileChanges, WatchEvent, Watcher};
use crate::daemon::blocking::thread_pool::ThreadPool;
use crate::session::shared::SharedPath;
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long no events of session files are read after a batch of them: one is written in several steps,
/// and none all the time.
const STATE_INTERVAL: Duration = Duration::from_millis(1);

/// How long no events of other files are read after a batch of them, so that a burst is read at once.
const BURST_INTERVAL: Duration = Duration::from_millis(4);

/// Watches files, each for one or several interests.
pub struct Watchers {
    states: Watcher,
    others: Watcher,
}

/// What [`Watchers::next`] waited for.
pub enum WatchNews {
    /// News of session files.
    OfStates(WatchEvent),
    /// News of other files.
    OfOthers(WatchEvent),
}

impl Watchers {
    /// Watches no files. Watches are registered on threads of `pool`.
    pub fn new(pool: &ThreadPool) -> Watchers {
        Watchers {
            states: Watcher::new(pool.clone(), STATE_INTERVAL),
            others: Watcher::new(pool.clone(), BURST_INTERVAL),
        }
    }

    /// Why not everything is watched, in one line; `None` when all is well.
    pub fn problem(&self) -> Option<&str> {
        self.states.problem().or_else(|| self.others.problem())
    }

    /// Whether all changes are reported.
    pub fn is_complete(&self, now: Instant) -> bool {
        self.states.is_complete(now) && self.others.is_complete(now)
    }

    /// A path that is not watched yet because its file system hangs.
    pub fn hanging(&self, now: Instant) -> Option<&Path> {
        self.states.hanging(now).or_else(|| self.others.hanging(now))
    }

    /// From now on watches these paths for `interest`, and no others. A path that ends in `/` is a
    /// directory, in which every name matters.
    pub fn set(&mut self, interest: Interest, paths: &[SharedPath], now: Instant) {
        let (states, others): (Vec<_>, Vec<_>) =
            paths.iter().cloned().partition(|path| tells_state(path));
        self.states.set(interest, &states, now);
        self.others.set(interest, &others, now);
    }

    /// Looks whether the paths of session files still lead to the directories that are watched: no event
    /// tells that a link was turned, or that a directory further up was moved. Where they do not, the
    /// other files of those sessions are looked for anew as well.
    pub fn check_paths(&mut self, now: Instant) {
        self.states.check_paths(now);
    }

    /// Requests again what could not be watched: no event tells when it can.
    pub fn retry_broken(&mut self, now: Instant) {
        self.states.retry_broken(now);
        self.others.retry_broken(now);
    }

    /// Waits for changes, those of session files first. Cancel safe.
    pub async fn next(&mut self) -> WatchNews {
        tokio::select! {
            biased;
            event = self.states.next() => WatchNews::OfStates(event),
            event = self.others.next() => WatchNews::OfOthers(event),
        }
    }

    /// What the news of [`Watchers::next`] mean.
    pub fn take(&mut self, news: WatchNews, now: Instant) -> FileChanges {
        match news {
            WatchNews::OfStates(event) => {
                let changes = self.states.take(event, now);
                for interest in self.states.take_moved() {
                    self.others.watch_again(interest, now);
                }
                changes
            }
            WatchNews::OfOthers(event) => self.others.take(event, now),
        }
    }
}

/// Whether this is a session file, `sessions/<pid>.json`, or the directory of them.
fn tells_state(path: &Path) -> bool {
    let is_sessions = |it: &Path| it.file_name() == Some(OsStr::new("sessions"));
    is_sessions(path) || path.parent().is_some_and(is_sessions)
}

/// For the log.
impl fmt::Display for WatchNews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WatchNews::OfStates(event) => write!(f, "session files: {event}"),
            WatchNews::OfOthers(event) => event.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::process::ProcessId;
    use std::fs;

    /// What the next news mean.
    async fn changes(watchers: &mut Watchers, now: Instant) -> FileChanges {
        let news = watchers.next().await;
        watchers.take(news, now)
    }

    /// Waits until all watches are there.
    async fn registered(watchers: &mut Watchers, now: Instant) {
        while !(watchers.states.is_registered() && watchers.others.is_registered()) {
            changes(watchers, now).await;
        }
    }

    #[test]
    fn session_files_and_their_directory_tell_states() {
        let tells = |path: &str| tells_state(Path::new(path));
        assert!(tells("/h/.claude/sessions/7.json") && tells("/h/.claude/sessions/"));
        let others =
            ["/h/.claude/projects/-w/a.jsonl", "/h/.claude/projects/-w/", "/", "sessions.json"];
        assert!(others.iter().all(|it| !tells(it)));
    }

    #[tokio::test]
    async fn where_a_session_file_lies_elsewhere_so_do_the_other_files() {
        let dir = tempfile::tempdir().unwrap();
        let session = Interest::Session(ProcessId { pid: 7, start: 1 });
        let paths = ["link/sessions/7.json", "link/projects/x.jsonl"].map(|it| dir.path().join(it));
        let turn = |to: &str| {
            fs::create_dir_all(dir.path().join(to).join("sessions")).unwrap();
            fs::create_dir_all(dir.path().join(to).join("projects")).unwrap();
            let _ = fs::remove_file(dir.path().join("link"));
            std::os::unix::fs::symlink(to, dir.path().join("link")).unwrap();
        };
        turn("one");
        let mut watchers = Watchers::new(&ThreadPool::new("test", Default::default()));
        let now = Instant::now();
        watchers.set(session, &paths.each_ref().map(|it| it.as_path().into()), now);
        registered(&mut watchers, now).await;
        turn("two");
        watchers.check_paths(now);
        // Whatever is told by then is that the watches are there.
        registered(&mut watchers, now).await;
        fs::write(&paths[1], "x").unwrap();
        while !changes(&mut watchers, now).await.files.contains(&(session, "x.jsonl".into())) {}
    }

    #[tokio::test]
    async fn a_state_does_not_wait_for_what_is_left_to_gather() {
        let dir = tempfile::tempdir().unwrap();
        let session = Interest::Session(ProcessId { pid: 7, start: 1 });
        let paths = ["sessions/7.json", "projects/x.jsonl"].map(|it| dir.path().join(it));
        paths.iter().for_each(|it| fs::create_dir(it.parent().unwrap()).unwrap());
        let mut watchers = Watchers::new(&ThreadPool::new("test", Default::default()));
        let now = Instant::now();
        watchers.set(session, &paths.each_ref().map(|it| it.as_path().into()), now);
        registered(&mut watchers, now).await;
        // Nothing more is read of the others for an hour.
        watchers.others.read_after = Some(Instant::now() + Duration::from_secs(3600));
        paths.iter().rev().for_each(|it| fs::write(it, "x").unwrap());
        let changes = changes(&mut watchers, now).await;
        assert!(changes.files.contains(&(session, "7.json".into())), "{changes:?}");
    }
}
