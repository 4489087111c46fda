//! The hooks of vmux in Claude Code's settings.
//!
//! | file | job |
//! |---|---|
//! | [`entries`] | which entries are ours: put in, taken out, counted; pure |
//! | [`settings_file`] | reading the file, and writing it so that it stays what it was otherwise |

pub mod entries;
pub mod settings_file;
