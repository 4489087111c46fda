//! Threads for work on files, so that the loop never waits for a disk.
//!
//! One thread does it all as long as every file system answers. When one hangs (a dead network
//! mount, a stuck FUSE server), the thread on it is lost for now; [`Crew::reinforce`] then puts
//! another one to work, up to [`MOST`].

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

/// The most threads there may be: as many looks may be lost on hanging file systems, less one.
pub const MOST: usize = 64;

type Job = Box<dyn FnOnce() + Send>;

/// The threads and their queue. Dropping it lets them end after the job in hand.
#[derive(Clone)]
pub struct Crew {
    shared: Arc<Shared>,
    _presence: Arc<Presence>,
}

struct Shared {
    name: &'static str,
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    workers: usize,
    idle: usize,
    closed: bool,
}

/// Lives as long as somebody may still send jobs.
struct Presence(Arc<Shared>);

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.with(|queue| queue.closed = true);
        self.0.wake.notify_all();
    }
}

impl Shared {
    /// The queue holds no invariant that a panic elsewhere could break, so poison is no reason to
    /// stop.
    fn with<T>(&self, act: impl FnOnce(&mut Queue) -> T) -> T {
        act(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Crew {
    /// A crew without threads, which will be called `name`; the first job brings the first one.
    pub fn new(name: &'static str) -> Crew {
        let shared = Arc::new(Shared { name, queue: Mutex::default(), wake: Condvar::new() });
        let presence = Arc::new(Presence(Arc::clone(&shared)));
        Crew { shared, _presence: presence }
    }

    /// Do `job` when a thread is free.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        let first = self.shared.with(|queue| {
            queue.jobs.push_back(Box::new(job));
            queue.workers == 0
        });
        if first {
            self.hire();
        } else {
            self.shared.wake.notify_one();
        }
    }

    /// How many jobs wait.
    pub fn backlog(&self) -> usize {
        self.shared.with(|queue| queue.jobs.len())
    }

    /// Jobs wait and no thread is free: put another one to work. False if there are enough.
    pub fn reinforce(&self) -> bool {
        let needed = self
            .shared
            .with(|queue| !queue.jobs.is_empty() && queue.idle == 0 && queue.workers < MOST);
        needed && self.hire()
    }

    fn hire(&self) -> bool {
        self.shared.with(|queue| queue.workers += 1);
        let shared = Arc::clone(&self.shared);
        let builder = thread::Builder::new().name(shared.name.to_owned()).stack_size(512 * 1024);
        let hired = builder.spawn(move || work(&shared));
        if let Err(error) = &hired {
            self.shared.with(|queue| queue.workers -= 1);
            log::warn!("cannot start a thread: {error}");
        }
        hired.is_ok()
    }
}

fn work(shared: &Shared) {
    while let Some(job) = next_job(shared) {
        // A job that panics is a bug of ours; it must not take the other sessions with it.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_err() {
            log::error!("work on files failed, please report this");
        }
    }
    shared.with(|queue| queue.workers -= 1);
}

/// Calls its function if a panic ends the job that holds it: what the job had with it is lost.
pub struct IfLost<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for IfLost<F> {
    fn drop(&mut self) {
        if thread::panicking() {
            (self.0)();
        }
    }
}

/// Wait for a job; `None` when this thread is no longer needed.
fn next_job(shared: &Shared) -> Option<Job> {
    let mut queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            return Some(job);
        }
        // One that was lost to a hanging file system and came back finds another in its place.
        if queue.closed || queue.idle > 0 {
            return None;
        }
        queue.idle += 1;
        queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        queue.idle -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_hanging_job_holds_up_nobody_once_reinforced() {
        let crew = Crew::new("test");
        let (release, hang) = mpsc::channel::<()>();
        let (done, finished) = mpsc::channel();
        let (began, begun) = mpsc::channel();
        crew.run(move || {
            began.send(()).unwrap();
            let _ = hang.recv();
        });
        begun.recv().unwrap();
        crew.run(move || done.send("second").unwrap());
        assert!(crew.reinforce());
        assert_eq!(finished.recv(), Ok("second"));
        drop(release);
    }

    #[test]
    fn a_panic_ends_one_job_only() {
        let crew = Crew::new("test");
        let (done, finished) = mpsc::channel();
        let lost = done.clone();
        crew.run(move || {
            let _lost = IfLost(|| lost.send(1).unwrap());
            panic!("on purpose")
        });
        crew.run(move || {
            let _lost = IfLost(|| unreachable!("nothing was lost"));
            done.send(2).unwrap();
        });
        assert_eq!((finished.recv(), finished.recv()), (Ok(1), Ok(2)));
    }
}
