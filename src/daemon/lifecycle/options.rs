//! What vmuxd was told at its start.

use crate::protocol::socket::Paths;
use crate::wm::manager;
use std::path::PathBuf;
use std::time::Duration;

/// How vmuxd lives.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the socket and the files are.
    pub paths: Paths,
    /// The `/proc` to scan.
    pub proc_root: PathBuf,
    /// How often to scan; none: as the configuration says.
    pub interval: Option<Duration>,
    /// Claude Code's own directory, `~/.claude`, where there is a home directory.
    pub claude_home: Option<PathBuf>,
    /// How to find the window manager.
    pub desktop: manager::WmConfig,
}
