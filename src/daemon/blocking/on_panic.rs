//! What is done when a job panics.

use std::thread;

/// A guard inside a job: calls its function if a panic ends the job, whose results are lost then.
pub struct OnPanic<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for OnPanic<F> {
    fn drop(&mut self) {
        if thread::panicking() {
            (self.0)();
        }
    }
}
