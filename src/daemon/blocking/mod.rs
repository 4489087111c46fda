//! Calls that may block for ever, kept off the loops: pools of threads ([`thread_pool`], [`threads`]), a
//! call with a deadline ([`pending`]), what is done when one panics ([`on_panic`]), results that are
//! received in batches ([`batches`]).

pub mod batches;
pub mod on_panic;
pub mod pending;
pub mod thread_pool;
pub mod threads;

use std::time::Duration;

/// A read that has not returned after this long may hold up others: another thread is started.
pub const ADD_WORKER_AFTER: Duration = Duration::from_millis(500);

/// A read that has not returned after this long will not return soon: the file does not answer.
pub const STALLED_AFTER: Duration = Duration::from_secs(3);
