//! What vmuxd types into the terminal of a session: nothing, unless the configuration allows it and the
//! screen shows what is expected.
//!
//! | file | what it does |
//! |---|---|
//! | [`send`] | `send`: a text into a free prompt |
//! | [`text`] | which texts may be sent; pure |
//! | [`answer`] | an answer by a key where no hook waits |
//! | [`listing`] | `pending` of prompts for which no hook waits |
//! | [`prompts`] | their ids, and which call a dialog is about; pure |

pub mod answer;
pub mod listing;
pub mod prompts;
pub mod send;
pub mod text;
