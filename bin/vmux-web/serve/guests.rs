//! Which connections are kept. One that has shown a key stays; of the others the latest do. So a
//! thousand connections that show none cost a few, and no page its place.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::Notify;

/// How many connections may be open that have not shown a key, and how many that have.
const MAX_STRANGERS: usize = 64;
const MAX_KNOWN: usize = 256;

/// All connections.
#[derive(Default)]
pub struct Guests {
    strangers: Mutex<VecDeque<Weak<Guest>>>,
    known: Arc<AtomicUsize>,
}

/// One connection.
pub struct Guest {
    is_known: AtomicBool,
    leave: Notify,
    known: Arc<AtomicUsize>,
}

impl Guests {
    /// A new connection. The oldest one without a key is told to leave if there are too many.
    pub fn arrive(&self) -> Arc<Guest> {
        let guest = Arc::new(Guest {
            is_known: AtomicBool::new(false),
            leave: Notify::new(),
            known: Arc::clone(&self.known),
        });
        // What the lock protects is whole at every moment.
        let mut strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        let is_stranger =
            |it: &Weak<Guest>| it.upgrade().is_some_and(|it| !it.is_known.load(Ordering::Relaxed));
        strangers.retain(is_stranger);
        strangers.push_back(Arc::downgrade(&guest));
        if strangers.len() > MAX_STRANGERS
            && let Some(oldest) = strangers.pop_front().and_then(|it| it.upgrade())
        {
            oldest.leave.notify_one();
        }
        guest
    }
}

impl Guest {
    /// It has shown a key. False if there is no place for another one that has.
    pub fn is_welcome(&self) -> bool {
        if self.is_known.load(Ordering::Relaxed) {
            return true;
        }
        let enter = |known: usize| (known < MAX_KNOWN).then_some(known + 1);
        let entered = self.known.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enter).is_ok();
        self.is_known.store(entered, Ordering::Relaxed);
        entered
    }

    /// Waits until it has to make room.
    pub async fn must_leave(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if *self.is_known.get_mut() {
            self.known.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_to_leave(guest: &Guest) -> bool {
        use futures_util::FutureExt;
        guest.must_leave().now_or_never().is_some()
    }

    #[test]
    fn the_oldest_stranger_makes_room_and_a_known_one_stays() {
        let guests = Guests::default();
        let known = guests.arrive();
        assert!(known.is_welcome() && known.is_welcome());
        let first = guests.arrive();
        drop(guests.arrive());
        let others: Vec<_> = (1..MAX_STRANGERS).map(|_| guests.arrive()).collect();
        assert!(!has_to_leave(&first));
        let last = guests.arrive();
        assert!(has_to_leave(&first) && !has_to_leave(&known));
        assert!(others.iter().chain([&last]).all(|it| !has_to_leave(it)));
    }

    #[test]
    fn there_are_so_many_places() {
        let guests = Guests::default();
        let mut known: Vec<_> = (0..MAX_KNOWN).map(|_| guests.arrive()).collect();
        assert!(known.iter().all(|it| it.is_welcome()));
        let late = guests.arrive();
        assert!(!late.is_welcome());
        known.pop();
        assert!(late.is_welcome());
    }
}
