//! Threads for work that may block, so that no loop ever waits for a disk.
//!
//! One thread does it all as long as every file system answers. When one hangs (a dead network
//! mount, a stuck FUSE server), the thread on it is lost for now; [`ThreadPool::add_worker`] then
//! starts another one, up to [`MAX_THREADS`].
//!
//! The system may have no thread to give (`ulimit -u`, `TasksMax`, `pids.max`). Then jobs wait, and
//! [`super::threads::Threads`] tries again.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Instant;
use tokio::sync::{Notify, oneshot};

/// The most threads of one pool: so many jobs, less one, may be lost on hanging file systems.
pub const MAX_THREADS: usize = 64;

/// A job says when its thread is to wake by itself, for a job of that time ([`ThreadPool::run_at`]).
type Job = Box<dyn FnOnce() -> Option<Instant> + Send>;

/// The threads and their queue. When the last clone is dropped, each thread ends after its job.
#[derive(Clone)]
pub struct ThreadPool {
    state: Arc<PoolState>,
    _close_on_drop: Arc<CloseOnDrop>,
}

/// What the threads of a pool share.
pub(super) struct PoolState {
    name: &'static str,
    queue: Mutex<JobQueue>,
    wake: Condvar,
    /// Told when a thread could not be started.
    failed: Arc<Notify>,
}

#[derive(Default)]
struct JobQueue {
    jobs: VecDeque<Job>,
    /// What can wait until there are no other jobs.
    later: VecDeque<Job>,
    /// What is to run at a time.
    timed: Option<(Instant, Job)>,
    /// When the thread that is idle wakes by itself.
    wake_at: Option<Instant>,
    workers: usize,
    idle: usize,
    /// How many jobs have ended.
    ended: u64,
    /// A thread is needed, and could not be started.
    is_starved: bool,
    closed: bool,
}

impl JobQueue {
    /// How many jobs wait for a thread.
    fn waiting(&self) -> usize {
        self.jobs.len() + self.later.len()
    }

    /// It is `then`: what was to run by now waits for a thread.
    fn reach(&mut self, then: Instant) {
        let due = self.timed.take_if(|(at, _)| *at <= then);
        self.jobs.extend(due.map(|(_, job)| job));
        self.wake_at = self.timed.as_ref().map(|(at, _)| *at);
    }
}

/// Closes the queue once no [`ThreadPool`] is left that could add jobs.
struct CloseOnDrop(Arc<PoolState>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.with_queue(|queue| queue.closed = true);
        self.0.wake.notify_all();
    }
}

impl PoolState {
    /// The queue holds no invariant that a panic elsewhere could break, so a poisoned lock is used
    /// like any other.
    fn with_queue<T>(&self, act: impl FnOnce(&mut JobQueue) -> T) -> T {
        act(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Starts a thread that could not be started before, if it is still needed.
    pub(super) fn retry(self: &Arc<PoolState>) -> io::Result<()> {
        let is_needed = self.with_queue(|queue| {
            queue.is_starved &= queue.waiting() > 0;
            queue.is_starved
        });
        if is_needed { self.spawn_worker() } else { Ok(()) }
    }

    fn spawn_worker(self: &Arc<PoolState>) -> io::Result<()> {
        self.with_queue(|queue| queue.workers += 1);
        let state = Arc::clone(self);
        let builder = thread::Builder::new().name(self.name.to_owned()).stack_size(512 * 1024);
        let spawned = builder.spawn(move || work(&state));
        self.with_queue(|queue| {
            queue.is_starved = spawned.is_err();
            queue.workers -= usize::from(spawned.is_err());
        });
        spawned.map(drop)
    }

    /// The same for a thread that is needed now; where it cannot be started, a later try follows.
    fn spawn_needed(self: &Arc<PoolState>) -> bool {
        let spawned = self.spawn_worker().is_ok();
        if !spawned {
            self.failed.notify_one();
        }
        spawned
    }
}

impl ThreadPool {
    /// A pool without threads, which will be called `name`; the first job starts the first one.
    /// `failed` is told when one cannot be started.
    pub fn new(name: &'static str, failed: Arc<Notify>) -> ThreadPool {
        let (queue, wake) = (Mutex::default(), Condvar::new());
        let state = Arc::new(PoolState { name, queue, wake, failed });
        let close_on_drop = Arc::new(CloseOnDrop(Arc::clone(&state)));
        ThreadPool { state, _close_on_drop: close_on_drop }
    }

    /// Runs `job` as soon as a thread is free. Never blocks.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        self.add(|queue| queue.jobs.push_back(boxed(None, job)));
    }

    /// The same. When it is done its thread knows that a job follows at `next`, and wakes for that by
    /// itself.
    pub fn run_before(&self, next: Instant, job: impl FnOnce() + Send + 'static) {
        self.add(|queue| queue.jobs.push_back(boxed(Some(next), job)));
    }

    /// Runs `job` at `then`, or when a thread is free after that, in place of any other that was to run
    /// at a time; another one follows it at `next`. No thread is woken now if one wakes by itself.
    /// Never blocks.
    pub fn run_at(&self, then: Instant, next: Instant, job: impl FnOnce() + Send + 'static) {
        let (is_first, knows) = self.state.with_queue(|queue| {
            queue.timed = Some((then, boxed(Some(next), job)));
            let knows = queue.wake_at.is_some_and(|it| it <= then);
            queue.wake_at = if knows { queue.wake_at } else { Some(then) };
            (queue.workers == 0, knows)
        });
        if is_first {
            self.state.spawn_needed();
        } else if !knows {
            self.state.wake.notify_one();
        }
    }

    /// The same after all jobs of [`ThreadPool::run`], also after those that come meanwhile.
    pub fn run_later(&self, job: impl FnOnce() + Send + 'static) {
        self.add(|queue| queue.later.push_back(boxed(None, job)));
    }

    fn add(&self, push: impl FnOnce(&mut JobQueue)) {
        let (is_first, is_only) = self.state.with_queue(|queue| {
            push(queue);
            (queue.workers == 0, queue.waiting() == 1)
        });
        if is_first {
            self.state.spawn_needed();
        } else if is_only {
            // With others before it, a thread was woken for these, or all are busy.
            self.state.wake.notify_one();
        }
    }

    /// Runs `work` at once, on another thread if the others are busy, and returns where its result
    /// comes. Never blocks. No result comes if `work` panics.
    pub fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (sender, result) = oneshot::channel();
        // Whoever waits for the result may have given up by then.
        let job = move || drop(sender.send(work()));
        let is_needed = self.state.with_queue(|queue| {
            queue.jobs.push_back(boxed(None, job));
            queue.waiting() > queue.idle && queue.workers < MAX_THREADS
        });
        if is_needed {
            self.state.spawn_needed();
        } else {
            self.state.wake.notify_one();
        }
        result
    }

    /// The same, but here and now if there is no thread at all, and none can be started: for what
    /// must be done before the loop runs, and after it.
    pub fn call_or_run_here<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        if self.state.with_queue(|queue| queue.workers > 0) {
            return self.call(work);
        }
        let (sender, result) = oneshot::channel();
        let job = boxed(None, move || drop(sender.send(work())));
        self.state.with_queue(|queue| queue.jobs.push_back(job));
        if self.state.spawn_worker().is_err()
            && let Some(job) = self.state.with_queue(|queue| queue.jobs.pop_back())
        {
            job();
        }
        result
    }

    /// How many jobs wait.
    pub fn backlog(&self) -> usize {
        self.state.with_queue(|queue| queue.waiting())
    }

    /// Whether jobs wait for a thread that cannot be started.
    pub fn is_starved(&self) -> bool {
        self.state.with_queue(|queue| queue.is_starved && queue.waiting() > 0)
    }

    /// How many jobs have ended so far.
    pub fn ended(&self) -> u64 {
        self.state.with_queue(|queue| queue.ended)
    }

    /// Starts another thread if jobs wait and no thread is free; true if it did.
    pub fn add_worker(&self) -> bool {
        let is_needed = self.state.with_queue(|queue| {
            queue.waiting() > 0 && queue.idle == 0 && queue.workers < MAX_THREADS
        });
        is_needed && self.state.spawn_needed()
    }

    /// For [`super::threads::Threads`].
    pub(super) fn state(&self) -> &Arc<PoolState> {
        &self.state
    }
}

fn boxed(next: Option<Instant>, job: impl FnOnce() + Send + 'static) -> Job {
    Box::new(move || {
        job();
        next
    })
}

fn work(state: &PoolState) {
    while let Some(job) = next_job(state) {
        // A job that panics is a bug of ours; it must not take the other sessions with it.
        let next =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).unwrap_or_else(|_| {
                log::error!("work on files failed, please report this");
                None
            });
        state.with_queue(|queue| {
            queue.ended += 1;
            if next.is_some() {
                // A job for a time may have come meanwhile.
                let timed = queue.timed.as_ref().map(|(at, _)| *at);
                queue.wake_at = next.into_iter().chain(timed).min();
            }
        });
    }
    state.with_queue(|queue| queue.workers -= 1);
}

/// Waits for a job; `None` when this thread is no longer needed.
fn next_job(state: &PoolState) -> Option<Job> {
    let mut queue = state.queue.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(job) = queue.jobs.pop_front().or_else(|| queue.later.pop_front()) {
            return Some(job);
        }
        // A thread that returns from a hanging file system finds another one in its place.
        if queue.closed || queue.idle > 0 {
            return None;
        }
        queue.idle += 1;
        queue = match queue.wake_at {
            None => state.wake.wait(queue).unwrap_or_else(PoisonError::into_inner),
            Some(then) => {
                let left = then.saturating_duration_since(Instant::now());
                let waited = state.wake.wait_timeout(queue, left);
                let (mut queue, waited) = waited.unwrap_or_else(PoisonError::into_inner);
                if waited.timed_out() {
                    queue.reach(then);
                }
                queue
            }
        };
        queue.idle -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::blocking::on_panic::OnPanic;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn what_can_wait_waits_for_what_comes_after_it() {
        let pool = ThreadPool::new("test", Arc::default());
        let (release, hang) = mpsc::channel::<()>();
        let (began, begun) = mpsc::channel();
        pool.run(move || {
            began.send(()).unwrap();
            hang.recv().unwrap();
        });
        begun.recv().unwrap();
        let (done, finished) = mpsc::channel();
        for number in 1..=2 {
            let (first, second) = (done.clone(), done.clone());
            pool.run_later(move || first.send(("later", number)).unwrap());
            pool.run(move || second.send(("soon", number)).unwrap());
        }
        assert_eq!(pool.backlog(), 4);
        release.send(()).unwrap();
        let order: Vec<_> = finished.iter().take(4).collect();
        assert_eq!(order, [("soon", 1), ("soon", 2), ("later", 1), ("later", 2)]);
    }

    #[test]
    fn a_hanging_job_holds_up_no_other_once_there_is_another_worker() {
        let pool = ThreadPool::new("test", Arc::default());
        let (release, hang) = mpsc::channel::<()>();
        let (done, finished) = mpsc::channel();
        let (began, begun) = mpsc::channel();
        pool.run(move || {
            began.send(()).unwrap();
            let _ = hang.recv();
        });
        begun.recv().unwrap();
        pool.run(move || done.send("second").unwrap());
        assert!(pool.add_worker());
        assert_eq!(finished.recv(), Ok("second"));
        drop(release);
    }

    #[test]
    fn a_panic_ends_one_job_only() {
        let pool = ThreadPool::new("test", Arc::default());
        let (done, finished) = mpsc::channel();
        let lost = done.clone();
        pool.run(move || {
            let _lost = OnPanic(|| lost.send(1).unwrap());
            panic!("on purpose")
        });
        pool.run(move || {
            let _lost = OnPanic(|| unreachable!("nothing was lost"));
            done.send(2).unwrap();
        });
        assert_eq!((finished.recv(), finished.recv()), (Ok(1), Ok(2)));
    }

    #[test]
    fn a_job_may_be_for_a_time() {
        let pool = ThreadPool::new("test", Arc::default());
        let (done, finished) = mpsc::channel();
        let begun = Instant::now();
        let [first, second, last] = [20, 40, 3_600_000].map(|it| begun + Duration::from_millis(it));
        let at = |then| {
            let done = done.clone();
            move || done.send((then, Instant::now() >= then)).unwrap()
        };
        // The first thread is started, and knows no time yet.
        pool.run_at(first, second, at(first));
        assert_eq!(finished.recv(), Ok((first, true)));
        pool.run_at(last, last, at(last));
        pool.run_at(second, last, at(second));
        assert_eq!(finished.recv(), Ok((second, true)));
        // It knows a later time than this one.
        pool.run_at(begun, last, at(begun));
        assert_eq!(finished.recv(), Ok((begun, true)));
        pool.run_before(first, at(second));
        pool.run(at(last));
        assert_eq!(finished.recv(), Ok((second, true)));
        assert_eq!(finished.recv(), Ok((last, false)));
        assert_eq!(pool.backlog(), 0);
    }

    #[test]
    fn a_call_waits_for_no_other() {
        let pool = ThreadPool::new("test", Arc::default());
        let (release, hang) = mpsc::channel::<()>();
        let hanging = pool.call(move || hang.recv().is_err());
        assert_eq!(pool.call(|| 7).blocking_recv(), Ok(7));
        drop(release);
        assert_eq!(hanging.blocking_recv(), Ok(true));
        assert!(pool.call(|| panic!("on purpose")).blocking_recv().is_err());
    }
}
