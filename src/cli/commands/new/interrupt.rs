//! Ctrl-C and the like while a session is being started: the start fails, and what it made is taken back.

use crate::cli::error::{CliError, CliResult, INTERRUPTED};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Whether a signal has asked this program to end.
#[derive(Debug, Default)]
pub struct Interrupt {
    came: Arc<AtomicBool>,
    /// Whether signals end this program at once, as if they were not handled.
    ends_at_once: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on signals are only noted.
    pub fn begin() -> &'static Interrupt {
        static ONLY: OnceLock<Interrupt> = OnceLock::new();
        let interrupt = ONLY.get_or_init(|| {
            let new = Interrupt::default();
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                // A system that refuses leaves the signal as it is.
                let _ = flag::register_conditional_default(signal, new.ends_at_once.clone());
                let _ = flag::register(signal, new.came.clone());
            }
            new
        });
        interrupt.ends_at_once.store(false, Ordering::SeqCst);
        interrupt
    }

    /// An error if one has come.
    pub fn check(&self) -> CliResult {
        match self.came.load(Ordering::SeqCst) {
            true => Err(CliError::new(INTERRUPTED, "interrupted")),
            false => Ok(()),
        }
    }

    /// From now on signals end this program at once.
    pub fn end(&self) {
        self.ends_at_once.store(true, Ordering::SeqCst);
    }
}
