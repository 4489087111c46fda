//! The two sides of a bar's pipe beside text: the clicks it sends, and the stream of another
//! status_command that is merged into ours.

pub mod click;
pub mod stream;
pub mod wrap;
