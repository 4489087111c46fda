//! What vmuxd keeps in vmux's home, `~/.vmux`.
//!
//! | file or folder | job |
//! |---|---|
//! | [`lock`] | the lock that the one vmuxd of a home holds for life |
//! | [`labels`] | the user's labels on disk, and those that are shown |
//! | [`record`] | which sessions run and which ran before |
//! | [`unseen`] | what the next vmuxd must know: sessions not seen yet, those set aside |

pub mod answers;
pub mod labels;
pub mod lock;
pub mod record;
pub mod unseen;
