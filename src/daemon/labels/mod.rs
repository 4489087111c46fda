//! The user's labels: the file ([`store`]), the thread that writes it ([`writer`]), and those that are
//! shown while they are still on their way to the disk ([`overlay`]).

pub mod overlay;
pub mod store;
pub mod writer;
