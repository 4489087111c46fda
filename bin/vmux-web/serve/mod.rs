//! Connections, and who may ask.
//!
//! | file | job |
//! |---|---|
//! | [`listen`] | listens, and serves each connection within limits |
//! | [`guests`] | which connections are kept: those that have proved themselves, and the latest others |
//! | [`guard`] | what is checked of each request before it is answered |
//! | [`names`] | the names under which this program may be asked for; pure |
//! | [`tls`] | certificate and key |

pub mod guard;
pub mod guests;
pub mod listen;
pub mod names;
pub mod tls;
