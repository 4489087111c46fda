//! What every room asks of the operating system in the same way. It knows nothing of vmux.
//!
//! | file | job |
//! |---|---|
//! | [`boottime`] | a clock that all processes of this machine agree on |
//! | [`connect`] | connecting to a Unix socket within a time |
//! | [`files`] | opening a file that another program owns: only a regular one, without waiting |
//! | [`replace`] | replacing a file whole, so that a crash leaves the old one or the new one |
//! | [`programs`] | where a program is: beside this one, or in `PATH` |
//! | [`terminal`] | which terminal the user wants |

pub mod boottime;
pub mod connect;
pub mod files;
pub mod programs;
pub mod replace;
pub mod terminal;
