//! The folders that an editor has open in the window of a terminal, as the extension of Claude Code in it
//! says: it gives the terminals of each window its port, `CLAUDE_CODE_SSE_PORT`, and has a file for it,
//! `ide/PORT.lock` in the configuration's folder of Claude Code.
//!
//! The variable is inherited by whatever is started in such a terminal. So the file counts only for a
//! terminal of the process that it names.

use crate::proc::ProcFiles;
use crate::session::process::Environment;
use crate::system::files::read_regular;
use crate::wm::ipc::lenient::{Number, Text, list};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// A file takes some microseconds, unless its file system hangs.
const READ_WITHIN: Duration = Duration::from_millis(200);

/// Largest file that is read, in bytes; one has some hundreds.
const MAX_FILE: u64 = 64 * 1024;

/// What an editor's extension says of one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFolders {
    /// Process of the editor, above all its terminals.
    pub editor: u32,
    /// What the window has open.
    pub folders: Vec<PathBuf>,
}

/// The secret in the file is not read.
#[derive(Deserialize)]
struct LockFile {
    #[serde(default)]
    pid: Number,
    #[serde(default, rename = "workspaceFolders", deserialize_with = "list")]
    folders: Vec<Text>,
}

/// What the extension says of the window that a process was started in; `None` if there is none.
pub async fn open_folders(proc: &ProcFiles, pid: u32) -> Option<OpenFolders> {
    let path = lock_file(&proc.env(pid))?;
    let reading = spawn_blocking(move || read_regular(&path, MAX_FILE));
    let (bytes, _) = timeout(READ_WITHIN, reading).await.ok()?.ok()?.ok()?;
    parse(&bytes)
}

/// Where the file is for a process with this environment.
fn lock_file(env: &Environment) -> Option<PathBuf> {
    let port: u16 = env.get("CLAUDE_CODE_SSE_PORT")?.parse().ok()?;
    Some(env.config_dir()?.join("ide").join(format!("{port}.lock")))
}

fn parse(bytes: &[u8]) -> Option<OpenFolders> {
    let file: LockFile = serde_json::from_slice(bytes).ok()?;
    let editor = u32::try_from(file.pid.0?).ok()?;
    let folders = file.folders.into_iter().filter_map(|it| it.0).map(PathBuf::from);
    Some(OpenFolders { editor, folders: folders.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_file_is() {
        let env = |all: &[(&'static str, &str)]| all.iter().copied().collect::<Environment>();
        let port = ("CLAUDE_CODE_SSE_PORT", "4711");
        let of = |all: &[(&'static str, &str)]| lock_file(&env(all));
        let at_home = of(&[port, ("HOME", "/home/me")]);
        assert_eq!(at_home, Some("/home/me/.claude/ide/4711.lock".into()));
        let elsewhere = of(&[port, ("HOME", "/home/me"), ("CLAUDE_CONFIG_DIR", "/c")]);
        assert_eq!(elsewhere, Some("/c/ide/4711.lock".into()));
        assert_eq!(of(&[("HOME", "/home/me")]), None);
        assert_eq!(of(&[port, ("CLAUDE_CONFIG_DIR", "c")]), None, "not where vmuxd is");
        assert_eq!(of(&[("CLAUDE_CODE_SSE_PORT", "../x"), ("HOME", "/home/me")]), None);
    }

    #[test]
    fn what_the_file_says() {
        let said =
            br#"{"pid":7,"workspaceFolders":["/a/api","/b"],"ideName":"Cursor","authToken":"x"}"#;
        let folders = vec!["/a/api".into(), "/b".into()];
        assert_eq!(parse(said), Some(OpenFolders { editor: 7, folders }));
        assert_eq!(parse(br#"{"pid":7}"#), Some(OpenFolders { editor: 7, folders: vec![] }));
        assert_eq!(parse(br#"{"workspaceFolders":["/a"]}"#), None);
        assert_eq!(parse(b"9 /a/api"), None, "of an older extension");
    }
}
