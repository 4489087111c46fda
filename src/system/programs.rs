//! Where a program is.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A program that is installed with this one: the file beside it, else its bare name, which the
/// kernel's caller looks up in `PATH`.
pub fn sibling(name: &str) -> PathBuf {
    let beside = std::env::current_exe().ok().map(|exe| exe.with_file_name(name));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(name))
}

/// The first executable file of this name in `PATH`. May block on a disk.
pub fn find_in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| {
        path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
    })
}
