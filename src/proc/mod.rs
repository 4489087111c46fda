//! What `/proc` and the kernel's socket tables say. The root directory is an argument.
//!
//! | file | job |
//! |---|---|
//! | [`stat`] | bytes of `/proc/PID/stat` and friends → values; pure |
//! | [`root`] | reads one process |
//! | [`scan`] | finds the few processes that matter among all |
//! | [`files`] | facts about processes and their open files, perhaps with a timeout |
//! | [`pts`] | pseudo terminals |
//! | [`sock_diag`] | asks the kernel for its socket tables |
//! | [`inet_diag`] | requests and answers of the kernel about TCP and UDP; pure |
//! | [`inet_sockets`] | TCP connections, and where UDP is received |
//! | [`unix_sockets`] | where a process listens, and which sockets are connected |
//! | [`servers`] | what listens on TCP ports, and for which session |
//!
//! The crate `procfs` is not used: its full scan costs three times a bare scan of names, and its
//! parser of `stat` slices without checks. Six fields are all that is needed here.

pub mod files;
pub mod inet_diag;
pub mod inet_sockets;
pub mod namespaces;
pub mod pts;
pub mod root;
pub mod scan;
pub mod servers;
pub mod sock_diag;
pub mod stat;
pub mod unix_sockets;

pub use files::ProcFiles;
pub use root::ProcRoot;
pub use scan::Scanner;

/// Whether a process of this PID namespace has this pid, and `name` in its name.
pub fn is_named(pid: u32, name: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.contains(name))
}

/// The name of this machine; empty if it cannot be read.
pub fn hostname() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}
