//! Status bars beyond plain lines: the clicks that they send, and merging the output of another
//! status_command.

pub mod clicks;
pub mod json_splitter;
pub mod wrap;
