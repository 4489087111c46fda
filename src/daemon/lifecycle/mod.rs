//! vmuxd as a process: its options, the lock that only one vmuxd holds, the pid file, signals, the
//! log.

pub mod instance;
pub mod log_writer;
pub mod options;
pub mod pid_file;
pub mod signals;
