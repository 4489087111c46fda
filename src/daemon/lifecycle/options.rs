//! What the command line and the environment say.

use crate::protocol::socket::Paths;
use crate::wm::manager;
use std::path::PathBuf;
use std::time::Duration;

/// The options that hold for the life of this vmuxd.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the socket and the files are.
    pub paths: Paths,
    /// The `/proc` to scan.
    pub proc_root: PathBuf,
    /// How often to scan; `None`: as the configuration says.
    pub interval: Option<Duration>,
    /// Claude Code's own directory, `~/.claude`; `None` without a home directory.
    pub claude_home: Option<PathBuf>,
    /// How to find the window manager.
    pub desktop: manager::WmConfig,
}
