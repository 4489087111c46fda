//! Which process holds which session id, by the word of a session file: noted by the loop, asked by
//! the threads that look at other sessions.

use crate::session::process::ProcessId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The holders, for all to see.
#[derive(Debug, Clone, Default)]
pub struct Holders(Arc<Mutex<HashMap<String, ProcessId>>>);

impl Holders {
    /// `process` holds `id` from now on, and no other.
    pub fn note(&self, id: &str, process: ProcessId) {
        self.with(|holders| {
            if holders.get(id) != Some(&process) {
                holders.retain(|_, holder| *holder != process);
                holders.insert(id.to_owned(), process);
            }
        });
    }

    /// `process` holds none any more.
    pub fn forget(&self, process: ProcessId) {
        self.with(|holders| holders.retain(|_, holder| *holder != process));
    }

    /// Who holds `id`.
    pub fn of(&self, id: &str) -> Option<ProcessId> {
        self.with(|holders| holders.get(id).copied())
    }

    /// No panic can leave the map in pieces, so poison is no reason to stop.
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, ProcessId>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_holds_one_session_and_the_last_word_counts() {
        let [a, b] = [1, 2].map(|pid| ProcessId { pid, start: 7 });
        let holders = Holders::default();
        holders.note("one", a);
        holders.note("two", a);
        assert_eq!((holders.of("one"), holders.of("two")), (None, Some(a)));
        holders.note("two", b);
        assert_eq!(holders.of("two"), Some(b));
        holders.forget(b);
        assert_eq!(holders.of("two"), None);
    }
}
