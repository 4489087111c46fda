//! Threads for work that may block, so that no loop ever waits for a disk.
//!
//! One thread does it all as long as every file system answers. When one hangs (a dead network
//! mount, a stuck FUSE server), the thread on it is lost for now; [`ThreadPool::add_worker`] then
//! starts another one, up to [`MAX_THREADS`].

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

/// The most threads of one pool: so many jobs, less one, may be lost on hanging file systems.
pub const MAX_THREADS: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// The threads and their queue. When the last clone is dropped, each thread ends after its job.
#[derive(Clone)]
pub struct ThreadPool {
    state: Arc<PoolState>,
    _close_on_drop: Arc<CloseOnDrop>,
}

struct PoolState {
    name: &'static str,
    queue: Mutex<JobQueue>,
    wake: Condvar,
}

#[derive(Default)]
struct JobQueue {
    jobs: VecDeque<Job>,
    workers: usize,
    idle: usize,
    closed: bool,
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
}

impl ThreadPool {
    /// A pool without threads, which will be called `name`; the first job starts the first one.
    pub fn new(name: &'static str) -> ThreadPool {
        let state = Arc::new(PoolState { name, queue: Mutex::default(), wake: Condvar::new() });
        let close_on_drop = Arc::new(CloseOnDrop(Arc::clone(&state)));
        ThreadPool { state, _close_on_drop: close_on_drop }
    }

    /// Runs `job` as soon as a thread is free. Never blocks.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        let is_first = self.state.with_queue(|queue| {
            queue.jobs.push_back(Box::new(job));
            queue.workers == 0
        });
        if is_first {
            self.spawn_worker();
        } else {
            self.state.wake.notify_one();
        }
    }

    /// How many jobs wait.
    pub fn backlog(&self) -> usize {
        self.state.with_queue(|queue| queue.jobs.len())
    }

    /// Starts another thread if jobs wait and no thread is free; true if it did.
    pub fn add_worker(&self) -> bool {
        let is_needed = self.state.with_queue(|queue| {
            !queue.jobs.is_empty() && queue.idle == 0 && queue.workers < MAX_THREADS
        });
        is_needed && self.spawn_worker()
    }

    fn spawn_worker(&self) -> bool {
        self.state.with_queue(|queue| queue.workers += 1);
        let state = Arc::clone(&self.state);
        let builder = thread::Builder::new().name(state.name.to_owned()).stack_size(512 * 1024);
        let spawned = builder.spawn(move || work(&state));
        if let Err(error) = &spawned {
            self.state.with_queue(|queue| queue.workers -= 1);
            log::warn!("cannot start a thread: {error}");
        }
        spawned.is_ok()
    }
}

fn work(state: &PoolState) {
    while let Some(job) = next_job(state) {
        // A job that panics is a bug of ours; it must not take the other sessions with it.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_err() {
            log::error!("work on files failed, please report this");
        }
    }
    state.with_queue(|queue| queue.workers -= 1);
}

/// A guard inside a job: calls its function if a panic ends the job, whose results are lost then.
pub struct OnPanic<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for OnPanic<F> {
    fn drop(&mut self) {
        if thread::panicking() {
            (self.0)();
        }
    }
}

/// Waits for a job; `None` when this thread is no longer needed.
fn next_job(state: &PoolState) -> Option<Job> {
    let mut queue = state.queue.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            return Some(job);
        }
        // A thread that returns from a hanging file system finds another one in its place.
        if queue.closed || queue.idle > 0 {
            return None;
        }
        queue.idle += 1;
        queue = state.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        queue.idle -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_hanging_job_holds_up_no_other_once_there_is_another_worker() {
        let pool = ThreadPool::new("test");
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
        let pool = ThreadPool::new("test");
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
}
