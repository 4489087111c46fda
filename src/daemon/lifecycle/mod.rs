//! vmuxd as a process: its options, the locks that only one vmuxd holds, its socket, the pid file, its
//! readiness, the configuration in force, signals, the log, the heap.

pub mod config_reload;
pub mod heap;
pub mod instance;
pub mod lock_file;
pub mod log_writer;
pub mod options;
pub mod own_socket;
pub mod pid_file;
pub mod ready;
pub mod signals;
