//! vmuxd as a process: its options, the lock that only one vmuxd holds, the pid file, signals, the
//! log.

pub mod home_lock;
pub mod instance;
pub mod lock_file;
pub mod log_writer;
pub mod options;
pub mod own_socket;
pub mod pid_file;
pub mod signals;
