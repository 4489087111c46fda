//! Calls that may block for ever, kept off the loop: a pool of threads ([`thread_pool`]), a call with
//! a deadline ([`pending`]), results that come back in numbers ([`batches`]).

pub mod batches;
pub mod pending;
pub mod thread_pool;
