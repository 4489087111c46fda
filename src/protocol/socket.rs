//! Where vmux keeps its socket and its files: decided from the environment, which comes in as a
//! function.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The longest path of a Unix socket, in bytes without the closing NUL (unix(7)).
pub const MAX_SOCKET_PATH: usize = 107;

/// Where the socket and the files of one user are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The socket that clients connect to.
    pub socket: PathBuf,
    /// Whether `VMUX_SOCKET` names it: then no other one will do.
    pub is_socket_named: bool,
    /// `~/.vmux`, or `VMUX_HOME`: labels, pid file, configuration.
    pub home: PathBuf,
}

/// Why it is not known where the socket or the files are.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// Neither `VMUX_HOME` nor a home directory.
    #[error("no home directory: neither VMUX_HOME nor HOME is set to an absolute path")]
    NoHome,
    /// Too long for a Unix socket.
    #[error(
        "the socket path is {length} bytes long, at most {MAX_SOCKET_PATH} are possible: {path}"
    )]
    TooLong {
        /// The path.
        path: String,
        /// Its length in bytes.
        length: usize,
    },
}

impl PathError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            PathError::NoHome => "set HOME, or set VMUX_HOME to a directory of your own",
            PathError::TooLong { .. } => "set VMUX_SOCKET to a shorter path",
        }
    }
}

impl Paths {
    /// Decides it from the environment variables `var` and the home directory of the user.
    ///
    /// `VMUX_SOCKET` names the socket; else it is `$XDG_RUNTIME_DIR/vmux/vmuxd.sock`, else
    /// `vmuxd.sock` in vmux's home. `VMUX_HOME` names that home, else it is `~/.vmux`. Relative
    /// paths in these variables are ignored, as the XDG base directory specification asks.
    pub fn find(
        var: impl Fn(&str) -> Option<OsString>,
        user_home: Option<PathBuf>,
    ) -> Result<Paths, PathError> {
        let absolute = |name: &str| var(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("VMUX_HOME")
            .or_else(|| user_home.filter(|home| home.is_absolute()).map(|home| home.join(".vmux")))
            .ok_or(PathError::NoHome)?;
        let named = absolute("VMUX_SOCKET");
        let is_socket_named = named.is_some();
        let socket = named
            .or_else(|| absolute("XDG_RUNTIME_DIR").map(|dir| dir.join("vmux/vmuxd.sock")))
            .unwrap_or_else(|| home.join("vmuxd.sock"));
        check_length(&socket)?;
        Ok(Paths { socket, is_socket_named, home })
    }

    /// The same, from the environment of this process.
    pub fn from_environment() -> Result<Paths, PathError> {
        Paths::find(|name| std::env::var_os(name), std::env::home_dir())
    }

    /// The lock that makes a vmuxd the only one on its socket.
    pub fn lock(&self) -> PathBuf {
        self.socket.with_extension("lock")
    }

    /// The lock that makes a vmuxd the only one of vmux's home. It says which one that is
    /// ([`super::instance::Instance`]).
    pub fn instance(&self) -> PathBuf {
        self.home.join("instance.lock")
    }

    /// The labels: a JSON object, session id → label.
    pub fn labels(&self) -> PathBuf {
        self.home.join("labels.json")
    }

    /// Which sessions have finished and were not seen yet.
    pub fn unseen(&self) -> PathBuf {
        self.home.join("unseen.json")
    }

    /// Which sessions run, and which ran before.
    pub fn record(&self) -> PathBuf {
        self.home.join("sessions.json")
    }

    /// The answers that were given through vmux.
    pub fn answers(&self) -> PathBuf {
        self.home.join("answers.log")
    }

    /// The pid of the running vmuxd, in decimal.
    pub fn pid_file(&self) -> PathBuf {
        self.home.join("vmuxd.pid")
    }

    /// The configuration.
    pub fn config(&self) -> PathBuf {
        self.home.join("config.toml")
    }
}

fn check_length(socket: &Path) -> Result<(), PathError> {
    let length = socket.as_os_str().len();
    if length <= MAX_SOCKET_PATH {
        return Ok(());
    }
    Err(PathError::TooLong { path: socket.display().to_string(), length })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(vars: &[(&str, &str)], home: Option<&str>) -> Result<Paths, PathError> {
        let var = |name: &str| {
            vars.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        Paths::find(var, home.map(PathBuf::from))
    }

    fn check(vars: &[(&str, &str)], home: Option<&str>, socket: &str, vmux_home: &str) {
        let paths = find(vars, home).unwrap();
        assert_eq!((paths.socket, paths.home), (socket.into(), vmux_home.into()));
    }

    #[test]
    fn the_socket_is_in_the_runtime_directory() {
        let vars = [("XDG_RUNTIME_DIR", "/run/user/1")];
        check(&vars, Some("/h"), "/run/user/1/vmux/vmuxd.sock", "/h/.vmux");
    }

    #[test]
    fn without_a_runtime_directory_it_is_in_the_home() {
        check(&[], Some("/h"), "/h/.vmux/vmuxd.sock", "/h/.vmux");
        check(&[("XDG_RUNTIME_DIR", "")], Some("/h"), "/h/.vmux/vmuxd.sock", "/h/.vmux");
        check(&[("XDG_RUNTIME_DIR", "run")], Some("/h"), "/h/.vmux/vmuxd.sock", "/h/.vmux");
    }

    #[test]
    fn variables_of_vmux_come_first() {
        let vars =
            [("XDG_RUNTIME_DIR", "/r"), ("VMUX_SOCKET", "/s/x.sock"), ("VMUX_HOME", "/elsewhere")];
        check(&vars, Some("/h"), "/s/x.sock", "/elsewhere");
        check(&vars, None, "/s/x.sock", "/elsewhere");
    }

    #[test]
    fn no_home_and_a_long_path_are_errors() {
        assert_eq!(find(&[], None), Err(PathError::NoHome));
        let long = format!("/{}", "x".repeat(107));
        assert!(matches!(
            find(&[("VMUX_SOCKET", &long)], Some("/h")),
            Err(PathError::TooLong { length: 108, .. })
        ));
    }
}
