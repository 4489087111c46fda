//! The user's labels: the file ([`store`]), the task that writes it ([`writer`]), and the labels that
//! are shown while they are not saved yet ([`overlay`]).

pub mod overlay;
pub mod store;
pub mod writer;
