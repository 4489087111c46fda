//! All thread pools of vmuxd: a thread that the system cannot give now is tried again later.

use super::thread_pool::{PoolState, ThreadPool};
use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::Notify;

/// Makes pools, and starts later what they could not. Clones share the pools.
#[derive(Clone, Default)]
pub struct Threads {
    pools: Arc<Mutex<Vec<Weak<PoolState>>>>,
    failed: Arc<Notify>,
}

impl Threads {
    /// A pool without threads, which will be called `name`.
    pub fn pool(&self, name: &'static str) -> ThreadPool {
        let pool = ThreadPool::new(name, Arc::clone(&self.failed));
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.push(Arc::downgrade(pool.state()));
        pool
    }

    /// Waits until a thread cannot be started. Cancel safe.
    pub async fn failed(&self) {
        self.failed.notified().await;
    }

    /// Starts the threads that could not be started before. The error is that of the last one that
    /// still cannot.
    pub fn retry(&self) -> io::Result<()> {
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let mut result = Ok(());
        for pool in pools.iter().filter_map(Weak::upgrade) {
            result = result.and(pool.retry());
        }
        result
    }
}
