//! What vmuxd types into the terminal of a session: nothing, unless the configuration allows it and the
//! screen shows what is expected.
//!
//! | file | what it does |
//! |---|---|
//! | [`send`] | `send`: a text into a free prompt |
//! | [`text`] | which texts may be sent; pure |

pub mod send;
pub mod text;
