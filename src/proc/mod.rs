//! What `/proc` says, under a root directory that is an argument.
//!
//! | file | job |
//! |---|---|
//! | [`stat`] | bytes of `/proc/PID/stat` and friends → values; pure |
//! | [`root`] | reading one process |
//! | [`scan`] | finding the few processes that matter among all |
//!
//! The crate `procfs` is not used: its full scan costs three times a bare scan of names, and its
//! parser of `stat` slices without checks. Six fields are all that is needed here.

pub mod files;
pub mod root;
pub mod scan;
pub mod stat;

pub use root::ProcRoot;
pub use scan::Scanner;
