//! Gathers what [`super::judge`] judges: reads files, asks programs and vmuxd. Each part is work with a
//! deadline.

pub mod limits;
pub mod programs;
pub mod service;
pub mod settings;
pub mod vmuxd;

use super::judge::vmuxd::DESKTOP_VARIABLES;

/// The variables of this environment that lead to the desktop.
pub fn environment() -> Vec<(String, String)> {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    DESKTOP_VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), set(name)?))).collect()
}

/// Whether there is a process with this pid.
pub fn is_process(pid: u32) -> bool {
    std::path::Path::new("/proc").join(pid.to_string()).exists()
}
