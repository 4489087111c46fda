//! What every answer is made of.

use crate::feed::Feed;
use crate::start::keys::Keys;
use std::time::Instant;
use tokio::sync::{Mutex, Semaphore};
use vmux::client::connect::Endpoint;

/// How many requests may wait for vmuxd.
const MAX_WAITING: usize = 64;

/// What the answers are made of.
pub struct Web {
    pub endpoint: Endpoint,
    pub feed: Feed,
    pub keys: Keys,
    /// The URL of the page, where the configuration names one.
    pub url: Option<String>,
    /// Whether browsers reach it with TLS.
    pub is_secure: bool,
    /// A place for each request that may wait for vmuxd.
    pub waiting: Semaphore,
    /// Whether all was well, and when that was asked for somebody without a key.
    pub was_well: Mutex<Option<(Instant, bool)>>,
}

impl Web {
    pub fn new(
        endpoint: Endpoint,
        feed: Feed,
        keys: Keys,
        url: Option<String>,
        is_secure: bool,
    ) -> Web {
        let (waiting, was_well) = (Semaphore::new(MAX_WAITING), Mutex::new(None));
        Web { endpoint, feed, keys, url, is_secure, waiting, was_well }
    }
}
