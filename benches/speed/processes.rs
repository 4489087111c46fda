//! Processes that end with the part of the benchmark that started them.

use std::process::Child;

/// Dropping it ends them, and waits for their end.
pub struct Processes(pub Vec<Child>);

impl Drop for Processes {
    fn drop(&mut self) {
        // All before any is waited for: thousands end side by side.
        for child in &mut self.0 {
            let _ = child.kill();
        }
        for child in &mut self.0 {
            let _ = child.wait();
        }
    }
}
