//! vmuxd as a process: its options, the locks that only one vmuxd holds, its socket, the pid file, its
//! readiness, what it leaves to the next one, signals, the log.

pub mod home_lock;
pub mod instance;
pub mod lock_file;
pub mod log_writer;
pub mod options;
pub mod own_socket;
pub mod pid_file;
pub mod ready;
pub mod signals;
pub mod unseen;
