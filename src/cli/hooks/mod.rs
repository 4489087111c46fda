//! The hooks of vmux in Claude Code's settings, and the prompts that they answer.
//!
//! | file | job |
//! |---|---|
//! | [`decision`] | what a hook that answers a prompt says to Claude Code; pure |
//! | [`entries`] | which entries are ours: put in, taken out, counted; pure |
//! | [`prompt_text`] | a prompt that can be answered, as people read it; pure |
//! | [`settings_file`] | reading the file, and writing it so that it stays what it was otherwise |

pub mod decision;
pub mod entries;
pub mod prompt_text;
pub mod settings_file;
