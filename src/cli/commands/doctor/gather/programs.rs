//! Looks for programs.

use crate::cli::commands::doctor::ANSWER_WITHIN;
use crate::cli::commands::doctor::deadline::{Work, begin as begin_work};
use crate::cli::commands::doctor::judge::system::ProgramsState;
use crate::cli::launcher;
use crate::system::programs::{find_in_path, sibling};

/// Begins to look for the programs that vmux starts.
pub fn begin() -> Work<ProgramsState> {
    begin_work(ANSWER_WITHIN, || {
        let is_there = |name: &str| sibling(name).is_absolute() || find_in_path(name).is_some();
        let own = ["vmuxd", "vmux-picker", "vmux-push", "vmux-mcp", "vmux-web"];
        ProgramsState {
            missing: own.into_iter().filter(|name| !is_there(name)).collect(),
            launchers: launcher::names().filter(|name| find_in_path(name).is_some()).collect(),
            has_notify_send: find_in_path("notify-send").is_some(),
        }
    })
}
