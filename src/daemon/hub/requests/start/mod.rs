//! Sessions that begin, end, and are taken up again.
//!
//! | file | job |
//! |---|---|
//! | [`reserve`], [`names`] | names of sessions that are about to begin |
//! | [`begin`] | `new` for a client that cannot do it itself, here or on another host |
//! | [`place`] | moves its window to a workspace |
//! | [`end`] | ends a session |
//! | [`record`] | what ran before |
//! | [`known`] | what the hub keeps of all that |

pub mod begin;
pub mod end;
pub mod known;
pub mod names;
pub mod place;
pub mod record;
pub mod reserve;
